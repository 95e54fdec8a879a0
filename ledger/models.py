"""Every record of the files, as a frozen model, with the facts that follow from it alone.

The models take text (and lists and mappings of text) and convert it; facts across records are
in ``ledger.rules``. All durations are whole minutes, all dates are calendar days.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ledger.nearest_name import suggest_name
from ledger.scalars import (
    Count,
    CountOrNone,
    Currency,
    CustomerKey,
    Day,
    EmailAddress,
    Handle,
    LinkOrAddress,
    Money,
    RecordId,
    Text,
    WholeNumber,
)


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


class LicenceType(StrEnum):
    """The kinds of product licence; the first two include technical support."""

    COMMERCIAL = "commercial"
    ACADEMIC = "academic"
    EVALUATION = "evaluation"

    @property
    def includes_support(self) -> bool:
        """Whether its holder is entitled to technical support."""
        return self is not LicenceType.EVALUATION


def _reject_technical_support(category: Category) -> Category:
    if not category.is_charged:
        raise PydanticCustomError(
            "request_category",
            "a request is never charged as technical-support; move it to the support channel",
        )
    return category


def _check_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError(
            "timezone",
            "{name} is not a time zone",
            {"name": name, "hint": suggest_name(name, available_timezones())},
        ) from None
    return name


def _list_single_day(value: object) -> object:
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def _empty_for_none(value: object) -> object:
    return [] if value is None else value


ChargedCategory = Annotated[Category, AfterValidator(_reject_technical_support)]
Days = Annotated[tuple[Day, ...], BeforeValidator(_list_single_day)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Record(BaseModel):
    """A record of a file: frozen, and no key but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class Contacts(Record):
    """Where customers write to."""

    requests: LinkOrAddress = Field(description="Address for new requests.")
    sales: LinkOrAddress = Field(description="Address or page for buying more punchcards.")
    support: LinkOrAddress = Field(description="Address or page of technical support.")


class Links(Record):
    """Pages of the provider that the portals point to."""

    agreement: LinkOrAddress = Field(description="The Product Service Terms Agreement.")
    marketplace: LinkOrAddress = Field(description="Where licences are bought.")


class Provider(Record):
    """provider.yml: the company that sells."""

    name: Text = Field(description="The provider's name, as customers read it.")
    timezone: Annotated[Text, AfterValidator(_check_timezone)] = Field(
        description="IANA time zone whose calendar decides what today is.",
        examples=["Europe/Berlin"],
    )
    published_on: Weekday = Field(description="The day of the weekly update.")
    contacts: Contacts
    links: Links

    @property
    def zone(self) -> ZoneInfo:
        """The provider's time zone."""
        return ZoneInfo(self.timezone)


class Terms(Record):
    """An item of terms.yml: the terms of sale from a date on."""

    effective: Day = Field(description="The first day of these terms.")
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
        default=None, description="Cards expire after so many months; empty: never."
    )
    overdraft_minutes: CountOrNone = Field(
        description="How far a customer may go below zero.", examples=[0]
    )
    low_balance_minutes: CountOrNone = Field(
        description="From here on the portal and the reports say low.", examples=[60]
    )


class Consultant(Record):
    """An item of consultants.yml: who may log time."""

    handle: Handle = Field(description="Short name, as in the names of time files.")
    name: Text = Field(description="The name that customers read.")
    emails: Annotated[tuple[EmailAddress, ...], Field(min_length=1)] = Field(
        description="Git author addresses."
    )
    until: Day | None = Field(default=None, description="The last working day.")

    def works_on(self, day: date) -> bool:
        """Whether ``day`` is not after the last working day."""
        return self.until is None or day <= self.until


class Licence(Record):
    """A product licence of a customer; it decides who is entitled to technical support."""

    product: Text
    type: LicenceType
    from_: Day | None = Field(
        default=None, alias="from", description="The first day, if it matters."
    )
    until: Day | None = Field(default=None, description="The last day; empty: no end.")

    def is_valid_on(self, day: date) -> bool:
        """Whether ``day`` is from the first to the last day of the licence."""
        return (self.from_ is None or self.from_ <= day) and (
            self.until is None or day <= self.until
        )


class Service(Record):
    """Another contracted service; it keeps the portal open until it is completed."""

    name: Text
    started: Day | None = Field(default=None, description="The first day, if it matters.")
    completed: Day | None = Field(default=None, description="Empty: still running.")

    def has_started_on(self, day: date) -> bool:
        """Whether the service is there on ``day``."""
        return self.started is None or self.started <= day

    def is_completed_on(self, day: date) -> bool:
        """Whether the service was completed on or before ``day``."""
        return self.completed is not None and self.completed <= day


class Customer(Record):
    """customer.yml: the organization that buys."""

    name: Text = Field(description="The customer's name.")
    key: CustomerKey = Field(description="Prefix of request ids.", examples=["ACME"])
    currency: Currency = Field(description="Currency of purchases.", examples=["USD"])
    licences: Annotated[tuple[Licence, ...], BeforeValidator(_empty_for_none)] = Field(
        default=(), description="Who is entitled to technical support."
    )
    services: Annotated[tuple[Service, ...], BeforeValidator(_empty_for_none)] = Field(
        default=(), description="Other contracted services; they keep the portal open."
    )

    def has_support_on(self, day: date) -> bool:
        """Whether a licence valid on ``day`` includes technical support."""
        return any(
            licence.type.includes_support and licence.is_valid_on(day) for licence in self.licences
        )


class Account(Record):
    """An item of accounts.yml: a person at the customer who may see the portal."""

    email: EmailAddress
    name: Text
    created: Day
    last_sign_in: Day | None = Field(
        default=None, description="Written by `punchcard account seen`."
    )
    reactivated: Days = Field(default=(), description="A date, or a list of dates.")
    removed: Day | None = Field(default=None, description="The last day of the account.")
    key_hash: Text | None = Field(
        default=None, description="Hash of the portal key, written by `punchcard account key`."
    )

    def is_known_as(self, address: str) -> bool:
        """Whether ``address`` is this account's; case does not matter."""
        return self.email.casefold() == address.casefold()


class Purchase(Record):
    """An item of purchases.yml: punchcards bought."""

    id: RecordId = Field(examples=["P1"])
    date: Day
    punchcards: Count = Field(description="Whole cards.")
    amount: Money = Field(description="What was paid, in the customer's currency.")
    invoice: Text | None = None
    price_note: Text | None = Field(
        default=None, description="Required when the amount is not the list price."
    )


class Refund(Record):
    """An item of adjustments.yml: takes unused minutes back and returns money."""

    id: RecordId = Field(examples=["A1"])
    type: Literal["refund"]
    date: Day
    purchase: RecordId = Field(description="The purchase whose minutes are taken back.")
    minutes: WholeNumber
    amount: Money = Field(description="What was paid back, in the customer's currency.")
    reason: Text


class Goodwill(Record):
    """An item of adjustments.yml: adds minutes free of charge."""

    id: RecordId = Field(examples=["A2"])
    type: Literal["goodwill"]
    date: Day
    minutes: WholeNumber
    reason: Text


Adjustment = Annotated[Refund | Goodwill, Field(discriminator="type")]


class RequestEvent(Record):
    """An event in the history of a request."""

    date: Day
    by: Text = Field(description="A consultant's handle or an account's address.")
    status: Status | None = None
    moved_to: Channel | None = Field(
        default=None, description="The day of a move belongs to the new channel."
    )
    category: ChargedCategory | None = Field(
        default=None, description="What the request is charged as from this event on."
    )
    ticket: Text | None = Field(default=None, description="Its number in the support system.")
    note: Text | None = None

    @model_validator(mode="after")
    def _check_says_something(self) -> Self:
        if self.status is None and self.moved_to is None and not self.note and not self.category:
            raise PydanticCustomError(
                "empty_event", "the event says nothing: it needs a status, a note or moved_to"
            )
        return self


class Request(Record):
    """A request file: something a customer asks for. Its id is the file's name."""

    title: Text
    category: ChargedCategory | None = Field(
        default=None,
        description="What it is charged as; may be missing only while in support.",
    )
    opened: Day
    opened_by: Text = Field(
        description="An account, or a consultant; in the support channel any address."
    )
    channel: Channel = Field(description="Where it was raised.")
    ticket: Text | None = Field(default=None, description="Its number in the support system.")
    description: Text | None = Field(default=None, description="Markdown, written by the customer.")
    history: Annotated[tuple[RequestEvent, ...], BeforeValidator(_empty_for_none)] = Field(
        default=(), description="Append-only; the status is that of the last event that has one."
    )

    @model_validator(mode="after")
    def _check_charged_request_has_category(self) -> Self:
        if self.channel is Channel.PUNCHCARD and self.category is None:
            raise PydanticCustomError(
                "category_missing", "a request in the punchcard channel needs a category"
            )
        known = self.category
        for index, event in enumerate(self.history):
            known = event.category or known
            if event.moved_to is Channel.PUNCHCARD and known is None:
                raise PydanticCustomError(
                    "move_category_missing",
                    "a move to punchcard needs a category, on the request or on the event",
                    {"path": ("history", index, "moved_to")},
                )
        return self

    @cached_property
    def events_by_day(self) -> tuple[RequestEvent, ...]:
        """The events in the order of their dates; those of one day as they stand in the file."""
        return tuple(sorted(self.history, key=lambda event: event.date))

    @cached_property
    def _moves(self) -> tuple[RequestEvent, ...]:
        return tuple(event for event in self.events_by_day if event.moved_to or event.category)

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
        if self.channel_on(day) is Channel.SUPPORT:
            return Category.TECHNICAL_SUPPORT
        return self.category_on(day)

    def status_on(self, day: date) -> Status:
        """The status on the evening of ``day``: that of the last event that has one."""
        status = Status.OPEN
        for event in self.events_until(day):
            status = event.status or status
        return status


class TimeEntry(Record):
    """An item of a time file: minutes that a consultant spent on a request, or a correction."""

    id: RecordId = Field(description="Unique in the file.", examples=["03-1"])
    date: Day
    request: Text = Field(examples=["ACME-12"])
    minutes: WholeNumber = Field(description="Negative in a correction.")
    category: Category | None = Field(
        default=None, description="May be left out: the request's category."
    )
    corrects: Text | None = Field(
        default=None, description="An id of the same file, or a full name: 2026-11-alice/03-1."
    )
    note: Text = Field(description="The customer reads this.")
    internal_note: Text | None = Field(default=None, description="The customer never reads this.")

    @property
    def is_correction(self) -> bool:
        """Whether this takes back minutes of an earlier entry."""
        return self.minutes < 0


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


def _check_terms_ascend(terms: list[Terms]) -> list[Terms]:
    for index in range(1, len(terms)):
        if terms[index].effective <= terms[index - 1].effective:
            raise PydanticCustomError(
                "terms_order",
                "terms are listed newest last: {this} does not come after {before}",
                {
                    "this": terms[index].effective.isoformat(),
                    "before": terms[index - 1].effective.isoformat(),
                    "path": (index, "effective"),
                },
            )
    return terms


FILE_TYPES: Mapping[str, Any] = {
    "provider": Provider,
    "terms": Annotated[list[Terms], AfterValidator(_check_terms_ascend)],
    "consultants": list[Consultant],
    "customer": Customer,
    "accounts": list[Account],
    "purchases": list[Purchase],
    "adjustments": list[Adjustment],
    "request": Request,
    "time": list[TimeEntry],
}
"""What each kind of file holds."""


class _AdapterTable(dict[str, TypeAdapter[Any]]):
    # Built when first asked for: a command that reads one kind of file pays for one.
    def __missing__(self, kind: str) -> TypeAdapter[Any]:
        adapter = self[kind] = TypeAdapter(FILE_TYPES[kind])
        return adapter


FILE_ADAPTERS = _AdapterTable()
"""One pydantic call a file: ``FILE_ADAPTERS["time"].validate_python(data)``."""
