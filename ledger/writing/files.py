"""Files that are written whole, by one writer at a time.

Who looks at a file sees the old one or the new one, never a part. Who comes second waits, and then
sees what the first one wrote; the lock ends with the process that holds it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from ledger.errors import LedgerError

LOCK_NAME = "punchcard.lock"
_NEW_FILE_MODE = 0o666
_READ = os.O_RDONLY | os.O_CLOEXEC
_WRITE_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FileChangedError(Exception):
    """Somebody changed the file in between."""


@contextmanager
def hold_lock(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock file at ``path``, which all writers share; call ``on_wait`` if it is not free.

    Raises:
        LedgerError: the file cannot be made.
    """
    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if on_wait is not None:
                on_wait()
            lock.acquire()
    except OSError as error:
        raise LedgerError(
            f"cannot make {path}: {error.strerror}", "may you write there?"
        ) from error
    try:
        yield
    finally:
        lock.release()


def replace_file(path: Path, content: bytes, before: bytes | None) -> None:
    """Make ``content`` the content of the file at ``path``; its mode stays.

    Its folder is made if need be. ``before``: what it holds; None if there is no such file.

    Raises:
        FileChangedError: it does not hold ``before`` any more; it was left alone.
        LedgerError: it cannot be written; it was left alone.
    """
    # A name with a dot: what a crash leaves behind is not looked at, and the next one takes it.
    aside = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        aside.unlink(missing_ok=True)
        with os.fdopen(os.open(aside, _WRITE_NEW, _NEW_FILE_MODE), "wb") as file:
            if before is not None:
                os.fchmod(file.fileno(), stat.S_IMODE(path.lstat().st_mode))
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if _read_present(path) != before:
            aside.unlink()
            raise FileChangedError(path)
        aside.replace(path)
        folder = os.open(path.parent, _READ | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise LedgerError(f"cannot write {path}: {error.strerror or error}") from error


def _read_present(path: Path) -> bytes | None:
    try:
        with os.fdopen(os.open(path, _READ | os.O_NOFOLLOW), "rb") as file:
            return file.read()
    except FileNotFoundError:
        return None
