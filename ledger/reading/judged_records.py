"""Records as pydantic makes them of any value, and what it finds wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from ledger.models import FILE_TYPES
from ledger.reading.schema_problems import SchemaFinding, explain_validation_error
from ledger.reading.yaml_text import Path, PlainValue


class JudgedRecords(NamedTuple):
    """What pydantic says of a value.

    Attributes:
        records: the good records.
        indices: where each of them stands in a list.
        dropped_ids: ids of records that are there but not good.
        mistakes: what is wrong.
    """

    records: tuple[Any, ...] = ()
    indices: tuple[int, ...] = ()
    dropped_ids: frozenset[str] = frozenset()
    mistakes: tuple[Mistake, ...] = ()


class Mistake(NamedTuple):
    """What is wrong with a value; ``indices`` says where its items stand in the file's list."""

    error: ValidationError
    data: PlainValue
    indices: Sequence[int] | None = None

    def explain(self, kind: str, marketplace: str) -> Iterator[SchemaFinding]:
        """Say what is wrong, at which paths in the file.

        Args:
            kind: what the file holds, a key of ``models.FILE_TYPES``.
            marketplace: where licences are bought; empty if nobody says.
        """
        for finding in explain_validation_error(self.error, kind, self.data, marketplace):
            yield finding._replace(path=self._find_path(finding.path))

    def _find_path(self, path: Path) -> Path:
        if self.indices is None or not path or not isinstance(path[0], int):
            return path
        return (self.indices[path[0]], *path[1:])


@cache
def find_adapter(kind: str) -> TypeAdapter[Any]:
    """Return what makes the records of a kind of file from its plain value."""
    return TypeAdapter(FILE_TYPES[kind])


def judge_record(kind: str, data: PlainValue) -> JudgedRecords:
    """Return the record of a file that holds one."""
    try:
        record = find_adapter(kind).validate_python(data)
    except ValidationError as error:
        return JudgedRecords(mistakes=(Mistake(error, data),))
    return JudgedRecords((record,), (0,))


def judge_list(kind: str, data: PlainValue) -> JudgedRecords:
    """Return the good records of a file that holds a list."""
    try:
        records = find_adapter(kind).validate_python(data)
    except ValidationError as error:
        return _judge_items(kind, data, error)
    return JudgedRecords(tuple(records), tuple(range(len(records))))


def _judge_items(kind: str, data: PlainValue, error: ValidationError) -> JudgedRecords:
    mistakes = [Mistake(error, data)]
    if not isinstance(data, list):
        return JudgedRecords(mistakes=tuple(mistakes))
    bad = {details["loc"][0] for details in error.errors() if details["loc"]}
    good = [index for index in range(len(data)) if index not in bad] if bad else []
    items = [data[index] for index in good]
    try:
        records = find_adapter(kind).validate_python(items)
    except ValidationError as later:
        # What is asked of the list as a whole is asked only when no item is bad.
        mistakes.append(Mistake(later, items, good))
        records, good = [], []
    dropped = frozenset(_list_raw_ids(data, set(good)))
    return JudgedRecords(tuple(records), tuple(good), dropped, tuple(mistakes))


def _list_raw_ids(data: list[PlainValue], good: set[int]) -> list[str]:
    dropped = (item for index, item in enumerate(data) if index not in good)
    ids = (item.get("id") for item in dropped if isinstance(item, dict))
    return [found for found in ids if isinstance(found, str)]
