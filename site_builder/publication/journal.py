"""The journal of a publication folder: which editions there are, and which one is live.

An edition is what one publication made of all portals: the generation of each. Writing the journal
is what publishes: from then on the edition it calls live is the one to be shown, and whoever finds
anything else there, after a crash for instance, puts it right.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Edition:
    """What one publication made of all portals.

    Attributes:
        number: editions of a folder are counted from 1.
        before: the edition that was live before; None for the first.
        tag: the tag that records it; None as long as there is none.
        is_recorded: whether it is to have a tag.
        digest: of the figures.
        held_back: the customers whose portal stayed as it was.
        portals: the generation of each customer's portal.
    """

    number: int
    before: int | None
    commit: str
    as_of: date
    digest: str
    is_recorded: bool
    tag: str | None = None
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    held_back: tuple[str, ...] = ()
    portals: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def repeats(self, other: Edition) -> bool:
        """Whether it is the same once more: of the same commit and day, with the same portals."""
        same_place = replace(
            self, number=other.number, before=other.before, tag=other.tag, versions=other.versions
        )
        return same_place == other

    @property
    def lacks_tag(self) -> bool:
        """Whether its tag is still to be made."""
        return self.is_recorded and self.tag is None


@dataclass(frozen=True, slots=True)
class Journal:
    """The editions of a folder that are kept, oldest first, and the number of the live one."""

    live: int | None = None
    editions: tuple[Edition, ...] = ()

    @property
    def live_edition(self) -> Edition | None:
        """The edition that customers see."""
        return self.find(self.live)

    @property
    def next_number(self) -> int:
        """The number of the next edition."""
        return max((edition.number for edition in self.editions), default=0) + 1

    def find(self, number: int | None) -> Edition | None:
        """Return the edition of a number, if it is kept."""
        return next((each for each in self.editions if each.number == number), None)

    def with_live(self, edition: Edition) -> Journal:
        """Return the journal in which ``edition`` is live; it is added, or takes its place."""
        others = [each for each in self.editions if each.number != edition.number]
        editions = sorted([*others, edition], key=lambda each: each.number)
        return Journal(edition.number, tuple(editions))

    def with_newest(self, count: int) -> Journal:
        """Return the journal without old editions; the live one and what it replaced stay."""
        live = self.live_edition
        needed = {self.live, None if live is None else live.before}
        newest = {each.number for each in self.editions[-count:]}
        kept = (each for each in self.editions if each.number in needed | newest)
        return replace(self, editions=tuple(kept))

    def to_json(self) -> str:
        """Return the text of the journal's file."""
        editions = [_to_plain(edition) for edition in self.editions]
        document = {"format": _FORMAT, "live": self.live, "editions": editions}
        return json.dumps(document, indent=1) + "\n"


def parse_journal(text: str) -> Journal:
    """Return the journal that a file's text says.

    Raises:
        ValueError: it says none.
    """
    document = json.loads(text)
    try:
        return Journal(document["live"], tuple(map(_parse_edition, document["editions"])))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no journal of publications") from error


def _to_plain(edition: Edition) -> dict[str, Any]:
    plain = replace(edition, versions={}, portals={})
    return {
        **asdict(plain),
        "as_of": edition.as_of.isoformat(),
        "versions": dict(edition.versions),
        "portals": dict(edition.portals),
    }


def _parse_edition(plain: Mapping[str, Any]) -> Edition:
    return Edition(
        **{
            **plain,
            "as_of": date.fromisoformat(plain["as_of"]),
            "held_back": tuple(plain["held_back"]),
            "versions": MappingProxyType(dict(plain["versions"])),
            "portals": MappingProxyType(dict(plain["portals"])),
        }
    )
