"""The map of an import: read from its file, what it lacks for some rows, and more put into it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import LedgerError, Problem
from ledger.exchange.row_mapping import RowMapping
from ledger.exchange.tracker_files import Row
from ledger.files.reader import ReadFiles
from ledger.files.source import FileKind, FolderFiles, LedgerFile
from ledger.models import ImportMap
from ledger.writing.write import RefusedError
from ledger.writing.yaml_edit import add_to_list, make_file
from ledger.writing.yaml_text import UneditableError

KIND = "import"
_NEW = {"rounded_by": "entry", "rounding": "up"}


class Lack(NamedTuple):
    """What a map does not say: whose rows (under ``people``), or what request (``requests``)."""

    key: str
    fields: Mapping[str, Any]
    rows: int
    minutes: int


def read_map(path: Path) -> ImportMap:
    """Return the map in a file; a RefusedError has what is wrong with it."""
    if not path.exists():
        raise LedgerError(f"there is no map {path}", "write one, or let --learn ask for it")
    folder = ReadFiles(FolderFiles(path.parent, "" if path.parent == Path() else f"{path.parent}/"))
    found = folder.read(LedgerFile(path.name, FileKind.FILE), KIND)
    if folder.problems:
        raise RefusedError(f"{path} is no map, so nothing was written", folder.problems)
    [import_map] = found.records
    return import_map  # type: ignore[no-any-return]  # records of any kind


def list_lacks(mapping: RowMapping, rows: Sequence[Row | Problem]) -> list[Lack]:
    """Return what the map lacks for the rows that it does not leave out, most rows first."""
    lacks: dict[tuple[str, str], Lack] = {}
    for row in rows:
        if isinstance(row, Problem) or mapping.leaves_out(row):
            continue
        minutes = row.seconds // 60
        for key, fields in _list_wanted(mapping, row):
            before = lacks.get((key, str(fields)), Lack(key, fields, 0, 0))
            lack = Lack(key, fields, before.rows + 1, before.minutes + minutes)
            lacks[key, str(fields)] = lack
    return sorted(lacks.values(), key=lambda each: (each.key, -each.rows))


def _list_wanted(mapping: RowMapping, row: Row) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the list of the map and the fields of what it lacks for a row."""
    if row.people and mapping.find_handle(row.people) is None:
        yield "people", {"person": row.people[0]}
    if mapping.find_rule(row) is None:
        named = {key: text for key in ("client", "project") if (text := row.said[key])}
        other = {"tags": row.tags} if row.tags else {"note": row.said["note"]}
        yield "requests", named or other


def add_to_map(path: Path, answers: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """Return a map's text, or that of a new one, with more items in its lists."""
    source = path.read_bytes() if path.exists() else make_file(_NEW)
    try:
        for key, fields in answers:
            source = add_to_list(source, key, fields)
    except UneditableError as error:
        raise LedgerError(f"cannot add to {path}: {error}", "edit it by hand") from error
    return source
