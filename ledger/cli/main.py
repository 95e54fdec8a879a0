"""The program ``punchcard`` of the ledger: its commands, and the exit status of every one.

0 fine, 1 the data has problems, 2 the command could not do its work, 3 somebody else is
publishing, 130 interrupted. Anything unexpected stays a traceback.
"""

import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import NoReturn

import click
from click.core import ParameterSource

from ledger.cli.printing import describe_lost_output, guard_streams, print_json, print_problems
from ledger.errors import LedgerError, Problem

DATA_HAS_PROBLEMS = 1
COULD_NOT_WORK = 2
INTERRUPTED = 130


class LazyCommand(click.Command):
    """Stands for a command, ``module:attribute``, until somebody runs it."""

    def __init__(self, name: str, place: str, summary: str) -> None:
        super().__init__(name, short_help=summary)
        self.place = place


class CommandGroup(click.Group):
    """Lists commands as they were added; imports a lazy one to run it, none to help or complete."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which help shows them."""
        del ctx
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the name of the command that is to be run, the command, and what is left."""
        name, command, rest = super().resolve_command(ctx, args)
        if isinstance(command, LazyCommand):
            module, _, attribute = command.place.partition(":")
            command = getattr(importlib.import_module(module), attribute)
        return name, command, rest


_LACKING = {  # what this machine lacks, and what to do about it; any other error is a bug
    errno.EMFILE: "let this process open more: ulimit -n 1024",
    errno.ENFILE: "close other programs",
    errno.ENOMEM: "close other programs",
    errno.ENOSPC: "make room, and run it again",
    errno.EDQUOT: "make room, and run it again",
}
_COMMANDS = (
    ("check", "check:check_command", "Check the whole ledger."),
    ("balance", "figures:balance_command", "Show what is left on the cards."),
    ("statement", "accounting:statement_command", "Show a customer's movements."),
    ("status", "workday:status_command", "Show how your day stands."),
    ("hours", "figures:hours_command", "Show time over all customers."),
    ("revenue", "accounting:revenue_command", "Show what is billed, earned and deferred."),
    ("export", "exchange:export_command", "Write the ledger for other programs."),
    ("expiries", "figures:expiries_command", "Show what ends, nearest first."),
    ("changes", "history:changes_command", "Show what came in since a publication."),
    ("show", "history:show_command", "Show one record and where it comes from."),
    ("audit", "history:audit_command", "Find commits that altered recorded facts."),
    ("verify", "history:verify_command", "Say whether a statement is genuine."),
    ("hook", "hooks:hook", "Let Git check what it takes."),
    ("merge-driver", "hooks:merge_driver_command", "Merge a file record by record, for Git."),
    ("resolve", "hooks:resolve_command", "Merge what Git has left in conflict."),
    ("log", "record:log_command", "Log time on a request."),
    ("start", "workday:start_command", "Start the timer for a request."),
    ("stop", "workday:stop_command", "Stop the timer and log its time."),
    ("amend", "workday:amend_command", "Change what you logged just now."),
    ("undo", "workday:undo_command", "Take away what you logged just now."),
    ("import", "exchange:import_command", "Import time from a time tracker."),
    ("correct", "record:correct_command", "Take back time that was logged."),
    ("buy", "record:buy_command", "Record a sale of punchcards."),
    ("refund", "record:refund_command", "Take unused time back."),
    ("goodwill", "record:goodwill_command", "Give time free of charge."),
    ("request", "requests:request", "Open requests and move them along."),
    ("account", "accounts:account", "Let people see their portal."),
    ("customer", "master_data:customer", "Add, edit and list customers."),
    ("consultant", "master_data:consultant", "Add and list who may log time."),
    ("terms", "master_data:terms", "Add terms of sale."),
    ("init", "setup:init_command", "Start a new ledger."),
    ("doctor", "setup:doctor_command", "Say whether all is set up."),
    ("explain", "check:explain_command", "Explain a rule of the check."),
    ("schema", "setup:schema_command", "Write JSON Schemas for editors."),
)


def _find_from_below(
    context: click.Context, _parameter: click.Parameter, value: Path | None
) -> Path | None:
    """Take a relative PUNCHCARD_LEDGER for one of the work tree, from any folder below its root."""
    if value is None or context.get_parameter_source("ledger") is not ParameterSource.ENVIRONMENT:
        return value
    with suppress(FileNotFoundError):
        for folder in (Path.cwd(), *Path.cwd().parents):
            if (folder / value).is_dir():
                return folder / value
            if (folder / ".git").exists():
                break
    return value


@click.group(
    "punchcard",
    cls=CommandGroup,
    commands=[LazyCommand(name, f"ledger.cli.{place}", text) for name, place, text in _COMMANDS],
)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    envvar="PUNCHCARD_LEDGER",
    metavar="DIR",
    callback=_find_from_below,
    help="The ledger's folder.  [default: git config punchcard.ledger, else customers/ of the "
    "current Git work tree]",
)
@click.version_option(
    package_name="service-punchcards",
    message="punchcard %(version)s",
    help="Show the version and leave.",
)
def punchcard(ledger: Path | None) -> None:
    """Prepaid punchcards: check a ledger, compute balances, build portals.

    Exit status: 0 fine, 1 the data has problems, 2 the command could not do its work,
    3 somebody else is publishing, 130 interrupted.

    \b
    Examples:
      punchcard check
      punchcard balance
      punchcard log acme ACME-14 45m -m "Sketched the export with the release manager."
      punchcard request list acme
    """
    del ledger  # Commands find it in the context.
    try:
        Path.cwd()
    except FileNotFoundError as error:
        message = "the current folder is not there any more"
        raise LedgerError(message, "go to one that is") from error


def run_and_exit(command: click.Command) -> NoReturn:
    """Run ``command`` with the process's arguments and leave with the status that fits."""
    guard_streams()
    try:
        status = run_command(command)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # The exit status is settled.
        if status != COULD_NOT_WORK and (reason := describe_lost_output()):
            text = f"standard output cannot be written: {reason}; what was done is done"
            click.echo(f"punchcard: warning: {text}", err=True)
    except KeyboardInterrupt:  # A second Ctrl-C, while the first was reported.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        status = INTERRUPTED
    sys.exit(status)


def run_command(command: click.Command, arguments: Sequence[str] | None = None) -> int:
    """Run ``command`` and return the exit status that fits what happened."""
    # Nothing that happens to be installed beside us takes part in reading a ledger.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        has_no_colours = False if os.environ.get("NO_COLOR") else None
        result = command.main(given, "punchcard", standalone_mode=False, color=has_no_colours)
    except click.ClickException as error:
        error.show()
        _answer_programs(given, error.format_message())
        return COULD_NOT_WORK
    except (LedgerError, OSError) as error:
        if isinstance(error, LedgerError):
            failure = error
        elif error.errno in _LACKING:
            place = f": {error.filename}" if isinstance(error.filename, str) else ""
            failure = LedgerError(f"{error.strerror}{place}", _LACKING[error.errno])
        else:
            raise
        show_error(failure)
        _answer_programs(given, failure.message, failure.hint, failure.problems)
        return failure.exit_status
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("\npunchcard: interrupted", err=True)
        return INTERRUPTED
    return result if isinstance(result, int) else 0


def _answer_programs(
    arguments: Sequence[str], message: str, hint: str = "", problems: Sequence[Problem] = ()
) -> None:
    """Print a failure as JSON, too, if the arguments ask for JSON: a program waits for it."""
    if "--format=json" in arguments or ("--format", "json") in pairwise(arguments):
        print_json({"error": message, "hint": hint or None, "problems": problems})


def show_error(error: LedgerError) -> None:
    """Print an operation's failure on standard error: the problems behind it, then one line."""
    if error.problems:
        print_problems(error.problems)
    hint = f" ({error.hint})" if error.hint else ""
    if "\n" in error.hint:  # A command that is to be copied has a line of its own.
        hint = f"; {error.hint}"
    label = click.style("error", fg="red", bold=True)
    click.echo(f"punchcard: {label}: {error.message}{hint}", err=True)
