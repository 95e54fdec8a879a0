"""Whether a statement is genuine: rebuilt from the commit that it names, it is the same.

The digest in a statement only finds accidents; what proves it is the commit, whose id is the
digest of everything that the figures follow from.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ledger.balance.draw_down import draw_down
from ledger.balance.json_values import statement_to_json
from ledger.balance.statement import select_period
from ledger.errors import LedgerError, UnknownNameError
from ledger.git import GitError, GitRepository
from ledger.history.commits import is_ancestor
from ledger.history.record_story import find_commits
from ledger.ledger import Ledger, open_ledger

MAX_STATEMENT_BYTES = 64 * 1024 * 1024

_COMMIT_ID = re.compile("[0-9a-f]{40}([0-9a-f]{24})?")
_DIFFERENCES_SHOWN = 20
_MISSING = object()  # Stands for a value that is not there; null is one that is.


class Verdict(StrEnum):
    """What a statement turned out to be."""

    GENUINE = "genuine"
    ALTERED = "altered"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Difference:
    """A field that is another one in the ledger; ``place`` is such as ``movements[3].minutes``."""

    place: str
    said: Any
    rebuilt: Any


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found out about a statement; its JSON has the same fields in the same order.

    Attributes:
        commit: the commit that it names.
        in_history: whether that is part of the history of HEAD.
        differences: what is altered, the first ones.
    """

    verdict: Verdict
    commit: str
    in_history: bool = False
    differences: tuple[Difference, ...] = ()


def read_statement(file: Path) -> dict[str, Any]:
    """Return the JSON statement in ``file``.

    Raises:
        LedgerError: it cannot be read, or is no JSON statement of a commit.
    """
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
    if not _has_commit(folder, commit):
        return Verification(Verdict.UNKNOWN, commit)
    try:
        with open_ledger(folder, commit, [slug]) as ledger:
            repository = ledger.require_repository("no history")
            head = repository.find_head()
            in_history = head is not None and is_ancestor(repository, commit, head)
            differences = _find_differences(ledger, slug, answer)
    except UnknownNameError:
        differences = (Difference("customer", answer["customer"], None),)
    verdict = Verdict.ALTERED if differences else Verdict.GENUINE
    return Verification(verdict, commit, in_history, differences[:_DIFFERENCES_SHOWN])


def _has_commit(folder: Path | None, commit: str) -> bool:
    if not _COMMIT_ID.fullmatch(commit):
        return False
    with GitRepository.open_around((folder or Path.cwd()).absolute()) as repository:
        try:
            return repository.run("cat-file", "-t", commit).strip() == b"commit"
        except GitError:
            return False


def _find_differences(ledger: Ledger, slug: str, answer: dict[str, Any]) -> tuple[Difference, ...]:
    """Hold a statement against that of the same customer, period and date in the ledger."""
    try:
        as_of = date.fromisoformat(answer["as_of"])
        statement = select_period(
            draw_down(ledger.read_customer(slug).records, ledger.organization.terms, as_of),
            slug,
            None if answer["from"] is None else date.fromisoformat(answer["from"]),
            date.fromisoformat(answer["to"]),
        )
        commits = find_commits(ledger, slug) if _names_commits(answer["movements"]) else None
        rebuilt = statement_to_json(statement, str(answer["revision"]), commits)
    except (LedgerError, KeyError, ValueError, TypeError) as error:
        return (Difference("from, to, as_of", str(error), None),)
    return tuple(_compare(answer, rebuilt, ""))


def _names_commits(movements: Any) -> bool:
    return isinstance(movements, list) and any(
        isinstance(movement, dict) and "commit" in movement for movement in movements
    )


def _compare(said: Any, rebuilt: Any, place: str) -> Iterator[Difference]:
    if isinstance(said, dict) and isinstance(rebuilt, dict):
        for key in dict.fromkeys([*rebuilt, *said]):
            inner = f"{place}.{key}" if place else str(key)
            yield from _compare(said.get(key, _MISSING), rebuilt.get(key, _MISSING), inner)
    elif isinstance(said, list) and isinstance(rebuilt, list):
        for index, pair in enumerate(zip_longest(said, rebuilt, fillvalue=_MISSING)):
            yield from _compare(*pair, f"{place}[{index}]")
    elif type(said) is not type(rebuilt) or said != rebuilt:
        yield Difference(place, *("missing" if x is _MISSING else x for x in (said, rebuilt)))
