"""``punchcard portal publish``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.main import DATA_HAS_PROBLEMS
from ledger.cli.options import (
    OpenedLedger,
    as_of_option,
    format_option,
    open_ledger_of,
)
from ledger.cli.printing import show_progress
from site_builder.cli.shown_problems import showing_problems

if TYPE_CHECKING:
    from site_builder.publication.publish import Order
    from site_builder.publication.report import PublicationReport

_DEFAULT_KEPT = 3
_FEWEST_KEPT = 2


@click.command("publish")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder that customers' portals are served from; missing, empty, or published into "
    "by this command.",
)
@click.option(
    "--rev",
    default="HEAD",
    show_default=True,
    metavar="REV",
    help="The branch, tag or commit to publish. The work tree never is.",
)
@as_of_option
@click.option(
    "--keep",
    type=click.IntRange(min=_FEWEST_KEPT),
    default=_DEFAULT_KEPT,
    show_default=True,
    metavar="N",
    help="How many publications to keep for `portal rollback`.",
)
@click.option(
    "--since",
    metavar="REV",
    help="Compare with this revision instead of what was published last: for history that was "
    "altered on purpose.",
)
@click.option(
    "--from-parts",
    "parts",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    multiple=True,
    metavar="PART",
    help="Take the portals from a folder that `portal build --shard` made, instead of building "
    "them; given once for each part.",
)
@click.option("--no-tag", is_flag=True, help="Do not record the publication: for a rehearsal.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes to use.  [default: one a core]",
)
@click.option(
    "--no-cache",
    is_flag=True,
    expose_value=False,
    help="Build everything from nothing, as a publication always does.",
)
@format_option("table", "json")
@click.pass_context
def publish_command(  # noqa: PLR0913, PLR0917  # one parameter an option
    context: click.Context,
    folder: Path,
    rev: str,
    as_of: date | None,
    keep: int,
    since: str | None,
    parts: tuple[Path, ...],
    no_tag: bool,
    jobs: int | None,
    format_: str,
) -> int:
    """Check the ledger at a commit, build all portals aside, and switch each over at once.

    A customer whose data has errors, or whose published history was altered, keeps the portal
    that is there; the others are published, and the exit status is 1. A portal whose last day
    has passed is taken down. Last of all the tag published/DATE is made.

    Exit status 2 means that nothing was published, 3 that somebody else is publishing there.

    \b
    Examples:
      punchcard portal publish --to published
      punchcard portal publish --to /srv/portals --rev origin/main
      punchcard portal publish --to rehearsal --no-tag --format json
    """
    if parts and as_of is None:
        as_of = _find_day(parts)
    with open_ledger_of(context, as_of, rev) as opened:
        _say_what_is_left_out(opened, rev)
        order = _make_order(folder, opened.as_of, keep, since, parts, no_tag, jobs)
        report = _publish(opened, order)
    from site_builder.cli.publication_output import show_report

    show_report(report, format_, "published")
    return DATA_HAS_PROBLEMS if report.held_back else 0


def _make_order(
    folder: Path,
    as_of: date,
    keep: int,
    since: str | None,
    parts: tuple[Path, ...],
    no_tag: bool,
    jobs: int | None,
) -> Order:
    from ledger.cores import count_cores
    from site_builder.publication.publish import Order

    return Order(
        folder=folder,
        as_of=as_of,
        kept=keep,
        is_recorded=not no_tag,
        since=since,
        parts=parts,
        jobs=jobs or count_cores(),
    )


def _find_day(parts: tuple[Path, ...]) -> date:
    """Return the day that the parts show: nobody need say it again."""
    from site_builder.publication.parted_portals import find_day

    return find_day(parts)


def _publish(opened: OpenedLedger, order: Order) -> PublicationReport:
    from site_builder.publication.publish import publish

    count = len(opened.ledger.slugs)
    with showing_problems(), show_progress("building", count) as advance:
        return publish(opened.ledger, order, advance)


def _say_what_is_left_out(opened: OpenedLedger, rev: str) -> None:
    """Remind of changes that are not committed, where somebody may think they are published."""
    ledger = opened.ledger
    if rev != "HEAD" or ledger.repository is None or ledger.repository.root is None:
        return
    if ledger.repository.has_changes(ledger.files.prefix):
        click.echo(
            "the ledger has changes that are not committed: they are not published", err=True
        )
