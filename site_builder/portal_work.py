"""One customer, from the ledger's files to a folder of pages; what is right already stays.

Three things are kept apart. Nothing of a portal need be looked at if all that goes into it is as
it was, and its pages lie where they were put. If nothing but the day is another, the portal is
renewed: what says the day is made again, from what was kept of the records. Else the records are
read, and every part of the portal whose values have changed is made again. What that needs is
imported then: pydantic and Jinja take longer to load than the first takes for all portals.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ledger.errors import LedgerError, Severity
from ledger.loader import Ledger
from site_builder.file_digests import digest_portal, forget_digests
from site_builder.input_digests import digest_look
from site_builder.known_portals import KnownPortals
from site_builder.last_update import LastUpdates
from site_builder.ledger_views import view_folder
from site_builder.look import read_style
from site_builder.observed_day import ObservedDay
from site_builder.portal_cache import NOTHING_KEPT, KeptPortal, PortalCache
from site_builder.portal_outcome import Outcome, Survey

if TYPE_CHECKING:
    from ledger.rules.rule_input import RuleInput
    from site_builder.portal_view import PortalView
    from site_builder.portal_writer import PortalWriter


class PortalWork:
    """Does the work for one customer after the other; only one is held at a time.

    Attributes:
        look: the digest of all that makes the look; empty if other code takes part in it.
    """

    def __init__(
        self,
        ledger: Ledger,
        as_of: date,
        configuration: Path,
        output: Path,
        cache: PortalCache | None,
    ) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._configuration = configuration
        self._style = read_style(configuration)
        self._output = output
        look = digest_look(configuration)
        self.look = look or ""
        self._cache = None if look is None else cache
        self._updates = LastUpdates(ledger, as_of)
        self._known: KnownPortals | None = None
        if look is not None and cache is not None:
            self._known = KnownPortals(ledger, as_of, look, self._updates.key, cache)
        self._staged = output
        forget_digests()

    @property
    def previous(self) -> str:
        """The publication before, of which portals say what came in since; empty if none."""
        return self._updates.previous

    @property
    def may_know(self) -> bool:
        """Whether something may be known of customers from builds before."""
        return self._known is not None

    @property
    def is_warm(self) -> bool:
        """Whether a portal was built, so that others can share what is the same in all."""
        return self._writer.is_warm

    @property
    def can_renew(self) -> bool:
        """Whether a portal can be renewed without loading what makes one from the records."""
        return self._writer.can_renew

    def build_into(self, staged: Path, surveyed: Container[str] = ()) -> None:
        """Choose the folder that portals are built into.

        Args:
            staged: the folder.
            surveyed: of whom a survey has just said what became of them.
        """
        self._staged = staged
        if self._known is not None:
            self._known.trust(surveyed)

    def warm_up(self) -> None:
        """Load what it takes to renew a portal; what is wrong with it is said when one is."""
        from site_builder import portal_renewal  # noqa: F401 - that it is loaded is enough
        from site_builder.pages.environment import make_renderer

        with suppress(LedgerError):
            if self._writer.can_renew:
                make_renderer(self._style).load()

    def survey(self, slug: str) -> Survey:
        """Return what is known of a customer without understanding the files."""
        if self._known is None:
            return Survey(slug)
        return self._known.survey(slug, self._output / slug)

    def check(self, slug: str) -> Outcome:
        """Look for errors in a customer's files, and build nothing."""
        return _judge(self._read(slug, self._as_of))

    def build(self, slug: str) -> Outcome:
        """Build a customer's portal, if there is to be one and nothing is wrong."""
        return self._renew(slug) or self._make(slug)

    def _renew(self, slug: str) -> Outcome | None:
        """Build a portal from what was kept of the records; None if that is not enough."""
        kept = None if self._known is None else self._known.find(slug)
        if self._known is None or kept is None:
            return None
        outcome = Outcome.from_facts(slug, kept.portal.facts)
        if outcome.has_portal:
            return self._write_renewed(outcome, kept, self._known)
        return outcome

    def _write_renewed(
        self, outcome: Outcome, kept: KeptPortal, known: KnownPortals
    ) -> Outcome | None:
        from site_builder.portal_renewal import renew_portal

        slug = outcome.slug
        if not self._writer.can_renew:
            return None
        last_update = self._updates.find(slug)
        renewed = renew_portal(kept, self._style, self._as_of, self._ledger.revision, last_update)
        if renewed is None:
            return None
        files = self._writer.renew(renewed, self._staged / slug, self._output / slug, kept)
        if files is None:
            return None
        made = {path: files.digests[path] for path in files.digests.keys() - renewed.lasting}
        return known.keep_day(replace(outcome, policy=files.policy), kept, made)

    def _make(self, slug: str) -> Outcome:
        """Build a portal from the records."""
        day = self._as_of
        if self._known is not None:
            self._known.begin(slug)
            day = ObservedDay.observe(day)
        given = self._read(slug, day)
        outcome = _judge(given)
        if outcome.has_errors:
            return outcome
        last_update = self._updates.find(slug)
        view = view_folder(self._ledger, given.folder, self._as_of, given.drawn, last_update)
        outcome = replace(
            outcome,
            name=view.name,
            state=view.balance.portal_state,
            last_day=view.balance.portal_last_day,
        )
        if outcome.has_portal:
            return self._write_portal(view, outcome, day)
        if self._known is not None:
            self._known.keep(outcome, day, NOTHING_KEPT.portal, {})
        return outcome

    def _read(self, slug: str, day: date) -> RuleInput:
        from ledger.rules.rule_input import RuleInput

        folder = self._ledger.read_customer(slug)
        return RuleInput(self._ledger.organization, folder, day)

    def _write_portal(self, view: PortalView, outcome: Outcome, day: date) -> Outcome:
        from site_builder.portal_parts import make_portal

        slug = outcome.slug
        kept = None if self._known is None else self._known.read(slug)
        made = make_portal(view, self._style, self.look, kept)
        if kept is not None:
            made = replace(made, cores={**made.cores, **_write_lasting(view)})
        files = self._writer.write(made, self._staged / slug, kept)
        outcome = replace(outcome, policy=files.policy, digest=digest_portal(files.digests))
        if self._known is not None:
            portal = replace(
                NOTHING_KEPT.portal,
                look=self.look,
                frame=made.frame,
                digests=files.digests,
                needs=files.needs,
                parts=made.parts,
                cores=files.core_digests,
            )
            self._known.keep(outcome, day, portal, files.packed)
        return outcome

    @cached_property
    def _writer(self) -> PortalWriter:
        # Not needed when there is nothing to build.
        from site_builder.portal_writer import PortalWriter

        return PortalWriter(self._configuration, self._cache, self.look)


def _write_lasting(view: PortalView) -> Mapping[str, bytes]:
    from site_builder.kept_view import write_lasting

    return write_lasting(view)


def _judge(given: RuleInput) -> Outcome:
    """Return whether a customer's files have errors."""
    from ledger.check import find_customer_problems

    problems = find_customer_problems(given, includes_future=False)
    has_errors = any(problem.severity is Severity.ERROR for problem in problems)
    return Outcome(given.folder.slug, key=given.records.customer.key or "", has_errors=has_errors)
