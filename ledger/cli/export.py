"""``punchcard export``: the whole ledger for accounting and analysis."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.figures import draw_down_customers
from ledger.cli.options import as_of_option, customers_argument, open_ledger_of, rev_option
from ledger.cli.printing import make_folder, show_problems, show_progress, write_output
from ledger.errors import Problem

if TYPE_CHECKING:
    from ledger.balance.draw_down import DrawDown
    from ledger.files.reader import Organization
    from ledger.models import CustomerRecords


@click.command("export")
@click.argument("what", type=click.Choice(("beancount", "hledger", "csv")))
@customers_argument
@click.option(
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    required=True,
    metavar="DIR",
    help="The folder to write to; it is made if need be.",
)
@as_of_option
@rev_option
def export_command(
    what: str, customers: tuple[str, ...], output: Path, as_of: date | None, rev: str | None
) -> int:
    """Write the whole ledger, or some customers, for other programs.

    `beancount` and `hledger` write a journal: cards as minutes held at their cost in a liability,
    revenue by category, breakage, refunds. `csv` writes tables with a datapackage.json.

    \b
    Examples:
      punchcard export beancount --output accounting
      punchcard export csv acme --output tables
    """
    problems: list[Problem] = []
    with open_ledger_of(as_of, rev, customers) as opened:
        names = tuple(dict.fromkeys(customers)) or opened.ledger.slugs
        with show_progress("exporting", len(names)) as advance:

            def draw_down() -> Iterator[tuple[CustomerRecords, DrawDown]]:
                for folder, drawn in draw_down_customers(opened, names, problems):
                    yield folder.records, drawn
                    advance(folder.slug)

            files = _make_files(what, opened.ledger.organization, draw_down())
    make_folder(output)
    for name, content in files.items():
        write_output(content, output / name)
    click.echo(f"wrote {', '.join(files)} to {output}")
    return show_problems(problems)


def _make_files(
    what: str, organization: Organization, drawn: Iterator[tuple[CustomerRecords, DrawDown]]
) -> dict[str, str]:
    """Return the files of an export by their names."""
    from ledger.exchange import accounting, tables

    if what != "csv":
        transactions = (item for pair in drawn for item in accounting.list_transactions(*pair))
        name, format_ = {
            "beancount": ("punchcards.beancount", accounting.format_beancount),
            "hledger": ("punchcards.journal", accounting.format_hledger),
        }[what]
        return {name: "".join(format_(organization, transactions))}
    rows: dict[str, list[tables.Row]] = {name: [] for name in tables.TABLES}
    for records, book in drawn:
        for name, row in tables.list_rows(organization, records, book):
            rows[name].append(row)
    title = "" if organization.provider is None else organization.provider.name
    files = {f"{name}.csv": tables.format_table(name, rows[name]) for name in rows}
    return {**files, tables.DESCRIPTION_NAME: tables.format_description(title)}
