"""One customer's folder: its files to records, with the place of each at hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from ledger.files.layout import Place, record_path
from ledger.files.reader import FileReader, FileRecords, ReadFiles
from ledger.files.source import LedgerFile, LedgerFiles
from ledger.models import Customer, Record, Request
from ledger.models.customer_records import CustomerRecords, TimeSheet
from ledger.text import natural_key

_LOT_KINDS = frozenset({"purchases", "adjustments"})
_ReadFile = tuple[Place, FileRecords]


@dataclass(frozen=True, kw_only=True)
class CustomerFolder(ReadFiles):
    """A customer's records, and what is wrong with the files they come from.

    Attributes:
        records: what could be read.
        dropped_names: purchases, adjustments, requests and entries (by full name) that are
            there but could not be read; a time file as a whole by its name.
    """

    slug: str
    records: CustomerRecords
    dropped_names: frozenset[str]

    @property
    def incomplete_kinds(self) -> frozenset[str]:
        """The kinds of files of which something could not be read."""
        is_there = any(file.kind == "customer" for file in self.files)
        return super().incomplete_kinds | (frozenset() if is_there else {"customer"})

    @property
    def has_all_lots(self) -> bool:
        """Whether every purchase and adjustment could be read, so that figures can be right."""
        return self.incomplete_kinds.isdisjoint(_LOT_KINDS)

    def name_place(self, record: Record, key: str, seen_from: Record) -> str:
        """Return where ``record`` is, as a message about another one says it: ``line 3``."""
        file, path = self.locate(record)
        line = self.texts.find_line(file, (*path, key))
        is_same_file = file == self.locate(seen_from)[0]
        return f"line {line}" if is_same_file else f"line {line} of {file.rpartition('/')[2]}"


def read_customer_folder(
    files: LedgerFiles, slug: str, places: Sequence[tuple[LedgerFile, Place]], marketplace: str = ""
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
        files=tuple(file for _place, file in read),
        problems=tuple(reader.problems),
        texts=reader.texts,
        slug=slug,
        records=_assemble(slug, read),
        dropped_names=frozenset(_list_dropped_names(read)),
    )


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
    # For a customer.yml that cannot be read: the rest of the folder is still looked at.
    stand_in = Customer.model_construct(name=slug, key="", currency="")
    return CustomerRecords(
        slug=slug,
        customer=next(iter(lists.get("customer", ())), stand_in),
        purchases=lists.get("purchases", ()),
        adjustments=lists.get("adjustments", ()),
        accounts=lists.get("accounts", ()),
        requests=MappingProxyType(
            {name: requests[name] for name in sorted(requests, key=natural_key)}
        ),
        sheets=tuple(sheets),
    )


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
