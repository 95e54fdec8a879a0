"""``punchcard balance``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date

import click

from ledger.check import find_organization_problems, find_problems_of
from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import OpenedLedger, as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.problem_output import has_errors, paint, show_problems
from ledger.cli.progress import show_progress
from ledger.duration import format_minutes
from ledger.errors import Problem
from ledger.figures.balance import Balance, compute_balance
from ledger.figures.portal_life import PortalState
from ledger.reporters.figures import balance_to_json
from ledger.reporters.tabular import format_csv, format_table, list_scalar_columns

_HEADERS = (
    "customer",
    "purchased",
    "goodwill",
    "used",
    "refunded",
    "expired",
    "remaining",
    "overdrawn",
    "cards open",
    "last activity",
    "portal",
    "",
)
_NUMBERS = _HEADERS[1:9]


@click.command("balance")
@click.argument("customers", nargs=-1, metavar="[CUSTOMER]...")
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
    ledger, as_of = opened.ledger, opened.as_of
    organization = ledger.organization
    problems = [*ledger.problems, *find_organization_problems(organization)]
    balances = []
    names = tuple(dict.fromkeys(customers)) or ledger.slugs
    with show_progress("computing", len(names)) as advance:
        for folder in ledger.read_customers(names):
            balances.append(compute_balance(folder.records, organization.terms, as_of))
            problems += find_problems_of(organization, folder, as_of)
            advance(folder.slug)
    return balances, problems


def _format(balances: Sequence[Balance], format_: str, opened: OpenedLedger) -> str:
    if format_ == "table":
        return _format_table(balances, opened.as_of)
    rows = [balance_to_json(balance, opened.ledger.revision) for balance in balances]
    if format_ == "json":
        return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    return format_csv(list_scalar_columns(rows[0]) if rows else [], rows)


def _format_table(balances: Sequence[Balance], as_of: date) -> str:
    rows = [_make_row(balance) for balance in balances]
    return f"{format_table(_HEADERS, rows, right=_NUMBERS)}\nas of {as_of}\n"


def _make_row(balance: Balance) -> list[str]:
    minutes = (
        balance.purchased_minutes,
        balance.goodwill_minutes,
        balance.used_minutes,
        balance.refunded_minutes,
        balance.expired_minutes,
        balance.remaining_minutes,
        balance.overdrawn_minutes,
    )
    return [
        balance.customer,
        *(format_minutes(amount) if amount else "-" for amount in minutes),
        str(len(balance.open_cards)),
        str(balance.last_activity or "-"),
        _describe_portal(balance),
        _flag(balance),
    ]


def _describe_portal(balance: Balance) -> str:
    state, last_day = balance.portal.state, balance.portal.last_day
    if state is PortalState.CLOSING:
        return f"until {last_day}"
    return f"closed {last_day}" if state is PortalState.CLOSED else state.value


def _flag(balance: Balance) -> str:
    if balance.overdrawn_minutes:
        return paint("OVERDRAWN", "red")
    return paint("LOW", "yellow") if balance.low else ""
