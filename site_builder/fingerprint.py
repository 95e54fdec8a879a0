"""The fingerprint of a portal: one hash of everything that its files are made from.

Contents are hashed, never time stamps. A portal whose fingerprint and files are those that the
manifest names is kept; any other is built anew.
"""

from __future__ import annotations

import hashlib
import os
import platform
from collections.abc import Iterable
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from ledger.cache import digest_program
from ledger.files.source import LedgerFile
from ledger.ledger import Ledger
from site_builder.look import list_look_files

_DISTRIBUTIONS = (
    *("service-punchcards", "mkdocs", "mkdocs-material", "babel", "icalendar", "jinja2"),
    *("markdown", "markupsafe", "mkdocs-material-extensions", "nh3", "pydantic"),
    *("pymdown-extensions", "pyyaml", "reportlab", "tzdata"),
)


class Fingerprints:
    """The fingerprints of a ledger's portals in one look on one day."""

    def __init__(self, ledger: Ledger, as_of: date, configuration: Path, published: str) -> None:
        """Hash what all portals have in common; ``published`` names earlier publications."""
        self._ledger = ledger
        self._common = ""
        look = list_look_files(configuration)
        if look is not None:
            self._common = hash_parts(
                *(as_of.isoformat(), ledger.revision or "", published),
                os.environ.get("SOURCE_DATE_EPOCH", ""),
                # Relative paths: a publication checks the look out into another folder each time.
                *(os.path.relpath(file, configuration.parent) for file in look),
                *(file.read_bytes() for file in look),
                self._hash_files(ledger.list_customer_files("")),
                hash_program(),
            )

    def find(self, slug: str) -> str:
        """Return the fingerprint of a customer's portal; empty if other code takes part in it."""
        files = self._ledger.list_customer_files(slug)
        return self._common and hash_parts(self._common, self._hash_files(files))

    def _hash_files(self, listed: Iterable[LedgerFile]) -> str:
        parts = ((file.path, str(file.kind), self._read(file.path)) for file in listed)
        return hash_parts(*(part for file in parts for part in file))

    def _read(self, path: str) -> bytes:
        try:
            return self._ledger.files.read(path)
        except OSError:
            return b""  # The check reports a file that cannot be read.


def hash_parts(*parts: str | bytes) -> str:
    """Return the BLAKE2 hash of several texts, each with its length before it."""
    hashed = hashlib.blake2b(digest_size=20)
    for part in parts:
        content = part.encode("utf-8", "surrogateescape") if isinstance(part, str) else part
        hashed.update(len(content).to_bytes(8, "big") + content)
    return hashed.hexdigest()


def hash_program() -> str:
    """Return the hash of our own packages and of the versions of Python and the libraries."""
    folder = Path(__file__).parent
    parts: list[str | bytes] = [str(list_versions()), digest_program()]
    for file in sorted(folder.rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            parts += [file.relative_to(folder).as_posix(), file.read_bytes()]
    return hash_parts(*parts)


def list_versions() -> dict[str, str]:
    """Return the versions of Python and of the libraries that a portal's bytes depend on."""
    found = {}
    for name in _DISTRIBUTIONS:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "unknown"  # used from a checkout without being installed
    return {**found, "python": platform.python_version()}
