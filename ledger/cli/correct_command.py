"""``punchcard correct``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_consultant, complete_customer, complete_entry
from ledger.cli.value_types import DURATION
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.draft import Draft, WritingDesk


@click.command("correct")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("entry", shell_complete=complete_entry)
@click.argument("duration", type=DURATION)
@click.option("-m", "--note", required=True, help="Why; the customer reads this.")
@click.option("--internal-note", metavar="TEXT", help="The customer never reads this.")
@click.option(
    "--as",
    "consultant",
    metavar="CONSULTANT",
    shell_complete=complete_consultant,
    help="Who corrects it.  [default: who has the Git author's address]",
)
@writing_options
@click.pass_context
def correct_command(
    context: click.Context,
    customer: str,
    entry: str,
    duration: int,
    note: str,
    internal_note: str | None,
    consultant: str | None,
    writing: WritingOptions,
) -> int:
    """Take back DURATION of an earlier time entry.

    ENTRY is the entry's full name; for one of your own of this month its id will do. The entry
    itself stays as it is.

    \b
    Examples:
      punchcard correct acme 2026-11-ben/20-1 15m -m "This was product support."
      punchcard correct acme 13-1 15m -m "Logged a quarter too much." --as alice --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.free_text import read_text
        from ledger.writing.time_records import NewCorrection, draft_correction

        new = NewCorrection(
            entry=entry,
            minutes=duration,
            note=read_text("note", note),
            date=day,
            consultant=consultant,
            internal_note=internal_note and read_text("internal note", internal_note),
        )
        return draft_correction(desk, new)

    return write(context, writing, customer, draft)
