"""``punchcard portal combine``."""

from __future__ import annotations

from pathlib import Path

import click

from ledger.cli.printing import show_progress
from site_builder.cli.shown_problems import shorten


@click.command("combine")
@click.argument(
    "parts",
    nargs=-1,
    required=True,
    metavar="PART...",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="DIR",
    help="The folder of the portals; missing, empty, or built by this program.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How many processes to use.  [default: one a core]",
)
def combine_command(parts: tuple[Path, ...], output: Path, jobs: int | None) -> None:
    """Put the parts that `portal build --shard` has made together.

    The parts have to be of the same commit and day, made by the same versions, and all there, each
    once and as it was built; else nothing is replaced. The result is, to the byte, that of one
    build of all portals.

    \b
    Examples:
      punchcard portal combine part-1 part-2 --output site
    """
    from ledger.cores import count_cores
    from site_builder.combination import combine_parts, read_parts

    whole = read_parts(parts)
    count = len(whole.places)
    with show_progress("combining", count) as advance:
        combine_parts(whole, output, jobs or count_cores(), advance)
    noun = "portal" if count == 1 else "portals"
    click.echo(f"put {count} {noun} of {len(parts)} parts into {shorten(output)}")
