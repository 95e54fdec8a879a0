"""What a request does to balances, as Markdown for the summary page of a CI job."""

from __future__ import annotations

from collections.abc import Sequence

from ledger.check import CheckReport
from ledger.duration import format_minutes
from ledger.figures.balance import Balance
from ledger.history.balance_effects import BalanceEffect
from ledger.reporters.problem_text import format_summary

_HEADER = (
    "| customer | balance before | balance after | change | used | purchased | |",
    "| --- | ---: | ---: | ---: | ---: | ---: | --- |",
)


def format_balance_summary(report: CheckReport, effects: Sequence[BalanceEffect]) -> str:
    """Return a section with the outcome of the check and a line for each customer touched.

    Only names of folders and figures are in it: nothing that a request could write Markdown with.
    """
    lines = ["## Punchcards", "", f"{format_summary(report)}, as of {report.as_of}", ""]
    if effects:
        lines += [*_HEADER, *map(_format_line, effects)]
    else:
        lines.append("No customer's files are touched.")
    return "\n".join(lines) + "\n\n"


def _format_line(effect: BalanceEffect) -> str:
    cells = (
        effect.customer,
        _format_balance(effect.before),
        _format_balance(effect.after),
        _format_change(effect.minutes),
        "-" if effect.after is None else format_minutes(effect.after.used_minutes),
        "-" if effect.after is None else format_minutes(effect.after.purchased_minutes),
        _flag(effect),
    )
    return f"| {' | '.join(cells)} |"


def _format_balance(balance: Balance | None) -> str:
    return "-" if balance is None else format_minutes(balance.balance_minutes)


def _format_change(minutes: int) -> str:
    return f"{'+' if minutes > 0 else ''}{format_minutes(minutes)}" if minutes else "none"


def _flag(effect: BalanceEffect) -> str:
    if effect.after is None:
        return "**removed**"
    if effect.after.overdrawn_minutes:
        return "**overdrawn**"
    if effect.before is None:
        return "new"
    return "low" if effect.after.low else ""
