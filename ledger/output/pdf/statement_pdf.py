"""A statement as a PDF document that finance files as it is.

The same statement always makes the same bytes: the clock, the machine and its fonts have no part
in it. Amounts and dates are written as the portals write them in English.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

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

from ledger.balance.statement import Statement, Sums, split_by_month, sum_movements
from ledger.models import Provider, Terms
from ledger.output.pdf import styles
from ledger.output.pdf.figures import (
    write_day,
    write_duration,
    write_money,
    write_month,
    write_signed,
)
from ledger.output.pdf.movement_table import make_movement_table
from ledger.output.pdf.page_numbers import make_canvas
from ledger.output.pdf.typesetting import Typesetter
from ledger.text import shorten_id

_MARGIN = 16 * mm
_FOOT = 20 * mm
_FRAME_PADDING = 6  # what ReportLab leaves free on each side of what it sets
_ROOM_FOR_MOVEMENTS = 60 * mm
_TITLE = "Statement of punchcards"
_NOT_RECORDED = "not recorded: made from files that differ from the last commit"


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class MadePdf:
    """A document, and the characters that no font of it has."""

    content: bytes
    missing: frozenset[str]


def make_statement_pdf(document: StatementDocument, fonts: Sequence[Path] = ()) -> MadePdf:
    """Return a statement as a document.

    Args:
        document: what it says.
        fonts: TrueType files with the characters that our own fonts lack.

    Raises:
        LedgerError: a font cannot be used.
    """
    setter = Typesetter(fonts)
    output = io.BytesIO()
    statement = document.statement
    template = SimpleDocTemplate(
        output,
        pagesize=A4,
        leftMargin=_MARGIN - _FRAME_PADDING,
        rightMargin=_MARGIN - _FRAME_PADDING,
        topMargin=_MARGIN,
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
    story = list(_tell(document, setter))
    template.build(story, canvasmaker=make_canvas(foot, _MARGIN))
    return MadePdf(output.getvalue(), frozenset(setter.missing))


def _tell(document: StatementDocument, setter: Typesetter) -> Iterator[Flowable]:
    if document.provider is not None:
        yield Paragraph(setter.markup(document.provider.name), styles.LETTERHEAD)
    yield Paragraph(_TITLE, styles.TITLE)
    yield _make_facts(document, setter)
    if document.problem_count:
        yield Spacer(0, 3 * mm)
        yield Paragraph(_describe_problems(document.problem_count), styles.WARNING)
    yield Paragraph("Summary", styles.HEADING)
    yield _make_summary(document)
    months = split_by_month(document.statement)
    if len(months) > 1:
        yield Paragraph("Month by month", styles.HEADING)
        yield _make_months(document)
    yield CondPageBreak(_ROOM_FOR_MOVEMENTS)
    yield Paragraph("Movements", styles.HEADING)
    if document.statement.movements:
        yield make_movement_table(document.statement, document.names, document.commits, setter)
    else:
        yield Paragraph("There was no movement in this period.", styles.CELL)


def _make_facts(document: StatementDocument, setter: Typesetter) -> Table:
    rows = [
        [Paragraph(label, styles.LABEL), Paragraph(setter.markup(value), styles.CELL)]
        for label, value in _list_facts(document)
    ]
    return Table(rows, colWidths=[28 * mm, 150 * mm], style=styles.FACTS, hAlign="LEFT")


def _list_facts(document: StatementDocument) -> Iterator[tuple[str, str]]:
    statement, provider, terms = document.statement, document.provider, document.terms
    yield "Customer", f"{document.customer} ({statement.customer})"
    if provider is not None:
        yield "Provider", f"{provider.name}, {provider.contacts.sales}"
    yield "Period", _describe_period(statement)
    yield "As of", write_day(statement.as_of)
    if terms is not None:
        yield "Terms", _describe_terms(terms, document.currency)
    yield "Commit", document.revision or _NOT_RECORDED


def _describe_period(statement: Statement) -> str:
    first = statement.from_
    if first is None and statement.movements:
        first = statement.movements[0].date
    begin = write_day(first) if first is not None else "the beginning"
    return f"{begin} to {write_day(statement.to)}"


def _describe_terms(terms: Terms, currency: str) -> str:
    price = terms.price.get(currency)
    listed = f", list price {write_money(price)} {currency}" if price is not None else ""
    return (
        f"In force since {write_day(terms.effective)}: one punchcard is "
        f"{write_duration(terms.punchcard_minutes)}{listed}, charged in steps of "
        f"{write_duration(terms.increment_minutes)}"
    )


def _describe_problems(count: int) -> str:
    noun = "error" if count == 1 else "errors"
    return f"<b>The ledger has {count} {noun}: these figures may be wrong.</b> Do not file them."


def _make_summary(document: StatementDocument) -> Table:
    statement = document.statement
    sums = sum_movements(statement.movements)
    head = ["", "Time", f"Amount, {document.currency}"]
    rows = [
        ["Opening balance", write_duration(statement.opening_minutes), ""],
        ["Bought", write_signed(sums.purchased_minutes), write_money(sums.paid)],
        ["Goodwill, free of charge", write_signed(sums.goodwill_minutes), ""],
        ["Used", write_signed(-sums.used_minutes), ""],
        ["Refunded", write_signed(-sums.refunded_minutes), _write_returned(sums)],
        ["Expired", write_signed(-sums.expired_minutes), ""],
        ["Closing balance", write_duration(statement.closing_minutes), ""],
    ]
    return Table(
        [head, *rows],
        colWidths=[58 * mm, 26 * mm, 32 * mm],
        style=styles.SUMMARY,
        hAlign="LEFT",
    )


def _make_months(document: StatementDocument) -> Table:
    head = ["Month", "Opening", "Bought, given", "Used", "Refunded, expired", "Closing"]
    head += ["Paid", "Returned"]
    rows = [
        [
            write_month(month.first_day),
            write_duration(month.opening_minutes),
            *_write_sums(sum_movements(month.movements), month.closing_minutes),
        ]
        for month in split_by_month(document.statement)
        if month.movements
    ]
    statement = document.statement
    total = ["In all", write_duration(statement.opening_minutes)]
    total += _write_sums(sum_movements(statement.movements), statement.closing_minutes)
    return Table(
        [
            [
                Paragraph(name, styles.HEAD if column == 0 else styles.HEAD_FIGURE)
                for column, name in enumerate(head)
            ],
            *rows,
            total,
        ],
        colWidths=[34 * mm, *[20 * mm] * 5, 22 * mm, 22 * mm],
        style=styles.MONTHS,
        repeatRows=1,
        hAlign="LEFT",
    )


def _write_sums(sums: Sums, closing_minutes: int) -> list[str]:
    return [
        write_duration(sums.received_minutes),
        write_duration(sums.used_minutes),
        write_duration(sums.dropped_minutes),
        write_duration(closing_minutes),
        write_money(sums.paid),
        write_money(sums.returned),
    ]


def _write_returned(sums: Sums) -> str:
    return "" if sums.returned is None else write_money(-sums.returned)
