"""A statement as a PDF document that finance files as it is.

The same statement always makes the same bytes: the clock, the machine and its fonts have no part
in it.
"""

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
from ledger.text import shorten_id
from ledger.wording import Wording

_FOOT = 20 * mm
_FRAME_PADDING = 6  # what ReportLab leaves free on each side of what it sets
_ROOM_FOR_MOVEMENTS = 60 * mm
_LEAST_OF_A_NOTE = 40 * mm  # A row goes on on the next page if there is as much on both.
_LONG_NOTE = 1_500
_MONTHS_HEAD = (
    *("month", "opening", "received", "charged", "dropped", "closing"),
    *("value", "paid", "returned"),
)
_MOVEMENTS_HEAD = ("date", "movement", "cards", "time", "balance", "value", "amount")


@dataclass(frozen=True)
class StatementDocument:
    """A statement, and what its document says besides."""

    statement: Statement
    name: str  # the customer's
    provider: Provider | None
    terms: TermsHistory
    people: Mapping[str, str]  # names of consultants by their handles, if the statement has these
    revision: str | None  # the commit, None where the files differ from it
    commits: Mapping[str, str | None] | None  # those that brought movements, by their references
    titles: Mapping[str, str]  # of the customer's requests, by their ids
    problem_count: int  # how many errors the data has
    setter: look.Typesetter
    wording: Wording
    has_money: bool = True

    def make(self) -> bytes:
        """Return the document."""
        output, statement, provider = io.BytesIO(), self.statement, self.provider
        commit = self.revision or self._say("not_recorded")
        template = SimpleDocTemplate(
            output,
            pagesize=A4,
            leftMargin=look.MARGIN - _FRAME_PADDING,
            rightMargin=look.MARGIN - _FRAME_PADDING,
            topMargin=look.MARGIN,
            bottomMargin=_FOOT,
            title=self._say("title_of", customer=self.name, day=statement.to),
            author=provider.name if provider else "",
            subject=self._say("about", day=statement.as_of, commit=commit),
            creator="Service Punchcards",
            lang=self.wording.tag,
            invariant=1,
        )
        canvas = partial(look.NumberedCanvas, self._make_foot)
        template.build(list(self._list_parts()), canvasmaker=canvas)
        return output.getvalue()

    def _make_foot(self, number: int, count: int) -> list[Paragraph]:
        customer, day = self.statement.customer, self.wording.day(self.statement.to)
        name, commit = "foot_commit" if self.revision else "foot", shorten_id(self.revision or "")
        return [
            self._set_words(name, look.SMALL, customer=customer, day=day, commit=commit),
            self._set_words("page", look.PAGE_NUMBER, number=number, all=count),
        ]

    def _say(self, name: str, **values: object) -> str:
        return self.wording.text(f"document.{name}", **values)

    def _set_words(self, name: str, style: Any = look.CELL, **values: object) -> Paragraph:
        return self.setter.set(self._say(name, **values), style)

    def _set_minutes(self, minutes: int, *, is_signed: bool = False) -> str | Paragraph:
        write = self.wording.signed_minutes if is_signed else self.wording.minutes
        return self.setter.set_cell(write(minutes))

    def _set_money(self, amount: Decimal | None) -> str | Paragraph:
        """Return an amount without its currency's name; nothing where there was no money."""
        if amount is None:
            return ""
        return self.setter.set_cell(self.wording.amount(amount, self.statement.currency))

    def _list_parts(self) -> Iterator[Flowable]:
        statement, provider, words = self.statement, self.provider, self.wording
        if provider is not None:
            yield self.setter.set(provider.name, look.make_letterhead(provider.brand.colour))
        yield self._set_words("title", look.TITLE)
        facts = [
            [self._set_words(name, look.LABEL), self.setter.set(value, look.CELL)]
            for name, value in self._list_facts()
        ]
        yield _make_table(facts, (28, 150), look.FACTS)
        if count := self.problem_count:
            warning, more = self._say("errors", count=count), self._say("errors_more")
            yield Spacer(0, 3 * mm)
            yield self.setter.set(f"{warning} {more}", look.WARNING)
        yield self._set_words("summary", look.HEADING)
        sums = self._leave_out_money(self._list_sums(), 2)
        yield _make_table(sums, (58, 26, 32, 32), look.SUMMARY)
        months = split_by_month(statement)
        if len(months) > 1:
            yield self._set_words("months", look.HEADING)
            named = [(words.month(each.first_day), each) for each in months if each.movements]
            parts = [*named, (self._say("all_months"), statement)]
            rows = [self._make_head(_MONTHS_HEAD, 1), *starmap(self._make_month_row, parts)]
            rows = self._leave_out_money(rows, 3)
            yield _make_table(rows, (26, *[19] * 8), look.MONTHS, repeatRows=1)
        yield CondPageBreak(_ROOM_FOR_MOVEMENTS)
        yield self._set_words("movements", look.HEADING)
        if statement.movements:
            yield self._make_movements(months)
        else:
            yield self._set_words("no_movements")

    def _list_facts(self) -> Iterator[tuple[str, str]]:
        statement, provider, words = self.statement, self.provider, self.wording
        currency = statement.currency
        yield "customer", f"{self.name} ({statement.customer})"
        if provider is not None:
            yield "provider", f"{provider.name}, {provider.contacts.sales}"
        begins = [each.date for each in statement.movements[:1]]
        first = statement.from_ or next(iter(begins), None)
        begin = self._say("beginning") if first is None else words.day(first)
        yield "period", self._say("period_is", first=begin, last=words.day(statement.to))
        yield "as_of", words.day(statement.as_of)
        if terms := self.terms.applying_to(statement.to):
            card, step = map(words.minutes, (terms.punchcard_minutes, terms.increment_minutes))
            values = {"day": words.day(terms.effective), "card": card, "step": step}
            if price := terms.price.get(currency):
                values["price"] = words.money(price, currency)
            yield "terms", self._say("terms_priced" if price else "terms_are", **values)
        yield "commit", self.revision or self._say("not_recorded")

    def _list_sums(self) -> list[list[Any]]:
        statement, sums = self.statement, sum_movements(self.statement.movements)
        returned = None if sums.returned is None else -sums.returned
        heads = [
            self._set_words(name, look.HEAD_FIGURE, currency=statement.currency)
            for name in ("time", "value_in", "amount_in")
        ]
        rows = [["", *heads]]
        for name, minutes, *money in (
            ("opening", statement.opening_minutes, None, None),
            ("bought", sums.purchased_minutes, None, sums.paid),
            ("goodwill", sums.goodwill_minutes, None, None),
            ("charged", -sums.charged_minutes, sums.charged_value, None),
            ("refunded", -sums.refunded_minutes, sums.refunded_value, returned),
            ("expired", -sums.expired_minutes, sums.expired_value, None),
            ("closing", statement.closing_minutes, None, None),
        ):
            is_balance = name in {"opening", "closing"}
            label = self._set_words(name, look.STRONG_CELL if is_balance else look.CELL)
            shown = self._set_minutes(minutes, is_signed=not is_balance)
            rows.append([label, shown, *map(self._set_money, money)])
        return rows

    def _make_head(self, names: Sequence[str], first_figure: int) -> list[Any]:
        """Return the cells of a table's head; those from ``first_figure`` on are above figures."""
        styles = (look.HEAD, look.HEAD_FIGURE)
        return [
            self._set_words(f"head_{name}", styles[column >= first_figure])
            for column, name in enumerate(names)
        ]

    def _make_month_row(self, name: str, part: MonthOfStatement | Statement) -> list[Any]:
        sums = sum_movements(part.movements)
        minutes = (
            *(part.opening_minutes, sums.received_minutes, sums.charged_minutes),
            *(sums.dropped_minutes, part.closing_minutes),
        )
        return [
            self.setter.set_cell(name, look.CELL),
            *map(self._set_minutes, minutes),
            *map(self._set_money, (sums.value, sums.paid, sums.returned)),
        ]

    def _leave_out_money(self, rows: list[list[Any]], columns: int) -> list[list[Any]]:
        """Return the rows of a table without its last columns if no money is to be said."""
        return rows if self.has_money else [row[:-columns] for row in rows]

    def _make_movements(self, months: Sequence[MonthOfStatement]) -> Table:
        """Return the table of all movements: a head on every page, months with their opening."""
        rows: list[list[Any]] = [self._make_head(_MOVEMENTS_HEAD, 3)]
        style = [*look.MOVEMENTS]
        for month in months:
            if month.movements:
                style += look.emphasize(len(rows))
                style.append(("NOSPLIT", (0, len(rows)), (-1, len(rows) + 1)))
                name = self._say("opening_of", month=self.wording.month(month.first_day))
                opening = self._set_minutes(month.opening_minutes)
                rows.append([self.setter.set(name, look.STRONG_CELL), "", "", "", opening, "", ""])
                rows += map(self._make_movement, month.movements)
        style += look.emphasize(len(rows))
        closing = self._set_minutes(self.statement.closing_minutes)
        label = self._set_words("closing_sums", look.STRONG_CELL)
        sums = sum_movements(self.statement.movements)
        totals = map(self._set_money, (sums.value, sums.signed_amount))
        rows.append([label, "", "", "", closing, *totals])
        widths = (20, 69, 15, 18, 20, 18, 18)
        notes = (self.setter.markup(each.note or "") for each in self.statement.movements)
        # A row that is hardly taller than a page can be split only if any part of it will do.
        least = 1 if any(len(note) > _LONG_NOTE for note in notes) else _LEAST_OF_A_NOTE
        rows = self._leave_out_money(rows, 2)
        return _make_table(rows, widths, style, LongTable, repeatRows=1, splitInRow=least)

    def _make_movement(self, movement: Movement) -> list[Any]:
        return [
            self.setter.set_cell(self.wording.short_day(movement.date), look.CELL),
            list(self._describe(movement)),
            self.setter.set(", ".join(draw.lot for draw in movement.draws), look.SMALL),
            self._set_minutes(movement.minutes, is_signed=True),
            self._set_minutes(movement.balance_minutes),
            *map(self._set_money, (movement.value or None, movement.signed_amount)),
        ]

    def _describe(self, movement: Movement) -> Iterator[Flowable]:
        """Yield what stands in the wide column: a heading, facts, the note."""
        what = self.wording.label("movement", movement.kind)
        who = self.people.get(movement.consultant or "", movement.consultant)
        parts = (what, movement.request or movement.reference, who)
        yield self.setter.set(" · ".join(filter(None, parts)), look.STRONG_CELL)
        title = self.titles.get(movement.request or "")
        facts = [title] if title else []
        for name in ("invoice", "purchase_order", "agreement"):
            if number := getattr(movement, name):
                facts.append(self._say(name, number=number))
        if movement.category is not None:
            facts.append(self.wording.label("category", movement.category))
            if movement.is_free:
                worked = self.wording.minutes(movement.worked_minutes or 0)
                facts.append(self._say("not_charged", minutes=worked))
        if movement.request:
            facts.append(movement.reference)
        if self.commits is not None:
            commit = self.commits.get(movement.reference)
            shown = shorten_id(commit) if commit else self._say("commit_none")
            facts.append(self._say("commit_is", commit=shown))
        if facts:
            yield self.setter.set(self._say("join").join(facts), look.SMALL)
        if movement.note:
            yield self.setter.set(movement.note, look.CELL)


def _make_table(
    rows: list[Any], widths: Sequence[int], style: Any, kind: type[Table] = Table, **options: Any
) -> Table:
    """Return a table; the widths of its columns are in millimetres."""
    columns = [width * mm for width in widths[: len(rows[0])]]
    return kind(rows, colWidths=columns, style=style, hAlign="LEFT", **options)
