"""Rows as CSV and as a table for people; balances and statements as such, and for a CI job."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import click
from tabulate import tabulate

from ledger.balance.movements import Movement, MovementKind
from ledger.balance.portal_life import PortalState
from ledger.balance.statement import Statement
from ledger.balance.summary import Balance
from ledger.check import CheckReport
from ledger.duration import format_minutes
from ledger.history.comparison import BalanceEffect
from ledger.money import format_amount
from ledger.output.problems import format_summary
from ledger.text import cut_text, escape_controls, make_printable, shorten_id

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
    headers: Sequence[str], rows: Sequence[Sequence[str]], right: Iterable[str] = ()
) -> str:
    """Return a table for people; the columns named in ``right`` are aligned to the right."""
    aligned_right = set(right)
    alignment = ["right" if header in aligned_right else "left" for header in headers]
    return tabulate(
        rows, headers=headers, tablefmt="simple", disable_numparse=True, colalign=alignment
    )


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return _FORMULA.sub("'", escape_controls(value)) if isinstance(value, str) else value


def format_balance_table(balances: Sequence[Balance], as_of: date) -> str:
    """Return a table of balances; low and overdrawn ones stand out."""
    rows = [_make_balance_row(balance) for balance in balances]
    table = format_table(_BALANCE_HEADERS, rows, right=_BALANCE_HEADERS[1:9])
    return f"{table}\nas of {as_of}"


def format_statement_table(
    statement: Statement, commits: Mapping[str, str | None] | None = None
) -> str:
    """Return a statement as a table; ``commits``, by movements' references, have a column."""
    begin = f"from {statement.from_} " if statement.from_ else ""
    headers = _STATEMENT_HEADERS if commits is None else (*_STATEMENT_HEADERS, "commit")
    rows = []
    for movement in statement.movements:
        rows.append(_make_movement_row(movement, statement.currency))
        if commits is not None:
            rows[-1].append(shorten_id(commits.get(movement.reference) or ""))
    return "\n".join(
        (
            f"{statement.customer}: statement {begin}to {statement.to}, as of {statement.as_of}",
            f"opening balance {format_minutes(statement.opening_minutes)}",
            "",
            format_table(headers, rows, right=("worked", "minutes", "balance", "value")),
            "",
            f"closing balance {format_minutes(statement.closing_minutes)}",
        )
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


def _make_balance_row(balance: Balance) -> list[str]:
    minutes = [getattr(balance, f"{name}_minutes") for name in _BALANCE_HEADERS[1:8]]
    flag = click.style("LOW", fg="yellow", bold=True) if balance.low else ""
    if balance.overdrawn_minutes:
        flag = click.style("OVERDRAWN", fg="red", bold=True)
    return [
        balance.customer,
        *(format_minutes(amount) if amount else "-" for amount in minutes),
        str(len(balance.open_cards)),
        str(balance.last_activity or "-"),
        _describe_portal(balance),
        flag,
    ]


def _describe_portal(balance: Balance) -> str:
    state, last_day = balance.portal.state, balance.portal.last_day
    if state is PortalState.CLOSING:
        return f"until {last_day}"
    return f"closed {last_day}" if state is PortalState.CLOSED else state.value


def _make_movement_row(movement: Movement, currency: str) -> list[str]:
    worked, category = movement.worked_minutes, movement.category
    is_time = movement.kind is MovementKind.TIME and category is not None
    return [
        movement.date.isoformat(),
        str(category if is_time else movement.kind),
        movement.reference,
        movement.request or "",
        movement.consultant or "",
        "" if worked is None else format_minutes(worked),
        _format_signed(movement.minutes),
        format_minutes(movement.balance_minutes),
        format_amount(movement.value, currency) if movement.value else "",
        ", ".join(f"{draw.lot} {format_minutes(draw.minutes)}" for draw in movement.draws),
        _describe_note(movement, currency),
    ]


def _describe_note(movement: Movement, currency: str) -> str:
    note = make_printable(" ".join((movement.note or "").split()))
    if movement.signed_amount is not None:
        amount = format_amount(movement.signed_amount, currency)
        note = f"{amount} {currency} {note}".strip()
    return cut_text(note, _LONGEST_NOTE)


def _format_effect(effect: BalanceEffect) -> str:
    before, after = effect.before, effect.after
    cells = (
        effect.customer,
        "-" if before is None else format_minutes(before.balance_minutes),
        "-" if after is None else format_minutes(after.balance_minutes),
        _format_signed(effect.minutes) if effect.minutes else "none",
        "-" if after is None else format_minutes(after.used_minutes),
        "-" if after is None else format_minutes(after.purchased_minutes),
        _flag_effect(effect),
    )
    return f"| {' | '.join(cells)} |"


def _format_signed(minutes: int) -> str:
    return f"{'+' if minutes > 0 else ''}{format_minutes(minutes)}"


def _flag_effect(effect: BalanceEffect) -> str:
    if effect.after is None:
        return "**removed**"
    if effect.after.overdrawn_minutes:
        return "**overdrawn**"
    if effect.before is None:
        return "new"
    return "low" if effect.after.low else ""
