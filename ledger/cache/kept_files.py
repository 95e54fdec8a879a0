"""Files of plain data in the cache folder: written in whole, checked against their digest.

A file that is damaged, cut off or somebody else's counts as not there. What is in it is data and
never code. A file is written aside and put in its place at once, so that any number of processes
can use the folder together: the last one to write wins, and what the others had is found anew.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

_MAGIC = b"punchcard-kept 1 "
_SUFFIX = ".kept"
LIMIT_BYTES = 256 << 20


class KeptFiles:
    """The files of one kind in a cache folder."""

    def __init__(self, folder: Path, limit_bytes: int = LIMIT_BYTES) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes

    def read(self, name: str) -> Any:
        """Return the data of a file; None if it is not there or not whole."""
        try:
            head, _, body = self._path(name).read_bytes().partition(b"\n")
            return json.loads(body) if head == _sign(name, body) else None
        except (OSError, ValueError, RecursionError):
            return None

    def write(self, name: str, data: Any) -> None:
        """Keep data; do without if that cannot be."""
        body = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(
            "utf-8", "surrogatepass"
        )
        path = self._path(name)
        aside = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            try:
                aside.write_bytes(_sign(name, body) + b"\n" + body)
                aside.replace(path)
            finally:
                aside.unlink(missing_ok=True)
            self._shrink()
        except OSError:
            return

    def touch(self, name: str) -> None:
        """Note that a file was of use."""
        try:
            os.utime(self._path(name))
        except OSError:
            return

    def _shrink(self) -> None:
        """Remove what was of no use for longest until the rest is within the limit."""
        found = [(entry.stat(follow_symlinks=False), entry.path) for entry in _scan(self._folder)]
        total = sum(status.st_size for status, _path in found)
        for status, path in sorted(found, key=lambda pair: (pair[0].st_mtime_ns, pair[1])):
            if total <= self._limit_bytes:
                return
            Path(path).unlink(missing_ok=True)
            total -= status.st_size

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_SUFFIX}"


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if entry.name.endswith(_SUFFIX) or entry.name[0] == "."]


def _sign(name: str, body: bytes) -> bytes:
    """Return the first line of a file: it tells a damaged one, and one with another's name."""
    hashed = hashlib.sha256(name.encode() + b"\0")
    hashed.update(body)
    return _MAGIC + hashed.hexdigest().encode()
