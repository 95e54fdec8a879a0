"""The geometry of the pictures of cards and of the balance; the templates draw them as SVG.

A picture shows nothing that the text beside it does not say, and can be read without colour: the
minutes left are filled, those used are hollow, those lost are crossed out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count, takewhile

from ledger.dates import add_months
from site_builder.forecast import Expectation
from site_builder.view import LotView, MovementView

# Coordinates are rounded to tenths, so that the same figures always give the same bytes.
_CARD_WIDTH = 400
_CARD_HEIGHT = 26
_SLOT_GAP = 3
_HOUR_GAP = 8
_MOST_SLOTS = 48
_SLOTS_IN_GROUP = 4

_COURSE_WIDTH = 600
_COURSE_HEIGHT = 160
# The past takes at least half of the picture.
_SHORTEST_FUTURE = timedelta(days=90)

_PERCENT = 100
_HOUR = 60
_MOST_LEVELS = 4
# A level above this share of the height would be too close to the label of the highest balance.
_HIGHEST_LEVEL = 0.88
_MOST_MONTHS = 6
_MONTH_STEPS = (1, 2, 3, 6, 12)
# The room in percent that the dates at both ends of the picture take.
_ROOM_AT_ENDS = 14
_ROOM_AT_ENDS_OF_PHONE = 28


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a card; ``state`` is ``used``, ``refunded``, ``expired`` or ``left``."""

    x: float
    width: float
    state: str


@dataclass(frozen=True, slots=True)
class CardPicture:
    """A card as a row of fields; ``step_minutes`` is None if it is drawn as a bar."""

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
    """The first day of a month, in percent from the left; only inner ones are shown on a phone."""

    month: date
    x: float
    is_inner: bool


@dataclass(frozen=True, slots=True)
class CoursePicture:
    """The balance over time as a line with steps, and its forecast.

    Attributes:
        line: the SVG path of the balance.
        area: the path of the area between the line and zero.
        expected: the path of the expected balance; empty without a forecast.
        band: the path around the likely range; empty without a forecast.
        zero: the height of the line of zero minutes.
        today: the as-of date, in percent from the left.
        last_day: the right end of the picture: the as-of date, or a later day with a forecast.
        levels: lines at whole hours between zero and the highest balance.
        months: marks between the first and the last day.
        forecast: the part of the forecast that is drawn.
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
    forecast: tuple[Expectation, ...]


def draw_card(lot: LotView, increment_minutes: int) -> CardPicture:
    """Return the picture of a card: a field for each step of time, or a bar with four parts."""
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
    movements: Sequence[MovementView],
    opening: int,
    as_of: date,
    forecast: Sequence[Expectation] = (),
) -> CoursePicture | None:
    """Return the picture of the balance up to ``as_of``; None if it has a single day.

    Args:
        movements: all movements up to ``as_of``.
        opening: the balance before the first of them.
        as_of: the last day on which the balance is known.
        forecast: the expected balance from then on; it is cut to the room beside the past.
    """
    closing_by_day = {movement.date: movement.balance_minutes for movement in movements}
    if not closing_by_day:
        return None
    first_day = min(closing_by_day)
    if first_day >= as_of:
        return None
    values = [*closing_by_day.values()]
    future = _cut_to_room(forecast, first_day, as_of)
    last_day = future[-1].day if future else as_of
    scale = _Scale.fit(first_day, last_day, [opening, *values])
    line = _draw_steps(scale, opening, sorted(closing_by_day.items()), as_of)
    zero = scale.y(0)
    return CoursePicture(
        width=_COURSE_WIDTH,
        height=_COURSE_HEIGHT,
        line=line,
        area=f"{line}V{zero}H0Z",
        expected=_draw_expected(scale, future),
        band=_draw_band(scale, future),
        zero=zero,
        today=_round(scale.x(as_of) * _PERCENT / _COURSE_WIDTH),
        first_day=first_day,
        as_of=as_of,
        last_day=last_day,
        opening_minutes=values[0],
        closing_minutes=closing_by_day[max(closing_by_day)],
        highest_minutes=max(values),
        lowest_minutes=min(values),
        levels=tuple(_mark_levels(scale)),
        months=tuple(_mark_months(scale)),
        forecast=future,
    )


def _cut_to_room(
    forecast: Sequence[Expectation], first_day: date, as_of: date
) -> tuple[Expectation, ...]:
    """Return the part of a forecast that fits beside the past; none if that is a single day."""
    past = as_of - first_day
    room = min(past, max(past / 2, _SHORTEST_FUTURE))
    visible = tuple(each for each in forecast if each.day - as_of <= room)
    return visible if len(visible) > 1 else ()


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

    def x(self, day: date) -> float:
        return _round((day - self.first_day).days * _COURSE_WIDTH / self.days)

    def y(self, minutes: int) -> float:
        return _round((self.top_minutes - minutes) * _COURSE_HEIGHT / self.span_minutes)


def _mark_levels(scale: _Scale) -> Iterator[LevelMark]:
    steps = (_HOUR * digit * 10**zeros for zeros in count() for digit in (1, 2, 5))
    step = next(step for step in steps if step * _MOST_LEVELS >= scale.top_minutes)
    levels = range(step, int(scale.top_minutes * _HIGHEST_LEVEL) + 1, step)
    for minutes in levels:
        yield LevelMark(minutes, _round(scale.y(minutes) * _PERCENT / _COURSE_HEIGHT))


def _mark_months(scale: _Scale) -> Iterator[MonthMark]:
    last_day = scale.first_day + timedelta(days=scale.days)
    following = (add_months(scale.first_day.replace(day=1), number) for number in count(1))
    months = [*takewhile(lambda month: month <= last_day, following)]
    step = next((step for step in _MONTH_STEPS if len(months) <= step * _MOST_MONTHS), 12)
    for month in months:
        x = _round(scale.x(month) * _PERCENT / _COURSE_WIDTH)
        from_end = min(x, _PERCENT - x)
        if (month.month - 1) % step == 0 and from_end >= _ROOM_AT_ENDS:
            yield MonthMark(month, x, from_end >= _ROOM_AT_ENDS_OF_PHONE)


def _draw_steps(scale: _Scale, opening: int, points: list[tuple[date, int]], last_day: date) -> str:
    steps = "".join(f"H{scale.x(day)}V{scale.y(minutes)}" for day, minutes in points)
    return f"M0 {scale.y(opening)}{steps}H{scale.x(last_day)}"


def _draw_expected(scale: _Scale, future: Sequence[Expectation]) -> str:
    """Return a path that ends where the expected balance is zero."""
    left = sum(1 for each in future if each.minutes)
    return _draw_line((scale.x(each.day), scale.y(each.minutes)) for each in future[: left + 1])


def _draw_band(scale: _Scale, future: Sequence[Expectation]) -> str:
    """Return a path along the upper end of the likely range, and back along the lower end."""
    if not future:
        return ""
    high = [(scale.x(each.day), scale.y(each.high_minutes)) for each in future]
    low = [(scale.x(each.day), scale.y(each.low_minutes)) for each in reversed(future)]
    return f"{_draw_line([*high, *low])}Z"


def _draw_line(points: Iterable[tuple[float, float]]) -> str:
    line = "L".join(f"{x} {y}" for x, y in points)
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
