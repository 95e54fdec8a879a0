"""An as-of date that remembers what it was compared with, so that one knows how long answers hold.

Whoever computes with dates asks of an as-of date only how it compares with other dates. Until it
reaches one of those that were later, every question has the same answer, and so has everything
that was worked out. Whoever asks anything else of it, its month or how it is written, binds the
result to this one day.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

_ONE_DAY = timedelta(days=1)


class ObservedDay(date):
    """A date like any other; see ``last_like_this``."""

    __slots__ = ("_next_change", "_plain")

    _next_change: date
    _plain: date

    @classmethod
    def observe(cls, day: date) -> ObservedDay:
        """Return ``day`` as one that is observed."""
        observed = cls(day.year, day.month, day.day)
        observed._plain = day
        observed._next_change = date.max
        return observed

    @property
    def last_like_this(self) -> date:
        """The last day that would have answered every question so far in the same way."""
        return max(self._next_change - _ONE_DAY, self._plain)

    def __lt__(self, other: date) -> bool:
        self._note_from(other)
        return self._plain < other

    def __le__(self, other: date) -> bool:
        self._note_after(other)
        return self._plain <= other

    def __gt__(self, other: date) -> bool:
        self._note_after(other)
        return self._plain > other

    def __ge__(self, other: date) -> bool:
        self._note_from(other)
        return self._plain >= other

    def __eq__(self, other: object) -> bool:
        if isinstance(other, date):
            self._note_from(other)
            self._note_after(other)
        return self._plain == other

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(self._bind())

    def __str__(self) -> str:
        return str(self._bind())

    def __repr__(self) -> str:
        return repr(self._bind())

    def __format__(self, form: str) -> str:
        return format(self._bind(), form)

    def __add__(self, other: timedelta) -> date:  # type: ignore[override]  # a plain day comes out
        return self._bind() + other

    def __sub__(self, other: Any) -> Any:
        return self._bind() - other

    def __rsub__(self, other: date) -> timedelta:
        return other - self._bind()

    def __reduce__(self) -> Any:
        return self._bind().__reduce__()

    def _note_from(self, other: date) -> None:
        """Remember that the answer becomes another one on the day ``other``, if that is to come."""
        if self._plain < other < self._next_change:
            self._next_change = other

    def _note_after(self, other: date) -> None:
        """Remember that the answer becomes another one on the day after ``other``."""
        if self._plain <= other < self._next_change - _ONE_DAY:
            self._next_change = other + _ONE_DAY

    def _bind(self) -> date:
        if self._plain < date.max:
            self._next_change = self._plain + _ONE_DAY
        return self._plain


def _tell(name: str) -> property:
    return property(lambda day: getattr(day._bind(), name))  # noqa: SLF001  # it is one of us


_KEPT = ("fromisoformat", "fromordinal", "fromtimestamp", "fromisocalendar", "today")
for _name in dir(date):
    if not _name.startswith("_") and _name not in {*_KEPT, "max", "min", "resolution"}:
        setattr(ObservedDay, _name, _tell(_name))
