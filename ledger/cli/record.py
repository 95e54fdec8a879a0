"""``punchcard log``, ``correct``, ``buy``, ``refund`` and ``goodwill``: time and sales."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import options
from ledger.cli.completion import complete
from ledger.cli.options import Writing
from ledger.cli.value_types import CATEGORIES, DURATION, MONEY, ROUNDINGS
from ledger.errors import LedgerError
from ledger.text import suggest_name

if TYPE_CHECKING:
    from ledger.models import CustomerRecords

_DONE = frozenset({"resolved", "closed"})


@click.command("log")
@click.argument("customer", required=False, shell_complete=complete)
@click.argument("request", required=False, shell_complete=complete)
@click.argument("duration", required=False, type=DURATION)
@click.option("-m", "--note", help="What was done; the customer reads this.")
@click.option("--internal-note", metavar="TEXT", help="The customer never reads this.")
@click.option(
    "--category",
    type=click.Choice(CATEGORIES),
    metavar="CATEGORY",
    help=f"What the time is charged as: {', '.join(CATEGORIES)}.  [default: the request's]",
)
@options.consultant_option("Whose time it is.")
@click.option(
    "--round",
    "rounding",
    type=click.Choice(ROUNDINGS),
    help="Round to the step of the terms; the note keeps the true duration.",
)
@options.writing_options
def log_command(
    customer: str | None,
    request: str | None,
    duration: int | None,
    note: str | None,
    rounding: str | None,
    writing: Writing,
    **fields: Any,
) -> int:
    """Log time on a request.

    DURATION is written like 45m, 1h, 1h15m, 1:15, 1.25h or 75 (minutes). What is missing is asked
    for on a terminal, and only there.

    \b
    Examples:
      punchcard log acme ACME-14 45m -m "Sketched the export with the release manager."
      punchcard log acme 14 1h15m -m "Built the first draft of the export." --as ben --commit
      punchcard log acme ACME-14 20m -m "Answered two questions." --round up --date 2026-11-19
    """
    from ledger.writing.time_entries import Rounding, draft_entry

    if customer is None or request is None or duration is None or note is None:
        customer, request, duration, note = _ask(customer, request, duration, note)
    fields |= {"request": request, "minutes": duration, "note": note}
    return writing.write(customer, draft_entry, rounding=rounding and Rounding(rounding), **fields)


@click.command("correct")
@options.customer_argument
@click.argument("entry", shell_complete=complete)
@click.argument("duration", type=DURATION)
@click.option("-m", "--note", required=True, help="Why; the customer reads this.")
@click.option("--internal-note", metavar="TEXT", help="The customer never reads this.")
@options.consultant_option("Who corrects it.")
@options.writing_options
def correct_command(customer: str, duration: int, writing: Writing, **fields: Any) -> int:
    """Take back DURATION of an earlier time entry.

    ENTRY is the entry's full name; for one of your own of this month its id will do. The entry
    itself stays as it is.

    \b
    Examples:
      punchcard correct acme 2026-11-ben/20-1 15m -m "This was product support."
      punchcard correct acme 13-1 15m -m "Logged a quarter too much." --as alice --commit
    """
    from ledger.writing.time_entries import draft_correction

    return writing.write(customer, draft_correction, minutes=duration, **fields)


@click.command("buy")
@options.customer_argument
@click.argument("cards", type=click.IntRange(1, 999_999))
@click.option("--amount", type=MONEY, help="What was paid.  [default: the list price]")
@click.option("--invoice", metavar="NUMBER", help="The invoice's number.")
@click.option("--price-note", metavar="TEXT", help="Why the amount is not the list price.")
@options.writing_options
def buy_command(customer: str, cards: int, writing: Writing, **fields: Any) -> int:
    """Record the sale of CARDS punchcards.

    \b
    Examples:
      punchcard buy acme 2 --invoice INV-2026-201 --commit
      punchcard buy hoshizora 10 --amount 9000 --price-note "Volume discount, 10 %"
    """
    from ledger.writing.sales import draft_purchase

    return writing.write(customer, draft_purchase, punchcards=cards, **fields)


@click.command("refund")
@options.customer_argument
@click.argument("purchase")
@click.argument("duration", type=DURATION)
@options.reason_option
@click.option(
    "--amount", type=MONEY, help="What is paid back.  [default: these minutes' share of the price]"
)
@options.writing_options
def refund_command(customer: str, duration: int, writing: Writing, **fields: Any) -> int:
    """Take DURATION of unused time of a PURCHASE back, and return money for it.

    \b
    Examples:
      punchcard refund acme P2 5h -m "The second site is not rolled out."
      punchcard refund acme P2 2h --amount 350 -m "Agreed with their purchasing." --commit
    """
    from ledger.writing.sales import draft_refund

    return writing.write(customer, draft_refund, minutes=duration, **fields)


@click.command("goodwill")
@options.customer_argument
@click.argument("duration", type=DURATION)
@options.reason_option
@options.writing_options
def goodwill_command(customer: str, duration: int, reason: str, writing: Writing) -> int:
    """Give a customer DURATION free of charge.

    \b
    Examples:
      punchcard goodwill acme 1h -m "Our outage cut the session of 18 November short."
      punchcard goodwill hoshizora 30m -m "We were late for the call." --commit
    """
    from ledger.writing.sales import draft_goodwill

    return writing.write(customer, draft_goodwill, minutes=duration, reason=reason)


def _ask(
    customer: str | None, request: str | None, duration: int | None, note: str | None
) -> tuple[str, str, int, str]:
    """Ask on a terminal for what is None, and return all four."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        names, given = ("CUSTOMER", "REQUEST", "DURATION", "-m NOTE"), (customer, request, duration)
        missing = [name for name, value in zip(names, (*given, note), strict=True) if value is None]
        raise click.UsageError(f"missing: {', '.join(missing)}", click.get_current_context())
    if customer is None:
        with options.open_ledger_of(None) as opened:
            customer = _choose("Customer", dict.fromkeys(opened.ledger.slugs, ""))
    if request is None:
        with options.open_ledger_of(None, None, (customer,)) as opened:
            request = _choose_request(opened.ledger.read_customer(customer).records, opened.as_of)
    if duration is None:
        duration = int(click.prompt("How long (45m, 1h15m)", type=DURATION))
    while not note or not note.strip():
        note = str(click.prompt("What was done (the customer reads this)", type=str))
    return customer, request, duration, note


def _choose_request(records: CustomerRecords, as_of: date) -> str:
    titles = {
        name: request.title
        for name, request in records.requests.items()
        if request.opened <= as_of and request.status_on(as_of).value not in _DONE
    }
    if not titles:
        raise LedgerError(
            f"{records.slug} has no open request", "open one with punchcard request open"
        )
    return _choose("Request", titles, records)


def _choose(what: str, titles: Mapping[str, str], records: CustomerRecords | None = None) -> str:
    """Show names with their titles, and ask until one is named, or its number in the list.

    A request may also be one of the ``records`` that is not in the list.
    """
    from ledger.writing.requests import find_request

    names, width = list(titles), max(map(len, titles))
    for number, (name, title) in enumerate(titles.items(), start=1):
        click.echo(f"{number:>4}  {name:<{width}}  {title}".rstrip())
    while True:
        answer = click.prompt(what, type=str).strip()
        if answer.isdecimal() and 0 < int(answer) <= len(names):
            return names[int(answer) - 1]
        starts = [name for name in names if name.casefold().startswith(answer.casefold())]
        if answer in names:
            return str(answer)
        if len(starts) == 1:
            return starts[0]
        if records is not None:
            with suppress(LedgerError):
                return find_request(records, answer)
        click.echo(f"there is no {answer!r} {suggest_name(answer, names)}".rstrip())
