"""Files that are replaced whole, and stay so when the machine loses its power."""

import os
from collections.abc import Callable
from contextlib import suppress
from functools import reduce
from operator import or_
from pathlib import Path


def _combine(*names: str) -> int:
    """Return flags of ``os.open``, those that this system has; bytes are taken as they are."""
    always = ("O_BINARY", "O_CLOEXEC", "O_NOFOLLOW")
    return reduce(or_, (getattr(os, name, 0) for name in (*always, *names)))


# Nobody can put a link or a pipe there between the listing and the reading.
READING = _combine("O_RDONLY", "O_NONBLOCK")
CREATING = _combine("O_WRONLY", "O_CREAT", "O_EXCL")
APPENDING = _combine("O_WRONLY", "O_CREAT", "O_APPEND")

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
