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

import getpass
import json
import os
import shutil
import signal
import socket
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from ledger.errors import LedgerError
from ledger.files.durable_files import flush_folder, replace_durably
from ledger.files.layout import is_slug
from site_builder.output import (
    GENERATIONS_NAME,
    MANIFEST_NAME,
    Manifest,
    PortalRecord,
    refuse_overview,
)
from site_builder.publish.editions import (
    Edition,
    Generation,
    Journal,
    compare_files,
    digest_files,
)

_NOT_OURS_BUT_USUAL = frozenset({"lost+found"})
_PUBLISHED_FACTS = ("number", "tag", "commit", "as_of", "held_back")
_PUT_OFF = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


class AlreadyPublishingError(LedgerError):
    """Somebody else is publishing into the same folder."""

    exit_status = 3


class PublicationFolder:
    """A folder of published portals; all that is known of it is read from the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.store = self.path / GENERATIONS_NAME
        self._journal = self.store / "publications.json"

    @property
    def is_ours(self) -> bool:
        """Whether something was published into it before, or was about to be."""
        return self.store.is_dir() and not self.store.is_symlink()

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Make the folder ours, if it is missing or empty, and keep other publications out.

        The lock is the kernel's and ends with the process. A file beside it says who has, or had,
        the lock, and since when. ``LedgerError`` if the folder is somebody else's.
        """
        lock, note = FileLock(self.store / "lock", timeout=0), self.store / "lock.txt"
        with self.explaining_failures():
            self._require_ours()
            self.store.mkdir(parents=True, exist_ok=True)
            try:
                lock.acquire()
            except Timeout:
                raise AlreadyPublishingError(
                    f"somebody else is publishing into {self.path}: {_describe_publisher(note)}",
                    "wait until that is done",
                ) from None
        try:
            with self.explaining_failures():
                note.write_text(_describe_us(), encoding="utf-8")
            yield
        finally:
            lock.release()

    @contextmanager
    def explaining_failures(
        self, outcome: str = "so customers see what they saw before"
    ) -> Iterator[None]:
        """Say in one ``LedgerError`` what keeps us from writing, and what comes of it."""
        try:
            yield
        except OSError as error:
            raise LedgerError(
                f"cannot publish into {self.path}: {error.strerror or error}, {outcome}",
                "see to that, and publish again",
            ) from error

    def read_journal(self) -> Journal:
        """Return which editions there are; ``LedgerError`` if the journal is damaged."""
        try:
            return Journal.model_validate_json(self._journal.read_bytes())
        except FileNotFoundError:
            return Journal(live=None, editions=())
        except ValueError as error:
            raise LedgerError(
                f"{self._journal} cannot be read, so nobody knows what is published",
                "bring it back from a backup, or publish into an empty folder",
            ) from error

    def write_journal(self, journal: Journal) -> None:
        """Replace the journal; this is what publishes."""
        self._replace(self._journal, f"{journal.model_dump_json(indent=1)}\n")

    def switch(self, edition: Edition) -> None:
        """Make an edition live and let customers see it; if that fails, what they saw before.

        Each portal is switched by one rename. If the process is killed in between, whoever comes
        next finds the journal, and finishes.
        """
        with self.explaining_failures():
            before = self.read_journal()
            self.write_journal(before.with_live(edition))
            try:
                self.show(edition)
            except BaseException:
                # Where the disk refuses this, too, the journal says what is to be shown.
                with suppress(OSError):
                    self.show(before.live_edition)
                    self.write_journal(before)
                raise

    def repair(self) -> Journal:
        """Let customers see what the journal says, and remove what a killed publication has left.

        A generation that is damaged is not shown in place of another one.
        """
        with self.explaining_failures():
            journal = self.read_journal()
            if (live := journal.live_edition) is not None:
                shown, portals = self.list_shown(), dict(live.portals)
                for slug, name in live.portals.items():
                    if shown.get(slug) != name and self.find_damage(slug, name):
                        del portals[slug]
                        portals.update({slug: shown[slug]} if slug in shown else {})
                self.show(live.model_copy(update={"portals": portals}))
            self.clear(journal)
        return journal

    def show(self, live: Edition | None) -> None:
        """Let customers see an edition, and nothing else; and say so in the manifest."""
        portals, shown = {} if live is None else live.portals, self.list_shown()
        for slug in sorted(shown.keys() - portals.keys()):
            (self.path / slug).unlink()
        for slug, name in sorted(portals.items() - shown.items()):
            link = self.store / ".next"
            link.unlink(missing_ok=True)
            link.symlink_to(f"{GENERATIONS_NAME}/{slug}/{name}")
            link.replace(self.path / slug)
        flush_folder(self.path)
        if live is not None:
            self._write_manifest(live)

    def _write_manifest(self, live: Edition) -> None:
        """Say which portals there are, for ``portal access``, and of which edition."""
        records = {
            slug: PortalRecord(
                as_of=shown.as_of,
                revision=shown.revision,
                content_security_policy=shown.content_security_policy,
            )
            for slug, name in live.portals.items()
            if (shown := self.read_generation(slug, name)) is not None
        }
        about = live.model_dump(mode="json")
        document = json.loads(Manifest(portals=records).to_json())
        document["publication"] = {name: about[name] for name in _PUBLISHED_FACTS}
        text, file = json.dumps(document, indent=2) + "\n", self.path / MANIFEST_NAME
        if not file.is_file() or file.read_bytes() != text.encode():
            self._replace(file, text)

    def keep(self, slug: str, name: str, made: Path, generation: Generation) -> None:
        """Take in a portal that was made, see that it is on the disk, and read it back."""
        folder = self.store / slug / name
        folder.parent.mkdir(exist_ok=True)
        made.rename(folder)
        if damage := compare_files(digest_files(folder, flush=True), generation.files):
            raise LedgerError(
                f"{folder}: {damage}, so nothing is published", "the disk or its memory may fail"
            )
        text = json.dumps(generation._asdict(), indent=1, sort_keys=True)
        self._replace(folder.with_name(f"{name}.json"), f"{text}\n")
        flush_folder(self.store)

    def read_generation(self, slug: str, name: str | None) -> Generation | None:
        """Return a customer's generation; None if it has none, or a missing or damaged manifest."""
        if name is None:
            return None
        try:
            document = json.loads((self.store / slug / f"{name}.json").read_bytes())
            return Generation(**{**document, "files": dict(document["files"])})
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def find_damage(self, slug: str, name: str) -> str | None:
        """Return what is wrong with a customer's generation; None if it is whole."""
        generation, folder = self.read_generation(slug, name), self.store / slug / name
        if generation is None:
            return "its manifest is missing"
        try:
            return compare_files(digest_files(folder), generation.files)
        except OSError as error:
            return f"{error.filename or folder}: {error.strerror}"

    def find_shown(self, slug: str) -> str | None:
        """Return which generation of a customer is seen; None if it is none of ours."""
        place = self.path / slug
        match place.readlink().parts if place.is_symlink() else ():
            case (store, customer, name) if (store, customer) == (GENERATIONS_NAME, slug):
                return name
        return None

    def list_shown(self) -> dict[str, str]:
        """Return which generation of each customer is seen."""
        found = ((place.name, self.find_shown(place.name)) for place in self.path.iterdir())
        return {slug: name for slug, name in found if name is not None}

    def refuse_foreign_names(self, slugs: Iterable[str]) -> None:
        """Raise ``LedgerError`` if at the place of a portal lies what we did not put there."""
        for slug in slugs:
            if os.path.lexists(self.path / slug) and self.find_shown(slug) is None:
                raise LedgerError(
                    f"{self.path / slug} was not published by us, so it is left as it is",
                    "move it away, or choose another folder with --to",
                )

    def clear(self, journal: Journal) -> None:
        """Remove what no edition needs: old generations, and what a killed publication left."""
        needed = set(self.list_shown().items())
        needed.update(*(edition.portals.items() for edition in journal.editions))
        for entry in self.store.iterdir():
            if entry.name.startswith("."):
                _remove(entry)
            elif is_slug(entry.name) and entry.is_dir() and not entry.is_symlink():
                for generation in entry.iterdir():
                    name = generation.name
                    if not {(entry.name, name), (entry.name, name.removesuffix(".json"))} & needed:
                        _remove(generation)
                if not any(entry.iterdir()):
                    entry.rmdir()

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

    def _replace(self, file: Path, text: str) -> None:
        """Replace a file by way of the store, where ``clear`` finds what a kill has left."""
        replace_durably(file, text.encode(), folder=self.store)


def _remove(entry: Path) -> None:
    if entry.is_dir() and not entry.is_symlink():
        shutil.rmtree(entry, ignore_errors=True)
    else:
        entry.unlink(missing_ok=True)


def _describe_us() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = f"user {os.getuid()}"  # a container's user need not have a name
    return f"{user}, process {os.getpid()} on {socket.gethostname()}"


def _describe_publisher(note: Path) -> str:
    try:
        text = note.read_text(encoding="utf-8", errors="replace")
        since = datetime.fromtimestamp(note.stat().st_mtime, UTC)
    except OSError:
        return "nobody knows who"
    return f"{text if text and text.isprintable() else 'nobody knows who'}, since {since:%F %T} UTC"


@contextmanager
def putting_off_interrupts() -> Iterator[None]:
    """Let Ctrl-C have no effect meanwhile, and a request to end have it afterwards.

    What Ctrl-C was to stop is done then. Git inherits the mask, so it is not interrupted either.
    """
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, _PUT_OFF)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
