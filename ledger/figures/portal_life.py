"""How long a customer's portal lasts.

It has no end while any lot (goodwill too) or any other service is not completed; else it stays
for the months of the terms after the latest completion. A customer without a purchase or another
service has none: goodwill alone makes no portal.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from ledger.dates import add_months
from ledger.figures.lots import Lot
from ledger.models import Customer, Service, TermsHistory


class PortalState(StrEnum):
    """Where a portal is in its life; ``closing`` means that a last day is set."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Portal:
    """A portal as of a date; ``last_day`` is the last day on which it can be opened."""

    state: PortalState
    last_day: date | None = None


def find_portal(
    customer: Customer, lots: Iterable[Lot], terms: TermsHistory, as_of: date
) -> Portal:
    """Return how the portal stands on the evening of ``as_of``."""
    present = [lot for lot in lots if lot.date <= as_of]
    completions: list[date | None] = [lot.find_completion(as_of) for lot in present]
    return _judge(customer, present, completions, terms, as_of)


def find_portal_as_it_was(
    customer: Customer, lots: Iterable[Lot], terms: TermsHistory, day: date
) -> Portal:
    """Return how the portal stood in the course of ``day``: before that day's completions.

    What comes in on ``day`` is there, what is used up on ``day`` is not yet.
    """
    present = [lot for lot in lots if lot.date <= day]
    completions = [_find_completion_before(lot, day) for lot in present]
    return _judge(customer, present, completions, terms, day)


def _find_completion_before(lot: Lot, day: date) -> date | None:
    found = None
    for changed_on, completed in lot.completions:
        if changed_on < day:
            found = changed_on if completed else None
    return found


def _judge(
    customer: Customer,
    lots: list[Lot],
    completions: list[date | None],
    terms: TermsHistory,
    as_of: date,
) -> Portal:
    services = [service for service in customer.services if service.has_started_on(as_of)]
    if not services and all(lot.purchase is None for lot in lots):
        return Portal(PortalState.NONE)
    ends = [*completions, *(_find_service_end(service, as_of) for service in services)]
    completed = [day for day in ends if day is not None]
    if len(completed) < len(ends):
        return Portal(PortalState.OPEN)
    latest = max(completed)
    in_force = terms.applying_to(latest)
    if in_force is None:
        return Portal(PortalState.OPEN)
    last_day = add_months(latest, in_force.portal_retention_months)
    return Portal(PortalState.CLOSED if last_day < as_of else PortalState.CLOSING, last_day)


def _find_service_end(service: Service, as_of: date) -> date | None:
    return service.completed if service.is_completed_on(as_of) else None
