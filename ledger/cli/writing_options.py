"""The options of every command that writes, and how the record that it drafts gets written."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli import options
from ledger.cli.options import DAY, as_of_option, format_option

if TYPE_CHECKING:
    from ledger.loader import Ledger
    from ledger.writing.draft import Draft, WritingDesk


@dataclass(frozen=True, slots=True)
class WritingOptions:
    """What the user said about a write.

    Attributes:
        day: the record's date; today if None.
        as_of: what to take for today.
        is_committed: whether to commit the change.
        branch: the branch to commit it to instead.
    """

    day: date | None
    as_of: date | None
    is_committed: bool
    branch: str | None
    format_: str


def writing_options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of every command that writes; they arrive as one, ``writing``."""

    @functools.wraps(command)
    def bundle(
        *args: Any,
        day: date | None,
        as_of: date | None,
        commit: bool,
        branch: str | None,
        format_: str,
        **kwargs: Any,
    ) -> int:
        return command(*args, writing=WritingOptions(day, as_of, commit, branch, format_), **kwargs)

    with_date = click.option("--date", "day", type=DAY, help="The record's date.  [default: today]")
    with_commit = click.option(
        "--commit", is_flag=True, help="Make one commit with exactly this change."
    )
    with_branch = click.option(
        "--branch",
        metavar="NAME",
        help="Commit to this branch (a new one begins at HEAD), and leave the work tree alone.",
    )
    with_format = format_option("text", "json")
    return with_date(with_commit(with_branch(as_of_option(with_format(bundle)))))


def write(
    context: click.Context,
    writing: WritingOptions,
    customer: str,
    draft: Callable[[WritingDesk, date], Draft],
    *,
    is_new: bool = False,
) -> int:
    """Write the record that ``draft`` makes for a date, and show what was written.

    Raises:
        LedgerError: it was not written, or not committed.
    """
    from ledger.cli.written_output import show_refusal, show_waiting, show_written
    from ledger.writing.change_check import RefusedError
    from ledger.writing.record_writer import CustomerName, Target, write_record

    folder: Path | None = context.find_root().params.get("ledger")
    try:
        written = write_record(
            CustomerName(customer, is_new),
            lambda desk: draft(desk, writing.day or desk.as_of),
            Target(writing.is_committed, writing.branch),
            folder=folder,
            find_today=lambda ledger: _find_today(ledger, writing.as_of),
            on_wait=show_waiting,
        )
    except RefusedError as error:
        show_refusal(error)
        raise
    show_written(written, writing.format_)
    return 0


def _find_today(ledger: Ledger, as_of: date | None) -> date:
    return as_of or options.find_today(ledger)
