"""Who may open which portal, in the words of Caddy: one file, which it reads when it is reloaded.

Caddy spends seconds on a key of somebody it does not know (its remedy against guessing names by
the time an answer takes). A user's name is therefore looked at first: the beginning of the header
is enough for that.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from site_builder.access.closed_page import CLOSED_POLICY
from site_builder.access.server_settings import Mode, ServerSettings, Site
from site_builder.access.server_text import Verified, render, require_listen, require_url

CONFIGURATION = "Caddyfile"

_BYTES_A_GROUP = 3
_CHARACTERS_A_GROUP = 4


class _User(NamedTuple):
    name: str
    key_hash: str
    prefix: str


def make_caddy_files(settings: ServerSettings, sites: Sequence[Site]) -> dict[str, str]:
    """Return the text of every file, by its path in our folder."""
    listen = [require_listen(text) for text in settings.listen]
    certificate = settings.certificate
    binds = dict.fromkeys(text.rpartition(":")[0] for text in listen)
    text = render(
        CONFIGURATION,
        servers=_group_by_host(settings, sites),
        nobody=_name_any_host(settings),
        bind=" ".join(filter(None, binds)),
        certificate=certificate,
        is_encrypted=certificate is not None or not listen,
        is_sso=settings.mode is Mode.SSO,
        gateway=require_url(settings.gateway),
        closed_policy=CLOSED_POLICY,
        folder=settings.folder,
        log=settings.log,
    )
    return {CONFIGURATION: text}


def _group_by_host(settings: ServerSettings, sites: Sequence[Site]) -> list[dict[str, Any]]:
    hosts: dict[str, list[dict[str, Any]]] = {}
    for site in sites:
        hosts.setdefault(site.host, []).append(_describe(settings, site))
    return [
        {
            "addresses": _name_host(settings, host),
            "has_paths": not settings.is_by_host,
            "sites": shown,
        }
        for host, shown in hosts.items()
    ]


def _describe(settings: ServerSettings, site: Site) -> dict[str, Any]:
    return {
        "slug": site.slug,
        "policy": site.policy if site.is_open else CLOSED_POLICY,
        "is_open": site.is_open,
        "users": list(_list_users(settings.mode, site)),
        "root": settings.portals / site.slug,
        "realm": "Portal" if settings.is_by_host else f"Portal {site.slug}",
    }


def _list_users(mode: Mode, site: Site) -> Iterator[_User]:
    for email, hashed in site.key_hashes.items():
        for name in dict.fromkeys((email, email.lower())):
            if hashed or mode is Mode.SSO:
                yield _User(name, Verified(hashed or ""), _begin_credentials(name))


def _begin_credentials(name: str) -> str:
    """Return how the credentials of a user begin, whatever the key is."""
    start = f"{name}:".encode()
    whole = len(start) // _BYTES_A_GROUP * _CHARACTERS_A_GROUP
    return base64.b64encode(start).decode("ascii")[:whole]


def _name_host(settings: ServerSettings, host: str) -> str:
    """Return the addresses of a host, as a site's block begins with them."""
    scheme = "https" if settings.certificate else "http"
    ports = [text.rpartition(":")[2] for text in settings.listen]
    if not ports:
        return f"https://{host}"
    return ", ".join(f"{scheme}://{host}:{port}" for port in dict.fromkeys(ports))


def _name_any_host(settings: ServerSettings) -> str:
    return _name_host(settings, "") if settings.listen else "http://, https://"
