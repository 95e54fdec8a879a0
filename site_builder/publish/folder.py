"""The folder that portals are published into, as it lies on the disk.

``DIR/acme`` is a symbolic link to ``DIR/.generations/acme/000007-5d41402abc4b``; a new generation
is shown by renaming a new link over the old one. A web server that opens a path below ``DIR/acme``
gets the old portal's file or the new one's, and never anything between.

::

    DIR/acme                                  what is served
    DIR/punchcard-portals.json                the portals there are, and their headers
    DIR/.generations/publications.json        the journal
    DIR/.generations/acme/000007-5d41…        a generation
    DIR/.generations/.making-…                a publication at work, or what a killed one has left
"""

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
from stat import S_ISDIR

from filelock import FileLock, Timeout

from ledger.errors import LedgerError
from ledger.files.durable_files import flush, replace_durably
from ledger.files.layout import is_slug
from site_builder import output
from site_builder.output import GENERATIONS_NAME
from site_builder.publish.journal import Edition, Generation, Journal

_NOT_OURS_BUT_USUAL = frozenset({"lost+found"})
_PUBLISHED_FACTS = ("number", "tag", "commit", "as_of", "held_back")


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
        try:
            with self.explaining_failures():
                self._make_folders()
                try:
                    lock.acquire()
                except Timeout:
                    who = f"{self.path}: {_describe_publisher(note)}"
                    message = f"somebody else is publishing into {who}"
                    raise AlreadyPublishingError(message, "wait until that is done") from None
                replace_durably(note, _describe_us().encode(), prepare=_share)
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
            message = f"cannot publish into {self.path}: {error.strerror or error}, {outcome}"
            raise LedgerError(message, "see to that, and publish again") from error

    def read_journal(self) -> Journal:
        """Return which editions there are; ``LedgerError`` if the journal is damaged."""
        try:
            return Journal.model_validate_json(self._journal.read_bytes())
        except FileNotFoundError:
            return Journal(live=None, editions=())
        except ValueError as error:
            message = f"{self._journal} cannot be read, so nobody knows what is published"
            hint = "bring it back from a backup, or publish into an empty folder"
            raise LedgerError(message, hint) from error

    def write_journal(self, journal: Journal) -> None:
        """Replace the journal; this is what publishes."""
        text = f"{journal.model_dump_json(indent=1)}\n"
        replace_durably(self._journal, text.encode(), prepare=_share)

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
        """Let customers see what the journal says, and remove what a killed one has left."""
        with self.explaining_failures():
            journal = self.read_journal()
            self.show(journal.live_edition)
            self.clear(journal)
        return journal

    def show(self, live: Edition | None) -> None:
        """Let customers see an edition, and nothing else; and say so in the manifest."""
        portals, links = {} if live is None else live.portals, self._find_links()
        for slug in sorted(links.keys() - portals.keys()):
            (self.path / slug).unlink()
        for slug, generation in sorted(portals.items()):
            target = f"{GENERATIONS_NAME}/{slug}/{generation.name}"
            if links.get(slug) != target:
                link = self.store / ".next"
                link.unlink(missing_ok=True)
                link.symlink_to(target)
                link.replace(self.path / slug)
        flush(self.path)
        if live is not None:
            # For `portal access`: which portals there are, and of which edition.
            document = json.loads(output.Manifest(portals=dict(portals)).to_json())
            document["publication"] = live.model_dump(mode="json", include={*_PUBLISHED_FACTS})
            text = json.dumps(document, indent=2) + "\n"
            manifest = self.path / output.MANIFEST_NAME
            replace_durably(manifest, text.encode(), self.store, prepare=_share)

    def keep(self, slug: str, generation: Generation, made: Path) -> None:
        """Take in a portal that was made, see that it is on the disk, and read it back."""
        folder = self.store / slug / generation.name
        folder.parent.mkdir(exist_ok=True)
        _share(folder.parent)
        made.rename(folder)
        output.make_readable(folder)
        for path in (*folder.rglob("*"), folder, folder.parent, self.store):
            flush(path)
        if not self.is_whole(slug, generation):
            hint = "the disk or its memory may fail"
            raise LedgerError(f"{folder} is damaged, so nothing is published", hint)

    def is_whole(self, slug: str, generation: Generation) -> bool:
        """Whether a customer's generation is there, and is what was published."""
        with suppress(OSError):
            found = output.hash_folder(self.store / slug / generation.name)
            return found != "" and found == generation.files
        return False

    def refuse_foreign_names(self, slugs: Iterable[str]) -> None:
        """Raise ``LedgerError`` if at the place of a portal lies what we did not put there."""
        links = self._find_links()
        for slug in slugs:
            if os.path.lexists(self.path / slug) and slug not in links:
                message = f"{self.path / slug} was not published by us, so it is left as it is"
                raise LedgerError(message, "move it away, or choose another folder with --to")

    def prune(self, count: int) -> None:
        """Keep so many editions, and nothing else."""
        with self.explaining_failures("but the portals are published"):
            journal = self.read_journal().with_newest(count)
            self.write_journal(journal)
            self.clear(journal)

    def clear(self, journal: Journal) -> None:
        """Remove what no edition needs: old generations, and what a killed publication left."""
        needed = {
            self.store / slug / generation.name
            for edition in journal.editions
            for slug, generation in edition.portals.items()
        }
        for entry in self.store.iterdir():
            if entry.name.startswith("."):
                _remove(entry)
            elif is_slug(entry.name) and entry.is_dir():
                for generation in {*entry.iterdir()} - needed:
                    _remove(generation)
                if not any(entry.iterdir()):
                    entry.rmdir()

    def _find_links(self) -> dict[str, str]:
        """Return where the link of each customer leads, if it is one of ours."""
        links = {at.name: at.readlink() for at in self.path.iterdir() if at.is_symlink()}
        return {
            slug: str(target)
            for slug, target in links.items()
            if target.parts[:-1] == (GENERATIONS_NAME, slug)
        }

    def _make_folders(self) -> None:
        """Make what is missing; refuse what is somebody else's, or leads elsewhere."""
        output.refuse_overview(self.path)
        is_new = not os.path.lexists(self.path)
        if not (is_new or self.path.is_dir()):
            raise LedgerError(f"{self.path} is not a folder", "choose another with --to")
        names = set() if is_new or self.is_ours else {entry.name for entry in self.path.iterdir()}
        if names - _NOT_OURS_BUT_USUAL:
            what = "is neither empty nor a folder of published portals, so it is left as it is"
            hint = "choose another with --to; `portal build` and `portal publish` need one each"
            raise LedgerError(f"{self.path} {what}", hint)
        self.store.mkdir(parents=True, exist_ok=True)
        for folder in (self.path, self.store) if is_new else (self.store,):
            _share(folder)
        for entry in self.store.iterdir():
            if entry.is_symlink():
                hint = "put the folder itself in its place; all of it has to be one file system"
                raise LedgerError(f"{entry} is a link, so nothing is published", hint)


def _share(file: Path | int) -> None:
    """Let the web server read a file or folder (a path or a descriptor), whatever the umask is."""
    mode = os.stat(file).st_mode  # noqa: PTH116  # a descriptor, or a path
    os.chmod(file, 0o755 if S_ISDIR(mode) else 0o644)  # noqa: PTH101  # as above


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
    put_off = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, put_off)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, handler)
