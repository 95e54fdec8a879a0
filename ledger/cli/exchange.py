"""``punchcard import`` and ``export``: time from other trackers, the ledger for other programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from textwrap import indent
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import click

from ledger.cli import lazy, options, printing
from ledger.cli.arguments import FILE, FOLDER
from ledger.cli.figures import draw_down_customers
from ledger.cli.options import Writing
from ledger.cli.printing import make_folder, print_problems, write_output
from ledger.duration import format_minutes
from ledger.errors import MOST_IN_FILE, Problem, limit_problems
from ledger.text import count_nouns, make_printable

TRACKERS = ("toggl", "clockify", "harvest", "kimai", "timewarrior", "klog", "csv")
DATE_ORDERS = ("day-first", "month-first")
_LEAVE_OUT = "-"
_COUNTS = {
    "new": "new",
    "known": "imported before",
    "held": "held back",
    "left_out": "left out by the map",
    "unmapped": "not mapped",
}


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option(
    "--from", "tracker", type=click.Choice(TRACKERS), required=True, help="What wrote the file."
)
@click.option(
    "--map",
    "map_file",
    type=FILE,
    required=True,
    help="Which rows are time on which request: a YAML file, usually in imports/.",
)
@click.option(
    "--partial", "is_partial", is_flag=True, help="Import what is mapped, even if not all rows are."
)
@click.option("--learn", is_flag=True, help="Ask for what the map lacks, and add it to the map.")
@click.option(
    "--dates",
    type=click.Choice(DATE_ORDERS),
    help="How 03/11/2026 is meant.  [default: as the map says, or all dates of the file]",
)
@options.consultant_option("Whose time it is, where the file does not say.")
@options.setting_options
def import_command(
    file: BinaryIO,
    tracker: str,
    map_file: Path,
    is_partial: bool,
    learn: bool,
    dates: str | None,
    consultant: str | None,
    writing: Writing,
) -> int:
    """Import time from the export of a time tracker, each of its rows once.

    FILE is a CSV file; for timewarrior what `timew export`, for klog what `klog json` prints. - is
    standard input. Nothing is written if a row is not mapped, unless you say --partial. Rows that
    were imported and are changed or gone now are named; what is recorded stays as it is.

    \b
    Examples:
      punchcard import toggl.csv --from toggl --map imports/toggl.yml --dry-run
      punchcard import toggl.csv --from toggl --map imports/toggl.yml --commit
    """
    is_new, make_mapping = learn and not map_file.exists(), lazy.row_mapping.RowMapping
    import_map = lazy.models.ImportMap() if is_new else lazy.row_mapping.read_map(map_file)
    name = "standard input" if file.name == "<stdin>" else make_printable(Path(file.name).name)
    with writing.open(()) as opened:
        own = opened.ledger.organization.zone
        zone = own if import_map.timezone is None else ZoneInfo(import_map.timezone)
        source = lazy.tracker_files.TrackerFile(name, file.read(), zone, own, dates)
        rows = _read_rows(source, tracker, import_map)
        if learn:
            desk = lazy.draft.WritingDesk((opened.ledger,), "", opened.as_of, opened.as_of)
            mapping = make_mapping(desk, tracker, import_map, consultant)
            return _learn(mapping, rows, map_file, is_trial=writing.dry_run)
    found: list[lazy.imported_time.Import] = []

    def draft(desk: lazy.draft.WritingDesk) -> lazy.draft.Draft:
        # Of the work tree and its last commit, it is the commit whose balances are shown.
        counted = desk.ledgers[-1 if writing.is_committed and not writing.branch else 0]
        mapping = make_mapping(desk, tracker, import_map, consultant)
        drafted = lazy.imported_time.draft_import(mapping, rows, counted, name)
        found.append(drafted)
        problems = tuple(limit_problems(drafted.unmapped, MOST_IN_FILE, "in this file"))
        if problems and not is_partial:
            count = f"{len(drafted.unmapped)} of {len(rows)}"
            message = f"{count} rows cannot be imported, so nothing was written"
            raise lazy.write.RefusedError(message, problems, "mend the map, or say --partial")
        print_problems(problems)
        if drafted.draft is None:
            raise lazy.draft.NothingToWriteError
        return drafted.draft

    written = None
    with suppress(lazy.draft.NothingToWriteError):
        written = writing.writer.write(None, draft)
    _show(found[-1], written, writing)
    return 0


def _read_rows(
    source: lazy.tracker_files.TrackerFile, tracker: str, import_map: lazy.models.ImportMap
) -> list[lazy.tracker_files.Row | Problem]:
    """Read the rows of a file; on a terminal ask how its dates are meant if nothing says it."""
    try:
        return lazy.tracker_files.read_rows(source, tracker, import_map)
    except lazy.tracker_files.AmbiguousDatesError as error:
        if not sys.stdin.isatty():
            raise
        click.echo(error.message, err=True)
        order = click.prompt("Which comes first", type=click.Choice(DATE_ORDERS), err=True)
        return lazy.tracker_files.read_rows(source._replace(date_order=order), tracker, import_map)


def _learn(
    mapping: lazy.row_mapping.RowMapping,
    rows: Sequence[lazy.tracker_files.Row | Problem],
    map_file: Path,
    *,
    is_trial: bool,
) -> int:
    """Ask for what the map lacks, and write it into the map when all is asked."""
    lacks = lazy.row_mapping.list_lacks(mapping, rows)
    if lacks and not printing.is_terminal():
        raise click.UsageError("--learn asks on a terminal", click.get_current_context())

    def find_request(named: str) -> str:
        return named if named == _LEAVE_OUT else mapping.find_request(named)[0]

    answers: list[tuple[str, Mapping[str, Any]]] = []
    for key, fields, count, minutes in lacks:
        said = ", ".join(f"{name} {value}" for name, value in fields.items())
        rows_count = count_nouns(count, "row")
        click.echo(f"\n{make_printable(said)}  ({rows_count}, {format_minutes(minutes)})")
        if key == "people":
            if handle := _ask("Consultant (Enter skips)", mapping.find_person):
                answers.append((key, {**fields, "consultant": handle}))
        elif request := _ask("Request (- leaves these out, Enter skips)", find_request):
            chosen = (key, {**fields, "request": request})
            answers.append(("leave_out", fields) if request == _LEAVE_OUT else chosen)
    content = lazy.row_mapping.add_to_map(map_file, answers)
    if is_trial:
        click.echo(content.decode(), nl=False)
        return 0
    make_folder(map_file.parent)
    write_output(content, map_file)
    click.echo(f"{len(answers)} of {len(lacks)} put into {map_file}: look at it, then --dry-run")
    return 0


def _ask(question: str, find: Callable[[str], str]) -> str:
    """Ask until ``find`` finds something by the answer; nothing is an answer, too."""
    while True:
        answer = printing.ask(question)
        with printing.showing_refusal():
            return find(answer.strip()) if answer else ""


def _show(
    done: lazy.imported_time.Import, written: lazy.write.Written | None, writing: Writing
) -> None:
    counts = {key: done.counts[key] for key in _COUNTS}
    remarks = [*done.splits, *(written.draft.remarks if written else ())]
    after = written.balances if written else ()
    customers: list[dict[str, Any]] = [
        {"customer": slug, "entries": entries, "minutes": minutes}
        | {"before_minutes": before.balance_minutes, "after_minutes": now.balance_minutes}
        for (slug, (entries, minutes, before)), now in zip(done.added.items(), after, strict=True)
    ]
    if writing.format_ == "json":
        printing.print_json(
            {"rows": counts, "customers": customers, "changed": done.changed, "remarks": remarks}
            | {"unmapped": done.unmapped, "warnings": written.warnings if written else ()}
            | {key: written and getattr(written, key) for key in ("commit", "branch")}
        )
        return
    click.echo("nothing to write" if written is None else written.draft.says)
    if written is not None:
        rows = [list(each.values()) for each in customers]
        cells = [[slug, str(count), *map(format_minutes, times)] for slug, count, *times in rows]
        numbers = ("entries", "time", "before", "after")
        click.echo(indent(lazy.formats.format_table(("customer", *numbers), cells, numbers), "  "))
    said = ", ".join(f"{count} {_COUNTS[key]}" for key, count in counts.items() if count)
    click.echo(f"  rows: {said or 'none'}")
    for text in remarks:
        click.echo(f"  note: {text}")
    for text in done.changed:
        click.echo(f"  {printing.paint('changed', 'yellow')}: {text}")
    if written is not None:
        said = "would be written" if writing.dry_run else "written"
        said += f" to {count_nouns(len(written.places), 'file')}"
        if written.commit:
            said += f", {printing.name_commit(written.commit, written.branch)}"
        click.echo(f"  {said}")
        print_problems(written.warnings)


@click.command("export")
@click.argument("what", type=click.Choice(("beancount", "hledger", "csv")))
@options.customers_argument
@click.option(
    "--output", type=FOLDER, required=True, help="The folder to write to; it is made if need be."
)
@options.as_of_option
@options.rev_option
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
    with options.open_ledger_of(as_of, rev, customers) as opened:
        found = draw_down_customers(opened, customers, problems, "exporting")
        drawn = ((folder.records, each) for folder, each in found)
        files = lazy.exports.make_files(what, opened.ledger.organization, drawn)
    make_folder(output)
    for name, content in files.items():
        write_output(content, output / name)
    click.echo(f"wrote {', '.join(files)} to {output}")
    return printing.show_problems(problems)
