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

from ledger.balance.lots import Lot
from ledger.dates import add_months
from ledger.models import Customer, TermsHistory


class PortalState(StrEnum):
    """Where a portal is in its life; ``closing`` means that a last day is set."""

    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    NONE = "none"


@dataclass(frozen=True)
class Portal:
    """A portal as of a date; ``last_day`` is the last day on which it can be opened."""

    state: PortalState
    last_day: date | None = None


def find_portal(
    customer: Customer,
    lots: Iterable[Lot],
    terms: TermsHistory,
    day: date,
    *,
    during_day: bool = False,
) -> Portal:
    """Return how the portal stands on the evening of ``day``.

    With ``during_day`` how it stood in the course of ``day``: what came in on it is there, what
    was used up on it is not yet.
    """
    present = [lot for lot in lots if lot.date <= day]
    services = [service for service in customer.services if service.has_started_on(day)]
    if not services and all(lot.purchase is None for lot in present):
        return Portal(PortalState.NONE)
    ends = [lot.find_completion(day, during_day=during_day) for lot in present]
    ends += [each.completed if each.is_completed_on(day) else None for each in services]
    completed = [end for end in ends if end is not None]
    if len(completed) < len(ends):
        return Portal(PortalState.OPEN)
    latest = max(completed)
    in_force = terms.applying_to(latest)
    if in_force is None:
        return Portal(PortalState.OPEN)
    last_day = add_months(latest, in_force.portal_retention_months)
    return Portal(PortalState.CLOSED if last_day < day else PortalState.CLOSING, last_day)
