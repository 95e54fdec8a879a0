"""How long a customer's portal lasts, and the accounts that may see it.

A portal has no end while any lot (goodwill too) or any other service is not completed; else it
stays for the months of the terms after the latest completion. A customer without a purchase or
another service has none: goodwill alone makes no portal.

An account without activity is disabled by itself. Its last day is the last activity plus the months
of the terms in force on that day. What happens after an account was disabled counts only from a
reactivation on. A sign-in is different: nobody signs in to a disabled account, and the file keeps
only the latest one, so a sign-in shows that the account was active until then, however long ago
anything else was.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ledger.balance.lots import Lot
from ledger.dates import add_months, day_after
from ledger.models import Account, Customer, CustomerRecords, TermsHistory


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


class AccountState(StrEnum):
    """Whether a person may see the portal."""

    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True)
class AccountStanding:
    """An account as of a date."""

    account: Account
    state: AccountState
    last_activity: date  # the latest that counts
    last_day: date | None  # the last on which the account works; None where no terms say
    # The account's last day as it was then, by the day of each activity after the account was
    # disabled or removed, oldest first.
    ignored: Mapping[date, date] = field(default_factory=dict)

    @property
    def out_since(self) -> date | None:
        """The first day without access; None for an account that is active."""
        if self.state is AccountState.ACTIVE or self.last_day is None:
            return None
        return day_after(self.last_day)


def find_account_standings(
    records: CustomerRecords, terms: TermsHistory, as_of: date
) -> tuple[AccountStanding, ...]:
    """Return how every account that exists by ``as_of`` stands, in the order of the file."""
    actions = defaultdict[str, list[date]](list)
    for request in records.requests.values():
        actions[request.opened_by.casefold()].append(request.opened)
        for event in request.history:
            actions[event.by.casefold()].append(event.date)
    return tuple(
        find_account_standing(account, actions[account.email.casefold()], terms, as_of)
        for account in records.accounts
        if account.created <= as_of
    )


def find_account_standing(
    account: Account, actions: Iterable[date], terms: TermsHistory, as_of: date
) -> AccountStanding:
    """Return how an account stands on an evening; ``actions`` are days of what its person did."""
    reactivations = {day for day in account.reactivated if day <= as_of}
    sign_in, removed = (
        day if day is not None and day <= as_of else None
        for day in (account.last_sign_in, account.removed)
    )
    back = min((day for day in reactivations if removed and removed < day), default=None)
    known = {day for day in actions if account.created <= day <= as_of}
    last_activity, ignored = account.created, dict[date, date]()
    for day in sorted({*known, *reactivations, *([sign_in] if sign_in else [])}):
        last_day = _add_inactivity(last_activity, terms)
        was_seen_later = sign_in is not None and day <= sign_in
        if day in known and removed and removed < day and (back is None or day < back):
            ignored[day] = removed if last_day is None else min(last_day, removed)
            if day != sign_in:
                continue
        if day in reactivations or was_seen_later or last_day is None or day <= last_day:
            last_activity = max(last_activity, day)
        else:
            ignored[day] = last_day
    last_day = _add_inactivity(last_activity, terms)
    state = AccountState.ACTIVE
    if last_day is not None and last_day < as_of:
        state = AccountState.DISABLED
    if removed is not None and back is None:
        last_day = removed if last_day is None else min(last_day, removed)
        state = AccountState.REMOVED if removed < as_of else state
    return AccountStanding(account, state, last_activity, last_day, ignored)


def _add_inactivity(day: date, history: TermsHistory) -> date | None:
    terms = history.applying_to(day)
    return None if terms is None else add_months(day, terms.account_inactivity_months)
