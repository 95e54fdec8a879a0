"""``punchcard request triage``: a consultant walks through what is new."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import options
from ledger.cli.options import Writing
from ledger.cli.printing import print_json
from ledger.cli.requests import describe_request
from ledger.cli.value_types import CHANNELS, DURATION
from ledger.duration import format_minutes

if TYPE_CHECKING:
    from ledger.balance.request_summary import RequestSummary
    from ledger.models import Customer


@click.command("triage")
@options.customers_argument
@options.person_option("A consultant.  [default: the Git author]")
@options.writing_options
def triage_command(customers: tuple[str, ...], by: str | None, writing: Writing) -> int:
    """Walk through the requests that have no category, or no answer yet, of some customers or all.

    Of each it shows what is asked, the licences and the balance, and asks whether it is support or
    punchcard work, and for ticket, category, estimate and answer. What you decide on a request is
    one event. Enter skips; Ctrl-C ends, and what is decided stays. Without a terminal use
    request list --new, request update and request move.

    \b
    Examples:
      punchcard request triage
      punchcard request triage acme --commit
    """
    from ledger.balance.request_summary import summarize_requests
    from ledger.balance.summary import compute_balance
    from ledger.writing.requests import draft_event

    with writing.open(customers) as opened:
        terms, as_of = opened.ledger.organization.terms, writing.choose_day(opened.as_of)
        found = [
            (folder.records.customer, compute_balance(folder.records, terms, as_of), summary)
            for folder in opened.ledger.read_customers(customers)
            for summary in summarize_requests(folder.records, terms, as_of)
            if summary.missing
        ]
    if not found:
        if writing.format_ == "json":
            print_json({"nothing_to_write": "nothing is new"})
        else:
            click.echo("nothing is new")
        return 0
    if writing.format_ == "json" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        names = ", ".join(summary.id for _customer, _balance, summary in found)
        raise click.UsageError(
            f"triage asks on a terminal; {names}: see punchcard request list --new, decide with "
            "punchcard request update or move",
            click.get_current_context(),
        )
    for number, (customer, balance, summary) in enumerate(found, start=1):
        click.echo(f"\n{number} of {len(found)}, without {' and '.join(summary.missing)}")
        click.echo("\n".join(_describe(customer, balance.balance_minutes, summary)))
        if decided := _ask(summary, terms.uses_on(as_of).charged):
            fields = {"request": summary.id, "by": by, **decided}
            writing.write(summary.customer, draft_event, **fields)
    return 0


def _describe(customer: Customer, balance: int, summary: RequestSummary) -> Iterator[str]:
    yield from describe_request(summary)
    licences = (
        f"{each.product} ({each.type}{f' until {each.until}' if each.until else ''})"
        for each in customer.licences
    )
    yield f"{customer.name}: {format_minutes(balance)} left, licences: {', '.join(licences) or '-'}"


def _ask(summary: RequestSummary, categories: Sequence[str]) -> dict[str, Any]:
    """Return the fields of the event that was decided on; none if the request is skipped."""
    channel = _prompt("Punchcard or support", click.Choice((*CHANNELS, "p", "s")))
    if not channel:
        return {}
    if CHANNELS[1].startswith(channel):
        ticket = _prompt("Its number in the support system")
        return {"moved_to": CHANNELS[1], "ticket": ticket, "note": _prompt("Answer")}
    category = None
    if summary.category is None:
        click.echo(f"  {', '.join(categories)}")
        category = _prompt("Category", click.Choice(categories))
    estimate = _prompt("Estimate (45m, 3h)", DURATION)
    given = {"category": category, "estimate_minutes": estimate, "note": _prompt("Answer")}
    return given if any(given.values()) else {}


def _prompt(what: str, kind: Any = click.STRING) -> Any:
    """Ask; Enter is None."""

    def read(text: str) -> Any:
        return kind.convert(text, None, None) if text.strip() else None

    return click.prompt(what, default="", show_default=False, value_proc=read) or None
