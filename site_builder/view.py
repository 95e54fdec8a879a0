"""What one customer may see: plain frozen data, made by ``make_view`` and shown by ``pages``.

Every value is a text, a whole number, a date, an amount, or a tuple of such. Nothing here refers
to a record of the ledger, so no template can reach one. A field is visible to the customer if and
only if a class here declares it; a field of the same name as in the record is copied by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

# A class with a field called "date" needs another name for the type of its other dates.
Day: TypeAlias = date

STATES_WITHOUT_PORTAL = frozenset({"closed", "none"})


class Turn(StrEnum):
    """Who has to act next on a request."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ProviderView:
    """The company that sells, and its addresses."""

    name: str
    requests_contact: str
    sales_contact: str
    support_contact: str
    agreement_link: str
    marketplace_link: str
    published_on: str


@dataclass(frozen=True, slots=True)
class BalanceView:
    """The figures of ``punchcard balance``, under the same names."""

    purchased_minutes: int
    goodwill_minutes: int
    used_minutes: int
    refunded_minutes: int
    expired_minutes: int
    remaining_minutes: int
    overdrawn_minutes: int
    balance_minutes: int
    low: bool
    last_activity: Day | None
    portal_state: str
    portal_last_day: Day | None


@dataclass(frozen=True, slots=True)
class LotUseView:
    """Minutes that a time entry drew from a lot; negative if a correction gave them back."""

    date: Day
    request: str
    consultant: str
    note: str
    minutes: int


@dataclass(frozen=True, slots=True)
class LotView:
    """A punchcard, or a goodwill credit. ``uses`` are the entries that draw on it now."""

    id: str
    kind: str
    purchase: str | None
    date: Day
    last_day: Day | None
    minutes: int
    used_minutes: int
    refunded_minutes: int
    expired_minutes: int
    remaining_minutes: int
    completed_on: Day | None
    uses: tuple[LotUseView, ...]

    @property
    def is_open(self) -> bool:
        """Whether time can still be drawn from it."""
        return self.remaining_minutes > 0


@dataclass(frozen=True, slots=True)
class RefundView:
    """Unused minutes that were taken back for money."""

    id: str
    date: Day
    minutes: int
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True)
class PurchaseView:
    """A sale of punchcards, with its cards and what was refunded of it."""

    id: str
    date: Day
    punchcards: int
    amount: Decimal
    invoice: str | None
    lots: tuple[LotView, ...]
    refunds: tuple[RefundView, ...]


@dataclass(frozen=True, slots=True)
class GoodwillView:
    """Minutes given free of charge."""

    reason: str
    lot: LotView


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True, slots=True)
class EntryView:
    """Time spent on a request, or a correction of it.

    Attributes:
        reference: its full name, ``2026-11-alice/03-1``.
        worked_minutes: what was logged; negative in a correction.
        is_charged: false for technical support.
        corrected_date: for a correction, the date of the entry that it corrects.
        total_minutes: the charged minutes on the request up to and including this entry.
    """

    reference: str
    date: Day
    consultant: str
    category: str
    worked_minutes: int
    is_charged: bool
    note: str
    corrected_date: Day | None
    total_minutes: int


@dataclass(frozen=True, slots=True)
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
    opened: Day
    opened_by: str
    opening_ticket: str | None
    ticket: str | None
    description: str | None
    charged_minutes: int
    support_minutes: int
    last_event: Day
    events: tuple[EventView, ...]
    entries: tuple[EntryView, ...]

    @property
    def is_done(self) -> bool:
        """Whether nobody has to act on it."""
        return self.turn is Turn.NOBODY


@dataclass(frozen=True, slots=True)
class NewsView:
    """A recent movement of the balance, or all that was recently done on one request.

    Attributes:
        kind: ``request``, or that of a movement which is not time.
        reference: the request, or what the movement is about.
        is_opened: whether the request is new.
        status: the current status of the request, if it has changed.
        notes: the number of events with a note that change neither status nor channel.
        charged_minutes: the charged time on a request; else the effect on the balance.
        is_late: whether a part of it is dated up to the last publication but was recorded later.
    """

    date: Day
    kind: str
    reference: str
    title: str | None = None
    is_opened: bool = False
    status: str | None = None
    moved_to: str | None = None
    notes: int = 0
    entries: int = 0
    corrections: int = 0
    charged_minutes: int = 0
    free_minutes: int = 0
    is_late: bool = False


@dataclass(frozen=True, slots=True)
class DrawView:
    """Minutes of a movement that were drawn from a lot, or given back to it."""

    lot: str
    minutes: int


@dataclass(frozen=True, slots=True)
class MovementView:
    """A line of the statement; ``minutes`` is the signed effect on the balance."""

    date: Day
    kind: str
    reference: str
    request: str | None
    consultant: str | None
    category: str | None
    worked_minutes: int | None
    minutes: int
    balance_minutes: int
    amount: Decimal | None
    note: str | None
    draws: tuple[DrawView, ...]


@dataclass(frozen=True, slots=True)
class MonthView:
    """The movements of one month with the balance before and after them."""

    first_day: Day
    opening_minutes: int
    closing_minutes: int
    movements: tuple[MovementView, ...]


@dataclass(frozen=True, slots=True)
class StatementView:
    """All movements, from the first day on; newest month last."""

    opening_minutes: int
    closing_minutes: int
    months: tuple[MonthView, ...]

    def list_movements(self) -> Iterator[MovementView]:
        """Yield the movements of all months, the first one first."""
        for month in self.months:
            yield from month.movements


@dataclass(frozen=True, slots=True)
class EndingView:
    """An account, card, licence or portal that ends; on ``last_day`` it still works."""

    kind: str
    subject: str
    last_day: Day


@dataclass(frozen=True, slots=True)
class AccountView:
    """A person who may see the portal; after ``last_day`` the account is disabled."""

    name: str
    email: str
    created: Day
    last_activity: Day
    state: str
    last_day: Day | None


@dataclass(frozen=True, slots=True)
class LicenceView:
    """A product licence; some include technical support."""

    product: str
    type: str
    from_day: Day | None
    until: Day | None
    includes_support: bool


@dataclass(frozen=True, slots=True)
class ServiceView:
    """Another service contracted with the provider; it keeps the portal open."""

    name: str
    started: Day | None
    completed: Day | None


@dataclass(frozen=True, slots=True)
class TermsView:
    """The numbers of the terms of sale from a date on, in the customer's currency."""

    effective: Day
    punchcard_minutes: int
    increment_minutes: int
    price: Decimal | None
    account_limit: int
    account_inactivity_months: int
    portal_retention_months: int
    punchcard_validity_months: int | None
    overdraft_minutes: int
    low_balance_minutes: int


@dataclass(frozen=True, slots=True)
class PortalView:
    """Everything that one customer may see.

    Attributes:
        news: what is dated after ``news_after``, and what was recorded late.
        has_last_update: whether ``news_after`` is the day of the last publication.
        statement_json: the text that ``punchcard statement --format json`` writes, byte for byte,
            so that ``punchcard verify`` accepts the download.
    """

    slug: str
    name: str
    currency: str
    as_of: Day
    next_update: Day
    revision: str | None
    provider: ProviderView
    balance: BalanceView
    purchases: tuple[PurchaseView, ...]
    goodwill: tuple[GoodwillView, ...]
    lots: tuple[LotView, ...]
    requests: tuple[RequestView, ...]
    news: tuple[NewsView, ...]
    news_after: Day
    has_last_update: bool
    statement: StatementView
    statement_json: str
    endings: tuple[EndingView, ...]
    accounts: tuple[AccountView, ...]
    licences: tuple[LicenceView, ...]
    services: tuple[ServiceView, ...]
    terms: TermsView
    earlier_terms: tuple[TermsView, ...]
