"""One customer's records, as the files hold them: what every computation starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from ledger.models import (
    Account,
    Category,
    Customer,
    Goodwill,
    Purchase,
    Refund,
    Request,
    TimeEntry,
)

_MONTH_LENGTH = len("2026-11")


class TimeSheet(NamedTuple):
    """A time file: one consultant's entries of one month. Its name is the file's: 2026-11-alice."""

    name: str
    entries: tuple[TimeEntry, ...]

    @property
    def month(self) -> str:
        """The month, as ``2026-11``."""
        return self.name[:_MONTH_LENGTH]

    @property
    def consultant(self) -> str:
        """The consultant's handle."""
        return self.name[_MONTH_LENGTH + 1 :]

    def full_name(self, entry_id: str) -> str:
        """The full name of an entry of this file: ``2026-11-alice/03-1``."""
        return f"{self.name}/{entry_id}"

    def resolve(self, corrects: str) -> str:
        """The full name that ``corrects`` means: an id of this file, or a full name already."""
        return corrects if "/" in corrects else self.full_name(corrects)


@dataclass(frozen=True)
class CustomerRecords:
    """Everything that one customer's folder says, in no order that means anything."""

    slug: str
    customer: Customer
    purchases: tuple[Purchase, ...] = ()
    adjustments: tuple[Refund | Goodwill, ...] = ()
    accounts: tuple[Account, ...] = ()
    requests: Mapping[str, Request] = field(default_factory=lambda: MappingProxyType({}))
    sheets: tuple[TimeSheet, ...] = ()

    @cached_property
    def sheet_entries(self) -> tuple[tuple[TimeSheet, TimeEntry], ...]:
        """Every time entry, with its time file."""
        return tuple((sheet, entry) for sheet in self.sheets for entry in sheet.entries)

    @cached_property
    def sheet_corrections(self) -> tuple[tuple[TimeSheet, TimeEntry], ...]:
        """Every correction, with its time file."""
        return tuple(pair for pair in self.sheet_entries if pair[1].minutes < 0)

    def find_category(self, entry: TimeEntry) -> Category | None:
        """What an entry is charged as: its own category, else what its request says that day.

        None if the entry names none and its request is not there. A correction has the category
        of its entry instead; see ``ledger.balance.draw_down``.
        """
        if entry.category is not None:
            return entry.category
        request = self.requests.get(entry.request)
        return request.charge_category_on(entry.date) if request is not None else None
