"""``punchcard account add``, ``seen``, ``reactivate`` and ``remove``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_account, complete_customer
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.draft import Draft, WritingDesk


@click.command("add")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("email")
@click.argument("name")
@writing_options
@click.pass_context
def add_command(
    context: click.Context, customer: str, email: str, name: str, writing: WritingOptions
) -> int:
    """Add an account for a person of a customer.

    \b
    Examples:
      punchcard account add nordlys-rail sigrid@nordlys.example "Sigrid Aas"
      punchcard account add nordlys-rail per@nordlys.example "Per Lie" --date 2026-11-19 --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.account_records import draft_account
        from ledger.writing.free_text import read_line

        address, person = read_line("address", email), read_line("name", name)
        return draft_account(desk, address, person, day)

    return write(context, writing, customer, draft)


@click.command("seen")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("email", shell_complete=complete_account)
@writing_options
@click.pass_context
def seen_command(context: click.Context, customer: str, email: str, writing: WritingOptions) -> int:
    """Record the last day on which somebody signed in; an earlier day changes nothing.

    \b
    Examples:
      punchcard account seen acme dana@acme.example
      punchcard account seen acme dana@acme.example --date 2026-11-20 --commit
    """
    from ledger.writing.draft import NothingToWriteError

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.account_records import draft_sign_in

        return draft_sign_in(desk, email, day)

    try:
        return write(context, writing, customer, draft)
    except NothingToWriteError as reason:
        click.echo(f"nothing to write: {reason}")
        return 0


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
