"""The money of all customers: what was sold and earned, what is deferred, what they usually buy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from operator import attrgetter
from statistics import mode
from typing import NamedTuple

from ledger.balance.draw_down import draw_down
from ledger.balance.revenue import (
    Grouping,
    RevenueLine,
    RevenueReport,
    list_postings,
    sum_lines,
)
from ledger.models import CustomerRecords, Purchase, TermsHistory


class Money(NamedTuple):
    """What happened to the money in one currency: a line for each month and each customer."""

    currency: str
    months: tuple[RevenueLine, ...]
    customers: tuple[RevenueLine, ...]

    @property
    def total(self) -> RevenueLine:
        """The sums of the customers' lines, which are those of the months'."""
        return sum_lines(self.customers)[0]

    @staticmethod
    def find_first_day(line: RevenueLine) -> date:
        """The first day of a month's line."""
        return date.fromisoformat(f"{line.period}-01")


class MoneyReport:
    """Adds up the money of customers, one at a time, from the day ``first`` to ``last``."""

    def __init__(self, first: date, last: date) -> None:
        self._last = last
        groupings = (Grouping.MONTH, Grouping.CUSTOMER)
        self._reports = [RevenueReport(first, last, each) for each in groupings]

    def add(self, records: CustomerRecords, terms: TermsHistory) -> None:
        """Add a customer's money."""
        postings = [*list_postings(records, draw_down(records, terms, self._last))]
        for report in self._reports:
            report.add(records, postings)

    def list_money(self) -> Iterator[Money]:
        """Yield each currency in which anything was deferred or happened."""
        months, customers = (_split(report.list_lines()) for report in self._reports)
        for currency, lines in customers.items():
            yield Money(currency, months[currency], lines)


def find_usual_order(purchases: Iterable[Purchase], as_of: date) -> int | None:
    """Return how many punchcards a customer buys most often, of two such numbers the latest."""
    bought = sorted((each for each in purchases if each.date <= as_of), key=attrgetter("date"))
    return mode(each.punchcards for each in reversed(bought)) if bought else None


def _split(lines: Iterable[RevenueLine]) -> dict[str, tuple[RevenueLine, ...]]:
    return {name: tuple(group) for name, group in groupby(lines, key=attrgetter("currency"))}
