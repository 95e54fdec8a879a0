"""What customers ask for, and what became of it: requests/*.yml."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from ledger.models.fields import Day, FreeText, LaterNumber, Listed, Record, Text


class Category(StrEnum):
    """What a request's time is charged as."""

    ONBOARDING = "onboarding"
    PROOF_OF_CONCEPT = "proof-of-concept"
    PRODUCT_TRAINING = "product-training"
    PRODUCT_CONFIGURATION = "product-configuration"
    METHODOLOGY_COACHING = "methodology-coaching"
    DETAILED_QA = "detailed-qa"
    SYSTEM_ACCESS = "system-access"
    TECHNICAL_SUPPORT = "technical-support"

    @property
    def is_charged(self) -> bool:
        """Whether time of this category draws on the cards; technical support never does."""
        return self is not Category.TECHNICAL_SUPPORT


class Status(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    IN_PROGRESS = "in-progress"
    WAITING_FOR_CUSTOMER = "waiting-for-customer"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Channel(StrEnum):
    """Where a request is dealt with: charged to the cards, or as free technical support."""

    PUNCHCARD = "punchcard"
    SUPPORT = "support"


def _reject_technical_support(category: Category) -> Category:
    if not category.is_charged:
        raise PydanticCustomError(
            "request_category",
            "a request is never charged as technical-support",
            {"hint": "leave the category out, and have the request in the support channel"},
        )
    return category


ChargedCategory = Annotated[
    Category,
    AfterValidator(_reject_technical_support),
    WithJsonSchema({"type": "string", "enum": [str(item) for item in Category if item.is_charged]}),
]


class RequestEvent(Record):
    """An event in the history of a request."""

    date: Day = Field(description="The day of the event.", examples=["2026-10-29"])
    by: Text = Field(
        description="A consultant's handle or an account's address.",
        examples=["alice", "dana@acme.example"],
    )
    status: Status | None = Field(
        None, description="Where the request stands from now on.", examples=["in-progress"]
    )
    moved_to: Channel | None = Field(
        None,
        description="The channel it is moved to; the day of a move belongs to the new one.",
        examples=["support"],
    )
    category: ChargedCategory | None = Field(
        None,
        description="What the request is charged as from this event on.",
        examples=["product-training"],
    )
    ticket: LaterNumber | None = Field(
        None, description="Its number in the support system.", examples=["SUP-4411"]
    )
    note: FreeText | None = Field(
        None, description="The customer reads this.", examples=["Kick-off call booked."]
    )

    @model_validator(mode="after")
    def _check_says_something(self) -> Self:
        if self.status is None and self.moved_to is None and not self.note and not self.category:
            raise PydanticCustomError(
                "empty_event",
                "the event says nothing",
                {"hint": "give it a status, moved_to, a category or a note"},
            )
        return self


class Request(Record):
    """A request file: something a customer asks for. Its id is the file's name."""

    title: FreeText = Field(
        description="What is asked for, in a line.", examples=["Single sign-on with SAML"]
    )
    category: ChargedCategory | None = Field(
        None,
        description="What it is charged as; may be missing only while in support.",
        examples=["product-configuration"],
    )
    opened: Day = Field(description="The day it was raised.", examples=["2026-10-28"])
    opened_by: Text = Field(
        description="An account, or a consultant; in the support channel any address.",
        examples=["dana@acme.example"],
    )
    channel: Channel = Field(description="Where it was raised.", examples=["punchcard"])
    ticket: LaterNumber | None = Field(
        None,
        description="Its number in the support system, when it came from there.",
        examples=["SUP-4411"],
    )
    description: FreeText | None = Field(
        None,
        description="Markdown, written by the customer.",
        examples=["Our users should sign in with the company's identity provider."],
    )
    history: Listed[RequestEvent] = Field(
        (),
        description="Append-only; the status is that of the last event that has one.",
        examples=[[{"date": "2026-10-29", "by": "alice", "status": "in-progress"}]],
    )

    @model_validator(mode="after")
    def _check_category_is_known_whenever_charged(self) -> Self:
        if self.channel is Channel.PUNCHCARD and self.category is None:
            raise PydanticCustomError(
                "category_missing",
                "a request in the punchcard channel needs a category",
                {"path": ("channel",), "hint": "add `category:`; its time is charged as that"},
            )
        known = self.category
        for index, event in enumerate(self.history):
            known = event.category or known
            if event.moved_to is Channel.PUNCHCARD and known is None:
                raise PydanticCustomError(
                    "move_category_missing",
                    "a move to punchcard needs a category, on the request or on the event",
                    {
                        "path": ("history", index, "moved_to"),
                        "hint": "add `category:` to the event; it holds from then on",
                    },
                )
        return self

    @property
    def events_by_day(self) -> tuple[RequestEvent, ...]:
        """The events in the order of their dates; those of one day as they stand in the file."""
        return tuple(sorted(self.history, key=lambda event: event.date))

    @property
    def first_closed(self) -> date | None:
        """The first day on which it was closed; None if it never was."""
        return min((e.date for e in self.history if e.status is Status.CLOSED), default=None)

    def events_until(self, day: date) -> tuple[RequestEvent, ...]:
        """The events up to the evening of ``day``, in the order of their dates."""
        return tuple(event for event in self.events_by_day if event.date <= day)

    def channel_on(self, day: date) -> Channel:
        """The channel the request is in on ``day``; the day of a move has the new one."""
        channels = [event.moved_to for event in self.events_until(day) if event.moved_to]
        return channels[-1] if channels else self.channel

    def category_on(self, day: date) -> Category | None:
        """What the request is charged as on ``day`` while it is in the punchcard channel."""
        categories = [event.category for event in self.events_until(day) if event.category]
        return categories[-1] if categories else self.category

    def charge_category_on(self, day: date) -> Category | None:
        """The category of a time entry of ``day`` that names none itself."""
        if self.channel_on(day) is Channel.SUPPORT:
            return Category.TECHNICAL_SUPPORT
        return self.category_on(day)

    def status_on(self, day: date) -> Status:
        """The status on the evening of ``day``: that of the last event that has one."""
        statuses = [event.status for event in self.events_until(day) if event.status]
        return statuses[-1] if statuses else Status.OPEN
