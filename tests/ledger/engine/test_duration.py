"""Minutes as people write them and read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.duration import find_nearest_multiples, format_minutes, parse_duration
from tests.ledger.engine.example_budget import explore

UNDERSTOOD = {
    6: ["0.1h"],
    30: [".5h"],
    45: ["45m", "45 m", "45min"],
    60: ["1h", "1 h"],
    75: [
        *("1h15m", "1h 15m", " 1h15m ", "1h 15 min", "1h15", "1 h 15"),
        *("1:15", "1.25h", "1,25h", "75"),
    ],
    120: ["2H"],
    125: ["2h05"],
    150: ["1h90m"],
    720: ["12:00"],
    5: ["0:05"],
    0: ["0", "0m"],
    123_456_789_012: ["123456789012"],
}
NOT_UNDERSTOOD = (
    *("", " ", "h", "m", "-15", "-1h", "+15", "1.5", "1.5m", "1h1h", "15m1h", "1:5", "1:60", "1h5"),
    *("1h60", "1:15:00", ":15", "1.h", "1e2", "1_5", "0x10", "٤٥", "one hour", "45 minutes"),
    "1234567890123",
)
SHOWN = {
    0: "0m",
    1: "1m",
    59: "59m",
    60: "1h",
    75: "1h 15m",
    300: "5h",
    6000: "100h",
    -15: "-15m",
    -60: "-1h",
    -75: "-1h 15m",
}


@pytest.mark.parametrize("minutes", UNDERSTOOD)
def test_understood(minutes: int) -> None:
    for text in UNDERSTOOD[minutes]:
        assert parse_duration(text) == minutes


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_not_understood(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write it like 45m"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0.01h", "1,333h", "0.33h"])
def test_part_of_a_minute_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number of minutes"):
        parse_duration(text)


@pytest.mark.parametrize(("minutes", "text"), SHOWN.items())
def test_shown(minutes: int, text: str) -> None:
    assert format_minutes(minutes) == text


@explore(300)
@given(st.integers(0, 9_999_999))
def test_what_is_shown_is_understood(minutes: int) -> None:
    assert parse_duration(format_minutes(minutes)) == minutes


@pytest.mark.parametrize(
    ("minutes", "below", "above"),
    [(20, 15, 30), (5, 0, 15), (44, 30, 45), (-20, -30, -15)],
)
def test_nearest_multiples(minutes: int, below: int, above: int) -> None:
    assert find_nearest_multiples(minutes, 15) == (below, above)
