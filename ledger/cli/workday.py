"""``punchcard start``, ``stop``, ``amend``, ``undo`` and ``status``: your own day."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from textwrap import shorten
from typing import Any

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import DURATION, complete
from ledger.cli.options import Writing
from ledger.cli.printing import print_answer, print_json
from ledger.cli.record import DurationCommand, ask_missing
from ledger.duration import format_minutes
from ledger.errors import LedgerError, UnknownNameError
from ledger.text import make_printable

_LINE_WIDTH = 84


@click.command("start")
@click.argument("request", shell_complete=complete)
@click.option("-m", "--note", help="What is done; stop -m says it instead.")
@options.format_option("text", "json")
def start_command(request: str, note: str | None, format_: str) -> None:
    """Start the timer for a REQUEST such as ACME-14; stop logs the time.

    There is one timer at a time. It is kept in a file, in the folder that PUNCHCARD_STATE_DIR names
    or the user's own, and goes on while the machine is off.

    \b
    Examples:
      punchcard start ACME-14
      punchcard start ACME-14 -m "Reviewing the export with the release manager."
    """
    from ledger.rules.time_entries import find_closing_before  # ``lazy`` has that of ``writing``

    folder, now = options.find_user_folder("state"), options.read_clock()
    with options.open_ledger_of(None) as opened, lazy.workday.hold_timer(folder) as file:
        if (running := lazy.workday.read_timer(folder)) is not None:
            hint = "punchcard stop logs its time, punchcard stop --discard forgets it"
            raise LedgerError(f"the timer runs already: {running.describe(now)}", hint)
        customer = lazy.entry_search.find_customer(opened.ledger, request)
        if customer is None:
            raise UnknownNameError(f"{request!r} is no request", "name it like ACME-14")
        records = opened.ledger.select((customer,)).read_customer(customer).records
        name = lazy.requests.find_request(records, request)
        day = options.find_day(opened.ledger, now)
        if closed_on := find_closing_before(records.requests[name], day):
            hint = f"punchcard request update {customer} {name} --status in-progress opens it again"
            raise LedgerError(f"{name} was closed on {closed_on}, so it takes no time", hint)
        timer = lazy.workday.Timer(
            ledger=_name_ledger(opened.ledger),
            customer=customer,
            request=name,
            title=records.requests[name].title,
            started=now.replace(microsecond=0),
            note=note,
        )
        lazy.durable_files.replace_durably(file, timer.model_dump_json().encode(), mode=0o600)
    _show(timer, "the timer runs", format_)


@click.command("stop", cls=DurationCommand)
@click.argument("duration", required=False, type=DURATION)
@options.note_option
@click.option("--discard", is_flag=True, help="Log nothing.")
@options.consultant_option("Whose time it is.")
@options.writing_options
def stop_command(
    duration: int | None, note: str | None, discard: bool, writing: Writing, **fields: Any
) -> int:
    """Stop the timer and log its time, or DURATION instead, on the day on which it was started.

    The time is rounded up to the step of the terms; the note keeps the true duration. If nothing
    can be written, the timer runs on.

    \b
    Examples:
      punchcard stop -m "Reviewed the export with the release manager."
      punchcard stop 45m -m "Was called away in between." --commit
      punchcard stop --discard
    """
    folder, now = options.find_user_folder("state"), options.read_clock()
    with lazy.workday.hold_timer(folder) as file:
        if (timer := lazy.workday.read_timer(folder)) is None:
            raise LedgerError("no timer runs", "punchcard start REQUEST starts one")
        if discard:
            _show(timer, "forgotten", writing.format_)
        else:
            with options.open_ledger_of(writing.as_of) as opened:
                if _name_ledger(opened.ledger) != timer.ledger:
                    hint = f"punchcard --ledger {timer.ledger} stop"
                    raise LedgerError(f"the timer runs for another ledger, {timer.ledger}", hint)
                day = options.find_day(opened.ledger, timer.started)
            writing = replace(writing, day=writing.day or (lambda _today: day))
            fields |= {"customer": timer.customer, "request": timer.request}
            fields["minutes"] = timer.measure(now) if duration is None else duration
            fields |= {"note": note or timer.note, "rounding": "up"}
            ask_missing(writing, fields)
            writing.write(fields.pop("customer"), lazy.time_entries.draft_entry, **fields)
        if not writing.dry_run:
            file.unlink()
    return 0


def _name_ledger(ledger: lazy.ledger.Ledger) -> str:
    return str((ledger.root or Path.cwd()) / ledger.files.prefix)


def _show(timer: lazy.workday.Timer, what: str, format_: str) -> None:
    now = options.read_clock()
    print_answer(format_, timer.to_json(now), f"{what}: {timer.describe(now)}")


@click.command("amend")
@click.argument("entry", required=False, shell_complete=complete)
@click.option("-t", "--duration", "minutes", type=DURATION, help="How long it was.")
@click.option("-m", "--note", help="What was done; - reads it from standard input.")
@options.internal_note_option
@click.option("--request", help="The request of the same customer that it was for.")
@options.category_option(help="What it is charged as: a category of the terms.")
@options.consultant_option("Whose last entry it is.")
@options.writing_options
def amend_command(
    entry: str | None, consultant: str | None, writing: Writing, **fields: Any
) -> int:
    """Change a time entry that is on no protected branch yet: your last one, or ENTRY.

    ENTRY is an id such as 03-1-kfm, or a full name. What is not named stays, the date too; in
    another month the entry goes to the file of that month. With --commit or --branch, the commit
    that brought it is rewritten if it has nothing else and is not pushed, else another one comes on
    top. What is on the protected branch stays; you are told how to correct it.

    \b
    Examples:
      punchcard amend --duration 1h15
      punchcard amend 20-1 -m "Reviewed the export together." --date yesterday
      punchcard amend --request 12 --category system-access --commit
    """
    if writing.day is None and all(value is None for value in fields.values()):
        raise click.UsageError("say what to change: --duration, --note, --date, --request, …")
    customer, name = _find_entry(writing, entry, consultant)
    fields |= {"entry": name, "is_moved": writing.day is not None}
    return writing.write(customer, lazy.time_entries.draft_amendment, **fields)


@click.command("undo")
@click.argument("entry", required=False, shell_complete=complete)
@options.consultant_option("Whose last entry it is.")
@options.setting_options
def undo_command(entry: str | None, consultant: str | None, writing: Writing) -> int:
    """Take away a time entry that is on no protected branch yet: your last one, or ENTRY.

    ENTRY is an id such as 03-1-kfm, or a full name. With --commit or --branch, the commit that
    brought it is taken away if it has nothing else and is not pushed, else another one comes on
    top. What is on the protected branch stays; you are told how to correct it.

    \b
    Examples:
      punchcard undo
      punchcard undo 20-1 --commit
    """
    customer, name = _find_entry(writing, entry, consultant)
    return writing.write(customer, lazy.time_entries.draft_removal, entry=name)


def _find_entry(writing: Writing, entry: str | None, consultant: str | None) -> tuple[str, str]:
    """Return the customer and the full name of an entry, or of the consultant's last one."""
    with writing.open(()) as opened:
        is_full = entry is not None and "/" in entry
        handle = "" if is_full else options.find_handle(opened, consultant)
        search = lazy.entry_search.search_last_entry
        if entry is not None:
            search = partial(lazy.entry_search.search_entry, wanted=entry)
        found = search(opened.ledger, handle=handle)
    return found.slug, found.name


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
    now, timer = options.read_clock(), lazy.workday.read_timer(options.find_user_folder("state"))
    with options.open_ledger_of(as_of) as opened:
        handle = options.find_handle(opened, consultant)
        day = lazy.workday.describe_day(opened.ledger, handle, opened.as_of)
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
