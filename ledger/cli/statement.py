"""``punchcard statement``: movements of a customer, or of all, in a period."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ledger.cli.completion import complete
from ledger.cli.figures import draw_down_customers
from ledger.cli.options import Reading, reading_options
from ledger.cli.printing import make_folder, show_problems, show_progress, write_output
from ledger.cli.value_types import DAY, MONTH, QUARTER, YEAR
from ledger.errors import LedgerError, Problem, Severity

if TYPE_CHECKING:
    from ledger.balance.statement import Statement
    from ledger.files.reader import CustomerFolder
    from ledger.ledger import Ledger

_COLUMNS = (
    *("date", "kind", "reference", "request", "consultant", "category"),
    *("worked_minutes", "minutes", "balance_minutes", "amount", "note", "invoice", "value"),
    *("signed_amount", "purchase_order", "agreement"),
)
_SUFFIXES = {"table": "txt", "json": "json", "csv": "csv", "pdf": "pdf"}


@click.command("statement")
@click.argument("customer", required=False, shell_complete=complete)
@click.option("--from", "from_", type=DAY, help="The first day.  [default: the beginning]")
@click.option("--to", type=DAY, help="The last day.  [default: the as-of date]")
@click.option("--month", type=MONTH, help="One month, like 2026-10.")
@click.option("--quarter", type=QUARTER, help="One quarter, like 2026-Q3.")
@click.option("--year", type=YEAR, help="One year, like 2026.")
@click.option("--all", "is_of_all", is_flag=True, help="One document for each customer.")
@click.option("--provenance", is_flag=True, help="Say of each movement which commit brought it.")
@reading_options("table", "json", "csv", "pdf")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write to this file; with --all into this folder.  [default: standard output]",
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
    customer: str | None,
    from_: date | None,
    to: date | None,
    is_of_all: bool,
    provenance: bool,
    reading: Reading,
    output: Path | None,
    fonts: tuple[Path, ...],
    **periods: Any,
) -> int:
    """Show a customer's movements with the running balance and the card each drew on.

    With --all every customer who has movements until then gets a document of its own, called like
    acme-statement-2026-10.pdf. A PDF needs an extra: pip install 'service-punchcards[pdf]'.

    \b
    Examples:
      punchcard statement acme
      punchcard statement acme --from 2026-10-01 --to 2026-10-31
      punchcard statement acme --provenance
      punchcard statement acme --format csv > acme.csv
      punchcard statement acme --quarter 2026-Q3 --format pdf --rev HEAD --output acme.pdf
      punchcard statement --all --month 2026-10 --format pdf --output statements
    """
    from ledger.balance.statement import select_period

    if (customer is None) != is_of_all:
        raise click.UsageError("name a CUSTOMER or say --all, one of the two")
    if is_of_all and output is None:
        raise click.UsageError("--all needs --output DIR, a folder for the documents")
    named = [period for period in periods.values() if period]
    if len(named) > 1 or (named and (from_ or to)):
        raise click.UsageError("say --from and --to, or one month, quarter or year")
    if reading.format_ == "pdf" and output is None and sys.stdout.isatty():
        raise LedgerError(
            "a PDF is not written to a terminal", "name a file with --output, or redirect it"
        )
    if fonts and reading.format_ != "pdf":
        raise click.UsageError("--font is for --format pdf")
    label, first, last = named[0] if named else ("", from_, to)
    problems: list[Problem] = []
    names = () if customer is None else (customer,)
    if is_of_all and output is not None:
        make_folder(output)
    with reading.open(names) as opened:
        suffix = f"{label or f'until-{last or opened.as_of}'}.{_SUFFIXES[reading.format_]}"
        with show_progress("writing", len(names or opened.ledger.slugs)) as advance:
            for folder, drawn in draw_down_customers(opened, names, problems):
                advance(folder.slug)
                if is_of_all and not any(
                    each.date <= (last or each.date) for each in drawn.movements
                ):
                    continue
                made = _make_document(
                    opened.ledger,
                    folder,
                    select_period(drawn, folder.slug, first, last),
                    provenance,
                    reading.format_,
                    fonts,
                    _count_errors(problems, opened.ledger, folder.slug if is_of_all else None),
                )
                name = f"{folder.slug}-statement-{suffix}"
                write_output(made, output / name if is_of_all and output else output)
    return show_problems(problems)


def _count_errors(problems: Iterable[Problem], ledger: Ledger, customer: str | None) -> int:
    """Return how many errors there are, of a customer's files alone if one is named."""
    start = f"{ledger.files.prefix}{customer}/"
    return sum(
        each.severity is Severity.ERROR
        for each in problems
        if customer is None or each.position.file.startswith(start)
    )


def _make_document(
    ledger: Ledger,
    folder: CustomerFolder,
    statement: Statement,
    provenance: bool,
    format_: str,
    fonts: Sequence[Path],
    error_count: int,
) -> str | bytes:
    """Return a customer's statement in a format."""
    from ledger.balance.json_values import format_statement_json, statement_to_json
    from ledger.history.record_story import find_commits
    from ledger.output.tables import format_statement_table
    from ledger.output.tabular import format_csv

    commits = find_commits(ledger, folder.slug) if provenance else None
    match format_:
        case "json":
            return format_statement_json(statement, ledger.revision, commits).encode()
        case "csv":
            columns = [*_COLUMNS, *(["commit"] if provenance else [])]
            answer = statement_to_json(statement, ledger.revision, commits)
            return format_csv(columns, answer["movements"]).encode()
        case "pdf":
            return _make_pdf(statement, folder, ledger, commits, error_count, fonts)
        case _:
            return format_statement_table(statement, commits) + "\n"


def _make_pdf(
    statement: Statement,
    folder: CustomerFolder,
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
    from ledger.wording import DEFAULT_LANGUAGE, choose_language, load_wording

    setter, customer = Typesetter(fonts), folder.records.customer
    language = choose_language(customer.language, DEFAULT_LANGUAGE)
    words = load_wording(language, categories=ledger.organization.terms.name_categories(language))
    titles = {name: request.title for name, request in folder.records.requests.items()}
    provider, terms = ledger.organization.provider, ledger.organization.terms
    people = {each.handle: each.name for each in ledger.organization.consultants}
    said = (provider, terms, people, ledger.revision, commits, titles, error_count)
    content = StatementDocument(statement, customer.name, *said, setter, words).make()
    if missing := setter.describe_missing():
        click.echo(
            f"punchcard: warning: the PDF's fonts lack {missing}; "
            "they are written as [U+...] (name a font that has them with --font)",
            err=True,
        )
    return content
