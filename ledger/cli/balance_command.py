"""``punchcard balance``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_customer
from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import OpenedLedger, as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.problem_output import has_errors, paint, show_problems
from ledger.cli.progress import show_progress
from ledger.errors import Problem

if TYPE_CHECKING:
    from ledger.figures.balance import Balance


@click.command("balance")
@click.argument("customers", nargs=-1, metavar="[CUSTOMER]...", shell_complete=complete_customer)
@as_of_option
@rev_option
@format_option("table", "json", "csv")
@click.pass_context
def balance_command(
    context: click.Context,
    customers: tuple[str, ...],
    as_of: date | None,
    rev: str | None,
    format_: str,
) -> int:
    """Show what is left on the cards of some customers, or of all.

    \b
    Examples:
      punchcard balance
      punchcard balance acme --format json
      punchcard balance --as-of 2026-10-01
    """
    with open_ledger_of(context, as_of, rev, customers) as opened:
        balances, problems = _compute(opened, customers)
        click.echo(_format(balances, format_, opened), nl=False)
    show_problems(problems)
    return DATA_HAS_PROBLEMS if has_errors(problems) else 0


def _compute(opened: OpenedLedger, customers: Sequence[str]) -> tuple[list[Balance], list[Problem]]:
    from ledger.check import find_organization_problems, find_problems_of
    from ledger.figures.balance import summarize_draw_down  # help and completion do without
    from ledger.figures.draw_down import draw_down

    ledger, as_of = opened.ledger, opened.as_of
    organization = ledger.organization
    problems = [*ledger.problems, *find_organization_problems(organization)]
    balances = []
    names = tuple(dict.fromkeys(customers)) or ledger.slugs
    with show_progress("computing", len(names)) as advance:
        for folder in ledger.read_customers(names):
            drawn = draw_down(folder.records, organization.terms, as_of)
            balances.append(summarize_draw_down(folder.records, organization.terms, drawn))
            problems += find_problems_of(organization, folder, as_of, drawn)
            advance(folder.slug)
    return balances, problems


def _format(balances: Sequence[Balance], format_: str, opened: OpenedLedger) -> str:
    from ledger.reporters.balance_table import format_balance_table
    from ledger.reporters.figures import balance_to_json
    from ledger.reporters.tabular import format_csv, list_scalar_columns

    if format_ == "table":
        return format_balance_table(balances, opened.as_of, paint)
    rows = [balance_to_json(balance, opened.ledger.revision) for balance in balances]
    if format_ == "json":
        return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    return format_csv(list_scalar_columns(rows[0]) if rows else [], rows)
