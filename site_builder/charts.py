"""Pictures of a balance as geometry: what stands where. Templates of ours draw them as SVG.

A picture never says anything that the text beside it does not say, and it can be read without
colour: what is left is filled, what was used is hollow, what was lost is crossed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, takewhile
from typing import Protocol

from ledger.dates import add_months
from site_builder.forecast import Expectation
from site_builder.portal_view import LotView

# Coordinates are whole tenths, so that the same figures always give the same bytes.
_CARD_WIDTH = 400
_CARD_HEIGHT = 26
_SLOT_GAP = 3
_HOUR_GAP = 8
_MOST_SLOTS = 48
_SLOTS_IN_GROUP = 4

_COURSE_WIDTH = 600
_COURSE_HEIGHT = 160
# The past is never squeezed into less than half of the picture.
_SHORTEST_FUTURE = timedelta(days=90)

_PERCENT = 100
_HOUR = 60
_MOST_LEVELS = 4
# Above this share of the height a level would stand too close to the highest one.
_HIGHEST_LEVEL = 0.88
_MOST_MONTHS = 6
_MONTH_STEPS = (1, 2, 3, 6, 12)
# Both ends of the picture are named with their whole date, and need room for it in percent.
_ROOM_AT_ENDS = 14
_ROOM_AT_ENDS_OF_PHONE = 28


class DatedBalance(Protocol):
    """A movement, as far as the picture of a balance shows it."""

    @property
    def date(self) -> date:
        """Its day."""

    @property
    def balance_minutes(self) -> int:
        """The balance after it."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a card: where it is, and what became of it."""

    x: float
    width: float
    state: str


@dataclass(frozen=True, slots=True)
class CardPicture:
    """A card as a row of fields, one for each step of time, or as one bar."""

    width: int
    height: int
    slots: tuple[Slot, ...]
    step_minutes: int | None


@dataclass(frozen=True, slots=True)
class LevelMark:
    """A line across the picture at a whole number of hours; ``y`` in percent from its top."""

    minutes: int
    y: float


@dataclass(frozen=True, slots=True)
class MonthMark:
    """Where a month begins, in percent from the left; some have no room on a narrow screen."""

    month: date
    x: float
    is_inner: bool


@dataclass(frozen=True, slots=True)
class CoursePicture:
    """A balance over time, as a line that steps, and on from today what is expected of it.

    Attributes:
        line: the path of the line itself.
        area: the path of what lies between the line and zero.
        expected: the path of what is expected; empty without a forecast.
        band: the path around all that is likely.
        zero: how far down the line of zero minutes lies.
        today: how far right the as-of date lies, in percent.
        last_day: the right end of the picture: the as-of date, or later with a forecast.
        levels: what helps to read how much it was, between zero and the highest balance.
        months: what helps to read when it was, between the first and the last day.
    """

    width: int
    height: int
    line: str
    area: str
    expected: str
    band: str
    zero: float
    today: float
    first_day: date
    as_of: date
    last_day: date
    opening_minutes: int
    closing_minutes: int
    highest_minutes: int
    lowest_minutes: int
    levels: tuple[LevelMark, ...]
    months: tuple[MonthMark, ...]


def draw_card(lot: LotView, increment_minutes: int) -> CardPicture:
    """Return the picture of a card: used first, then what was taken back or lost, then left."""
    parts = (
        ("used", lot.used_minutes),
        ("refunded", lot.refunded_minutes),
        ("expired", lot.expired_minutes),
        ("left", lot.remaining_minutes),
    )
    count, rest = divmod(lot.minutes, increment_minutes)
    if rest or count > _MOST_SLOTS or any(minutes % increment_minutes for _, minutes in parts):
        return CardPicture(_CARD_WIDTH, _CARD_HEIGHT, _draw_bar(parts, lot.minutes), None)
    states = [state for state, minutes in parts for _ in range(minutes // increment_minutes)]
    return CardPicture(_CARD_WIDTH, _CARD_HEIGHT, _draw_slots(states), increment_minutes)


def draw_course(
    movements: Iterable[DatedBalance],
    opening: int,
    as_of: date,
    forecast: Sequence[Expectation] = (),
) -> CoursePicture | None:
    """Return the picture of all movements up to ``as_of``, if they can be told apart.

    Args:
        movements: the movements.
        opening: the balance before the first of them.
        as_of: the day up to which the balance is known.
        forecast: what is expected from that day on; as much of it is drawn as there is room for.
    """
    closing_by_day = {movement.date: movement.balance_minutes for movement in movements}
    if not closing_by_day:
        return None
    first_day = min(closing_by_day)
    if first_day >= as_of:
        return None
    values = [*closing_by_day.values()]
    future = choose_visible(forecast, first_day, as_of)
    last_day = future[-1].day if future else as_of
    scale = _Scale.fit(first_day, last_day, [opening, *values])
    line = _draw_steps(scale, opening, sorted(closing_by_day.items()), as_of)
    (zero,), (today,) = scale.y(0), scale.x(as_of)
    across = scale.x(*(each.day for each in future))
    return CoursePicture(
        width=_COURSE_WIDTH,
        height=_COURSE_HEIGHT,
        line=line,
        area=f"{line}V{zero}H0Z",
        expected=_draw_expected(scale, across, future),
        band=_draw_band(scale, across, future),
        zero=zero,
        today=_round(today * 100 / _COURSE_WIDTH),
        first_day=first_day,
        as_of=as_of,
        last_day=last_day,
        opening_minutes=values[0],
        closing_minutes=closing_by_day[max(closing_by_day)],
        highest_minutes=max(values),
        lowest_minutes=min(values),
        levels=tuple(_mark_levels(scale)),
        months=tuple(_mark_months(scale)),
    )


def choose_visible(
    forecast: Sequence[Expectation], first_day: date, as_of: date
) -> Sequence[Expectation]:
    """Return the beginning of a forecast for which there is room beside the past."""
    room = find_room(first_day, as_of)
    visible = [each for each in forecast if each.day - as_of <= room]
    return visible if len(visible) > 1 else []


def find_room(first_day: date, as_of: date) -> timedelta:
    """Return how much of the future there is room for beside the past."""
    past = as_of - first_day
    return min(past, max(past / 2, _SHORTEST_FUTURE))


@dataclass(frozen=True, slots=True)
class _Scale:
    first_day: date
    days: int
    top_minutes: int
    span_minutes: int

    @classmethod
    def fit(cls, first_day: date, last_day: date, values: list[int]) -> _Scale:
        top, bottom = max(0, *values), min(0, *values)
        return cls(first_day, (last_day - first_day).days, top, max(1, top - bottom))

    def x(self, *days: date) -> list[float]:
        first, span = self.first_day.toordinal(), self.days
        return [round((day.toordinal() - first) * _COURSE_WIDTH / span, 1) for day in days]

    def y(self, *minutes: int) -> list[float]:
        top, span = self.top_minutes, self.span_minutes
        return [round((top - each) * _COURSE_HEIGHT / span, 1) for each in minutes]


def _mark_levels(scale: _Scale) -> Iterator[LevelMark]:
    steps = (_HOUR * digit * 10**zeros for zeros in count() for digit in (1, 2, 5))
    step = next(step for step in steps if step * _MOST_LEVELS >= scale.top_minutes)
    levels = range(step, int(scale.top_minutes * _HIGHEST_LEVEL) + 1, step)
    for minutes, y in zip(levels, scale.y(*levels), strict=True):
        yield LevelMark(minutes, _round(y * _PERCENT / _COURSE_HEIGHT))


def _mark_months(scale: _Scale) -> Iterator[MonthMark]:
    last_day = scale.first_day + timedelta(days=scale.days)
    following = (add_months(scale.first_day.replace(day=1), number) for number in count(1))
    months = [*takewhile(lambda month: month <= last_day, following)]
    step = next((step for step in _MONTH_STEPS if len(months) <= step * _MOST_MONTHS), 12)
    for month, across in zip(months, scale.x(*months), strict=True):
        x = _round(across * _PERCENT / _COURSE_WIDTH)
        from_end = min(x, _PERCENT - x)
        if (month.month - 1) % step == 0 and from_end >= _ROOM_AT_ENDS:
            yield MonthMark(month, x, from_end >= _ROOM_AT_ENDS_OF_PHONE)


def _draw_steps(scale: _Scale, opening: int, points: list[tuple[date, int]], last_day: date) -> str:
    days, minutes = zip(*points, strict=True)
    *across, end = scale.x(*days, last_day)
    start, *down = scale.y(opening, *minutes)
    steps = [f"H{x}V{y}" for x, y in zip(across, down, strict=True)]
    return f"M0 {start}{''.join(steps)}H{end}"


def _draw_expected(scale: _Scale, across: list[float], future: Sequence[Expectation]) -> str:
    """Return a path that ends where nothing is left."""
    left = sum(1 for each in future if each.minutes)
    down = scale.y(*(each.minutes for each in future[: left + 1]))
    return _draw_line([*zip(across, down, strict=False)])


def _draw_band(scale: _Scale, across: list[float], future: Sequence[Expectation]) -> str:
    """Return a path along what is likely at most, and back along what is likely at least."""
    if not future:
        return ""
    high = scale.y(*(each.high_minutes for each in future))
    low = scale.y(*(each.low_minutes for each in future))
    back = zip(reversed(across), reversed(low), strict=True)
    return f"{_draw_line([*zip(across, high, strict=True), *back])}Z"


def _draw_line(points: Sequence[tuple[float, float]]) -> str:
    line = "L".join([f"{x} {y}" for x, y in points])
    return f"M{line}" if line else ""


def _draw_slots(states: list[str]) -> tuple[Slot, ...]:
    groups = (len(states) - 1) // _SLOTS_IN_GROUP
    gaps = (len(states) - 1 - groups) * _SLOT_GAP + groups * _HOUR_GAP
    width = (_CARD_WIDTH - gaps) / len(states)
    slots = []
    x = 0.0
    for index, state in enumerate(states, start=1):
        slots.append(Slot(_round(x), _round(width), state))
        x += width + (_SLOT_GAP if index % _SLOTS_IN_GROUP else _HOUR_GAP)
    return tuple(slots)


def _draw_bar(parts: tuple[tuple[str, int], ...], total: int) -> tuple[Slot, ...]:
    slots = []
    x = 0.0
    for state, minutes in parts:
        width = minutes * _CARD_WIDTH / total
        if minutes:
            slots.append(Slot(_round(x), _round(width), state))
        x += width
    return tuple(slots)


def _round(value: float) -> float:
    return round(value, 1)
