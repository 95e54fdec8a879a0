"""``punchcard balance``, ``expiries`` and ``hours``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from functools import partial

import click

from ledger.cli import lazy, options
from ledger.cli.arguments import DAY
from ledger.cli.options import OpenedLedger, Reading, reading_options
from ledger.cli.printing import print_list, print_rows, show_problems, show_progress
from ledger.dates import ONE_DAY, add_months
from ledger.duration import format_minutes
from ledger.errors import Problem

_ENDING_COLUMNS = ("customer", "kind", "subject", "last_day", "days_left")
_ENDING_TABLE = {"last day": "last_day", "days left": "days_left"}
_ENDING_TABLE |= {"customer": "customer", "what": "kind", "subject": "subject"}
_HOURS_COLUMNS = ("key", "customer", "consultant", "entries", "worked_minutes", "charged_minutes")


def draw_down_customers(
    opened: OpenedLedger, customers: Iterable[str], problems: list[Problem], doing: str = ""
) -> Iterator[tuple[lazy.reader.CustomerFolder, lazy.draw_down.DrawDown]]:
    """Yield folder and draw-down of some customers or all; add ``problems``, and show ``doing``."""
    ledger, organization = opened.ledger, opened.ledger.organization
    problems += [*ledger.problems, *lazy.check.find_organization_problems(organization)]
    names = tuple(dict.fromkeys(customers)) or ledger.slugs
    with show_progress(doing, len(names)) as advance:
        for folder in ledger.read_customers(names):
            context = lazy.context.RuleContext(organization, folder, opened.as_of)
            problems += lazy.check.find_problems_of(context)
            yield folder, context.drawn
            advance(folder.slug)


@click.command("balance")
@options.customers_argument
@reading_options("table", "json", "csv")
def balance_command(customers: tuple[str, ...], reading: Reading) -> int:
    """Show what is left on the cards of some customers, or of all.

    \b
    Examples:
      punchcard balance
      punchcard balance acme --format json
      punchcard balance --as-of 2026-10-01
    """
    problems: list[Problem] = []
    with reading.open(customers) as opened:
        terms, revision = opened.ledger.organization.terms, opened.ledger.revision
        balances = [
            lazy.summary.summarize_draw_down(folder.records, terms, drawn)
            for folder, drawn in draw_down_customers(opened, customers, problems, "computing")
        ]
        to_json = lazy.json_values.to_json
        rows = [to_json(replace(balance, revision=revision)) for balance in balances]
        columns = [key for row in rows[:1] for key in row if not isinstance(row[key], list | dict)]
        table = partial(lazy.formats.format_balance_table, balances, opened.as_of)
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
    problems: list[Problem] = []
    endings: list[lazy.summary.Ending] = []
    with reading.open() as opened:
        terms = opened.ledger.organization.terms
        for folder, drawn in draw_down_customers(opened, (), problems):
            balance = lazy.summary.summarize_draw_down(folder.records, terms, drawn)
            endings += lazy.summary.list_endings(folder.records, terms, balance, within)
        rows = lazy.summary.sort_endings(endings)
        print_list(reading.format_, rows, _ENDING_COLUMNS, _ENDING_TABLE, opened.as_of)
    return show_problems(problems)


@click.command("hours")
@options.consultant_option("Whose time it is.")
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
    if everybody and consultant is not None:
        raise click.UsageError("say --as or --everybody, not both")
    if (from_ or to) and span:
        raise click.UsageError("say --from and --to, or --week or --month")
    if to and not from_:
        raise click.UsageError("--to needs --from")
    problems: list[Problem] = []
    with reading.open() as opened:
        who = None if everybody else options.find_handle(opened, consultant)
        if from_ is not None:
            first, last = from_, to or opened.as_of
        elif span == "month":
            first = opened.as_of.replace(day=1)
            last = add_months(first, 1) - ONE_DAY
        else:
            first, last = lazy.hours.find_week(opened.as_of)
        if last < first:
            raise click.UsageError(f"{last} is before {first}: say another --from or --to")
        worked = [
            each
            for folder, drawn in draw_down_customers(opened, (), problems)
            for each in lazy.hours.list_worked(folder.slug, drawn, first, last, who)
        ]
        lines = lazy.hours.sum_hours(worked, by)

        def make_table() -> str:
            rows = []
            for line in (*lines, lazy.hours.add_up("total", worked)):
                times = [line.worked_minutes, line.charged_minutes]
                times.append(line.worked_minutes - line.charged_minutes)
                said = (format_minutes(minutes) if minutes else "-" for minutes in times)
                rows.append([line.key or "-", str(line.entries), *said])
            numbers = ("entries", "worked", "charged", "not charged")
            table = lazy.formats.format_table((by, *numbers), rows, right=numbers)
            text = f"{who or 'everybody'}, {first} to {last}\n\n{table}"
            if who and not from_ and span != "month":
                missing = lazy.hours.find_days_without(worked, first, min(last, opened.as_of))
                days = ", ".join(f"{day:%a} {day}" for day in missing)
                text += f"\nnothing logged on {days}" if days else ""
            return text

        print_rows(reading.format_, lines, _HOURS_COLUMNS, make_table)
    return show_problems(problems)
