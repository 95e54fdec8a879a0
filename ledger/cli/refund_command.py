"""``punchcard refund``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_customer
from ledger.cli.value_types import DURATION, MONEY
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.draft import Draft, WritingDesk


@click.command("refund")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("purchase")
@click.argument("duration", type=DURATION)
@click.option("-m", "--reason", required=True, help="Why; the customer reads this.")
@click.option(
    "--amount", type=MONEY, help="What is paid back.  [default: these minutes' share of the price]"
)
@writing_options
@click.pass_context
def refund_command(
    context: click.Context,
    customer: str,
    purchase: str,
    duration: int,
    reason: str,
    amount: Decimal | None,
    writing: WritingOptions,
) -> int:
    """Take DURATION of unused time of a PURCHASE back, and return money for it.

    \b
    Examples:
      punchcard refund acme P2 5h -m "The second site is not rolled out."
      punchcard refund acme P2 2h --amount 350 -m "Agreed with their purchasing." --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.free_text import read_text
        from ledger.writing.sale_records import NewRefund, draft_refund

        new = NewRefund(purchase, duration, read_text("reason", reason), day, amount)
        return draft_refund(desk, new)

    return write(context, writing, customer, draft)
