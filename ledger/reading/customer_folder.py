"""One customer's folder: its files to records, with the place of each at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from ledger.customer_records import CustomerRecords, TimeSheet
from ledger.errors import Problem, Severity
from ledger.files.source import LedgerFile, LedgerFiles
from ledger.models import Customer, Record, Request
from ledger.reading.file_layout import Place, record_path
from ledger.reading.file_reader import FileReader, FileRecords
from ledger.reading.source_texts import SourceTexts
from ledger.reading.yaml_text import Path
from ledger.text import NaturalKey, natural_key

_LOT_KINDS = frozenset({"purchases", "adjustments"})


@dataclass(frozen=True, slots=True)
class CustomerFolder:
    """A customer's records, and what is wrong with the files they come from.

    Attributes:
        records: what could be read.
        problems: what stands in the way of the rest.
        incomplete_kinds: the kinds of files of which something could not be read.
        dropped_names: purchases, adjustments, requests and entries (by full name) that are
            there but could not be read; a time file as a whole by its name.
    """

    slug: str
    records: CustomerRecords
    problems: tuple[Problem, ...]
    incomplete_kinds: frozenset[str]
    dropped_names: frozenset[str]
    file_count: int
    record_count: int
    _texts: SourceTexts
    _files: tuple[FileRecords, ...]
    _places: dict[int, tuple[str, Path]] = field(default_factory=dict)

    @property
    def has_all_lots(self) -> bool:
        """Whether every purchase and adjustment could be read, so that figures can be right."""
        return self.incomplete_kinds.isdisjoint(_LOT_KINDS)

    @property
    def partial_files(self) -> tuple[str, ...]:
        """The files of which something could not be read."""
        return tuple(file.file for file in self._files if not file.is_whole)

    def list_contents(self) -> Mapping[str, bytes]:
        """Return what was read, by path in the ledger."""
        return self._texts.sources

    def locate(self, record: Record) -> tuple[str, Path]:
        """Return the file of a record of this folder and its path in there."""
        if not self._places:
            self._places.update(_index_places(self._files))
        return self._places[id(record)]

    def make_problem(
        self,
        rule: str,
        record: Record,
        key: str | Path | None,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem that points at the value of ``key``, or at a path, in ``record``."""
        file, path = self.locate(record)
        place = (*path, key) if isinstance(key, str) else (*path, *(key or ()))
        return self._texts.make_problem(rule, file, place, message, hint, severity=severity)

    def name_place(self, record: Record, key: str, seen_from: Record) -> str:
        """Return where ``record`` is, as a message about another one says it: ``line 3``."""
        file, path = self.locate(record)
        line = self._texts.find_line(file, (*path, key))
        is_same_file = file == self.locate(seen_from)[0]
        return f"line {line}" if is_same_file else f"line {line} of {file.rpartition('/')[2]}"

    def make_file_problem(
        self,
        rule: str,
        file: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem that points at a file of this folder as a whole."""
        return self._texts.make_problem(rule, file, None, message, hint, severity=severity)


def read_customer_folder(
    files: LedgerFiles,
    slug: str,
    places: Sequence[tuple[LedgerFile, Place]],
    marketplace: str = "",
) -> CustomerFolder:
    """Read the files of one customer, given where each belongs and where licences are bought."""
    reader = FileReader(files, marketplace)
    if all(place.kind != "customer" for _file, place in places):
        reader.report_misplaced(
            record_path(slug, "customer"),
            f"the customer's folder {slug!r} has no customer.yml",
            "add it, with name, key and currency",
        )
    read = [(place, reader.read(file, place.kind)) for file, place in places]
    return CustomerFolder(
        slug=slug,
        records=_assemble(slug, read),
        problems=tuple(reader.problems),
        incomplete_kinds=frozenset(place.kind for place, file in read if not file.is_whole)
        | _find_missing_customer(read),
        dropped_names=frozenset(_list_dropped_names(read)),
        file_count=reader.file_count,
        record_count=reader.record_count,
        _texts=reader.texts,
        _files=tuple(file for _place, file in read),
    )


_ReadFile = tuple[Place, FileRecords]


def _assemble(slug: str, read: Iterable[_ReadFile]) -> CustomerRecords:
    lists: dict[str, tuple[Any, ...]] = {}
    requests: dict[str, Request] = {}
    sheets: list[TimeSheet] = []
    for place, file in read:
        if place.kind == "request":
            requests.update((place.name, request) for request in file.records)
        elif place.kind == "time":
            sheets.append(TimeSheet(place.name, file.records))
        else:
            lists[place.kind] = file.records
    return CustomerRecords(
        slug=slug,
        customer=next(iter(lists.get("customer", ())), None) or _stand_in(slug),
        purchases=lists.get("purchases", ()),
        adjustments=lists.get("adjustments", ()),
        accounts=lists.get("accounts", ()),
        requests=MappingProxyType(dict(sorted(requests.items(), key=_by_natural_id))),
        sheets=tuple(sheets),
    )


def _by_natural_id(item: tuple[str, Request]) -> NaturalKey:
    return natural_key(item[0])


def _stand_in(slug: str) -> Customer:
    # For a customer.yml that cannot be read: the rest of the folder is still looked at.
    return Customer.model_construct(name=slug, key="", currency="")


def _find_missing_customer(read: Iterable[_ReadFile]) -> frozenset[str]:
    is_there = any(place.kind == "customer" for place, _file in read)
    return frozenset() if is_there else frozenset({"customer"})


def _list_dropped_names(read: Iterable[_ReadFile]) -> Iterator[str]:
    for place, file in read:
        if place.kind == "time":
            if not file.is_whole and not file.records and not file.dropped_ids:
                yield place.name
            yield from (f"{place.name}/{entry}" for entry in file.dropped_ids)
        elif place.kind == "request" and not file.is_whole:
            yield place.name
        else:
            yield from file.dropped_ids


def _index_places(files: Iterable[FileRecords]) -> Iterator[tuple[int, tuple[str, Path]]]:
    for file in files:
        is_list = file.kind not in {"customer", "request"}
        for index, record in zip(file.indices, file.records, strict=True):
            path: Path = (index,) if is_list else ()
            yield id(record), (file.file, path)
            yield from _index_parts(record, file.file, path)


def _index_parts(record: Record, file: str, path: Path) -> Iterator[tuple[int, tuple[str, Path]]]:
    for name in ("history", "licences", "services"):
        for index, part in enumerate(getattr(record, name, ())):
            yield id(part), (file, (*path, name, index))
