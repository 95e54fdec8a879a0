"""``punchcard portal export``."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from ledger.cli.options import as_of_option, open_ledger_of, rev_option
from site_builder.cli.shown_problems import shorten, showing_problems


@click.command("export")
@click.argument("customer")
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@as_of_option
@rev_option
@click.pass_context
def export_command(
    context: click.Context, customer: str, folder: Path, as_of: date | None, rev: str | None
) -> None:
    """Write a customer's portal into DIR as an ordinary MkDocs project.

    Plain `mkdocs build` on it makes the same portal, to the byte; it needs MkDocs and its Material
    theme, and neither the ledger nor this program.

    \b
    Examples:
      punchcard portal export acme acme-portal
      cd acme-portal && python -m mkdocs build
    """
    from site_builder.mkdocs.export import export_portal

    with open_ledger_of(context, as_of, rev) as opened, showing_problems():
        export_portal(opened.ledger, customer, folder, opened.as_of)
    click.echo(f"wrote the portal of {customer} to {shorten(folder)}, as of {opened.as_of}")
