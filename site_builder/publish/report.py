"""What a publication, or going back to an earlier one, did to each customer's portal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ledger.errors import Problem
from site_builder.publish.journal import Generation


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
    """What became of one customer's portal.

    Attributes:
        generation: what is shown now; None if nothing is.
        reason: why it is held back, was taken down, or does not exist.
        problems: the errors in the data that hold it back.
    """

    slug: str
    effect: Effect
    generation: Generation | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()

    @property
    def as_of(self) -> str | None:
        """The day that is shown now."""
        return None if self.generation is None else self.generation.as_of


@dataclass(frozen=True, slots=True)
class PublicationReport:
    """What a publication did; ``tag`` records it, if there is one.

    ``remarks`` say what else there is to know, of an earlier publication that was cut short.
    """

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

    def to_json(self) -> dict[str, Any]:
        """Return what ``--format json`` prints."""
        return {
            "folder": self.folder,
            "commit": self.commit,
            "as_of": self.as_of.isoformat(),
            "tag": self.tag,
            "customers": [
                {
                    "customer": each.slug,
                    "effect": each.effect.value,
                    "as_of": each.as_of,
                    "reason": each.reason or None,
                    "problems": [problem.to_json() for problem in each.problems],
                }
                for each in self.customers
            ],
            "remarks": list(self.remarks),
        }
