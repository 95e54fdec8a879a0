"""What people and programs read: problems, balances and statements, tables and CSV."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

import click
from tabulate import tabulate
from wcwidth import wcswidth

from ledger.balance.movements import MovementKind
from ledger.balance.portal_life import PortalState
from ledger.balance.statement import Statement
from ledger.balance.summary import Balance
from ledger.check import CheckReport
from ledger.duration import format_minutes
from ledger.errors import Problem, Severity
from ledger.history.comparison import BalanceEffect
from ledger.money import format_amount
from ledger.text import count_nouns, cut_text, escape_controls, make_printable, shorten_id

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_GUTTER = 5
_DATA_ESCAPES = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY_ESCAPES = _DATA_ESCAPES | str.maketrans({":": "%3A", ",": "%2C"})
# What begins a formula, in full width, too; also behind what may part two cells for a spreadsheet
# that expects another separator.
_STARTS = r"=+\-@\uff1d\uff0b\uff0d\uff20"
_FORMULA = re.compile(
    rf"^(?=[;,\s]*[{_STARTS}\t\r])(?!-[0-9]+(?:[.,][0-9]+)?$)|(?<=[;,\t])(?=[{_STARTS}])"
)
_BALANCE_HEADERS = (
    *("customer", "purchased", "goodwill", "used", "refunded", "expired", "remaining"),
    *("overdrawn", "cards open", "last activity", "portal", ""),
)
_STATEMENT_HEADERS = (
    *("date", "what", "reference", "request", "who", "worked", "minutes", "balance"),
    *("value", "drew on", "note"),
)
_LONGEST_NOTE = 48
_EFFECTS_HEAD = (
    "| customer | balance before | balance after | change | used | purchased | |",
    "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
)


def format_problems(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield lines for people (``click.echo`` may drop colours): place, source line, mark, mend."""
    for problem in problems:
        paint = partial(click.style, fg=_COLOURS[problem.severity], bold=True)
        label = paint(f"{problem.severity}[{problem.rule}]")
        yield f"{problem.position}: {label}: {problem.message}"
        if (excerpt := problem.excerpt) is not None:
            start, spaced = problem.position.column - 1, excerpt.text.replace("\t", " ")
            text = "".join(x if x.isprintable() else "\N{REPLACEMENT CHARACTER}" for x in spaced)
            yield f"{problem.position.line:>{_GUTTER}} | {text}".rstrip()
            mark = paint("^" * max(1, wcswidth(text[start : start + excerpt.width])))
            blank = " " * wcswidth(text[:start])
            yield f"{'':{_GUTTER}} | {blank}{mark} {problem.hint}".rstrip()
        elif problem.hint:
            yield f"{'':{_GUTTER}} = {problem.hint}"


def format_summary(
    report: CheckReport, seconds: float | None = None, only: Sequence[str] = (), hidden: int = 0
) -> str:
    """Return the line that sums a check up, of ``only`` some rules; ``hidden`` problems are cut."""
    took = "" if seconds is None else f" ({seconds:.2f} s)"
    rules = f" of {', '.join(only)}" if only else ""
    others = f"; {count_nouns(hidden, 'problem')} of other rules not shown" if hidden else ""
    if report.standing_count:
        others += f"; {count_nouns(report.standing_count, 'earlier warning')} not shown"
    counts = (report.file_count, report.record_count, report.error_count, report.warning_count)
    nouns = ("file", "record", "error", "warning")
    files, records, errors, warnings = map(count_nouns, counts, nouns)
    return f"{files}, {records}: {errors}, {warnings}{rules}{others}{took}"


def report_to_json(
    report: CheckReport, revision: str | None, since: str | None = None
) -> dict[str, Any]:
    """Return a check's result; ``since`` is the commit it is compared with."""
    return {
        "as_of": report.as_of.isoformat(),
        "revision": revision,
        "since": since,
        "files": report.file_count,
        "records": report.record_count,
        "errors": report.error_count,
        "warnings": report.warning_count,
        "problems": [problem.to_json() for problem in report.problems],
        "standing_warnings": report.standing_count,
    }


def format_annotations(problems: Iterable[Problem]) -> Iterator[str]:
    """Yield a GitHub workflow command ("Setting an error message") a problem, for pull requests."""
    for problem in problems:
        place = problem.position
        title = problem.rule.translate(_PROPERTY_ESCAPES)
        file = place.file.translate(_PROPERTY_ESCAPES)
        text = f"{problem.message}; {problem.hint}" if problem.hint else problem.message
        yield (
            f"::{problem.severity} file={file},line={place.line},col={place.column},"
            f"title={title}::{text.translate(_DATA_ESCAPES)}"
        )


def format_csv(
    columns: Sequence[str], rows: Iterable[Mapping[str, Any]], delimiter: str = ","
) -> str:
    """Return RFC 4180 CSV of the given columns; None is empty, true and false are in words.

    A text that a spreadsheet would run as a formula gets an apostrophe in front, as OWASP
    advises against CSV injection; numbers keep their sign. Control characters are escaped.
    """
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(columns)
    writer.writerows([_cell(row[column]) for column in columns] for row in rows)
    return text.getvalue()


def format_table(
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[str] = ()
) -> str:
    """Return a table for people; the columns named in ``right`` are aligned to the right."""
    alignment = ["right" if header in right else "left" for header in headers]
    return tabulate(
        rows, headers=headers, tablefmt="simple", disable_numparse=True, colalign=alignment
    )


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _FORMULA.sub("'", escape_controls(value)) if isinstance(value, str) else value


def format_balance_table(balances: Iterable[Balance], as_of: date) -> str:
    """Return a table of balances; low and overdrawn ones stand out."""
    rows = []
    for balance in balances:
        minutes = [getattr(balance, f"{name}_minutes") for name in _BALANCE_HEADERS[1:8]]
        flag = click.style("LOW", fg="yellow", bold=True) if balance.low else ""
        if balance.overdrawn_minutes:
            flag = click.style("OVERDRAWN", fg="red", bold=True)
        said = {PortalState.CLOSING: "until {}", PortalState.CLOSED: "closed {}"}
        portal = said.get(balance.portal.state, balance.portal.state.value)
        rows.append(
            [
                balance.customer,
                *(format_minutes(amount) if amount else "-" for amount in minutes),
                str(len(balance.open_cards)),
                str(balance.last_activity or "-"),
                portal.format(balance.portal.last_day),
                flag,
            ]
        )
    return f"{format_table(_BALANCE_HEADERS, rows, right=_BALANCE_HEADERS[1:9])}\nas of {as_of}"


def format_statement_table(
    statement: Statement, commits: Mapping[str, str | None] | None = None
) -> str:
    """Return a statement as a table; ``commits``, by movements' references, have a column."""
    headers = [*_STATEMENT_HEADERS, *(() if commits is None else ("commit",))]
    rows = []
    for each in statement.movements:
        note = make_printable(" ".join((each.note or "").split()))
        if each.signed_amount is not None:
            amount = format_amount(each.signed_amount, statement.currency)
            note = f"{amount} {statement.currency} {note}".strip()
        is_time = each.kind is MovementKind.TIME and each.category is not None
        row = [
            each.date.isoformat(),
            str(each.category if is_time else each.kind),
            each.reference,
            each.request or "",
            each.consultant or "",
            "" if each.worked_minutes is None else format_minutes(each.worked_minutes),
            _format_signed(each.minutes),
            format_minutes(each.balance_minutes),
            format_amount(each.value, statement.currency) if each.value else "",
            ", ".join(f"{draw.lot} {format_minutes(draw.minutes)}" for draw in each.draws),
            cut_text(note, _LONGEST_NOTE),
        ]
        commit = [] if commits is None else [shorten_id(commits.get(each.reference) or "")]
        rows.append(row + commit)
    begin = f"from {statement.from_} " if statement.from_ else ""
    table = format_table(headers, rows, right=("worked", "minutes", "balance", "value"))
    return (
        f"{statement.customer}: statement {begin}to {statement.to}, as of {statement.as_of}\n"
        f"opening balance {format_minutes(statement.opening_minutes)}\n\n{table}\n\n"
        f"closing balance {format_minutes(statement.closing_minutes)}"
    )


def format_balance_summary(report: CheckReport, effects: Sequence[BalanceEffect]) -> str:
    """Return, as Markdown, the outcome of a check and what a request does to balances.

    Only names of folders and figures are in it: nothing that a request could write Markdown with.
    """
    lines = ["## Punchcards", "", f"{format_summary(report)}, as of {report.as_of}", ""]
    if effects:
        lines += [*_EFFECTS_HEAD, *map(_format_effect, effects)]
    else:
        lines.append("No customer's files are touched.")
    return "\n".join(lines) + "\n\n"


def _format_effect(effect: BalanceEffect) -> str:
    before, after = effect.before, effect.after
    flag = "low" if after is not None and after.low else ""
    if after is None:
        flag = "**removed**"
    elif after.overdrawn_minutes:
        flag = "**overdrawn**"
    elif before is None:
        flag = "new"
    cells = (
        effect.customer,
        "-" if before is None else format_minutes(before.balance_minutes),
        "-" if after is None else format_minutes(after.balance_minutes),
        _format_signed(effect.minutes) if effect.minutes else "none",
        "-" if after is None else format_minutes(after.used_minutes),
        "-" if after is None else format_minutes(after.purchased_minutes),
        flag,
    )
    return f"| {' | '.join(cells)} |"


def _format_signed(minutes: int) -> str:
    return f"{'+' if minutes > 0 else ''}{format_minutes(minutes)}"
