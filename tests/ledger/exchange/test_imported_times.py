"""``punchcard import``: on which day a row is, how long it took, and how that is rounded."""

import math
from collections import Counter
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import RunPunchcard
from tests.ledger.cli.test_log_questions import Terminal
from tests.ledger.exchange.import_ledger import (
    AS_OF,
    EXPORTS,
    HEADER,
    MAP,
    ONE,
    THREE,
    TWO,
    ImportLedger,
    make_row,
)

THROUGH_MARCH = {"2026-03-28": 120, "2026-03-29": 23 * 60, "2026-03-30": 60}
THROUGH_OCTOBER = {"2026-10-24": 120, "2026-10-25": 25 * 60, "2026-10-26": 60}


def test_dates_that_can_be_read_in_two_ways_are_asked_for(ledger: ImportLedger) -> None:
    ran = ledger.run_import(EXPORTS / "clockify.csv", tracker="clockify")
    assert ran.status == 2
    assert "every date can be read with the day or the month first" in ran.stderr
    assert "say --dates day-first or month-first" in ran.stderr
    ask = f"import {EXPORTS}/clockify.csv --from clockify --map map.yml --dry-run --as-of {AS_OF}"
    terminal = Terminal(ledger.root, *ask.split())
    terminal.wait_for("Which comes first (day-first, month-first): ")
    terminal.answer("month-first\n")
    terminal.wait_for("would be written to 2 files")
    assert terminal.finish() == 0
    (ledger.root / "map.yml").write_text(f"{MAP}dates: day-first\n")
    ran = ledger.run_import(EXPORTS / "clockify.csv", tracker="clockify")
    assert ran.status == 0
    assert ledger.list_entries("date") == [("2026-02-11",), ("2026-03-11",)]
    text = (EXPORTS / "clockify.csv").read_text() + "".join(
        (EXPORTS / "clockify.csv").read_text().splitlines(keepends=True)[1:2]
    ).replace("11/02/2026", "11/16/2026")
    (ledger.root / "map.yml").write_text(MAP)
    assert ledger.take(text, "--dry-run", tracker="clockify")["rows"]["new"] == 3  # One date says.


@pytest.mark.parametrize(
    ("start", "end", "duration", "entries"),
    [
        ("2026-11-02 23:40", "2026-11-03 00:25", "0:45", {"2026-11-02": 30, "2026-11-03": 15}),
        ("2026-11-02 23:50", "2026-11-03 00:05", "0:15", {"2026-11-02": 15}),
        ("2026-03-28 22:00", "2026-03-30 01:00", "26:00", THROUGH_MARCH),
        ("2026-10-24 22:00", "2026-10-26 01:00", "28:00", THROUGH_OCTOBER),
        ("2026-03-29 01:30", "2026-03-29 03:30", "1:00", {"2026-03-29": 60}),
        ("2026-10-25 01:30", "2026-10-25 02:30", "2:00", {"2026-10-25": 120}),
        ("2026-10-25 01:30", "2026-10-25 02:30", "1:00", {"2026-10-25": 60}),
        ("2026-10-25 02:45", "2026-10-25 02:15", "0:30", {"2026-10-25": 30}),
        ("2026-11-02 09:00", "2026-11-02 12:00", "2:30", {"2026-11-02": 150}),
    ],
    ids=lambda value: str(value) if not isinstance(value, dict) else "",
)
def test_time_is_on_its_days_in_the_providers_zone(
    ledger: ImportLedger, start: str, end: str, duration: str, entries: dict[str, int]
) -> None:
    answer = ledger.take(HEADER + make_row(start, end, duration))
    found = ledger.list_entries("date", "minutes")
    assert found == [(day, str(minutes)) for day, minutes in entries.items()]
    said = "".join(answer["remarks"])
    assert said.count("line 2: split at midnight") == (start[:10] != end[:10])
    assert ledger.take(HEADER + make_row(start, end, duration))["rows"]["known"] == 1


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        ("2026-10-25 01:30", "2026-10-25 02:30", "2026-10-25 was there twice in Europe/Berlin"),
        ("2026-03-29 02:30", "2026-03-29 03:30", "in Europe/Berlin showed 2026-03-29 02:30:00"),
        ("2026-11-02 10:00", "2026-11-02 09:00", "before it begins"),
        ("2026-11-02 10:00", "2026-11-20 09:00", "more than 7 days"),
    ],
)
def test_a_time_that_was_not_or_was_twice_is_refused(
    ledger: ImportLedger, start: str, end: str, said: str
) -> None:
    ran = ledger.run_import(HEADER + make_row(start, end))
    assert ran.status == 1
    assert "export.csv:2:1: error[import]: " in ran.stderr
    assert said in ran.stderr


def test_the_trackers_clock_may_be_elsewhere(ledger: ImportLedger) -> None:
    (ledger.root / "map.yml").write_text(f"{MAP}timezone: America/New_York\n")
    answer = ledger.take(HEADER + make_row("2026-11-02 17:30", "2026-11-02 18:30", "1:00"))
    assert answer["remarks"] == [
        "line 2: split at midnight into 30m of 2026-11-02 and 30m of 2026-11-03"
    ]


def test_rounding_is_of_each_row_or_of_a_day(ledger: ImportLedger) -> None:
    rows = HEADER + ONE + TWO + TWO + THREE
    ledger.take(rows, "--dry-run")
    (ledger.root / "map.yml").write_text(f"{MAP}rounded_by: request-and-day\n")
    later = TWO.replace("10:", "17:").replace("0:17:", "0:10:").replace("Tried", "Tried again")
    assert ledger.take(rows)["customers"][0]["minutes"] == 75 + 60
    assert ledger.list_entries("minutes", "note") == [
        ("75", "Set it up.; Tried it."),
        ("60", "Showed it."),
    ]
    assert len(ledger.list_entries("source")[0][0]) == 3
    # 70 minutes were rounded to 75; ten more are 80, which is 90.
    assert ledger.take(rows + later)["customers"][0]["minutes"] == 15
    assert ledger.take(rows + later)["rows"]["known"] == 5


@pytest.mark.parametrize(
    ("duration", "minutes"),
    [
        ("0,33", "30"),
        ("0.25", "15"),
        ("1:00", "60"),
        ("0:15:01", "30"),
        ("45m", "45"),
        ("1h 30m", "90"),
        ("25", "it lasts 25 hours, more than a day"),
        ("soon", "'soon' is not a duration"),
        ("-1:00", "'-1:00' is not a duration"),
    ],
)
def test_a_duration_may_be_written_in_many_ways(
    ledger: ImportLedger, duration: str, minutes: str
) -> None:
    columns = "columns: {date: Day, duration: Hours, project: Project, client: Who, note: What}\n"
    (ledger.root / "map.yml").write_text(MAP + columns)
    export = f"Day\tHours\tProject\tWho\tWhat\n2026-11-02\t{duration}\tSAML\tAcme Robotics\tWork.\n"
    ran = ledger.run_import(export, "--as", "ben", tracker="csv")
    assert ran.status == (0 if minutes.isdecimal() else 1)
    expected = [(minutes,)] if minutes.isdecimal() else []
    assert ledger.list_entries("minutes") == expected
    assert expected or f"export.csv:2:1: error[import]: {minutes}" in ran.stderr


ROUND = {"up": math.ceil, "down": math.floor, "nearest": lambda steps: math.floor(steps + 0.5)}


@pytest.mark.parametrize("is_by_day", [False, True])
@given(data=st.data())
@settings(max_examples=12, suppress_health_check=list(HealthCheck))
def test_what_is_imported_is_the_rounded_sum_of_the_rows(
    tmp_path_factory: pytest.TempPathFactory,
    punchcard: RunPunchcard,
    is_by_day: bool,
    data: st.DataObject,
) -> None:
    """In two imports that overlap, and with rows over midnight."""
    work = data.draw(st.lists(st.tuples(*map(st.integers, (2, 0, 0), (4, 1439, 90))), min_size=1))
    rounding = data.draw(st.sampled_from(list(ROUND)))
    ledger = ImportLedger(tmp_path_factory.mktemp("repository"), punchcard)
    by = "request-and-day" if is_by_day else "entry"
    (ledger.root / "map.yml").write_text(f"{MAP}rounding: {rounding}\nrounded_by: {by}\n")
    rows, sums = [], Counter[object]()
    for number, (day, minute, minutes) in enumerate(work):
        begin = datetime(2026, 11, day) + timedelta(minutes=minute)  # noqa: DTZ001  # a clock's
        start, end = (
            f"{each:%Y-%m-%d %H:%M}" for each in (begin, begin + timedelta(minutes=minutes))
        )
        rows.append(make_row(start, end, f"{minutes // 60}:{minutes % 60:02}", f"Work {number}."))
        today = min(minutes, 1440 - minute)
        for key, part in ((day, today), (day + 1, minutes - today)):
            sums[key if is_by_day else number] += part
    ledger.take(HEADER + "".join(rows[::2]))
    ledger.take(HEADER + "".join(rows))
    found = sum(int(minutes) for (minutes,) in ledger.list_entries("minutes"))
    assert found == sum(ROUND[rounding](minutes / 15) * 15 for minutes in sums.values())
