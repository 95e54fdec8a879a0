from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.cache.observed_day import ObservedDay

TODAY = date(2026, 11, 20)
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
DAYS = st.integers(-5, 15).map(lambda days: TODAY + timedelta(days=days))

Ask = Callable[[date], object]


@given(st.lists(st.tuples(st.sampled_from(COMPARISONS), DAYS, st.booleans()), max_size=4))
def test_answers_are_the_same_up_to_the_last_day_and_not_longer(
    questions: list[tuple[Callable[[date, date], bool], date, bool]],
) -> None:
    def ask(day: date) -> list[bool]:
        return [
            compare(other, day) if is_turned else compare(day, other)
            for compare, other, is_turned in questions
        ]

    observed = ObservedDay.observe(TODAY)
    answers = ask(observed)
    assert answers == ask(TODAY)
    day = TODAY
    while day <= min(observed.last_like_this, TODAY + timedelta(days=20)):
        assert ask(day) == answers
        day += timedelta(days=1)
    assert observed.last_like_this > TODAY + timedelta(days=20) or ask(day) != answers


@pytest.mark.parametrize(
    "ask",
    [
        str,
        repr,
        hash,
        "{}".format,
        lambda day: f"{day:%d}",
        lambda day: day.month,
        lambda day: day.isoformat(),
        lambda day: day.toordinal(),
        lambda day: day.replace(day=1),
        lambda day: day + timedelta(days=1),
        lambda day: day - timedelta(days=1),
        lambda day: day - date(2026, 1, 1),
        lambda day: date(2026, 12, 1) - day,
        lambda day: {day: 1},
    ],
)
def test_whoever_asks_more_than_how_it_compares_is_bound_to_the_day(ask: Ask) -> None:
    observed = ObservedDay.observe(TODAY)
    assert ask(observed) == ask(TODAY)
    assert observed.last_like_this == TODAY


def test_nothing_is_bound_by_looking_for_the_latest_or_sorting() -> None:
    observed = ObservedDay.observe(TODAY)
    assert max(TODAY - timedelta(days=3), observed) is observed
    assert sorted([observed, date(2026, 1, 1)])[1] is observed
    assert observed.last_like_this > date(9000, 1, 1)


@pytest.mark.parametrize("day", [date.max, date.min])
def test_the_ends_of_the_calendar_have_no_next_day(day: date) -> None:
    observed = ObservedDay.observe(day)
    assert (observed <= date.max, observed < date.max, str(observed)) == (
        True,
        day < date.max,
        str(day),
    )
    assert observed.last_like_this == day
