"""What commands print: rows, JSON, problems, progress, and what was written.

Standard output and error are guarded: what cannot be told does not undo what was done. A write that
fails is remembered instead of raised, so that a command that has written a record does not look as
if it was refused; a character that the terminal lacks is replaced.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import select
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from textwrap import indent
from typing import Any

import click

from ledger.cli import lazy
from ledger.duration import format_minutes
from ledger.errors import LedgerError, Problem, Severity, naming_failure
from ledger.text import escape_controls, format_json, make_printable, shorten_id

_SHORT_WORK = 20
_NUMBERS = ("_minutes", "days_left")


class GuardedText(io.TextIOWrapper):
    """Text for a terminal: plain colours are ours, any other control is data and escaped."""

    ours = re.compile(r"(\x1b\[(?:0|1|3[0-7])m)")

    def write(self, text: str, /) -> int:  # noqa: D102 - as io has it
        parts = self.ours.split(text)
        parts[::2] = map(escape_controls, parts[::2])
        super().write("".join(parts))
        return len(text)


class GuardedFile(io.FileIO):
    """An open descriptor; ``error`` is the first failed write, after which nothing is written."""

    error: OSError | None = None

    def write(self, data: Any, /) -> int:  # noqa: D102 - as io has it
        while self.error is None:
            try:
                if (count := super().write(data)) is not None:
                    return count
                select.select([], [self], [])  # a pipe that does not block, and is full
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes


def guard_streams() -> None:
    """Guard the standard streams of this process; one that is closed is there, but nothing else."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            # No file that is opened later may get a number that others take for this stream.
            os.open(os.devnull, os.O_RDWR)
        if name == "stdin":
            sys.stdin = stream or io.TextIOWrapper(io.BytesIO())
            continue
        guarded = GuardedFile(number, "w", closefd=False)
        if stream is None:
            guarded.error = OSError(errno.EBADF, "it is closed")
        encoding = stream.encoding if stream else "utf-8"
        if codecs.lookup(encoding).name == "ascii":
            encoding = "utf-8"  # As Click has it, which would put a stream of its own around ours.
        file = io.BufferedWriter(guarded)
        errors = "replace" if name == "stdout" else "backslashreplace"
        text = GuardedText(file, encoding, errors, line_buffering=True)
        if name == "stderr":  # which shows progress bars, too
            text.ours = re.compile(r"(\x1b\[(?:0|1|3[0-7])m|\x1b\[\?25[hl]|\x1b\[K|\r)")
        setattr(sys, name, text)


def describe_lost_output() -> str:
    """Say why standard output could not be written; nothing if it was, or if its reader left."""
    sys.stdout.flush()
    file = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    error = file.error if isinstance(file, GuardedFile) else None
    return "" if error is None or error.errno == errno.EPIPE else str(error.strerror)


def require_output() -> None:
    """Raise a LedgerError if standard output was lost: for commands that do nothing but print."""
    if reason := describe_lost_output():
        raise LedgerError(f"standard output cannot be written: {reason}")


def paint(text: str, colour: str) -> str:
    """Colour a text; ``click.echo`` takes colours out where there is no terminal."""
    return click.style(text, fg=colour, bold=True)


def print_json(value: Any) -> None:
    """Print a value, as ``to_json`` has it, as indented JSON."""
    print_for_programs(format_json(lazy.json_values.to_json(value)))


def print_answer(format_: str, answer: Any, text: str) -> None:
    """Print an ``answer`` as ``json``, or else what people read."""
    if format_ == "json":
        print_json(answer)
    else:
        click.echo(text)


def print_for_programs(text: str) -> None:
    """Print a text that programs read: in UTF-8, whatever the locale."""
    click.echo(text.encode("utf-8", "backslashreplace"), nl=False)


def print_rows(
    format_: str, rows: Sequence[Any], columns: Sequence[str], table: Callable[[], str]
) -> None:
    """Print rows as ``json``, as ``csv`` with these columns, or as what ``table`` returns."""
    if format_ == "json":
        print_json(rows)
    elif format_ == "csv":
        print_for_programs(lazy.formats.format_csv(columns, lazy.json_values.to_json(rows)))
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
    shown = table or {column: column for column in columns}

    def make_table() -> str:
        cells = [
            [_format_cell(key, row[key]) for key in shown.values()]
            for row in lazy.json_values.to_json(rows)
        ]
        right = [header for header, key in shown.items() if key.endswith(_NUMBERS)]
        made = lazy.formats.format_table(list(shown), cells, right)
        return made if as_of is None else f"{made}\nas of {as_of}"

    print_rows(format_, rows, columns, make_table)


def _format_cell(key: str, value: Any) -> str:
    if key.endswith("_minutes"):
        return format_minutes(value) if value else "-"
    return "-" if value is None else make_printable(str(value))


def is_terminal() -> bool:
    """Whether somebody is there who can be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def showing_refusal() -> Iterator[None]:
    """Show why an answer was refused, instead of ending with it."""
    try:
        yield
    except LedgerError as error:
        click.echo(f"{error.message} ({error.hint})" if error.hint else error.message)


def ask(question: str, kind: click.ParamType[Any] = click.STRING, default: str = "") -> Any:
    """Ask on a terminal; an answer without a word is the default, or else None."""

    def read(text: str) -> Any:
        return kind.convert(text, None, None) if text.strip() else None

    return click.prompt(question, default=default, show_default=bool(default), value_proc=read)


def print_problems(problems: Iterable[Problem], *, err: bool = True) -> None:
    """Print problems, each with its place, on standard error or output."""
    for line in lazy.formats.format_problems(problems):
        click.echo(line, err=err)


def show_problems(problems: Sequence[Problem]) -> int:
    """Print the errors, but no warnings, on standard error; return the exit status for them."""
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
    is_hidden = not label or steps < _SHORT_WORK or not sys.stderr.isatty()
    with click.progressbar(length=steps, label=label, file=sys.stderr, hidden=is_hidden) as bar:
        yield lambda _name: bar.update(1)


def make_folder(folder: Path) -> None:
    """Make a folder for output, if it is not there; a LedgerError says why it cannot be made."""
    with naming_failure(f"cannot make {folder}"):
        folder.mkdir(parents=True, exist_ok=True)


def write_output(content: str | bytes, output: Path | None) -> None:
    """Write to a file, replaced whole, or to standard output; a LedgerError leaves it as it was."""
    if output is None:
        click.echo(content, nl=False)
        require_output()
        return
    encoded = content.encode("utf-8") if isinstance(content, str) else content
    target = output.resolve()
    aside = target.with_name(f".{target.name}.new")
    with naming_failure(f"cannot write {output}"):
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


def show_waiting() -> None:
    """Say on a terminal that somebody else is writing."""
    if sys.stderr.isatty():
        click.echo("waiting: another punchcard command is writing …", err=True)


def show_written(written: lazy.write.Written, format_: str, *, is_trial: bool = False) -> None:
    """Print what was written, or would be; warnings of the check go to standard error.

    The JSON has the ``balance`` as ``punchcard balance`` has it, and ``invitation`` for a new key.
    """
    draft, place = written.draft, written.places[0]
    if is_trial:  # The key of an invitation would open nothing.
        draft = draft._replace(invitation="")
    balance = written.balances[0] if written.balances else None
    if format_ == "json":
        answer = {
            "name": draft.name,
            "file": place.file,
            "line": place.line,
            "says": draft.says,
            "remarks": draft.remarks,
            "warnings": written.warnings,
            "commit": written.commit,
            "branch": written.branch,
            "balance": balance,
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
    if balance:
        click.echo(f"  {_describe_balance(balance)}")
    print_problems(written.warnings)
    if draft.invitation:
        click.echo(f"\nSend this to {draft.name}; it is shown only now:\n")
        click.echo(indent(draft.invitation, "    "), nl=False)


def name_commit(commit: str, branch: str | None) -> str:
    """Return the words for a commit that was made: its short id, and the branch that has it."""
    return f"commit {shorten_id(commit)}{f' on {branch}' if branch else ''}"


def _describe_balance(balance: lazy.summary.Balance) -> str:
    if balance.overdrawn_minutes:
        overdrawn = format_minutes(balance.overdrawn_minutes)
        return f"{balance.customer} is {paint(f'OVERDRAWN by {overdrawn}', 'red')}"
    left, cards = format_minutes(balance.remaining_minutes), len(balance.open_cards)
    text = f"{balance.customer} has {left} left on {cards} card{'' if cards == 1 else 's'}"
    return f"{text}  {paint('LOW', 'yellow')}" if balance.low else text
