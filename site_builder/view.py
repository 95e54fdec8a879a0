"""What one customer may see: plain frozen data, made by ``make_view`` and shown by ``pages``.

It holds the customer's figures (balance, lots, statement, what ends when) as the ledger computes
them, and the records in which nothing is private: provider, terms, licences, services. Of requests
and accounts it holds what a class here declares, and nothing else of them is visible.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from itertools import accumulate, takewhile
from typing import TypeAlias

from ledger.balance.forecast import Forecast, make_forecast
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement, MovementKind, Usage
from ledger.balance.statement import MonthOfStatement, Statement, split_by_month
from ledger.balance.summary import Balance, Ending
from ledger.models import Provider, Terms
from ledger.models.customer import Licence, Service
from ledger.notices.facts import Notice
from site_builder.last_update import LastUpdate

# A class with a field called "date" needs another name for the type of its other dates.
Day: TypeAlias = date

# How many movements the page of the statement takes.
_MOST_MOVEMENTS = 120
STATES_WITHOUT_PORTAL = frozenset({"closed", "none"})
_HANDING_OVER = frozenset({"waiting-for-customer", "resolved", "closed"})


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
    estimate_minutes: int | None = None
    approved_minutes: int | None = None


@dataclass(frozen=True)
class AttachmentView:
    """A file that came with a request, by its own name and its path in the portal.

    No browser and no web server takes it for a page or a picture: see ``path``.
    """

    request: str
    stored_name: str
    read: Callable[[], bytes] = field(repr=False, compare=False)

    @property
    def name(self) -> str:
        """Its name, without the hash."""
        return self.stored_name.partition("-")[2]

    @property
    def path(self) -> str:
        """Where it lies in the portal: with an ending that is nothing but bytes to anybody."""
        return f"requests/{self.request}/{self.stored_name}.bin"

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return len(self.read())


@dataclass(frozen=True)
class RequestView:
    """A request with its history and its time entries."""

    id: str
    title: str
    category: str | None
    status: str  # in progress once time was spent, even if no event says so
    channel: str
    turn: Turn
    turned: int  # the index of the event since which ``turn`` is as it is; -1 since the opening
    opened: date
    opened_by: str
    opening_ticket: str | None  # its number in the support system from the start
    ticket: str | None  # the latest such number
    description: str | None
    urgency: str | None
    last_event: date
    events: tuple[EventView, ...]
    entries: tuple[Movement, ...]
    attachments: tuple[AttachmentView, ...]
    charged_minutes: int
    support_minutes: int
    cost: Decimal | None  # of its charged minutes, as far as cards cover them
    uncovered_minutes: int  # charged, but covered by no card
    support_worth: Decimal | None  # what its technical support would cost at the list price

    @property
    def is_done(self) -> bool:
        """Whether nobody has to act on it."""
        return self.turn is Turn.NOBODY

    @property
    def turned_by(self) -> EventView | None:
        """The event since which it is the turn of who has to act now; None since the opening."""
        return None if self.turned < 0 else self.events[self.turned]

    @property
    def turned_on(self) -> date:
        """The day since which it is that one's turn."""
        return self.turned_by.date if self.turned_by else self.opened

    @property
    def last_note(self) -> EventView | None:
        """The last thing that anybody said."""
        return next((event for event in reversed(self.events) if event.note), None)

    @property
    def question(self) -> EventView | None:
        """What the customer is asked, or told at the end; None while others have to act.

        It is the provider's last note since the turn changed, or else the last before that which
        nobody has answered; or what an estimate to be approved says.
        """
        if self.turn not in {Turn.CUSTOMER, Turn.NOBODY}:
            return self.open_estimate if self.open_estimate and self.open_estimate.note else None
        before, since = self.events[: self.turned], self.events[max(self.turned, 0) :]
        said = [event for event in since if event.is_by_provider and event.note]
        said = said or list(takewhile(lambda event: event.is_by_provider, reversed(before)))
        return next((event for event in reversed(said) if event.note), None)

    @property
    def waits_for_customer(self) -> bool:
        """Whether an answer is wanted from the customer, if only a yes to an estimate."""
        return self.turn is Turn.CUSTOMER or self.open_estimate is not None

    @property
    def uncovered_since(self) -> Day | None:
        """The day of the first work that no card covers."""
        days = (each.date for each in self.entries if each.uncovered_minutes > 0)
        return min(days, default=None)

    @property
    def taken_up(self) -> tuple[str, Day] | None:
        """Who worked on it last since it was the provider's turn, and since when; or None."""
        acts = [
            (event.date, event.by)
            for event in self.events[max(self.turned, 0) :]
            if event.is_by_provider and event.status not in {None, "open"}
        ]
        acts += [
            (each.date, each.consultant or "")
            for each in self.entries
            if each.kind == MovementKind.TIME and each.date >= self.turned_on
        ]
        if not acts:
            return None
        _day, who = max(acts, key=lambda act: act[0])
        return who, min(day for day, by in acts if by == who)

    @property
    def story(self) -> list[tuple[Day, list[EventView | Movement]]]:
        """Events and work, day by day since the opening.

        Work stands after the events of its day, but before what was handed over after it.
        """
        story: list[tuple[Day, list[EventView | Movement]]] = []
        days = {event.date for event in self.events} | {entry.date for entry in self.entries}
        for day in sorted({self.opened} | days):
            events = [event for event in self.events if event.date == day]
            before = list(takewhile(lambda event: event.status not in _HANDING_OVER, events))
            work = [entry for entry in self.entries if entry.date == day]
            story.append((day, [*before, *work, *events[len(before) :]]))
        return story

    @property
    def estimates(self) -> tuple[EventView, ...]:
        """Estimates and approvals, the last one first."""
        events = reversed(self.events)
        return tuple(each for each in events if each.estimate_minutes or each.approved_minutes)

    @property
    def open_estimate(self) -> EventView | None:
        """The estimate that the customer may approve now."""
        last = None if self.is_done or not self.estimates else self.estimates[0]
        return last if last and last.is_by_provider and last.estimate_minutes else None


@dataclass(frozen=True)
class ConsultantView:
    """A person who works for the customer, and what that person did last, on which request."""

    name: str
    date: Day
    note: str | None
    request: str
    title: str


@dataclass(frozen=True)
class AccountView:
    """A person who may see the portal; after ``last_day`` the account is disabled."""

    name: str
    email: str
    notices: str
    last_activity: date
    state: str
    last_day: date | None
    is_removed: bool


@dataclass(frozen=True)
class PeriodView:
    """A finished month or quarter."""

    name: str  # as commands have it: ``2026-10``, ``2026-Q3``
    statement: Statement
    statement_json: str  # what ``punchcard statement --format json`` writes of it


@dataclass(frozen=True)
class PortalView:
    """Everything that one customer may see. In the statement, people have their names.

    Of a provider whose portals show no money, no amount is in it.
    """

    slug: str
    name: str
    currency: str
    language: str | None
    as_of: date
    next_update: date
    revision: str | None
    provider: Provider
    brand_files: Mapping[str, bytes]  # logo and terms in full, by their names in the brand
    balance: Balance
    refunded_purchases: Mapping[str, str]  # what each refund took minutes back from
    lots: tuple[Lot, ...]
    requests: tuple[RequestView, ...]
    corrected_dates: Mapping[str, date]  # of what each correction corrects, by its full name
    last_update: LastUpdate  # what is dated after its day, or was recorded late, is news
    has_last_update: bool  # whether its day is that of the last publication
    statement: Statement
    # What ``punchcard statement --format json`` writes, so that ``punchcard verify`` accepts it.
    statement_json: str
    usages: Mapping[str, Usage]  # of each lot and purchase, by its id, and of all cards (``""``)
    # What technical support and goodwill would cost at the list price of their days, by reference.
    worths: Mapping[str, Decimal]
    support_worth: Decimal | None  # of all the support
    periods: tuple[PeriodView, ...]  # those with a movement, the latest first
    endings: tuple[Ending, ...]
    notices: tuple[Notice, ...]  # as far as they are true, or happened in the last weeks
    consultants: tuple[ConsultantView, ...]  # who did something last first
    accounts: tuple[AccountView, ...]
    licences: tuple[Licence, ...]
    services: tuple[Service, ...]
    terms: Terms
    earlier_terms: tuple[Terms, ...]  # in force before ``terms``, the newest first

    @property
    def logo_path(self) -> str:
        """The path of the provider's logo in the portal; empty if there is none."""
        ending = (self.provider.brand.logo or "").rpartition(".")[2]
        return f"assets/images/logo.{ending}" if ending else ""

    @cached_property
    def forecast(self) -> Forecast:
        """How long what is left will last."""
        return make_forecast(self.statement.movements, self.lots, self.as_of, has_course=True)

    @cached_property
    def months(self) -> tuple[MonthOfStatement, ...]:
        """The months of the statement that have a movement, the first one first."""
        return tuple(month for month in split_by_month(self.statement) if month.movements)

    @cached_property
    def months_apart(self) -> tuple[MonthOfStatement, ...]:
        """Those that have pages of their own, as later ones fill the page of the statement."""
        months = self.months[::-1]
        sums = accumulate(len(each.movements) for each in months)
        return tuple(
            each for each, sum_ in zip(months, sums, strict=True) if sum_ > _MOST_MOVEMENTS
        )
