"""``punchcard statement``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date

import click

from ledger.check import find_organization_problems, find_problems_of
from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import DAY, as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.problem_output import has_errors, show_problems
from ledger.duration import format_minutes
from ledger.figures.draw_down import Movement, MovementKind
from ledger.figures.statement import Statement, compute_statement
from ledger.history.git_history import shorten_id
from ledger.history.provenance import find_commits
from ledger.money import format_money
from ledger.reporters.figures import statement_to_json
from ledger.reporters.tabular import format_csv, format_table

_HEADERS = (
    "date",
    "what",
    "reference",
    "request",
    "who",
    "worked",
    "minutes",
    "balance",
    "drew on",
    "note",
)
_NUMBERS = ("worked", "minutes", "balance")
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
_LONGEST_NOTE = 48


@click.command("statement")
@click.argument("customer")
@click.option("--from", "from_", type=DAY, help="The first day.  [default: the beginning]")
@click.option("--to", type=DAY, help="The last day.  [default: the as-of date]")
@click.option("--provenance", is_flag=True, help="Say of each movement which commit brought it.")
@as_of_option
@rev_option
@format_option("table", "json", "csv")
@click.pass_context
def statement_command(
    context: click.Context,
    customer: str,
    from_: date | None,
    to: date | None,
    provenance: bool,
    as_of: date | None,
    rev: str | None,
    format_: str,
) -> int:
    """Show a customer's movements with the running balance and the card each drew on.

    \b
    Examples:
      punchcard statement acme
      punchcard statement acme --from 2026-10-01 --to 2026-10-31
      punchcard statement acme --provenance
      punchcard statement acme --format csv > acme.csv
    """
    with open_ledger_of(context, as_of, rev, [customer]) as opened:
        ledger = opened.ledger
        folder = ledger.read_customer(customer)
        terms = ledger.organization.terms
        statement = compute_statement(folder.records, terms, opened.as_of, from_, to)
        problems = [
            *ledger.problems,
            *find_organization_problems(ledger.organization),
            *find_problems_of(ledger.organization, folder, opened.as_of),
        ]
        commits = find_commits(ledger, customer) if provenance else None
        answer = statement_to_json(statement, ledger.revision, commits)
        if format_ == "json":
            click.echo(json.dumps(answer, indent=2, ensure_ascii=False))
        elif format_ == "csv":
            columns = (*_CSV_COLUMNS, "commit") if provenance else _CSV_COLUMNS
            click.echo(format_csv(columns, answer["movements"]), nl=False)
        else:
            click.echo(_format_table(statement, folder.records.customer.currency, commits))
    show_problems(problems)
    return DATA_HAS_PROBLEMS if has_errors(problems) else 0


def _format_table(
    statement: Statement, currency: str, commits: Mapping[str, str | None] | None
) -> str:
    begin = f"from {statement.from_} " if statement.from_ else ""
    rows = [_make_row(movement, currency) for movement in statement.movements]
    headers: tuple[str, ...] = _HEADERS
    if commits is not None:
        headers = (*_HEADERS, "commit")
        ids = (commits.get(movement.reference) for movement in statement.movements)
        rows = [[*row, shorten_id(item or "")] for row, item in zip(rows, ids, strict=True)]
    return "\n".join(
        (
            f"{statement.customer}: statement {begin}to {statement.to}, as of {statement.as_of}",
            f"opening balance {format_minutes(statement.opening_minutes)}",
            "",
            format_table(headers, rows, right=_NUMBERS),
            "",
            f"closing balance {format_minutes(statement.closing_minutes)}",
        )
    )


def _make_row(movement: Movement, currency: str) -> list[str]:
    worked = movement.worked_minutes
    return [
        movement.date.isoformat(),
        _describe_kind(movement),
        movement.reference,
        movement.request or "",
        movement.consultant or "",
        "" if worked is None else format_minutes(worked),
        f"{'+' if movement.minutes > 0 else ''}{format_minutes(movement.minutes)}",
        format_minutes(movement.balance_minutes),
        ", ".join(f"{draw.lot} {format_minutes(draw.minutes)}" for draw in movement.draws),
        _describe_note(movement, currency),
    ]


def _describe_kind(movement: Movement) -> str:
    category = movement.category
    if movement.kind is MovementKind.TIME and category is not None:
        return category.value
    return movement.kind.value


def _describe_note(movement: Movement, currency: str) -> str:
    note = " ".join((movement.note or "").split())
    if movement.amount is not None:
        note = f"{format_money(movement.amount)} {currency} {note}".strip()
    return note if len(note) <= _LONGEST_NOTE else f"{note[: _LONGEST_NOTE - 1]}…"
