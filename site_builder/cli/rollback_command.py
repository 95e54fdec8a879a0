"""``punchcard portal rollback``."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import click

from ledger.cli.options import format_option


@click.command("rollback")
@click.option(
    "--in",
    "folder",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder that was published into.",
)
@click.option(
    "--to",
    "tag",
    metavar="TAG",
    help="The publication to go back to, as published/2026-11-16.  [default: the one before]",
)
@format_option("table", "json")
def rollback_command(folder: Path, tag: str | None, format_: str) -> None:
    """Let customers see an earlier publication again.

    Its portals are still there, are checked to the byte, and are switched at once. Tags stay as
    they are, and the ledger is not asked. A portal whose last day has passed is not brought back.

    \b
    Examples:
      punchcard portal rollback --in published
      punchcard portal rollback --in published --to published/2026-11-16
    """
    from site_builder.cli.publication_output import show_report
    from site_builder.publication.rollback import roll_back

    report = roll_back(folder, tag, datetime.now(UTC).date())
    show_report(report, format_, "went back in")
