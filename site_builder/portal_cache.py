"""Portals as they were built last, kept to be used again: one file a customer.

A file that is damaged, or of another version of this program, counts as not there. It is written
aside and put in its place at once, so that several builds can use the folder at the same time.
Every content is checked against its digest when it is taken out.
"""

from __future__ import annotations

import json
import os
import secrets
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from site_builder.input_digests import digest

DEFAULT_LIMIT_BYTES = 1 << 30

_NOWHERE: Mapping[str, Any] = MappingProxyType({})
_MAGIC = b"punchcard-portal 1\n"
_DIGEST_BYTES = 40
_LENGTH_BYTES = 12
_SUFFIX = ".portal"


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
        context: the digest of what it has in common with others, its date for instance.
        content: the digest of the customer's files.
        facts: what the build said of it.
        frame: the digest of what stands around its pages; empty for a customer without a portal.
        digests: of each of its files, by path.
        needs: what its pages need to be allowed, by path, as plain data; others need nothing.
        parts: by name.
        cores: the digests of what some parts are made around, by name.
    """

    context: str
    content: str
    facts: Mapping[str, Any]
    frame: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    needs: Mapping[str, Any] = field(default_factory=dict)
    parts: Mapping[str, StoredPart] = field(default_factory=dict)
    cores: Mapping[str, str] = field(default_factory=dict)


class KeptPortal:
    """A portal taken from the cache; the contents of its files are unpacked when asked for."""

    def __init__(
        self, portal: StoredPortal, data: bytes = b"", places: Mapping[str, Any] = _NOWHERE
    ) -> None:
        self.portal = portal
        self._data = data
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
            start, size = self._places[path]
            return self._data[start : start + size]
        except (KeyError, TypeError, ValueError):
            return None


NOTHING_KEPT = KeptPortal(StoredPortal("", "", {}))


class PortalCache:
    """The portals of one provider, in a folder."""

    def __init__(self, folder: Path, provider: str) -> None:
        self._folder = folder / "portals"
        self._provider = provider

    def read(self, slug: str) -> KeptPortal:
        """Return what is known of a customer's portal, which may be nothing."""
        try:
            data = self._path(slug).read_bytes()
            header = _read_header(data)
            parts = {
                name: StoredPart(part["needs"], tuple(part["pages"]), tuple(part["files"]))
                for name, part in header["portal"].pop("parts").items()
            }
            stored = StoredPortal(**header["portal"], parts=parts)
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return NOTHING_KEPT
        return KeptPortal(stored, data, header["places"])

    def write(self, slug: str, portal: StoredPortal, packed: Mapping[str, bytes]) -> None:
        """Keep a portal and its files as ``pack`` makes them; do without if that cannot be."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            path = self._path(slug)
            aside = path.with_name(f"{path.name}.{secrets.token_hex(6)}")
            try:
                aside.write_bytes(_join(portal, packed))
                aside.replace(path)
            finally:
                aside.unlink(missing_ok=True)
        except OSError:
            return

    def touch(self, slug: str) -> None:
        """Note that a customer's portal was of use."""
        try:
            os.utime(self._path(slug))
        except OSError:
            return

    def shrink(self, slugs: Iterable[str] = (), limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        """Remove what was of no use for longest until the rest is within the limit.

        What is known of ``slugs`` stays: a large ledger would else lose at the end of each build
        what the next one needs first.
        """
        kept = {self._path(slug).name for slug in slugs}
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

    def _path(self, slug: str) -> Path:
        return self._folder / f"{digest(self._provider, slug)}{_SUFFIX}"


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
    header = json.dumps({"portal": _to_plain(portal), "places": places}).encode()
    start = _MAGIC + digest(header).encode() + f"{len(header):0{_LENGTH_BYTES}d}".encode()
    return start + header + b"".join(blobs.values())


def _to_plain(portal: StoredPortal) -> dict[str, Any]:
    parts = {
        name: {"needs": part.needs, "pages": part.pages, "files": part.files}
        for name, part in portal.parts.items()
    }
    return {each.name: getattr(portal, each.name) for each in fields(portal)} | {"parts": parts}


def _read_header(data: bytes) -> dict[str, Any]:
    """Return the header of a file.

    Raises:
        ValueError: it is not ours, or damaged.
    """
    after_magic = len(_MAGIC)
    after_digest = after_magic + _DIGEST_BYTES
    start = after_digest + _LENGTH_BYTES
    header = data[start : start + int(data[after_digest:start])]
    if not data.startswith(_MAGIC) or digest(header).encode() != data[after_magic:after_digest]:
        raise ValueError("not a portal's file")
    loaded: dict[str, Any] = json.loads(header)
    end = len(data)
    loaded["places"] = {
        path: (end + place, size) for path, (place, size) in loaded["places"].items()
    }
    return loaded
