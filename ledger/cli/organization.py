"""``punchcard consultant`` and ``terms``: what all customers share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import click

from ledger.cli import options
from ledger.cli.main import CommandGroup
from ledger.cli.options import Reading, Writing
from ledger.cli.printing import print_list
from ledger.cli.value_types import DAY, NONE, PRICE, SETTING

_COLUMNS = ("handle", "name", "emails", "until")


@click.group("consultant", cls=CommandGroup)
def consultant() -> None:
    """Add and list the people who may log time.

    \b
    Examples:
      punchcard consultant add noor "Noor Haddad" noor@tracewell.example
      punchcard consultant list
    """


@consultant.command("add", short_help="Add a consultant.")
@click.argument("handle")
@click.argument("name")
@click.argument("emails", metavar="EMAIL...", nargs=-1, required=True)
@options.setting_options
def add_command(emails: tuple[str, ...], writing: Writing, **fields: Any) -> int:
    """Add a consultant, who is known by HANDLE and by the addresses that Git puts into commits.

    \b
    Examples:
      punchcard consultant add noor "Noor Haddad" noor@tracewell.example
      punchcard consultant add li "Li Na" li@tracewell.example li@home.example --commit
    """
    from ledger.writing.organization import draft_consultant

    return writing.write(
        None,
        lambda desk, _day, **cleaned: draft_consultant(desk, emails=emails, **cleaned),
        **fields,
    )


@consultant.command("list", short_help="List consultants.")
@options.reading_options("table", "json", "csv")
def list_command(reading: Reading) -> None:
    """List who may log time, with their Git addresses and last working days.

    \b
    Examples:
      punchcard consultant list
      punchcard consultant list --format json
    """
    from ledger.balance.json_values import select_fields

    with reading.open() as opened:
        people = opened.ledger.organization.consultants
        rows = [
            {**select_fields(each, "handle", "name"), "emails": " ".join(each.emails)}
            | select_fields(each, "until")
            for each in people
        ]
    print_list(reading.format_, rows, _COLUMNS, dict(zip(_COLUMNS, _COLUMNS, strict=True)))


@click.group("terms", cls=CommandGroup)
def terms() -> None:
    """Add terms of sale.

    \b
    Examples:
      punchcard terms add --from 2027-01-01 --price EUR=980
    """


@terms.command("add", short_help="Add terms that hold from a day on.")
@click.option("--from", "first", type=DAY, required=True, help="The first day of the new terms.")
@click.option(
    "--price",
    "prices",
    type=PRICE,
    metavar="CURRENCY=AMOUNT",
    multiple=True,
    help="What a punchcard costs. May be given more than once.",
)
@click.option(
    "--set",
    "settings",
    type=SETTING,
    metavar="KEY=VALUE",
    multiple=True,
    help=f"Another value of terms.yml, like increment_minutes=30; {NONE} for none. May be given "
    "more than once.",
)
@click.option(
    "--agreement",
    nargs=2,
    metavar="VERSION LINK",
    help="The service agreement that covers purchases from then on.",
)
@options.setting_options
def add_terms_command(
    first: date,
    prices: tuple[tuple[str, Decimal], ...],
    settings: tuple[tuple[str, int | str | None], ...],
    agreement: tuple[str, str] | None,
    writing: Writing,
) -> int:
    """Add terms: a copy of those that hold on that day, with what is said changed.

    Terms in force stay as they are, and what was sold and recorded stays under them.

    \b
    Examples:
      punchcard terms add --from 2027-01-01 --price EUR=980
      punchcard terms add --from 2027-01-01 --set punchcard_validity_months=24 --commit
    """
    from ledger.writing.organization import draft_terms

    return writing.write(
        None,
        lambda desk, _day: draft_terms(desk, first, dict(prices), dict(settings), agreement),
    )
