"""The same file in two places, without its bytes twice where the file system can do that."""

from __future__ import annotations

import fcntl
import os
import shutil
from pathlib import Path

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
