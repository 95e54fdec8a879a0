"""Writes who may open which portal, from a ledger, into the folder that a web server reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ledger.errors import LedgerError, Problem, Severity
from ledger.figures.portal_life import PortalState
from ledger.loader import Ledger
from ledger.models import Provider
from ledger.reading.customer_folder import CustomerFolder
from site_builder.access import caddy, nginx
from site_builder.access.access_folder import (
    AccessState,
    digest_file,
    hold_folder,
    write_access_files,
    write_state,
)
from site_builder.access.closed_page import make_closed_page
from site_builder.access.server_settings import PAGES, Mode, Server, ServerSettings
from site_builder.access.sites import ServedPortal, make_sites
from site_builder.access.visitors import PortalVisitors, find_visitors
from site_builder.errors import LedgerHasErrorsError
from site_builder.output_folder import Manifest, read_manifest

_WRITERS = {
    Server.NGINX: (nginx.CONFIGURATION, nginx.make_nginx_files),
    Server.CADDY: (caddy.CONFIGURATION, caddy.make_caddy_files),
}
_SAYS_WHETHER_THERE_IS_A_PORTAL = frozenset({"customer", "purchases", "adjustments"})


class NobodyKnownError(LedgerHasErrorsError):
    """The provider's own files cannot be read, so nobody knows who may come in."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems)
        self.message = "provider.yml or terms.yml cannot be read, so everything stays as it was"


@dataclass(frozen=True, slots=True)
class WrittenAccess:
    """What was written.

    Attributes:
        portals: those that are served.
        not_built: the customers with a portal that lies nowhere yet.
        changed: the files that were written or removed.
        problems: errors in the files that say who may come in; what could be read was taken.
        needs_reload: whether the server has yet to read its configuration.
    """

    portals: tuple[ServedPortal, ...]
    not_built: tuple[str, ...]
    changed: tuple[str, ...]
    problems: tuple[Problem, ...]
    needs_reload: bool


def write_access(
    ledger: Ledger,
    settings: ServerSettings,
    as_of: date,
    reload: Callable[[], None] | None,
    *,
    allows_earlier: bool = False,
    on_customer: Callable[[str], None] | None = None,
) -> WrittenAccess:
    """Write who may open which portal on a day.

    Args:
        ledger: the ledger.
        settings: the server's.
        as_of: the day.
        reload: makes the server read its configuration.
        allows_earlier: whether the day may lie before that of the last run.
        on_customer: called after each customer with its name, to show progress.

    Raises:
        LedgerError: it could not all be written, or the server did not read it.
    """
    provider = _require_readable(ledger)
    _require_apart(settings.folder, settings.portals)
    manifest = read_manifest(settings.portals)
    found, problems = [], []
    for folder in ledger.read_customers():
        found.append(_find_visitors(folder, ledger, manifest, as_of))
        problems += _list_doubts(folder)
        if on_customer is not None:
            on_customer(folder.slug)
    policies = {slug: record.content_security_policy for slug, record in manifest.portals.items()}
    portals = make_sites(found, settings, policies)
    files = _make_files(portals, settings, provider)
    with hold_folder(settings.folder) as state:
        _require_not_earlier(state, as_of, allowed=allows_earlier)
        changed, needs_reload = _write(settings, files, state, as_of, reload)
    return WrittenAccess(
        portals=portals,
        not_built=tuple(
            item.site.slug
            for item in portals
            if item.site.is_open and item.site.slug not in manifest.portals
        ),
        changed=changed,
        problems=tuple(problems),
        needs_reload=needs_reload,
    )


def _require_readable(ledger: Ledger) -> Provider:
    organization = ledger.organization
    if organization.provider is None or "terms" in organization.incomplete_kinds:
        raise NobodyKnownError(organization.problems)
    return organization.provider


def _require_apart(folder: Path, portals: Path) -> None:
    one, other = folder.resolve(), portals.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        raise LedgerError(
            f"{folder} and {portals} lie in one another", "what is in there would be served"
        )


def _find_visitors(
    folder: CustomerFolder, ledger: Ledger, manifest: Manifest, as_of: date
) -> PortalVisitors:
    """Return who may come in; where the records do not say it, the portal that is there stays."""
    state = None
    if not folder.incomplete_kinds.isdisjoint(_SAYS_WHETHER_THERE_IS_A_PORTAL):
        state = PortalState.OPEN if folder.slug in manifest.portals else PortalState.NONE
    return find_visitors(folder.records, ledger.organization.terms, as_of, state)


def _list_doubts(folder: CustomerFolder) -> list[Problem]:
    doubtful = _SAYS_WHETHER_THERE_IS_A_PORTAL | {"accounts"}
    if folder.incomplete_kinds.isdisjoint(doubtful):
        return []
    return [problem for problem in folder.problems if problem.severity is Severity.ERROR]


def _make_files(
    portals: Sequence[ServedPortal], settings: ServerSettings, provider: Provider
) -> dict[str, str]:
    _name, make = _WRITERS[settings.server]
    files = make(settings, [item.site for item in portals])
    for item in portals:
        slug = item.site.slug
        files[f"{PAGES}/{slug}.html"] = make_closed_page(
            provider.contacts.requests,
            settings.address,
            slug,
            has_gateway=settings.mode is Mode.SSO,
        )
    return files


def _require_not_earlier(state: AccessState, as_of: date, *, allowed: bool) -> None:
    if state.as_of is None or allowed or as_of >= date.fromisoformat(state.as_of):
        return
    raise LedgerError(
        f"{as_of} lies before {state.as_of}, the day of the last run: is the clock right?",
        "accounts that have ended would come back; --allow-earlier if that is meant",
    )


def _write(
    settings: ServerSettings,
    files: dict[str, str],
    state: AccessState,
    as_of: date,
    reload: Callable[[], None] | None,
) -> tuple[tuple[str, ...], bool]:
    """Write the files, and let the server read its configuration if it has to."""
    name, _make = _WRITERS[settings.server]
    write_state(settings.folder, AccessState(as_of.isoformat(), state.loaded))
    changed = write_access_files(settings.folder, files, last=name)
    now = digest_file(settings.folder / name)
    if reload is None:
        return changed, name in changed
    # Caddy is asked every time: it knows by itself whether anything is new.
    if now != state.loaded or settings.server is Server.CADDY:
        reload()
        write_state(settings.folder, AccessState(as_of.isoformat(), now))
    return changed, False
