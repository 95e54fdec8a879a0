"""``punchcard statement`` and ``revenue``: a customer's movements, and the money of all."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click

from ledger.cli import lazy
from ledger.cli.arguments import DAY, FILE, MONTH, PATH, QUARTER, YEAR, complete
from ledger.cli.figures import draw_down_customers
from ledger.cli.options import OpenedLedger, Reading, open_ledger_of, reading_options
from ledger.cli.printing import make_folder, print_rows, show_problems, show_progress, write_output
from ledger.errors import LedgerError, Problem, Severity
from ledger.money import format_amount
from ledger.text import format_json

_COLUMNS = (
    *("date", "kind", "reference", "request", "consultant", "category"),
    *("worked_minutes", "minutes", "balance_minutes", "amount", "note", "invoice", "value"),
    *("signed_amount", "purchase_order", "agreement"),
)
_CHUNK = 8
_AMOUNTS = {
    "opening_deferred": "opening",
    "billed": "billed",
    "recognised": "recognised",
    "breakage": "breakage",
    "value_refunded": "refunded",
    "refund_amount": "paid back",
    "closing_deferred": "deferred",
}


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
    type=PATH,
    metavar="FILE",
    help="Write to this file; with --all into this folder.  [default: standard output]",
)
@click.option(
    "--font",
    "fonts",
    type=FILE,
    multiple=True,
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
    if (customer is None) != is_of_all:
        raise click.UsageError("name a CUSTOMER or say --all, one of the two")
    if is_of_all and output is None:
        raise click.UsageError("--all needs --output DIR, a folder for the documents")
    named = [period for period in periods.values() if period]
    if len(named) > 1 or (named and (from_ or to)):
        raise click.UsageError("say --from and --to, or one month, quarter or year")
    if reading.format_ == "pdf" and output is None and sys.stdout.isatty():
        hint = "name a file with --output, or redirect it"
        raise LedgerError("a PDF is not written to a terminal", hint)
    if fonts and reading.format_ != "pdf":
        raise click.UsageError("--font is for --format pdf")
    label, first, last = named[0] if named else ("", from_, to)
    problems: list[Problem] = []
    names = () if customer is None else (customer,)
    if is_of_all and output is not None:
        make_folder(output)
    with reading.open(names) as opened:
        end = "txt" if reading.format_ == "table" else reading.format_
        suffix = f"statement-{label or f'until-{last or opened.as_of}'}.{end}"
        for folder, drawn in draw_down_customers(opened, names, problems, "writing"):
            days = [each.date for each in drawn.movements]
            if is_of_all and not any(day <= (last or day) for day in days):
                continue
            own = f"{opened.ledger.files.prefix}{folder.slug}/" if is_of_all else ""
            files = [each.position.file for each in problems if each.severity is Severity.ERROR]
            errors = sum(file.startswith(own) for file in files)
            statement = lazy.statement.select_period(drawn, folder.slug, first, last)
            how = (reading.format_, provenance, errors, fonts)
            made = _make_document(statement, folder, opened.ledger, *how)
            file = output / f"{folder.slug}-{suffix}" if output and is_of_all else output
            write_output(made, file)
    return show_problems(problems)


def _make_document(
    statement: lazy.statement.Statement,
    folder: lazy.reader.CustomerFolder,
    ledger: lazy.ledger.Ledger,
    format_: str,
    provenance: bool,
    error_count: int,
    fonts: Sequence[Path],
) -> str | bytes:
    """Return a customer's statement in a format."""
    commits = lazy.record_story.find_commits(ledger, folder.slug) if provenance else None
    if format_ == "table":
        return lazy.formats.format_statement_table(statement, commits) + "\n"
    if format_ != "pdf":
        answer = lazy.json_values.statement_to_json(statement, ledger.revision, commits)
        columns = [*_COLUMNS, *(["commit"] if provenance else [])]
        if format_ == "json":
            return format_json(answer).encode()
        return lazy.formats.format_csv(columns, answer["movements"]).encode()
    try:
        from ledger.output.pdf.statement_pdf import StatementDocument
        from ledger.output.pdf.typesetting import Typesetter
    except ModuleNotFoundError as error:
        raise LedgerError(
            f"a PDF needs {error.name}, which is not installed",
            "pip install 'service-punchcards[pdf]'",
        ) from error
    setter, customer = Typesetter(fonts), folder.records.customer
    provider, terms = ledger.organization.provider, ledger.organization.terms
    language = lazy.wording.choose_language(customer.language, lazy.wording.DEFAULT_LANGUAGE)
    words = lazy.wording.load_wording(language, categories=terms.name_categories(language))
    titles = {name: request.title for name, request in folder.records.requests.items()}
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


@click.command("revenue")
@click.option("--from", "from_", type=DAY, help="The first day.  [default: the beginning]")
@click.option("--to", type=DAY, help="The last day.  [default: the as-of date]")
@click.option(
    "--by",
    type=click.Choice(("month", "customer", "purchase")),
    default="month",
    show_default=True,
    help="What has a line of its own.",
)
@click.option(
    "--changes",
    "tag",
    metavar="TAG",
    help="Show only what is different now in the periods that this publication closed.",
)
@reading_options("table", "json", "csv")
def revenue_command(
    from_: date | None, to: date | None, by: str, tag: str | None, reading: Reading
) -> int:
    """Show deferred revenue: opening, billed, recognised, breakage, refunded, closing.

    Each draw counts on its own day, in its purchase's currency. Expired minutes are breakage. With
    --changes the amounts are differences: late entries and corrections in periods that were
    published already.

    \b
    Examples:
      punchcard revenue --from 2026-10-01 --to 2026-10-31 --by customer
      punchcard revenue --from 2026-01-01 --format csv
      punchcard revenue --rev published/2026-10-05 --as-of 2026-10-05
      punchcard revenue --changes published/2026-10-05
    """
    problems: list[Problem] = []
    with reading.open() as opened:
        if tag is None:
            lines = _report(opened, from_, to or opened.as_of, by, problems)
        else:
            repository = opened.ledger.require_repository("no publications")
            published = lazy.publications.find_publication(repository, tag)
            if published is None:
                hint = "git tag --list 'published/*'"
                raise LedgerError(f"there is no publication {tag!r}", hint)
            last = min(to or published.as_of, published.as_of)
            with open_ledger_of(published.as_of, published.commit) as then:
                before = _report(then, from_, last, by, [])
            now = opened._replace(as_of=max(opened.as_of, last))
            lines = lazy.revenue.compare_lines(before, _report(now, from_, last, by, problems))
        columns = [field.name for field in fields(lazy.revenue.RevenueLine)]
        print_rows(reading.format_, lines, columns, lambda: _format(lines, opened.as_of, tag))
    return show_problems(problems)


def _report(
    opened: OpenedLedger, first: date | None, last: date, by: str, problems: list[Problem]
) -> list[lazy.revenue.RevenueLine]:
    """Return the revenue of all customers in a period; add what makes it doubtful."""
    ledger, organization = opened.ledger, opened.ledger.organization
    make_report = partial(lazy.revenue.RevenueReport, first, last, lazy.revenue.Grouping(by))

    def add_up(slug: str) -> tuple[lazy.revenue.RevenueReport, tuple[Problem, ...]]:
        folder, own = ledger.read_customer(slug), make_report()
        context = lazy.context.RuleContext(organization, folder, opened.as_of)
        own.add(context.records, context.drawn)
        return own, lazy.check.find_problems_of(context)

    lazy.statement.require_period(first, last, opened.as_of)
    report, cores = make_report(), lazy.workers.count_cores()
    problems += [*ledger.problems, *lazy.check.find_organization_problems(organization)]
    with show_progress("computing", len(ledger.slugs)) as advance:
        for own, found in lazy.workers.run_on_all_cores(add_up, ledger.slugs, cores, _CHUNK):
            report.merge(own)
            problems += found
            advance("")
    return list(report.list_lines())


def _format(lines: Sequence[lazy.revenue.RevenueLine], as_of: date, tag: str | None) -> str:
    """Return the lines as a table, with a total for each currency; or that none differs."""
    if tag is not None and not lines:
        return f"nothing is different now in the periods that {tag} closed"
    labels = ("period", "customer", "purchase")
    shown = [name for name in labels if any(getattr(line, name) for line in lines)]
    headers = ["currency", *shown, *_AMOUNTS.values()]
    rows = []
    for line in (*lines, *lazy.revenue.sum_lines(lines)):
        amounts = [getattr(line, name) for name in _AMOUNTS]
        money = (format_amount(amount, line.currency) if amount else "-" for amount in amounts)
        rows.append([line.currency, *(getattr(line, name) or "total" for name in shown), *money])
    return f"{lazy.formats.format_table(headers, rows, right=_AMOUNTS.values())}\nas of {as_of}"
