"""``punchcard account``: ``list``, ``add``, ``key``, ``seen``, ``reactivate`` and ``remove``."""

from __future__ import annotations

import glob
import io
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import date, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.completion import complete_account, complete_customer
from ledger.cli.lazy_group import OrderedGroup
from ledger.cli.options import (
    OpenedLedger,
    Reading,
    Writing,
    account_argument,
    address_options,
    customer_argument,
    customers_argument,
    find_named_folder,
    reading_options,
    showing_refusal,
    writing_options,
)
from ledger.cli.printing import print_json, print_rows, shorten_commit, show_waiting

if TYPE_CHECKING:
    from ledger.balance.accounts import AccountStanding
    from ledger.intake.access_keys import NewKey
    from ledger.intake.access_log import Visit
    from ledger.intake.sign_ins import RecordedSignIns
    from ledger.writing.draft import Draft, WritingDesk

_COLUMNS = (
    *("customer", "email", "name", "state", "created", "last_activity", "last_day", "out_since"),
)
_HEADERS = (
    *("customer", "address", "name", "state", "created", "last activity", "last day", "out since"),
)
_STANDARD_INPUT = "-"


@click.group("account", cls=OrderedGroup)
def account() -> None:
    """Say who may see a customer's portal.

    \b
    Examples:
      punchcard account list
      punchcard account add nordlys-rail sigrid@nordlys.example "Sigrid Aas" --commit
    """


@account.command("list", short_help="List accounts.")
@customers_argument
@reading_options("table", "json", "csv")
def list_command(customers: tuple[str, ...], reading: Reading) -> None:
    """List accounts: who is active, until when, and who is disabled since when.

    \b
    Examples:
      punchcard account list
      punchcard account list acme --format json
    """
    from ledger.output.tabular import format_table

    with reading.open(customers) as opened:
        rows = [row for slug in customers or opened.ledger.slugs for row in _list(opened, slug)]
    cells = [[str(row[column] or "-") for column in _COLUMNS] for row in rows]
    table = f"{format_table(_HEADERS, cells)}\nas of {opened.as_of}"
    print_rows(reading.format_, rows, _COLUMNS, lambda: table)


def _list(opened: OpenedLedger, slug: str) -> list[dict[str, Any]]:
    from ledger.balance.accounts import find_account_standings

    records = opened.ledger.read_customer(slug).records
    terms = opened.ledger.organization.terms
    standings = find_account_standings(records, terms, opened.as_of)
    return [_to_json(slug, standing) for standing in standings]


def _to_json(slug: str, standing: AccountStanding) -> dict[str, Any]:
    from ledger.dates import day_after

    last_day = standing.last_day
    is_out = standing.state.value != "active" and last_day is not None
    return {
        "customer": slug,
        "email": standing.account.email,
        "name": standing.account.name,
        "state": standing.state.value,
        "created": standing.account.created.isoformat(),
        "last_activity": standing.last_activity.isoformat(),
        "last_day": last_day and last_day.isoformat(),
        "out_since": day_after(last_day).isoformat() if is_out and last_day else None,
    }


@account.command("add", short_help="Add an account.")
@customer_argument
@click.argument("email")
@click.argument("name")
@click.option("--no-key", is_flag=True, help="Without a key: a gateway says who people are.")
@address_options
@writing_options
def add_command(
    customer: str, no_key: bool, domain: str | None, layout: str, writing: Writing, **fields: Any
) -> int:
    """Add an account for a person of a customer, and show the invitation to send.

    The invitation holds a new key. It is shown this once; only a hash of it is kept.

    \b
    Examples:
      punchcard account add nordlys-rail sigrid@nordlys.example "Sigrid Aas"
      punchcard account add nordlys-rail per@nordlys.example "Per Lie" --date 2026-11-19 --commit
    """
    key = None if no_key else _make_key(customer, domain, layout)

    def draft(desk: WritingDesk, day: date, name: str, **cleaned: str) -> Draft:
        from ledger.intake.access_keys import add_invitation
        from ledger.writing.customers import draft_account

        if key is None:
            return draft_account(desk, day, name=name, **cleaned)
        drafted = draft_account(desk, day, name=name, key_hash=key.hashed, **cleaned)
        return add_invitation(desk, drafted, name, key)

    return writing.write(customer, draft, **fields)


@account.command("key", short_help="Give somebody a new key.")
@customer_argument
@account_argument
@address_options
@writing_options
def key_command(
    customer: str, email: str, domain: str | None, layout: str, writing: Writing
) -> int:
    """Give a person a new key, and show the invitation to send; the old key ends.

    The key is shown this once; only a hash of it is kept.

    \b
    Examples:
      punchcard account key acme dana@acme.example
      punchcard account key acme dana@acme.example --domain portals.tracewell.example --commit
    """
    key = _make_key(customer, domain, layout)

    def draft(desk: WritingDesk, _day: date) -> Draft:
        from ledger.intake.access_keys import add_invitation
        from ledger.writing.customers import draft_key
        from ledger.writing.draft import find_account

        drafted = draft_key(desk, email, key.hashed)
        return add_invitation(desk, drafted, find_account(desk, email).name, key)

    return writing.write(customer, draft)


def _make_key(customer: str, domain: str | None, layout: str) -> NewKey:
    from ledger.intake.access_keys import NewKey, hash_key, make_address, make_key

    link = None if domain is None else make_address(domain, layout).find_link(customer)
    key = make_key()
    return NewKey(key, hash_key(key), link)


@account.command("seen", short_help="Record sign-ins.")
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
def seen_command(
    customer: str | None, email: str | None, logs: tuple[str, ...], writing: Writing
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
    from ledger.writing.customers import draft_sign_in
    from ledger.writing.draft import NothingToWriteError

    if logs:
        if email is not None or writing.day is not None:
            raise click.UsageError("--from says who and when: leave out EMAIL and --date")
        return _record_logs(customer, logs, writing)
    if customer is None or email is None:
        raise click.UsageError("say CUSTOMER and EMAIL, or --from LOG")
    try:
        return writing.write(customer, lambda desk, day: draft_sign_in(desk, email, day))
    except NothingToWriteError as reason:
        click.echo(f"nothing to write: {reason}")
        return 0


def _record_logs(customer: str | None, logs: Iterable[str], writing: Writing) -> int:
    from ledger.intake.sign_ins import record_sign_ins

    warnings: list[str] = []

    def read_visits(zone: tzinfo) -> set[Visit]:
        return {visit for log in _list_logs(logs) for visit in _read(log, zone, warnings)}

    with showing_refusal():
        recorded = record_sign_ins(
            read_visits,
            customer,
            writing.target,
            folder=find_named_folder(writing.context),
            find_today=writing.find_today,
            on_wait=show_waiting,
        )
    warnings += recorded.warnings
    if writing.format_ == "json":
        print_json(_sign_ins_to_json(recorded, warnings))
    else:
        for line in _describe(recorded):
            click.echo(line)
    for warning in warnings:
        click.echo(f"warning: {warning}", err=True)
    return 0


def _list_logs(logs: Iterable[str]) -> Iterator[str]:
    """Yield the names of files; a pattern in quotes stands for the files that it matches."""
    for log in logs:
        is_pattern = glob.has_magic(log) and not Path(log).exists()
        found = sorted(glob.glob(log)) if is_pattern else []  # noqa: PTH207  # also from the root
        yield from found or [log]


def _read(log: str, zone: tzinfo, warnings: list[str]) -> frozenset[Visit]:
    """Return the visits in a log; none if it is not whole."""
    from ledger.intake.access_log import UnreadableLogError, read_access_log

    try:
        with ExitStack() as stack:
            found = read_access_log(_open(log, stack), zone)
    except (OSError, UnreadableLogError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        warnings.append(f"{log}: {reason}, so nothing of it counts")
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


def _describe(recorded: RecordedSignIns) -> Iterator[str]:
    for item in recorded.sign_ins:
        before = f", before {item.before}" if item.before else ""
        yield f"{item.customer}: {item.email} was there on {item.day}{before}"
    count = len(recorded.sign_ins)
    if not count:
        yield "nothing to write: no account was there later than is known"
    elif recorded.commit is not None:
        noun = "account" if count == 1 else "accounts"
        yield f"{count} {noun} recorded, {shorten_commit(recorded.commit, recorded.branch)}"


def _sign_ins_to_json(recorded: RecordedSignIns, warnings: list[str]) -> dict[str, Any]:
    return {
        "sign_ins": [
            {
                "customer": item.customer,
                "email": item.email,
                "before": item.before and item.before.isoformat(),
                "last_sign_in": item.day.isoformat(),
            }
            for item in recorded.sign_ins
        ],
        "warnings": warnings,
        "commit": recorded.commit,
        "branch": recorded.branch,
    }


@account.command("reactivate", short_help="Let somebody in again.")
@customer_argument
@account_argument
@writing_options
def reactivate_command(customer: str, email: str, writing: Writing) -> int:
    """Let somebody in again whose account was disabled for inactivity.

    \b
    Examples:
      punchcard account reactivate acme priya@acme.example
      punchcard account reactivate acme priya@acme.example --date 2026-11-19 --commit
    """
    from ledger.writing.customers import draft_reactivation

    return writing.write(customer, lambda desk, day: draft_reactivation(desk, email, day))


@account.command("remove", short_help="Remove an account.")
@customer_argument
@account_argument
@writing_options
def remove_command(customer: str, email: str, writing: Writing) -> int:
    """Remove an account; the date is its last day. What the person did stays on record.

    \b
    Examples:
      punchcard account remove acme priya@acme.example
      punchcard account remove acme priya@acme.example --commit
    """
    from ledger.writing.customers import draft_removal

    return writing.write(customer, lambda desk, day: draft_removal(desk, email, day))
