"""``punchcard request show``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.completion import complete_customer, complete_request
from ledger.cli.options import as_of_option, format_option, open_ledger_of, rev_option
from ledger.duration import format_minutes

if TYPE_CHECKING:
    from ledger.models import RequestEvent
    from ledger.request_summary import RequestSummary


@click.command("show")
@click.argument("customer", shell_complete=complete_customer)
@click.argument("request", shell_complete=complete_request)
@as_of_option
@rev_option
@format_option("text", "json")
@click.pass_context
def show_command(
    context: click.Context,
    customer: str,
    request: str,
    as_of: date | None,
    rev: str | None,
    format_: str,
) -> None:
    """Show a request: what it is, what happened, and the time that was spent on it.

    \b
    Examples:
      punchcard request show acme ACME-12
      punchcard request show acme 12 --format json
    """
    summary = _find(context, customer, request, as_of, rev)
    if format_ == "json":
        click.echo(json.dumps(_to_json(summary), indent=2, ensure_ascii=False))
        return
    for line in _describe(summary):
        click.echo(line)


def _find(
    context: click.Context, customer: str, wanted: str, as_of: date | None, rev: str | None
) -> RequestSummary:
    from ledger.errors import UnknownNameError
    from ledger.request_summary import summarize_requests
    from ledger.writing.time_records import find_request

    with open_ledger_of(context, as_of, rev, (customer,)) as opened:
        records = opened.ledger.read_customer(customer).records
        name = find_request(records, wanted)
        terms = opened.ledger.organization.terms
        for summary in summarize_requests(records, terms, opened.as_of):
            if summary.id == name:
                return summary
    raise UnknownNameError(f"{name} was not there yet on {opened.as_of}")


def _to_json(summary: RequestSummary) -> dict[str, Any]:
    """Return a request as ``request list`` has it, and its description, history and entries."""
    from ledger.reporters.figures import movement_to_json
    from ledger.reporters.records import record_to_json

    return {
        **summary.to_json(),
        "ticket": summary.request.ticket,
        "description": summary.request.description,
        "history": [record_to_json(event) for event in summary.request.events_by_day],
        "entries": [movement_to_json(movement) for movement in summary.movements],
    }


def _describe(summary: RequestSummary) -> Iterator[str]:
    request = summary.request
    yield click.style(f"{summary.id}  {request.title}", bold=True)
    yield f"{summary.status} in {summary.channel}, {summary.category or 'no category yet'}"
    yield f"opened {request.opened} by {request.opened_by}"
    if request.description:
        yield ""
        yield from (f"  {line}".rstrip() for line in request.description.splitlines())
    if request.history:
        yield ""
        yield from map(_describe_event, request.events_by_day)
    if summary.movements:
        yield ""
    width = max((len(movement.consultant or "") for movement in summary.movements), default=0)
    for movement in summary.movements:
        worked = format_minutes(movement.worked_minutes or 0)
        yield f"{movement.date}  {movement.consultant:<{width}}  {worked:>7}  {movement.note}"
    worked, charged = map(format_minutes, (summary.worked_minutes, summary.charged_minutes))
    yield f"\nworked {worked}, charged {charged}"


def _describe_event(event: RequestEvent) -> str:
    moved = f"moved to {event.moved_to}" if event.moved_to else ""
    said = (event.status, moved, event.category, event.ticket, event.note)
    return f"{event.date}  {event.by}: {', '.join(str(part) for part in said if part)}"
