"""Writes a record into a ledger's files, or not at all.

Under the ledger's lock the record is drafted (its id is given then), the ledger as it would be is
checked, and only if it has no error each file is replaced as a whole. A commit holds exactly the
change: the same edits are made to the files as the last commit has them, and that ledger, too,
must check clean by itself.

The customer's folder and the organization's files must be without error. Another customer's
errors are no obstacle: nobody has to wait until somebody else has mended them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any

from ledger.balance.request_summary import describe_left
from ledger.balance.summary import Balance, compute_balance
from ledger.check import check_ledger
from ledger.errors import LedgerError, Problem, Severity, SourcePosition
from ledger.files import source
from ledger.files.durable_files import LOCK_NAME, hold_lock, replace_file
from ledger.files.layout import ORGANIZATION_PLACES
from ledger.files.yaml import YamlSyntaxError, split_lines
from ledger.git import GitError, GitRepository
from ledger.history.changed_history import find_changed_terms
from ledger.ledger import Ledger, list_places, open_ledger
from ledger.text import shorten_id
from ledger.workers import count_cores
from ledger.writing import commit
from ledger.writing.draft import Draft, Drafter, WritingDesk
from ledger.writing.yaml_edit import UneditableError

_ON_TOP = "squash or merge the branch: commit by commit, audit would call this an alteration"
_DETACHED = "HEAD is on no branch, and so is the commit: keep it with git switch -c NAME"


class RefusedError(LedgerError):
    """There would be errors, the ``problems``, so nothing was written."""

    exit_status = 1

    def __init__(self, message: str, problems: Sequence[Problem], hint: str = "") -> None:
        super().__init__(message, hint)
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Written:
    """A record that was written."""

    draft: Draft
    places: tuple[SourcePosition, ...]  # the first changed line of each file that is there now
    balances: tuple[Balance, ...]  # what each customer has now
    warnings: tuple[Problem, ...]  # what the check says that it did not say before
    commit: str | None = None  # the commit's id, if there is one
    branch: str | None = None  # the branch that has the commit; None if none has
    title: str = ""  # of the request that the record is about, if of one


@dataclass(frozen=True)
class Writer:
    """Writes records into the work tree, committed or not, or into a branch, of a ledger."""

    folder: Path | None  # see ``ledger.ledger.open_ledger``
    find_today: Callable[[Ledger], date]
    is_committed: bool = False
    branch: str | None = None
    is_trial: bool = False  # all but writing is done
    on_wait: Callable[[], None] | None = None  # called if somebody else is writing just now

    def write(self, slug: str | None, draft: Drafter, *, is_new: bool = False) -> Written:
        """Write what ``draft`` makes for a customer (``is_new``: one without a folder), or for all.

        It is called while nobody else writes.

        Raises:
            RefusedError: the ledger would have errors; nothing was written.
            LedgerError: it was not written, or not committed; the message says which.
        """
        named = () if slug is None or is_new else (slug,)
        with open_ledger(self.folder, None, named) as ledger:
            if ledger.repository is not None:
                lock = ledger.repository.git_folder / LOCK_NAME
            else:
                lock = _require_work_tree(ledger).folder / f".{LOCK_NAME}"
        # Opened once more: what was listed before the lock was held may have changed.
        with hold_lock(lock, self.on_wait), open_ledger(self.folder, None, named) as ledger:
            written = self._write(ledger, slug, named, draft)
            remarks = (*written.draft.remarks, *_find_lag(ledger.repository))
            return replace(written, draft=written.draft._replace(remarks=remarks))

    def _write(
        self, ledger: Ledger, slug: str | None, named: tuple[str, ...], drafter: Drafter
    ) -> Written:
        as_of = self.find_today(ledger)
        files = _require_work_tree(ledger) if self.branch is None else None
        ledgers, place = [ledger], None
        if self.is_committed or self.branch is not None:
            if ledger.repository is None:
                hint = "leave out --commit and --branch"
                raise LedgerError("this ledger is in no Git repository", hint)
            place = commit.find_place(ledger.repository, self.branch, ledger.files.prefix)
            found = ledger.repository.open_revision(place.parent, place.prefix)
            committed = Ledger(found, ledger.repository, list_places(named))
            ledgers.insert(0 if files is None else 1, committed)
        draft = drafter(WritingDesk(tuple(ledgers), slug or "", as_of, as_of))
        contents, written = _edit(ledgers[0], draft, as_of)
        if place is not None and files is not None:
            try:
                balances = _edit(ledgers[1], draft, as_of, is_alone=True)[1].balances
            except RefusedError as error:
                message = f"as a commit on {place.name} by itself: {error.message}"
                raise RefusedError(message, error.problems, commit.COMMIT_FIRST) from error
            written = replace(written, balances=balances)
        if self.is_trial:
            return written
        with nullcontext() if files is None else _replace(ledger, files, contents):
            return written if place is None else _commit(place, slug, written)


def _find_lag(repository: GitRepository | None) -> tuple[str, ...]:
    """Return what to say of a clone that lacks commits of its upstream branch."""
    if repository is None or repository.root is None:
        return ()
    try:
        count = int(repository.run("rev-list", "--count", "HEAD..@{upstream}"))
    except GitError:  # There is no upstream branch, or no commit.
        return ()
    commits = f"{count} commit{'' if count == 1 else 's'}"
    return (f"this branch lacks {commits} of its upstream: git pull",) if count else ()


def _commit(place: commit.CommitPlace, slug: str | None, written: Written) -> Written:
    """Commit what was written; return it with its commit and branch, and what to know of them."""
    draft, repository, branch = written.draft, place.repository, place.branch
    message, remarks = draft.says if slug is None else f"{slug}: {draft.says}", [*draft.remarks]
    if draft.amended is not None:
        new = commit.find_rewriting(place, draft.amended)
        if new is None:
            remarks.append(_ON_TOP)
        else:
            place, message = place._replace(is_rewritten=True), new
            what = "is rewritten" if message else "is taken away"
            remarks.append(f"commit {shorten_id(place.parent)} {what}: it had nothing else")
    made = place.commit(draft.edits, message)
    if branch is None and (head := repository.ask("symbolic-ref", "--quiet", "--short", "HEAD")):
        branch = head.decode(errors="replace").strip()
    if branch is None:
        remarks.append(_DETACHED)
    draft = draft._replace(remarks=tuple(remarks))
    return replace(written, draft=draft, commit=made if message else None, branch=branch)


_Contents = Mapping[str, tuple[bytes | None, bytes | None]]
"""What files held before, and what they are to hold."""


def _edit(
    ledger: Ledger, draft: Draft, as_of: date, *, is_alone: bool = False
) -> tuple[_Contents, Written]:
    """Edit the files and check the ledger as it would be; ``is_alone``: as a commit has it."""
    prefix, contents, places = ledger.files.prefix, dict[str, Any](), []
    for path, edit in draft.edits.items():
        before = after = None
        try:
            with suppress(FileNotFoundError):
                before = after = ledger.files.read(path)
            after = commit.edit_alone(prefix + path, edit, before) if is_alone else edit(before)
        except YamlSyntaxError:
            pass  # The check of the file as it is says where.
        except UneditableError as error:
            raise LedgerError(
                f"cannot add to {prefix}{path}: {error}", "edit it by hand"
            ) from error
        except OSError as error:
            raise LedgerError(f"cannot read {prefix}{path}: {error.strerror}") from error
        contents[path] = (before, after)
        if after is not None:
            line = _find_changed_line(before or b"", after)
            places.append(SourcePosition(prefix + path, line))
    places = places or [SourcePosition(prefix + path, 1) for path in contents]
    files = _ChangedFiles(ledger.files, {path: after for path, (_, after) in contents.items()})
    slugs = tuple(dict.fromkeys(path.partition("/")[0] for path in contents if "/" in path))
    parts = list_places(slugs if len(slugs) == 1 else ())
    changed, terms = Ledger(files, ledger.repository, parts), ledger.organization.terms
    warnings, balances, title = list[Problem](), list[Balance](), ""
    for slug in slugs or (None,):
        warnings += _check_change(ledger, changed, slug, as_of)
        if slug is None:
            continue
        records = changed.read_customer(slug).records
        balances.append(compute_balance(records, terms, as_of))
        if found := records.requests.get(draft.request):
            title, left = found.title, describe_left(records, terms, draft.request, as_of)
            draft = draft._replace(remarks=(*draft.remarks, *filter(None, [left])))
    return contents, Written(draft, tuple(places), tuple(balances), tuple(warnings), title=title)


@contextmanager
def _replace(ledger: Ledger, files: source.FolderFiles, contents: _Contents) -> Iterator[None]:
    """Replace files; they are as they were if what is done meanwhile fails."""
    repository = ledger.repository
    for name in contents:
        path = files.folder / name
        if path.parent.resolve() != files.folder.resolve() / Path(name).parent:
            raise LedgerError(f"{path.parent} is a symbolic link", "put the folder itself there")
    new = [files.prefix + name for name, (before, _after) in contents.items() if before is None]
    if new and repository is not None:
        places = "\0".join(f"{repository.root}/{name}" for name in new)
        if ignored := repository.ask("check-ignore", "-z", "--stdin", stdin=os.fsencode(places)):
            name = os.fsdecode(ignored).split("\0")[0].removeprefix(f"{repository.root}/")
            raise LedgerError(
                f"Git ignores {name}, so the ledger would not see it", "see .gitignore"
            )
    with ExitStack() as taking_back:
        for name, (before, after) in contents.items():
            replace_file(files.folder / name, after, before)
            taking_back.callback(replace_file, files.folder / name, before, after)
        yield
        taking_back.pop_all()


class _ChangedFiles:
    """The files of a ledger with other ``contents`` in some; see ``LedgerFiles``."""

    def __init__(self, files: source.LedgerFiles, contents: Mapping[str, bytes | None]) -> None:
        self.prefix = files.prefix
        self._files, self._contents = files, contents

    def list_files(self, under: Sequence[str] = ()) -> list[source.LedgerFile]:
        others = (file for file in self._files.list_files(under) if file.path not in self._contents)
        changed = (
            source.LedgerFile(path)
            for path, content in self._contents.items()
            if content is not None and source.is_under(path, under)
        )
        return sorted((*others, *changed))

    def read(self, path: str, limit: int = source.MAX_FILE_BYTES) -> bytes:
        content = self._contents.get(path)
        return self._files.read(path, limit) if content is None else content

    def select(self, paths: Iterable[str]) -> _ChangedFiles:
        chosen = set(paths)
        contents = {path: self._contents[path] for path in chosen & self._contents.keys()}
        return _ChangedFiles(self._files.select(chosen), contents)


def _check_change(before: Ledger, after: Ledger, slug: str | None, as_of: date) -> list[Problem]:
    """Return the warnings of a change of a customer, or of all; a RefusedError has the errors."""
    customers, jobs = ((), count_cores()) if slug is None else ((slug,), 1)
    found = check_ledger(after, as_of, customers, jobs=jobs).problems
    is_new = slug is not None and slug not in before.slugs
    there = () if is_new else check_ledger(before, as_of, customers, jobs=jobs).problems
    # Without the line: a record that comes in moves what stands below it.
    identify = attrgetter("position.file", "rule", "message")
    known = {identify(problem) for problem in there}
    new = [problem for problem in found if identify(problem) not in known]
    if slug is None:
        sides = (before.organization, after.organization)
        new += find_changed_terms(*sides, as_of, "the ledger")
        own = [before.files.prefix + place for place in ORGANIZATION_PLACES]
        found = tuple(problem for problem in found if problem.position.file in own)
    for problems, verb, when, hint in (
        (new, "would have", "", ""),
        (found, "has", " already", "mend what is there first"),
    ):
        if errors := [problem for problem in problems if problem.severity is Severity.ERROR]:
            count = f"{len(errors)} error{'' if len(errors) == 1 else 's'}"
            what = slug or "the ledger"
            raise RefusedError(f"{what} {verb} {count}{when}, so nothing was written", errors, hint)
    return new


def _require_work_tree(ledger: Ledger) -> source.FolderFiles:
    if not isinstance(ledger.files, source.FolderFiles):
        raise LedgerError("this repository has no work tree to write to", "write to a --branch")
    return ledger.files


def _find_changed_line(before: bytes, after: bytes) -> int:
    """Return the number of the first line that was not there before."""
    if not after.isascii() and b"\0" in after:  # an attachment
        return 1
    old, new = (split_lines(content.decode("utf-8", "replace")) for content in (before, after))
    for number, line in enumerate(new, start=1):
        if line.strip() and (number > len(old) or old[number - 1] != line):
            return number
    return 1
