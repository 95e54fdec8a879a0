"""``punchcard hours``: time over all customers, charged and not."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import click

from ledger.cli.figures import draw_down_customers
from ledger.cli.options import Reading, consultant_option, find_handle, reading_options
from ledger.cli.printing import print_rows, show_problems
from ledger.cli.value_types import DAY
from ledger.duration import format_minutes

if TYPE_CHECKING:
    from ledger.balance.hours import HoursLine, WorkedTime
    from ledger.errors import Problem

_COLUMNS = ("key", "customer", "consultant", "entries", "worked_minutes", "charged_minutes")


@click.command("hours")
@consultant_option("Whose time it is.")
@click.option("--everybody", is_flag=True, help="The time of all consultants.")
@click.option("--week", "span", flag_value="week", help="The week of the as-of date.  [default]")
@click.option("--month", "span", flag_value="month", help="The month of the as-of date.")
@click.option("--from", "from_", type=DAY, help="The first day, in place of a week or month.")
@click.option("--to", type=DAY, help="The last day.  [default: the as-of date]")
@click.option(
    "--by",
    type=click.Choice(("customer", "request", "day", "category")),
    default="customer",
    show_default=True,
    help="What has a line of its own.",
)
@reading_options("table", "json", "csv")
def hours_command(
    consultant: str | None,
    everybody: bool,
    span: str | None,
    from_: date | None,
    to: date | None,
    by: str,
    reading: Reading,
) -> int:
    """Show time over all customers, charged and not: yours, of this week.

    A correction counts on its own day. A week ends with the working days on which nothing is
    logged.

    \b
    Examples:
      punchcard hours
      punchcard hours --month --by request
      punchcard hours --as ben --from 2026-10-01 --to 2026-10-31 --by day
      punchcard hours --everybody --month --format csv
    """
    from ledger.balance.hours import find_days_without, list_worked, sum_hours
    from ledger.balance.json_values import to_json

    if everybody and consultant is not None:
        raise click.UsageError("say --as or --everybody, not both")
    if (from_ or to) and span:
        raise click.UsageError("say --from and --to, or --week or --month")
    if to and not from_:
        raise click.UsageError("--to needs --from")
    problems: list[Problem] = []
    with reading.open() as opened:
        who = None if everybody else find_handle(opened, consultant)
        first, last = _choose_days(span, from_, to, opened.as_of)
        if last < first:
            raise click.UsageError(f"{last} is before {first}: say another --from or --to")
        worked = [
            each
            for folder, drawn in draw_down_customers(opened, (), problems)
            for each in list_worked(folder.slug, drawn, first, last, who)
        ]
        lines = sum_hours(worked, by)
        is_week = not from_ and span != "month"
        missing = find_days_without(worked, first, min(last, opened.as_of)) if is_week else []

        def make_table() -> str:
            title = f"{who or 'everybody'}, {first} to {last}"
            return _format(title, by, lines, worked, missing if who else [])

        print_rows(reading.format_, [to_json(line) for line in lines], _COLUMNS, make_table)
    return show_problems(problems)


def _choose_days(
    span: str | None, from_: date | None, to: date | None, as_of: date
) -> tuple[date, date]:
    """Return the first and the last day of the period."""
    from ledger.balance.hours import find_week
    from ledger.dates import ONE_DAY, add_months

    if from_ is not None:
        return from_, to or as_of
    if span == "month":
        first = as_of.replace(day=1)
        return first, add_months(first, 1) - ONE_DAY
    return find_week(as_of)


def _format(
    title: str, by: str, lines: list[HoursLine], worked: list[WorkedTime], missing: list[date]
) -> str:
    from ledger.balance.hours import sum_all
    from ledger.output.tabular import format_table

    numbers = ("entries", "worked", "charged", "not charged")
    rows = []
    for line in (*lines, sum_all(worked)):
        worked_minutes, charged = line.worked_minutes, line.charged_minutes
        times = (worked_minutes, charged, worked_minutes - charged)
        said = (format_minutes(minutes) if minutes else "-" for minutes in times)
        rows.append([line.key or "-", str(line.entries), *said])
    text = f"{title}\n\n{format_table((by, *numbers), rows, right=numbers)}"
    if missing:
        text += f"\nnothing logged on {', '.join(f'{day:%a} {day}' for day in missing)}"
    return text
