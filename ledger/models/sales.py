"""What comes onto the cards and goes back: purchases.yml and adjustments.yml."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from ledger.models.fields import (
    Count,
    Day,
    FreeText,
    LaterNumber,
    Money,
    Record,
    RecordId,
    WholeNumber,
)


class Purchase(Record):
    """An item of purchases.yml: punchcards bought."""

    id: RecordId = Field(
        description="Unique among the customer's purchases and adjustments.", examples=["P1"]
    )
    date: Day = Field(description="The day of the sale.", examples=["2026-01-12"])
    punchcards: Count = Field(description="How many cards; whole ones.", examples=[2])
    amount: Money = Field(
        description="What was paid, in the customer's currency.", examples=[2000.00]
    )
    invoice: LaterNumber | None = Field(
        None, description="The invoice's number.", examples=["INV-2026-014"]
    )
    price_note: FreeText | None = Field(
        None,
        description="Why the amount is not cards times list price; required if it is not.",
        examples=["10 % off the first purchase"],
    )


class Refund(Record):
    """An item of adjustments.yml: takes unused minutes back and returns money."""

    id: RecordId = Field(
        description="Unique among the customer's purchases and adjustments.", examples=["A1"]
    )
    type: Literal["refund"] = Field(description="Takes unused minutes back and returns money.")
    date: Day = Field(description="The day of the refund.", examples=["2026-10-01"])
    purchase: RecordId = Field(
        description="The purchase whose minutes are taken back.", examples=["P1"]
    )
    minutes: WholeNumber = Field(
        description="Minutes taken back; a positive number.", examples=[120]
    )
    amount: Money = Field(
        description="What was paid back, in the customer's currency.", examples=[400.00]
    )
    reason: FreeText = Field(
        description="Why; the customer reads this.", examples=["Project cancelled"]
    )


class Goodwill(Record):
    """An item of adjustments.yml: adds minutes free of charge."""

    id: RecordId = Field(
        description="Unique among the customer's purchases and adjustments.", examples=["A2"]
    )
    type: Literal["goodwill"] = Field(description="Adds minutes free of charge.")
    date: Day = Field(description="The first day of the minutes.", examples=["2026-10-05"])
    minutes: WholeNumber = Field(description="Minutes added; a positive number.", examples=[60])
    reason: FreeText = Field(
        description="Why; the customer reads this.", examples=["Our outage cut the session short"]
    )


Adjustment = Annotated[Refund | Goodwill, Field(discriminator="type")]
