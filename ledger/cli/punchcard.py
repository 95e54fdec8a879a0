"""The group that all of the ledger's commands belong to."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

import click

from ledger.cli.lazy_group import LazyCommand, LazyGroup

LEDGER_COMMANDS = {
    "check": LazyCommand("ledger.cli.check_command:check_command", "Check the whole ledger."),
    "balance": LazyCommand(
        "ledger.cli.balance_command:balance_command", "Show what is left on the cards."
    ),
    "statement": LazyCommand(
        "ledger.cli.statement_command:statement_command", "Show a customer's movements."
    ),
    "expiries": LazyCommand(
        "ledger.cli.expiries_command:expiries_command", "Show what ends, nearest first."
    ),
}


def _show_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        click.echo(f"punchcard {metadata.version('service-punchcards')}")
        context.exit()


@click.group("punchcard", cls=LazyGroup, lazy_commands=LEDGER_COMMANDS)
@click.option(
    "--ledger",
    type=click.Path(path_type=Path),
    envvar="PUNCHCARD_LEDGER",
    metavar="DIR",
    help="The ledger's folder.  [default: customers/ of the current Git work tree]",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and leave.",
)
def punchcard(ledger: Path | None) -> None:
    """Prepaid punchcards: check a ledger, compute balances, build portals.

    Exit status: 0 fine, 1 the data has problems, 2 the command could not do its work,
    3 somebody else is publishing, 130 interrupted.
    """
    del ledger  # Commands find it in the context.
