"""``punchcard balance``, ``statement`` and ``expiries``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from ledger.cli.options import (
    OpenedLedger,
    Reading,
    customers_argument,
    reading_options,
)
from ledger.cli.printing import (
    print_list,
    print_rows,
    show_problems,
    show_progress,
)
from ledger.errors import Problem

if TYPE_CHECKING:
    from ledger.balance.draw_down import DrawDown
    from ledger.balance.summary import Balance
    from ledger.files.reader import CustomerFolder

_ENDING_COLUMNS = ("customer", "kind", "subject", "last_day", "days_left")
_ENDING_TABLE = {
    "last day": "last_day",
    "days left": "days_left",
    "customer": "customer",
    "what": "kind",
    "subject": "subject",
}


def draw_down_customers(
    opened: OpenedLedger, customers: Iterable[str], problems: list[Problem]
) -> Iterator[tuple[CustomerFolder, DrawDown]]:
    """Yield each customer's folder and draw-down; add what is wrong with the data to ``problems``.

    All customers if none are named.
    """
    from ledger.check import find_organization_problems, find_problems_of
    from ledger.rules.context import RuleContext

    ledger, organization = opened.ledger, opened.ledger.organization
    problems += [*ledger.problems, *find_organization_problems(organization)]
    for folder in ledger.read_customers(customers):
        context = RuleContext(organization, folder, opened.as_of)
        problems += find_problems_of(context)
        yield folder, context.drawn


@click.command("balance")
@customers_argument
@reading_options("table", "json", "csv")
def balance_command(customers: tuple[str, ...], reading: Reading) -> int:
    """Show what is left on the cards of some customers, or of all.

    \b
    Examples:
      punchcard balance
      punchcard balance acme --format json
      punchcard balance --as-of 2026-10-01
    """
    from ledger.balance.json_values import balance_to_json
    from ledger.balance.summary import summarize_draw_down
    from ledger.output.tables import format_balance_table
    from ledger.output.tabular import list_scalar_columns

    balances: list[Balance] = []
    problems: list[Problem] = []
    with reading.open(customers) as opened:
        terms = opened.ledger.organization.terms
        names = tuple(dict.fromkeys(customers)) or opened.ledger.slugs
        with show_progress("computing", len(names)) as advance:
            for folder, drawn in draw_down_customers(opened, names, problems):
                balances.append(summarize_draw_down(folder.records, terms, drawn))
                advance(folder.slug)
        rows = [balance_to_json(balance, opened.ledger.revision) for balance in balances]
        columns = list_scalar_columns(rows[0]) if rows else []
        table = partial(format_balance_table, balances, opened.as_of)
        print_rows(reading.format_, rows, columns, table)
    return show_problems(problems)


@click.command("expiries")
@click.option(
    "--within",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Leave out what ends later than so many days ahead.  [default: no limit]",
)
@reading_options("table", "json", "csv")
def expiries_command(within: int | None, reading: Reading) -> int:
    """Show which accounts, portals, cards and licences end, nearest first.

    The last day is the last on which it still works.

    \b
    Examples:
      punchcard expiries --within 60
      punchcard expiries --format json
    """
    from ledger.balance.expiry import list_endings, sort_endings
    from ledger.balance.json_values import to_json
    from ledger.balance.summary import summarize_draw_down

    problems: list[Problem] = []
    with reading.open() as opened:
        terms = opened.ledger.organization.terms
        endings = [
            ending
            for folder, drawn in draw_down_customers(opened, (), problems)
            for ending in list_endings(
                folder.records, terms, summarize_draw_down(folder.records, terms, drawn), within
            )
        ]
        rows = [to_json(ending) for ending in sort_endings(endings)]
        print_list(reading.format_, rows, _ENDING_COLUMNS, _ENDING_TABLE, opened.as_of)
    return show_problems(problems)
