"""``punchcard portal build``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.options import OpenedLedger, as_of_option, open_ledger_of, rev_option
from ledger.cli.progress import show_progress
from site_builder.cli.cache_folder import find_cache_folder
from site_builder.cli.shown_problems import shorten, showing_problems

if TYPE_CHECKING:
    from site_builder.build import BuildResult, MissingPortal

DEFAULT_OUTPUT = "site"


@click.command("build")
@click.argument("customers", nargs=-1, metavar="[CUSTOMER]...")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the portals; missing, empty, or built by this command.  "
    "[default: site/ in the work tree]",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes to use.  [default: one a core]",
)
@click.option(
    "--no-cache",
    is_flag=True,
    help="Build everything from nothing; the result is the same.",
)
@as_of_option
@rev_option
@click.pass_context
def build_command(
    context: click.Context,
    customers: tuple[str, ...],
    output: Path | None,
    jobs: int | None,
    no_cache: bool,
    as_of: date | None,
    rev: str | None,
) -> None:
    """Build the portals of some customers, or of all.

    Nothing is built from a ledger with errors, and nothing is replaced before everything is
    built. Naming some customers leaves the portals of the others alone. What is as it was at the
    last build is not made again.

    \b
    Examples:
      punchcard portal build
      punchcard portal build acme --output /tmp/preview --as-of 2026-11-20
    """
    with open_ledger_of(context, as_of, rev) as opened:
        folder = output or (opened.ledger.root or Path.cwd()) / DEFAULT_OUTPUT
        cache = None if no_cache else find_cache_folder()
        result = _build(opened, folder, customers, cache, jobs)
    _show(result, opened.as_of, folder)


def _build(
    opened: OpenedLedger,
    output: Path,
    customers: tuple[str, ...],
    cache: Path | None,
    jobs: int | None,
) -> BuildResult:
    from site_builder.build import build_portals
    from site_builder.workers import count_cores

    count = len(customers) or len(opened.ledger.slugs)
    with showing_problems(), show_progress("building", count) as advance:
        return build_portals(
            opened.ledger,
            output,
            opened.as_of,
            customers,
            on_customer=advance,
            cache_folder=cache,
            jobs=jobs or count_cores(),
        )


def _show(result: BuildResult, as_of: date, output: Path) -> None:
    for missing in result.missing:
        click.echo(_describe(missing))
    count = len(result.built)
    noun = "portal" if count == 1 else "portals"
    click.echo(f"built {count} {noun} in {shorten(output)}, as of {as_of}")
    if result.built:
        click.echo(f"open {shorten(result.built[0].page)}")


def _describe(missing: MissingPortal) -> str:
    reason = "has no purchase and no other service"
    if missing.state == "closed":
        reason = f"closed after {missing.last_day}"
    taken = "; the one built before was taken away" if missing.was_taken_away else ""
    return f"{missing.slug}: no portal: {reason}{taken}"
