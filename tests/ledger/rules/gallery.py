"""The example ledgers: where they are, and how one is checked in a repository of its own."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple

from tests.conftest import Ran, RunPunchcard, start_repository

EXAMPLES = Path(__file__).parents[2] / "example_ledgers"
IS_UPDATING = bool(os.environ.get("UPDATE_EXPECTED"))
"""Whether the expected texts are to be written anew, to be read by a person afterwards."""

NEEDS_TWO_REVISIONS = frozenset({"changed-history", "author-mismatch"})
"""The rules that no ledger breaks by itself."""

_DEFAULT_AS_OF = "2026-11-30"
_TIME_TAKEN = re.compile(r" \([0-9.]+ s\)$", re.MULTILINE)


class Example(NamedTuple):
    """A ledger of the gallery; ``rule`` is the one it breaks, empty if it is valid."""

    rule: str
    name: str
    folder: Path

    @property
    def as_of(self) -> str:
        """The day from which it is looked at."""
        file = self.folder / "as_of.txt"
        return file.read_text().strip() if file.exists() else _DEFAULT_AS_OF

    @property
    def expected(self) -> Path:
        """The file with the expected text."""
        return self.folder / "expected.txt"

    def __str__(self) -> str:
        return f"{self.rule}/{self.name}".removeprefix("/")


def list_invalid() -> list[Example]:
    """Return the ledgers that break a rule, sorted."""
    folders = sorted((EXAMPLES / "invalid").glob("*/*/"))
    return [Example(folder.parent.name, folder.name, folder) for folder in folders]


def list_valid() -> list[Example]:
    """Return the ledgers that break none, sorted."""
    return [Example("", folder.name, folder) for folder in sorted((EXAMPLES / "valid").glob("*/"))]


def check(example: Example, punchcard: RunPunchcard, root: Path, *options: str) -> Ran:
    """Check a copy of an example in a repository at ``root``; the time taken is left out."""
    shutil.copytree(example.folder / "customers", root / "customers", symlinks=True)
    start_repository(root)
    ran = punchcard(root, "check", "--as-of", example.as_of, *options)
    return ran._replace(stdout=_TIME_TAKEN.sub("", ran.stdout))
