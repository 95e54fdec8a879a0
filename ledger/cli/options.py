"""The options that many commands share, and how they become a ledger and an as-of date."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ledger.loader import Ledger

_Command = TypeVar("_Command", bound=Callable[..., Any])

_WHOLE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class DayType(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """A date, written YYYY-MM-DD."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> date:
        """Return the date that ``value`` says."""
        if isinstance(value, date):
            return value
        text = str(value)
        try:
            return _read_day(text)
        except ValueError:
            self.fail(f"{text!r} is not a date; write it as YYYY-MM-DD", param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what help shows for a value."""
        del param, ctx
        return "DATE"


DAY = DayType()


def _read_day(text: str) -> date:
    if _WHOLE_DAY.fullmatch(text):
        return date.fromisoformat(text)
    # As forgiving as this is, it takes long to load.
    return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()


@dataclass(frozen=True, slots=True)
class OpenedLedger:
    """A ledger and the date to look from."""

    ledger: Ledger
    as_of: date


def as_of_option(command: _Command) -> _Command:
    """Add ``--as-of``."""
    return click.option(
        "--as-of",
        type=DAY,
        help="The day whose evening is shown.  [default: today in the provider's time zone]",
    )(command)


def rev_option(command: _Command) -> _Command:
    """Add ``--rev``."""
    return click.option(
        "--rev",
        metavar="REV",
        help="Read this branch, tag or commit.  [default: the work tree]",
    )(command)


def format_option(*formats: str) -> Callable[[_Command], _Command]:
    """Add ``--format`` with the first of ``formats`` as default."""

    def add(command: _Command) -> _Command:
        return click.option(
            "--format",
            "format_",
            type=click.Choice(formats),
            default=formats[0],
            show_default=True,
            help="How the output is written.",
        )(command)

    return add


@contextmanager
def open_ledger_of(
    context: click.Context,
    as_of: date | None,
    rev: str | None = None,
    customers: Sequence[str] = (),
) -> Iterator[OpenedLedger]:
    """Open the ledger that the command line names.

    Raises:
        LedgerError: there is none.
    """
    from ledger.loader import open_ledger  # help and completion do without

    folder: Path | None = context.find_root().params.get("ledger")
    with open_ledger(folder, rev, customers) as ledger:
        yield OpenedLedger(ledger, as_of or find_today(ledger))


def find_today(ledger: Ledger) -> date:
    """Return today's date in the provider's time zone; in UTC if there is no provider."""
    from ledger.calendar_rules import today_in

    provider = ledger.organization.provider
    return today_in(UTC if provider is None else provider.zone, datetime.now(UTC))
