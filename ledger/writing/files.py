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
        mode = None if before is None else stat.S_IMODE(path.lstat().st_mode)
        _write_aside(aside, content, mode)
        if _read_present(path) != before:
            aside.unlink()
            raise FileChangedError(path)
        aside.replace(path)
        _flush_folder(path.parent)
    except OSError as error:
        with suppress(OSError):
            aside.unlink()
        raise LedgerError(f"cannot write {path}: {error.strerror or error}") from error


def _write_aside(aside: Path, content: bytes, mode: int | None) -> None:
    aside.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(aside, flags, _NEW_FILE_MODE), "wb") as file:  # noqa: PTH123  # a descriptor
        if mode is not None:
            os.fchmod(file.fileno(), mode)
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_present(path: Path) -> bytes | None:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(path, flags), "rb") as file:  # noqa: PTH123  # a descriptor
            return file.read()
    except FileNotFoundError:
        return None


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
