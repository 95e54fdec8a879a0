"""The geometry of the pictures."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from site_builder.charts import draw_card, draw_course
from site_builder.portal_view import LotView, MonthView, MovementView

FIRST_DAY = date(2026, 1, 12)


def make_lot(minutes: int, used: int = 0, refunded: int = 0, expired: int = 0) -> LotView:
    """Return a card of which so much was used, refunded and expired."""
    return LotView(
        id="P1/1",
        kind="card",
        purchase="P1",
        date=FIRST_DAY,
        last_day=None,
        minutes=minutes,
        used_minutes=used,
        refunded_minutes=refunded,
        expired_minutes=expired,
        remaining_minutes=minutes - used - refunded - expired,
        completed_on=None,
        uses=(),
    )


def make_months(balances: list[tuple[int, int]]) -> tuple[MonthView, ...]:
    """Return one month with a movement for each pair of days since the first, and balance."""
    movements = tuple(
        MovementView(
            date=FIRST_DAY + timedelta(days=days),
            kind="time",
            reference="x",
            request=None,
            consultant=None,
            category=None,
            worked_minutes=None,
            minutes=0,
            balance_minutes=balance,
            amount=None,
            note=None,
            draws=(),
        )
        for days, balance in balances
    )
    return (MonthView(FIRST_DAY.replace(day=1), 0, balances[-1][1], movements),)


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
def test_draw_card(lot: LotView, increment: int, states: list[str]) -> None:
    """A field for each step where that can be read, else one bar."""
    picture = draw_card(lot, increment)
    assert [slot.state for slot in picture.slots] == states
    assert (picture.step_minutes is None) == (len(states) == 2)


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
    for slot in picture.slots:
        assert slot.x >= position - 0.2
        assert slot.width > 2
        position = slot.x + slot.width
    assert position == pytest.approx(picture.width, abs=0.3)


def test_draw_course_steps() -> None:
    """The line starts at zero, goes up with the purchase and steps down with each use."""
    picture = draw_course(make_months([(0, 600), (50, 300)]), FIRST_DAY + timedelta(days=100))
    assert picture is not None
    assert picture.line == "M0 160.0H0.0V0.0H300.0V80.0H600.0"
    assert picture.area == "M0 160.0H0.0V0.0H300.0V80.0H600.0V160.0H0Z"
    assert (picture.highest_minutes, picture.lowest_minutes) == (600, 300)
    assert (picture.opening_minutes, picture.closing_minutes) == (600, 300)


def test_draw_course_below_zero() -> None:
    """What is overdrawn lies below the line of zero."""
    picture = draw_course(make_months([(0, 300), (10, -100)]), FIRST_DAY + timedelta(days=20))
    assert picture is not None
    assert picture.zero == 120.0
    assert picture.line.endswith("V160.0H600.0")


@pytest.mark.parametrize("days", [0, -1])
def test_draw_course_of_a_single_day_is_none(days: int) -> None:
    """On the first day there is no course yet."""
    assert draw_course(make_months([(0, 300)]), FIRST_DAY + timedelta(days=days)) is None
    assert draw_course((), FIRST_DAY) is None


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(-3_000, 3_000)), min_size=1, max_size=30)
)
def test_draw_course_stays_inside(balances: list[tuple[int, int]]) -> None:
    """Whatever happened, the line is inside the picture."""
    picture = draw_course(make_months(balances), FIRST_DAY + timedelta(days=401))
    assert picture is not None
    for command, value in re.findall(r"([HV])(-?[\d.]+)", picture.line):
        limit = picture.width if command == "H" else picture.height
        assert 0 <= float(value) <= limit
