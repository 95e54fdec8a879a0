"""What was written, where, and what is left: for people, or as JSON."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from textwrap import indent
from typing import Any

import click

from ledger.cli.problem_output import paint
from ledger.duration import format_minutes
from ledger.figures.balance import Balance
from ledger.reporters.figures import balance_to_json
from ledger.reporters.problem_json import problem_to_json
from ledger.reporters.problem_text import format_problems
from ledger.writing.change_check import RefusedError
from ledger.writing.record_writer import Written

_SHORT_ID = 10


def show_written(written: Written, format_: str) -> None:
    """Print what was written; warnings of the check go to standard error."""
    if format_ == "json":
        click.echo(json.dumps(written_to_json(written), indent=2, ensure_ascii=False))
        return
    for line in _describe(written):
        click.echo(line)
    for line in format_problems(written.warnings, paint):
        click.echo(line, err=True)
    if written.draft.invitation:
        click.echo(f"\nSend this to {written.draft.name}; it is shown only now:\n")
        click.echo(indent(written.draft.invitation, "    "), nl=False)


def show_refusal(error: RefusedError) -> None:
    """Print the errors that a change was refused for, on standard error."""
    for line in format_problems(error.problems, paint):
        click.echo(line, err=True)


def show_waiting() -> None:
    """Say on a terminal that somebody else is writing."""
    if sys.stderr.isatty():
        click.echo("waiting: another punchcard command is writing …", err=True)


def written_to_json(written: Written) -> dict[str, Any]:
    """Return what was written: ``name``, ``file``, ``line``, ``says``, ``remarks``, ``warnings``,
    ``commit``, ``branch``, and the ``balance`` as ``punchcard balance`` has it. With a new key
    there is ``invitation``, too.
    """  # noqa: D205  # the names are the summary
    invitation = written.draft.invitation
    return {
        "name": written.draft.name,
        "file": written.place.file,
        "line": written.place.line,
        "says": written.draft.says,
        "remarks": list(written.draft.remarks),
        "warnings": [problem_to_json(problem) for problem in written.warnings],
        "commit": written.commit,
        "branch": written.branch,
        "balance": balance_to_json(written.balance, None),
        **({"invitation": invitation} if invitation else {}),
    }


def _describe(written: Written) -> Iterator[str]:
    place = f"{written.place.file}:{written.place.line}"
    name, says = written.draft.name, written.draft.says
    yield says if name in says else f"{name}: {says}"
    yield from (f"  note: {remark}" for remark in written.draft.remarks)
    if written.commit is None:
        yield f"  written to {place}"
    else:
        where = f" on {written.branch}" if written.branch else ""
        yield f"  written to {place}, commit {written.commit[:_SHORT_ID]}{where}"
    yield f"  {_describe_balance(written.balance)}"


def _describe_balance(balance: Balance) -> str:
    cards = len(balance.open_cards)
    left = format_minutes(balance.remaining_minutes)
    if balance.overdrawn_minutes:
        overdrawn = format_minutes(balance.overdrawn_minutes)
        return f"{balance.customer} is {paint(f'OVERDRAWN by {overdrawn}', 'red')}"
    text = f"{balance.customer} has {left} left on {cards} card{'' if cards == 1 else 's'}"
    return f"{text}  {paint('LOW', 'yellow')}" if balance.low else text
