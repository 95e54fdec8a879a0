"""The group that all of the ledger's commands belong to."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.cli.lazy_group import LazyCommand, LazyGroup
from ledger.failed_operation import LedgerError

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
    "changes": LazyCommand(
        "ledger.cli.changes_command:changes_command", "Show what came in since a publication."
    ),
    "show": LazyCommand(
        "ledger.cli.show_command:show_command", "Show one record and where it comes from."
    ),
    "audit": LazyCommand(
        "ledger.cli.audit_command:audit_command", "Find commits that altered recorded facts."
    ),
    "verify": LazyCommand(
        "ledger.cli.verify_command:verify_command", "Say whether a statement is genuine."
    ),
    "hook": LazyCommand("ledger.cli.hook_command:hook", "Let Git check what it takes."),
    "log": LazyCommand("ledger.cli.log_command:log_command", "Log time on a request."),
    "correct": LazyCommand(
        "ledger.cli.correct_command:correct_command", "Take back time that was logged."
    ),
    "buy": LazyCommand("ledger.cli.buy_command:buy_command", "Record a sale of punchcards."),
    "refund": LazyCommand("ledger.cli.refund_command:refund_command", "Take unused time back."),
    "goodwill": LazyCommand(
        "ledger.cli.goodwill_command:goodwill_command", "Give time free of charge."
    ),
    "request": LazyCommand(
        "ledger.cli.request_command:request", "Open requests and move them along."
    ),
    "account": LazyCommand("ledger.cli.account_command:account", "Let people see their portal."),
    "customer": LazyCommand("ledger.cli.customer_command:customer", "Add and list customers."),
    "init": LazyCommand("ledger.cli.init_command:init_command", "Start a new ledger."),
    "explain": LazyCommand(
        "ledger.cli.explain_command:explain_command", "Explain a rule of the check."
    ),
    "schema": LazyCommand(
        "ledger.cli.schema_command:schema_command", "Write JSON Schemas for editors."
    ),
}


def _show_version(context: click.Context, _parameter: click.Parameter, value: bool) -> None:
    if value and not context.resilient_parsing:
        from importlib import metadata

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
        raise LedgerError(
            "the current folder is not there any more", "go to one that is"
        ) from error
