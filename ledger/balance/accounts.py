"""How long an account lasts: an account without activity is disabled by itself.

The last day is the last activity plus the months of the terms in force on that day. What happens
after an account was disabled counts only from a reactivation on. A sign-in is different: nobody
signs in to a disabled account, and the file keeps only the latest one, so a sign-in shows that
the account was active until then, however long ago anything else was.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from ledger.dates import add_months, day_after
from ledger.models import Account, CustomerRecords, TermsHistory


class AccountState(StrEnum):
    """Whether a person may see the portal."""

    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True)
class AccountStanding:
    """An account as of a date.

    Attributes:
        last_activity: the latest activity that counts.
        last_day: the last day on which the account works; None where no terms say.
        ignored: the account's last day as it was then, by the day of each activity after the
            account was disabled or removed, oldest first.
    """

    account: Account
    state: AccountState
    last_activity: date
    last_day: date | None
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
    actions: dict[str, list[date]] = {}
    for request in records.requests.values():
        actions.setdefault(request.opened_by.casefold(), []).append(request.opened)
        for event in request.history:
            actions.setdefault(event.by.casefold(), []).append(event.date)
    return tuple(
        find_account_standing(account, actions.get(account.email.casefold(), ()), terms, as_of)
        for account in records.accounts
        if account.created <= as_of
    )


def find_account_standing(
    account: Account, actions: Iterable[date], terms: TermsHistory, as_of: date
) -> AccountStanding:
    """Return how ``account`` stands on the evening of ``as_of``; what is later does not count.

    ``actions`` are the days on which its person opened a request or added an event.
    """
    reactivations = {day for day in account.reactivated if day <= as_of}
    sign_in = account.last_sign_in
    if sign_in is not None and sign_in > as_of:
        sign_in = None
    removed = account.removed if account.removed is None or account.removed <= as_of else None
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
