"""The shape of what one customer may see: plain data, made in ``portal``, shown by ``pages``.

Every value is text, a whole number, a date, an amount, or a tuple of such. Nothing here knows the
ledger, so that nothing of it can be reached from a page.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TypeAlias

# Some records have a field called "date", and their other dates need a name for the type.
Day: TypeAlias = date


class Turn(StrEnum):
    """Who has to do something next for a request."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class ProviderView:
    """The company that sells: its name, and where to write to."""

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
    """Minutes of a card or credit that one time entry drew, or that a correction gave back."""

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
        worked_minutes: what was logged; negative in a correction.
        is_charged: whether it counts at all; technical support never does.
        corrected_date: for a correction, the day of the entry it takes back from.
        total_minutes: all that is charged on the request, up to and with this entry.
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
    """Something the customer asked for, and all that was done about it.

    ``opening_ticket`` is its number in the support system from the start, ``ticket`` the latest.
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
        """Whether nobody has anything left to do."""
        return self.turn is Turn.NOBODY


@dataclass(frozen=True, slots=True)
class NewsView:
    """Something that happened lately, or all that happened to one request.

    Attributes:
        kind: ``request``, or that of a movement which is not time.
        reference: the request, or what the movement is about.
        is_opened: whether the request is new.
        status: where the request stands, if that has changed.
        notes: events that say something and change nothing.
        charged_minutes: of a request, the time that is charged; else the effect on the balance.
        is_late: whether any of it is dated before the last update, but was recorded after it.
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
    """Minutes of a movement, and the card they were drawn from or given back to."""

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
class StatementFileView:
    """What ``punchcard statement --format json`` writes, but for the day that it is of.

    So that ``punchcard verify`` knows the file again.

    Attributes:
        movements: the movements, as the file has them.
        canonical: the movements, as the digest in the file wants them.
    """

    opening_minutes: int
    closing_minutes: int
    movements: str
    canonical: str


@dataclass(frozen=True, slots=True)
class EndingView:
    """Something that ends: ``last_day`` is the last day on which it still works."""

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
    """Everything that stands in one customer's portal.

    Attributes:
        news: what is dated after ``news_after``, and what came in late.
        has_last_update: whether ``news_after`` is the day of the last update.
        has_endings: whether anything ends; unlike ``endings`` it is the same from day to day.
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
    statement_file: StatementFileView
    endings: tuple[EndingView, ...]
    has_endings: bool
    accounts: tuple[AccountView, ...]
    licences: tuple[LicenceView, ...]
    services: tuple[ServiceView, ...]
    terms: TermsView
    earlier_terms: tuple[TermsView, ...]
