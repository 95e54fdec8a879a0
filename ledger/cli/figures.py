"""``punchcard balance``, ``statement`` and ``expiries``."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.options import (
    OpenedLedger,
    Reading,
    customer_argument,
    customers_argument,
    reading_options,
)
from ledger.cli.printing import (
    print_list,
    print_rows,
    show_problems,
    show_progress,
    write_output,
)
from ledger.cli.value_types import DAY
from ledger.errors import LedgerError, Problem, Severity

if TYPE_CHECKING:
    from ledger.balance.draw_down import DrawDown
    from ledger.balance.statement import Statement
    from ledger.balance.summary import Balance
    from ledger.files.reader import CustomerFolder
    from ledger.ledger import Ledger

_STATEMENT_COLUMNS = (
    *("date", "kind", "reference", "request", "consultant", "category"),
    *("worked_minutes", "minutes", "balance_minutes", "amount", "note", "invoice", "value"),
    "signed_amount",
)
_ENDING_COLUMNS = ("customer", "kind", "subject", "last_day", "days_left")
_ENDING_TABLE = {
    "last day": "last_day",
    "days left": "days_left",
    "customer": "customer",
    "what": "kind",
    "subject": "subject",
}


def draw_down_customers(
    opened: OpenedLedger, customers: Iterable[str], problems: list[Problem]
) -> Iterator[tuple[CustomerFolder, DrawDown]]:
    """Yield each customer's folder and draw-down; add what is wrong with the data to ``problems``.

    All customers if none are named.
    """
    from ledger.balance.draw_down import draw_down
    from ledger.check import find_organization_problems, find_problems_of

    ledger, organization = opened.ledger, opened.ledger.organization
    problems += [*ledger.problems, *find_organization_problems(organization)]
    for folder in ledger.read_customers(customers):
        drawn = draw_down(folder.records, organization.terms, opened.as_of)
        problems += find_problems_of(organization, folder, opened.as_of)
        yield folder, drawn


@click.command("balance")
@customers_argument
@reading_options("table", "json", "csv")
def balance_command(customers: tuple[str, ...], reading: Reading) -> int:
    """Show what is left on the cards of some customers, or of all.

    \b
    Examples:
      punchcard balance
      punchcard balance acme --format json
      punchcard balance --as-of 2026-10-01
    """
    from ledger.balance.json_values import balance_to_json
    from ledger.balance.summary import summarize_draw_down
    from ledger.output.tables import format_balance_table
    from ledger.output.tabular import list_scalar_columns

    balances: list[Balance] = []
    problems: list[Problem] = []
    with reading.open(customers) as opened:
        terms = opened.ledger.organization.terms
        names = tuple(dict.fromkeys(customers)) or opened.ledger.slugs
        with show_progress("computing", len(names)) as advance:
            for folder, drawn in draw_down_customers(opened, names, problems):
                balances.append(summarize_draw_down(folder.records, terms, drawn))
                advance(folder.slug)
        rows = [balance_to_json(balance, opened.ledger.revision) for balance in balances]
        columns = list_scalar_columns(rows[0]) if rows else []
        table = partial(format_balance_table, balances, opened.as_of)
        print_rows(reading.format_, rows, columns, table)
    return show_problems(problems)


@click.command("expiries")
@click.option(
    "--within",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Leave out what ends later than so many days ahead.  [default: no limit]",
)
@reading_options("table", "json", "csv")
def expiries_command(within: int | None, reading: Reading) -> int:
    """Show which accounts, portals, cards and licences end, nearest first.

    The last day is the last on which it still works.

    \b
    Examples:
      punchcard expiries --within 60
      punchcard expiries --format json
    """
    from ledger.balance.expiry import list_endings, sort_endings
    from ledger.balance.json_values import to_json
    from ledger.balance.summary import summarize_draw_down

    problems: list[Problem] = []
    with reading.open() as opened:
        terms = opened.ledger.organization.terms
        endings = [
            ending
            for folder, drawn in draw_down_customers(opened, (), problems)
            for ending in list_endings(
                folder.records, terms, summarize_draw_down(folder.records, terms, drawn), within
            )
        ]
        rows = [to_json(ending) for ending in sort_endings(endings)]
        print_list(reading.format_, rows, _ENDING_COLUMNS, _ENDING_TABLE, opened.as_of)
    return show_problems(problems)


@click.command("statement")
@customer_argument
@click.option("--from", "from_", type=DAY, help="The first day.  [default: the beginning]")
@click.option("--to", type=DAY, help="The last day.  [default: the as-of date]")
@click.option("--provenance", is_flag=True, help="Say of each movement which commit brought it.")
@reading_options("table", "json", "csv", "pdf")
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write to this file.  [default: standard output]",
)
@click.option(
    "--font",
    "fonts",
    type=click.Path(path_type=Path, dir_okay=False),
    multiple=True,
    metavar="FILE",
    help="A TrueType font with the characters that a PDF lacks; may be repeated.",
)
def statement_command(
    customer: str,
    from_: date | None,
    to: date | None,
    provenance: bool,
    reading: Reading,
    output: Path | None,
    fonts: tuple[Path, ...],
) -> int:
    """Show a customer's movements with the running balance and the card each drew on.

    A PDF is a document for the files; it needs an extra: pip install 'service-punchcards[pdf]'.

    \b
    Examples:
      punchcard statement acme
      punchcard statement acme --from 2026-10-01 --to 2026-10-31
      punchcard statement acme --provenance
      punchcard statement acme --format csv > acme.csv
      punchcard statement acme --format pdf --rev HEAD --output acme.pdf
    """
    from ledger.balance.json_values import format_statement_json, statement_to_json
    from ledger.balance.statement import select_period
    from ledger.history.record_story import find_commits
    from ledger.output.tables import format_statement_table
    from ledger.output.tabular import format_csv

    if reading.format_ == "pdf" and output is None and sys.stdout.isatty():
        raise LedgerError(
            "a PDF is not written to a terminal", "name a file with --output, or redirect it"
        )
    if fonts and reading.format_ != "pdf":
        raise click.UsageError("--font is for --format pdf")
    problems: list[Problem] = []
    with reading.open([customer]) as opened:
        ((folder, drawn),) = draw_down_customers(opened, [customer], problems)
        statement = select_period(drawn, customer, from_, to)
        commits = find_commits(opened.ledger, customer) if provenance else None
        revision = opened.ledger.revision
        content: str | bytes
        match reading.format_:
            case "json":
                content = format_statement_json(statement, revision, commits).encode()
            case "csv":
                columns = [*_STATEMENT_COLUMNS, *(["commit"] if provenance else [])]
                answer = statement_to_json(statement, revision, commits)
                content = format_csv(columns, answer["movements"]).encode()
            case "pdf":
                errors = sum(problem.severity is Severity.ERROR for problem in problems)
                name = folder.records.customer.name
                content = _make_pdf(statement, name, opened.ledger, commits, errors, fonts)
            case _:
                content = format_statement_table(statement, commits) + "\n"
        write_output(content, output)
    return show_problems(problems)


def _make_pdf(
    statement: Statement,
    name: str,
    ledger: Ledger,
    commits: Mapping[str, str | None] | None,
    error_count: int,
    fonts: Sequence[Path],
) -> bytes:
    try:
        from ledger.output.pdf.statement_pdf import StatementDocument
        from ledger.output.pdf.typesetting import Typesetter
    except ModuleNotFoundError as error:
        raise LedgerError(
            f"a PDF needs {error.name}, which is not installed",
            "pip install 'service-punchcards[pdf]'",
        ) from error
    setter = Typesetter(fonts)
    content = StatementDocument(
        statement, name, ledger.organization, ledger.revision, commits, error_count, setter
    ).make()
    if missing := setter.describe_missing():
        click.echo(
            f"punchcard: warning: the PDF's fonts lack {missing}; "
            "they are written as [U+...] (name a font that has them with --font)",
            err=True,
        )
    return content
