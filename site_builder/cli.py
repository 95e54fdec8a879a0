"""``punchcard portal``: parse, call one function, print."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import click

from ledger.cli.options import OpenedLedger, as_of_option, open_ledger_of, rev_option
from ledger.cli.problem_output import paint
from ledger.cli.progress import show_progress
from ledger.reporters.problem_text import format_problems
from site_builder.build import (
    BuildResult,
    LedgerHasErrorsError,
    MissingPortal,
    build_portals,
)

DEFAULT_OUTPUT = "site"


@click.group("portal")
def portal() -> None:
    """Build customers' private portals."""


@portal.command("build")
@click.argument("customers", nargs=-1, metavar="[CUSTOMER]...")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the portals; missing, empty, or built by this command.  "
    "[default: site/ in the work tree]",
)
@as_of_option
@rev_option
@click.pass_context
def build_command(
    context: click.Context,
    customers: tuple[str, ...],
    output: Path | None,
    as_of: date | None,
    rev: str | None,
) -> None:
    """Build the portals of some customers, or of all.

    Nothing is built from a ledger with errors, and nothing is replaced before everything is
    built. Naming some customers leaves the portals of the others alone.

    \b
    Examples:
      punchcard portal build
      punchcard portal build acme --output /tmp/preview --as-of 2026-11-20
    """
    with open_ledger_of(context, as_of, rev) as opened:
        folder = output or (opened.ledger.root or Path.cwd()) / DEFAULT_OUTPUT
        result = _build(opened, folder, customers)
    _show(result, opened.as_of, folder)


def _build(opened: OpenedLedger, output: Path, customers: tuple[str, ...]) -> BuildResult:
    count = len(customers) or len(opened.ledger.slugs)
    try:
        with show_progress("building", count) as advance:
            return build_portals(
                opened.ledger, output, opened.as_of, customers, on_customer=advance
            )
    except LedgerHasErrorsError as error:
        for line in format_problems(error.problems, paint):
            click.echo(line, err=True)
        raise


def _show(result: BuildResult, as_of: date, output: Path) -> None:
    for missing in result.missing:
        click.echo(_describe(missing))
    count = len(result.built)
    noun = "portal" if count == 1 else "portals"
    click.echo(f"built {count} {noun} in {_shorten(output)}, as of {as_of}")
    if result.built:
        click.echo(f"open {_shorten(result.built[0].page)}")


def _describe(missing: MissingPortal) -> str:
    reason = "has no purchase and no other service"
    if missing.state == "closed":
        reason = f"closed after {missing.last_day}"
    taken = "; the one built before was taken away" if missing.was_taken_away else ""
    return f"{missing.slug}: no portal: {reason}{taken}"


def _shorten(path: Path) -> str:
    """Return the path from here if that is shorter: it is to be read and opened."""
    absolute = path.resolve()
    relative = os.path.relpath(absolute)
    return relative if len(relative) < len(str(absolute)) else str(absolute)
