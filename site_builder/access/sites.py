"""The operator's settings of the web server, and who may open which portal with them on a day."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from ledger.balance.portal_life import AccountState, PortalState, find_account_standings
from ledger.balance.summary import compute_balance
from ledger.errors import LedgerError
from ledger.intake.access_keys import Layout, PortalAddress
from ledger.models import Account, CustomerRecords, TermsHistory
from ledger.models.fields import LABEL
from ledger.text import fold_address

_LISTEN = re.compile(r"(?:(?P<host>[0-9.]+|\[[0-9a-f:]+\]):)?(?P<port>[0-9]{1,5})")
_SOCKET = re.compile(r"/[\w./-]+")
_URL = re.compile(r"http://(?:[a-z0-9.-]+|\[[0-9a-f:]+\]):[0-9]{1,5}")
_HAS_A_PORTAL = frozenset({PortalState.OPEN, PortalState.CLOSING})
_GATEWAY_PATH = "oauth2"
_LONGEST_NAME = 250  # in bytes, of a file that begins with five more until it is whole


class Server(StrEnum):
    """The web servers whose configuration can be written."""

    NGINX = "nginx"
    CADDY = "caddy"


class Mode(StrEnum):
    """How the server knows who somebody is: by a key, or from a gateway."""

    PASSWORD = "password"  # noqa: S105  # the mode's name
    SSO = "sso"


class Certificate(NamedTuple):
    """A certificate for all host names, and its key."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The operator's settings."""

    server: Server
    mode: Mode
    address: PortalAddress
    folder: Path  # the folder of our files, as the server finds it
    portals: Path  # the folder of the portals
    log: Path  # the server's log of the portals
    listen: tuple[str, ...] = ()  # ports, or addresses and ports; empty for the server's usual ones
    # None if the server gets its own, or another server in front encrypts
    certificate: Certificate | None = None
    gateway: str = "http://127.0.0.1:4180"  # the URL of the single sign-on gateway
    # the socket of the service that takes forms, or its address and port; None: none
    intake: str | None = None

    @property
    def is_by_host(self) -> bool:
        """Whether each customer has a host name of its own."""
        return self.address.layout is Layout.HOST

    def require_valid(self) -> None:
        """Refuse what is no port to listen on, no gateway or no service, with a LedgerError."""
        for text in self.listen:
            if not _LISTEN.fullmatch(text):
                hint = "write 8080 or 127.0.0.1:8080"
                raise LedgerError(f"{text!r} is nothing to listen on", hint)
        if not _URL.fullmatch(self.gateway):
            hint = "write it like http://127.0.0.1:4180"
            raise LedgerError(f"{self.gateway!r} is no gateway", hint)
        if self.intake and not (_SOCKET.fullmatch(self.intake) or _LISTEN.fullmatch(self.intake)):
            hint = "write /run/punchcard/intake.sock or 127.0.0.1:8084"
            raise LedgerError(f"{self.intake!r} is no place of a service", hint)


class ShutOut(NamedTuple):
    """An account that may not open the portal, and why."""

    email: str
    reason: str


@dataclass(frozen=True, slots=True)
class Site:
    """A portal, and who may open it."""

    slug: str
    state: PortalState  # of the portal; where it has closed, everybody is refused
    # the accounts that are let in; none unless the portal is open
    accounts: tuple[Account, ...] = ()
    shut_out: tuple[ShutOut, ...] = ()  # the other accounts, in the order of the file
    last_day: date | None = None  # on which a portal that has closed was open
    policy: str = ""  # the portal's Content-Security-Policy
    language: str | None = None  # that the customer chose, if it did
    nowhere: str = ""  # why it cannot be served with these settings; empty if it can

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
    """Return who may open a portal on a day, nobody without terms; ``state`` if known better."""
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
    """Return a portal without the accounts, maybe all, that the web server cannot know."""
    nowhere = ""
    if settings.is_by_host and not re.fullmatch(LABEL, site.slug):
        nowhere = f"{site.slug} cannot be part of a host name: serve it with --layout path"
    elif not settings.is_by_host and settings.mode is Mode.SSO and site.slug == _GATEWAY_PATH:
        nowhere = f"the gateway has the path /{site.slug}/ already: serve it with --layout host"
    accounts, shut_out = list[Account](), [*site.shut_out]
    for account in site.accounts:
        reason, names = nowhere, spell_address(account.email)
        if not reason and any(len(name.encode()) > _LONGEST_NAME for name in names):
            reason = "a web server cannot take such an address"
        if not reason and settings.mode is Mode.PASSWORD and account.key_hash is None:
            reason = "has no key: punchcard account key"
        if reason:
            shut_out.append(ShutOut(account.email, reason))
        else:
            accounts.append(account)
    return replace(site, accounts=tuple(accounts), shut_out=tuple(shut_out), nowhere=nowhere)
