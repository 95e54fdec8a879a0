"""The folder that a web server reads who may come in from: written file by file, each whole.

A file is written aside and renamed, so that the server finds the old one or the new one. What is
as it was is not touched. The files of people come first and the configuration last: who may not
come in any more is out before anything else happens.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ledger.errors import LedgerError
from ledger.writing.ledger_lock import hold_lock
from site_builder.access.server_settings import LISTED, PAGES, USERS

STATE_NAME = "punchcard-access.json"

_LOCK_NAME = ".lock"
_ASIDE = ".new-"
_FORMAT = 1
_FILE_MODE = 0o640
_FOLDER_MODE = 0o750
_OWN_FOLDERS = (USERS, LISTED, PAGES)


@dataclass(frozen=True, slots=True)
class AccessState:
    """What was written last.

    Attributes:
        as_of: the day; None if nothing was written yet.
        loaded: the digest of the configuration that the server was last made to read.
    """

    as_of: str | None = None
    loaded: str | None = None


@contextmanager
def hold_folder(folder: Path) -> Iterator[AccessState]:
    """Keep others from writing into ``folder`` meanwhile; give what was written last.

    Raises:
        LedgerError: it is neither empty nor ours, or cannot be written to.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        state = _read_state(folder)
    except OSError as error:
        raise LedgerError(f"cannot write to {folder}: {error.strerror}") from error
    with hold_lock(folder / _LOCK_NAME):
        _clear_leftovers(folder)
        yield state


def write_state(folder: Path, state: AccessState) -> None:
    """Remember what was written."""
    text = json.dumps({"format": _FORMAT, **asdict(state)}, indent=2) + "\n"
    with explaining_write_errors(folder):
        _write(folder, STATE_NAME, text)


def write_access_files(folder: Path, files: Mapping[str, str], last: str) -> tuple[str, ...]:
    """Make ``files`` the content of ``folder``, and return what was changed.

    Args:
        folder: our folder.
        files: the text of each file, by its path.
        last: the one to write after all others.

    Raises:
        LedgerError: not everything could be written; each file is the old or the new one.
    """
    with explaining_write_errors(folder):
        removed = [name for name in _list_own(folder) if name not in files]
        for name in removed:
            (folder / name).unlink()
        _remove_empty_folders(folder)
        order = sorted(files, key=lambda name: (name == last, name))
        return (*removed, *(name for name in order if _write(folder, name, files[name])))


def digest_file(path: Path) -> str:
    """Return the digest of a file's content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def explaining_write_errors(folder: Path) -> Iterator[None]:
    """Say in one message what keeps us from writing.

    Raises:
        LedgerError: something does.
    """
    try:
        yield
    except OSError as error:
        raise LedgerError(
            f"cannot write to {folder}: {error.strerror or error}",
            "until this works, people may still come in who should not",
        ) from error


def _read_state(folder: Path) -> AccessState:
    try:
        document = json.loads((folder / STATE_NAME).read_text(encoding="utf-8"))
        return AccessState(document["as_of"], document["loaded"])
    except FileNotFoundError:
        if all(entry.name == _LOCK_NAME for entry in folder.iterdir()):
            return AccessState()
        raise LedgerError(
            f"{folder} is neither empty nor written by this command, so it is left as it is",
            "choose another with --to",
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise LedgerError(
            f"{folder / STATE_NAME} cannot be read", "remove it, and what else is there"
        ) from error


def _list_own(folder: Path) -> list[str]:
    """Return the files that this command has written before, the configuration left out."""
    own = (path for name in _OWN_FOLDERS for path in (folder / name).rglob("*"))
    return sorted(path.relative_to(folder).as_posix() for path in own if not path.is_dir())


def _write(folder: Path, name: str, text: str) -> bool:
    """Write a file unless it says this already; return whether it was written."""
    path, content = folder / name, text.encode()
    if _read(path) == content:
        return False
    _make_folder(folder, path.parent)
    aside = path.with_name(f"{_ASIDE}{secrets.token_hex(4)}")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(aside, flags, _FILE_MODE), "wb") as file:  # noqa: PTH123  # a descriptor
            os.fchmod(file.fileno(), _FILE_MODE)
            _share_with_group(file.fileno(), folder)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        with suppress(OSError):
            aside.unlink()
        raise
    return True


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _make_folder(folder: Path, below: Path) -> None:
    if below.is_dir():
        return
    _make_folder(folder, below.parent)
    below.mkdir()
    below.chmod(_FOLDER_MODE)
    descriptor = os.open(below, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _share_with_group(descriptor, folder)
    finally:
        os.close(descriptor)


def _share_with_group(descriptor: int, folder: Path) -> None:
    """Give a file the group of our folder: the server's, which may read it."""
    group = folder.stat().st_gid
    if os.fstat(descriptor).st_gid != group:
        os.fchown(descriptor, -1, group)


def _remove_empty_folders(folder: Path) -> None:
    for path in sorted((folder / LISTED).glob("*/")):
        with suppress(OSError):
            path.rmdir()


def _clear_leftovers(folder: Path) -> None:
    """Remove what a run that was killed has left."""
    for path in folder.rglob(f"{_ASIDE}*"):
        with suppress(OSError):
            path.unlink()
