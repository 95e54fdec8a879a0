"""``punchcard show``: one record, the commit that brought it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.figures import draw_down_customers
from ledger.cli.options import Reading, reading_options
from ledger.cli.printing import print_json, show_problems
from ledger.cli.streams import require_output
from ledger.duration import format_minutes
from ledger.errors import Problem
from ledger.text import make_printable

if TYPE_CHECKING:
    from ledger.history.record_story import Origin

_LABEL_WIDTH = 13
_USES = (
    ("bought", "minutes", "amount"),
    ("used", "used_minutes", "value_used"),
    ("refunded", "refunded_minutes", "value_refunded"),
    ("expired", "expired_minutes", "value_expired"),
    ("left", "remaining_minutes", "value_remaining"),
)
_ALWAYS_SAID = {"bought", "used", "left"}


@click.command("show")
@click.argument("customer")
@click.argument("reference")
@reading_options("table", "json")
def show_command(customer: str, reference: str, reading: Reading) -> int:
    """Show one record, who committed it when, and what became of it.

    REFERENCE is a time entry, a purchase or one of its cards, an adjustment, or a request.

    \b
    Examples:
      punchcard show acme 2026-11-alice/03-1
      punchcard show acme P1/2
      punchcard show acme ACME-12 --format json
    """
    from ledger.history.record_story import find_origins, find_record, tell_story

    problems: list[Problem] = []
    with reading.open([customer]) as opened:
        ((folder, drawn),) = draw_down_customers(opened, [customer], problems)
        found = kind, name, record = find_record(folder.records, reference)
        story = tell_story(folder, drawn, found, reference)
        origin = find_origins(opened.ledger, folder.locate(record)[0]).get(name)
        is_changed = origin is not None and origin.record != record
        if reading.format_ == "json":
            changed = None if origin is None else origin.changed
            print_json(
                {
                    "customer": customer,
                    "as_of": opened.as_of.isoformat(),
                    "revision": opened.ledger.revision,
                    **story,
                    "brought": None if origin is None else origin.brought.to_json(),
                    "changed": None if changed is None else changed.to_json(),
                    "uncommitted": origin is None or is_changed,
                }
            )
        else:
            click.echo(f"{kind} {reference}")
            for label, texts in _list_facts(story, origin, is_changed=is_changed):
                lines = [line for text in texts for line in text.expandtabs().splitlines()]
                for number, line in enumerate(lines):
                    shown = label if number == 0 else ""
                    click.echo(f"  {shown:<{_LABEL_WIDTH}} {make_printable(line)}".rstrip())
        require_output()
    return show_problems(problems)


def _list_facts(
    story: Mapping[str, Any], origin: Origin | None, *, is_changed: bool
) -> Iterator[tuple[str, Iterable[str]]]:
    """Yield what there is to say of a record: a label, and a text for each line."""
    for name, value in story["record"].items():
        if name == "history":
            yield "event", (" ".join(str(x) for x in e.values() if x is not None) for e in value)
        elif name == "minutes":
            yield name, [format_minutes(value)]
        elif value not in (None, "", []):
            yield name.replace("_", " "), [str(value)]
    yield "agreement", filter(None, [story["agreement"]])
    yield "place", [f"{story['file']}:{story['line']}"]
    yield "brought by", ["no commit yet" if origin is None else str(origin.brought)]
    if origin is not None and origin.changed is not None:
        yield "changed by", [str(origin.changed)]
    if is_changed:
        yield "changed by", ["somebody who has not committed it yet"]
    yield "drew on", (f"{each['lot']} {format_minutes(each['minutes'])}" for each in story["draws"])
    yield (
        "corrected by",
        (f"{each['reference']} {format_minutes(each['minutes'])}" for each in story["corrections"]),
    )
    yield (
        "card" if story["kind"] == "purchase" else "lot",
        (
            f"{lot['id']} {format_minutes(lot['remaining_minutes'])} of "
            f"{format_minutes(lot['minutes'])} left"
            for lot in story["lots"]
        ),
    )
    yield from _list_usage(story)
    yield (
        "drawn by",
        (
            f"{use['lot']} {use['date']} {use['reference']} {format_minutes(use['minutes'])}"
            for use in story["uses"]
        ),
    )
    times = [(each, each["worked_minutes"] or 0) for each in story["entries"]]
    yield "time", (f"{each['date']} {each['reference']} {format_minutes(n)}" for each, n in times)
    if times:
        yield "time in all", [format_minutes(sum(minutes for _each, minutes in times))]


def _list_usage(story: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Yield what a purchase, a card or a credit held and what became of it; a credit is free."""
    usage, is_credit = story["usage"], story["kind"] == "adjustment"
    for label, minutes, amount in _USES if usage else ():
        money = "" if is_credit else f", {usage[amount]} {story['currency']}"
        if usage[minutes] or label in _ALWAYS_SAID:
            shown = "given" if is_credit and label == "bought" else label
            yield shown, [f"{format_minutes(usage[minutes])}{money}"]
