"""``punchcard customer``: ``add``, ``edit`` and ``list``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import click

from ledger.cli import options
from ledger.cli.main import CommandGroup
from ledger.cli.options import Reading, Writing
from ledger.cli.printing import print_list
from ledger.cli.value_types import DAY_OR_NONE, DURATION_OR_NONE, LICENCE_TYPES, NONE

_COLUMNS = ("customer", "name", "key", "currency")
_Licences = tuple[tuple[str, str, date | None], ...]

_licence_option = click.option(
    "--licence",
    "licences",
    type=(str, click.Choice(LICENCE_TYPES), DAY_OR_NONE),
    metavar="PRODUCT TYPE UNTIL",
    multiple=True,
    help=f"A licence it holds: {', '.join(LICENCE_TYPES)}; {NONE} for one without an end. "
    "May be given more than once.",
)


@click.group("customer", cls=CommandGroup)
def customer() -> None:
    """Add, edit and list customers.

    \b
    Examples:
      punchcard customer add brightwater --name "Brightwater Ferries" --key BWF --currency USD
      punchcard customer edit acme --language de
      punchcard customer list
    """


@customer.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="The name that people read.")
@click.option("--key", required=True, help="Prefix of its request ids, like ACME.")
@click.option("--currency", required=True, help="Of its purchases, like USD.")
@_licence_option
@options.setting_options
def add_command(slug: str, licences: _Licences, writing: Writing, **fields: Any) -> int:
    """Add a customer; SLUG becomes the name of its folder.

    \b
    Examples:
      punchcard customer add brightwater --name "Brightwater Ferries" --key BWF --currency USD
      punchcard customer add fjord --name "Fjord Labs" --key FJL --currency EUR --licence "Tracewell Tests" academic 2027-06-30 --commit
    """  # noqa: E501  # an example is pasted as it stands
    from ledger.writing.customers import draft_customer

    held = _read_licences(licences)
    return writing.write(
        slug,
        lambda desk, _day, **cleaned: draft_customer(desk, slug, licences=held, **cleaned),
        is_new=True,
        **fields,
    )


@customer.command("edit", short_help="Change what customer.yml says.")
@options.customer_argument
@click.option("--name", help="The name that people read.")
@click.option("--language", help=f"Of its portal, like de; {NONE} for that of all portals.")
@click.option(
    "--overdraft",
    "overdraft_minutes",
    type=DURATION_OR_NONE,
    metavar="DURATION",
    help=f"How far it may go below zero, like 2h; {NONE} for what the terms say.",
)
@_licence_option
@click.option(
    "--service",
    "services",
    type=(str, DAY_OR_NONE),
    metavar="NAME COMPLETED",
    multiple=True,
    help=f"Another service it has; {NONE} while it is running. May be given more than once.",
)
@options.setting_options
def edit_command(
    customer: str,
    licences: _Licences,
    services: tuple[tuple[str, date | None], ...],
    writing: Writing,
    **fields: Any,
) -> int:
    """Change a customer: its name, its portal's language, its overdraft, licences and services.

    A licence or a service that it has gets another end; any other one is added. The key and the
    currency stay: ids of requests and amounts go by them.

    \b
    Examples:
      punchcard customer edit acme --name "Acme Robotics SE" --language de --commit
      punchcard customer edit acme --overdraft 2h --service "Rollout project" 2026-11-19
      punchcard customer edit acme --licence "Trace for Jira" commercial 2028-03-31 --dry-run
    """
    from ledger.writing.customers import draft_customer_changes
    from ledger.writing.field_text import read_line

    values: dict[str, Any] = {
        key: None if value == NONE else value for key, value in fields.items() if value is not None
    }
    listed: dict[str, list[Mapping[str, Any]]] = {
        "licences": _read_licences(licences),
        "services": [
            {"name": read_line("service", name), "completed": day} for name, day in services
        ],
    }
    return writing.write(
        customer,
        lambda desk, _day, **changed: draft_customer_changes(desk, changed, listed),
        **values,
    )


@customer.command("list", short_help="List customers.")
@options.reading_options("table", "json", "csv")
def list_command(reading: Reading) -> None:
    """List customers with the names of their folders, which all commands take.

    \b
    Examples:
      punchcard customer list
      punchcard customer list --format csv
    """
    from ledger.balance.json_values import select_fields

    with reading.open() as opened:
        rows = [
            {"customer": folder.slug}
            | select_fields(folder.records.customer, "name", "key", "currency")
            for folder in opened.ledger.read_customers()
        ]
    print_list(reading.format_, rows, _COLUMNS, dict(zip(_COLUMNS, _COLUMNS, strict=True)))


def _read_licences(licences: _Licences) -> list[Mapping[str, Any]]:
    from ledger.writing.field_text import read_line

    return [
        {"product": read_line("product", product), "type": type_, "until": until}
        for product, type_, until in licences
    ]
