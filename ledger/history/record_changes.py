"""How two versions of a record differ: field by field, and the events of a request one by one.

Events have no ids. One that is in both histories as it was is the same event, wherever it stands;
of the rest, the likeliest one now is taken for each that was there before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from ledger.models import Record, Request, RequestEvent
from ledger.models.fields import FREE_TEXT, KNOWN_LATER
from ledger.text import cut_text, format_money

_FREE_TEXT_FIELDS = Record.list_marked(FREE_TEXT)
_LATER_KNOWN_FIELDS = Record.list_marked(KNOWN_LATER)
_LONGEST_VALUE = 40
# The fields in which two events may differ and still be the same one, likeliest first.
_LIKENESS = (
    _FREE_TEXT_FIELDS | _LATER_KNOWN_FIELDS,
    {"note", "status", "moved_to", "category", "ticket"},
    {"date"},
    {"by"},
)


class FieldChange(NamedTuple):
    """A field whose value is another one now."""

    name: str
    before: Any
    after: Any

    @property
    def is_fact(self) -> bool:
        """Whether more than free text changed."""
        if self.name in _LATER_KNOWN_FIELDS:
            return self.before is not None
        return self.name not in _FREE_TEXT_FIELDS

    def __str__(self) -> str:
        return f"{self.name} {format_value(self.before)} -> {format_value(self.after)}"


def list_field_changes(
    base: Record, head: Record, leave_out: Iterable[str] = ()
) -> list[FieldChange]:
    """Return the fields in which two records differ, in the order in which files have them."""
    names = dict.fromkeys([*type(base).model_fields, *type(head).model_fields])
    pairs = (
        FieldChange(name, getattr(base, name, None), getattr(head, name, None))
        for name in names
        if name not in leave_out
    )
    return [change for change in pairs if change.before != change.after]


def format_value(value: Any) -> str:
    """Return a value for one line of a message."""
    match value:
        case None:
            return "nothing"
        case Enum():
            return str(value.value)
        case Decimal():
            return format_money(value)
        case dict():
            return ", ".join(f"{key} {format_value(item)}" for key, item in value.items())
        case int() | date():
            return str(value)
        case _:
            return f"'{cut_text(' '.join(str(value).split()), _LONGEST_VALUE)}'"


def find_changed_events(
    base: Request, head: Request
) -> Iterator[tuple[int, RequestEvent, RequestEvent | None]]:
    """Yield the events that were altered or removed: the number in the file, then, and now."""
    added = list(head.history)
    numbered = list(enumerate(base.history, start=1))
    for number, event in [pair for pair in numbered if not _take(pair[1], added)]:
        successor = _find_successor(event, added)
        if successor is not None:
            added.remove(successor)
        yield number, event, successor


def list_added_events(base: Request | None, head: Request) -> list[RequestEvent]:
    """Return the events that came in; an altered one is none of them."""
    added = list(head.history)
    if base is not None:
        altered = [after for _number, _before, after in find_changed_events(base, head)]
        for event in (*base.history, *filter(None, altered)):
            _take(event, added)
    return added


def find_reordered_day(base: Request, head: Request) -> date | None:
    """Return the first day whose outcome differs because its events stand in another order."""
    lost = list(base.history)
    kept = [event for event in head.history if _take(event, lost)]
    then = _replace_history(base, [event for event in base.history if not _take(event, lost)])
    now = _replace_history(base, kept)
    days = sorted({event.date for event in kept})
    return next((day for day in days if _outcome(then, day) != _outcome(now, day)), None)


def is_recharged(base: Request, head: Request) -> bool:
    """Whether an entry without a category is charged as something else now on some day."""
    days = {date.min, *(event.date for event in (*base.history, *head.history))}
    return any(base.charge_category_on(day) is not head.charge_category_on(day) for day in days)


def _find_successor(event: RequestEvent, added: Sequence[RequestEvent]) -> RequestEvent | None:
    for fields in _LIKENESS:
        for candidate in added:
            if not list_field_changes(event, candidate, fields):
                return candidate
    return None


def _take(event: RequestEvent, left: list[RequestEvent]) -> bool:
    """Take an event out of a list; False if it is not in there."""
    is_there = event in left
    if is_there:
        left.remove(event)
    return is_there


def _replace_history(request: Request, events: Sequence[RequestEvent]) -> Request:
    return request.model_copy(update={"history": tuple(events)})


def _outcome(request: Request, day: date) -> tuple[object, ...]:
    return request.status_on(day), request.channel_on(day), request.category_on(day)
