"""What a rule looks at: one customer's folder, what all customers share, and the as-of date."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from ledger.figures.account_activity import AccountStanding, find_account_standings
from ledger.figures.draw_down import DrawDown, draw_down
from ledger.files.customer import CustomerFolder
from ledger.files.organization import Organization
from ledger.models import TermsHistory, TimeEntry
from ledger.models.customer_records import CustomerRecords, TimeSheet


@dataclass(frozen=True)
class RuleInput:
    """What a rule looks at. What several rules need is worked out once.

    Attributes:
        known_draw_down: the draw-down as of the as-of date, for whoever has it.
    """

    organization: Organization
    folder: CustomerFolder
    as_of: date
    known_draw_down: DrawDown | None = None
    _entries_by_sheet: dict[str, Mapping[str, TimeEntry]] = field(default_factory=dict)

    @property
    def records(self) -> CustomerRecords:
        """The customer's records."""
        return self.folder.records

    @property
    def terms(self) -> TermsHistory:
        """The terms of sale."""
        return self.organization.terms

    @property
    def has_all_lots(self) -> bool:
        """Whether the figures can be right: no purchase, adjustment or terms were unreadable."""
        return self.folder.has_all_lots and "terms" not in self.organization.incomplete_kinds

    @cached_property
    def drawn(self) -> DrawDown:
        """The draw-down as of the as-of date."""
        return self.known_draw_down or draw_down(self.records, self.terms, self.as_of)

    def find_entry(self, name: str) -> TimeEntry | None:
        """Return the time entry with a full name; of two the first."""
        sheet, _, entry = name.partition("/")
        if sheet not in self._entries_by_sheet:
            pairs = [pair for pair in self.records.sheet_entries if pair[0].name == sheet]
            self._entries_by_sheet[sheet] = {each.id: each for _sheet, each in reversed(pairs)}
        return self._entries_by_sheet[sheet].get(entry)

    def list_entry_names(self) -> list[str]:
        """Return the full names of all time entries."""
        pairs = self.records.sheet_entries
        return list(dict.fromkeys(sheet.full_name(entry.id) for sheet, entry in pairs))

    @cached_property
    def corrected_minutes(self) -> Mapping[str, int]:
        """The minutes that corrections take back, by the full name of their entry."""
        minutes: dict[str, int] = {}
        for sheet, entry in self.records.sheet_corrections:
            if entry.corrects is not None:
                name = sheet.resolve(entry.corrects)
                minutes[name] = minutes.get(name, 0) - entry.minutes
        return minutes

    @cached_property
    def standings(self) -> tuple[AccountStanding, ...]:
        """How the accounts stand on the as-of date."""
        return find_account_standings(self.records, self.terms, self.as_of)

    def is_wholly_corrected(self, sheet: TimeSheet, entry: TimeEntry) -> bool:
        """Whether nothing is left of an entry."""
        return self.corrected_minutes.get(sheet.full_name(entry.id), 0) >= entry.minutes > 0

    def is_dropped(self, name: str) -> bool:
        """Whether a record is there but could not be read; an entry also if its file was not."""
        dropped = self.folder.dropped_names
        return name in dropped or name.partition("/")[0] in dropped
