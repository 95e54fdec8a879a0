"""Problems on the terminal, for commands whose work is something else."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from ledger.errors import Problem, Severity


def paint(text: str, colour: str) -> str:
    """Colour a text; ``click.echo`` takes colours out where there is no terminal."""
    return text if os.environ.get("NO_COLOR") else click.style(text, fg=colour, bold=True)


def show_problems(problems: Sequence[Problem]) -> None:
    """Print the errors among ``problems`` on standard error; warnings are left to ``check``."""
    from ledger.reporters.problem_text import format_problems  # help and completion do without

    errors = [problem for problem in problems if problem.severity is Severity.ERROR]
    for line in format_problems(errors, paint):
        click.echo(line, err=True)
    if errors:
        noun = "problem" if len(errors) == 1 else "problems"
        click.echo(f"{len(errors)} {noun} in the data: the figures may be wrong", err=True)


def has_errors(problems: Sequence[Problem]) -> bool:
    """Whether any of ``problems`` is an error."""
    return any(problem.severity is Severity.ERROR for problem in problems)
