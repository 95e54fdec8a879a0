"""Which portals are built, and how they take their place: all of them, or none.

Everything is built aside, in a folder beside the output; only when the last page is written do
the two folders change places. Whatever fails or is interrupted before leaves what was there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType

from ledger.check import check_ledger
from ledger.errors import LedgerError, Problem, Severity, UnknownNameError
from ledger.loader import Ledger
from ledger.nearest_name import suggest_name
from site_builder.mkdocs_site import (
    CONFIGURATION_NAME,
    PACKAGED_CONFIGURATION,
    PLUGIN_NAME,
    SiteBuilder,
)
from site_builder.output_folder import (
    MANIFEST_NAME,
    Manifest,
    PortalRecord,
    carry_over,
    read_manifest,
    stage_folder,
    swap_in,
)
from site_builder.pages.portal_site import render_portal
from site_builder.portal import make_portal_view
from site_builder.portal_view import PortalView

STATES_WITHOUT_PORTAL = frozenset({"closed", "none"})
_NAMES_OUR_PLUGIN = re.compile(rf"^\s*-\s*{PLUGIN_NAME}\s*(?::|#|$)", re.MULTILINE)


class LedgerHasErrorsError(LedgerError):
    """A ledger with errors makes no portals: a figure in it could be wrong."""

    exit_status = 1

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        count = len(self.problems)
        super().__init__(
            f"the ledger has {count} error{'' if count == 1 else 's'}, so no portal is built",
            hint="mend them; punchcard check shows where they are",
        )


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
) -> BuildResult:
    """Build the portals of ``customers``, or of all, into ``output``; or leave it as it was.

    Args:
        ledger: all of it, so that an error anywhere is seen.
        output: a folder that is missing, empty or ours.
        as_of: the day whose evening the portals show.
        customers: whose portals to build; the others' stay as they are.
        on_customer: called after each customer with its name, to show progress.
        configuration: the ``mkdocs.yml`` to use, if not the work tree's or our own.

    Raises:
        LedgerHasErrorsError: the ledger has errors; nothing was written.
        UnknownNameError: there is no such customer.
        LedgerError: the output folder is somebody else's, or cannot be written.
    """
    output = output.resolve()
    before = read_manifest(output)
    slugs = _choose_slugs(ledger, customers)
    require_no_errors(ledger, as_of)
    _refuse_foreign_entries(output, before, slugs)
    builder = _PortalBuilder(ledger, as_of, configuration or find_configuration(ledger.root))
    with stage_folder(output) as staged:
        outcomes = []
        for outcome in builder.build_each(slugs, staged):
            outcomes.append(outcome)
            if on_customer is not None:
                on_customer(outcome.slug)
        built = {outcome.slug for outcome in outcomes if outcome.is_built}
        kept = set(before.portals) - set(slugs) if customers else set()
        _write_manifest(staged, builder, built, {slug: before.portals[slug] for slug in kept})
        carry_over(output, staged, built, dropped=set(before.portals) - kept)
        swap_in(staged, output)
    return _make_result(outcomes, output, before)


def require_no_errors(ledger: Ledger, as_of: date) -> None:
    """Refuse a ledger in which something is wrong; what is dated later does not count.

    Raises:
        LedgerHasErrorsError: with all its errors, sorted.
    """
    report = check_ledger(ledger, as_of, includes_future=False)
    if report.error_count:
        raise LedgerHasErrorsError(
            [problem for problem in report.problems if problem.severity is Severity.ERROR]
        )


def view_portal(ledger: Ledger, slug: str, as_of: date) -> PortalView:
    """Return what the customer ``slug`` may see.

    Raises:
        LedgerError: the ledger does not say who sells, or on which terms.
    """
    organization = ledger.organization
    if organization.provider is None:
        raise LedgerError(
            "the ledger has no provider.yml, so the portals would not say whose they are",
            hint="add it: name, timezone, published_on, contacts, links",
        )
    return make_portal_view(
        ledger.read_customer(slug).records,
        organization.provider,
        organization.terms,
        organization.consultants,
        as_of,
        ledger.revision,
    )


def find_configuration(root: Path | None) -> Path:
    """Return the ``mkdocs.yml`` that portals are built with: the work tree's, if it is for us."""
    if root is not None:
        own = root / CONFIGURATION_NAME
        if own.is_file() and _NAMES_OUR_PLUGIN.search(own.read_text(encoding="utf-8")):
            return own
    if PACKAGED_CONFIGURATION.is_file():
        return PACKAGED_CONFIGURATION
    # Not installed, but used from a checkout: there the file has not been packed yet.
    return Path(__file__).parents[1] / CONFIGURATION_NAME


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of one customer; all that is kept of a view once its portal is written."""

    slug: str
    name: str
    state: str
    last_day: date | None

    @property
    def is_built(self) -> bool:
        return self.state not in STATES_WITHOUT_PORTAL


class _PortalBuilder:
    """Builds one portal after the other; only one customer is held at a time."""

    def __init__(self, ledger: Ledger, as_of: date, configuration: Path) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._site_builder = SiteBuilder(configuration)

    @property
    def record(self) -> PortalRecord:
        """What the manifest says of every portal that is built."""
        return PortalRecord(self._as_of.isoformat(), self._ledger.revision)

    def build_each(self, slugs: Sequence[str], folder: Path) -> Iterator[_Outcome]:
        """Build each customer's portal, if there is to be one, and yield what became of it."""
        for slug in slugs:
            view = view_portal(self._ledger, slug, self._as_of)
            balance = view.balance
            outcome = _Outcome(slug, view.name, balance.portal_state, balance.portal_last_day)
            if outcome.is_built:
                self._site_builder.build(render_portal(view), folder / slug)
            yield outcome


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


def _write_manifest(
    staged: Path, builder: _PortalBuilder, built: set[str], kept: Mapping[str, PortalRecord]
) -> None:
    manifest = Manifest(MappingProxyType({**kept, **dict.fromkeys(built, builder.record)}))
    (staged / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")


def _make_result(outcomes: Sequence[_Outcome], output: Path, before: Manifest) -> BuildResult:
    return BuildResult(
        built=tuple(
            BuiltPortal(outcome.slug, outcome.name, output / outcome.slug / "index.html")
            for outcome in outcomes
            if outcome.is_built
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
            if not outcome.is_built
        ),
    )
