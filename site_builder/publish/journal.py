"""The journal of a publication folder: its editions, and the generations of portals.

A generation is one portal as it was published once. An edition is what one publication made of all
portals: the generation of each. Writing the journal is what publishes: from then on the edition
that it calls live is the one to be shown, and whoever finds anything else there, after a crash for
instance, puts it right.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from site_builder.output import PortalRecord


class Generation(PortalRecord, frozen=True):
    """One portal as it was published once; ``last_day`` is the portal's as far as known then."""

    name: str
    last_day: date | None

    def is_over(self, today: date) -> bool:
        """Whether the portal's last day, as far as it was known then, is before ``today``."""
        return self.last_day is not None and self.last_day < today


class Edition(BaseModel, frozen=True, extra="forbid"):
    """What one publication made of all portals; editions of a folder are numbered from 1.

    Attributes:
        before: the edition that was live before; None for the first.
        digest: of the figures.
        is_recorded: whether it is to have a tag; ``tag`` is None as long as there is none.
        held_back: the customers whose portal stayed as it was.
        portals: the generation of each customer's portal.
    """

    number: int
    before: int | None
    commit: str
    as_of: date
    digest: str
    is_recorded: bool
    tag: str | None
    versions: Mapping[str, str]
    held_back: tuple[str, ...]
    portals: Mapping[str, Generation]

    def repeats(self, other: Edition) -> bool:
        """Whether it is the same once more: of the same commit and day, with the same portals."""
        own = {"number", "before", "tag", "versions"}
        return self.model_dump(exclude=own) == other.model_dump(exclude=own)


class Journal(BaseModel, frozen=True):
    """The editions of a folder that are kept, oldest first, and the number of the live one."""

    format: int = 2
    live: int | None
    editions: tuple[Edition, ...]

    @property
    def live_edition(self) -> Edition | None:
        """The edition that customers see."""
        return self.find(self.live)

    @property
    def shown(self) -> Mapping[str, Generation]:
        """The generation of each portal that customers see."""
        return {} if self.live_edition is None else self.live_edition.portals

    @property
    def next_number(self) -> int:
        """The number of the next edition."""
        return self.editions[-1].number + 1 if self.editions else 1

    def find(self, number: int | None) -> Edition | None:
        """Return the edition of a number, if it is kept."""
        return next((each for each in self.editions if each.number == number), None)

    def with_live(self, edition: Edition) -> Journal:
        """Return the journal in which ``edition`` is live; it is added, or takes its place."""
        editions = {each.number: each for each in self.editions} | {edition.number: edition}
        return Journal(live=edition.number, editions=tuple(editions.values()))

    def with_newest(self, count: int) -> Journal:
        """Return the journal without old editions; the live one and what it replaced stay.

        Where there are tags, those that have one are counted, and no other is kept.
        """
        live = self.live_edition
        needed = {self.live, None if live is None else live.before}
        counted = [each for each in self.editions if each.tag] or self.editions
        needed |= {each.number for each in counted[-count:]}
        editions = tuple(each for each in self.editions if each.number in needed)
        return Journal(live=self.live, editions=editions)
