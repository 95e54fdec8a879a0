"""A statement as a PDF document that finance files as it is.

The same statement always makes the same bytes: the clock, the machine and its fonts have no part
in it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.platypus import (
    CondPageBreak,
    Flowable,
    Paragraph,
    SimpleDocTemplate,
    Spacer,
    Table,
)

from ledger.balance.statement import MonthOfStatement, Statement, split_by_month, sum_movements
from ledger.models import Provider, Terms
from ledger.output.pdf import layout
from ledger.output.pdf.layout import write_day, write_duration, write_money, write_signed
from ledger.output.pdf.movement_table import MovementTable, make_head
from ledger.output.pdf.typesetting import Typesetter
from ledger.text import shorten_id

_FOOT = 20 * mm
_FRAME_PADDING = 6  # what ReportLab leaves free on each side of what it sets
_ROOM_FOR_MOVEMENTS = 60 * mm
_TITLE = "Statement of punchcards"
_NOT_RECORDED = "not recorded: made from files that differ from the last commit"


@dataclass(frozen=True)
class StatementDocument:
    """What the document says.

    Attributes:
        terms: those in force on the last day; None if there are none.
        names: the consultants' names, by their handles.
        revision: the commit, None where the files differ from it.
        commits: the commit that brought each movement, by its reference, if it is to be said.
        problem_count: how many errors the data has; the document says so.
    """

    statement: Statement
    customer: str
    currency: str
    provider: Provider | None
    terms: Terms | None
    names: Mapping[str, str] = field(default_factory=dict)
    revision: str | None = None
    commits: Mapping[str, str | None] | None = None
    problem_count: int = 0


@dataclass(frozen=True)
class MadePdf:
    """A document, and the characters that no font of it has."""

    content: bytes
    missing: frozenset[str]


def make_statement_pdf(document: StatementDocument, fonts: Sequence[Path] = ()) -> MadePdf:
    """Return a statement as a document; ``fonts`` are TrueType files for what our fonts lack.

    Raises:
        LedgerError: a font cannot be used.
    """
    setter = Typesetter(fonts)
    output = io.BytesIO()
    statement = document.statement
    template = SimpleDocTemplate(
        output,
        pagesize=A4,
        leftMargin=layout.MARGIN - _FRAME_PADDING,
        rightMargin=layout.MARGIN - _FRAME_PADDING,
        topMargin=layout.MARGIN,
        bottomMargin=_FOOT,
        title=f"{_TITLE}: {document.customer}, to {statement.to}",
        author=document.provider.name if document.provider else "",
        subject=f"as of {statement.as_of}, commit {document.revision or _NOT_RECORDED}",
        creator="Service Punchcards",
        lang="en-GB",
        invariant=1,
    )
    foot = f"{statement.customer} · {_TITLE.lower()} to {write_day(statement.to)}"
    if document.revision:
        foot += f" · commit {shorten_id(document.revision)}"
    story = list(_list_parts(document, setter))
    template.build(story, canvasmaker=partial(layout.NumberedCanvas, foot))
    return MadePdf(output.getvalue(), frozenset(setter.missing))


def _list_parts(document: StatementDocument, setter: Typesetter) -> Iterator[Flowable]:
    statement = document.statement
    if document.provider is not None:
        yield Paragraph(setter.markup(document.provider.name), layout.LETTERHEAD)
    yield Paragraph(_TITLE, layout.TITLE)
    facts = [
        [Paragraph(label, layout.LABEL), Paragraph(setter.markup(value), layout.CELL)]
        for label, value in _list_facts(document)
    ]
    yield _make_table(facts, (28, 150), layout.FACTS)
    if count := document.problem_count:
        noun = "error" if count == 1 else "errors"
        warning = f"<b>The ledger has {count} {noun}: these figures may be wrong.</b>"
        yield Spacer(0, 3 * mm)
        yield Paragraph(f"{warning} Do not file them.", layout.WARNING)
    yield Paragraph("Summary", layout.HEADING)
    yield _make_table(_list_sums(document), (58, 26, 32), layout.SUMMARY)
    months = split_by_month(statement)
    if len(months) > 1:
        yield Paragraph("Month by month", layout.HEADING)
        yield _make_months(months, statement)
    yield CondPageBreak(_ROOM_FOR_MOVEMENTS)
    yield Paragraph("Movements", layout.HEADING)
    if statement.movements:
        yield MovementTable(document.names, document.commits, setter).make(statement)
    else:
        yield Paragraph("There was no movement in this period.", layout.CELL)


def _list_facts(document: StatementDocument) -> Iterator[tuple[str, str]]:
    statement, provider, terms = document.statement, document.provider, document.terms
    yield "Customer", f"{document.customer} ({statement.customer})"
    if provider is not None:
        yield "Provider", f"{provider.name}, {provider.contacts.sales}"
    first = statement.from_
    if first is None and statement.movements:
        first = statement.movements[0].date
    begin = write_day(first) if first is not None else "the beginning"
    yield "Period", f"{begin} to {write_day(statement.to)}"
    yield "As of", write_day(statement.as_of)
    if terms is not None:
        price = terms.price.get(document.currency)
        listed = "" if price is None else f", list price {write_money(price)} {document.currency}"
        card, step = map(write_duration, (terms.punchcard_minutes, terms.increment_minutes))
        what = f"one punchcard is {card}{listed}, charged in steps of {step}"
        yield "Terms", f"In force since {write_day(terms.effective)}: {what}"
    yield "Commit", document.revision or _NOT_RECORDED


def _list_sums(document: StatementDocument) -> list[list[str]]:
    statement = document.statement
    sums = sum_movements(statement.movements)
    returned = None if sums.returned is None else -sums.returned
    return [
        ["", "Time", f"Amount, {document.currency}"],
        ["Opening balance", write_duration(statement.opening_minutes), ""],
        ["Bought", write_signed(sums.purchased_minutes), write_money(sums.paid)],
        ["Goodwill, free of charge", write_signed(sums.goodwill_minutes), ""],
        ["Used", write_signed(-sums.used_minutes), ""],
        ["Refunded", write_signed(-sums.refunded_minutes), write_money(returned)],
        ["Expired", write_signed(-sums.expired_minutes), ""],
        ["Closing balance", write_duration(statement.closing_minutes), ""],
    ]


def _make_months(months: Sequence[MonthOfStatement], statement: Statement) -> Table:
    head = ("Month", "Opening", "Bought, given", "Used", "Refunded, expired", "Closing")
    rows = [
        _make_month_row(layout.write_month(month.first_day), month)
        for month in months
        if month.movements
    ]
    rows = [make_head((*head, "Paid", "Returned"), 1), *rows, _make_month_row("In all", statement)]
    return _make_table(rows, (34, *[20] * 5, 22, 22), layout.MONTHS, repeatRows=1)


def _make_month_row(name: str, part: MonthOfStatement | Statement) -> list[str]:
    sums = sum_movements(part.movements)
    return [
        name,
        write_duration(part.opening_minutes),
        write_duration(sums.received_minutes),
        write_duration(sums.used_minutes),
        write_duration(sums.dropped_minutes),
        write_duration(part.closing_minutes),
        write_money(sums.paid),
        write_money(sums.returned),
    ]


def _make_table(
    rows: list[Any], widths: Sequence[int], style: list[layout.Command], **options: Any
) -> Table:
    """Return a table; the widths of its columns are in millimetres."""
    columns = [width * mm for width in widths]
    return Table(rows, colWidths=columns, style=style, hAlign="LEFT", **options)
