"""The same file in two places, without its bytes twice where the file system can do that."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from site_builder.file_digests import digest_file

_CLONE = 0x40049409  # FICLONE


def share_file(source: Path, target: Path) -> None:
    """Put the content of ``source`` at ``target``, if nothing is there: cloned, linked or copied.

    A clone is best: it shares the bytes until somebody writes to one of the two. A link shares
    them for good, which is right for files that are replaced and never written to.
    """
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    if _clone(source, target):
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copyfile(source, target)


def write_file(path: Path, content: bytes) -> None:
    """Write a file, and the folders that it lies in if they are not there."""
    try:
        path.write_bytes(content)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def link_same(source: str, target: str, expected: str) -> bool:
    """Let a file lie at ``target``, too, if it has the digest; return whether it lies there."""
    if digest_file(source) != expected:
        return False
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def make_folders(folder: Path, paths: Iterable[str]) -> None:
    """Make a folder that is not there, and those below it that files of these paths lie in."""
    folder.mkdir(parents=True)
    for below in sorted(_list_folders(paths)):
        folder.joinpath(below).mkdir()


def has_plain_folders(folder: Path, paths: Iterable[str]) -> bool:
    """Whether neither a folder, nor one of those that the paths lead through, is a link."""
    below = map(folder.joinpath, _list_folders(paths))
    return not any(each.is_symlink() for each in (folder, *below))


def _list_folders(paths: Iterable[str]) -> set[str]:
    """Return all folders that paths lead through."""
    found: set[str] = set()
    for path in paths:
        above = path.rpartition("/")[0]
        while above and above not in found:
            found.add(above)
            above = above.rpartition("/")[0]
    return found


_refusing_devices: set[int] = set()


def _clone(source: Path, target: Path) -> bool:
    with source.open("rb") as original:
        device = os.fstat(original.fileno()).st_dev
        if device in _refusing_devices:
            return False
        with target.open("xb") as copy:
            try:
                fcntl.ioctl(copy.fileno(), _CLONE, original.fileno())
            except OSError:
                _refusing_devices.add(device)
            else:
                return True
    target.unlink()
    return False
