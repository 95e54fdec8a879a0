"""Who may open a customer's portal on a day, and the site that the web server gets from that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger.balance.accounts import AccountStanding, AccountState, find_account_standings
from ledger.balance.portal_life import PortalState
from ledger.balance.summary import compute_balance
from ledger.errors import LedgerError
from ledger.intake.access_keys import is_host_label, is_key_hash
from ledger.models import Account, CustomerRecords, TermsHistory
from site_builder.access.settings import Mode, ServerSettings, is_usable_address

_HAS_A_PORTAL = frozenset({PortalState.OPEN, PortalState.CLOSING})
_GATEWAY_PATH = "oauth2"


class ShutOut(NamedTuple):
    """An account that may not open the portal, and why."""

    email: str
    reason: str


@dataclass(frozen=True, slots=True)
class PortalVisitors:
    """Who may open a portal.

    Attributes:
        accounts: the accounts that are let in; none unless the portal is open.
        shut_out: the other accounts, in the order of the file.
    """

    slug: str
    state: PortalState
    accounts: tuple[Account, ...] = ()
    shut_out: tuple[ShutOut, ...] = ()


@dataclass(frozen=True, slots=True)
class Site:
    """A portal as the web server has it.

    Attributes:
        key_hashes: the hash of the key of each e-mail address that may open the portal.
        policy: its Content-Security-Policy.
        state: where it has closed, everybody is refused.
        shut_out: who has an account but is not let in.
    """

    slug: str
    host: str
    path: str
    key_hashes: Mapping[str, str | None]
    policy: str
    state: PortalState = PortalState.OPEN
    shut_out: tuple[ShutOut, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether there is a portal to be seen."""
        return self.state in _HAS_A_PORTAL

    def list_users(self) -> dict[str, str | None]:
        """Return the key hashes by each spelling of an address: as recorded, and in lower case."""
        return {
            name: key_hash
            for email, key_hash in self.key_hashes.items()
            for name in dict.fromkeys((email, email.lower()))
        }


def find_visitors(
    records: CustomerRecords, terms: TermsHistory, as_of: date, state: PortalState | None = None
) -> PortalVisitors:
    """Return who may open a customer's portal in the course of ``as_of``.

    Without any terms in force nobody may. ``state`` is the portal's, if it is known better than
    from the records.
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
    return PortalVisitors(
        records.slug,
        state,
        tuple(item.account for item in standings if item.account in admitted),
        tuple(_list_shut_out(standings, admitted, limit)),
    )


def _admit(standings: Sequence[AccountStanding], as_of: date, limit: int) -> list[Account]:
    """Return the accounts that are let in: the oldest first, who leaves today last."""
    active = [item.account for item in standings if item.state is AccountState.ACTIVE]
    first = sorted(active, key=lambda account: (account.removed == as_of, account.created))
    admitted: dict[str, Account] = {}
    for account in first:
        admitted.setdefault(account.email.casefold(), account)
    return list(admitted.values())[:limit]


def _list_shut_out(
    standings: Sequence[AccountStanding], admitted: Sequence[Account], limit: int
) -> Iterator[ShutOut]:
    for item in standings:
        if item.state is not AccountState.ACTIVE:
            yield ShutOut(item.account.email, f"{item.state} after {item.last_day}")
        elif item.account not in admitted:
            yield ShutOut(item.account.email, f"the terms allow {limit} accounts")


def make_site(visitors: PortalVisitors, settings: ServerSettings, policy: str) -> Site:
    """Return the portal as the web server gets it; ``policy`` is its Content-Security-Policy.

    Raises:
        LedgerError: the customer's name cannot be part of an address.
    """
    slug, address, mode = visitors.slug, settings.address, settings.mode
    if settings.is_by_host and not is_host_label(slug):
        raise LedgerError(f"{slug} cannot be part of a host name", "serve it with --layout path")
    if not settings.is_by_host and mode is Mode.SSO and slug == _GATEWAY_PATH:
        raise LedgerError(
            f"the gateway has the path /{slug}/ already", "serve it with --layout host"
        )
    key_hashes: dict[str, str | None] = {}
    shut_out = list(visitors.shut_out)
    for account in visitors.accounts:
        if reason := _say_why_unusable(account, mode):
            shut_out.append(ShutOut(account.email, reason))
        else:
            key_hashes[account.email] = account.key_hash
    host, path = address.find_host(slug), address.find_path(slug)
    return Site(slug, host, path, key_hashes, policy, visitors.state, tuple(shut_out))


def _say_why_unusable(account: Account, mode: Mode) -> str:
    if not is_usable_address(account.email):
        return "a web server cannot take such an address"
    if mode is Mode.PASSWORD and account.key_hash is None:
        return "has no key: punchcard account key"
    if mode is Mode.PASSWORD and not is_key_hash(account.key_hash or ""):
        return "key_hash is no hash: punchcard account key"
    return ""
