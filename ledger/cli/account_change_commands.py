"""``punchcard account add``, ``key``, ``reactivate`` and ``remove``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.address_options import address_options
from ledger.cli.completion import complete_account, complete_customer
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.account_records import NewKey
    from ledger.writing.draft import Draft, WritingDesk


@click.command("add")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("email")
@click.argument("name")
@click.option("--no-key", is_flag=True, help="Without a key: a gateway says who people are.")
@address_options
@writing_options
@click.pass_context
def add_command(
    context: click.Context,
    customer: str,
    email: str,
    name: str,
    no_key: bool,
    domain: str | None,
    layout: str,
    writing: WritingOptions,
) -> int:
    """Add an account for a person of a customer, and show the invitation to send.

    The invitation holds a new key. It is shown this once; only a hash of it is kept.

    \b
    Examples:
      punchcard account add nordlys-rail sigrid@nordlys.example "Sigrid Aas"
      punchcard account add nordlys-rail per@nordlys.example "Per Lie" --date 2026-11-19 --commit
    """
    key = None if no_key else _make_key(customer, domain, layout)

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.account_records import draft_account
        from ledger.writing.free_text import read_line

        address, person = read_line("address", email), read_line("name", name)
        return draft_account(desk, address, person, day, key)

    return write(context, writing, customer, draft)


@click.command("key")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("email", shell_complete=complete_account)
@address_options
@writing_options
@click.pass_context
def key_command(
    context: click.Context,
    customer: str,
    email: str,
    domain: str | None,
    layout: str,
    writing: WritingOptions,
) -> int:
    """Give a person a new key, and show the invitation to send; the old key ends.

    The key is shown this once; only a hash of it is kept.

    \b
    Examples:
      punchcard account key acme dana@acme.example
      punchcard account key acme dana@acme.example --domain portals.tracewell.example --commit
    """
    key = _make_key(customer, domain, layout)

    def draft(desk: WritingDesk, _day: date) -> Draft:
        from ledger.writing.account_records import draft_key

        return draft_key(desk, email, key)

    return write(context, writing, customer, draft)


def _make_key(customer: str, domain: str | None, layout: str) -> NewKey:
    from ledger.access_keys import hash_key, make_key
    from ledger.portal_address import make_address
    from ledger.writing.account_records import NewKey

    link = None if domain is None else make_address(domain, layout).find_link(customer)
    key = make_key()
    return NewKey(key, hash_key(key), link)


@click.command("reactivate")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("email", shell_complete=complete_account)
@writing_options
@click.pass_context
def reactivate_command(
    context: click.Context, customer: str, email: str, writing: WritingOptions
) -> int:
    """Let somebody in again whose account was disabled for inactivity.

    \b
    Examples:
      punchcard account reactivate acme priya@acme.example
      punchcard account reactivate acme priya@acme.example --date 2026-11-19 --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.account_records import draft_reactivation

        return draft_reactivation(desk, email, day)

    return write(context, writing, customer, draft)


@click.command("remove")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("email", shell_complete=complete_account)
@writing_options
@click.pass_context
def remove_command(
    context: click.Context, customer: str, email: str, writing: WritingOptions
) -> int:
    """Remove an account; the date is its last day. What the person did stays on record.

    \b
    Examples:
      punchcard account remove acme priya@acme.example
      punchcard account remove acme priya@acme.example --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.account_records import draft_removal

        return draft_removal(desk, email, day)

    return write(context, writing, customer, draft)
