"""What the provider looks at each week: all customers at once, as plain data.

It is made of the customers' own views, so that it says nothing else than their portals do; what is
internal about it is that all of them stand side by side. Only one view is held at a time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple

from ledger.balance.expiry import Ending
from ledger.balance.movements import Movement
from ledger.balance.summary import Balance
from ledger.dates import MONTHS_IN_YEAR, add_months, find_next_weekday
from ledger.errors import LedgerError
from ledger.ledger import Ledger
from site_builder.charts import Hours
from site_builder.forecast import Forecast, make_forecast
from site_builder.make_view import view_folder
from site_builder.view import STATES_WITHOUT_PORTAL, PortalView, RequestView

_WEEK = timedelta(days=7)


@dataclass(frozen=True)
class CustomerLine:
    """A customer in a line of the table.

    Attributes:
        last_use: the latest day on which time was worked.
        week_minutes: what was charged in the last seven days.
    """

    balance: Balance
    forecast: Forecast
    last_use: date | None
    week_minutes: int

    @property
    def needs_a_word(self) -> bool:
        """Whether somebody should talk to the customer about buying more."""
        is_served = self.balance.portal.state not in STATES_WITHOUT_PORTAL
        return is_served and (self.balance.overdrawn_minutes > 0 or self.balance.low)


class OpenRequest(NamedTuple):
    """A request that is not done; how many days since it was opened, and since it was touched."""

    customer: str
    request: RequestView
    days_open: int
    days_quiet: int


class ConsultantTime(NamedTuple):
    """What a consultant worked in the months that are shown."""

    name: str
    charged_minutes: int
    free_minutes: int


@dataclass(frozen=True)
class ProviderOverview:
    """Everything that stands in the provider's own site.

    Attributes:
        endings: with the names of the customers and of the people whose accounts end.
        first_month: the first of the twelve months whose work is shown.
        hours: by month and category.
        consultants: most charged time first.
        all_charged_minutes: since the beginning: what was used, and what is overdrawn.
    """

    provider_name: str
    as_of: date
    next_update: date
    revision: str | None
    customers: tuple[CustomerLine, ...]
    requests: tuple[OpenRequest, ...]
    endings: tuple[Ending, ...]
    first_month: date
    hours: Hours
    consultants: tuple[ConsultantTime, ...]
    all_charged_minutes: int


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
    endings: list[tuple[str, Ending]] = []
    recent: list[Movement] = []
    all_charged_minutes = 0
    for folder in ledger.read_customers():
        view = view_folder(ledger, folder, as_of)
        work = [each for each in view.statement.movements if each.worked_minutes and each.category]
        customers.append(_summarize(view, work))
        requests += _list_open_requests(view)
        names = {account.email: account.name for account in view.accounts}
        for ending in view.endings:
            name = names.get(ending.subject, ending.subject)
            named = replace(ending, customer=view.name, subject=name)
            endings.append((ending.subject, named))
        all_charged_minutes += _sum_charged(work)
        recent += [movement for movement in work if movement.date >= first_month]
    endings.sort(key=lambda each: (each[1].last_day, each[1].customer, each[1].kind, each[0]))
    requests.sort(key=lambda each: (each.request.opened, each.customer, each.request.id))
    return ProviderOverview(
        provider_name=provider.name,
        as_of=as_of,
        next_update=find_next_weekday(as_of, provider.published_on),
        revision=ledger.revision,
        customers=tuple(customers),
        requests=tuple(requests),
        endings=tuple(ending for _, ending in endings),
        first_month=first_month,
        hours=Hours(recent),
        consultants=_sum_consultants(recent),
        all_charged_minutes=all_charged_minutes,
    )


def _summarize(view: PortalView, work: list[Movement]) -> CustomerLine:
    return CustomerLine(
        balance=view.balance,
        forecast=make_forecast(view.statement.movements, view.lots, view.as_of),
        last_use=max((each.date for each in work), default=None),
        week_minutes=_sum_charged([each for each in work if each.date > view.as_of - _WEEK]),
    )


def _sum_charged(work: list[Movement]) -> int:
    charged = (each for each in work if each.category and each.category.is_charged)
    return sum(each.worked_minutes or 0 for each in charged)


def _sum_consultants(work: list[Movement]) -> tuple[ConsultantTime, ...]:
    minutes: dict[str, Counter[bool]] = {}
    for movement in work:
        is_charged = movement.category is not None and movement.category.is_charged
        counter = minutes.setdefault(movement.consultant or "", Counter())
        counter[is_charged] += movement.worked_minutes or 0
    people = [ConsultantTime(name, each[True], each[False]) for name, each in minutes.items()]
    return tuple(sorted(people, key=lambda each: (-each.charged_minutes, each.name)))


def _list_open_requests(view: PortalView) -> Iterator[OpenRequest]:
    for request in view.requests:
        if not request.is_done:
            touched = max([request.last_event, *(entry.date for entry in request.entries)])
            days_open, days_quiet = view.as_of - request.opened, view.as_of - touched
            yield OpenRequest(view.name, request, days_open.days, days_quiet.days)
