"""Whether the times of a folder tell that a name in it was added, removed or changed.

POSIX asks for it, and the file systems of a machine's own disks do so. What is shared over a
network, or with another system, may tell it late or not at all; what is put together from layers,
or read from an image, may show other names under the same times.
"""

from __future__ import annotations

import os
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_TELLING = frozenset({b"ext2", b"ext3", b"ext4", b"f2fs", b"tmpfs", b"xfs"})


def tells_of_changes(device: int, mounts: Path = _MOUNTS) -> bool:
    """Whether the file system of a device is known to tell.

    Args:
        device: its number, as ``os.lstat`` says it.
        mounts: what is mounted, as Linux says it (proc_pid_mountinfo(5)); nothing is known without.
    """
    number = f"{os.major(device)}:{os.minor(device)}".encode()
    try:
        lines = mounts.read_bytes().split(b"\n")
    except OSError:
        return False
    parts = (line.partition(b" - ") for line in lines)
    return any(
        described.partition(b" ")[0] in _TELLING
        for place, _, described in parts
        if place.split(b" ")[2:3] == [number]
    )
