"""What commands print: rows, JSON, problems, progress, and what was written."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.streams import require_output
from ledger.duration import format_minutes
from ledger.errors import LedgerError, Problem, Severity
from ledger.text import format_json, make_printable, shorten_id

if TYPE_CHECKING:
    from ledger.balance.summary import Balance
    from ledger.writing.write import Written

_SHORT_WORK = 20
_NUMBERS = ("_minutes", "days_left")


def paint(text: str, colour: str) -> str:
    """Colour a text; ``click.echo`` takes colours out where there is no terminal."""
    return click.style(text, fg=colour, bold=True)


def print_json(value: Any) -> None:
    """Print a value, as ``to_json`` has it, as indented JSON."""
    from ledger.balance.json_values import to_json

    print_for_programs(format_json(to_json(value)))


def print_for_programs(text: str) -> None:
    """Print a text that programs read: in UTF-8, whatever the locale."""
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)


def print_rows(
    format_: str, rows: Sequence[Any], columns: Sequence[str], table: Callable[[], str]
) -> None:
    """Print rows as ``json``, as ``csv`` with these columns, or as what ``table`` returns."""
    from ledger.balance.json_values import to_json
    from ledger.output.tabular import format_csv

    if format_ == "json":
        print_json(rows)
    elif format_ == "csv":
        print_for_programs(format_csv(columns, to_json(rows)))
    else:
        click.echo(table())
    require_output()


def print_list(
    format_: str,
    rows: Sequence[Any],
    columns: Sequence[str],
    table: Mapping[str, str] | None = None,
    as_of: date | None = None,
) -> None:
    """Print rows as ``print_rows`` does; ``table`` has the key of each column by its header."""
    from ledger.balance.json_values import to_json
    from ledger.output.tabular import format_table

    shown = table or {column: column for column in columns}

    def make_table() -> str:
        cells = [[_format_cell(key, row[key]) for key in shown.values()] for row in to_json(rows)]
        right = [header for header, key in shown.items() if key.endswith(_NUMBERS)]
        return format_table(list(shown), cells, right) + (f"\nas of {as_of}" if as_of else "")

    print_rows(format_, rows, columns, make_table)


def _format_cell(key: str, value: Any) -> str:
    if key.endswith("_minutes"):
        return format_minutes(value) if value else "-"
    return "-" if value is None else make_printable(str(value))


@contextmanager
def showing_refusal() -> Iterator[None]:
    """Show why an answer was refused, instead of ending with it."""
    try:
        yield
    except LedgerError as error:
        click.echo(f"{error.message} ({error.hint})" if error.hint else error.message)


def print_problems(problems: Iterable[Problem], *, err: bool = True) -> None:
    """Print problems, each with its place, on standard error or output."""
    from ledger.output.problems import format_problems

    for line in format_problems(problems):
        click.echo(line, err=err)


def show_problems(problems: Sequence[Problem]) -> int:
    """Print the errors among ``problems`` on standard error; return the exit status for them.

    Warnings are left to ``check``.
    """
    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    if not errors:
        return 0
    print_problems(errors)
    noun = "problem" if len(errors) == 1 else "problems"
    click.echo(f"{len(errors)} {noun} in the data: the figures may be wrong", err=True)
    return 1


@contextmanager
def show_progress(label: str, steps: int) -> Iterator[Callable[[str], None]]:
    """Show a bar on a terminal's standard error; call what this yields after each step."""
    is_hidden = steps < _SHORT_WORK or not sys.stderr.isatty()
    with click.progressbar(length=steps, label=label, file=sys.stderr, hidden=is_hidden) as bar:
        yield lambda _name: bar.update(1)


def make_folder(folder: Path) -> None:
    """Make a folder for output, if it is not there; a LedgerError says why it cannot be made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"cannot make {folder}: {error.strerror}") from error


def write_output(content: str | bytes, output: Path | None) -> None:
    """Write text or bytes to a file, which is replaced whole, or else to standard output.

    Raises:
        LedgerError: it cannot be written; the file is as it was.
    """
    if output is None:
        click.echo(content, nl=False)
        require_output()
        return
    encoded = content.encode("utf-8") if isinstance(content, str) else content
    target = output.resolve()
    aside = target.with_name(f".{target.name}.new")
    try:
        if target.exists() and not target.is_file():  # a device or a pipe
            target.write_bytes(encoded)
            return
        aside.unlink(missing_ok=True)
        try:
            with aside.open("xb") as file:
                file.write(encoded)
            if target.exists():
                shutil.copymode(target, aside)
            aside.replace(target)
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise LedgerError(f"cannot write {output}: {error.strerror}") from error


def show_waiting() -> None:
    """Say on a terminal that somebody else is writing."""
    if sys.stderr.isatty():
        click.echo("waiting: another punchcard command is writing …", err=True)


def show_written(written: Written, format_: str, *, is_trial: bool = False) -> None:
    """Print what was written, or would be; warnings of the check go to standard error.

    The JSON has the ``balance`` as ``punchcard balance`` has it, and ``invitation`` for a new key.
    """
    draft, place = written.draft, written.places[0]
    if is_trial:  # The key of an invitation would open nothing.
        draft = draft._replace(invitation="")
    if format_ == "json":
        from ledger.balance.json_values import balance_to_json, select_fields

        answer = {
            **select_fields(draft, "name"),
            **select_fields(place, "file", "line"),
            **select_fields(draft, "says", "remarks"),
            "warnings": written.warnings,
            **select_fields(written, "commit", "branch"),
            "balance": balance_to_json(written.balances[0], None) if written.balances else None,
        }
        print_json(answer | ({"invitation": draft.invitation} if draft.invitation else {}))
        return
    click.echo(draft.says if draft.name in draft.says else f"{draft.name}: {draft.says}")
    if written.title:
        click.echo(f"  {make_printable(written.title)}")
    for remark in draft.remarks:
        click.echo(f"  note: {remark}")
    commit = "" if written.commit is None else f", {name_commit(written.commit, written.branch)}"
    verb, where = "written to", f"{place.file}:{place.line}"
    if draft.amended and not draft.amended.says:
        verb, where = "taken out of", place.file
    click.echo(f"  {'would be ' if is_trial else ''}{verb} {where}{commit}")
    if written.balances:
        click.echo(f"  {_describe_balance(written.balances[0])}")
    print_problems(written.warnings)
    if draft.invitation:
        click.echo(f"\nSend this to {draft.name}; it is shown only now:\n")
        click.echo(indent(draft.invitation, "    "), nl=False)


def name_commit(commit: str, branch: str | None) -> str:
    """Return the words for a commit that was made: its short id, and the branch that has it."""
    return f"commit {shorten_id(commit)}{f' on {branch}' if branch else ''}"


def _describe_balance(balance: Balance) -> str:
    cards = len(balance.open_cards)
    left = format_minutes(balance.remaining_minutes)
    if balance.overdrawn_minutes:
        overdrawn = format_minutes(balance.overdrawn_minutes)
        return f"{balance.customer} is {paint(f'OVERDRAWN by {overdrawn}', 'red')}"
    text = f"{balance.customer} has {left} left on {cards} card{'' if cards == 1 else 's'}"
    return f"{text}  {paint('LOW', 'yellow')}" if balance.low else text
