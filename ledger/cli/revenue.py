"""``punchcard revenue``: what was billed, recognised, lost, refunded and is deferred."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import TYPE_CHECKING

import click

from ledger.cli.options import OpenedLedger, Reading, reading_options
from ledger.cli.printing import print_rows, show_problems, show_progress
from ledger.cli.value_types import DAY
from ledger.errors import LedgerError, Problem
from ledger.money import format_amount

if TYPE_CHECKING:
    from ledger.balance.revenue import Grouping, RevenueLine, RevenueReport

_CHUNK = 8
_AMOUNTS = {
    "opening_deferred": "opening",
    "billed": "billed",
    "recognised": "recognised",
    "breakage": "breakage",
    "value_refunded": "refunded",
    "refund_amount": "paid back",
    "closing_deferred": "deferred",
}


@click.command("revenue")
@click.option("--from", "from_", type=DAY, help="The first day.  [default: the beginning]")
@click.option("--to", type=DAY, help="The last day.  [default: the as-of date]")
@click.option(
    "--by",
    type=click.Choice(("month", "customer", "purchase")),
    default="month",
    show_default=True,
    help="What has a line of its own.",
)
@click.option(
    "--changes",
    "tag",
    metavar="TAG",
    help="Show only what is different now in the periods that this publication closed.",
)
@reading_options("table", "json", "csv")
def revenue_command(
    from_: date | None, to: date | None, by: str, tag: str | None, reading: Reading
) -> int:
    """Show deferred revenue: opening, billed, recognised, breakage, refunded, closing.

    Each draw counts on its own day, in its purchase's currency. Expired minutes are breakage. With
    --changes the amounts are differences: late entries and corrections in periods that were
    published already.

    \b
    Examples:
      punchcard revenue --from 2026-10-01 --to 2026-10-31 --by customer
      punchcard revenue --from 2026-01-01 --format csv
      punchcard revenue --rev published/2026-10-05 --as-of 2026-10-05
      punchcard revenue --changes published/2026-10-05
    """
    from dataclasses import fields

    from ledger.balance.json_values import to_json
    from ledger.balance.revenue import Grouping, RevenueLine, compare_lines
    from ledger.history.publications import find_publication

    problems: list[Problem] = []
    grouping = Grouping(by)
    with reading.open() as opened:
        if tag is None:
            lines = list(_report(opened, from_, to or opened.as_of, grouping, problems))
        else:
            repository = opened.ledger.require_repository("no publications")
            published = find_publication(repository, tag)
            if published is None:
                raise LedgerError(
                    f"there is no publication {tag!r}", "git tag --list 'published/*'"
                )
            last = min(to or published.as_of, published.as_of)
            with Reading(published.as_of, published.commit, "json").open() as then:
                before = list(_report(then, from_, last, grouping, []))
            now = OpenedLedger(opened.ledger, max(opened.as_of, last))
            lines = compare_lines(before, list(_report(now, from_, last, grouping, problems)))
        rows = [to_json(line) for line in lines]
        columns = [field.name for field in fields(RevenueLine)]
        print_rows(reading.format_, rows, columns, lambda: _format(lines, opened.as_of, tag))
    return show_problems(problems)


def _report(
    opened: OpenedLedger,
    first: date | None,
    last: date,
    grouping: Grouping,
    problems: list[Problem],
) -> list[RevenueLine]:
    """Return the revenue of all customers in a period."""
    from ledger.balance.revenue import RevenueReport
    from ledger.check import find_organization_problems
    from ledger.workers import count_cores, run_on_all_cores

    if last > opened.as_of:
        raise LedgerError(
            f"the period ends on {last}, after the as-of date {opened.as_of}",
            "what happens later is not known yet; choose an earlier --to or a later --as-of",
        )
    if first is not None and first > last:
        raise LedgerError(f"the period begins on {first}, after its end on {last}")
    report, ledger = RevenueReport(first, last, grouping), opened.ledger
    problems += [*ledger.problems, *find_organization_problems(ledger.organization)]
    add_up = partial(_add_up_customer, opened, first, last, grouping)
    with show_progress("computing", len(ledger.slugs)) as advance:
        for own, found in run_on_all_cores(add_up, ledger.slugs, count_cores(), _CHUNK):
            report.merge(own)
            problems += found
            advance("")
    return list(report.list_lines())


def _add_up_customer(
    opened: OpenedLedger, first: date | None, last: date, grouping: Grouping, slug: str
) -> tuple[RevenueReport, tuple[Problem, ...]]:
    """Return a report of a customer's money, and what makes its figures doubtful."""
    from ledger.balance.revenue import RevenueReport, list_postings
    from ledger.check import find_problems_of
    from ledger.rules.context import RuleContext

    folder = opened.ledger.read_customer(slug)
    context = RuleContext(opened.ledger.organization, folder, opened.as_of)
    report = RevenueReport(first, last, grouping)
    report.add(context.records, list_postings(context.records, context.drawn))
    return report, find_problems_of(context)


def _format(lines: Sequence[RevenueLine], as_of: date, tag: str | None) -> str:
    """Return the lines as a table, with a total for each currency; or that none differs."""
    from ledger.balance.revenue import sum_lines
    from ledger.output.tabular import format_table

    if tag is not None and not lines:
        return f"nothing is different now in the periods that {tag} closed"
    labels = [("period", "period"), ("customer", "customer"), ("purchase", "purchase")]
    shown = [pair for pair in labels if any(getattr(line, pair[1]) for line in lines)]
    headers = ["currency", *(header for header, _name in shown), *_AMOUNTS.values()]
    rows = [
        [
            line.currency,
            *(getattr(line, name) or "total" for _header, name in shown),
            *_list_amounts(line),
        ]
        for line in (*lines, *sum_lines(lines))
    ]
    return f"{format_table(headers, rows, right=_AMOUNTS.values())}\nas of {as_of}"


def _list_amounts(line: RevenueLine) -> list[str]:
    amounts = [getattr(line, name) for name in _AMOUNTS]
    return [format_amount(amount, line.currency) if amount else "-" for amount in amounts]
