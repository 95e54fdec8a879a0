"""``punchcard buy``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_customer
from ledger.cli.value_types import MONEY
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.draft import Draft, WritingDesk


@click.command("buy")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("cards", type=click.IntRange(1, 999_999))
@click.option("--amount", type=MONEY, help="What was paid.  [default: the list price]")
@click.option("--invoice", metavar="NUMBER", help="The invoice's number.")
@click.option("--price-note", metavar="TEXT", help="Why the amount is not the list price.")
@writing_options
@click.pass_context
def buy_command(
    context: click.Context,
    customer: str,
    cards: int,
    amount: Decimal | None,
    invoice: str | None,
    price_note: str | None,
    writing: WritingOptions,
) -> int:
    """Record the sale of CARDS punchcards.

    \b
    Examples:
      punchcard buy acme 2 --invoice INV-2026-201 --commit
      punchcard buy hoshizora 10 --amount 9000 --price-note "Volume discount, 10 %"
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.free_text import read_line, read_text
        from ledger.writing.sale_records import NewPurchase, draft_purchase

        new = NewPurchase(
            punchcards=cards,
            date=day,
            amount=amount,
            invoice=invoice and read_line("invoice", invoice),
            price_note=price_note and read_text("price note", price_note),
        )
        return draft_purchase(desk, new)

    return write(context, writing, customer, draft)
