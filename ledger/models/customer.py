"""A customer's records but for requests: customer.yml, accounts, purchases, adjustments, time."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, Field

from ledger.models import fields as f
from ledger.models.organization import TermsHistory
from ledger.models.requests import Request
from ledger.text import fold_address

_MOST_CARDS = 10_000


class LicenceType(StrEnum):
    """The kinds of product licence; the first two include technical support."""

    COMMERCIAL = "commercial"
    ACADEMIC = "academic"
    EVALUATION = "evaluation"

    @property
    def includes_support(self) -> bool:
        """Whether its holder is entitled to technical support."""
        return self is not LicenceType.EVALUATION


class Licence(f.Record):
    """A product licence of a customer; it decides who is entitled to technical support."""

    product: f.Text = f.field("What is licensed.", "Trace for Jira")
    type: LicenceType = f.field(
        "Commercial and academic licences include technical support.", "commercial"
    )
    from_: f.Day | None = f.optional("The first day, if it matters.", "2026-04-01", alias="from")
    until: f.Day | None = f.optional("The last day; empty: no end.", "2027-03-31")

    def is_valid_on(self, day: date) -> bool:
        """Whether ``day`` is from the first to the last day of the licence."""
        return (self.from_ or day) <= day <= (self.until or day)


class Service(f.Record):
    """Another contracted service; it keeps the portal open until it is completed."""

    name: f.Text = f.field("What was contracted.", "Rollout project")
    started: f.Day | None = f.optional("The first day, if it matters.", "2026-02-16")
    completed: f.Day | None = f.optional(
        "The day it was completed; empty: still running.", "2026-06-30"
    )

    def has_started_on(self, day: date) -> bool:
        """Whether the service is there on ``day``."""
        return self.started is None or self.started <= day

    def is_completed_on(self, day: date) -> bool:
        """Whether the service was completed on or before ``day``."""
        return self.completed is not None and self.completed <= day


class Customer(f.Record):
    """customer.yml: the organization that buys."""

    name: f.Text = f.field("The customer's name.", "Acme Robotics")
    key: f.CustomerKey = f.field("Prefix of request ids.", "ACME")
    currency: f.Currency = f.field("Currency of purchases.", "USD")
    language: f.Language | None = f.optional(
        "Of its portal, documents and mails; empty: that of all portals.", "de"
    )
    overdraft_minutes: f.CountOrNone | None = f.optional(
        "How far it may go below zero, instead of what the terms say.", 120
    )
    licences: f.Listed[Licence] = f.listed(
        "Product licences; they decide who is entitled to technical support.",
        [{"product": "Trace for Jira", "type": "commercial", "until": "2027-03-31"}],
    )
    services: f.Listed[Service] = f.listed(
        "Other contracted services; they keep the portal open.",
        [{"name": "Rollout project", "completed": "2026-06-30"}],
    )

    def has_support_on(self, day: date) -> bool:
        """Whether a licence valid on ``day`` includes technical support."""
        return any(each.type.includes_support and each.is_valid_on(day) for each in self.licences)


class NoticeChoice(StrEnum):
    """Of what a person is told by mail."""

    ALL = "all"
    IMPORTANT = "important"
    NONE = "none"


class Account(f.Record):
    """An item of accounts.yml: a person at the customer who may see the portal."""

    email: f.SignInAddress = f.field("The address the person signs in with.", "dana@acme.example")
    name: f.Text = f.field("The person's name.", "Dana Whitfield")
    created: f.Day = f.field("The first day of the account.", "2026-01-12")
    last_sign_in: f.Day | None = f.optional(
        "The latest sign-in, written by `punchcard account seen`.", "2026-11-02"
    )
    reactivated: f.Days = f.listed(
        "When it was reactivated after being disabled: a date, or a list of dates.",
        "2026-09-01",
        ["2026-03-01", "2026-09-01"],
    )
    removed: f.Day | None = f.optional("The last day of the account.", "2026-10-31")
    key_hash: f.KeyHash | None = f.optional(
        "Hash of the portal key, written by `punchcard account key`."
    )
    notices: NoticeChoice | None = f.optional(
        "What it is told by mail: `important` (what ends or waits, low hours, answers), `all` (a "
        "weekly summary, too) or `none`; empty: important.",
        "all",
    )

    def is_known_as(self, address: str) -> bool:
        """Whether ``address`` is this account's, however it is written."""
        return fold_address(self.email) == fold_address(address)


class Purchase(f.Record):
    """An item of purchases.yml: punchcards bought."""

    id: f.RecordId = f.field("Unique among the customer's purchases and adjustments.", "P1")
    date: f.Day = f.field("The day of the sale.", "2026-01-12")
    punchcards: f.Count = f.field("How many cards; whole ones.", 2)
    amount: f.Money = f.field("What was invoiced, in the customer's currency.", 2000.00)
    invoice: f.LaterNumber | None = f.optional("The invoice's number.", "INV-2026-014")
    price_note: f.FreeText | None = f.optional(
        "Why the amount is not cards times list price; required if it is not.",
        "10 % off the first purchase",
    )
    purchase_order: f.LaterNumber | None = f.optional("The customer's own number.", "PO-7731")


def _check_few_cards(purchases: list[Purchase]) -> list[Purchase]:
    """Refuse more cards than anybody sells: each is computed with, one by one."""
    cards = 0
    for index, purchase in enumerate(purchases):
        cards += purchase.punchcards
        if cards > _MOST_CARDS:
            message = f"{cards:,} punchcards so far; a customer may have {_MOST_CARDS:,}"
            raise f.make_refusal(message, "correct the number", (index, "punchcards"))
    return purchases


PurchaseList = Annotated[list[Purchase], AfterValidator(_check_few_cards)]
"""The purchases of purchases.yml."""


class Refund(f.Record):
    """An item of adjustments.yml: takes unused minutes back and returns money."""

    id: f.RecordId = f.field("Unique among the customer's purchases and adjustments.", "A1")
    type: Literal["refund"] = f.field("Takes unused minutes back and returns money.")
    date: f.Day = f.field("The day of the refund.", "2026-10-01")
    purchase: f.RecordId = f.field("The purchase whose minutes are taken back.", "P1")
    minutes: f.WholeNumber = f.field("Minutes taken back; a positive number.", 120)
    amount: f.Money = f.field("What was paid back, in the customer's currency.", 400.00)
    reason: f.FreeText = f.field("Why; the customer reads this.", "Project cancelled")


class Goodwill(f.Record):
    """An item of adjustments.yml: adds minutes free of charge."""

    id: f.RecordId = f.field("Unique among the customer's purchases and adjustments.", "A2")
    type: Literal["goodwill"] = f.field("Adds minutes free of charge.")
    date: f.Day = f.field("The first day of the minutes.", "2026-10-05")
    minutes: f.WholeNumber = f.field("Minutes added; a positive number.", 60)
    reason: f.FreeText = f.field(
        "Why; the customer reads this.", "Our outage cut the session short"
    )


Adjustment = Annotated[Refund | Goodwill, Field(discriminator="type")]


class TimeEntry(f.Record):
    """An item of a time file: minutes that a consultant spent on a request, or a correction."""

    id: f.RecordId = f.field("Unique in the file; usually the day and a number.", "03-1")
    date: f.Day = f.field("The day of the work, in the month of the file.", "2026-11-03")
    request: f.Text = f.field("The request it was spent on.", "ACME-12")
    minutes: f.WholeNumber = f.field(
        "Whole steps, usually of 15 minutes; negative in a correction.", 45, -15
    )
    category: f.NamedCategory | None = f.optional(
        "What it is charged as; left out: the request's category.", "system-access"
    )
    corrects: f.Text | None = f.optional(
        "In a correction: the entry, by an id of the same file or by its full name.",
        "03-1",
        "2026-11-alice/03-1",
    )
    note: f.FreeText = f.field(
        "What was done; the customer reads this.", "Exchanged SAML metadata with the identity team."
    )
    internal_note: f.FreeText | None = f.optional(
        "The customer never reads this.", "Ask Ben about the certificate."
    )
    source: f.Sources = f.listed(
        "The rows of a time tracker that `punchcard import` made it of; the customer never reads "
        "this.",
        "toggl:5f0c9d2a41be",
        ["toggl:5f0c9d2a41be", "toggl:a81d33c0f274"],
    )

    @property
    def is_correction(self) -> bool:
        """Whether this takes back minutes of an earlier entry."""
        return self.minutes < 0


class TimeSheet(NamedTuple):
    """A time file: one consultant's entries of one month. Its name is the file's: 2026-11-alice."""

    name: str
    entries: tuple[TimeEntry, ...]

    @property
    def month(self) -> str:
        """The month, as ``2026-11``."""
        return self.name[: len("2026-11")]

    @property
    def consultant(self) -> str:
        """The consultant's handle."""
        return self.name[len("2026-11-") :]

    def full_name(self, entry_id: str) -> str:
        """The full name of an entry of this file: ``2026-11-alice/03-1``."""
        return f"{self.name}/{entry_id}"

    def resolve(self, corrects: str) -> str:
        """The full name that ``corrects`` means: an id of this file, or a full name already."""
        return corrects if "/" in corrects else self.full_name(corrects)


@dataclass(frozen=True)
class CustomerRecords:
    """Everything that one customer's folder says, in no order that means anything."""

    slug: str
    customer: Customer
    purchases: tuple[Purchase, ...] = ()
    adjustments: tuple[Refund | Goodwill, ...] = ()
    accounts: tuple[Account, ...] = ()
    requests: Mapping[str, Request] = dataclasses.field(default_factory=dict)
    sheets: tuple[TimeSheet, ...] = ()

    @cached_property
    def sheet_entries(self) -> tuple[tuple[TimeSheet, TimeEntry], ...]:
        """Every time entry, with its time file."""
        return tuple((sheet, entry) for sheet in self.sheets for entry in sheet.entries)

    @cached_property
    def sheet_corrections(self) -> tuple[tuple[TimeSheet, TimeEntry], ...]:
        """Every correction, with its time file."""
        return tuple(pair for pair in self.sheet_entries if pair[1].minutes < 0)

    def find_category(self, entry: TimeEntry, terms: TermsHistory) -> str | None:
        """What an entry is charged as: its own category, else what its request says that day.

        None if the entry names none and its request is not there. A correction has the category
        of its entry instead; see ``ledger.balance.draw_down``.
        """
        if entry.category is not None:
            return entry.category
        request = self.requests.get(entry.request)
        return request.charge_category_on(entry.date, terms) if request is not None else None
