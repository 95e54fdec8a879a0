"""Files that are whole, and stay so when the machine loses its power."""

from __future__ import annotations

import os
from pathlib import Path

_NEW_FILE_MODE = 0o666


def replace_durably(path: Path, text: str) -> None:
    """Make ``text`` the content of a file at once; whoever reads it finds the old or the new."""
    aside = path.with_name(name_aside(path.name))
    aside.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with open(os.open(aside, flags, _NEW_FILE_MODE), "w", encoding="utf-8") as file:  # noqa: PTH123  # a descriptor
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
    flush_folder(path.parent)


def name_aside(name: str) -> str:
    """Return the name under which a file's new content lies until it is whole."""
    return f".{name}.new"


def link_durably(target: str, link: Path, aside: Path) -> None:
    """Let the symbolic link ``link`` lead to ``target``, whatever it led to, by one rename.

    Args:
        target: where it is to lead, from the link's folder.
        link: missing, or a symbolic link.
        aside: a name on the same file system to make the new link at.
    """
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    aside.replace(link)


def flush_folder(folder: Path) -> None:
    """Bring the names in a folder onto the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
