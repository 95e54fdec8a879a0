"""The rule ``changed-history``: what was recorded at the base stays as it was.

Records are compared, not lines: by their identity, as models, so that comments, layout and the
order in a file are no change. Pure: it is given what was read of the files that differ.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from ledger.errors import Problem, Severity
from ledger.files.customer import CustomerFolder
from ledger.files.layout import record_path, request_path, sheet_path
from ledger.files.organization import Organization
from ledger.history.field_changes import FieldChange, format_value, list_field_changes, weigh
from ledger.history.request_history import (
    find_changed_events,
    find_reordered_day,
    list_added_events,
)
from ledger.models import Category, Record, Request, Terms, TimeEntry
from ledger.models.customer_records import CustomerRecords, TimeSheet

CHANGED_HISTORY = "changed-history"

_HINTS = {
    "entry": "put it back; take time back with a correction",
    "purchase": "put it back; record a refund or goodwill for what is different",
    "adjustment": "put it back; record another adjustment for what is different",
    "request": "put it back; append an event that says what is different",
    "terms": "put them back; new terms apply from a day to come",
}


class NamedRecord(NamedTuple):
    """A record with what makes it the same in two revisions.

    Attributes:
        kind: a key of the hints above.
        name: unique within the kind.
        file: its path in the ledger.
    """

    kind: str
    name: str
    record: Record
    file: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def list_named_records(records: CustomerRecords) -> Iterator[NamedRecord]:
    """Yield everything of a customer that stays as it was once it is recorded."""
    slug = records.slug
    for purchase in records.purchases:
        yield NamedRecord("purchase", purchase.id, purchase, record_path(slug, "purchases"))
    for item in records.adjustments:
        yield NamedRecord("adjustment", item.id, item, record_path(slug, "adjustments"))
    for request_id, request in records.requests.items():
        yield NamedRecord("request", request_id, request, request_path(slug, request_id))
    for sheet, entry in records.sheet_entries:
        yield NamedRecord("entry", sheet.full_name(entry.id), entry, sheet_path(slug, sheet.name))


def find_changed_records(
    base: CustomerFolder, head: CustomerFolder, base_name: str
) -> Iterator[Problem]:
    """Yield what was altered or removed of a customer's records.

    Args:
        base: what was read of the files that differ, as they were.
        head: what was read of the files that differ, as they are.
        base_name: how messages call the base.
    """
    sides = _Sides(base, head, base_name)
    now = _index(head.records)
    for identity, then in _index(base.records).items():
        if identity in now:
            yield from _compare(sides, then, now[identity])
        elif not _is_unreadable(head, then):
            yield _report_removed(sides, then)
    yield from _find_recharged_entries(sides)
    for file in base.partial_files:
        yield head.make_file_problem(
            CHANGED_HISTORY,
            file,
            f"not all of it could be read in {base_name}, so not all of it is compared",
            severity=Severity.WARNING,
        )


def find_changed_terms(
    base: Organization, head: Organization, as_of: date, base_name: str
) -> Iterator[Problem]:
    """Yield what was altered or removed of terms in force on ``as_of``, or put in behind it."""
    if "terms" in head.incomplete_kinds:
        return
    now = {terms.effective: terms for terms in head.terms.terms}
    then = {terms.effective: terms for terms in base.terms.terms}
    for effective, terms in then.items():
        if effective <= as_of:
            yield from _compare_terms(base, head, terms, now.get(effective), base_name)
    for effective, terms in now.items():
        replaced = base.terms.in_force_on(effective)
        if effective in then or replaced is None or effective >= as_of:
            continue
        yield head.make_problem(
            CHANGED_HISTORY,
            terms,
            "effective",
            f"new terms from {effective}, a day that has passed, take the place of those of "
            f"{replaced.effective}",
            _HINTS["terms"],
        )


def _compare_terms(
    base: Organization, head: Organization, then: Terms, now: Terms | None, base_name: str
) -> Iterator[Problem]:
    place = base.make_problem(CHANGED_HISTORY, then, None, "").position
    was = f"stood at {place.file}:{place.line} in {base_name}"
    if now is None:
        message = f"the terms of {then.effective}, already in force, were removed; they {was}"
        yield head.make_file_problem(CHANGED_HISTORY, "terms.yml", message, _HINTS["terms"])
    elif changes := list_field_changes(then, now):
        message = (
            f"the terms of {then.effective}, already in force, were altered: "
            f"{_join(changes)}; they {was}"
        )
        yield head.make_problem(CHANGED_HISTORY, now, changes[0].name, message, _HINTS["terms"])


class _Sides(NamedTuple):
    """A customer's folder then and now, and how messages call then."""

    base: CustomerFolder
    head: CustomerFolder
    base_name: str

    def tell_old_place(self, record: Record) -> str:
        """Return where a record stood, for the end of a message."""
        place = self.base.make_problem(CHANGED_HISTORY, record, None, "").position
        return f"stood at {place.file}:{place.line} in {self.base_name}"

    def report_altered(
        self, what: str, kind: str, then: Record, now: Record, changes: Sequence[FieldChange]
    ) -> Problem:
        """Return the problem of a record whose fields are others now; it points at the first."""
        severity = weigh(changes)
        facts = [change for change in changes if change.is_fact]
        return self.head.make_problem(
            CHANGED_HISTORY,
            now,
            (facts or changes)[0].name,
            f"{what} was altered: {_join(changes)}; it {self.tell_old_place(then)}",
            _HINTS[kind] if severity is Severity.ERROR else "only the text is different",
            severity,
        )


def _index(records: CustomerRecords) -> dict[tuple[str, str], NamedRecord]:
    """Return the records by what identifies them; of two with the same name the first."""
    found: dict[tuple[str, str], NamedRecord] = {}
    for item in list_named_records(records):
        found.setdefault((item.kind, item.name), item)
    return found


def _is_unreadable(head: CustomerFolder, then: NamedRecord) -> bool:
    """Whether a record that seems gone may stand where something cannot be read."""
    names = {then.name, then.name.partition("/")[0]}
    if not names.isdisjoint(head.dropped_names):
        return True
    is_list = then.kind in {"purchase", "adjustment"}
    return is_list and then.file in head.partial_files and not _has_records_in(head, then.file)


def _has_records_in(head: CustomerFolder, file: str) -> bool:
    return any(item.file == file for item in list_named_records(head.records))


def _report_removed(sides: _Sides, then: NamedRecord) -> Problem:
    return sides.head.make_file_problem(
        CHANGED_HISTORY,
        then.file,
        f"{then} was removed; it {sides.tell_old_place(then.record)}",
        _HINTS[then.kind],
    )


def _compare(sides: _Sides, then: NamedRecord, now: NamedRecord) -> Iterator[Problem]:
    before, after = then.record, now.record
    if isinstance(before, Request) and isinstance(after, Request):
        yield from _compare_requests(sides, then.name, before, after)
        return
    changes = list_field_changes(before, after)
    if isinstance(before, TimeEntry) and isinstance(after, TimeEntry):
        sheet = TimeSheet(then.name.partition("/")[0], ())
        changes = tuple(item for item in changes if not _is_same_reference(item, sheet))
    if changes:
        yield sides.report_altered(str(then), then.kind, before, after, changes)


def _is_same_reference(change: FieldChange, sheet: TimeSheet) -> bool:
    if change.name != "corrects" or not change.before or not change.after:
        return False
    return sheet.resolve(change.before) == sheet.resolve(change.after)


def _compare_requests(
    sides: _Sides, name: str, before: Request, after: Request
) -> Iterator[Problem]:
    if changes := list_field_changes(before, after, {"history"}):
        yield sides.report_altered(f"request {name}", "request", before, after, changes)
    pairs = list(find_changed_events(before, after))
    for pair in pairs:
        what = f"event {pair.number} of {name}, of {pair.before.date},"
        if pair.after is not None:
            differences = list_field_changes(pair.before, pair.after)
            yield sides.report_altered(what, "request", pair.before, pair.after, differences)
        else:
            message = f"{what} was removed; it {sides.tell_old_place(pair.before)}"
            yield sides.head.make_problem(
                CHANGED_HISTORY, after, "history", message, _HINTS["request"]
            )
    day = find_reordered_day(before, after)
    if day is not None:
        message = (
            f"the events of {name} of {day} stand in another order than in {sides.base_name}, "
            "and the last of a day decides"
        )
        yield sides.head.make_problem(CHANGED_HISTORY, after, "history", message, _HINTS["request"])


def _find_recharged_entries(sides: _Sides) -> Iterator[Problem]:
    """Yield each entry that is charged as something else because its request is another now."""
    then, now = sides.base.records, sides.head.records
    kept = dict(_index_entries(now))
    for name, (item, entry) in _index_entries(then):
        before, after = then.requests.get(entry.request), now.requests.get(entry.request)
        if before is None or after is None or name not in kept:
            continue
        if _is_charged_alike(entry, kept[name].entry):
            charges = before.charge_category_on(entry.date), after.charge_category_on(entry.date)
            if charges[0] is not charges[1]:
                yield _report_recharged(sides, item, entry, charges)


class _IndexedEntry(NamedTuple):
    item: NamedRecord
    entry: TimeEntry


def _index_entries(records: CustomerRecords) -> Iterator[tuple[str, _IndexedEntry]]:
    """Yield the entries that are charged as what their request says, by full name."""
    for item in _index(records).values():
        entry = item.record
        if isinstance(entry, TimeEntry) and entry.category is None and not entry.is_correction:
            yield item.name, _IndexedEntry(item, entry)


def _is_charged_alike(then: TimeEntry, now: TimeEntry) -> bool:
    # Where these differ, the entry itself was altered, which is said already.
    return (then.request, then.date) == (now.request, now.date)


def _report_recharged(
    sides: _Sides,
    item: NamedRecord,
    entry: TimeEntry,
    charges: tuple[Category | None, Category | None],
) -> Problem:
    record, key = _find_cause(sides, entry)
    was, is_now = map(format_value, charges)
    return sides.head.make_problem(
        CHANGED_HISTORY,
        record,
        key,
        f"{item} of {entry.date} was charged as {was} and is {is_now} now; "
        f"it {sides.tell_old_place(entry)}",
        "let it apply from a later day, or correct the entry and log it anew",
    )


def _find_cause(sides: _Sides, entry: TimeEntry) -> tuple[Record, str]:
    """Return what made the request of ``entry`` another: an event that came in, or a field."""
    before = sides.base.records.requests[entry.request]
    after = sides.head.records.requests[entry.request]
    for event in list_added_events(before, after):
        if event.date <= entry.date and (event.moved_to or event.category):
            return event, "moved_to" if event.moved_to else "category"
    return after, "category" if before.category is not after.category else "channel"


def _join(changes: Sequence[FieldChange]) -> str:
    return ", ".join(map(str, changes))
