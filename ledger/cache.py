"""Cache of checks: customers whose files are as committed and were checked before are not read.

A result is found by the id of the customer's tree, within a context: the ids of the organization's
files, the as-of date, and a digest of this program and its libraries. Results with errors are not
stored: an error may be about the file system. A damaged file counts as an empty cache.
"""

import hashlib
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pydantic
import tzdata  # type: ignore[import-untyped]  # it has no stubs that mypy could use
import yaml

from ledger.errors import Problem, Severity
from ledger.files.layout import ORGANIZATION_PLACES
from ledger.ledger import Ledger
from ledger.rules.across_customers import SharedFacts

_PACKAGE = Path(__file__).parent
_FILE = "checks.json"
_MAX_CONTEXTS = 4


class CustomerResult(NamedTuple):
    """What a check found in a customer's folder; ``key`` is empty if it could not be read."""

    slug: str
    key: str
    file_count: int
    record_count: int
    problems: tuple[Problem, ...]
    shared: SharedFacts


_Results = dict[str, tuple[str, CustomerResult]]
"""The id of the tree and the result, by the customer's slug."""
_CONTEXTS = pydantic.TypeAdapter(dict[str, _Results], config={"defer_build": True})


class CheckCache:
    """The results of earlier checks, in a cache folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / _FILE

    def find(self, ledger: Ledger, as_of: date) -> Mapping[str, CustomerResult]:
        """Return the results that hold for a ledger as it is, by slug."""
        context = _identify_context(ledger, as_of)
        results = self._read().get(context, {}) if context else {}
        return {
            slug: results[slug][1]
            for slug, tree_id in ledger.tree_ids.items()
            if slug in results and results[slug][0] == tree_id
        }

    def add(
        self,
        ledger: Ledger,
        as_of: date,
        found: Iterable[CustomerResult],
        misplaced: Iterable[Problem],
    ) -> None:
        """Store results, but none of customers with misplaced files, or if files changed since."""
        context = _identify_context(ledger, as_of)
        again = Ledger(ledger.files, ledger.repository)
        if not context or again.entry_ids != ledger.entry_ids:
            return
        tree_ids, files = ledger.tree_ids, [problem.position.file for problem in misplaced]
        new = {
            result.slug: (tree_id, result)
            for result in found
            if (tree_id := tree_ids.get(result.slug))
            and all(problem.severity is not Severity.ERROR for problem in result.problems)
            and not any(file.startswith(f"{ledger.files.prefix}{result.slug}/") for file in files)
        }
        if new:
            contexts = self._read()
            contexts[context] = {**contexts.pop(context, {}), **new}  # The newest comes last.
            self._write(dict([*contexts.items()][-_MAX_CONTEXTS:]))

    def _read(self) -> dict[str, _Results]:
        try:
            digest, _, body = self._file.read_bytes().partition(b"\n")
            is_whole = digest.decode() == hashlib.sha256(body).hexdigest()
            return _CONTEXTS.validate_json(body) if is_whole else {}
        except (OSError, ValueError):
            return {}

    def _write(self, contexts: dict[str, _Results]) -> None:
        aside = self._file.with_name(f".{_FILE}.{os.getpid()}")
        with suppress(OSError, ValueError):  # A check without a cache is only slower.
            body = _CONTEXTS.dump_json(contexts)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            try:
                aside.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
                aside.replace(self._file)
            finally:
                aside.unlink(missing_ok=True)


@cache
def digest_program() -> str:
    """Return the digest of every file of the package, and of the versions of its libraries."""
    # A version of pydantic needs one version of pydantic-core.
    versions = (sys.version, pydantic.VERSION, yaml.__version__, tzdata.__version__)
    hashed = hashlib.sha256(repr(versions).encode())
    for file in sorted(_PACKAGE.rglob("*")):
        if "__pycache__" not in file.parts and file.is_file():
            content = file.read_bytes()
            hashed.update(f"\0{file.relative_to(_PACKAGE)} {len(content)}\0".encode() + content)
    return hashed.hexdigest()


def _identify_context(ledger: Ledger, as_of: date) -> str | None:
    """Return the digest of what all results depend on; None if nothing can be cached."""
    ids = {name: ledger.entry_ids[name] for name in ORGANIZATION_PLACES if name in ledger.entry_ids}
    others = ledger.entry_ids.keys() - ledger.tree_ids.keys() - ids.keys()
    if not ids or others or None in ids.values() or ledger.organization.problems:
        return None
    if ledger.converted:  # by attributes that may stand above a customer's folder
        return None
    parts = (digest_program(), as_of.isoformat(), ledger.files.prefix, *ids.items())
    return hashlib.sha256(repr(parts).encode()).hexdigest()
