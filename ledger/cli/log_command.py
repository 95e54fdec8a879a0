"""``punchcard log``."""

from __future__ import annotations

import sys
from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_consultant, complete_customer, complete_request
from ledger.cli.value_types import DURATION
from ledger.cli.vocabulary import CATEGORIES, ROUNDINGS
from ledger.cli.writing_options import WritingOptions, write, writing_options

if TYPE_CHECKING:
    from ledger.writing.draft import Draft, WritingDesk


@click.command("log")
@click.argument("customer", required=False, shell_complete=complete_customer)
@click.argument("request", required=False, shell_complete=complete_request)
@click.argument("duration", required=False, type=DURATION)
@click.option("-m", "--note", help="What was done; the customer reads this.")
@click.option("--internal-note", metavar="TEXT", help="The customer never reads this.")
@click.option(
    "--category",
    type=click.Choice(CATEGORIES),
    metavar="CATEGORY",
    help=f"What the time is charged as: {', '.join(CATEGORIES)}.  [default: the request's]",
)
@click.option(
    "--as",
    "consultant",
    metavar="CONSULTANT",
    shell_complete=complete_consultant,
    help="Whose time it is.  [default: who has the Git author's address]",
)
@click.option(
    "--round",
    "rounding",
    type=click.Choice(ROUNDINGS),
    help="Round to the step of the terms; the note keeps the true duration.",
)
@writing_options
@click.pass_context
def log_command(  # noqa: PLR0913, PLR0917  # a parameter an option
    context: click.Context,
    customer: str | None,
    request: str | None,
    duration: int | None,
    note: str | None,
    internal_note: str | None,
    category: str | None,
    consultant: str | None,
    rounding: str | None,
    writing: WritingOptions,
) -> int:
    """Log time on a request.

    DURATION is written like 45m, 1h, 1h15m, 1:15, 1.25h or 75 (minutes). What is missing is asked
    for on a terminal, and only there.

    \b
    Examples:
      punchcard log acme ACME-14 45m -m "Sketched the export with the release manager."
      punchcard log acme 14 1h15m -m "Built the first draft of the export." --as ben --commit
      punchcard log acme ACME-14 20m -m "Answered two questions." --round up --date 2026-11-19
    """
    if customer is None or request is None or duration is None or note is None:
        customer, request, duration, note = _ask(context, (customer, request, duration, note))

    def draft(desk: WritingDesk, day: date) -> Draft:
        from ledger.writing.free_text import read_text
        from ledger.writing.time_records import NewEntry, Rounding, draft_entry

        new = NewEntry(
            request=request,
            minutes=duration,
            note=read_text("note", note),
            date=day,
            consultant=consultant,
            category=category,
            internal_note=internal_note and read_text("internal note", internal_note),
            rounding=None if rounding is None else Rounding(rounding),
        )
        return draft_entry(desk, new)

    return write(context, writing, customer, draft)


_Answers = tuple[str, str, int, str]


def _ask(
    context: click.Context, given: tuple[str | None, str | None, int | None, str | None]
) -> _Answers:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        names = ("CUSTOMER", "REQUEST", "DURATION", "-m NOTE")
        missing = [name for name, value in zip(names, given, strict=True) if value is None]
        raise click.UsageError(f"missing: {', '.join(missing)}", context)
    from ledger.cli.log_questions import ask_for_entry

    return ask_for_entry(context, *given)
