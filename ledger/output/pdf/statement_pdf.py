"""A statement as a PDF document that finance files as it is.

The same statement always makes the same bytes: the clock, the machine and its fonts have no part
in it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from itertools import starmap
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    LongTable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from ledger.balance.movements import Movement, sum_movements
from ledger.balance.statement import MonthOfStatement, Statement, split_by_month
from ledger.models import Provider, TermsHistory
from ledger.output.pdf import typesetting as look
from ledger.output.pdf.typesetting import write_day, write_duration, write_signed
from ledger.text import shorten_id

_FOOT = 20 * mm
_FRAME_PADDING = 6  # what ReportLab leaves free on each side of what it sets
_ROOM_FOR_MOVEMENTS = 60 * mm
_LEAST_OF_A_NOTE = 40 * mm  # A row goes on on the next page if there is as much on both.
_LONG_NOTE = 1_500
_TITLE = "Statement of punchcards"
_NOT_RECORDED = "not recorded: made from files that differ from the last commit"
_MONTHS_HEAD = (
    *("Month", "Opening", "Bought, given", "Charged", "Refunded, expired", "Closing"),
    *("Value", "Invoiced", "Returned"),
)
_NUMBERS = ("invoice", "purchase_order", "agreement")
_MOVEMENTS_HEAD = ("Date", "Movement", "Cards", "Time", "Balance", "Value", "Amount")


@dataclass(frozen=True)
class StatementDocument:
    """A statement, and what its document says besides.

    Attributes:
        name: the customer's.
        people: the names of consultants by their handles, where the statement has these.
        revision: the commit, None where the files differ from it.
        commits: the commit that brought each movement, by its reference, if it is to be said.
        titles: of the customer's requests, by their ids.
        problem_count: how many errors the data has; the document says so.
    """

    statement: Statement
    name: str
    provider: Provider | None
    terms: TermsHistory
    people: Mapping[str, str]
    revision: str | None
    commits: Mapping[str, str | None] | None
    titles: Mapping[str, str]
    problem_count: int
    setter: look.Typesetter
    has_money: bool = True

    def make(self) -> bytes:
        """Return the document."""
        output, statement, provider = io.BytesIO(), self.statement, self.provider
        template = SimpleDocTemplate(
            output,
            pagesize=A4,
            leftMargin=look.MARGIN - _FRAME_PADDING,
            rightMargin=look.MARGIN - _FRAME_PADDING,
            topMargin=look.MARGIN,
            bottomMargin=_FOOT,
            title=f"{_TITLE}: {self.name}, to {statement.to}",
            author=provider.name if provider else "",
            subject=f"as of {statement.as_of}, commit {self.revision or _NOT_RECORDED}",
            creator="Service Punchcards",
            lang="en-GB",
            invariant=1,
        )
        foot = f"{statement.customer} · {_TITLE.lower()} to {write_day(statement.to)}"
        if self.revision:
            foot += f" · commit {shorten_id(self.revision)}"
        template.build(list(self._list_parts()), canvasmaker=partial(look.NumberedCanvas, foot))
        return output.getvalue()

    def _set(self, text: str, style: Any) -> Paragraph:
        return Paragraph(self.setter.markup(text), style)

    def _write_money(self, amount: Decimal | None) -> str:
        return look.write_money(amount, self.statement.currency)

    def _list_parts(self) -> Iterator[Flowable]:
        statement, provider = self.statement, self.provider
        if provider is not None:
            yield self._set(provider.name, look.LETTERHEAD)
        yield Paragraph(_TITLE, look.TITLE)
        facts = [
            [Paragraph(label, look.LABEL), self._set(value, look.CELL)]
            for label, value in self._list_facts()
        ]
        yield _make_table(facts, (28, 150), look.FACTS)
        if count := self.problem_count:
            noun = "error" if count == 1 else "errors"
            warning = f"<b>The ledger has {count} {noun}: these figures may be wrong.</b>"
            yield Spacer(0, 3 * mm)
            yield Paragraph(f"{warning} Do not file them.", look.WARNING)
        yield Paragraph("Summary", look.HEADING)
        sums = self._leave_out_money(self._list_sums(), 2)
        yield _make_table(sums, (58, 26, 32, 32), look.SUMMARY)
        months = split_by_month(statement)
        if len(months) > 1:
            yield Paragraph("Month by month", look.HEADING)
            named = [(look.write_month(each.first_day), each) for each in months if each.movements]
            rows = [*starmap(self._make_month_row, [*named, ("In all", statement)])]
            rows = self._leave_out_money([_make_head(_MONTHS_HEAD, 1), *rows], 3)
            yield _make_table(rows, (28, *[17] * 5, *[21] * 3), look.MONTHS, repeatRows=1)
        yield CondPageBreak(_ROOM_FOR_MOVEMENTS)
        yield Paragraph("Movements", look.HEADING)
        if statement.movements:
            yield self._make_movements(months)
        else:
            yield Paragraph("There was no movement in this period.", look.CELL)

    def _list_facts(self) -> Iterator[tuple[str, str]]:
        statement, provider = self.statement, self.provider
        currency = statement.currency
        yield "Customer", f"{self.name} ({statement.customer})"
        if provider is not None:
            yield "Provider", f"{provider.name}, {provider.contacts.sales}"
        begins = [each.date for each in statement.movements[:1]]
        first = statement.from_ or next(iter(begins), None)
        begin = "the beginning" if first is None else write_day(first)
        yield "Period", f"{begin} to {write_day(statement.to)}"
        yield "As of", write_day(statement.as_of)
        if terms := self.terms.applying_to(statement.to):
            price = terms.price.get(currency)
            cost = f"{self._write_money(price)} {currency}"
            listed = "" if price is None else f", list price {cost}"
            card, step = map(write_duration, (terms.punchcard_minutes, terms.increment_minutes))
            what = f"one punchcard is {card}{listed}, charged in steps of {step}"
            yield "Terms", f"In force since {write_day(terms.effective)}: {what}"
        yield "Commit", self.revision or _NOT_RECORDED

    def _list_sums(self) -> list[list[str]]:
        sums, currency = sum_movements(self.statement.movements), self.statement.currency
        returned = None if sums.returned is None else -sums.returned
        rows = [
            ("Bought", sums.purchased_minutes, None, sums.paid),
            ("Goodwill, free of charge", sums.goodwill_minutes, None, None),
            ("Charged", -sums.charged_minutes, sums.charged_value, None),
            ("Refunded", -sums.refunded_minutes, sums.refunded_value, returned),
            ("Expired", -sums.expired_minutes, sums.expired_value, None),
        ]
        return [
            ["", "Time", f"Value, {currency}", f"Amount, {currency}"],
            ["Opening balance", write_duration(self.statement.opening_minutes), "", ""],
            *(
                [name, write_signed(minutes), self._write_money(value), self._write_money(amount)]
                for name, minutes, value, amount in rows
            ),
            ["Closing balance", write_duration(self.statement.closing_minutes), "", ""],
        ]

    def _make_month_row(self, name: str, part: MonthOfStatement | Statement) -> list[Any]:
        sums = sum_movements(part.movements)
        return [
            name,
            write_duration(part.opening_minutes),
            write_duration(sums.received_minutes),
            write_duration(sums.charged_minutes),
            write_duration(sums.dropped_minutes),
            write_duration(part.closing_minutes),
            *map(self._write_money, (sums.value, sums.paid, sums.returned)),
        ]

    def _leave_out_money(self, rows: list[list[Any]], columns: int) -> list[list[Any]]:
        """Return the rows of a table without its last columns if no money is to be said."""
        return rows if self.has_money else [row[:-columns] for row in rows]

    def _make_movements(self, months: Sequence[MonthOfStatement]) -> Table:
        """Return the table of all movements: a head on every page, months with their opening."""
        rows: list[list[Any]] = [_make_head(_MOVEMENTS_HEAD, 3)]
        style = [*look.MOVEMENTS]
        for month in months:
            if month.movements:
                style += look.emphasize(len(rows))
                style.append(("NOSPLIT", (0, len(rows)), (-1, len(rows) + 1)))
                name = f"{look.write_month(month.first_day)}, opening balance"
                opening = write_duration(month.opening_minutes)
                rows.append([name, "", "", "", opening, "", ""])
                rows += map(self._make_movement, month.movements)
        style += look.emphasize(len(rows))
        closing = write_duration(self.statement.closing_minutes)
        sums = sum_movements(self.statement.movements)
        totals = map(self._write_money, (sums.value, sums.signed_amount))
        rows.append(["Closing balance, sums", "", "", "", closing, *totals])
        widths = (19, 78, 15, 16, 17, 17, 18)
        notes = (self.setter.markup(each.note or "") for each in self.statement.movements)
        # A row that is hardly taller than a page can be split only if any part of it will do.
        least = 1 if any(len(note) > _LONG_NOTE for note in notes) else _LEAST_OF_A_NOTE
        rows = self._leave_out_money(rows, 2)
        return _make_table(rows, widths, style, LongTable, repeatRows=1, splitInRow=least)

    def _make_movement(self, movement: Movement) -> list[Any]:
        return [
            look.write_short_day(movement.date),
            list(self._describe(movement)),
            self._set(", ".join(draw.lot for draw in movement.draws), look.SMALL),
            write_signed(movement.minutes),
            write_duration(movement.balance_minutes),
            *map(self._write_money, (movement.value or None, movement.signed_amount)),
        ]

    def _describe(self, movement: Movement) -> Iterator[Flowable]:
        """Yield what stands in the wide column: a heading, facts, the note."""
        parts = [movement.kind.value.capitalize(), movement.request or movement.reference]
        if movement.consultant:
            parts.append(self.people.get(movement.consultant, movement.consultant))
        yield self._set(" · ".join(parts), look.STRONG_CELL)
        facts = []
        if title := self.titles.get(movement.request or ""):
            facts.append(title)
        numbers = {name: getattr(movement, name) for name in _NUMBERS}
        facts += [f"{name.replace('_', ' ')} {each}" for name, each in numbers.items() if each]
        if movement.category is not None:
            facts.append(movement.category.replace("-", " "))
            if movement.is_free:
                worked = write_duration(movement.worked_minutes or 0)
                facts.append(f"{worked} worked, not charged")
        if movement.request:
            facts.append(movement.reference)
        if self.commits is not None:
            commit = self.commits.get(movement.reference) or "not recorded"
            facts.append(f"commit {shorten_id(commit)}")
        if facts:
            yield self._set(", ".join(facts), look.SMALL)
        if movement.note:
            yield self._set(movement.note, look.CELL)


def _make_head(names: Sequence[str], first_figure: int) -> list[Any]:
    """Return the cells of a table's head; those from ``first_figure`` on are above figures."""
    styles = (look.HEAD, look.HEAD_FIGURE)
    return [Paragraph(name, styles[column >= first_figure]) for column, name in enumerate(names)]


def _make_table(
    rows: list[Any], widths: Sequence[int], style: Any, kind: type[Table] = Table, **options: Any
) -> Table:
    """Return a table; the widths of its columns are in millimetres."""
    columns = [width * mm for width in widths[: len(rows[0])]]
    return kind(rows, colWidths=columns, style=style, hAlign="LEFT", **options)
