"""The records that a file held in some commit, by their names; each content is read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from ledger.files.layout import Misplaced, place_file
from ledger.files.reader import FileReader
from ledger.files.source import Blob, LedgerFile, ObjectReader
from ledger.models import Record


class FileVersion(NamedTuple):
    """What a file held.

    Attributes:
        records: by name: ``P1``, ``ACME-12``, ``2026-11-alice/03-1``.
        is_whole: nothing of it was unreadable.
    """

    records: Mapping[str, Record]
    is_whole: bool


_NOTHING = FileVersion({}, is_whole=True)


class RecordVersions:
    """Reads the records of files by the id of their content, and keeps what it has read."""

    def __init__(self, reader: ObjectReader) -> None:
        self._reader = reader
        self._contents: dict[str, bytes] = {}
        self._versions: dict[tuple[str, str], FileVersion] = {}

    def fetch(self, blobs: Iterable[Blob | None]) -> None:
        """Bring the contents of many files at once, before they are read one by one."""
        wanted = {blob.object_id for blob in blobs if blob is not None and _holds_records(blob)}
        missing = wanted - self._contents.keys()
        if missing:
            self._contents.update(self._reader.read_objects(missing))

    def read(self, blob: Blob | None) -> FileVersion:
        """Return what a file held; nothing if it was not there, or is none of the ledger's."""
        if blob is None or not _holds_records(blob):
            return _NOTHING
        key = (blob.file.path, blob.object_id)
        if key not in self._versions:
            self.fetch([blob])
            self._versions[key] = _parse(blob.file, self._contents[blob.object_id])
        return self._versions[key]

    def forget(self) -> None:
        """Let go of everything that was read."""
        self._contents.clear()
        self._versions.clear()


class _OneFile:
    """A file's content as the only file of a ledger; see ``ledger.files.source.LedgerFiles``."""

    def __init__(self, file: LedgerFile, content: bytes) -> None:
        self.prefix = ""
        self._file = file
        self._content = content

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        del under
        return [self._file]

    def read(self, path: str) -> bytes:
        del path
        return self._content


def _holds_records(blob: Blob) -> bool:
    place = place_file(blob.file.path)
    return blob.is_file and not isinstance(place, Misplaced) and place.customer is not None


def _parse(file: LedgerFile, content: bytes) -> FileVersion:
    place = place_file(file.path)
    if isinstance(place, Misplaced):
        return _NOTHING
    read = FileReader(_OneFile(file, content)).read(file, place.kind)
    if place.kind == "request":
        records = dict(zip([place.name], read.records, strict=False))
    elif place.kind == "time":
        records = {f"{place.name}/{entry.id}": entry for entry in read.records}
    elif place.kind in {"purchases", "adjustments"}:
        records = {record.id: record for record in read.records}
    else:
        records = {}
    return FileVersion(records, read.is_whole)
