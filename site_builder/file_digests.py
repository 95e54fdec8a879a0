"""Whether files are as they were put: told by what is in them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from site_builder.input_digests import digest, digest_content

# Of files that lie in many places.
_digests_by_inode: dict[tuple[int, int], str] = {}


def holds_exactly(folder: Path, digests: Mapping[str, str]) -> bool:
    """Whether the files below ``folder`` are those of ``digests``, to the byte, and no others."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    names = set()
    start = len(f"{folder}/")
    for path in _list_paths(str(folder)):
        name = path[start:]
        if name not in digests or digest_file(path) != digests[name]:
            return False
        names.add(name)
    return names == digests.keys()


def list_digests(folder: Path) -> dict[str, str]:
    """Return the digest of each file below a folder, by path; of what is no file it is empty."""
    if folder.is_symlink() or not folder.is_dir():
        return {}
    return {path[len(f"{folder}/") :]: digest_file(path) for path in _list_paths(str(folder))}


def digest_portal(digests: Mapping[str, str]) -> str:
    """Return the digest of a portal by those of its files."""
    return digest(*(part for item in sorted(digests.items()) for part in item))


def digest_file(path: str) -> str:
    """Return the digest of a file; of one that lies in many places it is worked out once."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    try:
        status = os.fstat(descriptor)
        if status.st_nlink == 1:
            return digest_content(_read_all(descriptor, status.st_size))
        inode = (status.st_dev, status.st_ino)
        if inode not in _digests_by_inode:
            _digests_by_inode[inode] = digest_content(_read_all(descriptor, status.st_size))
        return _digests_by_inode[inode]
    except OSError:
        return ""
    finally:
        os.close(descriptor)


def forget_digests() -> None:
    """Look at all files again: the numbers of files that are gone are given to others."""
    _digests_by_inode.clear()


def _list_paths(folder: str) -> list[str]:
    """Return the paths of everything below a folder that is no folder itself."""
    found: list[str] = []
    folders = [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                (folders if entry.is_dir(follow_symlinks=False) else found).append(entry.path)
    return found


def _read_all(descriptor: int, size: int) -> bytes:
    """Return the content of a file of about this size: one call is enough where it is right."""
    content = chunk = os.read(descriptor, size + 1)
    while chunk and len(content) != size:
        chunk = os.read(descriptor, 1 << 16)
        content += chunk
    return content
