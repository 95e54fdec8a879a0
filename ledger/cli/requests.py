"""``punchcard request``: ``open``, ``list``, ``show``, ``update``, ``renumber``, ``move``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import CHANNELS, DURATION, STATUSES
from ledger.cli.main import CommandGroup, LazyCommand
from ledger.cli.options import Reading, Writing, category_option, person_option
from ledger.cli.printing import print_answer, print_list, require_output
from ledger.duration import format_minutes
from ledger.errors import UnknownNameError

_COLUMNS = (
    *("customer", "id", "title", "status", "channel", "category", "opened", "opened_by"),
    *("last_event", "worked_minutes", "charged_minutes"),
)
_TABLE = {key: key for key in ("customer", "id", "status", "channel", "category", "opened")} | {
    "worked": "worked_minutes",
    "title": "title",
}
_DONE = frozenset({"resolved", "closed"})
_HASH_LENGTH = 65  # of an attachment's name, with its hyphen


@click.group("request", cls=CommandGroup)
def request() -> None:
    """Open requests and move them along.

    \b
    Examples:
      punchcard request open acme "Dashboards for the board" --category product-training
      punchcard request list acme
      punchcard request update acme ACME-14 --status resolved -m "Delivered on Friday."
    """


request.add_command(
    LazyCommand("receive", "ledger.cli.incoming:receive_command", "Take mails from customers.")
)
request.add_command(
    LazyCommand("triage", "ledger.cli.incoming:triage_command", "Walk through what is new.")
)


@request.command("open", short_help="Open a request.")
@options.customer_argument
@click.argument("title")
@options.category_option(
    help="What it is charged as: a category of the terms. Not needed in the support channel."
)
@options.person_option(
    "opened_by",
    help="Who asks: an account's address, or a consultant.  [default: the Git author]",
)
@click.option(
    "--channel",
    type=click.Choice(CHANNELS),
    default=CHANNELS[0],
    show_default=True,
    help="Where it was raised.",
)
@click.option("--ticket", metavar="NUMBER", help="Its number in the support system.")
@click.option("--description", metavar="TEXT", help="Markdown; - reads it from standard input.")
@options.writing_options
def open_command(customer: str, writing: Writing, **fields: Any) -> int:
    """Open a request, with the next free number.

    What a mail asks for is opened by `punchcard request receive`.

    \b
    Examples:
      punchcard request open acme "Dashboards for the board" --category product-training
      punchcard request open acme "Export fails" --channel support --by dana@acme.example
      punchcard request open acme "Export fails" --category detailed-qa --ticket SUP-1
    """
    return writing.write(customer, lazy.requests.draft_request, **fields)


@request.command("list", short_help="List requests.")
@options.customers_argument
@click.option(
    "--status",
    "statuses",
    type=click.Choice(STATUSES),
    multiple=True,
    help="Only these.  [default: all that are neither resolved nor closed]",
)
@click.option("--channel", type=click.Choice(CHANNELS), help="Only those in this channel.")
@click.option("--all", "shows_all", is_flag=True, help="Those that are done, too.")
@click.option("--new", "only", flag_value="new", help="Only those without category or answer.")
@click.option("--mine", "only", flag_value="mine", help="Only those that you worked on last.")
@click.option("--waiting", "only", flag_value="waiting", help="Only those that wait for customers.")
@click.option("--urgent", "only", flag_value="urgent", help="Only those of high urgency.")
@options.reading_options("table", "json", "csv")
def list_command(
    customers: tuple[str, ...],
    statuses: tuple[str, ...],
    channel: str | None,
    shows_all: bool,
    only: str | None,
    reading: Reading,
) -> None:
    """List the requests of some customers, or of all, with the time that was spent on them.

    \b
    Examples:
      punchcard request list
      punchcard request list acme --all
      punchcard request list --status waiting-for-customer --format json
      punchcard request list --new
    """
    kinds: dict[str | None, Callable[[lazy.request_summary.RequestSummary], bool]] = {
        "new": lambda each: bool(each.missing),
        "mine": lambda each: each.consultant == me,
        "waiting": lambda each: each.status == "waiting-for-customer",
        "urgent": lambda each: each.request.urgency == "high",
    }
    summarize, is_wanted = lazy.request_summary.summarize_requests, kinds.get(only)
    wanted = statuses or (STATUSES if shows_all else tuple(set(STATUSES) - _DONE))
    with reading.open(customers) as opened:
        terms = opened.ledger.organization.terms
        me = options.find_handle(opened, None) if only == "mine" else None
        rows = [
            lazy.json_values.to_json(summary)
            for folder in opened.ledger.read_customers(customers)
            for summary in summarize(folder.records, terms, opened.as_of)
            if summary.status.value in wanted
            and channel in {None, summary.channel.value}
            and (is_wanted is None or is_wanted(summary))
        ]
    print_list(reading.format_, rows, _COLUMNS, _TABLE, opened.as_of)


@request.command("show", short_help="Show one request.")
@options.customer_argument
@options.request_argument
@options.reading_options("text", "json")
def show_command(customer: str, request: str, reading: Reading) -> None:
    """Show a request: what it is, what happened, and the time that was spent on it.

    \b
    Examples:
      punchcard request show acme ACME-12
      punchcard request show acme 12 --format json
    """
    find_request, to_json = lazy.requests.find_request, lazy.json_values.to_json
    with reading.open((customer,)) as opened:
        records = opened.ledger.read_customer(customer).records
        name, terms = find_request(records, request), opened.ledger.organization.terms
        summaries = lazy.request_summary.summarize_requests(records, terms, opened.as_of)
        summary = next((summary for summary in summaries if summary.id == name), None)
    if summary is None:
        raise UnknownNameError(f"{name} was not there yet on {opened.as_of}")
    found = summary.request
    answer = {
        **to_json(summary),
        "ticket": found.ticket,
        "description": found.description,
        "history": found.events_by_day,
        "entries": to_json(summary.movements, records.customer.currency),
        "urgency": found.urgency,
        "attachments": found.attachments,
    }
    print_answer(reading.format_, answer, "\n".join(describe_request(summary)))
    require_output()


def describe_request(summary: lazy.request_summary.RequestSummary) -> Iterator[str]:
    """Yield the lines that show a request to people."""
    request = summary.request
    yield click.style(f"{summary.id}  {request.title}", bold=True)
    yield f"{summary.status} in {summary.channel}, {summary.category or 'no category yet'}"
    urgency = f", urgency {request.urgency}" if request.urgency else ""
    yield f"opened {request.opened} by {request.opened_by}{urgency}"
    yield from (f"file {name[_HASH_LENGTH:]}" for name in request.attachments)
    if request.description:
        yield ""
        yield from (f"  {line}".rstrip() for line in request.description.splitlines())
    if request.history:
        yield ""
    for event in request.events_by_day:
        moved = f"moved to {event.moved_to}" if event.moved_to else ""
        kinds = (("estimate", event.estimate_minutes), ("approved", event.approved_minutes))
        times = (f"{kind} {format_minutes(minutes)}" for kind, minutes in kinds if minutes)
        said = (event.status, moved, event.category, event.ticket, *times, event.note)
        yield f"{event.date}  {event.by}: {', '.join(str(part) for part in said if part)}"
    if summary.movements:
        yield ""
    width = max((len(movement.consultant or "") for movement in summary.movements), default=0)
    for movement in summary.movements:
        worked = format_minutes(movement.worked_minutes or 0)
        yield f"{movement.date}  {movement.consultant:<{width}}  {worked:>7}  {movement.note}"
    worked, charged = map(format_minutes, (summary.worked_minutes, summary.charged_minutes))
    yield f"\nworked {worked}, charged {charged}"


_by_option = person_option(
    help="A consultant, or the address of an account.  [default: the Git author]"
)
_event_category_option = category_option(
    help="What it is charged as from then on: a category of the terms."
)


@request.command("update", short_help="Set its status, or add a note.")
@options.customer_argument
@options.request_argument
@click.option("--status", type=click.Choice(STATUSES), help="Where the request stands now.")
@click.option("-m", "--note", help="The customer reads this.")
@click.option("--estimate", "estimate_minutes", type=DURATION, help="How long it will take.")
@click.option(
    "--approve",
    "approved_minutes",
    type=DURATION,
    help="How much time in all the customer agrees to; with --by, an account's address.",
)
@_event_category_option
@_by_option
@options.writing_options
def update_command(customer: str, note: str | None, writing: Writing, **fields: Any) -> int:
    """Add an event to the history of a request: a status, a note, a category.

    Time beyond what the customer approved last is a warning of check; log says what is left.

    \b
    Examples:
      punchcard request update acme ACME-14 --status in-progress -m "Call booked for Tuesday."
      punchcard request update acme 14 -m "The folder is uploaded." --by dana@acme.example
      punchcard request update acme ACME-14 --status resolved --as-of 2026-11-20 --commit
      punchcard request update acme ACME-14 --estimate 3h -m "Two sessions."
      punchcard request update acme ACME-14 --approve 3h --by dana@acme.example
    """
    return writing.write(customer, lazy.requests.draft_event, note=note or None, **fields)


@request.command("renumber", short_help="Give it another number.")
@options.customer_argument
@options.request_argument
@click.argument("new", required=False)
@options.writing_options
def renumber_command(customer: str, request: str, new: str | None, writing: Writing) -> int:
    """Give a request another number, in its file's name and in all time on it, in one change.

    NEW is the next free number if it is left out. This is for two branches that gave two requests
    one number: do it on the branch that is not merged yet, then merge. What is on record and
    published keeps its number.

    \b
    Examples:
      punchcard request renumber acme ACME-14
      punchcard request renumber acme ACME-14 ACME-31 --commit
    """
    renumber = lazy.requests.draft_renumbering
    return writing.write(customer, lambda desk: renumber(desk, request, new))


@request.command("move", short_help="Move it to support, or to punchcard.")
@options.customer_argument
@options.request_argument
@click.argument("channel", type=click.Choice(CHANNELS))
@click.option("-m", "--note", help="Why; the customer reads this.")
@click.option("--ticket", metavar="NUMBER", help="Its number in the support system.")
@_event_category_option
@_by_option
@options.writing_options
def move_command(
    customer: str, channel: str, note: str | None, writing: Writing, **fields: Any
) -> int:
    """Move a request to the channel where it belongs: support (free), or punchcard (charged).

    The day of a move belongs to the new channel.

    \b
    Examples:
      punchcard request move acme ACME-14 support --ticket SUP-5120 -m "A how-to question."
      punchcard request move acme ACME-12 punchcard -m "Now about their own groups." --commit
    """
    return writing.write(
        customer, lazy.requests.draft_event, moved_to=channel, note=note or None, **fields
    )
