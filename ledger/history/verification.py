"""Whether a statement is genuine: rebuilt from the commit that it names, it is the same.

The digest in a statement only finds accidents; what proves it is the commit, whose id is the
digest of everything that the figures follow from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple

from ledger.balance.draw_down import draw_down
from ledger.balance.json_values import statement_to_json
from ledger.balance.statement import select_period
from ledger.errors import LedgerError, UnknownNameError
from ledger.git import GitError, GitRepository
from ledger.history.commits import is_ancestor
from ledger.history.provenance import find_commits
from ledger.ledger import Ledger, open_ledger

MAX_STATEMENT_BYTES = 64 * 1024 * 1024

_COMMIT_ID = re.compile("[0-9a-f]{40}([0-9a-f]{24})?")
_DIFFERENCES_SHOWN = 20


class Verdict(StrEnum):
    """What a statement turned out to be."""

    GENUINE = "genuine"
    ALTERED = "altered"
    UNKNOWN = "unknown"


class Difference(NamedTuple):
    """A field that is another one in the ledger.

    Attributes:
        place: such as ``movements[3].minutes``.
    """

    place: str
    said: Any
    rebuilt: Any


class Verification(NamedTuple):
    """What was found out about a statement.

    Attributes:
        commit: the commit that it names.
        is_in_history: whether that is part of the history of HEAD.
        differences: what is altered, the first ones.
    """

    verdict: Verdict
    commit: str
    is_in_history: bool = False
    differences: tuple[Difference, ...] = ()


def read_statement(file: Path) -> dict[str, Any]:
    """Return the JSON statement in ``file``.

    Raises:
        LedgerError: it cannot be read, or is no JSON statement of a commit.
    """
    try:
        if file.stat().st_size > MAX_STATEMENT_BYTES:
            raise LedgerError(f"{file} is too large for a statement")
        answer = json.loads(file.read_bytes())
    except OSError as error:
        raise LedgerError(f"cannot read {file}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise LedgerError(
            f"{file} is not JSON", "verify what `punchcard statement --format json` wrote"
        ) from error
    if not isinstance(answer, dict) or not {"customer", "as_of", "movements"} <= answer.keys():
        raise LedgerError(
            f"{file} is no statement", "verify what `punchcard statement --format json` wrote"
        )
    if answer.get("revision") is None:
        raise LedgerError(
            "the statement names no commit: it was made from files that were not committed",
            "ask for one that was made with --rev",
        )
    return answer


def verify_statement(folder: Path | None, answer: dict[str, Any]) -> Verification:
    """Say whether a statement is what the ledger in ``folder`` says at the statement's commit."""
    commit = str(answer["revision"])
    if not _has_commit(folder, commit):
        return Verification(Verdict.UNKNOWN, commit)
    with ExitStack() as stack:
        try:
            ledger = stack.enter_context(open_ledger(folder, commit, [str(answer["customer"])]))
        except UnknownNameError:
            difference = Difference("customer", answer["customer"], None)
            return Verification(Verdict.ALTERED, commit, differences=(difference,))
        is_in_history = _is_in_history(ledger, commit)
        try:
            rebuilt = _rebuild(ledger, answer)
        except (LedgerError, KeyError, ValueError, TypeError) as error:
            difference = Difference("from, to, as_of", str(error), None)
            return Verification(Verdict.ALTERED, commit, is_in_history, (difference,))
    differences = tuple(_compare(answer, rebuilt, ""))
    verdict = Verdict.ALTERED if differences else Verdict.GENUINE
    return Verification(verdict, commit, is_in_history, differences[:_DIFFERENCES_SHOWN])


def _has_commit(folder: Path | None, commit: str) -> bool:
    if not _COMMIT_ID.fullmatch(commit):
        return False
    with GitRepository.open_around((folder or Path.cwd()).absolute()) as repository:
        try:
            return repository.run("cat-file", "-t", commit).strip() == b"commit"
        except GitError:
            return False


def _is_in_history(ledger: Ledger, commit: str) -> bool:
    repository = ledger.repository
    head = None if repository is None else repository.find_head()
    return repository is not None and head is not None and is_ancestor(repository, commit, head)


def _rebuild(ledger: Ledger, answer: dict[str, Any]) -> dict[str, Any]:
    """Return the statement of the same customer, period and date as the ledger has it."""
    slug = str(answer["customer"])
    records, as_of = ledger.read_customer(slug).records, date.fromisoformat(answer["as_of"])
    statement = select_period(
        draw_down(records, ledger.organization.terms, as_of),
        slug,
        None if answer["from"] is None else date.fromisoformat(answer["from"]),
        date.fromisoformat(answer["to"]),
    )
    commits = find_commits(ledger, slug) if _names_commits(answer) else None
    return statement_to_json(statement, str(answer["revision"]), commits)


def _names_commits(answer: dict[str, Any]) -> bool:
    movements = answer["movements"]
    return isinstance(movements, list) and any(
        isinstance(movement, dict) and "commit" in movement for movement in movements
    )


def _compare(said: Any, rebuilt: Any, place: str) -> Iterator[Difference]:
    if isinstance(said, dict) and isinstance(rebuilt, dict):
        for key in dict.fromkeys([*rebuilt, *said]):
            inner = f"{place}.{key}" if place else str(key)
            yield from _compare(said.get(key, _MISSING), rebuilt.get(key, _MISSING), inner)
    elif isinstance(said, list) and isinstance(rebuilt, list):
        for index in range(max(len(said), len(rebuilt))):
            pair = (_get(said, index), _get(rebuilt, index))
            yield from _compare(*pair, f"{place}[{index}]")
    elif type(said) is not type(rebuilt) or said != rebuilt:
        yield Difference(place, said, rebuilt)


class _Missing:
    """Stands for a value that is not there; null is one that is."""

    def __repr__(self) -> str:
        return "missing"


_MISSING = _Missing()


def _get(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else _MISSING
