"""Deferred revenue: what was billed, recognised, lost to expiry and taken back, by period.

Each draw counts on its own day: minutes are recognised when a lot covers them, expired ones are
breakage, refunded ones leave deferred revenue with their value. Always, to the cent: opening
deferred + billed = recognised + breakage + value refunded + closing deferred.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from ledger.balance.draw_down import DrawDown
from ledger.balance.movements import Use
from ledger.dates import list_months
from ledger.models import CustomerRecords, Refund
from ledger.text import natural_key

_NOTHING = Decimal(0)


class Grouping(StrEnum):
    """What has a line of its own in a report; each also by currency."""

    MONTH = "month"
    CUSTOMER = "customer"
    PURCHASE = "purchase"


class Posting(NamedTuple):
    """Money that was billed, recognised, lost, refunded or paid back on a day."""

    date: date
    account: str
    purchase: str
    value: Decimal


@dataclass(frozen=True)
class RevenueLine:
    """The revenue of a period, a customer or a purchase; its JSON has the same fields in order.

    Attributes:
        period: the month, ``2026-10``; None in a line of the whole period.
        customer, purchase: None in a line that sums over them.
        refund_amount: what was paid back; ``value_refunded`` is what left deferred revenue.
    """

    currency: str
    period: str | None
    customer: str | None
    purchase: str | None
    opening_deferred: Decimal
    billed: Decimal
    recognised: Decimal
    breakage: Decimal
    value_refunded: Decimal
    refund_amount: Decimal
    closing_deferred: Decimal


AMOUNTS = ("billed", "recognised", "breakage", "value_refunded", "refund_amount")
_ACCOUNTS = {Use.USED: "recognised", Use.EXPIRED: "breakage", Use.REFUNDED: "value_refunded"}
_Key = tuple[str, str | None, str | None]
"""Currency, customer, purchase."""
_WHOLE = "whole"


def list_postings(records: CustomerRecords, drawn: DrawDown) -> Iterator[Posting]:
    """Yield what happened to a customer's money up to the as-of date of the draw-down."""
    for purchase in records.purchases:
        if purchase.date <= drawn.as_of:
            yield Posting(purchase.date, "billed", purchase.id, purchase.amount)
    for item in records.adjustments:
        if isinstance(item, Refund) and item.date <= drawn.as_of:
            yield Posting(item.date, "refund_amount", item.purchase, item.amount)
    for each in drawn.consumptions:
        if each.purchase is not None and each.value:
            yield Posting(each.date, _ACCOUNTS[each.use], each.purchase, each.value)


class RevenueReport:
    """Adds up postings, one customer at a time, from ``first`` (or the beginning) to ``last``."""

    def __init__(self, first: date | None, last: date, grouping: Grouping) -> None:
        self._first, self._last, self._grouping = first, last, grouping
        self._sums: dict[_Key, dict[tuple[str, str], Decimal]] = {}

    def add(self, records: CustomerRecords, postings: Iterable[Posting]) -> None:
        """Add a customer's postings."""
        for posting in postings:
            if posting.date > self._last:
                continue
            slug = None if self._grouping is Grouping.MONTH else records.slug
            purchase = posting.purchase if self._grouping is Grouping.PURCHASE else None
            sums = self._sums.setdefault((records.customer.currency, slug, purchase), {})
            cell = (self._name_period(posting.date), posting.account)
            sums[cell] = sums.get(cell, _NOTHING) + posting.value

    def merge(self, other: RevenueReport) -> None:
        """Add what another report of the same period and grouping added up."""
        for key, amounts in other._sums.items():
            sums = self._sums.setdefault(key, {})
            for cell, value in amounts.items():
                sums[cell] = sums.get(cell, _NOTHING) + value

    def list_lines(self) -> Iterator[RevenueLine]:
        """Yield the lines by currency, then by month or by customer and purchase."""
        periods = self._list_periods()
        for key in sorted(self._sums, key=lambda each: [natural_key(part or "") for part in each]):
            sums = self._sums[key]
            opening = {each: sums.get(("", each), _NOTHING) for each in AMOUNTS}
            deferred, has_begun = _change_deferred(opening), self._first is not None
            for period in periods:
                amounts = {each: sums.get((period, each), _NOTHING) for each in AMOUNTS}
                has_begun = has_begun or any(amounts.values())
                before, deferred = deferred, deferred + _change_deferred(amounts)
                if period == _WHOLE and not (before or any(amounts.values())):
                    continue
                if has_begun:
                    label = None if period == _WHOLE else period
                    values = [before, *amounts.values(), deferred]
                    yield RevenueLine(key[0], label, key[1], key[2], *values)

    def _name_period(self, day: date) -> str:
        """Return the month of a day or the whole period; an empty text before the first day."""
        if self._first is not None and day < self._first:
            return ""
        return _name_month(day) if self._grouping is Grouping.MONTH else _WHOLE

    def _list_periods(self) -> list[str]:
        if self._grouping is not Grouping.MONTH:
            return [_WHOLE]
        months = [period for sums in self._sums.values() for period, _account in sums if period]
        earliest = min(months, default=_name_month(self._last))
        first = self._first or date.fromisoformat(f"{earliest}-01")
        return [*map(_name_month, list_months(first, self._last))]


def sum_lines(lines: Iterable[RevenueLine]) -> list[RevenueLine]:
    """Return a line for each currency that adds up the lines given."""
    totals = []
    for currency, group in groupby(lines, key=lambda line: line.currency):
        these = list(group)
        by_month = these[0].period is not None
        sums = [_sum(these, name) for name in AMOUNTS]
        opening = these[0].opening_deferred if by_month else _sum(these, "opening_deferred")
        closing = these[-1].closing_deferred if by_month else _sum(these, "closing_deferred")
        totals.append(RevenueLine(currency, None, None, None, *[opening, *sums, closing]))
    return totals


def compare_lines(before: Iterable[RevenueLine], after: Iterable[RevenueLine]) -> list[RevenueLine]:
    """Return what is different now as lines of differences; equal lines are left out."""
    name = attrgetter("currency", "period", "customer", "purchase")
    sides = [{name(line): line for line in lines} for lines in (before, after)]
    found = []
    for key in sorted(sides[0].keys() | sides[1].keys(), key=lambda names: tuple(map(str, names))):
        then, now = (side.get(key) for side in sides)
        changes = [
            (_NOTHING if now is None else getattr(now, name))
            - (_NOTHING if then is None else getattr(then, name))
            for name in ("opening_deferred", *AMOUNTS, "closing_deferred")
        ]
        if any(changes):
            found.append(RevenueLine(*key, *changes))
    return found


def _sum(lines: Iterable[RevenueLine], name: str) -> Decimal:
    return sum((getattr(line, name) for line in lines), _NOTHING)


def _name_month(day: date) -> str:
    return day.isoformat()[: len("2026-10")]


def _change_deferred(amounts: Mapping[str, Decimal]) -> Decimal:
    """Return by how much deferred revenue changes; what was paid back does not count in it."""
    consumed = (amounts[each] for each in ("recognised", "breakage", "value_refunded"))
    return amounts["billed"] - sum(consumed, _NOTHING)
