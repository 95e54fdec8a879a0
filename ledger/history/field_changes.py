"""The fields in which two versions of a record differ, in words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from ledger.errors import Severity
from ledger.models import Record
from ledger.models.fields import FREE_TEXT, KNOWN_LATER
from ledger.text import format_money

FREE_TEXT_FIELDS = Record.list_marked(FREE_TEXT)
LATER_KNOWN_FIELDS = Record.list_marked(KNOWN_LATER)

_LONGEST_VALUE = 40


class FieldChange(NamedTuple):
    """A field whose value is another one now."""

    name: str
    before: Any
    after: Any

    @property
    def is_fact(self) -> bool:
        """Whether more than free text changed."""
        if self.name in LATER_KNOWN_FIELDS:
            return self.before is not None
        return self.name not in FREE_TEXT_FIELDS

    def __str__(self) -> str:
        return f"{self.name} {format_value(self.before)} -> {format_value(self.after)}"


def list_field_changes(
    base: Record, head: Record, leave_out: Iterable[str] = ()
) -> tuple[FieldChange, ...]:
    """Return the fields in which two records differ, in the order in which files have them."""
    names = dict.fromkeys([*type(base).model_fields, *type(head).model_fields])
    pairs = (
        FieldChange(name, getattr(base, name, None), getattr(head, name, None))
        for name in names
        if name not in leave_out
    )
    return tuple(change for change in pairs if change.before != change.after)


def weigh(changes: Iterable[FieldChange]) -> Severity:
    """Return how much changes weigh: those of free text alone are a warning."""
    return Severity.ERROR if any(change.is_fact for change in changes) else Severity.WARNING


def format_value(value: Any) -> str:
    """Return a value for one line of a message."""
    if value is None:
        return "nothing"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Decimal):
        return format_money(value)
    if isinstance(value, dict):
        return ", ".join(f"{key} {format_value(item)}" for key, item in value.items())
    if isinstance(value, int | date):
        return str(value)
    return _quote(str(value))


def _quote(text: str) -> str:
    line = " ".join(text.split())
    short = line if len(line) <= _LONGEST_VALUE else f"{line[: _LONGEST_VALUE - 1]}…"
    return f"'{short}'"
