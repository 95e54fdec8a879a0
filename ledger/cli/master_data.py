"""``punchcard customer``, ``consultant`` and ``terms``: what all other records refer to."""

from datetime import date
from decimal import Decimal
from typing import Any

import click

from ledger.cli import arguments, lazy, options
from ledger.cli.arguments import DAY_OR_NONE, LICENCE_TYPES, NONE
from ledger.cli.main import CommandGroup
from ledger.cli.options import Reading, Writing
from ledger.cli.printing import print_list

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
    fields["licences"] = _read_licences(licences)
    return writing.write(slug, lazy.customers.draft_customer, is_new=True, **fields)


@customer.command("edit", short_help="Change what customer.yml says.")
@options.customer_argument
@click.option("--name", help="The name that people read.")
@click.option("--language", help=f"Of its portal, like de; {NONE} for that of all portals.")
@click.option(
    "--overdraft",
    "overdraft_minutes",
    type=arguments.DURATION_OR_NONE,
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
    values: dict[str, Any] = {key: each for key, each in fields.items() if each is not None}
    values |= {key: None for key, each in values.items() if each == NONE}
    read_line = lazy.yaml_text.read_line
    had = [{"name": read_line("service", name), "completed": day} for name, day in services]
    values |= {"licences": _read_licences(licences), "services": had}
    return writing.write(customer, lazy.customers.draft_customer_changes, **values)


@customer.command("list", short_help="List customers.")
@options.reading_options("table", "json", "csv")
def list_command(reading: Reading) -> None:
    """List customers with the names of their folders, which all commands take.

    \b
    Examples:
      punchcard customer list
      punchcard customer list --format csv
    """
    with reading.open() as opened:
        customers = [each.records.customer for each in opened.ledger.read_customers()]
        rows = [
            {"customer": slug, "name": each.name, "key": each.key, "currency": each.currency}
            for slug, each in zip(opened.ledger.slugs, customers, strict=True)
        ]
    print_list(reading.format_, rows, ("customer", "name", "key", "currency"))


def _read_licences(licences: _Licences) -> list[dict[str, Any]]:
    return [
        {"product": lazy.yaml_text.read_line("product", product), "type": type_, "until": until}
        for product, type_, until in licences
    ]


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
def add_consultant_command(writing: Writing, **fields: Any) -> int:
    """Add a consultant, who is known by HANDLE and by the addresses that Git puts into commits.

    \b
    Examples:
      punchcard consultant add noor "Noor Haddad" noor@tracewell.example
      punchcard consultant add li "Li Na" li@tracewell.example li@home.example --commit
    """
    return writing.write(None, lazy.customers.draft_consultant, **fields)


@consultant.command("list", short_help="List consultants.")
@options.reading_options("table", "json", "csv")
def list_consultants_command(reading: Reading) -> None:
    """List who may log time, with their Git addresses and last working days.

    \b
    Examples:
      punchcard consultant list
      punchcard consultant list --format json
    """
    with reading.open() as opened:
        people = opened.ledger.organization.consultants
        rows = [{**dict(each), "emails": " ".join(each.emails)} for each in people]
    print_list(reading.format_, rows, ("handle", "name", "emails", "until"))


@click.group("terms", cls=CommandGroup)
def terms() -> None:
    """Add terms of sale.

    \b
    Examples:
      punchcard terms add --from 2027-01-01 --price EUR=980
    """


@terms.command("add", short_help="Add terms that hold from a day on.")
@click.option(
    "--from", "first", type=arguments.DAY, required=True, help="The first day of the new terms."
)
@click.option(
    "--price",
    "prices",
    type=arguments.PRICE,
    metavar="CURRENCY=AMOUNT",
    multiple=True,
    help="What a punchcard costs. May be given more than once.",
)
@click.option(
    "--set",
    "settings",
    type=arguments.SETTING,
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
    prices: tuple[tuple[str, Decimal], ...],
    settings: tuple[tuple[str, int | str | None], ...],
    writing: Writing,
    **fields: Any,
) -> int:
    """Add terms: a copy of those that hold on that day, with what is said changed.

    Terms in force stay as they are, and what was sold and recorded stays under them.

    \b
    Examples:
      punchcard terms add --from 2027-01-01 --price EUR=980
      punchcard terms add --from 2027-01-01 --set punchcard_validity_months=24 --commit
    """
    fields |= {"prices": dict(prices), "settings": dict(settings)}
    return writing.write(None, lazy.customers.draft_terms, **fields)
