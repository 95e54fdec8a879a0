"""Who may open a customer's portal on a day: the accounts that are active, within the limit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger.customer_records import CustomerRecords
from ledger.figures.account_activity import AccountStanding, AccountState, find_account_standings
from ledger.figures.balance import compute_balance
from ledger.figures.portal_life import PortalState
from ledger.models import Account, TermsHistory

_HAS_A_PORTAL = frozenset({PortalState.OPEN, PortalState.CLOSING})


class ShutOut(NamedTuple):
    """A person who has an account and may not see the portal, and why."""

    email: str
    reason: str


@dataclass(frozen=True, slots=True)
class PortalVisitors:
    """Who may open a portal.

    Attributes:
        slug: whose portal it is.
        state: where it is in its life.
        accounts: who may see it; nobody unless it is open.
        shut_out: the others, in the order of the file.
    """

    slug: str
    state: PortalState
    accounts: tuple[Account, ...] = ()
    shut_out: tuple[ShutOut, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether there is a portal to be seen."""
        return self.state in _HAS_A_PORTAL

    @property
    def has_or_had_one(self) -> bool:
        """Whether there is a portal, or was one until it closed."""
        return self.state is not PortalState.NONE


def find_visitors(
    records: CustomerRecords, terms: TermsHistory, as_of: date, state: PortalState | None = None
) -> PortalVisitors:
    """Return who may open a customer's portal in the course of ``as_of``.

    Args:
        records: the customer's.
        terms: the terms of sale; without any in force nobody may.
        as_of: the day.
        state: the portal's, if it is known better than from the records.
    """
    if state is None:
        state = compute_balance(records, terms, as_of).portal.state
    standings = find_account_standings(records, terms, as_of)
    if state not in _HAS_A_PORTAL:
        shut_out = (ShutOut(item.account.email, f"the portal is {state}") for item in standings)
        return PortalVisitors(records.slug, state, (), tuple(shut_out))
    in_force = terms.in_force_on(as_of)
    limit = 0 if in_force is None else in_force.account_limit
    admitted = _admit(standings, as_of, limit)
    accounts = tuple(item.account for item in standings if item.account in admitted)
    return PortalVisitors(
        records.slug, state, accounts, tuple(_list_shut_out(standings, admitted, limit))
    )


def _admit(standings: tuple[AccountStanding, ...], as_of: date, limit: int) -> list[Account]:
    """Return the accounts that are let in: the oldest first, who leaves today last."""
    active = [item.account for item in standings if item.state is AccountState.ACTIVE]
    first = sorted(active, key=lambda account: (account.removed == as_of, account.created))
    admitted: dict[str, Account] = {}
    for account in first:
        admitted.setdefault(account.email.casefold(), account)
    return list(admitted.values())[:limit]


def _list_shut_out(
    standings: tuple[AccountStanding, ...], admitted: list[Account], limit: int
) -> Iterator[ShutOut]:
    for item in standings:
        if item.state is not AccountState.ACTIVE:
            yield ShutOut(item.account.email, f"{item.state} after {item.last_day}")
        elif item.account not in admitted:
            yield ShutOut(item.account.email, f"the terms allow {limit} accounts")
