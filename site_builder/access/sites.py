"""From who may come in to what a web server is told: addresses, hashes of keys, policies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ledger.access_keys import is_key_hash
from ledger.errors import LedgerError
from ledger.models import Account
from ledger.portal_address import Layout, PortalAddress, is_host_label
from site_builder.access.server_settings import Mode, ServerSettings, Site
from site_builder.access.server_text import is_usable_address
from site_builder.access.visitors import PortalVisitors, ShutOut
from site_builder.security_policy import write_policy

_GATEWAY_PATH = "oauth2"


class ServedPortal(NamedTuple):
    """A portal as the server gets it, and who has an account but is not let in."""

    visitors: PortalVisitors
    site: Site
    shut_out: tuple[ShutOut, ...]


def make_sites(
    all_visitors: Iterable[PortalVisitors], settings: ServerSettings, policies: Mapping[str, str]
) -> tuple[ServedPortal, ...]:
    """Return the portals to be served; a customer that never had one gets none.

    Args:
        all_visitors: who may see which portal.
        settings: how portals are served.
        policies: the Content-Security-Policy of each portal that was built.

    Raises:
        LedgerError: a customer's name cannot be part of an address.
    """
    return tuple(
        _make_site(visitors, settings, policies.get(visitors.slug) or write_policy(()))
        for visitors in all_visitors
        if visitors.has_or_had_one
    )


def _make_site(visitors: PortalVisitors, settings: ServerSettings, policy: str) -> ServedPortal:
    slug, address = visitors.slug, settings.address
    _require_usable_name(slug, address, settings.mode)
    unusable = _find_unusable(visitors.accounts, settings.mode)
    refused = {item.email for item in unusable}
    hashes = {
        account.email: account.key_hash
        for account in visitors.accounts
        if account.email not in refused
    }
    site = Site(
        slug, address.find_host(slug), address.find_path(slug), hashes, policy, visitors.is_open
    )
    return ServedPortal(visitors, site, (*visitors.shut_out, *unusable))


def _find_unusable(accounts: Sequence[Account], mode: Mode) -> list[ShutOut]:
    found = []
    for account in accounts:
        if not is_usable_address(account.email):
            found.append(ShutOut(account.email, "a web server cannot take such an address"))
        elif mode is Mode.PASSWORD and account.key_hash is None:
            found.append(ShutOut(account.email, "has no key: punchcard account key"))
        elif mode is Mode.PASSWORD and not is_key_hash(account.key_hash or ""):
            found.append(ShutOut(account.email, "key_hash is no hash: punchcard account key"))
    return found


def _require_usable_name(slug: str, address: PortalAddress, mode: Mode) -> None:
    if address.layout is Layout.HOST and not is_host_label(slug):
        raise LedgerError(f"{slug} cannot be part of a host name", "serve it with --layout path")
    if address.layout is Layout.PATH and mode is Mode.SSO and slug == _GATEWAY_PATH:
        raise LedgerError(
            f"the gateway has the path /{slug}/ already", "serve it with --layout host"
        )
