"""The records of a publication folder: its journal, its editions, and the generations of portals.

A generation is one portal as it was published once. Its manifest lies beside the generation's
folder, which is served. An edition is what one publication made of all portals: the generation of
each. Writing the journal is what publishes: from then on the edition that it calls live is the one
to be shown, and whoever finds anything else there, after a crash for instance, puts it right.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel

from ledger.files.durable_files import flush_folder


class Edition(BaseModel, frozen=True, extra="forbid"):
    """What one publication made of all portals; editions of a folder are numbered from 1.

    Attributes:
        before: the edition that was live before; None for the first.
        digest: of the figures.
        is_recorded: whether it is to have a tag; ``tag`` is None as long as there is none.
        held_back: the customers whose portal stayed as it was.
        portals: the name of the generation of each customer's portal.
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
    portals: Mapping[str, str]

    def repeats(self, other: Edition) -> bool:
        """Whether it is the same once more: of the same commit and day, with the same portals."""
        own = {"number", "before", "tag", "versions"}
        return self.model_dump(exclude=own) == other.model_dump(exclude=own)


class Journal(BaseModel, frozen=True):
    """The editions of a folder that are kept, oldest first, and the number of the live one."""

    format: int = 1
    live: int | None
    editions: tuple[Edition, ...]

    @property
    def live_edition(self) -> Edition | None:
        """The edition that customers see."""
        return self.find(self.live)

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
        """Return the journal without old editions; the live one and what it replaced stay."""
        live = self.live_edition
        needed = {self.live, None if live is None else live.before}
        needed |= {each.number for each in self.editions[-count:]}
        editions = tuple(each for each in self.editions if each.number in needed)
        return Journal(live=self.live, editions=editions)


class Generation(NamedTuple):
    """The manifest of one portal as it was published once.

    Attributes:
        as_of: the day that it shows, ISO.
        files: the SHA-256 of each file, by path.
        last_day: the portal's last day, ISO, as far as it was known then.
        revision: the commit that it shows.
    """

    as_of: str
    content_security_policy: str
    files: Mapping[str, str]
    last_day: str | None
    revision: str | None

    def is_over(self, today: date) -> bool:
        """Whether the portal's last day, as far as it was known then, is before ``today``."""
        return self.last_day is not None and self.last_day < today.isoformat()


def name_generation(number: int, files: Mapping[str, str]) -> str:
    """Return the name of what a publication made of these files: its number, and their digest."""
    lines = "".join(f"{sha256} {path}\0" for path, sha256 in sorted(files.items()))
    digest = hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
    return f"{number:06d}-{digest[:12]}"


def digest_files(folder: Path, *, flush: bool = False, prefix: str = "") -> dict[str, str]:
    """Return the SHA-256 of each file below a folder, by path; ``OSError`` if there are links.

    With ``flush``, each file and folder is brought onto the disk first.
    """
    found = {}
    for entry in sorted(folder.iterdir()):
        path = f"{prefix}{entry.name}"
        if entry.is_dir() and not entry.is_symlink():
            found.update(digest_files(entry, flush=flush, prefix=f"{path}/"))
            continue
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(entry, flags), "rb") as file:  # noqa: PTH123  # a descriptor
            if flush:
                os.fsync(file.fileno())
            found[path] = hashlib.file_digest(file, "sha256").hexdigest()
    if flush:
        flush_folder(folder)
    return found


def compare_files(found: Mapping[str, str], expected: Mapping[str, str]) -> str | None:
    """Return how the digests of a folder's files differ from a manifest's; None if they do not."""
    for path in (*found, *sorted(expected)):
        if path not in expected:
            return f"{path} is too many"
        if path not in found:
            return f"{path} is missing"
        if found[path] != expected[path]:
            return f"{path} is not what was written"
    return None
