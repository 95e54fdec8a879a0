"""Builds the portals that need it, aside and on all cores, and swaps them in: all, or none.

A portal is kept if its fingerprint and its files are those of the manifest. Whatever fails or is
interrupted before the swap leaves the output folder as it was.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ledger.check import find_problems_of
from ledger.errors import LedgerError, Problem, Severity, UnknownNameError
from ledger.ledger import Ledger
from ledger.rules.context import RuleContext
from ledger.text import suggest_name
from ledger.workers import run_on_all_cores
from site_builder import output as folders
from site_builder.errors import require_no_errors
from site_builder.last_update import LastUpdates
from site_builder.look import find_configuration, read_style
from site_builder.make_view import view_folder
from site_builder.mkdocs.plugin import SiteBuilder
from site_builder.output import Fingerprints, Manifest, PortalRecord, hash_parts
from site_builder.pages.portal_site import render_portal
from site_builder.security_policy import find_policy
from site_builder.view import STATES_WITHOUT_PORTAL

_WRITTEN_SHARD = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True)
class Shard:
    """A fixed share of all customers: those whose name's hash says ``number`` of ``count``."""

    number: int
    count: int

    def holds(self, slug: str) -> bool:
        """Whether a customer is in the share; the same on every machine and in every version."""
        hashed = hashlib.sha256(slug.encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(hashed[:8], "big") % self.count == self.number - 1


def parse_shard(text: str) -> Shard:
    """Return the share written like ``2/8``; ``ValueError`` if it is none."""
    found = _WRITTEN_SHARD.fullmatch(text.strip())
    if found and int(found[1]) <= int(found[2]):
        return Shard(int(found[1]), int(found[2]))
    raise ValueError(f"{text!r} is no share of the portals; write 2/8 for the second of eight")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one customer: the portal's state, last day, policy, and hash of its files."""

    slug: str
    state: str = ""  # empty if nothing was built, for ``errors`` or another ``failure``
    last_day: date | None = None
    key: str = ""  # the prefix of the customer's requests, which no other customer may have
    policy: str = ""
    files: str = ""
    failure: str = ""
    errors: tuple[Problem, ...] = ()

    @property
    def has_portal(self) -> bool:
        """Whether the customer has a portal on the day."""
        return bool(self.state) and self.state not in STATES_WITHOUT_PORTAL

    @property
    def reason(self) -> str:
        """Why the customer has no portal, as people read it."""
        if self.state == "closed":
            return f"closed after {self.last_day}"
        return "has no purchase and no other service"


class BuildResult(NamedTuple):
    """The customers with a portal now, those without, and those who had one, in their order."""

    built: tuple[str, ...]
    missing: tuple[Outcome, ...]
    taken_away: frozenset[str]


class PortalWork:
    """Builds the portals of a ledger on one day, each into a folder below ``staged``."""

    def __init__(self, ledger: Ledger, as_of: date, configuration: Path, staged: Path) -> None:
        self._ledger, self._as_of, self._staged = ledger, as_of, staged
        self._style = read_style(configuration)
        self._builder = SiteBuilder(configuration)
        self._updates = LastUpdates(ledger, as_of)
        self.fingerprints = Fingerprints(ledger, as_of, configuration, self._updates.key)

    def build(self, slug: str) -> Outcome:
        """Check a customer's files, and build the portal if there is to be one."""
        organization, folder = self._ledger.organization, self._ledger.read_customer(slug)
        key = folder.records.customer.key or ""
        problems = find_problems_of(RuleContext(organization, folder, self._as_of))
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        if errors:
            return Outcome(slug, key=key, errors=tuple(errors))
        last_update = self._updates.find(folder.records)
        view = view_folder(self._ledger, folder, self._as_of, last_update)
        outcome = Outcome(slug, view.balance.portal.state, view.balance.portal.last_day, key)
        if not outcome.has_portal:
            return outcome
        portal = self._staged / slug
        self._builder.build(render_portal(view, self._style), portal)
        return replace(outcome, policy=find_policy(portal), files=folders.hash_folder(portal))


def build_portals(
    ledger: Ledger,
    output: Path,
    as_of: date,
    customers: Sequence[str] | Shard = (),
    on_customer: Callable[[str], None] = lambda _slug: None,
    configuration: Path | None = None,
    jobs: int = 1,
    *,
    rebuilds_all: bool = False,
) -> BuildResult:
    """Build the portals of ``customers``, or of all, into ``output``; or leave it as it was.

    The whole ledger is checked, and the portals of other customers stay as they are.
    ``on_customer`` is called after each customer with its slug; ``configuration`` is the
    ``mkdocs.yml`` to use, if not the work tree's or our own; ``jobs`` is the number of processes.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        UnknownNameError: there is no such customer.
        LedgerError: the output folder is somebody else's, cannot be written, or is being written
            by another build.
    """
    ledger.require_visible_files()
    output, slugs = output.resolve(), choose_slugs(ledger, customers)
    look = configuration or find_configuration(ledger.root)
    with folders.stage_folder(output) as staged:
        before = _read_output(output, slugs)
        work = PortalWork(ledger, as_of, look, staged)
        known = {slug: work.fingerprints.find(slug) for slug in ledger.slugs}
        checked = hash_parts(*known, *known.values()) if known and all(known.values()) else ""
        has_errors = any(problem.severity is Severity.ERROR for problem in ledger.problems)
        if rebuilds_all or has_errors or not checked or checked != before.checked:
            require_no_errors(ledger, as_of, jobs)

        def build(slug: str) -> tuple[Outcome, PortalRecord]:
            outcome = work.build(slug)
            return outcome, PortalRecord(
                as_of=as_of.isoformat(),
                revision=ledger.revision,
                content_security_policy=outcome.policy,
                # If somebody edited the files meanwhile, nobody knows which content was read.
                fingerprint=known[slug] if work.fingerprints.find(slug) == known[slug] else "",
                files=outcome.files,
            )

        kept = {
            slug: record
            for slug, record in before.portals.items()
            if slug in slugs and not rebuilds_all
            if record.fingerprint and record.fingerprint == known[slug]
            if record.files == folders.hash_folder(output / slug)
        }
        for slug in kept:
            folders.make_readable(output / slug)
            on_customer(slug)
        built, missing = {}, []
        todo = [slug for slug in slugs if slug not in kept]
        # Closed, so that no worker writes into the staged folder while it is removed.
        with closing(run_on_all_cores(build, todo[1:], jobs)) as others:
            # The first one is built here, so that all workers have what it loads and compiles.
            for outcome, record in chain(map(build, todo[:1]), others):
                if not outcome.state:
                    require_no_errors(ledger, as_of)
                    raise LedgerError(f"{outcome.slug} was changed meanwhile", "build again")
                if outcome.has_portal:
                    built[outcome.slug] = record
                else:
                    missing.append(outcome)
                on_customer(outcome.slug)
        portals = {
            slug: record
            for slug, record in before.portals.items()
            if not _is_chosen(slug, customers)
        }
        manifest = Manifest(checked=checked, portals={**portals, **kept, **built})
        gone = before.portals.keys() - manifest.portals.keys()
        if built or manifest != before or not (output / folders.MANIFEST_NAME).is_file():
            folders.write_manifest(manifest, output, staged, {*built, *gone})
    with_portal = tuple(slug for slug in slugs if slug in kept or slug in built)
    return BuildResult(with_portal, tuple(missing), frozenset(gone))


def _read_output(output: Path, slugs: Iterable[str]) -> Manifest:
    """Return the manifest of ``output``; refuse it if something there is not ours to replace."""
    if (output / folders.GENERATIONS_NAME).is_dir():
        hint = "use `punchcard portal publish`, or choose another folder with --output"
        raise LedgerError(f"{output} was published into, so it is left as it is", hint)
    before = folders.read_manifest(output)
    for slug in slugs:
        if slug not in before.portals and (output / slug).exists():
            message = f"{output / slug} was not built by us, so it is left as it is"
            raise LedgerError(message, "move it away, or choose another folder with --output")
    return before


def choose_slugs(ledger: Ledger, customers: Sequence[str] | Shard) -> tuple[str, ...]:
    """Return the customers that are named, or in a share, or all; ``UnknownNameError`` if not."""
    for slug in () if isinstance(customers, Shard) else customers:
        if slug not in ledger.slugs:
            nearest = suggest_name(slug, ledger.slugs)
            raise UnknownNameError(f"there is no customer {slug!r}", nearest)
    return tuple(slug for slug in ledger.slugs if _is_chosen(slug, customers))


def _is_chosen(slug: str, customers: Sequence[str] | Shard) -> bool:
    if isinstance(customers, Shard):
        return customers.holds(slug)
    return not customers or slug in customers
