"""What the provider looks at each week: all customers at once, as plain data.

It is made of the customers' own views, so that it says nothing else than their portals do; what is
internal about it is that all of them stand side by side. The views are given up one by one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from ledger.dates import MONTHS_IN_YEAR, find_next_weekday
from ledger.errors import LedgerError
from ledger.loader import Ledger
from site_builder.forecast import Forecast, make_forecast
from site_builder.hours_charts import FREE_CATEGORY, HoursSpent, arrange_hours
from site_builder.make_view import view_folder
from site_builder.view import (
    STATES_WITHOUT_PORTAL,
    BalanceView,
    Day,
    EndingView,
    MovementView,
    PortalView,
    RequestView,
    Turn,
)

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A customer in a line of the table.

    Attributes:
        open_cards: how many cards have time left.
        last_use: the latest day on which time was worked.
        week_minutes: what was charged in the last seven days.
    """

    slug: str
    name: str
    currency: str
    balance: BalanceView
    card_minutes: int
    open_cards: int
    forecast: Forecast
    last_use: Day | None
    week_minutes: int

    @property
    def needs_a_word(self) -> bool:
        """Whether somebody should talk to the customer about buying more."""
        is_served = self.balance.portal_state not in STATES_WITHOUT_PORTAL
        return is_served and (self.balance.overdrawn_minutes > 0 or self.balance.low)


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that is not done.

    Attributes:
        days_open: since it was opened.
        days_quiet: since its last event or time entry.
    """

    customer: str
    request: RequestView
    days_open: int
    days_quiet: int


@dataclass(frozen=True, slots=True)
class NamedEnding:
    """Something that ends, and the customer whose it is."""

    customer: str
    subject: str
    ending: EndingView


@dataclass(frozen=True, slots=True)
class ConsultantTime:
    """What a consultant worked in the months that are shown."""

    name: str
    charged_minutes: int
    free_minutes: int


@dataclass(frozen=True, slots=True)
class WorkDone:
    """The work of the last twelve months, for all customers.

    Attributes:
        hours: by month and category.
        consultants: most charged time first.
        all_charged_minutes: since the beginning: what was used, and what is overdrawn.
    """

    first_month: Day
    hours: HoursSpent
    consultants: tuple[ConsultantTime, ...]
    all_charged_minutes: int


@dataclass(frozen=True, slots=True)
class ProviderOverview:
    """Everything that stands in the provider's own site."""

    provider_name: str
    as_of: Day
    next_update: Day
    revision: str | None
    customers: tuple[CustomerLine, ...]
    requests: tuple[OpenRequest, ...]
    endings: tuple[NamedEnding, ...]
    work: WorkDone

    def sum_balances(self, figure: str) -> int:
        """Return the sum of one of the figures of ``punchcard balance`` over all customers."""
        return sum(getattr(line.balance, figure) for line in self.customers)


def make_provider_overview(ledger: Ledger, as_of: date) -> ProviderOverview:
    """Return what the provider looks at on the evening of ``as_of``.

    Raises:
        LedgerError: the ledger does not say who sells, or on which terms.
    """
    provider = ledger.organization.provider
    if provider is None:
        raise LedgerError("the ledger has no provider.yml", "add it: punchcard schema says how")
    collector = _Collector(as_of)
    for folder in ledger.read_customers():
        collector.add(view_folder(ledger, folder, as_of))
    return ProviderOverview(
        provider_name=provider.name,
        as_of=as_of,
        next_update=find_next_weekday(as_of, provider.published_on),
        revision=ledger.revision,
        customers=tuple(collector.customers),
        requests=tuple(sorted(collector.requests, key=_oldest_first)),
        endings=tuple(sorted(collector.endings, key=_nearest_first)),
        work=collector.sum_work(),
    )


@dataclass(slots=True)
class _Collector:
    """Takes from one view after the other what the overview needs."""

    as_of: date
    customers: list[CustomerLine] = field(default_factory=list)
    requests: list[OpenRequest] = field(default_factory=list)
    endings: list[NamedEnding] = field(default_factory=list)
    _cells: Counter[tuple[date, str]] = field(default_factory=Counter)
    _people: Counter[tuple[str, bool]] = field(default_factory=Counter)
    _charged: int = 0

    def add(self, view: PortalView) -> None:
        """Take in one customer."""
        movements = tuple(view.statement.list_movements())
        self.customers.append(_summarize(view, movements))
        self.requests += _list_open_requests(view)
        self.endings += _list_endings(view)
        for movement in movements:
            self._add_work(movement)

    def sum_work(self) -> WorkDone:
        """Return the work that was taken in."""
        return WorkDone(
            first_month=self._first_month,
            hours=arrange_hours(self._cells),
            consultants=_sum_consultants(self._people),
            all_charged_minutes=self._charged,
        )

    @property
    def _first_month(self) -> date:
        number = self.as_of.year * MONTHS_IN_YEAR + self.as_of.month - MONTHS_IN_YEAR
        return date(number // MONTHS_IN_YEAR, number % MONTHS_IN_YEAR + 1, 1)

    def _add_work(self, movement: MovementView) -> None:
        minutes, category = movement.worked_minutes, movement.category
        if not minutes or category is None:
            return
        is_charged = category != FREE_CATEGORY
        self._charged += minutes if is_charged else 0
        if movement.date >= self._first_month:
            self._cells[movement.date.replace(day=1), category] += minutes
            self._people[movement.consultant or "", is_charged] += minutes


def _summarize(view: PortalView, movements: tuple[MovementView, ...]) -> CustomerLine:
    work = [each for each in movements if each.worked_minutes]
    return CustomerLine(
        slug=view.slug,
        name=view.name,
        currency=view.currency,
        balance=view.balance,
        card_minutes=view.terms.punchcard_minutes,
        open_cards=sum(1 for lot in view.lots if lot.is_open and lot.kind == "card"),
        forecast=make_forecast(movements, view.lots, view.as_of),
        last_use=max((each.date for each in work), default=None),
        week_minutes=sum(
            each.worked_minutes or 0
            for each in work
            if each.date > view.as_of - WEEK and each.category != FREE_CATEGORY
        ),
    )


def _list_open_requests(view: PortalView) -> Iterator[OpenRequest]:
    for request in view.requests:
        if request.turn is not Turn.NOBODY:
            touched = max([request.last_event, *(entry.date for entry in request.entries)])
            yield OpenRequest(
                customer=view.name,
                request=request,
                days_open=(view.as_of - request.opened).days,
                days_quiet=(view.as_of - touched).days,
            )


def _list_endings(view: PortalView) -> Iterator[NamedEnding]:
    names = {account.email: account.name for account in view.accounts}
    for ending in view.endings:
        yield NamedEnding(view.name, names.get(ending.subject, ending.subject), ending)


def _sum_consultants(people: Mapping[tuple[str, bool], int]) -> tuple[ConsultantTime, ...]:
    lines = [
        ConsultantTime(name, people.get((name, True), 0), people.get((name, False), 0))
        for name in {name for name, _ in people}
    ]
    return tuple(sorted(lines, key=lambda line: (-line.charged_minutes, line.name)))


def _oldest_first(item: OpenRequest) -> tuple[object, ...]:
    return (item.request.opened, item.customer, item.request.id)


def _nearest_first(item: NamedEnding) -> tuple[object, ...]:
    ending = item.ending
    return (ending.last_day, item.customer, ending.kind, ending.subject)
