"""The geometry of the pictures."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.balance.forecast import NO_FORECAST, Expectation, Forecast, Outlook
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement
from ledger.uses import DEFAULT_USES
from site_builder.charts import Course, Hours, draw_card, draw_course
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


@pytest.mark.parametrize(
    ("minutes", "full", "width", "fields"),
    [(300, 300, 400.0, 20), (60, 300, 73.6, 4), (60, 60, 400.0, 4), (60, 6_000, 26.0, 1)],
)
def test_cards_are_drawn_to_scale(minutes: int, full: int, width: float, fields: int) -> None:
    """An hour is a fifth of five, with fields as wide as theirs; what is tiny can still be seen."""
    slots = draw_card(make_lot(minutes), 15, full)["slots"]
    assert slots[-1][0] + slots[-1][1] == pytest.approx(width, abs=0.2)
    assert len(slots) == fields
    if full == 300:
        assert {field_width for _, field_width, _ in slots} <= {16.1, 16.2}


def draw(balances: list[tuple[int, int]], days: int, *more: Any) -> Course:
    course = draw_course(make_steps(balances), FIRST_DAY + timedelta(days=days), *more)
    assert course is not None
    return course


def test_draw_course_steps() -> None:
    """The line starts at zero, goes up with the purchase and steps down with each use."""
    course = draw([(0, 600), (50, 300)], 100)
    (window,) = course.windows
    assert (course.expected, course.band, course.future) == ("", "", [])
    assert course.line == "M0 0H0V-600H50V-300H100"
    assert window["view_box"] == "0 -600 100 600"
    assert (window["today"], window["out"], window["low"]) == (100.0, None, None)
    assert (window["first_day"], window["last_day"]) == (FIRST_DAY, course.as_of)


def test_whole_hours_and_months_are_marked() -> None:
    """Not too many of them, and none where the ends of the picture have their own words."""
    window = draw([(0, 1_800), (300, 615)], 400).windows[-1]
    assert window["levels"] == [(0, 100.0), (600, 66.7), (1_200, 33.3), (1_800, 0.0)]
    assert {month.month for month, _, _ in window["dates"]} <= {1, 4, 7, 10}
    assert all(14 <= x <= 86 for _, x, _ in window["dates"])
    assert all(is_inner == (33 <= x <= 67) for _, x, is_inner in window["dates"])
    assert len(window["dates"]) >= 2


@pytest.mark.parametrize("days", [13, 0, -1])
def test_there_is_no_course_in_the_first_days(days: int) -> None:
    assert draw_course(make_steps([(0, 300)]), FIRST_DAY + timedelta(days=days)) is None
    assert draw_course((), FIRST_DAY) is None


@pytest.mark.parametrize(
    ("days", "months"), [(14, [0]), (100, [0]), (110, [3, 0]), (370, [3, 0]), (380, [3, 12, 0])]
)
def test_what_is_long_can_be_looked_at_in_parts(days: int, months: list[int]) -> None:
    course = draw([(0, 600)], days)
    assert [window["months"] for window in course.windows] == months
    assert course.windows[-1]["first_day"] == FIRST_DAY


def test_a_part_has_a_scale_of_its_own() -> None:
    parts = draw([(0, 6_000), (20, 600), (190, 500)], 200, NO_FORECAST, 60).windows
    assert [window["levels"][-1][0] for window in parts] == [600, 6_000]
    assert [window["low"] for window in parts] == [90.0, 99.0]
    start = (parts[0]["first_day"] - FIRST_DAY).days
    assert parts[0]["view_box"] == f"{start} -600 {200 - start} 600"
    assert parts[0]["spots"][0][1] == 600


def test_purchases_are_named_where_there_is_room() -> None:
    """Those of a day are one; one that follows too closely, and what is no purchase, is not."""
    days = [(0, 600), (0, 300), (10, 300), (50, 300)]
    movements = [
        make_movement(FIRST_DAY + timedelta(days=day), "purchase", minutes, 1_000)
        for day, minutes in days
    ]
    movements.append(make_movement(FIRST_DAY + timedelta(days=80), "goodwill", 60, 1_060))
    course = draw_course(movements, FIRST_DAY + timedelta(days=100))
    assert course is not None
    assert course.windows[-1]["bought"] == [
        (FIRST_DAY, 900, 0.0, 16.7),
        (FIRST_DAY + timedelta(days=50), 300, 50.0, 16.7),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(-3_000, 90_000)), min_size=1, max_size=30),
    st.integers(415, 4_000),
)
def test_everything_stays_inside(balances: list[tuple[int, int]], days: int) -> None:
    """Whatever happened, each part of the picture has room for its line, and marks are few."""
    course = draw(balances, days)
    values = [minutes for _, minutes in course.steps]
    for window in course.windows:
        x, top, width, height = map(int, window["view_box"].split())
        assert 0 <= x < x + width <= days
        assert 2 <= len(window["levels"]) <= 6
        assert (-top - height, -top) == (window["levels"][0][0], window["levels"][-1][0])
        assert all(level % 60 == 0 and 0 <= y <= 100 for level, y in window["levels"])
        assert (0, True) in {(level, 0 <= y <= 100) for level, y in window["levels"]}
        places = [x for _, x, _ in window["dates"]]
        assert places == sorted(places)
        assert len(places) <= 12
        assert all(14 <= place <= 86 for place in places)
        assert len(window["spots"]) == 12
        assert all(0 <= x <= 100 and 0 <= y <= 100 for _, _, _, x, y in window["spots"])
        assert {minutes for _, minutes, _, _, _ in window["spots"]} <= set(values)
    assert -top - height <= min(values) <= max(values) <= -top


def expect(days: int, low: int, minutes: int, high: int) -> Expectation:
    return Expectation(FIRST_DAY + timedelta(days=days), low, minutes, high)


FORECAST = Forecast(
    Outlook.LASTS_UNTIL,
    last_day=FIRST_DAY + timedelta(days=270),
    course=(
        expect(180, 300, 300, 300),
        expect(225, 0, 150, 300),
        expect(270, 0, 0, 150),
        expect(315, 0, 0, 0),
    ),
)


def test_a_forecast_goes_on_where_the_line_ends() -> None:
    """The past keeps two thirds here; the band goes along what is most, and back along least."""
    course = draw([(0, 600), (90, 300)], 180, FORECAST)
    part, window = course.windows
    assert course.line == "M0 0H0V-600H90V-300H180"
    assert course.expected == "M180 -300L225 -150L270 0"
    assert course.band == "M180 -300L225 -300L270 -150L270 0L225 0L180 -300Z"
    assert (window["today"], window["out"]) == (66.7, 100.0)
    assert window["last_day"] == FIRST_DAY + timedelta(days=270)
    assert [each[1] for each in window["spots"][-4:]] == [300, 150, 150, 0]
    assert [each[2] for each in window["spots"]] == [False] * 8 + [True] * 4
    # Three months back have room for three months to come, and those end as the forecast does.
    assert part["last_day"] == window["last_day"]
    assert part["today"] < window["today"]


def test_the_end_of_the_hours_is_marked_only_where_it_is_in_sight() -> None:
    """It is not if it lies beyond the room beside the past."""
    late = FORECAST._replace(last_day=FIRST_DAY + timedelta(days=400))
    assert [each["out"] for each in draw([(0, 600)], 180, late).windows] == [None, None]
    assert draw([(0, 600)], 180, late._replace(course=())).windows[-1]["out"] is None


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
        ("product-training", 100.0, 80),
        ("onboarding", 25.0, 20),
        ("technical-support", 37.5, None),
    ]


def test_bars_of_months() -> None:
    """Side by side, each in the middle of its slot, all standing on the same line."""
    hours = Hours(MOVEMENTS)
    bars = hours.month_bars
    assert hours.month_levels == [(120, 0.0), (60, 50.0), (0, 100.0)]
    assert [bar["month"] for bar in bars] == [JANUARY, FEBRUARY, MARCH]
    places = [[bar[name] for name in ("x", "middle", "width", "y", "height")] for bar in bars]
    assert places == [
        [2.08, 8.33, 12.5, 25.0, 75.0],
        [18.75, 25.0, 12.5, 100.0, 0.0],
        [35.42, 41.67, 12.5, 50.0, 50.0],
    ]


def test_no_work_makes_no_picture() -> None:
    undone = [
        make_movement(JANUARY, category="onboarding", worked=60),
        make_movement(JANUARY, "correction", category="onboarding", worked=-60),
    ]
    for hours in (Hours([]), Hours(undone)):
        assert (hours.category_bars, hours.month_bars) == ((), [])
        assert hours.month_levels[-1] == (0, 100.0)


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
    assert all(0 < bar.width <= 100 for bar in hours.category_bars)
    right = 0.0
    for bar in hours.month_bars:
        assert bar["x"] >= right - 0.02
        assert bar["y"] + bar["height"] == pytest.approx(100, abs=0.02)
        right = bar["x"] + bar["width"]
    assert right <= 100.02
