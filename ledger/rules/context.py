"""What a rule looks at, and what it finds."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import NamedTuple

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.portal_life import AccountStanding, find_account_standings
from ledger.errors import Severity
from ledger.files.reader import CustomerFolder, Organization
from ledger.files.yaml import Path
from ledger.models import (
    CustomerRecords,
    Record,
    Request,
    RequestEvent,
    TermsHistory,
    TimeEntry,
    TimeSheet,
)


class Finding(NamedTuple):
    """What breaks a rule: a record, with a key or path in it, or a file as a whole, by its path."""

    place: Record | str
    key: str | Path | None
    message: str
    hint: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True)
class RuleContext:
    """One customer's folder, what all customers share, and the as-of date."""

    organization: Organization
    folder: CustomerFolder
    as_of: date

    @cached_property
    def drawn(self) -> DrawDown:
        """The draw-down as of the as-of date."""
        return draw_down(self.records, self.terms, self.as_of)

    @property
    def records(self) -> CustomerRecords:
        """The customer's records."""
        return self.folder.records

    @property
    def terms(self) -> TermsHistory:
        """The terms of sale."""
        return self.organization.terms

    @cached_property
    def has_all_lots(self) -> bool:
        """Whether the figures can be right: all that lots come from is there, and under terms."""
        incomplete = self.folder.incomplete_kinds & {"purchases", "adjustments"}
        if incomplete or "terms" in self.organization.incomplete_kinds:
            return False
        return all(self.terms.in_force_on(each.date) for each in self.records.purchases)

    @property
    def has_customer(self) -> bool:
        """Whether customer.yml is there and could be read."""
        return "customer" not in self.folder.incomplete_kinds

    @cached_property
    def entries(self) -> Mapping[str, TimeEntry]:
        """The time entries by their full names; of two with one name the first."""
        pairs = reversed(self.records.sheet_entries)
        return {sheet.full_name(entry.id): entry for sheet, entry in pairs}

    @cached_property
    def corrected_minutes(self) -> Mapping[str, int]:
        """The minutes that corrections take back, by the full name of their entry."""
        minutes: dict[str, int] = defaultdict(int)
        for sheet, entry in self.records.sheet_corrections:
            if entry.corrects is not None:
                minutes[sheet.resolve(entry.corrects)] -= entry.minutes
        return minutes

    @cached_property
    def standings(self) -> tuple[AccountStanding, ...]:
        """How the accounts stand on the as-of date."""
        return find_account_standings(self.records, self.terms, self.as_of)

    def list_acts(self) -> Iterator[tuple[Request | RequestEvent, str, str, date]]:
        """Yield what people opened or added: the record, the key that names them, who, and when."""
        for request in self.records.requests.values():
            yield request, "opened_by", request.opened_by, request.opened
            for event in request.history:
                yield event, "by", event.by, event.date

    def is_wholly_corrected(self, sheet: TimeSheet, entry: TimeEntry) -> bool:
        """Whether nothing is left of an entry; of a correction nothing ever is."""
        return self.corrected_minutes.get(sheet.full_name(entry.id), 0) >= entry.minutes

    def is_dropped(self, name: str) -> bool:
        """Whether a record is there but could not be read; an entry also if its file was not."""
        dropped = self.folder.dropped_names
        return name in dropped or name.partition("/")[0] in dropped
