"""Where the hours went: sums, and the geometry of their pictures."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.hours_charts import FREE_CATEGORY, draw_categories, draw_months, sum_hours
from site_builder.view import MovementView
from tests.site_builder.view_factory import make_movement

MOVEMENTS = [
    make_movement(date(2026, 1, 12), "purchase", 600),
    make_movement(date(2026, 1, 14), "time", -60, category="onboarding", worked=60),
    make_movement(date(2026, 1, 31), "time", -30, category="product-training", worked=30),
    make_movement(date(2026, 3, 1), "time", -90, category="product-training", worked=90),
    make_movement(date(2026, 3, 2), "correction", 30, category="onboarding", worked=-30),
    make_movement(date(2026, 3, 3), "time", 0, category=FREE_CATEGORY, worked=45),
]
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def test_sums_by_month_and_category() -> None:
    """Months without work are there; a correction counts in its own; free work is no charge."""
    hours = sum_hours(MOVEMENTS)
    assert hours.months == (JANUARY, FEBRUARY, MARCH)
    assert hours.categories == ("product-training", "onboarding", FREE_CATEGORY)
    assert [hours.sum_category(name) for name in hours.categories] == [120, 30, 45]
    assert [hours.sum_month(month) for month in hours.months] == [90, 0, 60]
    assert (hours.charged_minutes, hours.free_minutes) == (150, 45)


def test_bars_of_categories() -> None:
    """The longest has the most minutes; shares are of what is charged; free work has none."""
    bars = draw_categories(sum_hours(MOVEMENTS))
    assert [(bar.category, bar.width, bar.share, bar.is_charged) for bar in bars] == [
        ("product-training", 52.0, 80, True),
        ("onboarding", 13.0, 20, True),
        (FREE_CATEGORY, 19.5, None, False),
    ]


def test_bars_of_months() -> None:
    """Side by side, each in the middle of its slot, all standing on the same line."""
    bars = draw_months(sum_hours(MOVEMENTS))
    assert [(bar.month, bar.y, bar.height) for bar in bars] == [
        (JANUARY, 0.0, 100.0),
        (FEBRUARY, 100.0, 0.0),
        (MARCH, 33.33, 66.67),
    ]
    assert [(bar.x, bar.middle, bar.width) for bar in bars] == [
        (2.08, 8.33, 12.5),
        (18.75, 25.0, 12.5),
        (35.42, 41.67, 12.5),
    ]


def test_no_work_makes_no_picture() -> None:
    """Nor does work that was taken back in full."""
    assert draw_categories(sum_hours([])) == ()
    assert draw_months(sum_hours([])) == ()
    undone = [
        make_movement(date(2026, 1, 14), "time", -60, category="onboarding", worked=60),
        make_movement(date(2026, 1, 15), "correction", 60, category="onboarding", worked=-60),
    ]
    hours = sum_hours(undone)
    assert draw_categories(hours) == ()
    assert draw_months(hours) == ()


@pytest.mark.parametrize(("count", "has_label"), [(12, True), (13, False)])
def test_only_a_few_months_are_named(count: int, has_label: bool) -> None:
    """More names than that would lie on top of each other."""
    days = [JANUARY, JANUARY + timedelta(days=31 * count - 20)]
    bars = draw_months(
        sum_hours([make_movement(day, category="onboarding", worked=15) for day in days])
    )
    assert len(bars) == count
    assert {bar.has_label for bar in bars} == {has_label}


@st.composite
def movements(draw: st.DrawFn) -> list[MovementView]:
    """Return work of all kinds over three years, some of it taken back."""
    day = st.integers(0, 1_100).map(lambda days: JANUARY + timedelta(days=days))
    category = st.sampled_from(["onboarding", "detailed-qa", "system-access", FREE_CATEGORY])
    worked = st.integers(-8, 30).map(lambda steps: steps * 15)
    lines = draw(st.lists(st.tuples(day, category, worked), max_size=30))
    return [make_movement(day, category=name, worked=minutes) for day, name, minutes in lines]


@given(movements())
def test_everything_adds_up_and_stays_inside(lines: list[MovementView]) -> None:
    """By month and by category are two ways to the same sum; no bar leaves its picture."""
    hours = sum_hours(lines)
    by_category = sum(hours.sum_category(name) for name in hours.categories)
    assert by_category == hours.charged_minutes + hours.free_minutes
    assert by_category == sum(line.worked_minutes or 0 for line in lines)
    assert hours.charged_minutes == sum(map(hours.sum_month, hours.months))
    for category_bar in draw_categories(hours):
        assert 0 < category_bar.width <= 52
    right = 0.0
    for bar in draw_months(hours):
        assert bar.x >= right - 0.02
        assert bar.y + bar.height == pytest.approx(100, abs=0.02)
        assert 0 <= bar.height <= 100
        right = bar.x + bar.width
    assert right <= 100.02
