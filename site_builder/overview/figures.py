"""What the provider looks at each week: all customers at once, as plain data.

It is made of the customers' own views, so that it says nothing else than their portals do; what is
internal about it is that all of them stand side by side. Only one view is held at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ledger.dates import MONTHS_IN_YEAR, add_months, find_next_weekday
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from site_builder.forecast import Forecast, make_forecast
from site_builder.hours_charts import FREE_CATEGORY, HoursSpent, arrange_hours
from site_builder.make_view import view_folder
from site_builder.view import (
    STATES_WITHOUT_PORTAL,
    BalanceView,
    EndingView,
    MovementView,
    PortalView,
    RequestView,
    Turn,
)

_WEEK = timedelta(days=7)


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
    balance: BalanceView
    open_cards: int
    forecast: Forecast
    last_use: date | None
    week_minutes: int

    @property
    def needs_a_word(self) -> bool:
        """Whether somebody should talk to the customer about buying more."""
        is_served = self.balance.portal_state not in STATES_WITHOUT_PORTAL
        return is_served and (self.balance.overdrawn_minutes > 0 or self.balance.low)


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """A request that is not done; how many days since it was opened, and since it was touched."""

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

    first_month: date
    hours: HoursSpent
    consultants: tuple[ConsultantTime, ...]
    all_charged_minutes: int


@dataclass(frozen=True, slots=True)
class ProviderOverview:
    """Everything that stands in the provider's own site."""

    provider_name: str
    as_of: date
    next_update: date
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
    first_month = add_months(as_of.replace(day=1), 1 - MONTHS_IN_YEAR)
    customers: list[CustomerLine] = []
    requests: list[OpenRequest] = []
    endings: list[NamedEnding] = []
    cells: Counter[tuple[date, str]] = Counter()
    people: Counter[tuple[str, bool]] = Counter()  # by name, and whether it was charged
    all_charged_minutes = 0
    for folder in ledger.read_customers():
        view = view_folder(ledger, folder, as_of)
        movements = tuple(view.statement.list_movements())
        customers.append(_summarize(view, movements))
        requests += _list_open_requests(view)
        endings += _list_endings(view)
        for movement in movements:
            minutes, category = movement.worked_minutes, movement.category
            if not minutes or category is None:
                continue
            is_charged = category != FREE_CATEGORY
            all_charged_minutes += minutes if is_charged else 0
            if movement.date >= first_month:
                cells[movement.date.replace(day=1), category] += minutes
                people[movement.consultant or "", is_charged] += minutes
    consultants = [
        ConsultantTime(name, people[name, True], people[name, False])
        for name in {name for name, _ in people}
    ]
    consultants.sort(key=lambda each: (-each.charged_minutes, each.name))
    return ProviderOverview(
        provider_name=provider.name,
        as_of=as_of,
        next_update=find_next_weekday(as_of, provider.published_on),
        revision=ledger.revision,
        customers=tuple(customers),
        requests=tuple(
            sorted(requests, key=lambda each: (each.request.opened, each.customer, each.request.id))
        ),
        endings=tuple(sorted(endings, key=_nearest_first)),
        work=WorkDone(first_month, arrange_hours(cells), tuple(consultants), all_charged_minutes),
    )


def _summarize(view: PortalView, movements: Sequence[MovementView]) -> CustomerLine:
    work = [each for each in movements if each.worked_minutes]
    return CustomerLine(
        slug=view.slug,
        name=view.name,
        balance=view.balance,
        open_cards=sum(1 for lot in view.lots if lot.is_open and lot.kind == "card"),
        forecast=make_forecast(movements, view.lots, view.as_of),
        last_use=max((each.date for each in work), default=None),
        week_minutes=sum(
            each.worked_minutes or 0
            for each in work
            if each.date > view.as_of - _WEEK and each.category != FREE_CATEGORY
        ),
    )


def _list_open_requests(view: PortalView) -> Iterator[OpenRequest]:
    for request in view.requests:
        if request.turn is not Turn.NOBODY:
            touched = max([request.last_event, *(entry.date for entry in request.entries)])
            days_open, days_quiet = view.as_of - request.opened, view.as_of - touched
            yield OpenRequest(view.name, request, days_open.days, days_quiet.days)


def _list_endings(view: PortalView) -> Iterator[NamedEnding]:
    names = {account.email: account.name for account in view.accounts}
    for ending in view.endings:
        yield NamedEnding(view.name, names.get(ending.subject, ending.subject), ending)


def _nearest_first(item: NamedEnding) -> tuple[object, ...]:
    ending = item.ending
    return (ending.last_day, item.customer, ending.kind, ending.subject)
