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
from itertools import islice, zip_longest
from pathlib import Path
from typing import Any

from ledger.balance.draw_down import draw_down, leave_out_money
from ledger.balance.json_values import LATER_KEYS, MONEY_KEYS, statement_to_json
from ledger.balance.statement import select_period
from ledger.errors import LedgerError, UnknownNameError
from ledger.git import GitRepository
from ledger.history.commits import is_ancestor
from ledger.history.record_story import find_commits
from ledger.ledger import Ledger, open_ledger

MAX_STATEMENT_BYTES = 8 * 1024 * 1024  # some 15,000 movements

_COMMIT_ID = re.compile("[0-9a-f]{40}([0-9a-f]{24})?")
_DIFFERENCES_SHOWN = 20
_MISSING = object()  # Stands for a value that is not there; null is one that is.


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found out about a statement; its JSON has the same fields in the same order.

    Attributes:
        verdict: ``genuine``, ``altered``, or ``unknown``: there is no such commit.
        in_history: whether the commit that the statement names is part of the history of HEAD.
        differences: the first fields that are altered: ``place``, ``said`` and ``rebuilt``.
    """

    verdict: str
    commit: str
    in_history: bool = False
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
