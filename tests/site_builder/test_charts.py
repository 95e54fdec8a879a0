"""The geometry of the pictures."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.balance.forecast import Expectation
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement
from ledger.uses import DEFAULT_USES
from site_builder.charts import Hours, draw_card, draw_course
from tests.site_builder.view_factory import FIRST_DAY, make_lot, make_movement, make_steps


@pytest.mark.parametrize(
    ("lot", "increment", "states"),
    [
        (make_lot(300, used=90), 15, ["used"] * 6 + ["left"] * 14),
        (make_lot(300), 15, ["left"] * 20),
        (
            make_lot(60, used=15, refunded=15, expired=15),
            15,
            ["used", "refunded", "expired", "left"],
        ),
        (make_lot(300, used=10), 15, ["used", "left"]),
        (make_lot(6_000, used=300), 15, ["used", "left"]),
    ],
)
def test_draw_card(lot: Lot, increment: int, states: list[str]) -> None:
    """A field for each step where that can be read, else one bar."""
    picture = draw_card(lot, increment)
    assert [state for _, _, state in picture["slots"]] == states
    assert (picture["step_minutes"] is None) == (len(states) == 2)


@given(
    slots=st.integers(1, 60),
    used=st.integers(0, 60),
    refunded=st.integers(0, 60),
    increment=st.sampled_from([1, 15, 30]),
)
def test_fields_fill_the_card(slots: int, used: int, refunded: int, increment: int) -> None:
    """Fields lie side by side, inside the card, and the last one ends where the card ends."""
    used = min(used, slots)
    refunded = min(refunded, slots - used)
    lot = make_lot(slots * increment, used * increment, refunded * increment)
    picture = draw_card(lot, increment)
    position = 0.0
    for x, width, _ in picture["slots"]:
        assert x >= position - 0.2
        assert width > 2
        position = x + width
    assert position == pytest.approx(picture["width"], abs=0.3)


def test_draw_course_steps() -> None:
    """The line starts at zero, goes up with the purchase and steps down with each use."""
    as_of = FIRST_DAY + timedelta(days=100)
    picture = draw_course(make_steps([(0, 600), (50, 300)]), 0, as_of)
    assert picture is not None
    assert (picture["expected"], picture["band"], picture["today"]) == ("", "", 100.0)
    assert picture["last_day"] == picture["as_of"] == as_of
    assert picture["line"] == "M0 160.0H0.0V0.0H300.0V80.0H600.0"
    assert picture["area"] == "M0 160.0H0.0V0.0H300.0V80.0H600.0V160.0H0Z"
    assert (picture["highest_minutes"], picture["lowest_minutes"]) == (600, 300)
    assert (picture["opening_minutes"], picture["closing_minutes"]) == (600, 300)


def test_whole_hours_and_months_are_marked() -> None:
    """Not too many of them, and none where the ends of the picture have their own words."""
    picture = draw_course(make_steps([(0, 1_800), (300, 600)]), 0, FIRST_DAY + timedelta(days=400))
    assert picture is not None
    assert [*picture["levels"]] == [(600, 66.7), (1_200, 33.3)]
    assert {month.month for month, _, _ in picture["months"]} <= {1, 4, 7, 10}
    assert all(14 <= x <= 86 for _, x, _ in picture["months"])
    assert all(is_inner == (28 <= x <= 72) for _, x, is_inner in picture["months"])
    assert len(picture["months"]) >= 2


@pytest.mark.parametrize("days", [0, -1])
def test_draw_course_of_a_single_day_is_none(days: int) -> None:
    """On the first day there is no course yet."""
    assert draw_course(make_steps([(0, 300)]), 0, FIRST_DAY + timedelta(days=days)) is None
    assert draw_course((), 0, FIRST_DAY) is None


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(-3_000, 90_000)), min_size=1, max_size=30),
    st.integers(401, 4_000),
)
def test_everything_stays_inside(balances: list[tuple[int, int]], days: int) -> None:
    """Whatever happened, the line is inside the picture, and marks are few."""
    picture = draw_course(make_steps(balances), 0, FIRST_DAY + timedelta(days=days))
    assert picture is not None
    for command, value in re.findall(r"([HV])(-?[\d.]+)", picture["line"]):
        assert 0 <= float(value) <= picture["width" if command == "H" else "height"]
    assert len(picture["levels"]) <= 4
    for level, y in picture["levels"]:
        assert level % 60 == 0
        assert 0 < y < 100
    places = [x for _, x, _ in picture["months"]]
    assert places == sorted(places)
    assert len(places) <= 12
    assert all(14 <= place <= 86 for place in places)


def expect(days: int, low: int, minutes: int, high: int) -> Expectation:
    """Return what is expected so many days after the first day."""
    return Expectation(FIRST_DAY + timedelta(days=days), low, minutes, high)


FORECAST = [
    expect(180, 300, 300, 300),
    expect(225, 0, 150, 300),
    expect(270, 0, 0, 150),
    expect(315, 0, 0, 0),
]


def test_a_forecast_goes_on_where_the_line_ends() -> None:
    """The past keeps two thirds here; the band goes along what is most, and back along least."""
    as_of = FIRST_DAY + timedelta(days=180)
    picture = draw_course(make_steps([(0, 600), (90, 300)]), 0, as_of, FORECAST)
    assert picture is not None
    assert picture["line"] == "M0 160.0H0.0V0.0H200.0V80.0H400.0"
    assert picture["expected"] == "M400.0 80.0L500.0 120.0L600.0 160.0"
    assert (
        picture["band"] == "M400.0 80.0L500.0 80.0L600.0 120.0L600.0 160.0L500.0 160.0L400.0 80.0Z"
    )
    assert (picture["today"], picture["as_of"]) == (66.7, as_of)
    assert picture["last_day"] == FIRST_DAY + timedelta(days=270)


MOVEMENTS = [
    make_movement(date(2026, 1, 12), "purchase", 600),
    make_movement(date(2026, 1, 14), "time", -60, category="onboarding", worked=60),
    make_movement(date(2026, 1, 31), "time", -30, category="product-training", worked=30),
    make_movement(date(2026, 3, 1), "time", -90, category="product-training", worked=90),
    make_movement(date(2026, 3, 2), "correction", 30, category="onboarding", worked=-30),
    make_movement(date(2026, 3, 3), "time", 0, category="technical-support", worked=45),
]
JANUARY, FEBRUARY, MARCH = date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)


def test_sums_by_month_and_category() -> None:
    """Months without work are there; a correction counts in its own; free work is no charge."""
    hours = Hours(MOVEMENTS)
    assert hours.months == [JANUARY, FEBRUARY, MARCH]
    assert hours.categories == [
        "product-training",
        "onboarding",
        "technical-support",
    ]
    assert [hours.sum_category(name) for name in hours.categories] == [120, 30, 45]
    assert [hours.sum_month(month) for month in hours.months] == [90, 0, 60]
    assert (hours.charged_minutes, hours.free_minutes) == (150, 45)


def test_bars_of_categories() -> None:
    """The longest has the most minutes; shares are of what is charged; free work has none."""
    hours = Hours(MOVEMENTS)
    bars, shares = hours.category_bars, map(hours.find_share, hours.categories)
    assert [(bar.name, bar.width, share) for bar, share in zip(bars, shares, strict=True)] == [
        ("product-training", 52.0, 80),
        ("onboarding", 13.0, 20),
        ("technical-support", 19.5, None),
    ]


def test_bars_of_months() -> None:
    """Side by side, each in the middle of its slot, all standing on the same line."""
    bars = Hours(MOVEMENTS).month_bars
    assert [bar["month"] for bar in bars] == [JANUARY, FEBRUARY, MARCH]
    places = [[bar[name] for name in ("x", "middle", "width", "y", "height")] for bar in bars]
    assert places == [
        [2.08, 8.33, 12.5, 0.0, 100.0],
        [18.75, 25.0, 12.5, 100.0, 0.0],
        [35.42, 41.67, 12.5, 33.33, 66.67],
    ]


def test_no_work_makes_no_picture() -> None:
    """Nor does work that was taken back in full."""
    undone = [
        make_movement(JANUARY, category="onboarding", worked=60),
        make_movement(JANUARY, "correction", category="onboarding", worked=-60),
    ]
    for hours in (Hours([]), Hours(undone)):
        assert (hours.category_bars, hours.month_bars) == ((), [])


WORK = st.builds(
    make_movement,
    st.dates(JANUARY, date(2028, 12, 31)),
    category=st.sampled_from(DEFAULT_USES.all),
    worked=st.integers(-8, 30).map(lambda steps: steps * 15),
)


@given(st.lists(WORK, max_size=30))
def test_everything_adds_up_and_stays_inside(lines: list[Movement]) -> None:
    """By month and by category are two ways to the same sum; no bar leaves its picture."""
    hours = Hours(lines)
    by_category = sum(hours.sum_category(name) for name in hours.categories)
    assert by_category == hours.charged_minutes + hours.free_minutes
    assert by_category == sum(line.worked_minutes or 0 for line in lines)
    assert hours.charged_minutes == sum(map(hours.sum_month, hours.months))
    assert all(0 < bar.width <= 52 for bar in hours.category_bars)
    right = 0.0
    for bar in hours.month_bars:
        assert bar["x"] >= right - 0.02
        assert bar["y"] + bar["height"] == pytest.approx(100, abs=0.02)
        right = bar["x"] + bar["width"]
    assert right <= 100.02
