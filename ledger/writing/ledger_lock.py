"""One writer at a time: who comes second waits, and then sees what the first one wrote.

The lock goes with the process: one that dies leaves nothing behind that would stop the others.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import LedgerError

LOCK_NAME = "punchcard.lock"


@contextmanager
def hold_lock(path: Path, on_wait: Callable[[], None] | None = None) -> Iterator[None]:
    """Hold the lock file at ``path``; wait for it if somebody else does.

    Args:
        path: a file that all writers of a ledger share; it is made if it is not there.
        on_wait: called once if the lock is not free.

    Raises:
        LedgerError: the file cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    except OSError as error:
        raise LedgerError(
            f"cannot make {path}: {error.strerror}", "may you write there?"
        ) from error
    try:
        _wait_for(descriptor, on_wait)
        yield
    finally:
        os.close(descriptor)


def _wait_for(descriptor: int, on_wait: Callable[[], None] | None) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        if on_wait is not None:
            on_wait()
        fcntl.flock(descriptor, fcntl.LOCK_EX)
