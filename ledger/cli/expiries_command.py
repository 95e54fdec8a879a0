"""``punchcard expiries``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.exit_policy import DATA_HAS_PROBLEMS
from ledger.cli.options import as_of_option, format_option, open_ledger_of, rev_option
from ledger.cli.problem_output import has_errors, show_problems

if TYPE_CHECKING:
    from ledger.figures.expiry import Ending

_HEADERS = ("last day", "days left", "customer", "what", "subject")
_CSV_COLUMNS = ("customer", "kind", "subject", "last_day", "days_left")


@click.command("expiries")
@click.option(
    "--within",
    type=click.IntRange(min=0),
    metavar="DAYS",
    help="Leave out what ends later than so many days ahead.  [default: no limit]",
)
@as_of_option
@rev_option
@format_option("table", "json", "csv")
@click.pass_context
def expiries_command(
    context: click.Context,
    within: int | None,
    as_of: date | None,
    rev: str | None,
    format_: str,
) -> int:
    """Show which accounts, portals, cards and licences end, nearest first.

    The last day is the last on which it still works.

    \b
    Examples:
      punchcard expiries --within 60
      punchcard expiries --format json
    """
    # Help and completion do without.
    from ledger.check import find_organization_problems, find_problems_of
    from ledger.figures.balance import summarize_draw_down
    from ledger.figures.draw_down import draw_down
    from ledger.figures.expiry import list_endings, sort_endings

    with open_ledger_of(context, as_of, rev) as opened:
        ledger, day = opened.ledger, opened.as_of
        organization = ledger.organization
        problems = [*ledger.problems, *find_organization_problems(organization)]
        endings: list[Ending] = []
        for folder in ledger.read_customers():
            drawn = draw_down(folder.records, organization.terms, day)
            balance = summarize_draw_down(folder.records, organization.terms, drawn)
            endings += list_endings(folder.records, organization.terms, balance, within)
            problems += find_problems_of(organization, folder, day, drawn)
        click.echo(_format(sort_endings(endings), format_, day), nl=False)
    show_problems(problems)
    return DATA_HAS_PROBLEMS if has_errors(problems) else 0


def _format(endings: Sequence[Ending], format_: str, as_of: date) -> str:
    from ledger.reporters.figures import ending_to_json
    from ledger.reporters.tabular import format_csv, format_table

    rows = [ending_to_json(ending) for ending in endings]
    if format_ == "json":
        return json.dumps(rows, indent=2, ensure_ascii=False) + "\n"
    if format_ == "csv":
        return format_csv(_CSV_COLUMNS, rows)
    table = [
        [row["last_day"], str(row["days_left"]), row["customer"], row["kind"], row["subject"]]
        for row in rows
    ]
    return f"{format_table(_HEADERS, table, right=['days left'])}\nas of {as_of}\n"
