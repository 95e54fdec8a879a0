"""The table of all movements: a head on every page, months with their opening balance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable, Paragraph

from ledger.balance.movements import Movement, MovementKind
from ledger.balance.statement import Statement, split_by_month
from ledger.output.pdf import styles
from ledger.output.pdf.figures import (
    write_duration,
    write_money,
    write_month,
    write_short_day,
    write_signed,
)
from ledger.output.pdf.typesetting import Typesetter
from ledger.text import shorten_id

_HEAD = ("Date", "Movement", "Cards", "Time", "Balance", "Amount")
_WIDTHS = (22 * mm, 84 * mm, 18 * mm, 18 * mm, 18 * mm, 18 * mm)
_FIRST_FIGURE = 3
# A row cannot go on on the next page: a long note goes on in the next row. None of them may be
# higher than a page, also if its characters are the widest, or have to be written out.
_LONGEST_PIECE = 1200
_LONGEST_WRITTEN_OUT = 250
_MOST_LINES = 12

_Row = list[str | Flowable | list[Flowable]]


def make_movement_table(
    statement: Statement,
    names: Mapping[str, str],
    commits: Mapping[str, str | None] | None,
    setter: Typesetter,
) -> LongTable:
    """Return the table of a statement that has movements.

    Args:
        statement: the statement.
        names: the consultants' names, by their handles.
        commits: the commit that brought each movement, by its reference, if it is to be said.
        setter: sets the texts.
    """
    table = _Table(names, commits, setter)
    for month in split_by_month(statement):
        if month.movements:
            table.begin_month(month.first_day, month.opening_minutes)
            for movement in month.movements:
                table.add(movement)
    table.close(statement.closing_minutes)
    return LongTable(
        table.rows,
        colWidths=_WIDTHS,
        style=[*styles.MOVEMENTS, *table.style],
        repeatRows=1,
        hAlign="LEFT",
    )


class _Table:
    def __init__(
        self,
        names: Mapping[str, str],
        commits: Mapping[str, str | None] | None,
        setter: Typesetter,
    ) -> None:
        self._names = names
        self._commits = commits
        self._setter = setter
        self.rows: list[_Row] = [
            [
                Paragraph(name, styles.HEAD if column < _FIRST_FIGURE else styles.HEAD_FIGURE)
                for column, name in enumerate(_HEAD)
            ]
        ]
        self.style: list[styles.Command] = []

    def begin_month(self, first_day: date, opening_minutes: int) -> None:
        """Add a line with the month and the balance at its beginning."""
        row = len(self.rows)
        name = f"{write_month(first_day)}, opening balance"
        self.rows.append([name, "", "", "", write_duration(opening_minutes), ""])
        self.style += [
            ("SPAN", (0, row), (3, row)),
            *styles.emphasize(row),
            ("NOSPLIT", (0, row), (-1, row + 1)),
        ]

    def add(self, movement: Movement) -> None:
        """Add a movement, with as many lines as its note needs."""
        first, *others = self._describe(movement)
        cards = ", ".join(draw.lot for draw in movement.draws)
        self._add_row(
            [
                write_short_day(movement.date),
                first,
                Paragraph(self._setter.markup(cards), styles.SMALL),
                write_signed(movement.minutes),
                write_duration(movement.balance_minutes),
                _write_amount(movement),
            ],
            goes_on=bool(others),
        )
        for number, piece in enumerate(others, start=1):
            self._add_row(
                ["", piece, "", "", "", ""], goes_on=number < len(others), goes_before=True
            )

    def close(self, closing_minutes: int) -> None:
        """Add the last line."""
        row = len(self.rows)
        self.rows.append(["Closing balance", "", "", "", write_duration(closing_minutes), ""])
        self.style += [("SPAN", (0, row), (3, row)), *styles.emphasize(row)]

    def _add_row(self, row: _Row, *, goes_on: bool, goes_before: bool = False) -> None:
        number = len(self.rows)
        self.rows.append(row)
        if not goes_on:
            self.style.append(styles.rule_below(number))
        if goes_before:
            self.style.append(("TOPPADDING", (0, number), (-1, number), 0))
        if goes_on:
            self.style.append(("BOTTOMPADDING", (0, number), (-1, number), 0))

    def _describe(self, movement: Movement) -> Iterator[list[Flowable]]:
        """Yield what stands in the wide column: a heading, and the note in pieces."""
        words = [Paragraph(self._setter.markup(self._name(movement)), styles.STRONG_CELL)]
        facts = ", ".join(self._list_facts(movement))
        small = Paragraph(self._setter.markup(facts), styles.SMALL)
        pieces = [
            Paragraph(self._setter.markup(piece), styles.CELL)
            for piece in _cut(movement.note or "", self._choose_length(movement.note or ""))
        ]
        yield [*words, small, *pieces[:1]] if facts else [*words, *pieces[:1]]
        for piece in pieces[1:]:
            yield [piece]

    def _choose_length(self, note: str) -> int:
        return _LONGEST_PIECE if self._setter.has_all(note) else _LONGEST_WRITTEN_OUT

    def _name(self, movement: Movement) -> str:
        parts = [_KIND_NAMES[movement.kind], movement.request or movement.reference]
        if movement.consultant:
            parts.append(self._names.get(movement.consultant, movement.consultant))
        return " · ".join(parts)

    def _list_facts(self, movement: Movement) -> Iterator[str]:
        if movement.category is not None:
            yield movement.category.value.replace("-", " ")
            if not movement.category.is_charged:
                yield f"{write_duration(movement.worked_minutes or 0)} worked, not charged"
        if movement.request:
            yield movement.reference
        if self._commits is not None:
            yield f"commit {shorten_id(self._commits.get(movement.reference) or 'not recorded')}"


_KIND_NAMES = {
    MovementKind.PURCHASE: "Purchase",
    MovementKind.GOODWILL: "Goodwill",
    MovementKind.TIME: "Time",
    MovementKind.CORRECTION: "Correction",
    MovementKind.REFUND: "Refund",
    MovementKind.EXPIRY: "Expiry",
}


def _write_amount(movement: Movement) -> str:
    amount = movement.amount
    if amount is None:
        return ""
    return write_money(-amount if movement.kind is MovementKind.REFUND else amount)


def _cut(note: str, longest: int) -> Iterator[str]:
    """Yield a note in pieces, cut between words where there are any."""
    lines = note.strip().splitlines()
    for start in range(0, len(lines), _MOST_LINES):
        rest = "\n".join(lines[start : start + _MOST_LINES])
        while len(rest) > longest:
            end = rest.rfind(" ", 1, longest) + 1 or longest
            yield rest[:end]
            rest = rest[end:]
        if rest:
            yield rest
