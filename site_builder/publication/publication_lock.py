"""One publication at a time for one folder."""

from __future__ import annotations

import fcntl
import getpass
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ledger.errors import LedgerError

_LONGEST_NOTE = 200


class AlreadyPublishingError(LedgerError):
    """Somebody else is publishing into the same folder."""

    exit_status = 3


@contextmanager
def lock_publication(path: Path, folder: Path) -> Iterator[None]:
    """Keep others from publishing into ``folder`` meanwhile.

    The lock is the kernel's and ends with the process, however that ends. The file stays, and
    says who has, or had, the lock, and since when.

    Args:
        path: the lock's file.
        folder: as it is called in messages.

    Raises:
        AlreadyPublishingError: somebody else is at it.
    """
    flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
    descriptor = os.open(path, flags, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyPublishingError(
                f"somebody else is publishing into {folder}: {_describe_holder(descriptor)}",
                "wait until that is done",
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _describe_us().encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _describe_us() -> str:
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = f"user {os.getuid()}"  # a container's user need not have a name
    return f"{user}, process {os.getpid()} on {socket.gethostname()}"


def _describe_holder(descriptor: int) -> str:
    note = os.pread(descriptor, _LONGEST_NOTE, 0).decode("utf-8", "replace")
    since = datetime.fromtimestamp(os.fstat(descriptor).st_mtime, UTC)
    return f"{note if note.isprintable() and note else 'nobody knows who'}, since {since:%F %T} UTC"
