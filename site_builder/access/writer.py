"""Writes who may open which portal into the folder that a web server reads.

A file is written aside and renamed, so that the server finds the old one or the new one. What is
as it was is not touched. The files of people come first and the configuration last: who may not
come in any more is out before anything else happens.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path

from pydantic import BaseModel

from ledger.balance.portal_life import PortalState
from ledger.errors import LedgerError, Problem, Severity
from ledger.files.durable_files import ASIDE, hold_lock, replace_durably
from ledger.ledger import Ledger
from site_builder.access import server_files
from site_builder.access.sites import (
    Server,
    ServerSettings,
    Site,
    find_visitors,
    leave_out_unusable,
)
from site_builder.errors import LedgerHasErrorsError, refuse_jump
from site_builder.look import find_configuration, read_style
from site_builder.output import PortalRecord, read_manifest
from site_builder.pages.environment import DEFAULT_STYLE, PageStyle, make_renderer
from site_builder.security_policy import write_policy

_STATE_NAME = "punchcard-access.json"
_LOCK_NAME = ".lock"
_FILE_MODE, _FOLDER_MODE = 0o640, 0o750
_SAY_WHETHER_THERE_IS_A_PORTAL = frozenset({"customer", "purchases", "adjustments"})


@dataclass(frozen=True, slots=True)
class WrittenAccess:
    """What was written."""

    sites: tuple[Site, ...]  # the portals that are served
    not_built: tuple[str, ...]  # the customers with a portal that lies nowhere yet
    changed: tuple[str, ...]  # the files that were written or removed
    # errors in the files that say who may come in; what could be read was taken
    problems: tuple[Problem, ...]
    needs_reload: bool  # whether the server has yet to read its configuration


class AccessState(BaseModel, frozen=True):
    """What was written last, if anything; ``loaded``: the SHA-256 of what the server read last."""

    format: int = 1
    as_of: date | None = None
    loaded: str | None = None

    def write(self, folder: Path) -> None:
        """Remember it in our ``folder``."""
        _write(folder, _STATE_NAME, self.model_dump_json(indent=2) + "\n")


def write_access(
    ledger: Ledger,
    settings: ServerSettings,
    as_of: date,
    reload: Callable[[], None] | None,
    *,
    allows_earlier: bool = False,
    is_by_clock: bool = False,
    on_customer: Callable[[str], None] = lambda _slug: None,
) -> WrittenAccess:
    """Write who may open which portal on a day, and let the server ``reload`` if that is needed.

    The day may lie before that of the last run only if ``allows_earlier``, and not long after it if
    ``is_by_clock``. ``on_customer`` is called with the slug of each customer that was read.

    Raises:
        LedgerError: it could not all be written, or the server did not read it.
    """
    ledger.require_visible_files()
    organization, folder = ledger.organization, settings.folder
    if organization.provider is None or "terms" in organization.incomplete_kinds:
        unknown = LedgerHasErrorsError(organization.problems)
        unknown.message = "provider.yml or terms.yml cannot be read, so everything stays as it was"
        raise unknown
    one, other = folder.resolve(), settings.portals.resolve()
    if one.is_relative_to(other) or other.is_relative_to(one):
        message = f"{folder} and {settings.portals} lie in one another"
        raise LedgerError(message, "what is in there would be served")
    built = read_manifest(settings.portals).portals
    sites, problems = _find_sites(ledger, settings, as_of, built, on_customer)
    served = [site for site in sites if not site.nowhere]
    terms, style = organization.terms.applying_to(as_of), _read_style(ledger.root)
    files = server_files.make_server_files(settings, served, organization.provider, terms, style)
    configuration = server_files.CONFIGURATIONS[settings.server]
    with hold_folder(folder) as before:
        if before.as_of is not None and as_of < before.as_of and not allows_earlier:
            last = f"{before.as_of}, the day of the last run"
            hint = "accounts that have ended would come back; --allow-earlier if that is meant"
            raise LedgerError(f"{as_of} lies before {last}: is the clock right?", hint)
        if is_by_clock:
            refuse_jump(as_of, before.as_of, "the day of the last run")
        before.model_copy(update={"as_of": as_of}).write(folder)
        changed = write_access_files(folder, files, last=configuration)
        if reload is not None:
            now = hashlib.sha256((folder / configuration).read_bytes()).hexdigest()
            # Caddy is asked every time: it knows by itself whether anything is new.
            if now != before.loaded or settings.server is Server.CADDY:
                reload()
                AccessState(as_of=as_of, loaded=now).write(folder)
    return WrittenAccess(
        sites=tuple(sites),
        not_built=tuple(site.slug for site in sites if site.is_open and site.slug not in built),
        changed=changed,
        problems=tuple(problems),
        needs_reload=reload is None and configuration in changed,
    )


def _read_style(root: Path | None) -> PageStyle:
    """Return the look's style, or ours if that cannot be used: nobody comes in because of words."""
    try:
        style = read_style(find_configuration(root))
        make_renderer(style)
    except LedgerError:
        return DEFAULT_STYLE
    return style


def _find_sites(
    ledger: Ledger,
    settings: ServerSettings,
    as_of: date,
    built: Mapping[str, PortalRecord],
    on_customer: Callable[[str], None],
) -> tuple[list[Site], list[Problem]]:
    """Return the portals and who may open them, and the errors in files that say so."""
    sites: list[Site] = []
    problems: list[Problem] = []
    for read in ledger.read_customers():
        state = None
        if not read.incomplete_kinds.isdisjoint(_SAY_WHETHER_THERE_IS_A_PORTAL):
            # Where the records do not say whether there is a portal, the one that is there stays.
            state = PortalState.OPEN if read.slug in built else PortalState.NONE
        site = find_visitors(read.records, ledger.organization.terms, as_of, state)
        if site.state is not PortalState.NONE:
            policy = built[read.slug].content_security_policy if read.slug in built else ""
            language = read.records.customer.language
            site = replace(site, policy=policy or write_policy(()), language=language)
            sites.append(leave_out_unusable(site, settings))
        if not read.incomplete_kinds.isdisjoint(_SAY_WHETHER_THERE_IS_A_PORTAL | {"accounts"}):
            problems += [each for each in read.problems if each.severity is Severity.ERROR]
        on_customer(read.slug)
    return sites, problems


@contextmanager
def hold_folder(folder: Path) -> Iterator[AccessState]:
    """Hold ``folder`` and yield what was written last; a LedgerError if it is not ours to write."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        state = _read_state(folder)
        with hold_lock(folder / _LOCK_NAME):
            for leftover in folder.rglob(f"{ASIDE}*"):  # of a run that was killed
                with suppress(OSError):
                    leftover.unlink()
            yield state
    except OSError as error:
        hint = "until this works, people may still come in who should not"
        raise LedgerError(f"cannot write to {folder}: {error.strerror or error}", hint) from error


def _read_state(folder: Path) -> AccessState:
    try:
        return AccessState.model_validate_json((folder / _STATE_NAME).read_bytes())
    except FileNotFoundError:
        if all(entry.name == _LOCK_NAME for entry in folder.iterdir()):
            return AccessState()
        message = f"{folder} is neither empty nor written by this command, so it is left as it is"
        raise LedgerError(message, "choose another with --to") from None
    except ValueError as error:
        hint = "remove it, and what else is there"
        raise LedgerError(f"{folder / _STATE_NAME} cannot be read", hint) from error


def write_access_files(folder: Path, files: Mapping[str, str], last: str) -> tuple[str, ...]:
    """Make ``files`` (texts by path) those of our ``folder``, and return the paths that changed.

    The file ``last`` is written after all others; it is never removed. If not everything can be
    written, each file is the old or the new one.
    """
    ours = (server_files.USERS, server_files.LISTED, server_files.PAGES)
    own = (path for name in ours for path in (folder / name).rglob("*") if not path.is_dir())
    removed = sorted({path.relative_to(folder).as_posix() for path in own} - files.keys())
    for name in removed:
        (folder / name).unlink()
    for empty in sorted((folder / server_files.LISTED).glob("*/")):
        with suppress(OSError):
            empty.rmdir()
    order = sorted(files, key=lambda name: (name == last, name))
    return (*removed, *(name for name in order if _write(folder, name, files[name])))


def _write(folder: Path, name: str, text: str) -> bool:
    """Write a file unless it has this text already; return whether it was written."""
    path, content = folder / name, text.encode()
    if path.exists() and path.read_bytes() == content:
        return False
    for parent in reversed(path.relative_to(folder).parents[:-1]):
        if not (folder / parent).is_dir():
            (folder / parent).mkdir()
            _share_with_group(folder, _FOLDER_MODE, folder / parent)
    share = partial(_share_with_group, folder, _FILE_MODE)
    replace_durably(path, content, mode=_FILE_MODE, prepare=share)
    return True


def _share_with_group(folder: Path, mode: int, file: Path | int) -> None:
    """Give a file or folder (a path or a descriptor) its mode, and the group of our folder."""
    os.chmod(file, mode)  # noqa: PTH101  # a descriptor, or a path
    group = folder.stat().st_gid
    if os.stat(file).st_gid != group:  # noqa: PTH116  # as above
        os.chown(file, -1, group)
