"""``punchcard status``: how your day stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from textwrap import shorten
from typing import Any

import click

from ledger.cli import options
from ledger.cli.printing import print_json
from ledger.duration import format_minutes
from ledger.text import make_printable

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
    from ledger.writing.timer import read_timer
    from ledger.writing.workday import describe_day

    now, timer = options.read_clock(), read_timer(options.find_state_folder())
    with options.open_ledger_of(as_of) as opened:
        handle = options.find_handle(opened, consultant)
        day = describe_day(opened.ledger, handle, opened.as_of)
    if format_ == "json":
        print_json(day | {"timer": timer and timer.to_json(now)})
        return
    click.echo(f"{handle}, {opened.as_of:%A} {opened.as_of}")
    shown = ""
    for label, text in (("timer", timer.describe(now) if timer else "-"), *_describe(day)):
        line = shorten(make_printable(text), _LINE_WIDTH, placeholder=" …")
        click.echo(f"{'' if label == shown else label:<14} {line}")
        shown = label


def _describe(day: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield lines, each with its label."""
    today = day["today"]
    noun = "entry" if today["entries"] == 1 else "entries"
    yield "today", f"{format_minutes(today['minutes'])} in {today['entries']} {noun}"
    for each in day["uncommitted"]:
        what = f"{each['date']} {format_minutes(each['minutes'])} on {each['request']}"
        yield "not committed", f"{what} ({each['customer']}): {each['note']}"
    for branch, count in (day["unpushed"] or {}).items():
        yield "not pushed", f"{count} commit{'' if count == 1 else 's'} on {branch}"
    for each in day["requests"]:
        since = f"{'answered' if each['is_answered'] else 'since'} {each['last_event']}"
        yield "waits for you", f"{each['id']} {since} ({each['customer']}): {each['title']}"
