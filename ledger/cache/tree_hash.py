"""The ids that Git would give to folders, worked out from what is in them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

FOLDER, FILE, PROGRAM, LINK = "40000", "100644", "100755", "120000"
"""How Git writes what stands at a name."""


def hash_folder(contents: Mapping[str, bytes], hash_name: str) -> str:
    """Return the id of the tree of ordinary files, given their contents by path."""
    entries = {
        path: (FILE, _hash_object("blob", content, hash_name)) for path, content in contents.items()
    }
    return _hash_tree(entries, hash_name)


def hash_work_tree_folder(
    folder: Path, name: str, paths: Sequence[str], hash_name: str
) -> str | None:
    """Return the id of a folder on disk by its contents; None if it has none, empty if it is empty.

    Args:
        folder: the ledger's.
        name: of the folder in it.
        paths: of the files in that, from the ledger's folder.
        hash_name: how Git hashes in this repository.
    """
    entries: dict[str, tuple[str, str]] = {}
    if not _list_folders(paths).isdisjoint(paths):
        return None  # A link stands where Git knows a folder.
    for path in paths:
        try:
            status = os.lstat(folder / path)
            if stat.S_ISREG(status.st_mode):
                mode = PROGRAM if status.st_mode & stat.S_IXUSR else FILE
                content = (folder / path).read_bytes()
            elif stat.S_ISLNK(status.st_mode):
                mode, content = LINK, os.fsencode((folder / path).readlink())
            else:
                return None
        except FileNotFoundError:
            continue
        except OSError:
            return None
        entries[path[len(name) + 1 :]] = mode, _hash_object("blob", content, hash_name)
    return _hash_tree(entries, hash_name) if entries else ""


def _list_folders(paths: Iterable[str]) -> set[str]:
    """Return the folders that files are in, and those that these are in."""
    found: set[str] = set()
    folders = {path.rpartition("/")[0] for path in paths}
    while folders := folders - found:
        found |= folders
        folders = {folder.rpartition("/")[0] for folder in folders}
    return found


def _hash_object(kind: str, content: bytes, hash_name: str) -> str:
    # Git's own choice of hash: this finds what is the same, it guards nothing.
    hashed = hashlib.new(hash_name, f"{kind} {len(content)}\0".encode(), usedforsecurity=False)
    hashed.update(content)
    return hashed.hexdigest()


def _hash_tree(entries: Mapping[str, tuple[str, str]], hash_name: str) -> str:
    """Return the id of a tree, given mode and id of each file by path."""
    here: dict[str, tuple[str, str]] = {}
    below: dict[str, dict[str, tuple[str, str]]] = {}
    for path, entry in entries.items():
        name, slash, rest = path.partition("/")
        if slash:
            below.setdefault(name, {})[rest] = entry
        else:
            here[name] = entry
    for name, inside in below.items():
        here[name] = FOLDER, _hash_tree(inside, hash_name)
    lines = (
        f"{mode} ".encode() + os.fsencode(name) + b"\0" + bytes.fromhex(object_id)
        for name, (mode, object_id) in sorted(here.items(), key=_as_git_sorts)
    )
    return _hash_object("tree", b"".join(lines), hash_name)


def _as_git_sorts(entry: tuple[str, tuple[str, str]]) -> bytes:
    name, (mode, _id) = entry
    return os.fsencode(f"{name}/" if mode == FOLDER else name)
