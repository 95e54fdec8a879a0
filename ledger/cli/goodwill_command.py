"""``punchcard goodwill``."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_customer
from ledger.cli.value_types import DURATION
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.draft import Draft, WritingDesk


@click.command("goodwill")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("duration", type=DURATION)
@click.option("-m", "--reason", required=True, help="Why; the customer reads this.")
@writing_options
@click.pass_context
def goodwill_command(
    context: click.Context, customer: str, duration: int, reason: str, writing: WritingOptions
) -> int:
    """Give a customer DURATION free of charge.

    \b
    Examples:
      punchcard goodwill acme 1h -m "Our outage cut the session of 18 November short."
      punchcard goodwill hoshizora 30m -m "We were late for the call." --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.free_text import read_text
        from ledger.writing.sale_records import NewGoodwill, draft_goodwill

        return draft_goodwill(desk, NewGoodwill(duration, read_text("reason", reason), day))

    return write(context, writing, customer, draft)
