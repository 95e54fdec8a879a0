"""The company that sells: provider.yml and consultants.yml."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from ledger.models.kinds import Weekday
from ledger.models.record import Check, Record, RecordError, Several, field
from ledger.nearest_name import suggest_name
from ledger.quotation import quote_value
from ledger.scalars import Day, EmailAddress, Handle, LinkOrAddress, Text


def _check_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RecordError(
            "timezone",
            "{name} is not a time zone",
            {"name": quote_value(name), "hint": _suggest_timezone(name)},
        ) from None
    return name


def _suggest_timezone(name: str) -> str:
    return suggest_name(name, available_timezones()) or "write an IANA name, like Europe/Berlin"


class Contacts(Record):
    """Where customers write to."""

    requests: LinkOrAddress = field(
        description="Address for new requests.", examples=["help@example.com"]
    )
    sales: LinkOrAddress = field(
        description="Address or page for buying more punchcards.", examples=["sales@example.com"]
    )
    support: LinkOrAddress = field(
        description="Address or page of technical support.",
        examples=["https://support.example.com"],
    )


class Links(Record):
    """Pages of the provider that the portals point to."""

    agreement: LinkOrAddress = field(
        description="The Product Service Terms Agreement.", examples=["https://example.com/terms"]
    )
    marketplace: LinkOrAddress = field(
        description="Where licences are bought.", examples=["https://marketplace.example"]
    )


class Provider(Record):
    """provider.yml: the company that sells."""

    name: Text = field(
        description="The provider's name, as customers read it.", examples=["Example Tools"]
    )
    timezone: Annotated[Text, Check(_check_timezone)] = field(
        description="IANA time zone whose calendar decides what today is.",
        examples=["Europe/Berlin"],
    )
    published_on: Weekday = field(description="The day of the weekly update.", examples=["monday"])
    contacts: Contacts = field(description="Where customers write to.")
    links: Links = field(description="Pages of the provider that the portals point to.")

    @property
    def zone(self) -> ZoneInfo:
        """The provider's time zone."""
        return ZoneInfo(self.timezone)


class Consultant(Record):
    """An item of consultants.yml: who may log time."""

    handle: Handle = field(
        description="Short name, as in the names of time files.", examples=["alice"]
    )
    name: Text = field(description="The name that customers read.", examples=["Alice Moreau"])
    emails: Annotated[tuple[EmailAddress, ...], Several(least=1)] = field(
        description="Git author addresses.", examples=[["alice@example.com"]]
    )
    until: Day | None = field(
        default=None, description="The last working day.", examples=["2026-03-31"]
    )

    def works_on(self, day: date) -> bool:
        """Whether ``day`` is not after the last working day."""
        return self.until is None or day <= self.until
