"""``punchcard statement``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ledger.cli.completion import complete_customer
from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import DAY, as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.problem_output import has_errors, show_problems

if TYPE_CHECKING:
    from ledger.cli.options import OpenedLedger
    from ledger.errors import Problem
    from ledger.figures.statement import Statement
    from ledger.reading.customer_folder import CustomerFolder

_CSV_COLUMNS = (
    "date",
    "kind",
    "reference",
    "request",
    "consultant",
    "category",
    "worked_minutes",
    "minutes",
    "balance_minutes",
    "amount",
    "note",
)


@click.command("statement")
@click.argument("customer", shell_complete=complete_customer)
@click.option("--from", "from_", type=DAY, help="The first day.  [default: the beginning]")
@click.option("--to", type=DAY, help="The last day.  [default: the as-of date]")
@click.option("--provenance", is_flag=True, help="Say of each movement which commit brought it.")
@as_of_option
@rev_option
@format_option("table", "json", "csv", "pdf")
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
@click.pass_context
def statement_command(  # noqa: PLR0913, PLR0917  # a parameter an option
    context: click.Context,
    customer: str,
    from_: date | None,
    to: date | None,
    provenance: bool,
    as_of: date | None,
    rev: str | None,
    format_: str,
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
    # Help and completion do without.
    from ledger.check import find_organization_problems, find_problems_of
    from ledger.cli.output_file import require_no_terminal, write_output
    from ledger.figures.draw_down import draw_down
    from ledger.figures.statement import select_period
    from ledger.history.provenance import find_commits

    if format_ == "pdf":
        require_no_terminal(output)
    elif fonts:
        raise click.UsageError("--font is for --format pdf")
    with open_ledger_of(context, as_of, rev, [customer]) as opened:
        ledger = opened.ledger
        folder = ledger.read_customer(customer)
        terms = ledger.organization.terms
        drawn = draw_down(folder.records, terms, opened.as_of)
        statement = select_period(drawn, customer, from_, to)
        problems = [
            *ledger.problems,
            *find_organization_problems(ledger.organization),
            *find_problems_of(ledger.organization, folder, opened.as_of, drawn),
        ]
        commits = find_commits(ledger, customer) if provenance else None
        if format_ == "pdf":
            write_output(_make_pdf(opened, folder, statement, commits, problems, fonts), output)
        else:
            currency = folder.records.customer.currency
            text = _format(statement, format_, currency, ledger.revision, commits)
            write_output(text, output)
    show_problems(problems)
    return DATA_HAS_PROBLEMS if has_errors(problems) else 0


def _format(
    statement: Statement,
    format_: str,
    currency: str,
    revision: str | None,
    commits: Mapping[str, str | None] | None,
) -> str:
    from ledger.reporters.figures import format_statement_json, statement_to_json
    from ledger.reporters.statement_table import format_statement_table
    from ledger.reporters.tabular import format_csv

    if format_ == "json":
        return format_statement_json(statement, revision, commits)
    if format_ == "csv":
        columns = _CSV_COLUMNS if commits is None else (*_CSV_COLUMNS, "commit")
        return format_csv(columns, statement_to_json(statement, revision, commits)["movements"])
    return format_statement_table(statement, currency, commits) + "\n"


def _make_pdf(
    opened: OpenedLedger,
    folder: CustomerFolder,
    statement: Statement,
    commits: Mapping[str, str | None] | None,
    problems: Sequence[Problem],
    fonts: Sequence[Path],
) -> bytes:
    from ledger.errors import LedgerError, Severity

    try:
        from ledger.reporters.pdf.statement_pdf import StatementDocument, make_statement_pdf
        from ledger.reporters.pdf.typesetting import describe_missing
    except ModuleNotFoundError as error:
        raise LedgerError(
            f"a PDF needs {error.name}, which is not installed",
            "pip install 'service-punchcards[pdf]'",
        ) from error
    organization, customer = opened.ledger.organization, folder.records.customer
    made = make_statement_pdf(
        StatementDocument(
            statement=statement,
            customer=customer.name,
            currency=customer.currency,
            provider=organization.provider,
            terms=organization.terms.applying_to(statement.to),
            names={person.handle: person.name for person in organization.consultants},
            revision=opened.ledger.revision,
            commits=commits,
            problem_count=sum(problem.severity is Severity.ERROR for problem in problems),
        ),
        fonts,
    )
    if made.missing:
        click.echo(
            f"punchcard: warning: the PDF's fonts lack {describe_missing(made.missing)}; "
            "they are written as [U+...] (name a font that has them with --font)",
            err=True,
        )
    return made.content
