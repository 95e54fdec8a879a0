"""One customer, from the ledger's files to a folder of pages; what is right already stays.

Two things are kept apart. Nothing of a portal need be looked at if all that goes into it is as it
was, and its pages lie where they were put. Else the customer's data is read, and every part of the
portal whose values have changed is made again: next week these are the Overview and the downloads.
What that needs is imported then: the first takes less time than pydantic and Jinja take to load.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ledger.errors import Severity
from ledger.loader import Ledger
from site_builder.input_digests import digest_context, digest_files, digest_look
from site_builder.last_update import LastUpdates
from site_builder.ledger_views import STATES_WITHOUT_PORTAL, view_folder
from site_builder.look import read_style
from site_builder.output_folder import digest_portal, holds_exactly
from site_builder.portal_cache import PortalCache, StoredPortal

if TYPE_CHECKING:
    from ledger.rules.rule_input import RuleInput
    from site_builder.portal_view import PortalView
    from site_builder.portal_writer import PortalWriter


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one customer; all that is kept of a view once its portal is written.

    Attributes:
        key: the prefix of the customer's requests, which no other customer may have.
        digest: of all files of the portal; empty if there is none.
        has_errors: whether something is wrong with the customer's files; nothing was built then.
    """

    slug: str
    name: str = ""
    state: str = ""
    last_day: date | None = None
    key: str = ""
    policy: str = ""
    digest: str = ""
    has_errors: bool = False

    @property
    def has_portal(self) -> bool:
        """Whether the customer has a portal on the day."""
        return not self.has_errors and self.state not in STATES_WITHOUT_PORTAL


@dataclass(frozen=True, slots=True)
class Survey:
    """What is known of a customer whose files are as they were at a build before.

    Attributes:
        outcome: what became of the customer then; None if the files, or the day, are others.
        is_done: whether there is nothing to do: the portal lies in the output as it was built.
    """

    slug: str
    outcome: Outcome | None = None
    is_done: bool = False


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
        self._context = ""
        if look is not None and cache is not None:
            self._context = digest_context(ledger, as_of, look, self._updates.key)
        self._staged = output

    @property
    def previous(self) -> str:
        """The publication before, of which portals say what came in since; empty if none."""
        return self._updates.previous

    @property
    def is_warm(self) -> bool:
        """Whether a portal was built, so that others can share what is the same in all."""
        return self._writer.is_warm

    def build_into(self, staged: Path) -> None:
        """Choose the folder that portals are built into."""
        self._staged = staged

    def survey(self, slug: str) -> Survey:
        """Return what is known of a customer without understanding the files."""
        if self._cache is None:
            return Survey(slug)
        stored = self._cache.read(slug).portal
        if stored.context != self._context or stored.content != self._digest_content(slug):
            return Survey(slug)
        outcome = _read_facts(slug, stored.facts)
        self._cache.touch(slug)
        is_done = not outcome.has_portal or holds_exactly(self._output / slug, stored.digests)
        return Survey(slug, outcome, is_done)

    def check(self, slug: str) -> Outcome:
        """Look for errors in a customer's files, and build nothing."""
        return _judge(self._read(slug))

    def build(self, slug: str) -> Outcome:
        """Build a customer's portal, if there is to be one and nothing is wrong."""
        given = self._read(slug)
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
            return self._write_portal(view, outcome)
        if self._cache is not None:
            self._cache.write(slug, self._describe(outcome), {})
        return outcome

    def _read(self, slug: str) -> RuleInput:
        from ledger.rules.rule_input import RuleInput

        folder = self._ledger.read_customer(slug)
        return RuleInput(self._ledger.organization, folder, self._as_of)

    def _write_portal(self, view: PortalView, outcome: Outcome) -> Outcome:
        from site_builder.portal_parts import make_portal

        slug = outcome.slug
        kept = None if self._cache is None else self._cache.read(slug)
        made = make_portal(view, self._style, self.look, kept)
        files = self._writer.write(made, self._staged / slug, kept)
        outcome = replace(outcome, policy=files.policy, digest=digest_portal(files.digests))
        if self._cache is not None:
            portal = replace(
                self._describe(outcome),
                frame=made.frame,
                digests=files.digests,
                needs=files.needs,
                parts=made.parts,
                cores=files.core_digests,
            )
            self._cache.write(slug, portal, files.packed)
        return outcome

    def _describe(self, outcome: Outcome) -> StoredPortal:
        last_day = outcome.last_day
        facts = {
            "name": outcome.name,
            "state": outcome.state,
            "last_day": None if last_day is None else last_day.isoformat(),
            "key": outcome.key,
            "policy": outcome.policy,
            "digest": outcome.digest,
        }
        return StoredPortal(self._context, self._digest_content(outcome.slug), facts)

    def _digest_content(self, slug: str) -> str:
        return digest_files(self._ledger.files, self._ledger.list_customer_files(slug))

    @cached_property
    def _writer(self) -> PortalWriter:
        # Not needed when there is nothing to build.
        from site_builder.portal_writer import PortalWriter

        return PortalWriter(self._configuration, self._cache, self.look)


def _judge(given: RuleInput) -> Outcome:
    """Return whether a customer's files have errors."""
    from ledger.customer_check import find_customer_problems

    problems = find_customer_problems(given, includes_future=False)
    has_errors = any(problem.severity is Severity.ERROR for problem in problems)
    return Outcome(given.folder.slug, key=given.records.customer.key or "", has_errors=has_errors)


def _read_facts(slug: str, facts: Mapping[str, Any]) -> Outcome:
    last_day = facts["last_day"]
    return Outcome(
        slug=slug,
        name=facts["name"],
        state=facts["state"],
        last_day=None if last_day is None else date.fromisoformat(last_day),
        key=facts["key"],
        policy=facts["policy"],
        digest=facts["digest"],
    )
