"""The rule that charged time is covered, and that nothing is charged to a closed portal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from ledger.balance.portal_life import PortalState, find_portal
from ledger.duration import MINUTES_IN_HOUR, format_minutes
from ledger.models import Channel, Terms
from ledger.rules.context import Finding, RuleContext


def check_overdrawn(context: RuleContext) -> Iterator[Finding]:
    """The balance is not below what the terms allow."""
    drawn = context.drawn
    terms = context.terms.applying_to(context.as_of)
    allowed, who = terms.overdraft_minutes if terms is not None else 0, "the terms allow"
    if (own := context.records.customer.overdraft_minutes) is not None:
        allowed, who = own, "customer.yml allows"
    if not context.has_all_lots or drawn.balance_minutes >= -allowed:
        return
    overdrawn, first = drawn.overdrawn_minutes, drawn.uncovered[0]
    limit = f"; {who} {_format(allowed)}" if allowed else ""
    hint = _say_what_covers(overdrawn - allowed, terms)
    for uncovered in drawn.uncovered:
        entry = context.entries[uncovered.reference]
        some = "" if uncovered.minutes == entry.minutes else f"{uncovered.minutes} of "
        message = (
            f"{some}these {entry.minutes} minutes are not covered: "
            f"{context.folder.slug} is overdrawn by {_format(overdrawn)} "
            f"since {first.reference} of {first.date}{limit}"
        )
        yield Finding(entry, "minutes", message, hint)


def check_portal_closed(context: RuleContext) -> Iterator[Finding]:
    """Nothing is charged or asked for after the portal's last day, as it was then."""
    if not context.has_all_lots or not context.has_customer:
        return
    minutes_before: dict[date, int] = {}  # what was left when a day with movements began
    balance = 0
    for movement in context.drawn.movements:
        minutes_before.setdefault(movement.date, balance)
        balance = movement.balance_minutes

    @cache
    def find_last_day(day: date) -> date | None:
        """Return the last day of a portal that is closed on ``day``, else None."""
        # While minutes are left some lot is open, and so is the portal.
        if day > context.as_of or minutes_before.get(day, 0) > 0:
            return None
        customer, lots = context.records.customer, context.drawn.lots
        portal = find_portal(customer, lots, context.terms, day, during_day=True)
        return portal.last_day if portal.state is PortalState.CLOSED else None

    for _sheet, entry in context.records.sheet_entries:
        last_day = find_last_day(entry.date)
        category = context.records.find_category(entry, context.terms)
        is_charged = category in context.terms.uses_on(entry.date).charged
        if last_day and is_charged and not entry.is_correction:
            message = f"charged time on {entry.date}, but the portal closed after {last_day}"
            hint = "sell a punchcard first, or correct the date"
            yield Finding(entry, "date", message, hint)
    for request in context.records.requests.values():
        last_day = find_last_day(request.opened)
        if last_day and request.channel is not Channel.SUPPORT:
            message = f"opened on {request.opened}, but the portal closed after {last_day}"
            hint = "sell a punchcard first, or open it in the support channel"
            yield Finding(request, "opened", message, hint)


def _format(minutes: int) -> str:
    short = f" ({format_minutes(minutes)})" if minutes >= MINUTES_IN_HOUR else ""
    return f"{minutes} minutes{short}"


def _say_what_covers(missing: int, terms: Terms | None) -> str:
    if terms is None:
        return "record a purchase that covers it"
    cards = -(-missing // terms.punchcard_minutes)
    noun, verb = ("punchcard", "covers") if cards == 1 else ("punchcards", "cover")
    return f"{cards} more {noun} {verb} it; or correct what should not have been charged"
