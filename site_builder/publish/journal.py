"""The journal of a publication folder: its editions, and the generations of portals.

A generation is one portal as it was published once. An edition is what one publication made of all
portals: the generation of each. Writing the journal is what publishes: from then on the edition
that it calls live is the one to be shown, and whoever finds anything else there, after a crash for
instance, puts it right. A report says what a publication, or going back, did to each portal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from pydantic import BaseModel

from ledger.balance.json_values import select_fields
from ledger.errors import Problem
from site_builder.output import PortalRecord


class Generation(PortalRecord, frozen=True):
    """One portal as it was published once; ``last_day`` is the portal's as far as known then."""

    name: str
    last_day: date | None

    def is_over(self, today: date) -> bool:
        """Whether the portal's last day, as far as it was known then, is before ``today``."""
        return self.last_day is not None and self.last_day < today


class Edition(BaseModel, frozen=True, extra="forbid"):
    """What one publication made of all portals; editions of a folder are numbered from 1."""

    number: int
    before: int | None  # the edition that was live before; None for the first
    commit: str
    as_of: date
    digest: str  # of the figures
    is_recorded: bool  # whether it is to have a tag; ``tag`` is None as long as there is none
    tag: str | None
    versions: Mapping[str, str]
    held_back: tuple[str, ...]  # the customers whose portal stayed as it was
    portals: Mapping[str, Generation]  # the generation of each customer's portal

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
        """Return the journal with the newest (tagged, if any is), the live one and its former."""
        live = self.live_edition
        needed = {self.live, None if live is None else live.before}
        counted = [each for each in self.editions if each.tag] or self.editions
        needed |= {each.number for each in counted[-count:]}
        editions = tuple(each for each in self.editions if each.number in needed)
        return Journal(live=self.live, editions=editions)


class Effect(StrEnum):
    """What became of a customer's portal."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    HELD_BACK = "held-back"
    TAKEN_DOWN = "taken-down"
    NONE = "none"

    @property
    def words(self) -> str:
        """How people read it."""
        return self.value.replace("-", " ")


@dataclass(frozen=True, slots=True)
class CustomerReport:
    """What became of one customer's portal."""

    slug: str
    effect: Effect
    generation: Generation | None = None  # what is shown now; None if nothing is
    reason: str = ""  # why it is held back, was taken down, or does not exist
    problems: tuple[Problem, ...] = ()  # the errors in the data that hold it back

    @property
    def as_of(self) -> str | None:
        """The day that is shown now."""
        return None if self.generation is None else self.generation.as_of

    def to_json(self) -> dict[str, Any]:
        """Return it as other programs read it."""
        said = select_fields(self, "effect", "as_of", "reason", "problems")
        return {"customer": self.slug, **said, "reason": self.reason or None}


@dataclass(frozen=True, slots=True)
class PublicationReport:
    """What a publication did, its tag, and remarks on an earlier one that was cut short."""

    folder: str
    commit: str
    as_of: date
    tag: str | None
    customers: Sequence[CustomerReport]
    remarks: tuple[str, ...] = ()

    @property
    def portals(self) -> Mapping[str, Generation]:
        """What is shown now, by customer."""
        return {each.slug: each.generation for each in self.customers if each.generation}

    @property
    def held_back(self) -> tuple[str, ...]:
        """The customers whose portal stays as it was, because something is wrong."""
        return tuple(each.slug for each in self.customers if each.effect is Effect.HELD_BACK)

    @property
    def is_done(self) -> bool:
        """Whether anything was published; not, if every customer was held back."""
        return {each.effect for each in self.customers} - {Effect.NONE} != {Effect.HELD_BACK}

    def list_counts(self) -> Iterator[str]:
        """Yield how many portals were published, unchanged, held back and taken down."""
        counts = Counter(each.effect for each in self.customers)
        for effect in Effect:
            if counts[effect] and effect is not Effect.NONE:
                yield f"{counts[effect]:,} {effect.words}"
