"""A fixed share of the customers, so that several machines can build the portals of all of them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

_WRITTEN = re.compile(r"([1-9][0-9]{0,3})/([1-9][0-9]{0,3})")


@dataclass(frozen=True, slots=True, order=True)
class Shard:
    """The ``number``-th of ``count`` shares; the first one is 1."""

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def holds(self, slug: str) -> bool:
        """Whether a customer is in this share: that follows from the name alone.

        So whoever is added, or goes, moves nobody else from one machine to another, and what
        each has in its cache stays of use.
        """
        place = int.from_bytes(sha256(slug.encode("utf-8", "surrogateescape")).digest()[:8], "big")
        return place % self.count == self.number - 1


def parse_shard(text: str) -> Shard:
    """Return the share that is written as ``2/8``.

    Raises:
        ValueError: it is not written like that.
    """
    found = _WRITTEN.fullmatch(text.strip())
    shard = Shard(int(found[1]), int(found[2])) if found else None
    if shard is None or shard.number > shard.count:
        raise ValueError(f"{text!r} is no share of the portals; write 2/8 for the second of eight")
    return shard
