"""What a publication, or going back to an earlier one, did to each customer's portal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ledger.errors import Problem


class Effect(StrEnum):
    """What became of a customer's portal."""

    PUBLISHED = "published"
    UNCHANGED = "unchanged"
    HELD_BACK = "held-back"
    TAKEN_DOWN = "taken-down"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class CustomerReport:
    """What became of one customer's portal.

    Attributes:
        as_of: the day that the portal shows now; None if there is none.
        reason: why it is held back, was taken down, or does not exist.
        problems: the errors in the data that hold it back.
    """

    slug: str
    effect: Effect
    as_of: date | None = None
    reason: str = ""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class PublicationReport:
    """What a publication did.

    Attributes:
        tag: the tag that records it; None if it has none.
        remarks: what else there is to know, of an earlier publication that was cut short for one.
        is_done: whether anything was published; not, if every customer was held back.
    """

    folder: str
    commit: str
    as_of: date
    tag: str | None
    customers: tuple[CustomerReport, ...]
    remarks: tuple[str, ...] = ()
    is_done: bool = True

    @property
    def held_back(self) -> tuple[CustomerReport, ...]:
        """The customers whose portal stays as it was, because something is wrong."""
        return tuple(each for each in self.customers if each.effect is Effect.HELD_BACK)

    def count(self, effect: Effect) -> int:
        """Return to how many portals that happened."""
        return sum(each.effect is effect for each in self.customers)

    def to_json(self) -> dict[str, Any]:
        """Return what ``--format json`` prints."""
        return {
            "folder": self.folder,
            "commit": self.commit,
            "as_of": self.as_of.isoformat(),
            "tag": self.tag,
            "customers": [_to_plain(each) for each in self.customers],
            "remarks": list(self.remarks),
        }


def _to_plain(customer: CustomerReport) -> dict[str, Any]:
    return {
        "customer": customer.slug,
        "effect": customer.effect.value,
        "as_of": None if customer.as_of is None else customer.as_of.isoformat(),
        "reason": customer.reason or None,
        "problems": list(describe_problems(customer.problems)),
    }


def describe_problems(problems: Iterable[Problem]) -> Iterable[dict[str, Any]]:
    """Yield problems as ``check --format json`` has them."""
    from ledger.reporters.problem_json import problem_to_json

    return map(problem_to_json, problems)
