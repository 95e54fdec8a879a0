"""A digest of the program that checks: its own code, Python, and the libraries that it reads by."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_PACKAGE = Path(__file__).parents[1]
_ROOMS = (".", "cache", "figures", "models", "reading", "rules")
_FILES_WITH_VERSIONS = {
    "pydantic": "version.py",  # it asks for one version of its core
    "yaml": "__init__.py",
    "tzdata": "__init__.py",
}


@cache
def digest_program() -> str:
    """Return the digest; whoever changes a line of what checks gets another one."""
    hashed = hashlib.sha256(sys.version.encode())
    for name, content in (*_list_versions(), *_list_code()):
        hashed.update(f"\0{name} {len(content)}\0".encode())
        hashed.update(content)
    return hashed.hexdigest()


def _list_versions() -> Iterator[tuple[str, bytes]]:
    for package, file in _FILES_WITH_VERSIONS.items():
        # Importing the package, or its metadata, takes longer than all the rest.
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            yield package, Path(spec.origin).with_name(file).read_bytes()


def _list_code() -> Iterator[tuple[str, bytes]]:
    for room in _ROOMS:
        with os.scandir(_PACKAGE / room) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(".py"))
        for name in names:
            yield f"{room}/{name}", Path(f"{_PACKAGE}/{room}/{name}").read_bytes()
