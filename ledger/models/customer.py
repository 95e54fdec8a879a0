"""The organization that buys and its people: customer.yml and accounts.yml."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from pydantic import Field

from ledger.models.fields import (
    Currency,
    CustomerKey,
    Day,
    Days,
    EmailAddress,
    Listed,
    Record,
    Text,
)


class LicenceType(StrEnum):
    """The kinds of product licence; the first two include technical support."""

    COMMERCIAL = "commercial"
    ACADEMIC = "academic"
    EVALUATION = "evaluation"

    @property
    def includes_support(self) -> bool:
        """Whether its holder is entitled to technical support."""
        return self is not LicenceType.EVALUATION


class Licence(Record):
    """A product licence of a customer; it decides who is entitled to technical support."""

    product: Text = Field(description="What is licensed.", examples=["Trace for Jira"])
    type: LicenceType = Field(
        description="Commercial and academic licences include technical support.",
        examples=["commercial"],
    )
    from_: Day | None = Field(
        None, alias="from", description="The first day, if it matters.", examples=["2026-04-01"]
    )
    until: Day | None = Field(
        None, description="The last day; empty: no end.", examples=["2027-03-31"]
    )

    def is_valid_on(self, day: date) -> bool:
        """Whether ``day`` is from the first to the last day of the licence."""
        return (self.from_ is None or self.from_ <= day) and (
            self.until is None or day <= self.until
        )


class Service(Record):
    """Another contracted service; it keeps the portal open until it is completed."""

    name: Text = Field(description="What was contracted.", examples=["Rollout project"])
    started: Day | None = Field(
        None, description="The first day, if it matters.", examples=["2026-02-16"]
    )
    completed: Day | None = Field(
        None, description="The day it was completed; empty: still running.", examples=["2026-06-30"]
    )

    def has_started_on(self, day: date) -> bool:
        """Whether the service is there on ``day``."""
        return self.started is None or self.started <= day

    def is_completed_on(self, day: date) -> bool:
        """Whether the service was completed on or before ``day``."""
        return self.completed is not None and self.completed <= day


class Customer(Record):
    """customer.yml: the organization that buys."""

    name: Text = Field(description="The customer's name.", examples=["Acme Robotics"])
    key: CustomerKey = Field(description="Prefix of request ids.", examples=["ACME"])
    currency: Currency = Field(description="Currency of purchases.", examples=["USD"])
    licences: Listed[Licence] = Field(
        (),
        description="Product licences; they decide who is entitled to technical support.",
        examples=[[{"product": "Trace for Jira", "type": "commercial", "until": "2027-03-31"}]],
    )
    services: Listed[Service] = Field(
        (),
        description="Other contracted services; they keep the portal open.",
        examples=[[{"name": "Rollout project", "completed": "2026-06-30"}]],
    )

    def has_support_on(self, day: date) -> bool:
        """Whether a licence valid on ``day`` includes technical support."""
        return any(
            licence.type.includes_support and licence.is_valid_on(day) for licence in self.licences
        )


class Account(Record):
    """An item of accounts.yml: a person at the customer who may see the portal."""

    email: EmailAddress = Field(
        description="The address the person signs in with.", examples=["dana@acme.example"]
    )
    name: Text = Field(description="The person's name.", examples=["Dana Whitfield"])
    created: Day = Field(description="The first day of the account.", examples=["2026-01-12"])
    last_sign_in: Day | None = Field(
        None,
        description="The latest sign-in, written by `punchcard account seen`.",
        examples=["2026-11-02"],
    )
    reactivated: Days = Field(
        (),
        description="When it was reactivated after being disabled: a date, or a list of dates.",
        examples=["2026-09-01", ["2026-03-01", "2026-09-01"]],
    )
    removed: Day | None = Field(
        None, description="The last day of the account.", examples=["2026-10-31"]
    )
    key_hash: Text | None = Field(
        None, description="Hash of the portal key, written by `punchcard account key`."
    )

    def is_known_as(self, address: str) -> bool:
        """Whether ``address`` is this account's; case does not matter."""
        return self.email.casefold() == address.casefold()
