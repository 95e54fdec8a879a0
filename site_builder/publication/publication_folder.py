"""The folder that portals are published into, as it lies on the disk.

``DIR/acme`` is a symbolic link to ``DIR/.generations/acme/000007-5d41402abc4b``; a new generation
is shown by renaming a new link over the old one. A web server that opens a path below ``DIR/acme``
gets the old portal's file or the new one's, and never anything between.

::

    DIR/acme                                  what is served
    DIR/punchcard-portals.json                the portals there are, and their headers
    DIR/.generations/publications.json        the journal
    DIR/.generations/acme/000007-5d41….json   a generation's manifest, and beside it its folder
    DIR/.generations/.making-…                a publication at work, or what a killed one has left
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.reading.file_layout import is_slug
from site_builder.output import GENERATIONS_NAME, MANIFEST_NAME, Manifest
from site_builder.overview_folder import refuse_overview
from site_builder.publication.durable_files import (
    flush_folder,
    link_durably,
    name_aside,
    replace_durably,
)
from site_builder.publication.generation import (
    Flusher,
    Generation,
    find_damage,
    parse_generation,
)
from site_builder.publication.journal import Journal, parse_journal
from site_builder.publication.publication_lock import lock_publication

_JOURNAL_NAME = "publications.json"
_LOCK_NAME = "lock"
_MAKING = ".making-"
_NOT_OURS_BUT_USUAL = frozenset({"lost+found"})


class PublicationFolder:
    """A folder of published portals."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._store = path / GENERATIONS_NAME

    @property
    def is_ours(self) -> bool:
        """Whether something was published into it before, or was about to be."""
        return self._store.is_dir() and not self._store.is_symlink()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Make the folder ours, if it is missing or empty, and keep others out meanwhile.

        Raises:
            AlreadyPublishingError: somebody else is at it.
            LedgerError: it is somebody else's, or cannot be written.
        """
        with ExitStack() as stack:
            with self.explaining_failures():
                self._require_ours()
                self._store.mkdir(parents=True, exist_ok=True)
                stack.enter_context(lock_publication(self._store / _LOCK_NAME, self.path))
            yield

    @contextmanager
    def explaining_failures(
        self, outcome: str = "so customers see what they saw before"
    ) -> Iterator[None]:
        """Say in one message what keeps us from writing, and what comes of it.

        Raises:
            LedgerError: something does.
        """
        try:
            yield
        except OSError as error:
            reason = error.strerror or str(error)
            raise LedgerError(
                f"cannot publish into {self.path}: {reason}, {outcome}",
                "see to that, and publish again",
            ) from error

    def read_journal(self) -> Journal:
        """Return which editions there are.

        Raises:
            LedgerError: the journal is damaged.
        """
        file = self._store / _JOURNAL_NAME
        try:
            return parse_journal(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return Journal()
        except ValueError as error:
            raise LedgerError(
                f"{file} cannot be read, so nobody knows what is published",
                "bring it back from a backup, or publish into an empty folder",
            ) from error

    def write_journal(self, journal: Journal) -> None:
        """Replace the journal; this is what publishes."""
        replace_durably(self._store / _JOURNAL_NAME, journal.to_json())

    def read_generation(self, slug: str, name: str) -> Generation | None:
        """Return a customer's generation; None if its manifest is missing or damaged."""
        try:
            text = self._find_manifest(slug, name).read_text(encoding="utf-8")
            return parse_generation(name, text)
        except (OSError, ValueError):
            return None

    def find_damage(self, slug: str, name: str) -> str | None:
        """Return what is wrong with a customer's generation; None if it is whole."""
        generation = self.read_generation(slug, name)
        if generation is None:
            return "its manifest is missing"
        return find_damage(self._store / slug / name, generation.files)

    def find_page(self, slug: str) -> Path:
        """Return the first page of a customer's portal."""
        return self.path / slug / "index.html"

    def refuse_foreign_names(self, slugs: tuple[str, ...]) -> None:
        """Refuse to replace what we did not put there.

        Raises:
            LedgerError: at the place of a portal lies something else.
        """
        for slug in slugs:
            place = self.path / slug
            if os.path.lexists(place) and self._read_link(place) is None:
                raise LedgerError(
                    f"{place} was not published by us, so it is left as it is",
                    "move it away, or choose another folder with --to",
                )

    @contextmanager
    def stage(self) -> Iterator[Path]:
        """Give a folder to make portals in, on the same file system; it is gone afterwards."""
        staged = self._store / f"{_MAKING}{secrets.token_hex(4)}"
        staged.mkdir()
        try:
            yield staged
        finally:
            shutil.rmtree(staged, ignore_errors=True)

    def keep(self, slug: str, made: Path, generation: Generation, flusher: Flusher) -> None:
        """Take in a portal that was made, and see that it is whole, and on the disk.

        Raises:
            LedgerError: what can be read is not what was made.
        """
        folder = self._store / slug / generation.name
        folder.parent.mkdir(exist_ok=True)
        made.rename(folder)
        if damage := flusher.flush(folder, generation.files):
            raise LedgerError(
                f"{folder}: {damage}, so nothing is published", "the disk or its memory may fail"
            )
        replace_durably(self._find_manifest(slug, generation.name), generation.to_json())
        flush_folder(self._store)

    def show(self, portals: Mapping[str, str]) -> None:
        """Let exactly these portals be seen: the generation of each customer."""
        shown = self.list_shown()
        for slug in sorted(shown.keys() - portals.keys()):
            (self.path / slug).unlink()
        for slug, name in sorted(portals.items()):
            if shown.get(slug) != name:
                target = f"{GENERATIONS_NAME}/{slug}/{name}"
                link_durably(target, self.path / slug, self._store / ".next")
        flush_folder(self.path)

    def list_shown(self) -> dict[str, str]:
        """Return which generation of each customer is seen."""
        found = ((place.name, self._read_link(place)) for place in self.path.iterdir())
        return {slug: name for slug, name in found if name is not None}

    def write_manifest(self, portals: Mapping[str, str], about: Mapping[str, Any]) -> None:
        """Say which portals there are, for ``portal access``; ``about`` is of the publication."""
        records = {
            slug: generation.record
            for slug, name in portals.items()
            if (generation := self.read_generation(slug, name)) is not None
        }
        document = json.loads(Manifest(records).to_json())
        text = json.dumps({**document, "publication": dict(about)}, indent=2) + "\n"
        file = self.path / MANIFEST_NAME
        if not file.is_file() or file.read_text(encoding="utf-8", errors="replace") != text:
            replace_durably(file, text)

    def clear(self, journal: Journal) -> None:
        """Remove what no edition needs: old generations, and what a killed publication left."""
        needed = set(self.list_shown().items())
        for edition in journal.editions:
            needed |= set(edition.portals.items())
        (self.path / name_aside(MANIFEST_NAME)).unlink(missing_ok=True)
        for entry in self._store.iterdir():
            if is_slug(entry.name) and entry.is_dir() and not entry.is_symlink():
                _clear_customer(entry, {name for slug, name in needed if slug == entry.name})
            elif entry.name.startswith("."):
                _remove(entry)

    def _require_ours(self) -> None:
        refuse_overview(self.path)
        if self.is_ours or not os.path.lexists(self.path):
            return
        if not self.path.is_dir():
            raise LedgerError(f"{self.path} is not a folder", "choose another with --to")
        if any(entry.name not in _NOT_OURS_BUT_USUAL for entry in self.path.iterdir()):
            raise LedgerError(
                f"{self.path} is neither empty nor a folder of published portals, "
                "so it is left as it is",
                "choose another with --to; `portal build` and `portal publish` need one each",
            )

    def _find_manifest(self, slug: str, name: str) -> Path:
        return self._store / slug / f"{name}.json"

    def _read_link(self, place: Path) -> str | None:
        """Return the generation that a customer's link leads to; None if it is no link of ours."""
        if not place.is_symlink():
            return None
        parts = place.readlink().parts
        is_ours = len(parts) == len(("store", "slug", "name")) and parts[0] == GENERATIONS_NAME
        return parts[2] if is_ours and parts[1] == place.name else None


def _clear_customer(folder: Path, needed: set[str]) -> None:
    for entry in folder.iterdir():
        if entry.name not in needed and entry.name.removesuffix(".json") not in needed:
            _remove(entry)
    if not any(folder.iterdir()):
        folder.rmdir()


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)
