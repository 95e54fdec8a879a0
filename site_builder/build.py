"""Builds the portals that need it, aside and on all cores, and swaps them in: all, or none.

A portal is kept if its fingerprint and its files are those of the manifest. Whatever fails or is
interrupted before the swap leaves the output folder as it was.
"""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from ledger.check import find_problems_of
from ledger.errors import LedgerError, Severity, UnknownNameError
from ledger.ledger import Ledger
from ledger.text import suggest_name
from ledger.workers import run_on_all_cores
from site_builder.errors import require_no_errors
from site_builder.fingerprint import Fingerprints, hash_parts
from site_builder.last_update import LastUpdates
from site_builder.look import find_configuration, read_style
from site_builder.make_view import view_folder
from site_builder.mkdocs.builder import SiteBuilder
from site_builder.output import (
    MANIFEST_NAME,
    Manifest,
    PortalRecord,
    carry_over,
    explaining_write_errors,
    hash_folder,
    lock_output,
    read_manifest,
    refuse_foreign_entries,
    refuse_published,
    stage_folder,
    swap_in,
)
from site_builder.pages.portal_site import render_portal
from site_builder.security_policy import find_policy
from site_builder.view import STATES_WITHOUT_PORTAL

_Result = TypeVar("_Result")

_NEVER_BOUGHT = "has no purchase and no other service"
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
    shard = Shard(int(found[1]), int(found[2])) if found else None
    if shard is None or shard.number > shard.count:
        raise ValueError(f"{text!r} is no share of the portals; write 2/8 for the second of eight")
    return shard


class BuiltPortal(NamedTuple):
    """A portal that was built or kept, and its first page."""

    slug: str
    page: Path


class MissingPortal(NamedTuple):
    """A customer without a portal, whose ``state`` is ``closed`` or ``none``."""

    slug: str
    state: str
    last_day: date | None
    was_taken_away: bool


def say_why_no_portal(state: str, last_day: date | None) -> str:
    """Return why a customer has no portal, as people read it."""
    return f"closed after {last_day}" if state == "closed" else _NEVER_BOUGHT


class BuildResult(NamedTuple):
    """What a build did, in the order of the customers."""

    built: tuple[BuiltPortal, ...]
    missing: tuple[MissingPortal, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one customer in a build.

    Attributes:
        state: of the portal; empty if the files have errors.
        last_day: of the portal, if it has one.
        key: the prefix of the customer's requests, which no other customer may have.
        policy: the Content-Security-Policy of the portal.
        has_errors: whether the customer's files have errors; nothing was built then.
    """

    slug: str
    state: str = ""
    last_day: date | None = None
    key: str = ""
    policy: str = ""
    has_errors: bool = False

    @property
    def has_portal(self) -> bool:
        """Whether the customer has a portal on the day."""
        return bool(self.state) and self.state not in STATES_WITHOUT_PORTAL


class PortalWork:
    """Builds the portals of a ledger on one day, each into a folder below ``staged``."""

    def __init__(self, ledger: Ledger, as_of: date, configuration: Path, staged: Path) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._staged = staged
        self._style = read_style(configuration)
        self._builder = SiteBuilder(configuration)
        self._updates = LastUpdates(ledger, as_of)
        self.fingerprints = Fingerprints(ledger, as_of, configuration, self._updates.key)

    def build(self, slug: str) -> Outcome:
        """Check a customer's files, and build the portal if there is to be one."""
        organization, folder = self._ledger.organization, self._ledger.read_customer(slug)
        key = folder.records.customer.key or ""
        problems = find_problems_of(organization, folder, self._as_of)
        if any(problem.severity is Severity.ERROR for problem in problems):
            return Outcome(slug, key=key, has_errors=True)
        last_update = self._updates.find(folder.records)
        view = view_folder(self._ledger, folder, self._as_of, last_update)
        outcome = Outcome(slug, view.balance.portal.state, view.balance.portal.last_day, key)
        if not outcome.has_portal:
            return outcome
        self._builder.build(render_portal(view, self._style), self._staged / slug)
        return replace(outcome, policy=find_policy(self._staged / slug))

    def run(
        self, build: Callable[[str], _Result], slugs: Sequence[str], jobs: int
    ) -> Generator[_Result]:
        """Yield what ``build`` returns for each customer, in order.

        Portals are built in this process up to the first one that MkDocs has written, so that the
        workers, which are forks, have the configuration, the templates and the theme's files.
        """
        for number, slug in enumerate(slugs):
            if self._builder.has_built:
                gc.freeze()  # What the workers inherit need not be collected in each of them.
                yield from run_on_all_cores(build, slugs[number:], jobs)
                return
            yield build(slug)


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

    Args:
        ledger: all of it, so that an error anywhere is seen.
        output: a folder that is missing, empty or ours.
        as_of: the day whose evening the portals show.
        customers: whose portals to build; the others' stay as they are.
        on_customer: called after each customer with its slug, to show progress.
        configuration: the ``mkdocs.yml`` to use, if not the work tree's or our own.
        jobs: how many processes to use.
        rebuilds_all: whether to build what need not be built, too.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        UnknownNameError: there is no such customer.
        LedgerError: the output folder is somebody else's, cannot be written, or is being written
            by another build.
    """
    output = output.resolve()
    slugs = choose_slugs(ledger, customers)
    if any(problem.severity is Severity.ERROR for problem in ledger.problems):
        require_no_errors(ledger, as_of)
    refuse_published(output)
    with lock_output(output):
        before = read_manifest(output)
        refuse_foreign_entries(output, before, slugs)
        with explaining_write_errors(output), stage_folder(output) as staged:
            configuration = configuration or find_configuration(ledger.root)
            work = PortalWork(ledger, as_of, configuration, staged)
            known = {slug: work.fingerprints.find(slug) for slug in ledger.slugs}
            checked = hash_parts(*known, *known.values()) if known and all(known.values()) else ""
            if rebuilds_all or not checked or checked != before.checked:
                require_no_errors(ledger, as_of, jobs)
            wanted = {} if rebuilds_all else {slug: known[slug] for slug in slugs}
            records = _find_kept(output, before, wanted)
            for slug in records:
                on_customer(slug)

            def build(slug: str) -> tuple[Outcome, PortalRecord]:
                outcome = work.build(slug)
                # If somebody edited the files meanwhile, nobody knows which content was read.
                fingerprint = known[slug] if work.fingerprints.find(slug) == known[slug] else ""
                files = hash_folder(staged / slug)
                day, revision = as_of.isoformat(), ledger.revision
                return outcome, PortalRecord(day, revision, outcome.policy, fingerprint, files)

            todo = [slug for slug in slugs if slug not in records]
            built, missing = {}, []
            # Closed, so that no worker writes into the staged folder while it is removed.
            with closing(work.run(build, todo, jobs)) as results:
                for outcome, record in results:
                    if outcome.has_errors:
                        require_no_errors(ledger, as_of)
                        raise LedgerError(f"{outcome.slug} was changed meanwhile", "build again")
                    if outcome.has_portal:
                        built[outcome.slug] = record
                    else:
                        missing.append(outcome)
                    on_customer(outcome.slug)
            records |= built
            chosen = _choose([*before.portals], customers)
            others = {slug: each for slug, each in before.portals.items() if slug not in chosen}
            manifest = Manifest({**others, **records}, checked)
            _put_in_place(output, staged, before, manifest, {*built})
    return BuildResult(
        tuple(BuiltPortal(slug, output / slug / "index.html") for slug in slugs if slug in records),
        tuple(
            MissingPortal(each.slug, each.state, each.last_day, each.slug in before.portals)
            for each in missing
        ),
    )


def choose_slugs(ledger: Ledger, customers: Sequence[str] | Shard) -> tuple[str, ...]:
    """Return the customers that are named, or in a share, or all; ``UnknownNameError`` if not."""
    for slug in () if isinstance(customers, Shard) else customers:
        if slug not in ledger.slugs:
            raise UnknownNameError(
                f"there is no customer {slug!r}", suggest_name(slug, ledger.slugs)
            )
    return _choose(ledger.slugs, customers)


def _choose(slugs: Sequence[str], customers: Sequence[str] | Shard) -> tuple[str, ...]:
    if isinstance(customers, Shard):
        return tuple(filter(customers.holds, slugs))
    return tuple(slug for slug in slugs if not customers or slug in customers)


def _find_kept(
    output: Path, before: Manifest, wanted: Mapping[str, str]
) -> dict[str, PortalRecord]:
    """Return the records of portals whose fingerprint is ``wanted`` and whose files are whole."""
    inodes: dict[tuple[int, int], str] = {}
    return {
        slug: before.portals[slug]
        for slug, fingerprint in wanted.items()
        if fingerprint and slug in before.portals
        if fingerprint == before.portals[slug].fingerprint
        if before.portals[slug].files == hash_folder(output / slug, inodes)
    }


def _put_in_place(
    output: Path, staged: Path, before: Manifest, manifest: Manifest, built: set[str]
) -> None:
    """Bring together what was built and what is kept, and swap it in if anything is new."""
    if not built and manifest == before and (output / MANIFEST_NAME).is_file():
        return
    (staged / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    dropped = before.portals.keys() - manifest.portals.keys()
    carry_over(output, staged, built | dropped)
    swap_in(staged, output)
