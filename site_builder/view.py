"""What one customer may see: plain frozen data, made by ``make_view`` and shown by ``pages``.

It holds the customer's figures (balance, lots, statement, what ends when) as the ledger computes
them, and the records in which nothing is private: provider, terms, licences, services. Of requests
and accounts it holds what a class here declares, and nothing else of them is visible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

from ledger.balance.expiry import Ending
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement
from ledger.balance.statement import MonthOfStatement, Statement, split_by_month
from ledger.balance.summary import Balance
from ledger.models import Provider, Terms
from ledger.models.customer import Licence, Service
from site_builder.last_update import LastUpdate

# A class with a field called "date" needs another name for the type of its other dates.
Day: TypeAlias = date

STATES_WITHOUT_PORTAL = frozenset({"closed", "none"})


class Turn(StrEnum):
    """Who has to act next on a request, in the order in which requests are listed."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    SUPPORT = "support"
    NOBODY = "nobody"


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
        status: in progress once time was spent, even if no event says so.
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

    @property
    def is_begun(self) -> bool:
        """Whether the provider did anything about it."""
        return bool(self.entries) or any(event.is_by_provider for event in self.events)


@dataclass(frozen=True)
class AccountView:
    """A person who may see the portal; after ``last_day`` the account is disabled."""

    name: str
    email: str
    last_activity: date
    state: str
    last_day: date | None
    is_removed: bool


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
        earlier_terms: those in force before ``terms``, the newest first.
    """

    slug: str
    name: str
    currency: str
    language: str | None
    as_of: date
    next_update: date
    revision: str | None
    provider: Provider
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
    licences: tuple[Licence, ...]
    services: tuple[Service, ...]
    terms: Terms
    earlier_terms: tuple[Terms, ...]

    @property
    def months(self) -> tuple[MonthOfStatement, ...]:
        """The months of the statement that have a movement, the first one first."""
        return tuple(month for month in split_by_month(self.statement) if month.movements)
