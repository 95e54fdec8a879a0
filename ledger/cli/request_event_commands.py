"""``punchcard request update`` and ``punchcard request move``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_consultant, complete_customer, complete_request
from ledger.cli.vocabulary import CHANNELS, CHARGED_CATEGORIES, STATUSES
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.draft import Draft, WritingDesk

_BY_HELP = "A consultant, or the address of an account.  [default: the Git author]"
_CATEGORY_HELP = f"What it is charged as from then on: {', '.join(CHARGED_CATEGORIES)}."


@click.command("update")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("request", shell_complete=complete_request)
@click.option("--status", type=click.Choice(STATUSES), help="Where the request stands now.")
@click.option("-m", "--note", help="The customer reads this.")
@click.option(
    "--category",
    type=click.Choice(CHARGED_CATEGORIES),
    metavar="CATEGORY",
    help=_CATEGORY_HELP,
)
@click.option("--by", metavar="PERSON", shell_complete=complete_consultant, help=_BY_HELP)
@writing_options
@click.pass_context
def update_command(
    context: click.Context,
    customer: str,
    request: str,
    status: str | None,
    note: str | None,
    category: str | None,
    by: str | None,
    writing: WritingOptions,
) -> int:
    """Add an event to the history of a request: a status, a note, a category.

    \b
    Examples:
      punchcard request update acme ACME-14 --status in-progress -m "Call booked for Tuesday."
      punchcard request update acme 14 -m "The folder is uploaded." --by dana@acme.example
      punchcard request update acme ACME-14 --status resolved --as-of 2026-11-20 --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.free_text import read_text
        from ledger.writing.request_records import NewEvent, draft_event

        new = NewEvent(
            request=request,
            date=day,
            by=by,
            status=status,
            note=note and read_text("note", note),
            category=category,
        )
        return draft_event(desk, new)

    return write(context, writing, customer, draft)


@click.command("move")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("request", shell_complete=complete_request)
@click.argument("channel", type=click.Choice(CHANNELS))
@click.option("-m", "--note", help="Why; the customer reads this.")
@click.option("--ticket", metavar="NUMBER", help="Its number in the support system.")
@click.option(
    "--category",
    type=click.Choice(CHARGED_CATEGORIES),
    metavar="CATEGORY",
    help=_CATEGORY_HELP,
)
@click.option("--by", metavar="PERSON", shell_complete=complete_consultant, help=_BY_HELP)
@writing_options
@click.pass_context
def move_command(  # noqa: PLR0913, PLR0917  # a parameter an option
    context: click.Context,
    customer: str,
    request: str,
    channel: str,
    note: str | None,
    ticket: str | None,
    category: str | None,
    by: str | None,
    writing: WritingOptions,
) -> int:
    """Move a request to the channel where it belongs: support (free), or punchcard (charged).

    The day of a move belongs to the new channel.

    \b
    Examples:
      punchcard request move acme ACME-14 support --ticket SUP-5120 -m "A how-to question."
      punchcard request move acme ACME-12 punchcard -m "Now about their own groups." --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.free_text import read_line, read_text
        from ledger.writing.request_records import NewEvent, draft_event

        new = NewEvent(
            request=request,
            date=day,
            by=by,
            note=note and read_text("note", note),
            category=category,
            moved_to=channel,
            ticket=ticket and read_line("ticket", ticket),
        )
        return draft_event(desk, new)

    return write(context, writing, customer, draft)
