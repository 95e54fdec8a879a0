"""What the history proves: which commits altered what was recorded, whether a statement is genuine.

Each commit of the first-parent history is compared with the one before, and a merge with what its
other parents had added. A file that cannot be read in some commit is compared across it: with what
it held when it could be read last. What a later commit puts back is paired with it.

A statement is genuine if it is the same when it is rebuilt from the commit that it names. The
digest in it only finds accidents; what proves it is the commit, whose id is the digest of
everything that the figures follow from.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from ledger.balance.draw_down import draw_down, leave_out_money
from ledger.balance.json_values import LATER_KEYS, MONEY_KEYS, statement_to_json
from ledger.balance.statement import select_period
from ledger.check import sort_problems
from ledger.errors import LedgerError, Problem, Severity, UnknownNameError
from ledger.files.reader import ReadFiles, make_file_problem
from ledger.files.source import LedgerFile, LedgerFiles, RevisionFiles
from ledger.git import GitRepository
from ledger.history.changed_history import CHANGED_HISTORY
from ledger.history.commits import Commit, is_ancestor, list_commits, refuse_cut, walk_commits
from ledger.history.comparison import Comparison, list_placed
from ledger.history.history_check import find_lost, name_subject
from ledger.history.record_story import find_commits
from ledger.ledger import Ledger, open_ledger
from ledger.text import shorten_id

MAX_STATEMENT_BYTES = 8 * 1024 * 1024  # some 15,000 movements
_COMMIT_ID = re.compile("[0-9a-f]{40}([0-9a-f]{24})?")
_DIFFERENCES_SHOWN = 20
_MISSING = object()  # Stands for a value that is not there; null is one that is.


@dataclass(slots=True)
class Finding:
    """What a commit altered or removed."""

    commit: Commit
    problems: tuple[Problem, ...]
    compared: tuple[Comparison, ...] = ()  # it was found by; none for what nobody can put back
    reverts: str | None = None  # the commit whose alterations, all that this one has, it puts back
    reverted_by: str | None = None  # the commit after which all is as it was before this one

    @property
    def alters_facts(self) -> bool:
        """Whether a fact is not what it was before, or was not until a later finding's commit."""
        return any(each.severity is Severity.ERROR for each in self.problems)

    @property
    def paths(self) -> set[str]:
        """The files that it was found in."""
        return {path for each in self.compared for path in each.paths}

    @property
    def subjects(self) -> set[tuple[str, str]]:
        """The records that are another now, and their files."""
        return {name_subject(problem) for problem in self.problems}


def choose_commits(repository: GitRepository, head: str, start: str | None) -> list[str]:
    """Return the first-parent history from after ``start`` on; a LedgerError if it is cut."""
    known = [] if start is None else [start]
    refuse_cut(repository, [head], known, ": it lacks the older history")
    return list_commits(repository, "--first-parent", head, *(f"^{item}" for item in known))


def audit(
    repository: GitRepository,
    prefix: str,
    commits: list[str],
    on_commit: Callable[[str], None] = lambda _commit: None,
) -> list[Finding]:
    """Return which of ``commits`` altered or removed something below ``prefix``, and what.

    The commits are a first-parent history, oldest first; ``on_commit`` is called after each.
    """

    def make_files(commit: str | None, blobs: Mapping[str, LedgerFile | None]) -> RevisionFiles:
        there = {path: blob for path, blob in blobs.items() if blob is not None}
        return RevisionFiles(repository.read_object, prefix, commit, there)

    findings: list[Finding] = []
    readable: RevisionFiles | None = None  # What each file held when it could be read last.
    unreadable: set[str] = set()
    for commit, changes in walk_commits(repository, commits, prefix, first_parent=True):
        if changes or len(commit.parents) > 1:
            parent = next(iter(commit.parents), None)
            if readable is None:
                blobs = repository.open_commit(parent, prefix).blobs if parent else {}
                readable = make_files(parent, blobs)
            after = {change.path: change.after for change in changes}
            head = make_files(commit.id, {**readable.blobs, **after})
            broken = _find_unreadable(head, after)
            unreadable = unreadable.difference(after) | broken
            paths = tuple(sorted(after.keys() - broken))
            name = shorten_id(parent) if parent else "nothing"
            compared = Comparison(readable, head, paths, name)
            kept = {path: readable.blobs.get(path) for path in broken}
            readable = make_files(commit.id, {**head.blobs, **kept})
            day = date.fromisoformat(commit.committed.partition("T")[0])
            how = (commit.id, commit.parents, day, shorten_id(commit.id), 1)
            parts = [(compared, [*compared.find_problems(day)]), *find_lost(head, repository, *how)]
            problems = sort_problems(problem for _compared, part in parts for problem in part)
            finding = Finding(commit, problems, tuple(each for each, _part in parts))
            _pair(findings, finding, head, day)
            if problems:
                findings.append(finding)
        on_commit(commit.id)
    if unreadable:
        message = "it cannot be read, so what it holds now is compared with nothing"
        hint = "mend it; `punchcard check` says what is wrong"
        files = [prefix + path for path in sorted(unreadable)]
        left = (make_file_problem(CHANGED_HISTORY, file, message, hint) for file in files)
        findings.append(Finding(commit, tuple(left)))
    return findings


def _find_unreadable(files: LedgerFiles, paths: Iterable[str]) -> set[str]:
    """Return which files that may not lose a record cannot be read, or not all of them."""
    read = ReadFiles(files)
    for file, place in list_placed(files, paths):
        if place.customer is not None or place.kind == "terms":
            read.read(file, place.kind)
    return set(read.partial_files)


def _pair(findings: list[Finding], later: Finding, now: RevisionFiles, day: date) -> None:
    """Note which findings a later commit puts back, and whether it does nothing else."""
    for earlier in reversed(findings):
        if earlier.reverted_by is not None or not later.paths & earlier.paths:
            continue
        compared = (each._replace(head=now) for each in earlier.compared)
        still = (name_subject(problem) for each in compared for problem in each.find_problems(day))
        if earlier.subjects.isdisjoint(still):
            earlier.reverted_by = later.commit.id
            if later.problems and later.subjects <= earlier.subjects:
                later.reverts = earlier.commit.id


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found out about a statement; its JSON has the same fields in the same order."""

    verdict: str  # genuine, altered, or unknown: there is no such commit
    commit: str
    in_history: bool = False  # whether the commit is part of the history of HEAD
    # the first fields that are altered: place, said and rebuilt
    differences: tuple[dict[str, Any], ...] = ()


def read_statement(file: Path) -> dict[str, Any]:
    """Return the JSON statement in ``file``; a LedgerError says why there is none."""
    hint = "verify what `punchcard statement --format json` wrote"
    try:
        if file.stat().st_size > MAX_STATEMENT_BYTES:
            raise LedgerError(f"{file} is too large for a statement")
        answer = json.loads(file.read_bytes())
    except OSError as error:
        raise LedgerError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise LedgerError(f"{file} is not JSON", hint) from error
    if not isinstance(answer, dict) or not {"customer", "as_of", "movements"} <= answer.keys():
        raise LedgerError(f"{file} is no statement", hint)
    if answer.get("revision") is None:
        raise LedgerError(
            "the statement names no commit: it was made from files that were not committed",
            "ask for one that was made with --rev",
        )
    return answer


def verify_statement(folder: Path | None, answer: dict[str, Any]) -> Verification:
    """Say whether a statement is what the ledger in ``folder`` says at the statement's commit."""
    commit, slug, in_history = str(answer["revision"]), str(answer["customer"]), False
    with GitRepository.open_around((folder or Path.cwd()).absolute()) as repository:
        given = commit.encode() if _COMMIT_ID.fullmatch(commit) else b""
        found = repository.run("cat-file", "--batch-check=%(objecttype)", stdin=given)
    if found.strip() != b"commit":
        return Verification("unknown", commit)
    try:
        with open_ledger(folder, commit, [slug]) as ledger:
            repository = ledger.require_repository("no history")
            head = repository.find_head()
            in_history = head is not None and is_ancestor(repository, commit, head)
            try:
                altered = _compare(answer, _rebuild(ledger, slug, answer), "")
                differences = list(islice(altered, _DIFFERENCES_SHOWN))
            except (LedgerError, KeyError, ValueError, TypeError) as error:
                differences = [_differ("from, to, as_of", str(error), None)]
    except UnknownNameError:
        differences = [_differ("customer", answer["customer"], None)]
    verdict = "altered" if differences else "genuine"
    return Verification(verdict, commit, in_history, tuple(differences))


def _rebuild(ledger: Ledger, slug: str, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the statement of the same customer, period and date as the ledger has it."""
    records, terms = ledger.read_customer(slug).records, ledger.organization.terms
    said = answer["movements"] if isinstance(answer["movements"], list) else []
    keys = set(answer).union(*(each for each in said if isinstance(each, dict)))
    groups = (group for group in (*LATER_KEYS, MONEY_KEYS) if keys.isdisjoint(group))
    left_out = [key for group in groups for key in group]
    drawn = draw_down(records, terms, date.fromisoformat(answer["as_of"]))
    if keys.isdisjoint(MONEY_KEYS):
        drawn = leave_out_money(drawn)
    from_ = None if answer["from"] is None else date.fromisoformat(answer["from"])
    statement = select_period(drawn, slug, from_, date.fromisoformat(answer["to"]))
    commits = find_commits(ledger, slug) if "commit" in keys else None
    return statement_to_json(statement, str(answer["revision"]), commits, left_out=left_out)


def _compare(said: Any, rebuilt: Any, place: str) -> Iterator[dict[str, Any]]:
    if isinstance(said, dict) and isinstance(rebuilt, dict):
        for key in dict.fromkeys([*rebuilt, *said]):
            inner = f"{place}.{key}" if place else str(key)
            yield from _compare(said.get(key, _MISSING), rebuilt.get(key, _MISSING), inner)
    elif isinstance(said, list) and isinstance(rebuilt, list):
        for index, pair in enumerate(zip_longest(said, rebuilt, fillvalue=_MISSING)):
            yield from _compare(*pair, f"{place}[{index}]")
    elif type(said) is not type(rebuilt) or said != rebuilt:
        yield _differ(place, said, rebuilt)


def _differ(place: str, said: Any, rebuilt: Any) -> dict[str, Any]:
    pair = ("missing" if value is _MISSING else value for value in (said, rebuilt))
    return dict(zip(("place", "said", "rebuilt"), (place, *pair), strict=True))
