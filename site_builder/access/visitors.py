"""Who may open a customer's portal on a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ledger.balance.portal_life import AccountState, PortalState, find_account_standings
from ledger.balance.summary import compute_balance
from ledger.intake.access_keys import is_host_label
from ledger.models import Account, CustomerRecords, TermsHistory
from ledger.text import fold_address
from site_builder.access.settings import Mode, ServerSettings

_HAS_A_PORTAL = frozenset({PortalState.OPEN, PortalState.CLOSING})
_GATEWAY_PATH = "oauth2"
_LONGEST_NAME = 250  # in bytes, of a file that begins with five more until it is whole


class ShutOut(NamedTuple):
    """An account that may not open the portal, and why."""

    email: str
    reason: str


@dataclass(frozen=True, slots=True)
class Site:
    """A portal, and who may open it.

    Attributes:
        state: of the portal; where it has closed, everybody is refused.
        accounts: the accounts that are let in; none unless the portal is open.
        shut_out: the other accounts, in the order of the file.
        last_day: on which a portal that has closed was open.
        policy: the portal's Content-Security-Policy.
        language: that the customer chose, if it did.
        nowhere: why it cannot be served with these settings; empty if it can.
    """

    slug: str
    state: PortalState
    accounts: tuple[Account, ...] = ()
    shut_out: tuple[ShutOut, ...] = ()
    last_day: date | None = None
    policy: str = ""
    language: str | None = None
    nowhere: str = ""

    @property
    def is_open(self) -> bool:
        """Whether there is a portal to be seen."""
        return self.state in _HAS_A_PORTAL

    @property
    def key_hashes(self) -> Mapping[str, str]:
        """The key hashes by each spelling of an address: see ``spell_address``."""
        return {
            name: account.key_hash or ""
            for account in self.accounts
            for name in spell_address(account.email)
        }


def spell_address(email: str) -> tuple[str, ...]:
    """Return an address as it is recorded, and as telephones and people in a hurry write it."""
    small = email.lower()
    return tuple(dict.fromkeys((email, small, small[0].upper() + small[1:], small.upper())))


def find_visitors(
    records: CustomerRecords, terms: TermsHistory, as_of: date, state: PortalState | None = None
) -> Site:
    """Return who may open a customer's portal in the course of ``as_of``.

    Without any terms in force nobody may. ``state`` is the portal's, if it is known better than
    from the records.
    """
    last_day = None
    if state is None:
        portal = compute_balance(records, terms, as_of).portal
        state, last_day = portal.state, portal.last_day
    in_force = terms.in_force_on(as_of)
    limit = 0 if in_force is None else in_force.account_limit
    standings = find_account_standings(records, terms, as_of)
    # Of the active accounts the oldest come in first, and who leaves today comes last.
    active = [each.account for each in standings if each.state is AccountState.ACTIVE]
    first: dict[str, Account] = {}
    for account in sorted(active, key=lambda each: (each.removed == as_of, each.created)):
        first.setdefault(fold_address(account.email), account)
    admitted = list(first.values())[:limit] if state in _HAS_A_PORTAL else []
    shut_out = []
    for standing in standings:
        if standing.account in admitted:
            continue
        if state not in _HAS_A_PORTAL:
            reason = f"the portal is {state}"
        elif standing.state is not AccountState.ACTIVE:
            reason = f"{standing.state} after {standing.last_day}"
        else:
            reason = f"the terms allow {limit} accounts"
        shut_out.append(ShutOut(standing.account.email, reason))
    accounts = tuple(each.account for each in standings if each.account in admitted)
    closed_on = last_day if state is PortalState.CLOSED else None
    return Site(records.slug, state, accounts, tuple(shut_out), closed_on)


def leave_out_unusable(site: Site, settings: ServerSettings) -> Site:
    """Return the portal without the accounts that the web server cannot know.

    That is none of them if it cannot serve the portal.
    """
    nowhere = _say_why_nowhere(site.slug, settings)
    reasons = {each: nowhere or _say_why_unusable(each, settings.mode) for each in site.accounts}
    unusable = (ShutOut(each.email, reason) for each, reason in reasons.items() if reason)
    accounts = tuple(account for account, reason in reasons.items() if not reason)
    shut_out = (*site.shut_out, *unusable)
    return replace(site, accounts=accounts, shut_out=shut_out, nowhere=nowhere)


def _say_why_nowhere(slug: str, settings: ServerSettings) -> str:
    if settings.is_by_host and not is_host_label(slug):
        return f"{slug} cannot be part of a host name: serve it with --layout path"
    if not settings.is_by_host and settings.mode is Mode.SSO and slug == _GATEWAY_PATH:
        return f"the gateway has the path /{slug}/ already: serve it with --layout host"
    return ""


def _say_why_unusable(account: Account, mode: Mode) -> str:
    if any(len(name.encode()) > _LONGEST_NAME for name in spell_address(account.email)):
        return "a web server cannot take such an address"
    if mode is Mode.PASSWORD and account.key_hash is None:
        return "has no key: punchcard account key"
    return ""
