"""``punchcard portal build``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.options import (
    OpenedLedger,
    as_of_option,
    open_ledger_of,
    rev_option,
)
from ledger.cli.printing import show_progress
from site_builder.cli.shown_problems import shorten, showing_problems
from site_builder.cli.untranslated import warn_of_english

if TYPE_CHECKING:
    from site_builder.build import BuildResult, MissingPortal, Shard

DEFAULT_OUTPUT = "site"
DEFAULT_OVERVIEW_OUTPUT = "overview"


class ShardType(click.ParamType):  # type: ignore[type-arg]  # not generic before click 8.4
    """A share of the customers, written like 2/8."""

    name = "shard"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Shard:
        """Return the share that ``value`` says."""
        from site_builder.build import Shard, parse_shard

        try:
            return value if isinstance(value, Shard) else parse_shard(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Return what help shows for a value."""
        del param, ctx
        return "N/M"


SHARD = ShardType()


@click.command("build")
@click.argument("customers", nargs=-1, metavar="[CUSTOMER]...")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the portals; missing, empty, or built by this command.  "
    "[default: site/ in the work tree; overview/ with --overview]",
)
@click.option(
    "--overview",
    is_flag=True,
    help="Build the provider's internal overview of all customers instead, in a folder of its own.",
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
@click.option(
    "--shard",
    type=SHARD,
    help="Build the portals of a fixed share of the customers, the second of eight for instance, "
    "so that several machines share the work.",
)
@as_of_option
@rev_option
@click.pass_context
def build_command(  # noqa: PLR0913, PLR0917  # one parameter an option
    context: click.Context,
    customers: tuple[str, ...],
    output: Path | None,
    overview: bool,
    jobs: int | None,
    no_cache: bool,
    shard: Shard | None,
    as_of: date | None,
    rev: str | None,
) -> None:
    """Build the portals of some customers, or of all.

    Nothing is built from a ledger with errors, and nothing is replaced before everything is
    built. Naming some customers leaves the portals of the others alone. What is as it was at the
    last build is not made again.

    The overview is for people at the provider: it names all customers, and is never put into a
    folder of portals, nor around one.

    \b
    Examples:
      punchcard portal build
      punchcard portal build acme --output preview --as-of 2026-11-20
      punchcard portal build --overview
      punchcard portal build --shard 2/8 --output part-2
    """
    if shard and (customers or overview):
        raise click.UsageError("--shard is a part of all portals: name no customer, no --overview")
    if overview and customers:
        raise click.UsageError("--overview is of all customers: name none")
    with open_ledger_of(context, as_of, rev) as opened:
        default = DEFAULT_OVERVIEW_OUTPUT if overview else DEFAULT_OUTPUT
        folder = output or (opened.ledger.root or Path.cwd()) / default
        warn_of_english(opened.ledger.root)
        if overview:
            _build_overview(opened, folder)
            return
        result = _build(opened, folder, shard or customers, jobs, rebuilds_all=no_cache)
    _show(result, opened.as_of, folder)


def _build_overview(opened: OpenedLedger, output: Path) -> None:
    from site_builder.overview_build import build_overview

    with showing_problems():
        page = build_overview(opened.ledger, output, opened.as_of)
    click.echo(f"built the internal overview in {shorten(output)}, as of {opened.as_of}")
    click.echo(f"open {shorten(page)}")


def _build(
    opened: OpenedLedger,
    output: Path,
    customers: tuple[str, ...] | Shard,
    jobs: int | None,
    *,
    rebuilds_all: bool,
) -> BuildResult:
    from ledger.cores import count_cores
    from site_builder.build import build_portals, choose_slugs

    count = len(choose_slugs(opened.ledger, customers))
    with showing_problems(), show_progress("building", count) as advance:
        return build_portals(
            opened.ledger,
            output,
            opened.as_of,
            customers,
            on_customer=advance,
            jobs=jobs or count_cores(),
            rebuilds_all=rebuilds_all,
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
