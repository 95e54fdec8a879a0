"""Minutes as people write them and read them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.duration import find_nearest_multiples, format_minutes, parse_duration
from tests.ledger.engine.example_budget import explore


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("45m", 45),
        ("45 m", 45),
        ("45min", 45),
        ("1h", 60),
        ("1 h", 60),
        ("2H", 120),
        ("1h15m", 75),
        ("1h 15m", 75),
        (" 1h15m ", 75),
        ("1h 15 min", 75),
        ("1h15", 75),
        ("2h05", 125),
        ("1 h 15", 75),
        ("1:15", 75),
        ("0:05", 5),
        ("12:00", 720),
        ("1.25h", 75),
        ("1,25h", 75),
        (".5h", 30),
        ("0.1h", 6),
        ("75", 75),
        ("0", 0),
        ("0m", 0),
        ("1h90m", 150),
        ("123456789012", 123_456_789_012),
    ],
)
def test_understood(text: str, minutes: int) -> None:
    assert parse_duration(text) == minutes


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "h",
        "m",
        "-15",
        "-1h",
        "+15",
        "1.5",
        "1.5m",
        "1h1h",
        "15m1h",
        "1:5",
        "1:60",
        "1h5",
        "1h60",
        "1:15:00",
        ":15",
        "1.h",
        "1e2",
        "1_5",
        "0x10",
        "٤٥",
        "one hour",
        "45 minutes",
        "1234567890123",
    ],
)
def test_not_understood(text: str) -> None:
    with pytest.raises(ValueError, match="is not a duration; write it like 45m"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["0.01h", "1,333h", "0.33h"])
def test_part_of_a_minute_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number of minutes"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (0, "0m"),
        (1, "1m"),
        (59, "59m"),
        (60, "1h"),
        (75, "1h 15m"),
        (300, "5h"),
        (6000, "100h"),
        (-15, "-15m"),
        (-60, "-1h"),
        (-75, "-1h 15m"),
    ],
)
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
