"""Which portals are built, and how they take their place: all of them, or none.

Everything is built aside, in a folder beside the output; only when the last page is written do
the two folders change places. Whatever fails or is interrupted before leaves what was there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from ledger.check import find_organization_problems
from ledger.errors import LedgerError, Severity, UnknownNameError
from ledger.loader import Ledger
from ledger.nearest_name import suggest_name
from site_builder.configuration import find_configuration
from site_builder.ledger_views import require_no_errors
from site_builder.output_folder import (
    MANIFEST_NAME,
    Manifest,
    PortalRecord,
    carry_over,
    explaining_write_errors,
    read_manifest,
    stage_folder,
    swap_in,
)
from site_builder.output_lock import lock_output
from site_builder.portal_cache import PortalCache
from site_builder.portal_work import Outcome, PortalWork, Survey
from site_builder.workers import run_on_all_cores

_SURVEYED_AT_ONCE = 16


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
    customers: Sequence[str] = (),
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
        customers: whose portals to build; the others' stay as they are.
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
    slugs = _choose_slugs(ledger, customers)
    _require_clean_organization(ledger, as_of)
    with lock_output(output):
        before = read_manifest(output)
        _refuse_foreign_entries(output, before, slugs)
        cache = _open_cache(ledger, cache_folder)
        work = PortalWork(
            ledger, as_of, configuration or find_configuration(ledger.root), output, cache
        )
        build = _Build(ledger, as_of, work, jobs, on_customer or _show_nothing)
        with explaining_write_errors(output), stage_folder(output) as staged:
            outcomes, built = build.run(slugs, staged)
            records = build.list_records(outcomes, before, slugs, is_partial=bool(customers))
            _put_in_place(output, staged, before, records, built)
        if cache is not None:
            cache.shrink()
    return _make_result(outcomes, output, before)


class _Build:
    """One run: finds out what there is to do, and has it done on all cores."""

    def __init__(
        self,
        ledger: Ledger,
        as_of: date,
        work: PortalWork,
        jobs: int,
        on_customer: Callable[[str], None],
    ) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._work = work
        self._jobs = jobs
        self._on_customer = on_customer

    def run(self, slugs: Sequence[str], staged: Path) -> tuple[list[Outcome], set[str]]:
        """Build what is not there yet; return all outcomes, and whose portal was built.

        Raises:
            LedgerHasErrorsError: some customer's files have errors, whoever was asked for.
        """
        surveys = self._survey()
        known = {slug: each.outcome for slug, each in surveys.items() if each.outcome is not None}
        done = {slug: known[slug] for slug in slugs if surveys[slug].is_done}
        for slug in done:
            self._on_customer(slug)
        todo = [slug for slug in slugs if slug not in done]
        unknown = [slug for slug in surveys if slug not in known and slug not in set(slugs)]
        checked = list(run_on_all_cores(self._work.check, unknown, self._jobs, _SURVEYED_AT_ONCE))
        self._require_clean([*known.values(), *checked])
        built = self._build_all(todo, staged)
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
        return records

    def _survey(self) -> Mapping[str, Survey]:
        """Return what is known of each customer, in their order."""
        every = self._ledger.slugs
        found = run_on_all_cores(self._work.survey, every, self._jobs, _SURVEYED_AT_ONCE)
        surveys = {survey.slug: survey for survey in found}
        return {slug: surveys[slug] for slug in every}

    def _build_all(self, slugs: Sequence[str], staged: Path) -> list[Outcome]:
        self._work.build_into(staged)
        outcomes: list[Outcome] = []
        for number, slug in enumerate(slugs):
            if self._work.is_warm:
                # From here on, a fork has all it needs.
                rest = run_on_all_cores(self._work.build, slugs[number:], self._jobs)
                for outcome in rest:
                    self._note(outcome, outcomes)
                break
            self._note(self._work.build(slug), outcomes)
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


def _require_clean_organization(ledger: Ledger, as_of: date) -> None:
    problems = [*ledger.problems, *find_organization_problems(ledger.organization)]
    if any(problem.severity is Severity.ERROR for problem in problems):
        require_no_errors(ledger, as_of)


def _open_cache(ledger: Ledger, folder: Path | None) -> PortalCache | None:
    provider = ledger.organization.provider
    return None if folder is None or provider is None else PortalCache(folder, provider.name)


def _put_in_place(
    output: Path,
    staged: Path,
    before: Manifest,
    records: Mapping[str, PortalRecord],
    built: set[str],
) -> None:
    """Bring together what was built and what stays, and let it take the output's place."""
    manifest = Manifest(MappingProxyType(dict(records)))
    if not built and manifest == before and (output / MANIFEST_NAME).is_file():
        return
    (staged / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    carry_over(output, staged, built, dropped=set(before.portals) - set(records))
    swap_in(staged, output)


def _show_nothing(_slug: str) -> None:
    pass


def _choose_slugs(ledger: Ledger, customers: Sequence[str]) -> tuple[str, ...]:
    for slug in customers:
        if slug not in ledger.slugs:
            raise UnknownNameError(
                f"there is no customer {slug!r}", suggest_name(slug, ledger.slugs)
            )
    return tuple(sorted(set(customers))) or ledger.slugs


def _refuse_foreign_entries(output: Path, before: Manifest, slugs: Sequence[str]) -> None:
    for slug in slugs:
        if slug not in before.portals and (output / slug).exists():
            raise LedgerError(
                f"{output / slug} was not built by us, so it is left as it is",
                hint="move it away, or choose another folder with --output",
            )


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
