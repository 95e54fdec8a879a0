"""``punchcard request list``."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import click

from ledger.cli.completion import complete_customer
from ledger.cli.options import as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.vocabulary import CHANNELS, STATUSES
from ledger.duration import format_minutes

_COLUMNS = (
    "customer",
    "id",
    "title",
    "status",
    "channel",
    "category",
    "opened",
    "opened_by",
    "last_event",
    "worked_minutes",
    "charged_minutes",
)
_HEADERS = ("customer", "id", "status", "channel", "category", "opened", "worked", "title")
_DONE = frozenset({"resolved", "closed"})


@click.command("list")
@click.argument("customers", nargs=-1, metavar="[CUSTOMER]...", shell_complete=complete_customer)
@click.option(
    "--status",
    "statuses",
    type=click.Choice(STATUSES),
    multiple=True,
    help="Only these.  [default: all that are neither resolved nor closed]",
)
@click.option("--channel", type=click.Choice(CHANNELS), help="Only those in this channel.")
@click.option("--all", "shows_all", is_flag=True, help="Those that are done, too.")
@as_of_option
@rev_option
@format_option("table", "json", "csv")
@click.pass_context
def list_command(
    context: click.Context,
    customers: tuple[str, ...],
    statuses: tuple[str, ...],
    channel: str | None,
    shows_all: bool,
    as_of: date | None,
    rev: str | None,
    format_: str,
) -> None:
    """List the requests of some customers, or of all, with the time that was spent on them.

    \b
    Examples:
      punchcard request list
      punchcard request list acme --all
      punchcard request list --status waiting-for-customer --format json
    """
    from ledger.request_summary import summarize_requests

    wanted = statuses or (STATUSES if shows_all else tuple(set(STATUSES) - _DONE))
    rows: list[dict[str, Any]] = []
    with open_ledger_of(context, as_of, rev, customers) as opened:
        for folder in opened.ledger.read_customers(customers):
            terms = opened.ledger.organization.terms
            for summary in summarize_requests(folder.records, terms, opened.as_of):
                if summary.status.value in wanted and channel in {None, summary.channel.value}:
                    rows.append(summary.to_json())
    click.echo(_format(rows, format_, opened.as_of), nl=False)


def _format(rows: list[dict[str, Any]], format_: str, as_of: date) -> str:
    from ledger.reporters.tabular import format_csv, format_table

    if format_ == "json":
        return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    if format_ == "csv":
        return format_csv(_COLUMNS, rows)
    cells = [_make_row(row) for row in rows]
    return f"{format_table(_HEADERS, cells, right=('worked',))}\nas of {as_of}\n"


def _make_row(row: dict[str, Any]) -> list[str]:
    worked = format_minutes(row["worked_minutes"]) if row["worked_minutes"] else "-"
    plain = [str(row[key] or "-") for key in _HEADERS[:6]]
    return [*plain, worked, row["title"]]
