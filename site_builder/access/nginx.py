"""Who may open which portal, in the words of nginx.

Host names, headers and policies are in ``nginx.conf``; they take effect with a reload. Who may come
in is in files that nginx reads at each request: with keys a file of users a portal, with a gateway
an empty file for each address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from site_builder.access.closed_page import CLOSED_POLICY
from site_builder.access.server_settings import LISTED, USERS, Mode, ServerSettings, Site
from site_builder.access.server_text import Verified, render, require_listen, require_url

CONFIGURATION = "nginx.conf"

_DEFAULT_LENGTH = 40
_DEFAULT_COUNT = 64


class _HashSizes(NamedTuple):
    """How much room nginx needs for the host names, if more than it takes by itself."""

    names: int
    length: int


def make_nginx_files(settings: ServerSettings, sites: Sequence[Site]) -> dict[str, str]:
    """Return the text of every file, by its path in our folder."""
    files = {CONFIGURATION: _make_configuration(settings, sites)}
    for site in sites:
        files.update(_make_lists(settings.mode, site))
    return files


def _make_lists(mode: Mode, site: Site) -> Iterator[tuple[str, str]]:
    names = _spell_addresses(site.key_hashes)
    if mode is Mode.SSO:
        yield from ((f"{LISTED}/{site.slug}/{name}", "") for name in names)
    else:
        lines = (f"{name}:{hashed}\n" for name, hashed in names.items() if hashed)
        yield f"{USERS}/{site.slug}", "".join(lines)


def _spell_addresses(key_hashes: Mapping[str, str | None]) -> dict[str, str | None]:
    """Return the addresses as people may write them: as recorded, and in small letters."""
    return {
        name: hashed
        for email, hashed in key_hashes.items()
        for name in dict.fromkeys((email, email.lower()))
    }


def _make_configuration(settings: ServerSettings, sites: Sequence[Site]) -> str:
    certificate = settings.certificate
    ports = [require_listen(text) for text in settings.listen or (_default_port(settings),)]
    shown = [_describe(settings, site) for site in sites]
    return render(
        "nginx.conf",
        sites=shown,
        servers=_group_by_host(shown),
        hash_sizes=_find_hash_sizes([site.host for site in sites]),
        listen=[f"{port} ssl" if certificate else port for port in ports],
        certificate=certificate,
        closed_policy=CLOSED_POLICY,
        is_by_host=settings.is_by_host,
        is_sso=settings.mode is Mode.SSO,
        user=Verified("$punchcard_email" if settings.mode is Mode.SSO else "$remote_user"),
        gateway=require_url(settings.gateway),
        folder=settings.folder,
        log=settings.log,
    )


def _describe(settings: ServerSettings, site: Site) -> dict[str, Any]:
    by_host = settings.is_by_host
    return {
        "slug": site.slug,
        "host": site.host,
        "policy": site.policy if site.is_open else CLOSED_POLICY,
        "is_open": site.is_open,
        "root": settings.portals / site.slug if by_host else settings.portals,
        "location": "/" if by_host else Verified(f"~ ^/{site.slug}(/|$)"),
        "realm": "Portal" if by_host else f"Portal {site.slug}",
    }


def _group_by_host(shown: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    hosts: dict[str, list[dict[str, Any]]] = {}
    for site in shown:
        hosts.setdefault(site["host"], []).append(site)
    return [{"host": host, "sites": sites} for host, sites in hosts.items()]


def _default_port(settings: ServerSettings) -> str:
    return "443" if settings.certificate else "80"


def _find_hash_sizes(hosts: Sequence[str]) -> _HashSizes | None:
    """Return the sizes for many or long names; nginx refuses to start if they are too small."""
    longest = max((len(host) for host in hosts), default=0)
    if longest <= _DEFAULT_LENGTH and len(hosts) <= _DEFAULT_COUNT:
        return None
    return _HashSizes(max(512, 8 * len(hosts)), 512 if longest > 2 * _DEFAULT_LENGTH else 128)
