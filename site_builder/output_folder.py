"""The folder that portals are built into: whose it is, and how a new one takes its place.

A folder is ours if our manifest lies in it. The manifest lies beside the portals, never in one:
it names customers, and none of them is to know of another.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ledger.errors import LedgerError
from site_builder.overview_folder import refuse_overview
from site_builder.part_record import PartRecord, read_part

MANIFEST_NAME = "punchcard-portals.json"
GENERATIONS_NAME = ".generations"
"""Where a folder that was published into keeps its portals."""

_FORMAT = 1
_AT_CURRENT_FOLDER = -100
_RENAME_EXCHANGE = 2
_CANNOT_WRITE = frozenset(
    {errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.ENOSPC, errno.EPERM, errno.EROFS}
)
_CANNOT_EXCHANGE = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM}


@dataclass(frozen=True, slots=True)
class PortalRecord:
    """What the manifest says of one portal.

    Attributes:
        as_of: the day that it shows.
        revision: the commit that it shows, if any.
        content_security_policy: the header that a web server is to send with each of its files.
    """

    as_of: str
    revision: str | None
    content_security_policy: str = ""


@dataclass(frozen=True, slots=True)
class Manifest:
    """The portals in a folder, by customer; and which part of all portals they are, if not all."""

    portals: Mapping[str, PortalRecord] = field(default_factory=lambda: MappingProxyType({}))
    part: PartRecord | None = None

    def shows_only(self, day: date) -> bool:
        """Whether there are portals, and all of them show that day."""
        days = {record.as_of for record in self.portals.values()}
        return days == {day.isoformat()}

    def to_json(self) -> str:
        """Return the manifest as the text of its file."""
        portals = {slug: asdict(record) for slug, record in sorted(self.portals.items())}
        part = {} if self.part is None else {"part": self.part.to_plain()}
        return json.dumps({"format": _FORMAT, **part, "portals": portals}, indent=2) + "\n"


def read_manifest(output: Path) -> Manifest:
    """Return what ``output`` holds; it may be missing or empty, or it must be ours.

    Raises:
        LedgerError: it is neither, or has to do with the provider's internal overview.
    """
    refuse_overview(output)
    if not output.exists():
        return Manifest()
    if not output.is_dir():
        raise LedgerError(f"{output} is not a folder", hint="choose another with --output")
    if not any(output.iterdir()):
        return Manifest()
    try:
        document = json.loads((output / MANIFEST_NAME).read_text(encoding="utf-8"))
        portals = {str(slug): _read_record(record) for slug, record in document["portals"].items()}
        part = read_part(document["part"]) if "part" in document else None
    except FileNotFoundError:
        raise LedgerError(
            f"{output} is neither empty nor a folder of portals, so it is left as it is",
            hint="choose another with --output",
        ) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LedgerError(
            f"{output / MANIFEST_NAME} cannot be read, so the folder is left as it is",
            hint="remove the folder to build all portals anew",
        ) from error
    return Manifest(MappingProxyType(portals), part)


def refuse_foreign_entries(output: Path, before: Manifest, slugs: Iterable[str]) -> None:
    """Refuse to replace what lies where a portal is to be, and was not built by us.

    Raises:
        LedgerError: there is such a thing.
    """
    for slug in slugs:
        if slug not in before.portals and (output / slug).exists():
            raise LedgerError(
                f"{output / slug} was not built by us, so it is left as it is",
                hint="move it away, or choose another folder with --output",
            )


def refuse_published(output: Path) -> None:
    """Refuse to build where portals were published: generations would be lost.

    Raises:
        LedgerError: that is so.
    """
    if (output / GENERATIONS_NAME).is_dir():
        raise LedgerError(
            f"{output} was published into, so it is left as it is",
            hint="use `punchcard portal publish`, or choose another folder with --output",
        )


def _read_record(record: Mapping[str, Any]) -> PortalRecord:
    policy = str(record.get("content_security_policy", ""))
    return PortalRecord(str(record["as_of"]), record["revision"], policy)


@contextmanager
def stage_folder(output: Path) -> Iterator[Path]:
    """Give a new folder beside ``output``, on the same file system; it is gone afterwards.

    Raises:
        LedgerError: no folder can be made there.
    """
    staged = output.parent / f".{output.name}.building-{os.urandom(4).hex()}"
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        staged.mkdir()
    except OSError as error:
        raise LedgerError(f"cannot write beside {output}: {error.strerror}") from error
    try:
        yield staged
    finally:
        shutil.rmtree(staged, ignore_errors=True)


@contextmanager
def explaining_write_errors(output: Path) -> Iterator[None]:
    """Say in one message that the disk is full, or whatever else keeps us from writing.

    Raises:
        LedgerError: it cannot be written to ``output`` or beside it.
    """
    try:
        yield
    except OSError as error:
        if not is_write_error(error):
            raise
        raise LedgerError(
            f"cannot write {output}: {error.strerror}, so it stays as it was"
        ) from error


def is_write_error(error: Exception) -> bool:
    """Whether something failed because it cannot be written: no space, no permission, no disk."""
    return isinstance(error, OSError) and error.errno in _CANNOT_WRITE


def carry_over(output: Path, staged: Path, built: set[str], dropped: set[str]) -> None:
    """Bring what is not built anew, and not dropped, from ``output`` into ``staged``."""
    if not output.is_dir():
        return
    for entry in sorted(output.iterdir()):
        if entry.name in built or entry.name in dropped or entry.name == MANIFEST_NAME:
            continue
        target = staged / entry.name
        if entry.is_dir() and not entry.is_symlink():
            _share_folder(entry, target)
        else:
            _link_or_copy(str(entry), str(target))


def swap_in(staged: Path, output: Path) -> None:
    """Put ``staged`` in the place of ``output`` at once; the old folder ends up in ``staged``."""
    if not output.exists():
        staged.rename(output)
        return
    staged.chmod(output.stat().st_mode & 0o7777)
    if not _exchange(staged, output):
        _swap_in_two_steps(staged, output)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step, where the system can; return whether it did."""
    try:
        rename = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        return False
    arguments = (
        _AT_CURRENT_FOLDER,
        os.fsencode(one),
        _AT_CURRENT_FOLDER,
        os.fsencode(other),
        _RENAME_EXCHANGE,
    )
    if rename(*arguments) == 0:
        return True
    code = ctypes.get_errno()
    if code in _CANNOT_EXCHANGE:
        return False
    raise OSError(code, os.strerror(code), str(other))


def _swap_in_two_steps(staged: Path, output: Path) -> None:
    retired = staged.with_name(f"{staged.name}.old")
    output.rename(retired)
    try:
        staged.rename(output)
    except BaseException:
        retired.rename(output)
        raise
    retired.rename(staged)


def _share_folder(source: Path, target: Path) -> None:
    target.mkdir()
    target.chmod(source.stat().st_mode & 0o7777)
    for entry in source.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            _share_folder(entry, target / entry.name)
        else:
            _link_or_copy(str(entry), str(target / entry.name))


def _link_or_copy(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        shutil.copy2(source, target, follow_symlinks=False)
    return target
