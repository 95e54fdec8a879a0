"""What a part of the portals says of itself, and whether parts make a whole.

Parts are built on several machines. They make a whole if they are of the same commit and day, made
by the same versions with the same look and after the same publication, and if no customer is in
none or in two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from ledger.errors import LedgerError
from site_builder.shards import Shard, parse_shard

_Parts = Mapping[str, "PartRecord"]


@dataclass(frozen=True, slots=True)
class PartCustomer:
    """What a part says of one of its customers.

    Attributes:
        key: the prefix of the customer's requests, which no other customer may have.
        digest: of all files of the portal; empty if there is none.
    """

    key: str
    digest: str


@dataclass(frozen=True, slots=True)
class PartRecord:
    """What a part is of.

    Attributes:
        revision: the commit.
        previous: the newest publication before the day, of which portals say what came in since;
            empty if there is none.
        look: the digest of settings, templates and code; empty if other code takes part.
        versions: of the program, its libraries and the theme.
        customer_count: how many customers the ledger has, in all parts.
        customers: those of this part, with a portal or without.
    """

    shard: Shard
    as_of: str
    revision: str
    previous: str
    look: str
    versions: Mapping[str, str]
    customer_count: int
    customers: Mapping[str, PartCustomer]

    def to_plain(self) -> dict[str, Any]:
        """Return what stands in the manifest."""
        return {
            "shard": str(self.shard),
            "as_of": self.as_of,
            "revision": self.revision,
            "previous": self.previous,
            "look": self.look,
            "versions": dict(self.versions),
            "customer_count": self.customer_count,
            "customers": {
                slug: {"key": each.key, "digest": each.digest}
                for slug, each in sorted(self.customers.items())
            },
        }


def read_part(plain: Mapping[str, Any]) -> PartRecord:
    """Return what a manifest says.

    Raises:
        KeyError, TypeError, ValueError, AttributeError: it is none of ours.
    """
    return PartRecord(
        shard=parse_shard(plain["shard"]),
        as_of=str(plain["as_of"]),
        revision=str(plain["revision"]),
        previous=str(plain["previous"]),
        look=str(plain["look"]),
        versions={str(name): str(version) for name, version in plain["versions"].items()},
        customer_count=int(plain["customer_count"]),
        customers={
            str(slug): PartCustomer(str(each["key"]), str(each["digest"]))
            for slug, each in plain["customers"].items()
        },
    )


def require_whole(parts: _Parts) -> None:
    """See that parts, by what a message is to call them, make a whole.

    Raises:
        LedgerError: they do not; it says which of them disagree, and about what.
    """
    if not parts:
        raise LedgerError("there are no parts to put together", "name their folders")
    for what, find in _COMMON.items():
        _require_same(parts, what, find)
    _require_each_once(parts)
    _require_all_customers(parts)
    _require_own_keys(parts)


_COMMON: Mapping[str, Callable[[PartRecord], str]] = {
    "are of different commits": lambda part: part.revision,
    "are as of different days": lambda part: part.as_of,
    "were built after different publications": lambda part: part.previous or "none",
    "were made by different versions": lambda part: _list_words(part.versions),
    "were made with different templates, settings or code": lambda part: part.look,
    "are parts of different numbers of parts": lambda part: str(part.shard.count),
    "know different numbers of customers": lambda part: str(part.customer_count),
}


def _list_words(versions: Mapping[str, str]) -> str:
    return " ".join(f"{name}={version}" for name, version in sorted(versions.items()))


def _require_same(parts: _Parts, what: str, find: Callable[[PartRecord], str]) -> None:
    for (name, part), (other_name, other) in pairwise(parts.items()):
        mine, others = find(part), find(other)
        if mine != others:
            shown = _list_differing_words(mine, others)
            raise LedgerError(
                f"{name} and {other_name} {what}: {shown}",
                "build all parts of one commit, as of one day, with one version, and with all tags",
            )


def _list_differing_words(mine: str, others: str) -> str:
    here, there = set(mine.split(" ")), set(others.split(" "))
    return f"{' '.join(sorted(here - there))} and {' '.join(sorted(there - here))}"


def _require_each_once(parts: _Parts) -> None:
    seen: dict[Shard, str] = {}
    for name, part in parts.items():
        if part.shard in seen:
            raise LedgerError(f"{seen[part.shard]} and {name} are both part {part.shard}")
        seen[part.shard] = name
    count = next(iter(seen)).count
    missing = [shard for number in range(count) if (shard := Shard(number + 1, count)) not in seen]
    if missing:
        raise LedgerError(
            f"there is no part {', '.join(map(str, missing))}", "all parts make a whole, or none"
        )


def _require_all_customers(parts: _Parts) -> None:
    for name, part in parts.items():
        strange = min((slug for slug in part.customers if not part.shard.holds(slug)), default=None)
        if strange is not None:
            raise LedgerError(f"{name} has the customer {strange}, who is not in {part.shard}")
    found = sum(len(part.customers) for part in parts.values())
    count = next(iter(parts.values())).customer_count
    if found != count:
        raise LedgerError(f"the parts have {found} customers together, the ledger {count}")


def _require_own_keys(parts: _Parts) -> None:
    owners: dict[str, str] = {}
    for slug, key in _list_keys(parts):
        if key in owners:
            raise LedgerError(
                f"{owners[key]} and {slug} have the same key {key}",
                "`punchcard check` shows where; mend it and build all parts again",
            )
        owners[key] = slug


def _list_keys(parts: _Parts) -> Iterator[tuple[str, str]]:
    for part in parts.values():
        for slug, each in part.customers.items():
            if each.key:
                yield slug, each.key
