"""``punchcard status``: how your day stands."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from textwrap import shorten
from typing import TYPE_CHECKING

import click

from ledger.cli import options
from ledger.cli.printing import print_json
from ledger.duration import format_minutes
from ledger.text import make_printable

if TYPE_CHECKING:
    from ledger.writing.workday import Workday

_LINE_WIDTH = 84


@click.command("status")
@options.consultant_option("Whose day it is.")
@options.as_of_option
@options.format_option("text", "json")
def status_command(consultant: str | None, as_of: date | None, format_: str) -> None:
    """Show your day: the timer, today's time, what is not committed or pushed, what waits for you.

    Entries on local branches count, too. What waits for you are requests that you opened or
    answered last for the company, while they are in progress; the customer's answers come first.

    \b
    Examples:
      punchcard status
      punchcard status --as ben --format json
    """
    from ledger.writing.timer import TimerFile
    from ledger.writing.workday import look_at_day

    now = options.read_clock()
    with TimerFile.hold(options.find_state_folder()) as file:
        timer = file.read()
    with options.open_ledger_of(as_of) as opened:
        handle = options.find_handle(opened, consultant)
        workday = look_at_day(opened.ledger, handle, opened.as_of)
    if format_ == "json":
        print_json(workday.to_json() | {"timer": timer and timer.to_json(now)})
        return
    click.echo(f"{handle}, {opened.as_of:%A} {opened.as_of}")
    shown = ""
    for label, text in (("timer", timer.describe(now) if timer else "-"), *_describe(workday)):
        line = shorten(make_printable(text), _LINE_WIDTH, placeholder=" …")
        click.echo(f"{'' if label == shown else label:<14} {line}")
        shown = label


def _describe(workday: Workday) -> Iterator[tuple[str, str]]:
    """Yield lines, each with its label."""
    entries = _count(len(workday.today), "entry", "entries")
    yield "today", f"{format_minutes(sum(workday.today.values()))} in {entries}"
    for slug, _sheet, entry in workday.uncommitted:
        what = f"{entry.date} {format_minutes(entry.minutes)} on {entry.request}"
        yield "not committed", f"{what} ({slug}): {entry.note}"
    for branch, count in (workday.unpushed or {}).items():
        yield "not pushed", f"{_count(count, 'commit', 'commits')} on {branch}"
    for each in workday.requests:
        since = f"{'answered' if each.is_answered else 'since'} {each.last_event}"
        yield "waits for you", f"{each.id} {since} ({each.customer}): {each.request.title}"


def _count(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"
