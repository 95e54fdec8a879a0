"""Portals as they were built last, kept to be used again: one file a customer.

A second, small one says what a portal was like when it was last renewed for another day: all the
rest of it stays where it is.

A file that is damaged, or of another version of this program, counts as not there. It is written
aside and put in its place at once, so that several builds can use the folder at the same time.
Every content is checked against its digest when it is taken out.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from site_builder.file_links import write_file
from site_builder.input_digests import digest

DEFAULT_LIMIT_BYTES = 1 << 30

_NOWHERE: Mapping[str, Any] = MappingProxyType({})
_MAGIC = b"punchcard-portal 2\n"
_DIGEST_BYTES = 40
_LENGTH_BYTES = 12
_OUTLINE = ("context", "content", "facts", "first_day", "last_day", "day", "digests")
_HEAD_BYTES = len(_MAGIC) + _DIGEST_BYTES + _LENGTH_BYTES
_READ_AT_ONCE = 1 << 15
_SUFFIX = ".portal"
_DAY_SUFFIX = ".day"


@dataclass(frozen=True, slots=True)
class StoredPart:
    """What is known of a part of a portal.

    Attributes:
        needs: the values that it was made from, and their digests.
        pages: its pages without their bodies, as plain data.
        files: the paths of its other files.
    """

    needs: Mapping[str, str]
    pages: tuple[Mapping[str, Any], ...]
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredPortal:
    """What is known of a portal that was built.

    Attributes:
        context: the digest of what it has in common with others, its look for instance.
        content: the digest of the customer's files.
        facts: what the build said of it.
        first_day: the as-of date of the build.
        last_day: the last as-of date that is like it: records compare with it in the same way.
        day: the digest of the date and the commit that it shows.
        look: the digest of the look in which it was made; empty for a customer without a portal.
        frame: the digest of what stands around its pages.
        digests: of each of its files, by path.
        needs: what its pages need to be allowed, by path, as plain data; others need nothing.
        parts: by name.
        cores: the digests of what some parts are made around, by name.
    """

    context: str
    content: str
    facts: Mapping[str, Any]
    first_day: str = ""
    last_day: str = ""
    day: str = ""
    look: str = ""
    frame: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, StoredPart] = field(default_factory=dict)
    cores: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StoredDay:
    """What is known of a portal that was renewed.

    Attributes:
        portal: the id of what is known of the portal itself.
        day: the digest of the date and the commit that it shows now.
        digests: of the files that were made again, by path.
        policy: what its pages need now.
        digest: of all its files.
    """

    portal: str
    day: str
    digests: Mapping[str, str]
    policy: str
    digest: str


class KeptPortal:
    """A portal taken from the cache; the contents of its files are read when asked for.

    Attributes:
        portal: what is known of it.
        id: what tells it from what was known before.
    """

    def __init__(
        self,
        portal: StoredPortal,
        path: Path | None = None,
        places: Mapping[str, Any] = _NOWHERE,
        id_: str = "",
    ) -> None:
        self.portal = portal
        self.id = id_
        self._path = path
        self._places = places

    def get(self, path: str) -> bytes | None:
        """Return a file's content, or a core's; None if it was not stored, or is damaged."""
        try:
            content = zlib.decompress(self.get_packed(path) or b"")
        except zlib.error:
            return None
        expected = self.portal.digests.get(path) or self.portal.cores.get(path)
        return content if digest(content) == expected else None

    def get_packed(self, path: str) -> bytes | None:
        """Return a file's content as it was stored."""
        try:
            from_end, size = self._places[path]
            start = len(self._data) + from_end
            return self._data[start : start + size]
        except (OSError, KeyError, TypeError, ValueError):
            return None

    @cached_property
    def _data(self) -> bytes:
        # If somebody has put another file there since, digests tell.
        return b"" if self._path is None else self._path.read_bytes()


NOTHING_KEPT = KeptPortal(StoredPortal("", "", {}))


class PortalCache:
    """The portals of one provider, in a folder."""

    def __init__(self, folder: Path, provider: str) -> None:
        self._folder = folder / "portals"
        self._provider = provider

    def read(self, slug: str) -> KeptPortal:
        """Return what is known of a customer's portal, which may be nothing."""
        try:
            path = self._path(slug)
            id_, header = _read_header(path)
            outline, inside = map(json.loads, header.split(b"\n"))
            parts = {
                name: StoredPart(part["needs"], tuple(part["pages"]), tuple(part["files"]))
                for name, part in inside.pop("parts").items()
            }
            places = inside.pop("places")
            stored = StoredPortal(**outline, **inside, parts=parts)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return NOTHING_KEPT
        return KeptPortal(stored, path, places, id_)

    def read_outline(self, slug: str) -> KeptPortal:
        """Return the same without what is in the portal: whose it is, and which files it has."""
        try:
            id_, header = _read_header(self._path(slug))
            stored = StoredPortal(**json.loads(header.partition(b"\n")[0]))
        except (OSError, ValueError, TypeError):
            return NOTHING_KEPT
        return KeptPortal(stored, id_=id_)

    def write(self, slug: str, portal: StoredPortal, packed: Mapping[str, bytes]) -> None:
        """Keep a portal and its files as ``pack`` makes them; do without if that cannot be."""
        self._put(self._path(slug), _join(portal, packed))

    def read_day(self, slug: str, kept: KeptPortal) -> StoredDay | None:
        """Return what is known of the day for which a customer's portal was renewed."""
        try:
            signature, _, text = self._path(slug, _DAY_SUFFIX).read_bytes().partition(b"\n")
            stored = StoredDay(**json.loads(text)) if digest(text).encode() == signature else None
        except (OSError, ValueError, TypeError):
            return None
        return stored if stored is not None and stored.portal == kept.id else None

    def write_day(self, slug: str, stored: StoredDay) -> None:
        """Keep what is known of a renewed portal; do without if that cannot be."""
        text = json.dumps({each.name: getattr(stored, each.name) for each in fields(stored)})
        self._put(self._path(slug, _DAY_SUFFIX), f"{digest(text)}\n{text}".encode())

    def touch(self, slug: str) -> None:
        """Note that a customer's portal was of use."""
        for suffix in (_SUFFIX, _DAY_SUFFIX):
            try:
                os.utime(self._path(slug, suffix))
            except OSError:
                continue

    def _put(self, path: Path, content: bytes) -> None:
        aside = path.with_name(f"{path.name}.{os.urandom(6).hex()}")
        try:
            try:
                write_file(aside, content)
                # In the place of another file, some systems would first have it all on the disk.
                path.unlink(missing_ok=True)
                aside.replace(path)
            except BaseException:
                aside.unlink(missing_ok=True)
                raise
        except OSError:
            return

    def shrink(self, slugs: Iterable[str] = (), limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        """Remove what was of no use for longest until the rest is within the limit.

        What is known of ``slugs`` stays: a large ledger would else lose at the end of each build
        what the next one needs first.
        """
        kept = {self._path(slug, each).name for slug in slugs for each in (_SUFFIX, _DAY_SUFFIX)}
        try:
            entries = [(entry.stat(), entry.path, entry.name) for entry in os.scandir(self._folder)]
        except OSError:
            return
        total = sum(status.st_size for status, _path, _name in entries)
        found = [(status, path) for status, path, name in entries if name not in kept]
        for status, path in sorted(found, key=lambda pair: (pair[0].st_mtime_ns, pair[1])):
            if total <= limit_bytes:
                return
            Path(path).unlink(missing_ok=True)
            total -= status.st_size

    def _path(self, slug: str, suffix: str = _SUFFIX) -> Path:
        return self._folder / f"{digest(self._provider, slug)}{suffix}"


def pack(content: bytes) -> bytes:
    """Return a file's content as it is stored."""
    return zlib.compress(content, 1)


def _join(portal: StoredPortal, blobs: Mapping[str, bytes]) -> bytes:
    """Return a file: magic, digest and length of the header, header, contents.

    Places are counted from the end of the file, so that the header's own length is of no concern.
    """
    places, at = {}, -sum(map(len, blobs.values()))
    for path, blob in blobs.items():
        places[path] = (at, len(blob))
        at += len(blob)
    plain = _to_plain(portal)
    outline = {name: plain.pop(name) for name in _OUTLINE}
    header = f"{json.dumps(outline)}\n{json.dumps({**plain, 'places': places})}".encode()
    start = _MAGIC + digest(header).encode() + f"{len(header):0{_LENGTH_BYTES}d}".encode()
    return start + header + b"".join(blobs.values())


def _to_plain(portal: StoredPortal) -> dict[str, Any]:
    parts = {
        name: {"needs": part.needs, "pages": part.pages, "files": part.files}
        for name, part in portal.parts.items()
    }
    return {each.name: getattr(portal, each.name) for each in fields(portal)} | {"parts": parts}


def _read_header(path: Path) -> tuple[str, bytes]:
    """Return the digest of a file's header, and the header; most need nothing else of it.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not ours, or damaged.
    """
    with path.open("rb", buffering=0) as file:
        start = file.read(_READ_AT_ONCE)
        expected = start[len(_MAGIC) : len(_MAGIC) + _DIGEST_BYTES].decode()
        size = int(start[_HEAD_BYTES - _LENGTH_BYTES : _HEAD_BYTES])
        missing = _HEAD_BYTES + size - len(start)
        header = start[_HEAD_BYTES : _HEAD_BYTES + size] + file.read(max(0, missing))
    if not start.startswith(_MAGIC) or digest(header) != expected:
        raise ValueError("not a portal's file")
    return expected, header
