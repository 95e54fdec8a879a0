"""How every command ends: the one place that turns what happened into an exit status.

0 fine, 1 the data has problems, 2 the command could not do its work, 3 somebody else is
publishing, 130 interrupted. Anything unexpected stays a traceback.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from ledger.errors import LedgerError

DATA_HAS_PROBLEMS = 1
COULD_NOT_WORK = 2
INTERRUPTED = 130


def run_and_exit(command: click.Command) -> NoReturn:
    """Run ``command`` with the process's arguments and leave with the status that fits."""
    try:
        status = run_command(command)
        ignore_interrupts()
    except KeyboardInterrupt:  # Once more, while the first was told.
        ignore_interrupts()
        status = INTERRUPTED
    sys.exit(status)


def run_command(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run ``command`` and return the exit status that fits what happened."""
    # Nothing that happens to be installed beside us takes part in reading a ledger.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    try:
        result = command.main(
            args=None if arguments is None else list(arguments),
            prog_name="punchcard",
            standalone_mode=False,
        )
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return COULD_NOT_WORK
    except LedgerError as error:
        show_error(error)
        return error.exit_status
    except (click.exceptions.Abort, KeyboardInterrupt):
        return show_interruption()
    except BrokenPipeError:
        # Whoever reads the output has gone; the interpreter must not complain about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return result if isinstance(result, int) else 0


def show_interruption() -> int:
    """Say on standard error that somebody ended the program; return the exit status for it."""
    click.echo("\npunchcard: interrupted", err=True)
    return INTERRUPTED


def ignore_interrupts() -> None:
    """Let Ctrl-C have no effect from now on: for a process whose exit status is settled.

    On its way out, Python would die of one more.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def show_error(error: LedgerError) -> None:
    """Print an operation's failure on standard error, on one line."""
    hint = f" ({error.hint})" if error.hint else ""
    label = click.style("error", fg="red", bold=True)
    click.echo(f"punchcard: {label}: {error.message}{hint}", err=True)
