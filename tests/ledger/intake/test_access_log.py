import gzip
import io
import json
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.errors import LedgerError
from ledger.intake.sign_ins import Visit, read_access_log

COMMON = '192.0.2.1 - {user} [{moment}] "GET {target} HTTP/1.1" {status} 2326'
COMBINED = COMMON + ' "https://portals.example/" "Mozilla/5.0 (\\x22odd\\x22) [x] \\"y\\""'
OURS = COMBINED + ' "{portal}"'
NOON = "20/Nov/2026:12:00:00 +0000"
DAY = date(2026, 11, 20)


def line(form: str = COMBINED, **said: object) -> str:
    values = {"user": "dana@acme.example", "moment": NOON, "target": "/", "status": 200}
    return form.format(**{**values, "portal": "acme", **said}) + "\n"


def caddy_line(user: str, status: int = 200, **more: object) -> str:
    request = {"host": "acme.portals.example:8080", "uri": "/requests/"}
    ts = datetime(2026, 11, 20, 12, tzinfo=UTC).timestamp()
    return json.dumps({"ts": ts, "request": request, "user_id": user, "status": status, **more})


def read(content: str | bytes, zone: str = "Etc/UTC", odd: str = "") -> set[Visit]:
    raw = content.encode() if isinstance(content, str) else content
    visits, said = read_access_log(io.BufferedReader(io.BytesIO(raw)), ZoneInfo(zone))
    assert said == odd
    return visits


@pytest.mark.parametrize("form", [COMMON, COMBINED, OURS])
def test_common_and_combined_lines_are_read(form: str) -> None:
    portal = "acme" if form is OURS else None
    known = Visit("dana@acme.example", DAY, portal, ("requests",))
    assert read(line(form, target="/requests/") * 3) == {known}


@pytest.mark.parametrize("status", [100, 199, 400, 401, 403, 404, 500])
def test_only_success_and_redirection_count(status: int) -> None:
    assert not read(line(status=status))
    assert read(line(status=200) + line(status=status))
    assert not read(caddy_line("dana@acme.example", status) + "\n")


@pytest.mark.parametrize("status", [200, 206, 301, 304])
def test_every_success_and_redirection_counts(status: int) -> None:
    assert read(line(status=status))


def test_nobody_who_is_unknown_counts() -> None:
    assert not read(line(user="-"))
    assert not read('192.0.2.1 -  [20/Nov/2026:12:00:00 +0000] "GET / HTTP/1.1" 200 1\n')
    assert not read(caddy_line("") + "\n")


def test_a_name_cannot_be_made_to_look_like_a_line() -> None:
    # nginx writes a quotation mark in a name as \x22, and everything else as it is.
    forged = "dana@acme.example [20/Nov/2026:12:00:00 +0000] \\x22GET / HTTP/1.1\\x22 200 1"
    found = read(line(user=forged, status=401) + line(user=forged))
    assert {visit.user for visit in found} & {"dana@acme.example"} == set()
    request = "GET /\\x22 200 1 [20/Nov/2026:12:00:00 +0000] \\x22"
    assert not read(line(target=request, status=401))


def test_names_are_read_as_they_were_sent() -> None:
    assert {visit.user for visit in read(line(user="j\\xC3\\xB6rg@acme.example"))} == {
        "jörg@acme.example"
    }


def test_caddys_lines_are_read() -> None:
    known = Visit("dana@acme.example", DAY, None, ("acme", "requests"))
    assert read(caddy_line("dana@acme.example") + "\n") == {known}
    headers = {"X-Portal-Account": ["dana@acme.example"]}
    assert read(caddy_line("", resp_headers=headers) + "\n") == {known}


def test_a_packed_log_is_read_whatever_it_is_called() -> None:
    two = gzip.compress(line().encode()) + gzip.compress(line(user="lee@acme.example").encode())
    assert {visit.user for visit in read(two)} == {"dana@acme.example", "lee@acme.example"}


def test_a_log_that_is_cut_off_anywhere_says_nothing() -> None:
    whole = line() * 20
    packed = gzip.compress(whole.encode())
    for end in range(len(packed) - 1, 2, -7):
        with pytest.raises(LedgerError, match="cut off or damaged"):
            read(packed[:end])
    for end in range(len(line()) + 1, len(whole)):
        if whole[end - 1] != "\n":
            with pytest.raises(LedgerError, match="cut off"):
                read(whole[:end])


def test_a_damaged_packed_log_says_nothing() -> None:
    packed = bytearray(gzip.compress((line() * 20).encode()))
    packed[-6] ^= 0xFF
    with pytest.raises(LedgerError, match="damaged"):
        read(bytes(packed))


def test_lines_that_are_none_are_counted_and_left_out() -> None:
    odd = "rubbish\n" + line() + '{"ts": 1}\n' + "{not json\n" + "\n" + line(moment="x")
    assert len(read(odd, odd="4 of 5 lines are none of a log")) == 1
    deep = line() + '{"a":' * 13_000 + "\n" + caddy_line("", resp_headers={"A": []}) + "\n"
    assert len(read(deep, odd="1 of 3 lines are none of a log")) == 1
    with pytest.raises(LedgerError, match="no line of it"):
        read("rubbish\nmore of it\n")
    assert read("") == set()


@given(st.binary(max_size=400))
def test_any_bytes_are_a_log_or_none(content: bytes) -> None:
    with suppress(LedgerError):
        read_access_log(io.BufferedReader(io.BytesIO(content + b"\n")), UTC)


@given(
    st.datetimes(datetime(2001, 1, 1), datetime(2060, 1, 1)),  # noqa: DTZ001  # a zone is added
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["America/St_Johns", "Asia/Tokyo", "Europe/Berlin", "Pacific/Kiritimati"]),
)
def test_every_moment_falls_on_the_day_that_the_calendar_says(
    moment: datetime, offset: int, zone: str
) -> None:
    sign, (hours, minutes) = "-" if offset < 0 else "+", divmod(abs(offset), 60)
    text = moment.strftime("%d/%b/%Y:%H:%M:%S") + f" {sign}{hours:02}{minutes:02}"
    universal = moment.replace(tzinfo=UTC) - timedelta(minutes=offset)
    expected = universal.astimezone(ZoneInfo(zone)).date()
    assert {visit.day for visit in read(line(moment=text), zone)} == {expected}
