"""Which portals are built, and how they take their place: all of them, or none.

Everything is built aside, in a folder beside the output; only when the last page is written do
the two folders change places. Whatever fails or is interrupted before leaves what was there.
"""

from __future__ import annotations

import shutil
from collections import deque
from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from ledger.check import find_organization_problems
from ledger.errors import LedgerError, Severity, UnknownNameError
from ledger.loader import Ledger
from ledger.text import suggest_name
from ledger.workers import run_on_all_cores
from site_builder.configuration import find_configuration
from site_builder.ledger_views import find_provider_name, require_no_errors
from site_builder.output_folder import (
    MANIFEST_NAME,
    Manifest,
    PortalRecord,
    carry_over,
    explaining_write_errors,
    read_manifest,
    refuse_foreign_entries,
    refuse_published,
    stage_folder,
    swap_in,
)
from site_builder.output_lock import lock_output
from site_builder.part_record import PartCustomer, PartRecord
from site_builder.portal_cache import PortalCache
from site_builder.portal_outcome import Outcome, Survey
from site_builder.portal_work import PortalWork
from site_builder.shards import Shard
from site_builder.versions import list_versions

_SURVEYED_AT_ONCE = 16
_RENEWED_AT_ONCE = 4
_REMOVED_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class BuiltPortal:
    """A portal that was built, and its first page."""

    slug: str
    name: str
    page: Path


@dataclass(frozen=True, slots=True)
class MissingPortal:
    """A customer who gets no portal: it is ``closed``, or there is ``none``."""

    slug: str
    name: str
    state: str
    last_day: date | None
    was_taken_away: bool


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What a build did, in the order of the customers."""

    built: tuple[BuiltPortal, ...]
    missing: tuple[MissingPortal, ...]


def build_portals(
    ledger: Ledger,
    output: Path,
    as_of: date,
    customers: Sequence[str] | Shard = (),
    on_customer: Callable[[str], None] | None = None,
    configuration: Path | None = None,
    cache_folder: Path | None = None,
    jobs: int = 1,
) -> BuildResult:
    """Build the portals of ``customers``, or of all, into ``output``; or leave it as it was.

    Args:
        ledger: all of it, so that an error anywhere is seen.
        output: a folder that is missing, empty or ours.
        as_of: the day whose evening the portals show.
        customers: whose portals to build; the others' stay as they are. A share of all is built
            by itself: nobody else's files are read.
        on_customer: called after each customer with its name, to show progress.
        configuration: the ``mkdocs.yml`` to use, if not the work tree's or our own.
        cache_folder: where to keep what can be used again, and to look for it; if None, all is
            built from nothing. The result is the same.
        jobs: how many processes to use.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        UnknownNameError: there is no such customer.
        LedgerError: the output folder is somebody else's, cannot be written, or is being written
            by another build.
    """
    output = output.resolve()
    shard = customers if isinstance(customers, Shard) else None
    slugs = _choose_slugs(ledger, customers)
    _require_all_in_place(ledger, as_of)
    if shard is not None:
        _require_commit(ledger)
    refuse_published(output)
    with lock_output(output):
        before = read_manifest(output)
        refuse_foreign_entries(output, before, slugs)
        is_partial = shard is None and bool(customers)
        _refuse_other_part(output, before, shard, is_partial=is_partial)
        cache = _open_cache(ledger, cache_folder)
        work = PortalWork(
            ledger, as_of, configuration or find_configuration(ledger.root), output, cache
        )
        seen = ledger.slugs if shard is None else slugs
        build = _Build(ledger, as_of, work, jobs, seen, on_customer or _show_nothing)
        with explaining_write_errors(output), stage_folder(output) as staged:
            is_new_day = not before.shows_only(as_of)
            outcomes, built = build.run(slugs, staged, is_new_day=is_new_day)
            records = build.list_records(outcomes, before, slugs, is_partial=is_partial)
            part = None if shard is None else build.describe_part(shard, outcomes)
            _put_in_place(output, staged, before, Manifest(records, part), built)
            _remove_replaced(staged, jobs)
        if cache is not None:
            cache.shrink(seen)
    return _make_result(outcomes, output, before)


class _Build:
    """One run: finds out what there is to do, and has it done on all cores."""

    def __init__(
        self,
        ledger: Ledger,
        as_of: date,
        work: PortalWork,
        jobs: int,
        seen: Sequence[str],
        on_customer: Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._work = work
        self._jobs = jobs
        self._seen = seen
        self._on_customer = on_customer

    def run(
        self, slugs: Sequence[str], staged: Path, *, is_new_day: bool
    ) -> tuple[list[Outcome], set[str]]:
        """Build what is not there yet; return all outcomes, and whose portal was built.

        Args:
            slugs: whose portals are asked for.
            staged: the folder to build into.
            is_new_day: whether there surely is something to build.

        Raises:
            LedgerHasErrorsError: the files of a customer that is to be seen have errors, whoever
                was asked for.
        """
        surveys = self._survey(warm_up=self._work.warm_up if is_new_day else None)
        known = {slug: each.outcome for slug, each in surveys.items() if each.outcome is not None}
        done = {slug: known[slug] for slug in slugs if surveys[slug].is_done}
        for slug in done:
            self._on_customer(slug)
        if len(known) < len(surveys) or not known:
            # Else its files are those of a build before, which found nothing wrong with them.
            _require_clean_organization(self._ledger, self._as_of)
        todo = [slug for slug in slugs if slug not in done]
        unknown = [slug for slug in surveys if slug not in known and slug not in set(slugs)]
        checked = list(run_on_all_cores(self._work.check, unknown, self._jobs, _SURVEYED_AT_ONCE))
        self._require_clean([*known.values(), *checked])
        self._work.build_into(staged, known)
        built = self._build_all(todo, known)
        fresh = {outcome.slug: outcome for outcome in built}
        self._require_clean([*{**known, **fresh}.values(), *checked])
        outcomes = [fresh.get(slug) or done[slug] for slug in slugs]
        return outcomes, {outcome.slug for outcome in built if outcome.has_portal}

    def list_records(
        self,
        outcomes: Sequence[Outcome],
        before: Manifest,
        slugs: Sequence[str],
        *,
        is_partial: bool,
    ) -> Mapping[str, PortalRecord]:
        """Return what the manifest is to say."""
        kept = set(before.portals) - set(slugs) if is_partial else set()
        records = {slug: before.portals[slug] for slug in kept}
        for each in outcomes:
            if each.has_portal:
                records[each.slug] = PortalRecord(
                    self._as_of.isoformat(), self._ledger.revision, each.policy
                )
        return MappingProxyType(records)

    def describe_part(self, shard: Shard, outcomes: Sequence[Outcome]) -> PartRecord:
        """Return what the manifest of a part says, so that parts of other things are told apart."""
        return PartRecord(
            shard=shard,
            as_of=self._as_of.isoformat(),
            revision=self._ledger.revision or "",
            previous=self._work.previous,
            look=self._work.look,
            versions=list_versions(),
            customer_count=len(self._ledger.slugs),
            customers={each.slug: PartCustomer(each.key, each.digest) for each in outcomes},
        )

    def _survey(self, warm_up: Callable[[], None] | None) -> Mapping[str, Survey]:
        """Return what is known of each customer, in their order."""
        if not self._work.may_know:
            return {slug: Survey(slug) for slug in self._seen}
        found = run_on_all_cores(
            self._work.survey, self._seen, self._jobs, _SURVEYED_AT_ONCE, warm_up
        )
        surveys = {survey.slug: survey for survey in found}
        return {slug: surveys[slug] for slug in self._seen}

    def _build_all(self, slugs: Sequence[str], known: Container[str]) -> list[Outcome]:
        """Build portals: those of customers of whom all is known need only be renewed."""
        renewed = [slug for slug in slugs if slug in known]
        made = [slug for slug in slugs if slug not in known]
        outcomes: list[Outcome] = []
        if made and renewed and self._work.can_renew:
            outcomes = self._renew_beside(renewed, made[0])
            done = {outcome.slug for outcome in outcomes}
            renewed, made = [], [slug for slug in made if slug not in done]
        # Those that take longest come first, and load what the others need, too.
        return outcomes + self._build_in_turn([*made, *renewed], _RENEWED_AT_ONCE if renewed else 1)

    def _renew_beside(self, renewed: Sequence[str], first: str) -> list[Outcome]:
        """Renew portals, and meanwhile make one from the records, for which much is loaded.

        It is not made if there is no other process to renew the rest.
        """
        self._work.warm_up()
        made: list[Outcome] = []

        def make() -> None:
            made.append(self._work.build(first))

        outcomes = self._build_on_all_cores(renewed, _RENEWED_AT_ONCE, make)
        for outcome in made:
            self._note(outcome, outcomes)
        return outcomes

    def _build_in_turn(self, slugs: Sequence[str], chunk: int) -> list[Outcome]:
        """Build the first by itself, and the rest on all cores as soon as a fork has all it needs.

        Args:
            slugs: whose portals.
            chunk: how many to send to a worker at once.
        """
        outcomes: list[Outcome] = []
        for number, slug in enumerate(slugs):
            if self._work.is_warm:
                return outcomes + self._build_on_all_cores(slugs[number:], chunk)
            self._note(self._work.build(slug), outcomes)
        return outcomes

    def _build_on_all_cores(
        self, slugs: Sequence[str], chunk: int, meanwhile: Callable[[], None] | None = None
    ) -> list[Outcome]:
        outcomes: list[Outcome] = []
        built = run_on_all_cores(self._work.build, slugs, self._jobs, chunk, meanwhile)
        # Nobody may go on writing into a folder that is removed because of an error.
        with closing(built):
            for outcome in built:
                self._note(outcome, outcomes)
        return outcomes

    def _note(self, outcome: Outcome, outcomes: list[Outcome]) -> None:
        outcomes.append(outcome)
        self._on_customer(outcome.slug)
        if outcome.has_errors:
            self._require_clean([outcome])

    def _require_clean(self, outcomes: Sequence[Outcome]) -> None:
        """Refuse to go on with errors in a customer's files, or with a key that two have."""
        keys = sorted(outcome.key for outcome in outcomes if outcome.key)
        has_doubles = any(one == other for one, other in pairwise(keys))
        if has_doubles or any(outcome.has_errors for outcome in outcomes):
            require_no_errors(self._ledger, self._as_of)
            raise RuntimeError("a customer has errors of which the check knows nothing")


def _require_all_in_place(ledger: Ledger, as_of: date) -> None:
    if any(problem.severity is Severity.ERROR for problem in ledger.problems):
        require_no_errors(ledger, as_of)


def _require_clean_organization(ledger: Ledger, as_of: date) -> None:
    problems = find_organization_problems(ledger.organization)
    if any(problem.severity is Severity.ERROR for problem in problems):
        require_no_errors(ledger, as_of)


def _open_cache(ledger: Ledger, folder: Path | None) -> PortalCache | None:
    return None if folder is None else PortalCache(folder, find_provider_name(ledger.files))


def _require_commit(ledger: Ledger) -> None:
    if ledger.revision is None:
        raise LedgerError(
            "a part of the portals is built of a commit, and these files are of none",
            "commit them, or name one with --rev",
        )


def _put_in_place(
    output: Path,
    staged: Path,
    before: Manifest,
    manifest: Manifest,
    built: set[str],
) -> None:
    """Bring together what was built and what stays, and let it take the output's place."""
    if not built and manifest == before and (output / MANIFEST_NAME).is_file():
        return
    (staged / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    carry_over(output, staged, built, dropped=before.portals.keys() - manifest.portals.keys())
    swap_in(staged, output)


def _remove_replaced(staged: Path, jobs: int) -> None:
    """Remove the portals that were replaced, on all cores; the folder goes with the rest of it."""
    if not staged.is_dir():
        return  # Nothing was there before.
    names = [each.name for each in staged.iterdir() if each.is_dir() and not each.is_symlink()]

    def remove(name: str) -> None:
        shutil.rmtree(staged / name, ignore_errors=True)

    # Whatever goes wrong, the portals are in place.
    with suppress(LedgerError, OSError):
        deque(run_on_all_cores(remove, names, jobs, _REMOVED_AT_ONCE), maxlen=0)


def _show_nothing(_slug: str) -> None:
    pass


def _choose_slugs(ledger: Ledger, customers: Sequence[str] | Shard) -> tuple[str, ...]:
    if isinstance(customers, Shard):
        return tuple(filter(customers.holds, ledger.slugs))
    for slug in customers:
        if slug not in ledger.slugs:
            raise UnknownNameError(
                f"there is no customer {slug!r}", suggest_name(slug, ledger.slugs)
            )
    return tuple(sorted(set(customers))) or ledger.slugs


def _refuse_other_part(
    output: Path, before: Manifest, shard: Shard | None, *, is_partial: bool
) -> None:
    """Refuse to put one part in the place of another, or of the whole, or to mix them."""
    was = None if before.part is None else before.part.shard
    if shard is None and (was is None or not is_partial):
        return
    if shard is not None and (was == shard or not before.portals):
        return
    holds = "all portals" if was is None else f"part {was} of the portals"
    raise LedgerError(f"{output} holds {holds}", "choose another folder with --output")


def _make_result(outcomes: Sequence[Outcome], output: Path, before: Manifest) -> BuildResult:
    return BuildResult(
        built=tuple(
            BuiltPortal(outcome.slug, outcome.name, output / outcome.slug / "index.html")
            for outcome in outcomes
            if outcome.has_portal
        ),
        missing=tuple(
            MissingPortal(
                slug=outcome.slug,
                name=outcome.name,
                state=outcome.state,
                last_day=outcome.last_day,
                was_taken_away=outcome.slug in before.portals,
            )
            for outcome in outcomes
            if not outcome.has_portal
        ),
    )
