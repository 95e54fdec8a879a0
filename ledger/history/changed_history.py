"""The rule ``changed-history``: what was recorded at the base stays as it was.

Records are compared, not lines: by their identity, as models, so that comments, layout and the
order in a file are no change. Events of a request have no ids: one that is in both histories as it
was is the same event, wherever it stands; of the rest, the likeliest one now is taken for each that
was there before. Pure: it is given what was read of the files that differ.
"""

from collections.abc import Collection, Iterator
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from ledger.errors import Problem, Severity
from ledger.files.reader import CustomerFolder, Organization, ReadFiles
from ledger.models import (
    CustomerRecords,
    Record,
    Refund,
    Request,
    RequestEvent,
    Terms,
    TimeEntry,
    TimeSheet,
)
from ledger.models.fields import FREE_TEXT, KNOWN_LATER
from ledger.text import cut_text

CHANGED_HISTORY = "changed-history"

_HINTS = {
    "entry": "put it back; a correction takes time back, another entry adds some",
    "purchase": "put it back; record a refund or goodwill for what is different",
    "adjustment": "put it back; record another adjustment for what is different",
    "request": "put it back; append an event that says what is different",
    "terms": "put them back; new terms apply from today or a later day",
}
_FREE_TEXT_FIELDS = Record.list_marked(FREE_TEXT) | {"urgency"}
_LATER_KNOWN_FIELDS = Record.list_marked(KNOWN_LATER)
# The fields in which two events may differ and still be the same one, likeliest first.
_LIKENESS = (
    _FREE_TEXT_FIELDS | _LATER_KNOWN_FIELDS,
    {"note", "status", "moved_to", "category", "ticket"},
    {"date"},
    {"by"},
)
_LONGEST_VALUE = 40


def index_records(records: CustomerRecords) -> dict[tuple[str, str], Record]:
    """Return what stays as recorded, by kind (as in the hints) and name; of one name the first."""
    found: dict[tuple[str, str], Record] = {}
    for kind, name, record in (
        *(("purchase", each.id, each) for each in records.purchases),
        *(("adjustment", each.id, each) for each in records.adjustments),
        *(("request", name, request) for name, request in records.requests.items()),
        *(("entry", sheet.full_name(entry.id), entry) for sheet, entry in records.sheet_entries),
    ):
        found.setdefault((kind, name), record)
    return found


def find_changed_records(
    base: CustomerFolder, head: CustomerFolder, base_name: str
) -> Iterator[Problem]:
    """Yield what was altered or removed of a customer's records; messages call the base so."""
    sides = _Sides(base, head, base_name)
    now = index_records(head.records)
    for (kind, name), record in index_records(base.records).items():
        what, successor, leave_out = f"{kind} {name}", now.get((kind, name)), {"history"}
        match record, successor:
            case TimeEntry() as before, TimeEntry() as after:
                requests = (side.records.requests.get(before.request) for side in (base, head))
                yield from _compare_charges(sides, what, before, after, *requests)
                resolve = TimeSheet(name.partition("/")[0], ()).resolve
                if resolve(before.corrects or "") == resolve(after.corrects or ""):
                    leave_out = {"corrects"}
            case Request() as before, Request() as after:
                yield from _compare_events(sides, name, before, after)
                if after.attachments[: len(before.attachments)] == before.attachments:
                    leave_out.add("attachments")  # More may come.
                if before.category is None:
                    leave_out.add("category")  # Nobody had taken it up.
            case _, None if _is_unreadable(head, kind, name, base.locate(record)[0]):
                continue
        yield from sides.compare(kind, what, record, successor, leave_out=leave_out)
    was, is_now = base.records.customer, head.records.customer
    is_paid = base.records.purchases or any(isinstance(x, Refund) for x in base.records.adjustments)
    if is_paid and was.currency != is_now.currency and was.currency and is_now.currency:
        said = f"the currency of what was sold was altered: {was.currency} -> {is_now.currency}"
        hint = "put it back; who pays in another currency is another customer"
        yield sides.point(is_now, "currency", said, hint, was)
    for file in base.partial_files:
        message = f"not all of it could be read in {base_name}, so not all of it is compared"
        yield head.make_problem(CHANGED_HISTORY, file, None, message, severity=Severity.WARNING)


def find_changed_terms(
    base: Organization, head: Organization, as_of: date, base_name: str
) -> Iterator[Problem]:
    """Yield what was altered or removed of terms in force on ``as_of``, or put in behind it."""
    if "terms" in head.incomplete_kinds:
        return
    sides, hint = _Sides(base, head, base_name), _HINTS["terms"]
    then, now = (
        {each.effective: each for each in side.terms.terms if each.effective <= as_of}
        for side in (base, head)
    )
    for effective, terms in then.items():
        what, after = f"the terms of {effective}, already in force,", now.get(effective)
        yield from sides.compare("terms", what, terms, after, leave_out={"categories"})
        if after is not None and after.uses != terms.uses:
            said = f"{what} were altered: categories {terms.uses} -> {after.uses}"
            yield sides.point(after, "categories", said, hint, terms)
    for effective, terms in now.items():
        replaced = base.terms.applying_to(effective)  # the first hold for days before them, too
        if effective in then or replaced is None:
            continue
        why = "a day that has passed"
        if effective == as_of:
            was, uses = replaced.uses, terms.uses
            other = {*was.charged} & {*uses.free} | {*was.free} & {*uses.charged}
            why = f"today, and with another charge for {', '.join(sorted(other))}" if other else ""
            hint = "let them apply from a later day: today's time may be on record"
        if why:
            taken = f"take the place of those of {replaced.effective}"
            said = f"new terms from {effective}, {why}, {taken}"
            yield sides.point(terms, "effective", said, hint)


def list_added_events(base: Request | None, head: Request) -> list[RequestEvent]:
    """Return the events that came in; an altered one is none of them."""
    return list(head.history) if base is None else _match_events(base, head)[1]


def is_recharged(base: Request, head: Request) -> bool:
    """Whether an entry without a category is charged as something else now on some day."""
    days = {date.min, *(event.date for event in (*base.history, *head.history))}
    return any(len({each.channel_or_category_on(x) for each in (base, head)}) > 1 for x in days)


class _Sides(NamedTuple):
    """What was read of the files that differ, then and now, and how messages call then."""

    base: ReadFiles
    head: ReadFiles
    base_name: str

    def point(
        self,
        now: Record,
        key: str,
        said: str,
        hint: str,
        then: Record | None = None,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem at a record; it says where the one that was there ``then`` stood."""
        message = said if then is None else self.add_old_place(said, then)
        return self.head.make_problem(CHANGED_HISTORY, now, key, message, hint, severity)

    def add_old_place(self, message: str, then: Record) -> str:
        """Return a message that ends with the place where a record stood."""
        place = self.base.make_problem(CHANGED_HISTORY, then, None, "").position
        it = "they" if isinstance(then, Terms) else "it"
        return f"{message}; {it} stood at {place.file}:{place.line} in {self.base_name}"

    def compare(
        self,
        kind: str,
        what: str,
        then: Record,
        now: Record | None,
        leave_out: Collection[str] = (),
    ) -> Iterator[Problem]:
        """Yield the problem of a record that was altered, at its first field, or was removed."""
        was, hint = "were" if kind == "terms" else "was", _HINTS[kind]
        if now is None:
            message = self.add_old_place(f"{what} {was} removed", then)
            file = self.base.locate(then)[0]
            yield self.head.make_problem(CHANGED_HISTORY, file, None, message, hint)
        elif changes := _list_field_changes(then, now, leave_out):
            facts = [name for name, (before, _after) in changes.items() if _is_fact(name, before)]
            said = ", ".join(
                f"{name} {' -> '.join(map(_format_value, pair))}" for name, pair in changes.items()
            )
            key, said = next(iter(facts or changes)), f"{what} {was} altered: {said}"
            if not facts:
                hint = "only the text is different"
            severity = Severity.ERROR if facts else Severity.WARNING
            yield self.point(now, key, said, hint, then, severity)


def _is_unreadable(head: CustomerFolder, kind: str, name: str, file: str) -> bool:
    """Whether a record that seems gone may stand where something cannot be read."""
    if not head.dropped_names.isdisjoint({name, name.partition("/")[0]}):
        return True
    listed = {"purchase": head.records.purchases, "adjustment": head.records.adjustments}
    return file in head.partial_files and listed.get(kind) == ()


def _compare_events(sides: _Sides, name: str, then: Request, now: Request) -> Iterator[Problem]:
    for number, event, successor in _match_events(then, now)[0]:
        what = f"event {number} of {name}, of {event.date},"
        if successor is None:
            yield sides.point(now, "history", f"{what} was removed", _HINTS["request"], event)
        else:
            yield from sides.compare("request", what, event, successor)
    day = _find_reordered_day(then, now)
    if day is not None:
        said = (
            f"the events of {name} of {day} stand in another order than in {sides.base_name}, "
            "and the last of a day decides"
        )
        yield sides.point(now, "history", said, _HINTS["request"])


def _compare_charges(
    sides: _Sides,
    what: str,
    then: TimeEntry,
    now: TimeEntry,
    before: Request | None,
    after: Request | None,
) -> Iterator[Problem]:
    """Yield the problem of an entry that is charged otherwise because its request is another."""
    day, is_same = then.date, (then.request, then.date) == (now.request, now.date)
    if before is None or after is None or not is_same:
        return
    if any(each.category or each.is_correction for each in (then, now)):
        return
    was, is_now = before.channel_or_category_on(day), after.channel_or_category_on(day)
    if was == is_now or was is None:
        return
    cause: Record = after
    key = "category" if before.category != after.category else "channel"
    for event in list_added_events(before, after):
        if event.date <= day and (event.moved_to or event.category):
            cause, key = event, "moved_to" if event.moved_to else "category"
            break
    said = f"{what} of {day} was charged as {was} and is {is_now or 'nothing'} now"
    hint = "let it apply from a later day, or correct the entry and log it anew"
    yield sides.point(cause, key, said, hint, then)


def _list_field_changes(
    base: Record, head: Record, leave_out: Collection[str]
) -> dict[str, tuple[Any, Any]]:
    """Return fields' values then and now, where they differ; one more currency alters no price."""
    changes = {}
    for name in dict.fromkeys([*type(base).model_fields, *type(head).model_fields]):
        before, after = getattr(base, name, None), getattr(head, name, None)
        is_kept = before == after
        if isinstance(before, dict) and isinstance(after, dict):
            is_kept = before.items() <= after.items()
        if name not in leave_out and not is_kept:
            changes[name] = before, after
    return changes


def _is_fact(name: str, before: Any) -> bool:
    """Whether a field that changed is more than free text."""
    return before is not None if name in _LATER_KNOWN_FIELDS else name not in _FREE_TEXT_FIELDS


def _format_value(value: Any) -> str:
    """Return a value for one line of a message."""
    match value:
        case None:
            return "nothing"
        case dict():
            return ", ".join(f"{key} {_format_value(item)}" for key, item in value.items())
        case int() | date() | Decimal() | StrEnum():
            return str(value)
        case _:
            return f"'{cut_text(' '.join(str(value).split()), _LONGEST_VALUE)}'"


def _match_events(
    base: Request, head: Request
) -> tuple[list[tuple[int, RequestEvent, RequestEvent | None]], list[RequestEvent]]:
    """Return altered or removed events (number in the file, then, now), and those that came in."""
    added, changed = list(head.history), []
    numbered = list(enumerate(base.history, start=1))
    for number, event in [pair for pair in numbered if not _take(pair[1], added)]:
        alike = (
            each
            for fields in _LIKENESS
            for each in added
            if not _list_field_changes(event, each, fields)
        )
        successor = next(alike, None)
        if successor is not None:
            added.remove(successor)
        changed.append((number, event, successor))
    return changed, added


def _find_reordered_day(base: Request, head: Request) -> date | None:
    """Return the first day whose outcome differs because its events stand in another order."""
    lost = list(base.history)
    kept = [event for event in head.history if _take(event, lost)]
    before = [event for event in base.history if not _take(event, lost)]
    both = [base.model_copy(update={"history": tuple(each)}) for each in (before, kept)]
    for day in sorted({event.date for event in kept}):
        if len({(x.status_on(day), x.channel_on(day), x.category_on(day)) for x in both}) > 1:
            return day
    return None


def _take(event: RequestEvent, left: list[RequestEvent]) -> bool:
    """Take an event out of a list; False if it is not in there."""
    is_there = event in left
    if is_there:
        left.remove(event)
    return is_there
