"""Whether the times of a folder tell that a name in it was added, removed or changed.

POSIX asks for it, and file systems of this machine do so. What is shared over a network, or with
another system, may tell it late or not at all.
"""

from __future__ import annotations

from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_TELLING = frozenset({b"btrfs", b"ext2", b"ext3", b"ext4", b"f2fs", b"overlay", b"tmpfs", b"xfs"})
_ESCAPES = ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\"))


def tells_of_changes(folder: bytes, mounts: Path = _MOUNTS) -> bool:
    """Whether the file system that a folder is on is known to tell.

    Args:
        folder: its real path; what is mounted below it is not looked at.
        mounts: what is mounted where, as Linux says it (proc_pid_mountinfo(5)); nothing is known
            without.
    """
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return False
    found, file_system = b"", b""
    for line in lines:
        place, _, described = line.partition(b" - ")
        point = _unescape(place.split(b" ")[4])
        # What was mounted later at the same place hides what was there.
        if len(point) >= len(found) and _is_in(folder, point):
            found, file_system = point, described.partition(b" ")[0]
    return file_system in _TELLING


def _unescape(point: bytes) -> bytes:
    for escaped, character in _ESCAPES:
        point = point.replace(escaped, character)
    return point


def _is_in(folder: bytes, point: bytes) -> bool:
    return (folder.rstrip(b"/") + b"/").startswith(point.rstrip(b"/") + b"/")
