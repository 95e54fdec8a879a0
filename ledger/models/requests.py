"""What customers ask for, and what became of it: requests/*.yml."""

from __future__ import annotations

from datetime import date
from functools import cached_property
from typing import Annotated

from ledger.models.field_forms import Several
from ledger.models.kinds import Category, Channel, ChargedCategory, Status
from ledger.models.record import Record, RecordError, field
from ledger.scalars import Day, Text

# Python looks a member of an enumeration up by its name each time; these are asked for often.
_CLOSED, _PUNCHCARD, _SUPPORT = Status.CLOSED, Channel.PUNCHCARD, Channel.SUPPORT


class RequestEvent(Record):
    """An event in the history of a request."""

    date: Day = field(description="The day of the event.", examples=["2026-10-29"])
    by: Text = field(
        description="A consultant's handle or an account's address.",
        examples=["alice", "dana@acme.example"],
    )
    status: Status | None = field(
        default=None, description="Where the request stands from now on.", examples=["in-progress"]
    )
    moved_to: Channel | None = field(
        default=None,
        description="The channel it is moved to; the day of a move belongs to the new one.",
        examples=["support"],
    )
    category: ChargedCategory | None = field(
        default=None,
        description="What the request is charged as from this event on.",
        examples=["product-training"],
    )
    ticket: Text | None = field(
        default=None, description="Its number in the support system.", examples=["SUP-4411"]
    )
    note: Text | None = field(
        default=None, description="The customer reads this.", examples=["Kick-off call booked."]
    )

    def check(self) -> None:
        """See whether the event says something."""
        if self.status is None and self.moved_to is None and not self.note and not self.category:
            raise RecordError(
                "empty_event",
                "the event says nothing",
                {"hint": "give it a status, moved_to, a category or a note"},
            )


class Request(Record):
    """A request file: something a customer asks for. Its id is the file's name."""

    title: Text = field(
        description="What is asked for, in a line.", examples=["Single sign-on with SAML"]
    )
    category: ChargedCategory | None = field(
        default=None,
        description="What it is charged as; may be missing only while in support.",
        examples=["product-configuration"],
    )
    opened: Day = field(description="The day it was raised.", examples=["2026-10-28"])
    opened_by: Text = field(
        description="An account, or a consultant; in the support channel any address.",
        examples=["dana@acme.example"],
    )
    channel: Channel = field(description="Where it was raised.", examples=["punchcard"])
    ticket: Text | None = field(
        default=None,
        description="Its number in the support system, when it came from there.",
        examples=["SUP-4411"],
    )
    description: Text | None = field(
        default=None,
        description="Markdown, written by the customer.",
        examples=["Our users should sign in with the company's identity provider."],
    )
    history: Annotated[tuple[RequestEvent, ...], Several(may_be_empty=True)] = field(
        default=(),
        description="Append-only; the status is that of the last event that has one.",
        examples=[[{"date": "2026-10-29", "by": "alice", "status": "in-progress"}]],
    )

    def check(self) -> None:
        """See whether the category is known whenever time is charged."""
        if self.channel is _PUNCHCARD and self.category is None:
            raise RecordError(
                "category_missing",
                "a request in the punchcard channel needs a category",
                {"path": ("channel",), "hint": "add `category:`; its time is charged as that"},
            )
        known = self.category
        for index, event in enumerate(self.history):
            known = event.category or known
            if event.moved_to is _PUNCHCARD and known is None:
                raise RecordError(
                    "move_category_missing",
                    "a move to punchcard needs a category, on the request or on the event",
                    {
                        "path": ("history", index, "moved_to"),
                        "hint": "add `category:` to the event; it holds from then on",
                    },
                )

    @cached_property
    def events_by_day(self) -> tuple[RequestEvent, ...]:
        """The events in the order of their dates; those of one day as they stand in the file."""
        return tuple(sorted(self.history, key=lambda event: event.date))

    @property
    def is_moved(self) -> bool:
        """Whether some event changes the channel or the category."""
        for event in self.history:
            if event.moved_to is not None or event.category is not None:
                return True
        return False

    @cached_property
    def _moves(self) -> tuple[RequestEvent, ...]:
        return tuple(event for event in self.events_by_day if event.moved_to or event.category)

    @cached_property
    def first_closed(self) -> date | None:
        """The first day on which it was closed; None if it never was."""
        return min((e.date for e in self.history if e.status is _CLOSED), default=None)

    @property
    def was_in_support(self) -> bool:
        """Whether it is in the support channel on any day."""
        if self.channel is _SUPPORT:
            return True
        return any(event.moved_to is _SUPPORT for event in self.history)

    def events_until(self, day: date) -> tuple[RequestEvent, ...]:
        """The events up to the evening of ``day``, in the order of their dates."""
        return tuple(event for event in self.events_by_day if event.date <= day)

    def channel_on(self, day: date) -> Channel:
        """The channel the request is in on ``day``; the day of a move has the new one."""
        channel = self.channel
        for event in self._moves:
            if event.date <= day and event.moved_to is not None:
                channel = event.moved_to
        return channel

    def category_on(self, day: date) -> Category | None:
        """What the request is charged as on ``day`` while it is in the punchcard channel."""
        category = self.category
        for event in self._moves:
            if event.date <= day and event.category is not None:
                category = event.category
        return category

    def charge_category_on(self, day: date) -> Category | None:
        """The category of a time entry of ``day`` that names none itself."""
        if not self.is_moved:
            return Category.TECHNICAL_SUPPORT if self.channel is _SUPPORT else self.category
        if self.channel_on(day) is Channel.SUPPORT:
            return Category.TECHNICAL_SUPPORT
        return self.category_on(day)

    def status_on(self, day: date) -> Status:
        """The status on the evening of ``day``: that of the last event that has one."""
        status = Status.OPEN
        for event in self.events_until(day):
            status = event.status or status
        return status
