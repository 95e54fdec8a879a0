"""The output folder of the portals: its owner, its manifest, its lock, and how it is replaced.

The fingerprint of a portal is one hash of everything that its files are made from. Contents are
hashed, never time stamps. A portal whose fingerprint and files are those that the manifest names is
kept; any other is built anew.

A folder is ours if our manifest lies in it. The manifest lies beside the portals, never in one:
it names all customers, and no customer may know of another.
"""

import ctypes
import errno
import hashlib
import json
import os
import platform
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel

from ledger.cache import digest_program
from ledger.errors import LedgerError
from ledger.files.source import LedgerFile
from ledger.ledger import Ledger
from site_builder.look import list_look_files

_DISTRIBUTIONS = (
    *("service-punchcards", "mkdocs", "mkdocs-material", "babel", "icalendar", "jinja2"),
    *("markdown", "markupsafe", "mkdocs-material-extensions", "nh3", "pydantic"),
    *("pymdown-extensions", "pyyaml", "reportlab", "tzdata"),
)
MANIFEST_NAME = "punchcard-portals.json"
OVERVIEW_NAME = "punchcard-overview.json"
"""The mark of a folder with the provider's internal overview, where no portal is ever put."""
GENERATIONS_NAME = ".generations"
"""The folder inside a publication's folder that holds its portals."""

_AT_CURRENT_FOLDER = -100
_RENAME_EXCHANGE = 2
_CANNOT_WRITE = frozenset(
    {errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS}
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
        hashed.update(len(content).to_bytes(8, "big"))
        hashed.update(content)
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


class PortalRecord(BaseModel, frozen=True):
    """What the manifest says of one portal."""

    as_of: str
    revision: str | None  # None if the files differed from any commit
    content_security_policy: str = ""
    fingerprint: str = ""  # empty if it is not known
    files: str = ""  # the folder's hash


class Manifest(BaseModel, frozen=True):
    """The portals in a folder by customer, and the hash of the ledger that was found clean."""

    checked: str = ""
    portals: dict[str, PortalRecord]

    def to_json(self) -> str:
        """Return the manifest as the text of its file; what is not known is left out."""
        portals = dict(sorted(self.portals.items()))
        known = self.model_copy(update={"portals": portals}).model_dump(exclude_defaults=True)
        return json.dumps({"format": 1, **known}, indent=2) + "\n"


def refuse_near(output: Path, mark: str, holds: str) -> None:
    """Raise ``LedgerError`` for a folder that has a marked one in it, or lies in one."""
    above = [folder for folder in (output, *output.parents) if (folder / mark).exists()]
    for folder in (*above, *(found.parent for found in output.glob(f"*/{mark}"))):
        where = "there" if folder == output else "near it"
        raise LedgerError(f"{folder} {holds} {where}", "choose another folder with --output")


def refuse_overview(output: Path) -> None:
    """Raise ``LedgerError`` for a folder that is, holds, or lies in an internal overview."""
    holds = "holds the internal overview of all customers, so no portal is put"
    refuse_near(output, OVERVIEW_NAME, holds)


def read_manifest(output: Path) -> Manifest:
    """Return the manifest of a folder, which is missing, empty or ours; else a LedgerError."""
    refuse_overview(output)
    if output.exists() and not output.is_dir():
        raise LedgerError(f"{output} is not a folder", hint="choose another with --output")
    if not output.exists() or not any(output.iterdir()):
        return Manifest(portals={})
    try:
        return Manifest.model_validate_json((output / MANIFEST_NAME).read_bytes())
    except FileNotFoundError:
        message = f"{output} is neither empty nor a folder of portals, so it is left as it is"
        raise LedgerError(message, "choose another with --output") from None
    except (OSError, ValueError) as error:
        message = f"{output / MANIFEST_NAME} cannot be read, so the folder is left as it is"
        raise LedgerError(message, "remove the folder to build all portals anew") from error


@contextmanager
def stage_folder(output: Path) -> Iterator[Path]:
    """Give a new folder beside ``output``, on the same file system; it is removed afterwards.

    Meanwhile other builds are kept out of ``output``, and what killed ones left is cleared away.

    Raises:
        LedgerError: another build is writing there, or the folder or its content cannot be written.
    """
    path = output.parent / f".{output.name}.lock"
    staged = output.parent / f".{output.name}.building-{os.urandom(4).hex()}"
    lock = FileLock(path, timeout=0)
    try:
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            lock.acquire()
            for leftover in output.parent.glob(f".{output.name}.building-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            staged.mkdir()
            staged.chmod(0o755)
        except Timeout:
            raise LedgerError(
                f"another build is writing into {output}", "wait until it is done, and try again"
            ) from None
        except OSError as error:
            raise LedgerError(f"cannot write beside {output}: {error.strerror}") from error
        try:
            yield staged
        except OSError as error:
            if not is_write_error(error):
                raise
            raise LedgerError(
                f"cannot write {output}: {error.strerror}, so it stays as it was"
            ) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
        if lock.is_locked:
            path.unlink(missing_ok=True)
            lock.release()


def is_write_error(error: Exception) -> bool:
    """Whether an error means that nothing can be written: no space, no permission, no disk."""
    return isinstance(error, OSError) and error.errno in _CANNOT_WRITE


def hash_folder(folder: Path) -> str:
    """Return the hash of the files in a folder; empty if it is missing or has links or pipes."""
    parts: list[str | bytes] = []
    for entry in _walk(folder) if folder.is_dir() and not folder.is_symlink() else ():
        if entry.is_file(follow_symlinks=False):
            parts += [entry.path[len(str(folder)) + 1 :], Path(entry.path).read_bytes()]
        elif not entry.is_dir(follow_symlinks=False):
            return ""
    return hash_parts(*parts) if parts else ""


def make_readable(folder: Path) -> None:
    """Let a web server read a folder, whatever the umask: 0755, and 0644 for its files."""
    for path in (folder, *_walk(folder)):
        found = os.lstat(path).st_mode
        mode = 0o755 if stat.S_ISDIR(found) else 0o644
        if not stat.S_ISLNK(found) and stat.S_IMODE(found) != mode:
            Path(path).chmod(mode)


def _walk(folder: Path | str) -> Iterator[os.DirEntry[str]]:
    """Yield what lies in a folder and in those below it, by name."""
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        yield entry
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path)


def link_tree(source: Path, target: Path) -> None:
    """Hard-link a file, or all files of a folder; what cannot be linked is copied."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        target.mkdir()  # ``copytree`` would go on where nothing can be written, and not say why.
        target.chmod(source.stat().st_mode & 0o7777)
        for entry in source.iterdir():
            link_tree(entry, target / entry.name)
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(source, target, follow_symlinks=False)


def write_manifest(manifest: Manifest, output: Path, staged: Path, left_out: set[str]) -> None:
    """Put ``staged`` in the place of ``output``, with all that lies there but what is left out."""
    (staged / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    for entry in output.iterdir() if output.is_dir() else ():
        if entry.name not in {*left_out, MANIFEST_NAME}:
            link_tree(entry, staged / entry.name)
    swap_in(staged, output)


def swap_in(staged: Path, output: Path) -> None:
    """Put ``staged`` in the place of ``output`` at once; the old folder ends up in ``staged``."""
    if not output.exists():
        staged.rename(output)
        return
    staged.chmod(output.stat().st_mode & 0o7777)
    if not _exchange(staged, output):
        retired = staged.with_name(f"{staged.name}.old")
        output.rename(retired)
        staged.rename(output)
        retired.rename(staged)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; return False where the system cannot."""
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):  # TypeError: on Windows
        return False
    here = _AT_CURRENT_FOLDER
    code: int = rename(here, os.fsencode(one), here, os.fsencode(other), _RENAME_EXCHANGE)
    return code == 0
