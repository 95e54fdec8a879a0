"""``punchcard buy``, ``refund`` and ``goodwill``."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_customer
from ledger.cli.options import Writing, writing_options
from ledger.cli.value_types import DURATION, MONEY

if TYPE_CHECKING:
    from ledger.writing.draft import Draft, WritingDesk


@click.command("buy")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("cards", type=click.IntRange(1, 999_999))
@click.option("--amount", type=MONEY, help="What was paid.  [default: the list price]")
@click.option("--invoice", metavar="NUMBER", help="The invoice's number.")
@click.option("--price-note", metavar="TEXT", help="Why the amount is not the list price.")
@writing_options
def buy_command(
    customer: str,
    cards: int,
    amount: Decimal | None,
    invoice: str | None,
    price_note: str | None,
    writing: Writing,
) -> int:
    """Record the sale of CARDS punchcards.

    \b
    Examples:
      punchcard buy acme 2 --invoice INV-2026-201 --commit
      punchcard buy hoshizora 10 --amount 9000 --price-note "Volume discount, 10 %"
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.field_text import read_line, read_text
        from ledger.writing.sales import draft_purchase

        return draft_purchase(
            desk,
            day,
            punchcards=cards,
            amount=amount,
            invoice=invoice and read_line("invoice", invoice),
            price_note=price_note and read_text("price note", price_note),
        )

    return writing.write(customer, draft)


@click.command("refund")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("purchase")
@click.argument("duration", type=DURATION)
@click.option("-m", "--reason", required=True, help="Why; the customer reads this.")
@click.option(
    "--amount", type=MONEY, help="What is paid back.  [default: these minutes' share of the price]"
)
@writing_options
def refund_command(
    customer: str,
    purchase: str,
    duration: int,
    reason: str,
    amount: Decimal | None,
    writing: Writing,
) -> int:
    """Take DURATION of unused time of a PURCHASE back, and return money for it.

    \b
    Examples:
      punchcard refund acme P2 5h -m "The second site is not rolled out."
      punchcard refund acme P2 2h --amount 350 -m "Agreed with their purchasing." --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.field_text import read_text
        from ledger.writing.sales import draft_refund

        return draft_refund(
            desk,
            day,
            purchase=purchase,
            minutes=duration,
            amount=amount,
            reason=read_text("reason", reason),
        )

    return writing.write(customer, draft)


@click.command("goodwill")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("duration", type=DURATION)
@click.option("-m", "--reason", required=True, help="Why; the customer reads this.")
@writing_options
def goodwill_command(customer: str, duration: int, reason: str, writing: Writing) -> int:
    """Give a customer DURATION free of charge.

    \b
    Examples:
      punchcard goodwill acme 1h -m "Our outage cut the session of 18 November short."
      punchcard goodwill hoshizora 30m -m "We were late for the call." --commit
    """

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.field_text import read_text
        from ledger.writing.sales import draft_goodwill

        return draft_goodwill(desk, day, minutes=duration, reason=read_text("reason", reason))

    return writing.write(customer, draft)
