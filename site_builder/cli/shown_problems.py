"""The errors that keep a portal from being built, and paths, as they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from ledger.cli.printing import paint
from site_builder.errors import LedgerHasErrorsError


@contextmanager
def showing_problems() -> Iterator[None]:
    """Show the ledger's errors before the message that says what they keep from being done."""
    try:
        yield
    except LedgerHasErrorsError as error:
        show_errors(error)
        raise


def show_errors(error: LedgerHasErrorsError) -> None:
    """Print the ledger's errors, each with its place, on standard error."""
    from ledger.reporters.problem_text import format_problems  # help and completion do without

    for line in format_problems(error.problems, paint):
        click.echo(line, err=True)


def shorten(path: Path) -> str:
    """Return the path from here if it lies below here, else from the root."""
    absolute, here = path.resolve(), Path.cwd().resolve()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else absolute)
