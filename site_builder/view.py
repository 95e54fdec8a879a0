"""What one customer may see: plain frozen data, made by ``make_view`` and shown by ``pages``.

It holds the customer's figures (balance, lots, statement, what ends when) as the ledger computes
them, and of each record what a class here declares. No template can reach a record itself: a field
of a record is visible to the customer if and only if a class here declares it. A field of the same
name as in the record is copied by itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

from ledger.balance.expiry import Ending
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement
from ledger.balance.statement import MonthOfStatement, Statement, split_by_month
from ledger.balance.summary import Balance
from site_builder.last_update import LastUpdate

# A class with a field called "date" needs another name for the type of its other dates.
Day: TypeAlias = date

STATES_WITHOUT_PORTAL = frozenset({"closed", "none"})


class Turn(StrEnum):
    """Who has to act next on a request, in the order in which requests are listed."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    NOBODY = "nobody"


@dataclass(frozen=True)
class ProviderView:
    """The company that sells, and its addresses."""

    name: str
    requests_contact: str
    sales_contact: str
    support_contact: str
    agreement_link: str
    marketplace_link: str
    published_on: str


@dataclass(frozen=True)
class EventView:
    """An event in the history of a request; ``by`` is a person's name."""

    date: Day
    by: str
    is_by_provider: bool
    status: str | None
    moved_to: str | None
    category: str | None
    ticket: str | None
    note: str | None


@dataclass(frozen=True)
class RequestView:
    """A request with its history and its time entries.

    Attributes:
        opening_ticket: its number in the support system from the start.
        ticket: the latest such number.
    """

    id: str
    title: str
    category: str | None
    status: str
    channel: str
    turn: Turn
    opened: date
    opened_by: str
    opening_ticket: str | None
    ticket: str | None
    description: str | None
    last_event: date
    events: tuple[EventView, ...]
    entries: tuple[Movement, ...]
    charged_minutes: int
    support_minutes: int

    @property
    def is_done(self) -> bool:
        """Whether nobody has to act on it."""
        return self.turn is Turn.NOBODY


@dataclass(frozen=True)
class AccountView:
    """A person who may see the portal; after ``last_day`` the account is disabled."""

    name: str
    email: str
    last_activity: date
    state: str
    last_day: date | None


@dataclass(frozen=True)
class LicenceView:
    """A product licence; some include technical support."""

    product: str
    type: str
    from_: date | None
    until: date | None
    includes_support: bool


@dataclass(frozen=True)
class ServiceView:
    """Another service contracted with the provider; it keeps the portal open."""

    name: str
    started: date | None
    completed: date | None


@dataclass(frozen=True)
class TermsView:
    """The numbers of the terms of sale from a date on, in the customer's currency."""

    effective: date
    punchcard_minutes: int
    increment_minutes: int
    price: Decimal | None
    account_limit: int
    account_inactivity_months: int
    portal_retention_months: int
    punchcard_validity_months: int | None
    overdraft_minutes: int
    low_balance_minutes: int


@dataclass(frozen=True)
class PortalView:
    """Everything that one customer may see. In the statement, people have their names.

    Attributes:
        invoices: of each purchase.
        refunded_purchases: for each refund, the purchase whose minutes were taken back.
        corrected_dates: for each correction, by its full name, the date of what it corrects.
        last_update: what is dated after its day, or was recorded late, is news.
        has_last_update: whether its day is that of the last publication.
        statement_json: the text that ``punchcard statement --format json`` writes, byte for byte,
            so that ``punchcard verify`` accepts the download.
    """

    slug: str
    name: str
    currency: str
    as_of: date
    next_update: date
    revision: str | None
    provider: ProviderView
    balance: Balance
    invoices: Mapping[str, str | None]
    refunded_purchases: Mapping[str, str]
    lots: tuple[Lot, ...]
    requests: tuple[RequestView, ...]
    corrected_dates: Mapping[str, date]
    last_update: LastUpdate
    has_last_update: bool
    statement: Statement
    statement_json: str
    endings: tuple[Ending, ...]
    accounts: tuple[AccountView, ...]
    licences: tuple[LicenceView, ...]
    services: tuple[ServiceView, ...]
    terms: TermsView
    earlier_terms: tuple[TermsView, ...]

    @property
    def months(self) -> tuple[MonthOfStatement, ...]:
        """The months of the statement that have a movement, the first one first."""
        return tuple(month for month in split_by_month(self.statement) if month.movements)
