"""The terms of sale, by the date from which they apply: terms.yml."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Annotated

from ledger.models.record import Record, RecordError, Several, field
from ledger.scalars import Count, CountOrNone, Currency, Day, Money


class Terms(Record):
    """An item of terms.yml: the terms of sale from a date on."""

    effective: Day = field(description="The first day of these terms.", examples=["2026-01-01"])
    punchcard_minutes: Count = field(description="Minutes of one punchcard.", examples=[300])
    increment_minutes: Count = field(description="Time is charged in steps of this.", examples=[15])
    price: Annotated[dict[Currency, Money], Several(least=1)] = field(
        description="List price of one punchcard, by currency.",
        examples=[{"USD": 1000.00, "EUR": 950.00}],
    )
    account_limit: Count = field(description="Accounts a portal may have.", examples=[3])
    account_inactivity_months: Count = field(
        description="An account is disabled after so many months without activity.", examples=[6]
    )
    portal_retention_months: CountOrNone = field(
        description="The portal stays so long after the last completion.", examples=[12]
    )
    punchcard_validity_months: Count | None = field(
        default=None, description="Cards expire after so many months; empty: never.", examples=[24]
    )
    overdraft_minutes: CountOrNone = field(
        description="How far a customer may go below zero.", examples=[0]
    )
    low_balance_minutes: CountOrNone = field(
        description="From here on the portal and the reports say low.", examples=[60]
    )


class TermsHistory:
    """The terms of sale by the date from which they apply."""

    def __init__(self, terms: Iterable[Terms] = ()) -> None:
        self.terms: tuple[Terms, ...] = tuple(sorted(terms, key=lambda item: item.effective))

    def in_force_on(self, day: date) -> Terms | None:
        """The terms in force on ``day``; None before the first."""
        found = None
        for terms in self.terms:
            if terms.effective > day:
                break
            found = terms
        return found

    def applying_to(self, day: date) -> Terms | None:
        """As ``in_force_on``, but the first terms also hold for what happened before them."""
        return self.in_force_on(day) or (self.terms[0] if self.terms else None)


def check_terms_ascend(terms: list[Terms]) -> list[Terms]:
    """Refuse terms that are not listed newest last."""
    for index in range(1, len(terms)):
        if terms[index].effective <= terms[index - 1].effective:
            raise RecordError(
                "terms_order",
                "terms are listed newest last: {this} does not come after {before}",
                {
                    "this": terms[index].effective.isoformat(),
                    "before": terms[index - 1].effective.isoformat(),
                    "path": (index, "effective"),
                    "hint": "correct the date, or put the terms in order",
                },
            )
    return terms
