"""What customers ask for, and what became of it: requests/*.yml."""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from operator import attrgetter
from typing import Any, Self

from pydantic import model_validator

from ledger.models import fields as f
from ledger.models.organization import TermsHistory

_EVENT_DATE = attrgetter("date")


class Status(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    IN_PROGRESS = "in-progress"
    WAITING_FOR_CUSTOMER = "waiting-for-customer"
    RESOLVED = "resolved"
    CLOSED = "closed"

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self in {Status.RESOLVED, Status.CLOSED}


class Urgency(StrEnum):
    """How urgent a request is to the customer."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Channel(StrEnum):
    """Where a request is dealt with: charged to the cards, or as free technical support."""

    PUNCHCARD = "punchcard"
    SUPPORT = "support"


class RequestEvent(f.Record):
    """An event in the history of a request."""

    date: f.Day = f.field("The day of the event.", "2026-10-29")
    by: f.Text = f.field(
        "A consultant's handle or an account's address.", "alice", "dana@acme.example"
    )
    status: Status | None = f.optional("Where the request stands from now on.", "in-progress")
    moved_to: Channel | None = f.optional(
        "The channel it is moved to; the day of a move belongs to the new one.", "support"
    )
    category: f.NamedCategory | None = f.optional(
        "What the request is charged as from this event on.", "product-training"
    )
    ticket: f.LaterNumber | None = f.optional("Its number in the support system.", "SUP-4411")
    note: f.FreeText | None = f.optional("The customer reads this.", "Kick-off call booked.")
    estimate_minutes: f.Count | None = f.optional("How long it will take.", 180)
    approved_minutes: f.Count | None = f.optional("How much of that the customer agrees to.", 180)
    message_id: f.MessageId | None = f.optional(
        "Of the mail or form that it came by; unique in the ledger.", "<a2@mail.acme.example>"
    )

    @property
    def is_by_customer(self) -> bool:
        """Whether an account's address, not a consultant's handle, stands under it."""
        return "@" in self.by

    @model_validator(mode="after")
    def _check_says_something(self) -> Self:
        said = (self.status, self.moved_to, self.note, self.category)
        if not any((*said, self.estimate_minutes, self.approved_minutes)):
            hint = "give it a status, moved_to, a category or a note"
            raise f.make_refusal("the event says nothing", hint)
        return self


class Request(f.Record):
    """A request file: something a customer asks for. Its id is the file's name."""

    title: f.FreeText = f.field("What is asked for, in a line.", "Single sign-on with SAML")
    category: f.NamedCategory | None = f.optional(
        "What it is charged as; may be missing until somebody takes it up, and while in support.",
        "product-configuration",
    )
    opened: f.Day = f.field("The day it was raised.", "2026-10-28")
    opened_by: f.Text = f.field(
        "An account, or a consultant; in the support channel any address.", "dana@acme.example"
    )
    channel: Channel = f.field("Where it was raised.", "punchcard")
    ticket: f.LaterNumber | None = f.optional(
        "Its number in the support system, when it came from there.", "SUP-4411"
    )
    urgency: Urgency | None = f.optional("How urgent it is to the customer.", "high")
    message_id: f.MessageId | None = f.optional(
        "Of the mail or form that opened it; unique in the ledger.", "<a1@mail.acme.example>"
    )
    attachments: f.Listed[f.AttachmentName] = f.listed(
        "Files that came with it, beside it in a folder of its name.", ["a1" * 32 + "-metadata.xml"]
    )
    description: f.FreeText | None = f.optional(
        "Markdown, written by the customer.",
        "Our users should sign in with the company's identity provider.",
    )
    history: f.Listed[RequestEvent] = f.listed(
        "Append-only; the status is that of the last event that has one.",
        [{"date": "2026-10-29", "by": "alice", "status": "in-progress"}],
    )

    @model_validator(mode="after")
    def _check_category_is_known_whenever_charged(self) -> Self:
        known, channel = self.category, self.channel
        for index, event in enumerate(self.history):
            known, channel = event.category or known, event.moved_to or channel
            is_begun = event.status in {Status.IN_PROGRESS, Status.WAITING_FOR_CUSTOMER}
            is_taken_up = is_begun and not event.is_by_customer
            if is_taken_up and channel is Channel.PUNCHCARD and known is None:
                raise f.make_refusal(
                    "a request that somebody took up in the punchcard channel needs a category",
                    "add `category:` to the request or the event; its time is charged as that",
                    ("history", index, "status"),
                )
            if event.moved_to is Channel.PUNCHCARD and known is None:
                raise f.make_refusal(
                    "a move to punchcard needs a category, on the request or on the event",
                    "add `category:` to the event; it holds from then on",
                    ("history", index, "moved_to"),
                )
        return self

    @cached_property
    def events_by_day(self) -> tuple[RequestEvent, ...]:
        """The events in the order of their dates; those of one day as they stand in the file."""
        return tuple(sorted(self.history, key=_EVENT_DATE))

    @cached_property
    def first_closed(self) -> date | None:
        """The first day on which it was closed; None if it never was."""
        return min((e.date for e in self.history if e.status is Status.CLOSED), default=None)

    @cached_property
    def _changes(self) -> Mapping[str, list[RequestEvent]]:
        """The events that change something, in the order of their dates, by what they change."""
        keys = ("status", "moved_to", "category")
        return {key: [event for event in self.events_by_day if getattr(event, key)] for key in keys}

    def events_until(self, day: date) -> tuple[RequestEvent, ...]:
        """The events up to the evening of ``day``, in the order of their dates."""
        return self.events_by_day[: bisect_right(self.events_by_day, day, key=_EVENT_DATE)]

    def channel_on(self, day: date) -> Channel:
        """The channel the request is in on ``day``; the day of a move has the new one."""
        return self._find_last("moved_to", day) or self.channel

    def category_on(self, day: date) -> str | None:
        """What the request is charged as on ``day`` while it is in the punchcard channel."""
        return self._find_last("category", day) or self.category

    def channel_or_category_on(self, day: date) -> str | None:
        """What decides how time of ``day`` that names no category is charged."""
        channel = self.channel_on(day)
        return channel if channel is Channel.SUPPORT else self.category_on(day)

    def charge_category_on(self, day: date, terms: TermsHistory) -> str | None:
        """The category of a time entry of ``day`` that names none itself."""
        if self.channel_on(day) is Channel.SUPPORT:
            return terms.uses_on(day).of_support
        return self.category_on(day)

    def status_on(self, day: date) -> Status:
        """The status on the evening of ``day``: that of the last event that has one."""
        return self._find_last("status", day) or Status.OPEN

    def waiting_since(self, day: date) -> date | None:
        """The day since which it has been waiting for the customer; None if it is not.

        A customer who wrote since then is not asked again, whatever the status still says.
        """
        since = None
        for event in self.events_until(day):
            if event.status is Status.WAITING_FOR_CUSTOMER:
                since = since or event.date
            elif event.status is not None or event.is_by_customer:
                since = None
        return since

    def is_answered_on(self, day: date) -> bool:
        """Whether the provider raised it, or added an event to it, by the evening of ``day``."""
        people = (self.opened_by, *(event.by for event in self.events_until(day)))
        return any("@" not in person for person in people)

    def _find_last(self, key: str, day: date) -> Any:
        """Return what the last event up to ``day`` changed it to; None if there is none."""
        events = self._changes[key]
        index = bisect_right(events, day, key=_EVENT_DATE)
        return getattr(events[index - 1], key) if index else None
