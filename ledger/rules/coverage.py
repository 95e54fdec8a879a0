"""The rule that charged time is covered, and that nothing is charged to a closed portal."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date

from ledger.duration import MINUTES_IN_HOUR, format_minutes
from ledger.errors import Problem
from ledger.figures.portal_life import PortalState, find_portal_as_it_was
from ledger.models import Channel, Terms
from ledger.rules.rule_input import RuleInput


def check_overdrawn(given: RuleInput) -> Iterator[Problem]:
    """The balance is not below what the terms allow."""
    drawn = given.drawn
    terms = given.terms.applying_to(given.as_of)
    allowed = terms.overdraft_minutes if terms is not None else 0
    if not given.has_all_lots or drawn.balance_minutes >= -allowed:
        return
    overdrawn = drawn.overdrawn_minutes
    first = drawn.uncovered[0]
    limit = f"; the terms allow {_format(allowed)}" if allowed else ""
    hint = _say_what_covers(overdrawn - allowed, terms)
    for uncovered in drawn.uncovered:
        entry = given.find_entry(uncovered.reference)
        if entry is None:
            raise LookupError(uncovered.reference)
        yield given.folder.make_problem(
            "overdrawn",
            entry,
            "minutes",
            f"{_say_how_many(uncovered.minutes, entry.minutes)} are not covered: "
            f"{given.folder.slug} is overdrawn by {_format(overdrawn)} "
            f"since {first.reference} of {first.date}{limit}",
            hint,
        )


def check_portal_closed(given: RuleInput) -> Iterator[Problem]:
    """Nothing is charged or asked for after the portal's last day, as it was then."""
    if not given.has_all_lots or "customer" in given.folder.incomplete_kinds:
        return
    closings = _Closings(given)
    open_after = closings.always_open_after
    for _sheet, entry in given.records.sheet_entries:
        if entry.date > open_after:
            continue
        category = given.records.find_category(entry)
        if entry.is_correction or category is None or not category.is_charged:
            continue
        if last_day := closings.find_last_day(entry.date):
            yield given.folder.make_problem(
                "portal-closed",
                entry,
                "date",
                f"charged time on {entry.date}, but the portal closed after {last_day}",
                "sell a punchcard first, or correct the date",
            )
    for request in given.records.requests.values():
        if request.opened > open_after or request.channel is Channel.SUPPORT:
            continue
        if last_day := closings.find_last_day(request.opened):
            yield given.folder.make_problem(
                "portal-closed",
                request,
                "opened",
                f"opened on {request.opened}, but the portal closed after {last_day}",
                "sell a punchcard first, or open it in the support channel",
            )


def _say_how_many(uncovered: int, minutes: int) -> str:
    if uncovered == minutes:
        return f"these {minutes} minutes"
    return f"{uncovered} of these {minutes} minutes"


def _format(minutes: int) -> str:
    short = f" ({format_minutes(minutes)})" if minutes >= MINUTES_IN_HOUR else ""
    return f"{minutes} minutes{short}"


def _say_what_covers(missing: int, terms: Terms | None) -> str:
    if terms is None:
        return "record a purchase that covers it"
    cards = -(-missing // terms.punchcard_minutes)
    noun, verb = ("punchcard", "covers") if cards == 1 else ("punchcards", "cover")
    return f"{cards} more {noun} {verb} it; or correct what should not have been charged"


class _Closings:
    """The portal's last day for days on which it was closed."""

    def __init__(self, given: RuleInput) -> None:
        self._given = given
        self._days = [line.date for line in given.drawn.lines]
        self._found: dict[date, date | None] = {}
        self.always_open_after = self._find_open_start()

    def find_last_day(self, day: date) -> date | None:
        """Return the last day of a portal that is closed on ``day``, else None."""
        if day > self._given.as_of or self._has_minutes_before(day):
            return None
        if day not in self._found:
            given = self._given
            portal = find_portal_as_it_was(
                given.records.customer, given.drawn.lots, given.terms, day
            )
            is_closed = portal.state is PortalState.CLOSED
            self._found[day] = portal.last_day if is_closed else None
        return self._found[day]

    def _find_open_start(self) -> date:
        """Return a day after which minutes were left at any time: for most customers the first."""
        lines = self._given.drawn.lines
        if not lines or any(line.balance_minutes <= 0 for line in lines):
            return date.max
        return self._days[0]

    def _has_minutes_before(self, day: date) -> bool:
        # While minutes are left some lot is open, and so is the portal.
        before = bisect_left(self._days, day)
        return before > 0 and self._given.drawn.lines[before - 1].balance_minutes > 0
