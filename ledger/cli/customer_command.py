"""``punchcard customer``: the group, ``add`` and ``list``."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.options import DAY, as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.vocabulary import LICENCE_TYPES
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.customer_record import NewLicence
    from ledger.writing.draft import Draft, WritingDesk

_COLUMNS = ("customer", "name", "key", "currency")
_NO_END = "-"


@click.group("customer")
def customer() -> None:
    """Add and list customers.

    \b
    Examples:
      punchcard customer add brightwater --name "Brightwater Ferries" --key BWF --currency USD
      punchcard customer list
    """


@customer.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="The name that people read.")
@click.option("--key", required=True, help="Prefix of its request ids, like ACME.")
@click.option("--currency", required=True, help="Of its purchases, like USD.")
@click.option(
    "--licence",
    "licences",
    type=(str, click.Choice(LICENCE_TYPES), str),
    metavar="PRODUCT TYPE UNTIL",
    multiple=True,
    help=f"A licence it holds: {', '.join(LICENCE_TYPES)}; {_NO_END} for one without an end. "
    "May be given more than once.",
)
@writing_options
@click.pass_context
def add_command(
    context: click.Context,
    slug: str,
    name: str,
    key: str,
    currency: str,
    licences: tuple[tuple[str, str, str], ...],
    writing: WritingOptions,
) -> int:
    """Add a customer; SLUG becomes the name of its folder.

    \b
    Examples:
      punchcard customer add brightwater --name "Brightwater Ferries" --key BWF --currency USD
      punchcard customer add fjord --name "Fjord Labs" --key FJL --currency EUR --licence "Tracewell Tests" academic 2027-06-30 --commit
    """  # noqa: E501  # an example is pasted as it stands
    held = [_read_licence(context, *licence) for licence in licences]

    def draft(desk: WritingDesk, _day: date) -> Draft:
        from ledger.writing.customer_record import NewCustomer, draft_customer
        from ledger.writing.free_text import read_line

        return draft_customer(desk, NewCustomer(slug, read_line("name", name), key, currency, held))

    return write(context, writing, slug, draft, is_new=True)


@customer.command("list")
@as_of_option
@rev_option
@format_option("table", "json", "csv")
@click.pass_context
def list_command(context: click.Context, as_of: date | None, rev: str | None, format_: str) -> None:
    """List customers with the names of their folders, which all commands take.

    \b
    Examples:
      punchcard customer list
      punchcard customer list --format csv
    """
    from ledger.reporters.tabular import format_csv, format_table

    with open_ledger_of(context, as_of, rev) as opened:
        rows = [
            _to_json(folder.slug, folder.records.customer)
            for folder in opened.ledger.read_customers()
        ]
    if format_ == "json":
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
    elif format_ == "csv":
        click.echo(format_csv(_COLUMNS, rows), nl=False)
    else:
        click.echo(format_table(_COLUMNS, [list(row.values()) for row in rows]))


def _to_json(slug: str, found: Any) -> dict[str, str]:
    return {
        "customer": slug,
        "name": found.name,
        "key": found.key,
        "currency": found.currency,
    }


def _read_licence(context: click.Context, product: str, type_: str, until: str) -> NewLicence:
    from ledger.writing.customer_record import NewLicence
    from ledger.writing.free_text import read_line

    last = None if until == _NO_END else DAY.convert(until, None, context)
    return NewLicence(read_line("product", product), type_, last)
