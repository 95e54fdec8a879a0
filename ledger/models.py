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
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from ledger.nearest_name import suggest_name
from ledger.quotation import quote_value
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
            "a request is never charged as technical-support",
            {"hint": "leave the category out, and have the request in the support channel"},
        )
    return category


def _check_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PydanticCustomError(
            "timezone",
            "{name} is not a time zone",
            {"name": quote_value(name), "hint": _suggest_timezone(name)},
        ) from None
    return name


def _suggest_timezone(name: str) -> str:
    return suggest_name(name, available_timezones()) or "write an IANA name, like Europe/Berlin"


def _list_single_day(value: object) -> object:
    if value is None:
        return []
    return [value] if isinstance(value, str) else value


def _empty_for_none(value: object) -> object:
    return [] if value is None else value


ChargedCategory = Annotated[
    Category,
    AfterValidator(_reject_technical_support),
    WithJsonSchema(
        {"type": "string", "enum": [item.value for item in Category if item.is_charged]}
    ),
]
Days = Annotated[
    tuple[Day, ...],
    BeforeValidator(_list_single_day, json_schema_input_type=Day | list[Day] | None),
]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Record(BaseModel):
    """A record of a file: frozen, and no key but its own."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


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
        default=None, description="Cards expire after so many months; empty: never.", examples=[24]
    )
    overdraft_minutes: CountOrNone = Field(
        description="How far a customer may go below zero.", examples=[0]
    )
    low_balance_minutes: CountOrNone = Field(
        description="From here on the portal and the reports say low.", examples=[60]
    )


class Consultant(Record):
    """An item of consultants.yml: who may log time."""

    handle: Handle = Field(
        description="Short name, as in the names of time files.", examples=["alice"]
    )
    name: Text = Field(description="The name that customers read.", examples=["Alice Moreau"])
    emails: Annotated[tuple[EmailAddress, ...], Field(min_length=1)] = Field(
        description="Git author addresses.", examples=[["alice@example.com"]]
    )
    until: Day | None = Field(
        default=None, description="The last working day.", examples=["2026-03-31"]
    )

    def works_on(self, day: date) -> bool:
        """Whether ``day`` is not after the last working day."""
        return self.until is None or day <= self.until


class Licence(Record):
    """A product licence of a customer; it decides who is entitled to technical support."""

    product: Text = Field(description="What is licensed.", examples=["Trace for Jira"])
    type: LicenceType = Field(
        description="Commercial and academic licences include technical support.",
        examples=["commercial"],
    )
    from_: Day | None = Field(
        default=None,
        alias="from",
        description="The first day, if it matters.",
        examples=["2026-04-01"],
    )
    until: Day | None = Field(
        default=None, description="The last day; empty: no end.", examples=["2027-03-31"]
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
        default=None, description="The first day, if it matters.", examples=["2026-02-16"]
    )
    completed: Day | None = Field(
        default=None,
        description="The day it was completed; empty: still running.",
        examples=["2026-06-30"],
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
    licences: Annotated[tuple[Licence, ...], BeforeValidator(_empty_for_none)] = Field(
        default=(),
        description="Product licences; they decide who is entitled to technical support.",
        examples=[[{"product": "Trace for Jira", "type": "commercial", "until": "2027-03-31"}]],
    )
    services: Annotated[tuple[Service, ...], BeforeValidator(_empty_for_none)] = Field(
        default=(),
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
        default=None,
        description="The latest sign-in, written by `punchcard account seen`.",
        examples=["2026-11-02"],
    )
    reactivated: Days = Field(
        default=(),
        description="When it was reactivated after being disabled: a date, or a list of dates.",
        examples=["2026-09-01", ["2026-03-01", "2026-09-01"]],
    )
    removed: Day | None = Field(
        default=None, description="The last day of the account.", examples=["2026-10-31"]
    )
    key_hash: Text | None = Field(
        default=None, description="Hash of the portal key, written by `punchcard account key`."
    )

    def is_known_as(self, address: str) -> bool:
        """Whether ``address`` is this account's; case does not matter."""
        return self.email.casefold() == address.casefold()


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
    invoice: Text | None = Field(
        default=None, description="The invoice's number.", examples=["INV-2026-014"]
    )
    price_note: Text | None = Field(
        default=None,
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
    reason: Text = Field(
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
    reason: Text = Field(
        description="Why; the customer reads this.", examples=["Our outage cut the session short"]
    )


Adjustment = Annotated[Refund | Goodwill, Field(discriminator="type")]


class RequestEvent(Record):
    """An event in the history of a request."""

    date: Day = Field(description="The day of the event.", examples=["2026-10-29"])
    by: Text = Field(
        description="A consultant's handle or an account's address.",
        examples=["alice", "dana@acme.example"],
    )
    status: Status | None = Field(
        default=None, description="Where the request stands from now on.", examples=["in-progress"]
    )
    moved_to: Channel | None = Field(
        default=None,
        description="The channel it is moved to; the day of a move belongs to the new one.",
        examples=["support"],
    )
    category: ChargedCategory | None = Field(
        default=None,
        description="What the request is charged as from this event on.",
        examples=["product-training"],
    )
    ticket: Text | None = Field(
        default=None, description="Its number in the support system.", examples=["SUP-4411"]
    )
    note: Text | None = Field(
        default=None, description="The customer reads this.", examples=["Kick-off call booked."]
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

    title: Text = Field(
        description="What is asked for, in a line.", examples=["Single sign-on with SAML"]
    )
    category: ChargedCategory | None = Field(
        default=None,
        description="What it is charged as; may be missing only while in support.",
        examples=["product-configuration"],
    )
    opened: Day = Field(description="The day it was raised.", examples=["2026-10-28"])
    opened_by: Text = Field(
        description="An account, or a consultant; in the support channel any address.",
        examples=["dana@acme.example"],
    )
    channel: Channel = Field(description="Where it was raised.", examples=["punchcard"])
    ticket: Text | None = Field(
        default=None,
        description="Its number in the support system, when it came from there.",
        examples=["SUP-4411"],
    )
    description: Text | None = Field(
        default=None,
        description="Markdown, written by the customer.",
        examples=["Our users should sign in with the company's identity provider."],
    )
    history: Annotated[tuple[RequestEvent, ...], BeforeValidator(_empty_for_none)] = Field(
        default=(),
        description="Append-only; the status is that of the last event that has one.",
        examples=[[{"date": "2026-10-29", "by": "alice", "status": "in-progress"}]],
    )

    @model_validator(mode="after")
    def _check_charged_request_has_category(self) -> Self:
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

    id: RecordId = Field(
        description="Unique in the file; usually the day and a number.", examples=["03-1"]
    )
    date: Day = Field(
        description="The day of the work, in the month of the file.", examples=["2026-11-03"]
    )
    request: Text = Field(description="The request it was spent on.", examples=["ACME-12"])
    minutes: WholeNumber = Field(
        description="Whole steps, usually of 15 minutes; negative in a correction.",
        examples=[45, -15],
    )
    category: Category | None = Field(
        default=None,
        description="What it is charged as; left out: the request's category.",
        examples=["system-access"],
    )
    corrects: Text | None = Field(
        default=None,
        description="In a correction: the entry, by an id of the same file or by its full name.",
        examples=["03-1", "2026-11-alice/03-1"],
    )
    note: Text = Field(
        description="What was done; the customer reads this.",
        examples=["Exchanged SAML metadata with the identity team."],
    )
    internal_note: Text | None = Field(
        default=None,
        description="The customer never reads this.",
        examples=["Ask Ben about the certificate."],
    )

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
                    "hint": "correct the date, or put the terms in order",
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
