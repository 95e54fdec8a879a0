"""One build at a time for one output folder."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import LedgerError


@contextmanager
def lock_output(output: Path) -> Iterator[None]:
    """Keep other builds out of ``output`` meanwhile; also those of other programs of ours.

    The lock is a file beside the folder. It ends with the process whatever happens to that, and
    what a killed build has left beside the folder is cleared away by the next one.

    Raises:
        LedgerError: another build is at work there, or nothing can be written there.
    """
    path = output.parent / f".{output.name}.lock"
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        descriptor = _acquire(path)
    except BlockingIOError:
        raise LedgerError(
            f"another build is writing into {output}", "wait until it is done, and try again"
        ) from None
    except OSError as error:
        raise LedgerError(f"cannot write beside {output}: {error.strerror}") from error
    try:
        _clear_leftovers(output)
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _acquire(path: Path) -> int:
    """Open and lock the file at ``path``; whoever had it may have removed it just then."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except FileNotFoundError:
            pass
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


def _clear_leftovers(output: Path) -> None:
    for leftover in output.parent.glob(f".{output.name}.building-*"):
        shutil.rmtree(leftover, ignore_errors=True)
