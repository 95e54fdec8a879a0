"""``punchcard show``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import as_of_option, format_option, open_ledger_of, rev_option
from ledger.duration import format_minutes

if TYPE_CHECKING:
    from ledger.history.provenance import Origin
    from ledger.history.record_story import RecordStory
    from ledger.loader import Ledger


_LABEL_WIDTH = 14


@click.command("show")
@click.argument("customer")
@click.argument("reference")
@as_of_option
@rev_option
@format_option("table", "json")
@click.pass_context
def show_command(
    context: click.Context,
    customer: str,
    reference: str,
    as_of: date | None,
    rev: str | None,
    format_: str,
) -> int:
    """Show one record, who committed it when, and what became of it.

    REFERENCE is a time entry, a purchase or one of its cards, an adjustment, or a request.

    \b
    Examples:
      punchcard show acme 2026-11-alice/03-1
      punchcard show acme P1/2
      punchcard show acme ACME-12 --format json
    """
    from ledger.check import find_organization_problems, find_problems_of
    from ledger.cli.problem_output import has_errors, show_problems
    from ledger.figures.draw_down import draw_down
    from ledger.history.record_story import tell_story
    from ledger.reporters.records import origin_to_json, story_to_json

    with open_ledger_of(context, as_of, rev, [customer]) as opened:
        ledger, organization = opened.ledger, opened.ledger.organization
        folder = ledger.read_customer(customer)
        drawn = draw_down(folder.records, organization.terms, opened.as_of)
        story = tell_story(folder, drawn, reference)
        origin = _find_origin(ledger, story)
        problems = [
            *ledger.problems,
            *find_organization_problems(organization),
            *find_problems_of(organization, folder, opened.as_of, drawn),
        ]
        if format_ == "json":
            answer = {
                "customer": customer,
                "as_of": opened.as_of.isoformat(),
                "revision": ledger.revision,
                **story_to_json(story),
                **origin_to_json(origin, is_changed=_is_changed(story, origin)),
            }
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        else:
            for line in _format(story, origin):
                click.echo(line)
    show_problems(problems)
    return DATA_HAS_PROBLEMS if has_errors(problems) else 0


def _find_origin(ledger: Ledger, story: RecordStory) -> Origin | None:
    from ledger.history.provenance import find_origins
    from ledger.loader import find_commit

    repository = ledger.repository
    commit = None if repository is None else find_commit(ledger, repository)
    if repository is None or commit is None:
        return None
    prefix = ledger.files.prefix
    origins = find_origins(repository, commit, prefix + story.found.file, prefix)
    return origins.get(story.found.name)


def _is_changed(story: RecordStory, origin: Origin | None) -> bool:
    return origin is not None and origin.record != story.found.record


def _format(story: RecordStory, origin: Origin | None) -> Iterator[str]:
    from ledger.history.record_story import sum_worked
    from ledger.reporters.records import record_to_json

    yield f"{story.found.kind} {story.reference}"
    yield from _format_fields(record_to_json(story.found.record))
    yield _line("place", f"{story.position.file}:{story.position.line}")
    yield from _format_origin(story, origin)
    yield from _format_list("drew on", (f"{lot} {_time(minutes)}" for lot, minutes in story.draws))
    yield from _format_list(
        "corrected by",
        (f"{item.name} {_time(getattr(item.record, 'minutes', 0))}" for item in story.corrections),
    )
    yield from _format_list(
        "card" if story.found.kind == "purchase" else "lot",
        (f"{lot.id} {_time(lot.remaining_minutes)} of {_time(lot.minutes)} left"
         for lot in story.lots),
    )  # fmt: skip
    yield from _format_list(
        "drawn by",
        (f"{use.lot} {use.movement.date} {use.movement.reference} {_time(use.minutes)}"
         for use in story.uses),
    )  # fmt: skip
    yield from _format_list(
        "time",
        (f"{entry.date} {entry.reference} {_time(entry.worked_minutes or 0)}"
         for entry in story.entries),
    )  # fmt: skip
    if story.entries:
        yield _line("time in all", _time(sum_worked(story.entries)))


def _format_origin(story: RecordStory, origin: Origin | None) -> Iterator[str]:
    from ledger.reporters.commits import describe_commit

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
            yield from _format_list("event", map(_format_event, value))
        elif name == "minutes":
            yield _line(name, _time(value))
        elif value not in (None, "", []):
            yield _line(name.replace("_", " "), str(value))


def _format_event(event: dict[str, Any]) -> str:
    return " ".join(str(value) for value in event.values() if value is not None)


def _format_list(label: str, texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        yield _line(label if number == 0 else "", text)


def _line(label: str, text: str) -> str:
    from ledger.quotation import make_printable

    return f"  {label:<{_LABEL_WIDTH}}{make_printable(' '.join(text.split()))}"


def _time(minutes: int) -> str:
    return format_minutes(minutes)
