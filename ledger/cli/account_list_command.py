"""``punchcard account list``."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.completion import complete_customer
from ledger.cli.options import as_of_option, format_option, open_ledger_of, rev_option

if TYPE_CHECKING:
    from ledger.cli.options import OpenedLedger
    from ledger.figures.account_activity import AccountStanding

_COLUMNS = (
    *("customer", "email", "name", "state", "created", "last_activity", "last_day", "out_since"),
)
_HEADERS = (
    *("customer", "address", "name", "state", "created", "last activity", "last day", "out since"),
)


@click.command("list")
@click.argument("customers", nargs=-1, metavar="[CUSTOMER]...", shell_complete=complete_customer)
@as_of_option
@rev_option
@format_option("table", "json", "csv")
@click.pass_context
def list_command(
    context: click.Context,
    customers: tuple[str, ...],
    as_of: date | None,
    rev: str | None,
    format_: str,
) -> None:
    """List accounts: who is active, until when, and who is disabled since when.

    \b
    Examples:
      punchcard account list
      punchcard account list acme --format json
    """
    from ledger.reporters.tabular import format_csv, format_table

    with open_ledger_of(context, as_of, rev, customers) as opened:
        rows = [row for slug in customers or opened.ledger.slugs for row in _list(opened, slug)]
    if format_ == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif format_ == "csv":
        click.echo(format_csv(_COLUMNS, rows), nl=False)
    else:
        cells = [[str(row[column] or "-") for column in _COLUMNS] for row in rows]
        click.echo(f"{format_table(_HEADERS, cells)}\nas of {opened.as_of}")


def _list(opened: OpenedLedger, slug: str) -> list[dict[str, Any]]:
    from ledger.figures.account_activity import find_account_standings

    records = opened.ledger.read_customer(slug).records
    terms = opened.ledger.organization.terms
    standings = find_account_standings(records, terms, opened.as_of)
    return [_to_json(slug, standing) for standing in standings]


def _to_json(slug: str, standing: AccountStanding) -> dict[str, Any]:
    from ledger.calendar_rules import day_after
    from ledger.figures.account_activity import AccountState

    last_day = standing.last_day
    is_out = standing.state is not AccountState.ACTIVE and last_day is not None
    return {
        "customer": slug,
        "email": standing.account.email,
        "name": standing.account.name,
        "state": standing.state.value,
        "created": standing.account.created.isoformat(),
        "last_activity": standing.last_activity.isoformat(),
        "last_day": last_day and last_day.isoformat(),
        "out_since": day_after(last_day).isoformat() if is_out and last_day else None,
    }
