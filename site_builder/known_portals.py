"""What is known of portals from builds before, and whether it still holds.

It holds for the same files of the customer and the organization, in the same look, until the
as-of date reaches one of the dates that it was compared with. What a portal says of its day is
known apart from the rest.
"""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from ledger.loader import Ledger
from site_builder.file_digests import digest_portal, holds_exactly
from site_builder.input_digests import digest_context, digest_day, digest_files
from site_builder.observed_day import ObservedDay
from site_builder.portal_cache import KeptPortal, PortalCache, StoredDay, StoredPortal
from site_builder.portal_outcome import Outcome, Survey


class KnownPortals:
    """What a cache knows of the portals of a ledger as of a date.

    Args:
        ledger: the ledger.
        as_of: the date.
        look: the digest of all that makes the look.
        updates: what the answers about the last update follow from.
        cache: what was kept.
    """

    def __init__(
        self, ledger: Ledger, as_of: date, look: str, updates: str, cache: PortalCache
    ) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._cache = cache
        self._context = digest_context(ledger, look)
        self._day = digest_day(ledger, as_of, updates)
        self._surveyed: Container[str] = ()
        self._begun = ("", "")

    def trust(self, surveyed: Container[str]) -> None:
        """Take the files of these customers for what they were at a survey just before."""
        self._surveyed = surveyed

    def survey(self, slug: str, folder: Path) -> Survey:
        """Return what is known of a customer without understanding the files.

        Args:
            slug: the customer.
            folder: where the portal is to lie.
        """
        kept = self._cache.read_outline(slug)
        if not self._holds(slug, kept):
            return Survey(slug)
        self._cache.touch(slug)
        outcome = Outcome.from_facts(slug, kept.portal.facts)
        if not outcome.has_portal:
            return Survey(slug, outcome, is_done=True)
        shown = self._find_shown(outcome, kept)
        if shown is None:
            return Survey(slug, outcome)
        outcome = replace(outcome, policy=shown.policy, digest=shown.digest)
        digests = {**kept.portal.digests, **shown.digests}
        return Survey(slug, outcome, holds_exactly(folder, digests))

    def find(self, slug: str) -> KeptPortal | None:
        """Return what was kept of a customer, if it holds for the files as they are on the day."""
        kept = self._cache.read(slug)
        return kept if self._holds(slug, kept) else None

    def read(self, slug: str) -> KeptPortal:
        """Return what was kept of a customer, whatever holds of it."""
        return self._cache.read(slug)

    def begin(self, slug: str) -> None:
        """Note what the files of a customer are before they are read."""
        self._begun = (slug, self._digest_content(slug))

    def keep(
        self, outcome: Outcome, day: date, portal: StoredPortal, packed: Mapping[str, bytes]
    ) -> None:
        """Remember a customer, if the files are still those that were there to be read.

        Args:
            outcome: what became of the customer.
            day: the as-of date, after all that is kept was compared with it and written down.
            portal: what else there is to remember of the portal; nothing if there is none.
            packed: its files, as the cache keeps them.
        """
        content = self._digest_content(outcome.slug)
        if self._begun != (outcome.slug, content):
            return  # Somebody has edited the files meanwhile: nobody knows what was read.
        facts = outcome.to_facts()
        last_day = day.last_like_this if isinstance(day, ObservedDay) else day
        portal = replace(
            portal,
            context=self._context,
            content=content,
            facts=facts,
            first_day=self._as_of.isoformat(),
            last_day=last_day.isoformat(),
            day=self._day,
        )
        self._cache.write(outcome.slug, portal, packed)

    def keep_day(self, outcome: Outcome, kept: KeptPortal, made: dict[str, str]) -> Outcome:
        """Remember that a portal was renewed; return what became of it.

        Args:
            outcome: the customer, and the policy that the pages need now.
            kept: what lasts of the portal.
            made: the digests of the files that were made again, by path.
        """
        digest = digest_portal({**kept.portal.digests, **made})
        self._cache.write_day(
            outcome.slug, StoredDay(kept.id, self._day, made, outcome.policy, digest)
        )
        return replace(outcome, digest=digest)

    def _holds(self, slug: str, kept: KeptPortal) -> bool:
        stored, day = kept.portal, self._as_of.isoformat()
        if stored.context != self._context or not stored.first_day <= day <= stored.last_day:
            return False
        return slug in self._surveyed or stored.content == self._digest_content(slug)

    def _find_shown(self, outcome: Outcome, kept: KeptPortal) -> StoredDay | None:
        """Return what is known of a portal as it is to be on the day."""
        if kept.portal.day == self._day:
            return StoredDay(kept.id, self._day, {}, outcome.policy, outcome.digest)
        shown = self._cache.read_day(outcome.slug, kept)
        return shown if shown is not None and shown.day == self._day else None

    def _digest_content(self, slug: str) -> str:
        return digest_files(self._ledger.files, self._ledger.list_customer_files(slug))
