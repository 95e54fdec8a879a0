"""A statement as people read it on a terminal."""

from __future__ import annotations

from collections.abc import Mapping

from ledger.duration import format_minutes
from ledger.figures.movements import Movement, MovementKind
from ledger.figures.statement import Statement
from ledger.history.git_history import shorten_id
from ledger.reporters.tabular import format_table
from ledger.text import format_money

_HEADERS = (
    "date",
    "what",
    "reference",
    "request",
    "who",
    "worked",
    "minutes",
    "balance",
    "drew on",
    "note",
)
_NUMBERS = ("worked", "minutes", "balance")
_LONGEST_NOTE = 48


def format_statement_table(
    statement: Statement, currency: str, commits: Mapping[str, str | None] | None = None
) -> str:
    """Return a statement as a table between its opening and its closing balance.

    Args:
        statement: the statement.
        currency: the customer's.
        commits: the commit that brought each movement, by its reference, for a column of its own.
    """
    begin = f"from {statement.from_} " if statement.from_ else ""
    rows = [_make_row(movement, currency) for movement in statement.movements]
    headers: tuple[str, ...] = _HEADERS
    if commits is not None:
        headers = (*_HEADERS, "commit")
        ids = (commits.get(movement.reference) for movement in statement.movements)
        rows = [[*row, shorten_id(item or "")] for row, item in zip(rows, ids, strict=True)]
    return "\n".join(
        (
            f"{statement.customer}: statement {begin}to {statement.to}, as of {statement.as_of}",
            f"opening balance {format_minutes(statement.opening_minutes)}",
            "",
            format_table(headers, rows, right=_NUMBERS),
            "",
            f"closing balance {format_minutes(statement.closing_minutes)}",
        )
    )


def _make_row(movement: Movement, currency: str) -> list[str]:
    worked = movement.worked_minutes
    return [
        movement.date.isoformat(),
        _describe_kind(movement),
        movement.reference,
        movement.request or "",
        movement.consultant or "",
        "" if worked is None else format_minutes(worked),
        f"{'+' if movement.minutes > 0 else ''}{format_minutes(movement.minutes)}",
        format_minutes(movement.balance_minutes),
        ", ".join(f"{draw.lot} {format_minutes(draw.minutes)}" for draw in movement.draws),
        _describe_note(movement, currency),
    ]


def _describe_kind(movement: Movement) -> str:
    category = movement.category
    if movement.kind is MovementKind.TIME and category is not None:
        return category.value
    return movement.kind.value


def _describe_note(movement: Movement, currency: str) -> str:
    note = " ".join((movement.note or "").split())
    if movement.amount is not None:
        note = f"{format_money(movement.amount)} {currency} {note}".strip()
    return note if len(note) <= _LONGEST_NOTE else f"{note[: _LONGEST_NOTE - 1]}…"
