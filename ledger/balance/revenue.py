"""Deferred revenue: what was billed, recognised, lost to expiry and taken back, by period.

Each draw counts on its own day: minutes are recognised when a lot covers them, expired ones are
breakage, refunded ones leave deferred revenue with their value. Always, to the cent: opening
deferred + billed = recognised + breakage + value refunded + closing deferred.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby
from operator import attrgetter
from typing import Self

from ledger.balance.draw_down import DrawDown
from ledger.balance.lots import Use
from ledger.dates import list_months
from ledger.models import CustomerRecords, Refund
from ledger.text import natural_key

_NOTHING, _WHOLE = Decimal(0), "whole"
_ACCOUNTS = {Use.USED: "recognised", Use.EXPIRED: "breakage", Use.REFUNDED: "value_refunded"}
AMOUNTS = ("billed", "recognised", "breakage", "value_refunded", "refund_amount")


class Grouping(StrEnum):
    """What has a line of its own in a report; each also by currency."""

    MONTH = "month"
    CUSTOMER = "customer"
    PURCHASE = "purchase"


@dataclass(frozen=True)
class RevenueLine:
    """The revenue of a period, a customer or a purchase; its JSON has the same fields in order."""

    currency: str
    period: str | None  # the month, ``2026-10``; None in a line of the whole period
    customer: str | None  # None in a line that sums over them
    purchase: str | None
    opening_deferred: Decimal
    billed: Decimal
    recognised: Decimal
    breakage: Decimal
    value_refunded: Decimal  # what left deferred revenue
    refund_amount: Decimal  # what was paid back
    closing_deferred: Decimal


_FIGURES = attrgetter("opening_deferred", *AMOUNTS, "closing_deferred")


class RevenueReport:
    """Adds up money, one customer at a time, from ``first`` (or the beginning) to ``last``."""

    def __init__(self, first: date | None, last: date, grouping: Grouping) -> None:
        self._first, self._last, self._grouping = first, last, grouping
        # By currency, customer, purchase, period (empty before the first) and kind of amount.
        self.sums: dict[tuple[str, str | None, str | None, str, str], Decimal] = {}

    def add(self, records: CustomerRecords, drawn: DrawDown) -> None:
        """Add what happened to a customer's money up to the as-of date of the draw-down."""
        made = [(each.date, "billed", each.id, each.amount) for each in records.purchases]
        made += [
            (each.date, "refund_amount", each.purchase, each.amount)
            for each in records.adjustments
            if isinstance(each, Refund)
        ]
        made += [
            (each.date, _ACCOUNTS[each.use], each.purchase, each.value)
            for each in drawn.consumptions
            if each.purchase is not None and each.value
        ]
        slug = None if self._grouping is Grouping.MONTH else records.slug
        for day, account, purchase, value in made:
            if day <= min(self._last, drawn.as_of):
                own = purchase if self._grouping is Grouping.PURCHASE else None
                cell = (records.customer.currency, slug, own, self._name_period(day), account)
                self.sums[cell] = self.sums.get(cell, _NOTHING) + value

    def merge(self, other: Self) -> None:
        """Add what another report of the same period and grouping added up."""
        for cell, value in other.sums.items():
            self.sums[cell] = self.sums.get(cell, _NOTHING) + value

    def list_lines(self) -> Iterator[RevenueLine]:
        """Yield the lines by currency, then by month or by customer and purchase."""
        is_by_month, periods = self._grouping is Grouping.MONTH, [_WHOLE]
        if is_by_month:
            known = min((cell[3] for cell in self.sums), default=_name_month(self._last))
            first = self._first or date.fromisoformat(f"{known}-01")
            periods = [*map(_name_month, list_months(first, self._last))]
        keys = {cell[:3] for cell in self.sums}
        for key in sorted(keys, key=lambda each: [natural_key(part or "") for part in each]):
            currency, customer, purchase = key
            deferred, is_shown = _NOTHING, self._first is not None
            for period in ("", *periods):
                values = [self.sums.get((*key, period, each), _NOTHING) for each in AMOUNTS]
                billed, *consumed, _paid_back = values
                opening, deferred = deferred, deferred + billed - sum(consumed)
                # A month without anything is shown once there was something.
                is_shown = bool(opening or any(values)) or (is_by_month and is_shown)
                if period and is_shown:
                    name = period if is_by_month else None
                    figures = [opening, *values, deferred]
                    yield RevenueLine(currency, name, customer, purchase, *figures)

    def _name_period(self, day: date) -> str:
        """Return the month of a day or the whole period; an empty text before the first day."""
        if self._first is not None and day < self._first:
            return ""
        return _name_month(day) if self._grouping is Grouping.MONTH else _WHOLE


def _name_month(day: date) -> str:
    """Return a month with four digits of its year, which ``strftime`` does not always write."""
    return day.isoformat()[: len("2026-10")]


def sum_lines(lines: Iterable[RevenueLine]) -> list[RevenueLine]:
    """Return a line for each currency that adds up the lines given."""
    totals = []
    for currency, group in groupby(lines, key=attrgetter("currency")):
        these = list(group)
        sums = [sum(column, _NOTHING) for column in zip(*map(_FIGURES, these), strict=True)]
        if these[0].period is not None:  # Each month goes on where the one before ended.
            sums[0], sums[-1] = these[0].opening_deferred, these[-1].closing_deferred
        totals.append(RevenueLine(currency, None, None, None, *sums))
    return totals


def compare_lines(before: Iterable[RevenueLine], after: Iterable[RevenueLine]) -> list[RevenueLine]:
    """Return what is different now as lines of differences; equal lines are left out."""
    name = attrgetter("currency", "period", "customer", "purchase")
    changes: dict[tuple[str, str | None, str | None, str | None], list[Decimal]] = {}
    for lines, sign in ((before, -1), (after, 1)):
        for line in lines:
            known = changes.get(name(line), [_NOTHING] * (len(AMOUNTS) + 2))
            pairs = zip(known, _FIGURES(line), strict=True)
            changes[name(line)] = [sum_ + sign * figure for sum_, figure in pairs]
    ranked = sorted(changes.items(), key=lambda each: tuple(map(str, each[0])))
    return [RevenueLine(*key, *figures) for key, figures in ranked if any(figures)]
