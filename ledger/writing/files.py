"""The lock that lets one program write at a time, and files of a ledger that are replaced whole.

Who looks at a file sees the old one or the new one, never a part. Who comes second waits, and then
sees what the first one wrote; the lock ends with the process that holds it.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE

from filelock import FileLock, Timeout

from ledger.errors import LedgerError
from ledger.files.durable_files import READING, replace_durably

LOCK_NAME = "punchcard.lock"


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
