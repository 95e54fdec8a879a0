"""How long what is left will last: worked examples, and whether the range deserves its name."""

import random
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.balance.forecast import HORIZON_DAYS, Forecast, Outlook, make_forecast
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement
from tests.site_builder.view_factory import make_lot, make_movement

AS_OF = date(2026, 11, 20)
STEADY = [60] * 12
UNEVEN = [0, 120] * 6


def use(weeks: list[int], as_of: date = AS_OF) -> list[Movement]:
    """Return a purchase at the beginning of the first week, and the use of each; latest first."""
    bought = make_movement(as_of - timedelta(days=7 * len(weeks) - 1), "purchase", 6_000)
    used = [
        make_movement(as_of - timedelta(days=7 * index + 3), "time", -minutes)
        for index, minutes in enumerate(weeks)
        if minutes
    ]
    return [bought, *reversed(used)]


def look_ahead(weeks: list[int], *lots: Lot) -> Forecast:
    return make_forecast(use(weeks), lots, AS_OF, has_course=True)


def in_days(forecast: Forecast) -> tuple[int | None, int | None, int | None]:
    """Return in how many days it all goes: at the earliest, expected, at the latest."""
    days = (forecast.earliest, forecast.last_day, forecast.latest)
    earliest, expected, latest = (None if day is None else (day - AS_OF).days for day in days)
    return earliest, expected, latest


def test_steady_use_lasts_for_what_is_left() -> None:
    """An hour a week, ten hours left: ten weeks, and nothing uncertain about it."""
    forecast = look_ahead(STEADY, make_lot(600))
    assert forecast.outlook is Outlook.LASTS_UNTIL
    assert (forecast.weeks, forecast.weekly_minutes) == (12, 60)
    assert in_days(forecast) == (70, 70, 70)
    assert [each.minutes for each in forecast.course] == list(range(600, -1, -60))


def test_uneven_use_gives_a_range() -> None:
    """The same mean. With t = 1.363 and a deviation of 62.67 minutes a week, by hand:
    60 w + 85.4 sqrt(w + w²/12) reaches 600 after 5.82 weeks, with a minus after 20.69.
    """
    forecast = look_ahead(UNEVEN, make_lot(600))
    assert in_days(forecast) == (41, 70, 145)


def test_what_was_used_of_the_card_is_gone() -> None:
    """Only what remains of the open lots counts, of all of them."""
    lots = (make_lot(300, used=300), make_lot(300, used=120), make_lot(300, refunded=240))
    assert in_days(look_ahead(STEADY, *lots)) == (28, 28, 28)


def test_a_single_burst_says_little() -> None:
    forecast = look_ahead([0] * 5 + [600] + [0] * 6, make_lot(600))
    assert forecast.outlook is Outlook.LASTS_UNTIL
    assert forecast.earliest is not None
    assert forecast.latest is None


@pytest.mark.parametrize(
    ("weeks", "lots", "outlook"),
    [
        ([0] * 12, [make_lot(300)], Outlook.NO_USE),
        ([60, -60] * 6, [make_lot(300)], Outlook.NO_USE),
        ([60] * 3, [make_lot(300)], Outlook.TOO_EARLY),
        ([60] * 4, [make_lot(300)], Outlook.LASTS_UNTIL),
        ([0] * 11 + [15], [make_lot(6_000)], Outlook.LASTS_LONG),
        (STEADY, [], Outlook.NOTHING_LEFT),
        (STEADY, [make_lot(300, used=300)], Outlook.NOTHING_LEFT),
    ],
)
def test_outlook(weeks: list[int], lots: list[Lot], outlook: Outlook) -> None:
    """No use, too little known, nothing left, or far away: that is said, and no date is."""
    forecast = look_ahead(weeks, *lots)
    assert forecast.outlook is outlook
    assert (forecast.last_day is None) == (outlook is not Outlook.LASTS_UNTIL)


def test_nothing_lasts_longer_than_its_card_works() -> None:
    """An hour a week from ten hours, but the card works for four weeks: six hours expire."""
    forecast = look_ahead(STEADY, make_lot(600, last_day=AS_OF + timedelta(days=28)))
    assert in_days(forecast) == (28, 28, 28)
    assert forecast.lost_minutes == 360


def test_a_card_without_end_goes_on_after_one_that_expires() -> None:
    """Four of five hours are used of the first card, then all of the second."""
    soon = make_lot(300, last_day=AS_OF + timedelta(days=28))
    forecast = look_ahead(STEADY, make_lot(300), soon)
    assert forecast.lost_minutes == 60
    assert in_days(forecast)[1] == 63


def test_weeks_end_with_the_as_of_date() -> None:
    """Twelve of seven days, with the as-of date as the last of all; older ones are forgotten."""
    days = [200, 84, 83, 7, 6, 0]
    movements = [make_movement(AS_OF - timedelta(days=day), minutes=-60) for day in days]
    forecast = make_forecast(movements, [make_lot(600)], AS_OF)
    assert (forecast.weeks, forecast.weekly_minutes) == (12, 4 * 60 / 12)


def test_corrections_and_nothing_else_reduce_the_use() -> None:
    """Sales, credits, refunds and expiries are not use."""
    kinds = ("purchase", "goodwill", "refund", "expiry")
    movements = [make_movement(AS_OF - timedelta(days=30), kind, 300) for kind in kinds]
    movements += [make_movement(AS_OF, "time", -60), make_movement(AS_OF, "correction", 20)]
    assert make_forecast(movements, [make_lot(600)], AS_OF).weekly_minutes == 10


@given(
    weeks=st.lists(st.integers(0, 40).map(lambda steps: steps * 15), min_size=4, max_size=12),
    cards=st.lists(
        st.tuples(st.integers(1, 20), st.none() | st.integers(0, 900)), min_size=1, max_size=4
    ),
)
def test_a_forecast_is_never_out_of_order(
    weeks: list[int], cards: list[tuple[int, int | None]]
) -> None:
    """Earliest, expected, latest; and the balance only falls, to nothing on the last day."""
    lots = [
        make_lot(15 * steps, last_day=None if days is None else AS_OF + timedelta(days=days))
        for steps, days in cards
    ]
    forecast = look_ahead(weeks, *lots)
    far = HORIZON_DAYS + 1
    earliest, expected, latest = (far if days is None else days for days in in_days(forecast))
    if forecast.course:
        assert 0 <= earliest <= expected <= latest
        assert forecast.course[0].minutes == sum(lot.remaining_minutes for lot in lots)
    for each in forecast.course:
        assert 0 <= each.low_minutes <= each.minutes <= each.high_minutes
        if each.day == forecast.last_day and not forecast.lost_minutes:
            assert each.minutes == 0
    for one, other in pairwise(forecast.course):
        assert one.day < other.day
        assert other.minutes <= one.minutes


def test_the_range_holds_in_about_four_cases_of_five() -> None:
    """Five hundred invented customers whose coming weeks are like the last ones, and uneven."""
    dice = random.Random(20261120)
    held = 0
    for _ in range(500):
        past, future = ([dice.choice([0, 0, 15, 45, 60, 150]) for _ in range(n)] for n in (12, 150))
        forecast = look_ahead(past, make_lot(900))
        weeks = next(n for n in range(151) if sum(future[:n]) >= 900)
        earliest, _, latest = in_days(forecast)
        held += (earliest or 0) <= 7 * weeks and (latest is None or 7 * (weeks - 1) <= latest)
    assert 0.76 <= held / 500 <= 0.88
