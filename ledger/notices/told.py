"""What has been told already: a small file, so that nobody is told anything twice.

It says up to which publication everybody was told, and of a run that was cut short who was told of
a later one::

    up-to published/2026-11-16
    published/2026-11-23 5d41402abc4b2a76

People are known by a hash. One program has the file at a time.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.files.durable_files import APPENDING, replace_durably
from ledger.history.publications import TAG_PREFIX, Publication
from ledger.text import natural_key
from ledger.writing.files import hold_lock

_UP_TO = "up-to"
_KEY_LENGTH = 16


def hash_key(*parts: str) -> str:
    """Return the key of a person, or of anything else that is told once."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


class Told:
    """The file at ``path``, held by this process; see ``hold_told``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.up_to: str | None = None
        self._told: dict[str, str] = {}
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        self._start = "" if text.endswith("\n") or not text else "\n"  # A line that was cut off.
        for tag, _space, key in (line.partition(" ") for line in text.split("\n")[:-1]):
            if tag == _UP_TO:
                self.up_to = key
            elif len(key) == _KEY_LENGTH:
                self._told[key] = tag

    def find(self, *person: str) -> str | None:
        """Return the publication that a person was told of last; None if the file does not say."""
        return self._told.get(hash_key(*person)[:_KEY_LENGTH], self.up_to)

    @property
    def tags(self) -> set[str]:
        """The publications of which some people were told in a run that was cut short."""
        return {*self._told.values()}

    def add(self, tag: str, *person: str) -> None:
        """Note that a person was told of a publication; it is on the disk when this returns."""
        key = hash_key(*person)[:_KEY_LENGTH]
        with os.fdopen(os.open(self._path, APPENDING, 0o600), "ab") as file:
            file.write(f"{self._start}{tag} {key}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        self._told[key], self._start = tag, ""

    def finish(self, tag: str) -> None:
        """Note that everybody was told of a publication."""
        replace_durably(self._path, f"{_UP_TO} {tag}\n".encode(), mode=0o600)
        self.up_to, self._told, self._start = tag, {}, ""


@contextmanager
def hold_told(path: Path) -> Iterator[Told]:
    """Hold the file of what was told; who comes second waits, and sees what the first one told.

    Raises:
        LedgerError: it cannot be read or written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with hold_lock(path.with_name(f"{path.name}.lock")):
            yield Told(path)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise LedgerError(message, "name another file with --state") from error


class Step(NamedTuple):
    """Two publications to compare; ``before`` is None where nothing was published before."""

    before: Publication | None
    now: Publication


class Plan:
    """Which publications to compare, and for whom.

    Everybody is told of what is new since the publication that they were told of last. Without
    any in the file that is ``since``, or the one before ``until``, which is the last one if None.
    """

    def __init__(
        self, published: Sequence[Publication], told: Told, since: str | None, until: str | None
    ) -> None:
        """Raise a LedgerError if there is no such publication, or none at all."""
        names = [each.tag for each in published]
        since, until = (
            tag and f"{TAG_PREFIX}{tag.removeprefix(TAG_PREFIX)}" for tag in (since, until)
        )
        for tag in filter(None, (since, until)):
            if names and tag not in names:
                raise LedgerError(f"there is no publication {tag}", f"the last one is {names[-1]}")
        if not names:
            hint = "`punchcard portal publish` records what it publishes; or `git fetch --tags`"
            raise LedgerError("nothing was published yet, so there is nothing to tell", hint)
        self._published, self._told = published, told
        self._last = len(names) - 1 if until is None else names.index(until)
        self._first = max(self._last - 1, -1) if since is None else names.index(since)
        if told.up_to is not None:
            up_to = self._find_place(told.up_to)
            self._first = up_to if since is None else max(self._first, up_to)

    @property
    def now(self) -> Publication:
        """The publication that people are told of."""
        return self._published[self._last]

    @property
    def steps(self) -> list[Step]:
        """One step, unless a run was cut short and another publication came since.

        None if everybody was told of the publication, or of a later one.
        """
        places = {self._first, *map(self._find_place, self._told.tags)}
        return [
            Step(self._published[place] if place >= 0 else None, self.now)
            for place in sorted(places)
            if self._first <= place < self._last
        ]

    def is_due(self, step: Step, *person: str) -> bool:
        """Whether it is in this step that a person is told."""
        tag = self._told.find(*person)
        place = self._first if tag is None else max(self._first, self._find_place(tag))
        return (self._published[place] if place >= 0 else None) == step.before

    def _find_place(self, tag: str) -> int:
        """Return the place of a publication, or of the last before it if its tag is gone."""
        wanted = natural_key(tag)
        return sum(natural_key(each.tag) <= wanted for each in self._published) - 1
