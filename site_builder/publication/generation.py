"""A generation: one portal as it was published once, and the digest of every file of it.

The manifest lies beside the generation's folder, not in it: it is not to be served. A generation
counts as whole if its files are those of the manifest, to the byte, and no others.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from io import BufferedReader
from pathlib import Path
from types import MappingProxyType
from typing import Any

from site_builder.output import PortalRecord
from site_builder.publication.durable_files import flush_folder

_DIGEST_IN_NAME = 12


@dataclass(frozen=True, slots=True)
class Generation:
    """One portal as it was published once.

    Attributes:
        name: of its folder; the number of its publication and the beginning of its digest.
        revision: the commit that it shows.
        policy: its Content-Security-Policy.
        last_day: the portal's last day, as far as it was known then.
        files: the SHA-256 of each file, by path.
    """

    name: str
    as_of: date
    revision: str
    policy: str
    last_day: date | None
    files: Mapping[str, str]

    @property
    def record(self) -> PortalRecord:
        """What the manifest of all portals says of it."""
        return PortalRecord(self.as_of.isoformat(), self.revision, self.policy)

    def shows_the_same(self, other: Generation) -> bool:
        """Whether another generation has the same files of the same day and commit."""
        mine = (self.as_of, self.revision, self.policy, self.last_day, self.files)
        return mine == (other.as_of, other.revision, other.policy, other.last_day, other.files)

    def to_json(self) -> str:
        """Return the manifest."""
        document = {
            "as_of": self.as_of.isoformat(),
            "revision": self.revision,
            "content_security_policy": self.policy,
            "last_day": None if self.last_day is None else self.last_day.isoformat(),
            "files": dict(self.files),
        }
        return json.dumps(document, indent=1, sort_keys=True) + "\n"


def name_generation(number: int, files: Mapping[str, str]) -> str:
    """Return the name of what a publication made of these files."""
    hashed = hashlib.sha256()
    for path, sha256 in sorted(files.items()):
        hashed.update(f"{sha256} {path}\0".encode("utf-8", "surrogateescape"))
    return f"{number:06d}-{hashed.hexdigest()[:_DIGEST_IN_NAME]}"


def parse_generation(name: str, text: str) -> Generation:
    """Return the generation that a manifest describes.

    Raises:
        ValueError: it is none of ours, or damaged.
    """
    document: dict[str, Any] = json.loads(text)
    try:
        last_day = document["last_day"]
        return Generation(
            name=name,
            as_of=date.fromisoformat(document["as_of"]),
            revision=str(document["revision"]),
            policy=str(document["content_security_policy"]),
            last_day=None if last_day is None else date.fromisoformat(last_day),
            files=MappingProxyType(dict(document["files"])),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{name} is no manifest of a portal") from error


def digest_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of each file below a folder, by path; what has two names is read once."""
    known: dict[tuple[int, int], str] = {}
    found = {}
    for path, place in _walk(folder):
        status = os.lstat(place)
        inode = (status.st_dev, status.st_ino)
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{place} is no file")
        if inode not in known:
            known[inode] = _digest(place)
        found[path] = known[inode]
    return found


def find_damage(folder: Path, files: Mapping[str, str]) -> str | None:
    """Return what is wrong with a generation; None if it is whole.

    Args:
        folder: where it lies.
        files: what its manifest says.
    """
    try:
        return _compare(folder, files, _digest)
    except OSError as error:
        return f"{error.filename or folder}: {error.strerror}"


class Flusher:
    """Brings generations onto the disk; a file that many portals share is brought there once."""

    def __init__(self) -> None:
        self._flushed: set[tuple[int, int]] = set()

    def flush(self, folder: Path, files: Mapping[str, str]) -> str | None:
        """Bring a generation onto the disk and read it; return what is wrong with it, or None.

        Raises:
            OSError: it cannot be brought there, or not be read.
        """
        damage = _compare(folder, files, self._flush_and_digest)
        parents = {parent for path in files for parent in Path(path).parents}
        for parent in {folder, *(folder / each for each in parents)}:
            flush_folder(parent)
        return damage

    def _flush_and_digest(self, place: str) -> str:
        with _open(place) as file:
            status = os.fstat(file.fileno())
            inode = (status.st_dev, status.st_ino)
            if inode not in self._flushed:
                os.fsync(file.fileno())
                self._flushed.add(inode)
            return hashlib.file_digest(file, "sha256").hexdigest()


def _compare(folder: Path, files: Mapping[str, str], digest: Callable[[str], str]) -> str | None:
    found = set()
    for path, place in _walk(folder):
        if path not in files:
            return f"{path} is too many"
        if digest(place) != files[path]:
            return f"{path} is not what was written"
        found.add(path)
    missing = min(files.keys() - found, default=None)
    return None if missing is None else f"{missing} is missing"


def _walk(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each entry below a folder that is no folder: its path from there, and its place."""
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.is_dir(follow_symlinks=False):
            for path, place in _walk(folder / entry.name):
                yield f"{entry.name}/{path}", place
        else:
            yield entry.name, entry.path


def _digest(place: str) -> str:
    with _open(place) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _open(place: str) -> BufferedReader:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return open(os.open(place, flags), "rb")  # noqa: PTH123  # a descriptor; its callers close it
