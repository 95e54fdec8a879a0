"""The table of all movements: a head on every page, months with their opening balance."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from reportlab.lib.units import mm
from reportlab.platypus import Flowable, LongTable, Paragraph

from ledger.balance.movements import Movement, MovementKind
from ledger.balance.statement import Statement, split_by_month
from ledger.output.pdf import layout
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


class MovementTable:
    """Makes the table of a statement; arguments as in ``StatementDocument``."""

    def __init__(
        self,
        names: Mapping[str, str],
        commits: Mapping[str, str | None] | None,
        setter: Typesetter,
    ) -> None:
        self._names = names
        self._commits = commits
        self._setter = setter
        self._rows: list[list[str | Flowable | list[Flowable]]] = [make_head(_HEAD, _FIRST_FIGURE)]
        self._style = [*layout.MOVEMENTS]

    def make(self, statement: Statement) -> LongTable:
        """Return the table of a statement that has movements."""
        for month in split_by_month(statement):
            if month.movements:
                name = f"{layout.write_month(month.first_day)}, opening balance"
                self._add_balance(name, month.opening_minutes)
                row = len(self._rows)
                self._style.append(("NOSPLIT", (0, row - 1), (-1, row)))
            for movement in month.movements:
                self._add_movement(movement)
        self._add_balance("Closing balance", statement.closing_minutes)
        return LongTable(
            self._rows, colWidths=_WIDTHS, style=self._style, repeatRows=1, hAlign="LEFT"
        )

    def _add_balance(self, name: str, minutes: int) -> None:
        row = len(self._rows)
        self._rows.append([name, "", "", "", layout.write_duration(minutes), ""])
        self._style += [("SPAN", (0, row), (3, row)), *layout.emphasize(row)]

    def _add_movement(self, movement: Movement) -> None:
        """Add a movement, with as many rows as its note needs."""
        pieces = list(self._describe(movement))
        amount = movement.amount
        if amount is not None and movement.kind is MovementKind.REFUND:
            amount = -amount
        cards = ", ".join(draw.lot for draw in movement.draws)
        figures = (
            Paragraph(self._setter.markup(cards), layout.SMALL),
            layout.write_signed(movement.minutes),
            layout.write_duration(movement.balance_minutes),
            layout.write_money(amount),
        )
        for number, piece in enumerate(pieces):
            row = len(self._rows)
            is_first, is_last = number == 0, number == len(pieces) - 1
            day = layout.write_short_day(movement.date)
            self._rows.append([day, piece, *figures] if is_first else ["", piece, "", "", "", ""])
            if is_last:
                self._style.append(layout.rule_below(row))
            else:
                self._style.append(("BOTTOMPADDING", (0, row), (-1, row), 0))
            if not is_first:
                self._style.append(("TOPPADDING", (0, row), (-1, row), 0))

    def _describe(self, movement: Movement) -> Iterator[list[Flowable]]:
        """Yield what stands in the wide column: a heading with facts, and the note in pieces."""
        parts = [_KIND_NAMES[movement.kind], movement.request or movement.reference]
        if movement.consultant:
            parts.append(self._names.get(movement.consultant, movement.consultant))
        words: list[Flowable] = [
            Paragraph(self._setter.markup(" · ".join(parts)), layout.STRONG_CELL)
        ]
        if facts := ", ".join(self._list_facts(movement)):
            words.append(Paragraph(self._setter.markup(facts), layout.SMALL))
        note = movement.note or ""
        longest = _LONGEST_PIECE if self._setter.has_all(note) else _LONGEST_WRITTEN_OUT
        pieces = [Paragraph(self._setter.markup(each), layout.CELL) for each in _cut(note, longest)]
        yield [*words, *pieces[:1]]
        for piece in pieces[1:]:
            yield [piece]

    def _list_facts(self, movement: Movement) -> Iterator[str]:
        if movement.category is not None:
            yield movement.category.value.replace("-", " ")
            if not movement.category.is_charged:
                worked = layout.write_duration(movement.worked_minutes or 0)
                yield f"{worked} worked, not charged"
        if movement.request:
            yield movement.reference
        if self._commits is not None:
            yield f"commit {shorten_id(self._commits.get(movement.reference) or 'not recorded')}"


def make_head(names: Iterable[str], first_figure: int) -> list[Any]:
    """Return the cells of a table's head; those from ``first_figure`` on are above figures."""
    styles = (layout.HEAD, layout.HEAD_FIGURE)
    return [Paragraph(name, styles[column >= first_figure]) for column, name in enumerate(names)]


_KIND_NAMES = {kind: kind.value.capitalize() for kind in MovementKind}


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
