"""``punchcard account seen``: of one person, or of all that web servers' logs tell of."""

from __future__ import annotations

import glob
import io
import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import options
from ledger.cli.completion import complete_account, complete_customer
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.access_log import Visit
    from ledger.loader import Ledger
    from ledger.sign_ins import FoundSignIns
    from ledger.writing.draft import Draft, WritingDesk
    from ledger.writing.sign_in_records import RecordedSignIns

_STANDARD_INPUT = "-"
_SHORT_ID = 10


@click.command("seen")
@click.argument("customer", required=False, shell_complete=complete_customer)
@click.argument("email", required=False, shell_complete=complete_account)
@click.option(
    "--from",
    "logs",
    multiple=True,
    metavar="LOG",
    help="Read a web server's log: common, combined or Caddy's, packed with gzip or not; - is "
    "standard input, 'access.log*' stands for several. May be given more than once.",
)
@writing_options
@click.pass_context
def seen_command(
    context: click.Context,
    customer: str | None,
    email: str | None,
    logs: tuple[str, ...],
    writing: WritingOptions,
) -> int:
    """Record the last day on which somebody signed in; an earlier day changes nothing.

    With --from everybody's last day is taken from web servers' logs, and --commit makes one commit
    of all. CUSTOMER then says whose portal the logs are of; it is needed only where they do not
    say it and a person has an account at several customers. A log that is missing or cut off
    changes nothing, and is warned of.

    \b
    Examples:
      punchcard account seen acme dana@acme.example
      punchcard account seen acme dana@acme.example --date 2026-11-20 --commit
      punchcard account seen --from '/var/log/nginx/portals.log*' --commit
    """
    if logs:
        if email is not None or writing.day is not None:
            raise click.UsageError("--from says who and when: leave out EMAIL and --date")
        return _record_logs(context, customer, logs, writing)
    if customer is None or email is None:
        raise click.UsageError("say CUSTOMER and EMAIL, or --from LOG")
    return _record_one(context, customer, email, writing)


def _record_one(context: click.Context, customer: str, email: str, writing: WritingOptions) -> int:
    from ledger.writing.draft import NothingToWriteError

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.account_records import draft_sign_in

        return draft_sign_in(desk, email, day)

    try:
        return write(context, writing, customer, draft)
    except NothingToWriteError as reason:
        click.echo(f"nothing to write: {reason}")
        return 0


def _record_logs(
    context: click.Context, customer: str | None, logs: Iterable[str], writing: WritingOptions
) -> int:
    from ledger.cli.written_output import show_refusal, show_waiting
    from ledger.sign_ins import find_sign_ins
    from ledger.writing.change_check import RefusedError
    from ledger.writing.record_writer import Target
    from ledger.writing.sign_in_records import record_sign_ins

    folder: Path | None = context.find_root().params.get("ledger")
    warnings: list[str] = []

    def find_today(ledger: Ledger) -> date:
        return writing.as_of or options.find_today(ledger)

    def find(ledger: Ledger) -> FoundSignIns:
        visits = {visit for log in _list_logs(logs) for visit in _read(log, ledger, warnings)}
        return find_sign_ins(visits, ledger, find_today(ledger), customer)

    try:
        recorded = record_sign_ins(
            find,
            Target(writing.is_committed, writing.branch),
            folder=folder,
            find_today=find_today,
            on_wait=show_waiting,
        )
    except RefusedError as error:
        show_refusal(error)
        raise
    _show(recorded, [*warnings, *recorded.found.warnings], writing.format_)
    return 0


def _list_logs(logs: Iterable[str]) -> Iterator[str]:
    """Yield the names of files; a pattern in quotes stands for the files that it fits."""
    for log in logs:
        is_pattern = glob.has_magic(log) and not Path(log).exists()
        found = sorted(glob.glob(log)) if is_pattern else []  # noqa: PTH207  # also from the root
        yield from found or [log]


def _read(log: str, ledger: Ledger, warnings: list[str]) -> frozenset[Visit]:
    """Return the visits that a log tells of; none if it is not whole."""
    from datetime import UTC

    from ledger.access_log import UnreadableLogError, read_access_log

    provider = ledger.organization.provider
    zone = UTC if provider is None else provider.zone
    try:
        with ExitStack() as stack:
            found = read_access_log(_open(log, stack), zone)
    except OSError as error:
        warnings.append(f"{log}: {error.strerror}, so nothing of it counts")
        return frozenset()
    except UnreadableLogError as error:
        warnings.append(f"{log}: {error}, so nothing of it counts")
        return frozenset()
    if found.strange_lines:
        warnings.append(
            f"{log}: {found.strange_lines} of {found.line_count} lines are none of a log"
        )
    return found.visits


def _open(log: str, stack: ExitStack) -> io.BufferedReader:
    if log == _STANDARD_INPUT:
        buffer: Any = sys.stdin.buffer
        return buffer if isinstance(buffer, io.BufferedReader) else io.BufferedReader(buffer)
    return stack.enter_context(Path(log).open("rb"))


def _show(recorded: RecordedSignIns, warnings: list[str], format_: str) -> None:
    if format_ == "json":
        click.echo(json.dumps(_to_json(recorded, warnings), indent=2, ensure_ascii=False))
    else:
        for line in _describe(recorded):
            click.echo(line)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)


def _describe(recorded: RecordedSignIns) -> Iterator[str]:
    for item in recorded.found.sign_ins:
        before = f", before {item.before}" if item.before else ""
        yield f"{item.customer}: {item.email} was there on {item.day}{before}"
    count = len(recorded.found.sign_ins)
    if not count:
        yield "nothing to write: no account was there later than is known"
    elif recorded.commit is not None:
        where = f" on {recorded.branch}" if recorded.branch else ""
        noun = "account" if count == 1 else "accounts"
        yield f"{count} {noun} recorded, commit {recorded.commit[:_SHORT_ID]}{where}"


def _to_json(recorded: RecordedSignIns, warnings: list[str]) -> dict[str, Any]:
    return {
        "sign_ins": [
            {
                "customer": item.customer,
                "email": item.email,
                "before": item.before and item.before.isoformat(),
                "last_sign_in": item.day.isoformat(),
            }
            for item in recorded.found.sign_ins
        ],
        "warnings": warnings,
        "commit": recorded.commit,
        "branch": recorded.branch,
    }
