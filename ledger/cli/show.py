"""``punchcard show``: one record, the commit that brought it, and what became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.figures import draw_down_customers
from ledger.cli.options import Reading, reading_options
from ledger.cli.printing import print_json, show_problems
from ledger.duration import format_minutes
from ledger.errors import Problem
from ledger.text import make_printable

if TYPE_CHECKING:
    from ledger.history.provenance import Origin
    from ledger.history.record_story import RecordStory
    from ledger.ledger import Ledger

_LABEL_WIDTH = 14


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
    from ledger.history.record_story import tell_story
    from ledger.output.records import origin_to_json, story_to_json

    problems: list[Problem] = []
    with reading.open([customer]) as opened:
        ((folder, drawn),) = draw_down_customers(opened, [customer], problems)
        story = tell_story(folder, drawn, reference)
        origin = _find_origin(opened.ledger, story)
        if reading.format_ == "json":
            is_changed = _is_changed(story, origin)
            print_json(
                {
                    "customer": customer,
                    "as_of": opened.as_of.isoformat(),
                    "revision": opened.ledger.revision,
                    **story_to_json(story),
                    **origin_to_json(origin, is_changed=is_changed),
                }
            )
        else:
            for line in _format(story, origin):
                click.echo(line)
    return show_problems(problems)


def _find_origin(ledger: Ledger, story: RecordStory) -> Origin | None:
    from ledger.history.provenance import find_origins

    repository = ledger.repository
    commit = ledger.commit
    if repository is None or commit is None:
        return None
    prefix = ledger.files.prefix
    origins = find_origins(repository, commit, prefix + story.found.file, prefix)
    return origins.get(story.found.name)


def _is_changed(story: RecordStory, origin: Origin | None) -> bool:
    return origin is not None and origin.record != story.found.record


def _format(story: RecordStory, origin: Origin | None) -> Iterator[str]:
    from ledger.balance.json_values import to_json
    from ledger.history.record_story import sum_worked

    yield f"{story.found.kind} {story.reference}"
    yield from _format_fields(to_json(story.found.record))
    yield _line("place", f"{story.position.file}:{story.position.line}")
    yield from _format_origin(story, origin)
    lists: dict[str, Iterable[tuple[str, int]]] = {
        "drew on": ((draw.lot, draw.minutes) for draw in story.draws),
        "corrected by": (
            (item.name, getattr(item.record, "minutes", 0)) for item in story.corrections
        ),
    }
    for label, items in lists.items():
        yield from _format_list(label, (f"{name} {format_minutes(n)}" for name, n in items))
    yield from _format_list(
        "card" if story.found.kind == "purchase" else "lot",
        (
            f"{lot.id} {format_minutes(lot.remaining_minutes)} of "
            f"{format_minutes(lot.minutes)} left"
            for lot in story.lots
        ),
    )
    yield from _format_list(
        "drawn by",
        (
            f"{use.lot} {use.movement.date} {use.movement.reference} {format_minutes(use.minutes)}"
            for use in story.uses
        ),
    )
    yield from _format_list(
        "time",
        (
            f"{entry.date} {entry.reference} {format_minutes(entry.worked_minutes or 0)}"
            for entry in story.entries
        ),
    )
    if story.entries:
        yield _line("time in all", format_minutes(sum_worked(story.entries)))


def _format_origin(story: RecordStory, origin: Origin | None) -> Iterator[str]:
    from ledger.output.records import describe_commit

    if origin is None:
        yield _line("brought by", "no commit yet")
        return
    yield _line("brought by", describe_commit(origin.brought))
    if origin.changed is not None:
        yield _line("changed by", describe_commit(origin.changed))
    if _is_changed(story, origin):
        yield _line("changed by", "somebody who has not committed it yet")


def _format_fields(record: dict[str, Any]) -> Iterator[str]:
    for name, value in record.items():
        if name == "history":
            events = (" ".join(str(x) for x in event.values() if x is not None) for event in value)
            yield from _format_list("event", events)
        elif name == "minutes":
            yield _line(name, format_minutes(value))
        elif value not in (None, "", []):
            yield _line(name.replace("_", " "), str(value))


def _format_list(label: str, texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield _line(label if number == 0 else "", text)


def _line(label: str, text: str) -> str:
    return f"  {label:<{_LABEL_WIDTH}}{make_printable(' '.join(text.split()))}"
