"""What ``punchcard log`` asks on a terminal: customer, request, duration, note."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import click

from ledger.cli.options import open_ledger_of
from ledger.cli.value_types import DURATION
from ledger.customer_records import CustomerRecords
from ledger.errors import LedgerError
from ledger.models import Status
from ledger.nearest_name import suggest_name
from ledger.writing.time_records import find_request

_DONE = frozenset({Status.RESOLVED, Status.CLOSED})


def ask_for_entry(
    context: click.Context,
    customer: str | None,
    request: str | None,
    duration: int | None,
    note: str | None,
) -> tuple[str, str, int, str]:
    """Ask for what is None, and return all four."""
    if customer is None:
        with open_ledger_of(context, None) as opened:
            customer = _choose("Customer", [(slug, "") for slug in opened.ledger.slugs])
    if request is None:
        with open_ledger_of(context, None, None, (customer,)) as opened:
            records = opened.ledger.read_customer(customer).records
            request = _choose_request(records, opened.as_of)
    if duration is None:
        duration = click.prompt("How long (45m, 1h15m)", type=DURATION)
    return customer, request, int(str(duration)), note or _ask_for_note()


def _ask_for_note() -> str:
    note = ""
    while not note.strip():
        note = click.prompt("What was done (the customer reads this)", type=str)
    return note


def _choose_request(records: CustomerRecords, as_of: date) -> str:
    requests = [
        (name, request.title)
        for name, request in records.requests.items()
        if request.opened <= as_of and request.status_on(as_of) not in _DONE
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
    starts = [name for name in names if name.casefold().startswith(answer.casefold())]
    if len(starts) == 1 or answer in names:
        return answer if answer in names else starts[0]
    if records is None:
        return None
    try:
        return find_request(records, answer)
    except LedgerError:
        return None
