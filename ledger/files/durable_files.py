"""Files that are replaced whole, and stay so when the machine loses its power; and locks.

Who looks at a file sees the old one or the new one, never a part. Who comes second to a lock waits,
and then sees what the first one wrote; the lock ends with the process that holds it.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE

from filelock import FileLock, Timeout

from ledger.errors import LedgerError, naming_failure
from ledger.files.source import READING, combine_flags

LOCK_NAME = "punchcard.lock"
CREATING = combine_flags("O_WRONLY", "O_CREAT", "O_EXCL")
APPENDING = combine_flags("O_WRONLY", "O_CREAT", "O_APPEND")

ASIDE = ".new-"
"""How the name of a file begins until it is whole; what a kill leaves behind, the next one takes.

Whoever writes a file keeps others from writing it meanwhile.
"""


def replace_durably(
    path: Path,
    content: bytes,
    folder: Path | None = None,
    mode: int = 0o666,
    prepare: Callable[[int], None] = lambda _descriptor: None,
) -> None:
    """Make ``content`` that of a file at once; whoever reads it finds the old or the new one.

    The new file is made in ``folder``, on the same file system, if not beside the old one; with
    ``mode`` (less the umask). ``prepare`` is called with its descriptor before it takes the place.
    """
    aside = (folder or path.parent) / f"{ASIDE}{path.name}"
    try:
        aside.unlink(missing_ok=True)
        with open(os.open(aside, CREATING, mode), "wb") as file:  # noqa: PTH123  # a descriptor
            file.write(content)
            file.flush()
            prepare(file.fileno())
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise
    flush(path.parent)


def flush(path: Path) -> None:
    """Bring a file, or the names in a folder, onto the disk; ``OSError`` if it is a link."""
    if path.is_dir() and not hasattr(os, "O_DIRECTORY"):
        return  # Windows opens no folder.
    descriptor = os.open(path, READING)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def hold_lock(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock file at ``path``, which all writers share; call ``on_wait`` if it is not free.

    Raises:
        LedgerError: the file cannot be made.
    """
    lock = FileLock(path)
    with naming_failure(f"cannot make {path}", "may you write there?"):
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if on_wait is not None:
                on_wait()
            lock.acquire()
    try:
        yield
    finally:
        lock.release()


def replace_file(path: Path, content: bytes | None, before: bytes | None) -> None:
    """Make ``content`` the content of the file at ``path``; its mode stays. None: no such file.

    Its folder is made if need be. ``before`` is what it holds.

    Raises:
        LedgerError: it cannot be written, or somebody changed it meanwhile; it was left alone.
    """

    def prepare(descriptor: int) -> None:
        if before is not None and hasattr(os, "fchmod"):
            os.fchmod(descriptor, S_IMODE(path.lstat().st_mode))
        _require_content(path, before)

    try:
        if content is None:
            _require_content(path, before)
            path.unlink()
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_durably(path, content, prepare=prepare)
    except OSError as error:
        raise LedgerError(f"cannot write {path}: {error.strerror or error}") from error


def _require_content(path: Path, content: bytes | None) -> None:
    found = None
    with suppress(FileNotFoundError), os.fdopen(os.open(path, READING), "rb") as file:
        found = file.read()
    if found != content:
        raise LedgerError(f"{path} was changed just now", "run the command again")
