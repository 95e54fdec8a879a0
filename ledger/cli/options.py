"""The options that many commands share, and the ledger and as-of date that they name."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime
from functools import partial, reduce, wraps
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click

from ledger.cli import lazy
from ledger.cli.arguments import DAY, PAST_DAY, complete
from ledger.cli.printing import print_answer, show_waiting, show_written
from ledger.dates import today_in
from ledger.errors import LedgerError

_Command = TypeVar("_Command", bound=Callable[..., Any])

# Fields of one line and of several lines.
_LINES = ("email", "invoice", "name", "purchase_order", "ticket", "title")
_TEXTS = ("description", "internal_note", "note", "price_note", "reason")
_NEVER_EMPTY = {"email", "name", "note", "reason", "title"}


class OpenedLedger(NamedTuple):
    """A ledger and the date to look from."""

    ledger: lazy.ledger.Ledger
    as_of: date


@dataclass(frozen=True, slots=True)
class Reading:
    """The options of a command that reads a ledger; ``as_of`` None is today."""

    as_of: date | None
    rev: str | None
    format_: str

    def open(self, customers: Sequence[str] = ()) -> AbstractContextManager[OpenedLedger]:
        """Open the ledger that the command line names; see ``open_ledger`` for errors."""
        return open_ledger_of(self.as_of, self.rev, customers)


@dataclass(frozen=True, slots=True)
class Writing:
    """What a writing command is told; ``day`` finds the record's date from ``as_of``, or today."""

    day: Callable[[date], date] | None
    as_of: date | None
    is_committed: bool
    branch: str | None
    format_: str
    dry_run: bool = False

    @property
    def writer(self) -> lazy.write.Writer:
        """What writes records where, and when, the command line says."""
        place = (self.is_committed, self.branch, self.dry_run)
        return lazy.write.Writer(find_named_folder(), self._find_day, *place, show_waiting)

    def choose_day(self, today: date) -> date:
        """Return the record's date."""
        return today if self.day is None else self.day(today)

    @contextmanager
    def open(self, customers: Sequence[str]) -> Iterator[OpenedLedger]:
        """Open what the record goes into: the work tree, or a branch if it is there already."""
        branch = None if self.branch is None else f"refs/heads/{self.branch}"
        with ExitStack() as stack:
            try:
                opened = stack.enter_context(open_ledger_of(self.as_of, branch, customers))
            except LedgerError:
                if branch is None:
                    raise
                opened = stack.enter_context(open_ledger_of(self.as_of, None, customers))
            yield opened

    def _find_day(self, ledger: lazy.ledger.Ledger) -> date:
        """Return the day on which the record is written; what is to come cannot be written."""
        today = find_today(ledger)
        if self.as_of is not None and self.as_of > today:
            hint = "leave out --as-of, or name a day that has come"
            raise LedgerError(f"today is {today}: nothing is written as of {self.as_of}", hint)
        return self.as_of or today

    def write(
        self,
        customer: str | None,
        draft: Callable[..., lazy.draft.Draft],
        *,
        is_new: bool = False,
        **fields: Any,
    ) -> int:
        """Write the record that ``draft`` makes of the customer and ``fields``; show it.

        A ``customer`` of None is all of them: what is written is the organization's. Texts that
        somebody typed are cleaned. A LedgerError says why it was not written, or not committed.
        """
        cleaned = _clean_texts(fields)
        try:
            written = self.writer.write(
                customer,
                lambda desk: draft(replace(desk, day=self.choose_day(desk.as_of)), **cleaned),
                is_new=is_new,
            )
        except lazy.draft.NothingToWriteError as reason:
            answer = {"nothing_to_write": str(reason)}
            print_answer(self.format_, answer, f"nothing to write: {reason}")
            return 0
        show_written(written, self.format_, is_trial=self.dry_run)
        return 0


def _clean_texts(fields: Mapping[str, Any]) -> dict[str, Any]:
    cleaned = dict(fields)
    for name in [name for name in _TEXTS if fields.get(name) == "-"]:
        try:
            cleaned[name] = sys.stdin.read()
        except UnicodeDecodeError as error:
            message = "standard input holds what is no text"
            raise LedgerError(message, "write it in UTF-8") from error
    for reader, names in ((lazy.yaml_text.read_line, _LINES), (lazy.yaml_text.read_text, _TEXTS)):
        for name in fields.keys() & names:
            if cleaned[name] or (cleaned[name] is not None and name in _NEVER_EMPTY):
                label = "address" if name == "email" else name.replace("_", " ")
                cleaned[name] = reader(label, cleaned[name])
    return cleaned


def format_option(*formats: str) -> Callable[[_Command], _Command]:
    """Add ``--format`` with the first of ``formats`` as default."""
    return click.option(
        "--format",
        "format_",
        type=click.Choice(formats),
        default=formats[0],
        show_default=True,
        help="How the output is written.",
    )


as_of_option = click.option(
    "--as-of",
    type=DAY,
    help="The day whose evening is shown.  [default: today in the provider's time zone]",
)
rev_option = click.option(
    "--rev", metavar="REV", help="Read this branch, tag or commit.  [default: the work tree]"
)


def gather_options(name: str, kind: type[Reading | Writing], *options: Any) -> Callable[..., Any]:
    """Return a decorator that adds options, which arrive as one argument ``name`` of this kind."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def run(*args: Any, **given: Any) -> Any:
            own = {field.name: given.pop(field.name, None) for field in fields(kind)}
            return command(*args, **given, **{name: kind(**own)})

        return reduce(lambda wrapped, option: option(wrapped), reversed(options), run)

    return add


def reading_options(*formats: str) -> Callable[..., Any]:
    """Add ``--as-of``, ``--rev`` and ``--format``; they arrive as one argument, ``reading``."""
    return gather_options("reading", Reading, as_of_option, rev_option, format_option(*formats))


_WRITING = (
    click.option(
        "--commit", "is_committed", is_flag=True, help="Make one commit with exactly this change."
    ),
    click.option(
        "--branch",
        metavar="NAME",
        help="Commit to this branch (a new one begins at HEAD), and leave the work tree alone.",
    ),
    click.option("--dry-run", is_flag=True, help="Say what would be written, and write nothing."),
    as_of_option,
    format_option("text", "json"),
)
_DATE = click.option(
    "-d",
    "--date",
    "day",
    type=PAST_DAY,
    help="The record's date, or yesterday, mon (the latest), -1.  [default: today, or see above]",
)
writing_options = gather_options("writing", Writing, _DATE, *_WRITING)
"""Add the options of every command that writes; they arrive as one argument, ``writing``."""

setting_options = gather_options("writing", Writing, *_WRITING)
"""As ``writing_options``, for what has no date."""


_layout_option = click.option(
    "--layout",
    type=click.Choice(("host", "path")),
    default="host",
    show_default=True,
    envvar="PUNCHCARD_LAYOUT",
    show_envvar=True,
    help="What each customer has for itself: a host name of the domain, or a path on it.",
)
_domain_option = click.option(
    "--domain",
    metavar="NAME",
    envvar="PUNCHCARD_DOMAIN",
    show_envvar=True,
    help="Where the portals are, like portals.example.com.  "
    "[default: portal_domain of provider.yml]",
)


def address_options(command: _Command) -> _Command:
    """Add ``--domain`` and ``--layout``, which say where portals are to be found."""
    return _domain_option(_layout_option(command))


customer_argument = click.argument("customer", shell_complete=complete)
customers_argument = click.argument(
    "customers", nargs=-1, metavar="[CUSTOMER]...", shell_complete=complete
)
request_argument = click.argument("request", shell_complete=complete)
account_argument = click.argument("email", shell_complete=complete)
jobs_option = click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes to use.  [default: one a core]",
)
internal_note_option = click.option(
    "--internal-note", metavar="TEXT", help="The customer never reads this."
)
note_option = click.option(
    "-m", "--note", help="What was done; the customer reads this; - reads it from standard input."
)
reason_option = click.option("-m", "--reason", required=True, help="Why; the customer reads this.")


# These two are given a help.
category_option = partial(click.option, "--category", metavar="CATEGORY", shell_complete=complete)
person_option = partial(click.option, "--by", metavar="PERSON", shell_complete=complete)


def consultant_option(help_: str) -> Callable[[_Command], _Command]:
    """Add ``--as``, whose time it is."""
    return click.option(
        "--as",
        "consultant",
        metavar="CONSULTANT",
        shell_complete=complete,
        help=f"{help_}  [default: who has the Git author's address]",
    )


def find_handle(opened: OpenedLedger, named: str | None) -> str:
    """Return the handle of the consultant called ``named``, or who has the Git author's address."""
    return lazy.draft.find_consultant(opened.ledger, named).handle


def find_named_folder() -> Path | None:
    """Return the folder that ``--ledger`` names."""
    folder: Path | None = click.get_current_context().find_root().params.get("ledger")
    return folder


def find_user_folder(kind: str) -> Path:
    """Return this user's folder of a kind, ``cache`` or ``state``: PUNCHCARD_CACHE_DIR may say."""
    import platformdirs

    named = os.environ.get(f"PUNCHCARD_{kind.upper()}_DIR")
    return Path(named or getattr(platformdirs, f"user_{kind}_dir")("service-punchcards"))


@contextmanager
def open_ledger_of(
    as_of: date | None, rev: str | None = None, customers: Sequence[str] = ()
) -> Iterator[OpenedLedger]:
    """Open the ledger that the command line names; see ``open_ledger`` for errors."""
    with lazy.ledger.open_ledger(find_named_folder(), rev, customers) as ledger:
        yield OpenedLedger(ledger, as_of or find_today(ledger))


def find_today(ledger: lazy.ledger.Ledger) -> date:
    """Return today's date in the provider's time zone; in UTC if there is no provider."""
    return find_day(ledger, read_clock())


def find_day(ledger: lazy.ledger.Ledger, moment: datetime) -> date:
    """Return the date of a moment in the provider's time zone."""
    return today_in(ledger.organization.zone, moment)


def read_clock() -> datetime:
    """Return the present moment, in the time zone of this machine."""
    return datetime.now(UTC).astimezone()
