"""What commands print: rows, JSON, problems, progress, and what was written."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from ledger.duration import format_minutes
from ledger.errors import LedgerError, Problem, Severity

if TYPE_CHECKING:
    from ledger.balance.summary import Balance
    from ledger.writing.write import RefusedError, Written

_SHORT_WORK = 20
_SHORT_ID = 10


def paint(text: str, colour: str) -> str:
    """Colour a text; ``click.echo`` takes colours out where there is no terminal."""
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=colour, bold=True)


def print_json(value: Any) -> None:
    """Print a value as indented JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def print_rows(
    format_: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    table: Callable[[], str],
) -> None:
    """Print rows as ``json``, as ``csv`` with these columns, or as what ``table`` returns."""
    from ledger.output.tabular import format_csv

    if format_ == "json":
        print_json(rows)
    elif format_ == "csv":
        click.echo(format_csv(columns, rows), nl=False)
    else:
        click.echo(table())


def show_problems(problems: Sequence[Problem]) -> int:
    """Print the errors among ``problems`` on standard error; return the exit status for them.

    Warnings are left to ``check``.
    """
    from ledger.output.problems import format_problems

    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    for line in format_problems(errors, paint):
        click.echo(line, err=True)
    if not errors:
        return 0
    noun = "problem" if len(errors) == 1 else "problems"
    click.echo(f"{len(errors)} {noun} in the data: the figures may be wrong", err=True)
    return 1


@contextmanager
def show_progress(label: str, steps: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on a terminal's standard error; call what this yields after each step."""
    if steps < _SHORT_WORK or not sys.stderr.isatty():
        yield lambda _name: None
        return
    with click.progressbar(length=steps, label=label, file=sys.stderr) as bar:
        yield lambda _name: bar.update(1)


def write_output(content: str | bytes, output: Path | None) -> None:
    """Write text or bytes to a file, or else to standard output.

    Raises:
        LedgerError: the file cannot be written.
    """
    if output is None:
        click.echo(content, nl=False)
        return
    encoded = content.encode("utf-8") if isinstance(content, str) else content
    try:
        output.write_bytes(encoded)
    except OSError as error:
        raise LedgerError(f"cannot write {output}: {error.strerror}") from error


def show_written(written: Written, format_: str) -> None:
    """Print what was written; warnings of the check go to standard error."""
    from ledger.output.problems import format_problems

    if format_ == "json":
        print_json(written_to_json(written))
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
    from ledger.output.problems import format_problems

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
    from ledger.balance.json_values import balance_to_json
    from ledger.output.problems import problem_to_json

    invitation = written.draft.invitation
    return {
        "name": written.draft.name,
        "file": written.places[0].file,
        "line": written.places[0].line,
        "says": written.draft.says,
        "remarks": list(written.draft.remarks),
        "warnings": [problem_to_json(problem) for problem in written.warnings],
        "commit": written.commit,
        "branch": written.branch,
        "balance": balance_to_json(written.balances[0], None),
        **({"invitation": invitation} if invitation else {}),
    }


def shorten_commit(commit: str, branch: str | None) -> str:
    """Return the words for a commit that was made: its short id, and the branch that has it."""
    return f"commit {commit[:_SHORT_ID]}{f' on {branch}' if branch else ''}"


def _describe(written: Written) -> Iterator[str]:
    place = f"{written.places[0].file}:{written.places[0].line}"
    name, says = written.draft.name, written.draft.says
    yield says if name in says else f"{name}: {says}"
    yield from (f"  note: {remark}" for remark in written.draft.remarks)
    commit = "" if written.commit is None else f", {shorten_commit(written.commit, written.branch)}"
    yield f"  written to {place}{commit}"
    yield f"  {_describe_balance(written.balances[0])}"


def _describe_balance(balance: Balance) -> str:
    cards = len(balance.open_cards)
    left = format_minutes(balance.remaining_minutes)
    if balance.overdrawn_minutes:
        overdrawn = format_minutes(balance.overdrawn_minutes)
        return f"{balance.customer} is {paint(f'OVERDRAWN by {overdrawn}', 'red')}"
    text = f"{balance.customer} has {left} left on {cards} card{'' if cards == 1 else 's'}"
    return f"{text}  {paint('LOW', 'yellow')}" if balance.low else text
