"""``punchcard log`` and ``correct``, and the questions that ``log`` asks on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.completion import (
    complete_consultant,
    complete_customer,
    complete_entry,
    complete_request,
)
from ledger.cli.options import Writing, open_ledger_of, writing_options
from ledger.cli.value_types import CATEGORIES, DURATION, ROUNDINGS
from ledger.errors import LedgerError
from ledger.text import suggest_name

if TYPE_CHECKING:
    from ledger.models.customer_records import CustomerRecords
    from ledger.writing.draft import Draft, WritingDesk

_DONE = frozenset({"resolved", "closed"})


@click.command("log")
@click.argument("customer", required=False, shell_complete=complete_customer)
@click.argument("request", required=False, shell_complete=complete_request)
@click.argument("duration", required=False, type=DURATION)
@click.option("-m", "--note", help="What was done; the customer reads this.")
@click.option("--internal-note", metavar="TEXT", help="The customer never reads this.")
@click.option(
    "--category",
    type=click.Choice(CATEGORIES),
    metavar="CATEGORY",
    help=f"What the time is charged as: {', '.join(CATEGORIES)}.  [default: the request's]",
)
@click.option(
    "--as",
    "consultant",
    metavar="CONSULTANT",
    shell_complete=complete_consultant,
    help="Whose time it is.  [default: who has the Git author's address]",
)
@click.option(
    "--round",
    "rounding",
    type=click.Choice(ROUNDINGS),
    help="Round to the step of the terms; the note keeps the true duration.",
)
@writing_options
def log_command(
    customer: str | None,
    request: str | None,
    duration: int | None,
    note: str | None,
    writing: Writing,
    **said: Any,
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
    if customer is None or request is None or duration is None or note is None:
        customer, request, duration, note = _ask(customer, request, duration, note)
    internal_note, rounding = said.pop("internal_note"), said.pop("rounding")

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.field_text import read_text
        from ledger.writing.time_entries import Rounding, draft_entry

        return draft_entry(
            desk,
            day,
            request=request,
            minutes=duration,
            note=read_text("note", note),
            internal_note=internal_note and read_text("internal note", internal_note),
            rounding=rounding and Rounding(rounding),
            **said,
        )

    return writing.write(customer, draft)


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
def correct_command(
    customer: str,
    entry: str,
    duration: int,
    note: str,
    internal_note: str | None,
    consultant: str | None,
    writing: Writing,
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
        from ledger.writing.field_text import read_text
        from ledger.writing.time_entries import draft_correction

        return draft_correction(
            desk,
            day,
            entry=entry,
            minutes=duration,
            note=read_text("note", note),
            consultant=consultant,
            internal_note=internal_note and read_text("internal note", internal_note),
        )

    return writing.write(customer, draft)


def _ask(
    customer: str | None, request: str | None, duration: int | None, note: str | None
) -> tuple[str, str, int, str]:
    """Ask on a terminal for what is None, and return all four."""
    context = click.get_current_context()
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        given = {
            "CUSTOMER": customer,
            "REQUEST": request,
            "DURATION": duration,
            "-m NOTE": note,
        }
        missing = [name for name, value in given.items() if value is None]
        raise click.UsageError(f"missing: {', '.join(missing)}", context)
    if customer is None:
        with open_ledger_of(context, None) as opened:
            customer = _choose("Customer", [(slug, "") for slug in opened.ledger.slugs])
    if request is None:
        with open_ledger_of(context, None, None, (customer,)) as opened:
            request = _choose_request(opened.ledger.read_customer(customer).records, opened.as_of)
    if duration is None:
        duration = int(click.prompt("How long (45m, 1h15m)", type=DURATION))
    while not note or not note.strip():
        note = str(click.prompt("What was done (the customer reads this)", type=str))
    return customer, request, duration, note


def _choose_request(records: CustomerRecords, as_of: date) -> str:
    requests = [
        (name, request.title)
        for name, request in records.requests.items()
        if request.opened <= as_of and request.status_on(as_of).value not in _DONE
    ]
    if not requests:
        raise LedgerError(
            f"{records.slug} has no open request", "open one with punchcard request open"
        )
    return _choose("Request", requests, records)


def _choose(
    what: str, choices: Sequence[tuple[str, str]], records: CustomerRecords | None = None
) -> str:
    """Show choices and ask until one is named, or its number in the list."""
    width = max(len(name) for name, _title in choices)
    for number, (name, title) in enumerate(choices, start=1):
        click.echo(f"{number:>4}  {name:<{width}}  {title}".rstrip())
    names = [name for name, _title in choices]
    while True:
        answer = click.prompt(what, type=str).strip()
        if answer.isdecimal() and 0 < int(answer) <= len(names):
            return names[int(answer) - 1]
        if found := _match(answer, names, records):
            return found
        click.echo(f"there is no {answer!r} {suggest_name(answer, names)}".rstrip())


def _match(answer: str, names: Sequence[str], records: CustomerRecords | None) -> str | None:
    """Return the name that was typed, in part or in full; or a request that is not in the list."""
    from ledger.writing.requests import find_request

    starts = [name for name in names if name.casefold().startswith(answer.casefold())]
    if len(starts) == 1 or answer in names:
        return answer if answer in names else starts[0]
    if records is None:
        return None
    try:
        return find_request(records, answer)
    except LedgerError:
        return None
