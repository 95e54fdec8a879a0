"""``punchcard start`` and ``stop``: a timer for what you are doing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import options
from ledger.cli.completion import complete
from ledger.cli.options import Writing
from ledger.cli.printing import print_json
from ledger.cli.record import DurationCommand, ask_missing
from ledger.cli.value_types import DURATION
from ledger.errors import LedgerError, UnknownNameError

if TYPE_CHECKING:
    from ledger.ledger import Ledger
    from ledger.writing.timer import Timer


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
    from ledger.files.durable_files import replace_durably
    from ledger.rules.time_entries import find_closing_before
    from ledger.writing.entry_search import find_customer
    from ledger.writing.requests import find_request
    from ledger.writing.timer import Timer, hold_timer, read_timer

    folder, now = options.find_state_folder(), options.read_clock()
    with options.open_ledger_of(None) as opened, hold_timer(folder) as file:
        if (running := read_timer(folder)) is not None:
            hint = "punchcard stop logs its time, punchcard stop --discard forgets it"
            raise LedgerError(f"the timer runs already: {running.describe(now)}", hint)
        customer = find_customer(opened.ledger, request)
        if customer is None:
            raise UnknownNameError(f"{request!r} is no request", "name it like ACME-14")
        records = opened.ledger.select((customer,)).read_customer(customer).records
        name = find_request(records, request)
        day = options.find_day(opened.ledger, now)
        if closed_on := find_closing_before(records.requests[name], day):
            hint = f"punchcard request update {customer} {name} --status in-progress opens it again"
            raise LedgerError(f"{name} was closed on {closed_on}, so it takes no time", hint)
        timer = Timer(
            ledger=_name_ledger(opened.ledger),
            customer=customer,
            request=name,
            title=records.requests[name].title,
            started=now.replace(microsecond=0),
            note=note,
        )
        replace_durably(file, timer.model_dump_json().encode(), mode=0o600)
    _show(timer, "the timer runs", format_)


@click.command("stop", cls=DurationCommand)
@click.argument("duration", required=False, type=DURATION)
@click.option(
    "-m", "--note", help="What was done; the customer reads this; - reads it from standard input."
)
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
    from ledger.writing.time_entries import Rounding, draft_entry
    from ledger.writing.timer import hold_timer, read_timer

    folder, now = options.find_state_folder(), options.read_clock()
    with hold_timer(folder) as file:
        if (timer := read_timer(folder)) is None:
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
            minutes, note = timer.measure(now) if duration is None else duration, note or timer.note
            fields |= {"request": timer.request, "minutes": minutes, "rounding": Rounding.UP}
            if note is None:
                who, place = fields["consultant"], (timer.customer, timer.request)
                note = ask_missing(writing, *place, minutes, None, who, Rounding.UP)[-1]
            writing.write(timer.customer, draft_entry, note=note, **fields)
        if not writing.dry_run:
            file.unlink()
    return 0


def _name_ledger(ledger: Ledger) -> str:
    return str((ledger.root or Path.cwd()) / ledger.files.prefix)


def _show(timer: Timer, what: str, format_: str) -> None:
    now = options.read_clock()
    if format_ == "json":
        print_json(timer.to_json(now))
    else:
        click.echo(f"{what}: {timer.describe(now)}")
