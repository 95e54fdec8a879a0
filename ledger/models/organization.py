"""The company that sells: provider.yml, terms.yml and consultants.yml."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import pairwise
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from ledger.models.fields import (
    Count,
    CountOrNone,
    Currency,
    Day,
    EmailAddress,
    Handle,
    LinkOrAddress,
    Money,
    Record,
    Text,
)
from ledger.text import quote_value, suggest_name

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


def _check_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        hint = suggest_name(name, available_timezones()) or "write an IANA name, like Europe/Berlin"
        raise PydanticCustomError(
            "timezone", "{name} is not a time zone", {"name": quote_value(name), "hint": hint}
        ) from None
    return name


class Contacts(Record):
    """Where customers write to."""

    requests: LinkOrAddress = Field(
        description="Address for new requests.", examples=["help@example.com"]
    )
    sales: LinkOrAddress = Field(
        description="Address or page for buying more punchcards.", examples=["sales@example.com"]
    )
    support: LinkOrAddress = Field(
        description="Address or page of technical support.",
        examples=["https://support.example.com"],
    )


class Links(Record):
    """Pages of the provider that the portals point to."""

    agreement: LinkOrAddress = Field(
        description="The Product Service Terms Agreement.", examples=["https://example.com/terms"]
    )
    marketplace: LinkOrAddress = Field(
        description="Where licences are bought.", examples=["https://marketplace.example"]
    )


class Provider(Record):
    """provider.yml: the company that sells."""

    name: Text = Field(
        description="The provider's name, as customers read it.", examples=["Example Tools"]
    )
    timezone: Annotated[Text, AfterValidator(_check_timezone)] = Field(
        description="IANA time zone whose calendar decides what today is.",
        examples=["Europe/Berlin"],
    )
    published_on: Weekday = Field(description="The day of the weekly update.", examples=["monday"])
    contacts: Contacts = Field(description="Where customers write to.")
    links: Links = Field(description="Pages of the provider that the portals point to.")

    @property
    def zone(self) -> ZoneInfo:
        """The provider's time zone."""
        return ZoneInfo(self.timezone)


class Consultant(Record):
    """An item of consultants.yml: who may log time."""

    handle: Handle = Field(
        description="Short name, as in the names of time files.", examples=["alice"]
    )
    name: Text = Field(description="The name that customers read.", examples=["Alice Moreau"])
    emails: Annotated[tuple[EmailAddress, ...], Field(min_length=1)] = Field(
        description="Git author addresses.", examples=[["alice@example.com"]]
    )
    until: Day | None = Field(None, description="The last working day.", examples=["2026-03-31"])

    def works_on(self, day: date) -> bool:
        """Whether ``day`` is not after the last working day."""
        return self.until is None or day <= self.until


class Terms(Record):
    """An item of terms.yml: the terms of sale from a date on."""

    effective: Day = Field(description="The first day of these terms.", examples=["2026-01-01"])
    punchcard_minutes: Count = Field(description="Minutes of one punchcard.", examples=[300])
    increment_minutes: Count = Field(description="Time is charged in steps of this.", examples=[15])
    price: Annotated[dict[Currency, Money], Field(min_length=1)] = Field(
        description="List price of one punchcard, by currency.",
        examples=[{"USD": 1000.00, "EUR": 950.00}],
    )
    account_limit: Count = Field(description="Accounts a portal may have.", examples=[3])
    account_inactivity_months: Count = Field(
        description="An account is disabled after so many months without activity.", examples=[6]
    )
    portal_retention_months: CountOrNone = Field(
        description="The portal stays so long after the last completion.", examples=[12]
    )
    punchcard_validity_months: Count | None = Field(
        None, description="Cards expire after so many months; empty: never.", examples=[24]
    )
    overdraft_minutes: CountOrNone = Field(
        description="How far a customer may go below zero.", examples=[0]
    )
    low_balance_minutes: CountOrNone = Field(
        description="From here on the portal and the reports say low.", examples=[60]
    )


def _check_terms_ascend(terms: list[Terms]) -> list[Terms]:
    """Refuse terms that are not listed newest last."""
    for index, (before, this) in enumerate(pairwise(terms), start=1):
        if this.effective <= before.effective:
            raise PydanticCustomError(
                "terms_order",
                "terms are listed newest last: {this} does not come after {before}",
                {
                    "this": this.effective.isoformat(),
                    "before": before.effective.isoformat(),
                    "path": (index, "effective"),
                    "hint": "correct the date, or put the terms in order",
                },
            )
    return terms


TermsList = Annotated[list[Terms], AfterValidator(_check_terms_ascend)]
"""The terms of terms.yml, newest last."""


class TermsHistory:
    """The terms of sale by the date from which they apply."""

    def __init__(self, terms: Iterable[Terms] = ()) -> None:
        self.terms: tuple[Terms, ...] = tuple(sorted(terms, key=lambda item: item.effective))

    def in_force_on(self, day: date) -> Terms | None:
        """The terms in force on ``day``; None before the first."""
        return next((item for item in reversed(self.terms) if item.effective <= day), None)

    def applying_to(self, day: date) -> Terms | None:
        """As ``in_force_on``, but the first terms also hold for what happened before them."""
        return self.in_force_on(day) or (self.terms[0] if self.terms else None)
