"""Time entries and corrections on both sides of each rule's boundaries."""

from datetime import date

import pytest

from tests.ledger.rules.small_ledger import (
    REQUEST,
    TERMS,
    day,
    find,
    find_lines,
    write_request,
    write_time,
)


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        # minutes          what to write instead
        ("03-1 2026-11-03 15", None),
        ("03-1 2026-11-03 300", None),
        ("03-1 2026-11-03 14", "log 15"),
        ("03-1 2026-11-03 16", "log 15 or 30"),
        ("03-1 2026-11-03 1", "log 15"),
        ("03-1 2026-11-03 0", "write the minutes, or delete the entry"),
        ("03-1 2026-11-03 0 corrects: 02-1", "write the minutes, or delete the entry"),
        ("03-1 2026-11-03 -15 corrects: 02-1", None),
        ("03-1 2026-11-03 -20 corrects: 02-1", "log -15 or -30"),
        ("03-1 2026-11-03 -5 corrects: 02-1", "log -15"),
        ("03-1 2026-11-03 15 corrects: 02-1", "write -15, or delete `corrects:`"),
        ("03-1 2026-11-03 20 category: technical-support", "log 15 or 30"),
        # from the tenth on the terms say steps of 10
        ("09-1 2026-11-09 20", "log 15 or 30"),
        ("10-1 2026-11-10 20", None),
        ("10-1 2026-11-10 15", "log 10 or 20"),
        # nothing to hold it against before the first terms
        ("01-1 2025-12-31 20", None),
    ],
)
def test_time_increment_of_entries(entry: str, hint: str | None) -> None:
    later = TERMS.replace("2026-01-01", "2026-11-10").replace("minutes: 15", "minutes: 10")
    files = write_time("02-1 2026-11-02 60", entry) | {"terms.yml": TERMS + later}
    expected = [] if hint is None else [f"acme/time/2026-11-alice.yml:2 {hint}"]
    assert find("time-increment", files) == expected


@pytest.mark.parametrize(
    ("kind", "minutes", "hint"),
    [
        ("goodwill", 60, None),
        ("goodwill", 50, "write 45 or 60"),
        ("goodwill", 0, "write minutes above 0; a goodwill adds them"),
        ("goodwill", -60, "write minutes above 0; a goodwill adds them"),
        ("refund", 60, None),
        ("refund", 10, "write 15"),
        ("refund", 0, "write minutes above 0; a refund takes them back by itself"),
        ("refund", -60, "write minutes above 0; a refund takes them back by itself"),
    ],
)
def test_time_increment_of_adjustments(kind: str, minutes: int, hint: str | None) -> None:
    more = ", purchase: P1, amount: 1.00" if kind == "refund" else ""
    text = f"- {{id: A1, type: {kind}, date: 2026-11-05, minutes: {minutes}, reason: So{more}}}\n"
    expected = [] if hint is None else [f"acme/adjustments.yml:1 {hint}"]
    assert find("time-increment", {"acme/adjustments.yml": text}) == expected


@pytest.mark.parametrize(
    ("when", "file"),
    [
        ("2026-11-01", None),
        ("2026-11-30", None),
        ("2026-10-31", "2026-10-alice.yml"),
        ("2026-12-01", "2026-12-alice.yml"),
        ("2025-11-15", "2025-11-alice.yml"),
    ],
)
def test_entry_file(when: str, file: str | None) -> None:
    expected = [] if file is None else [f"acme/time/2026-11-alice.yml:1 move the entry to {file}"]
    assert find("entry-file", write_time(f"x {when} 15")) == expected


@pytest.mark.parametrize(
    ("as_of", "lines"), [(day(3), [2, 3]), (day(4), [3]), (day(5), []), (day(2), [1, 2, 3])]
)
def test_future_date(as_of: date, lines: list[int]) -> None:
    files = write_time("03-1 2026-11-03 15", "04-1 2026-11-04 15", "05-1 2026-11-05 15")
    assert find_lines("future-date", files, as_of) == lines


@pytest.mark.parametrize(
    ("account", "lines"),
    [
        ("created: 2026-11-20", []),
        ("created: 2026-11-21", [1]),
        ("created: 2026-11-02, last_sign_in: 2026-11-20", []),
        ("created: 2026-11-02, last_sign_in: 2026-11-21", [1]),
        ("created: 2026-11-02, reactivated: 2026-11-20", []),
        ("created: 2026-11-02, reactivated: 2026-11-21", [1]),
        ("created: 2026-11-02, reactivated: [2026-11-03,\n  2026-11-21,\n  2026-11-22]", [2, 3]),
        ("created: 2026-11-02, removed: 2026-11-21", []),
    ],
)
def test_future_date_of_accounts(account: str, lines: list[int]) -> None:
    text = f"- {{email: dana@acme.example, name: Dana, {account}}}\n"
    assert find_lines("future-date", {"acme/accounts.yml": text}, day(20)) == lines


CLOSED = "date: 2026-11-05, status: closed"
REOPENED = "date: 2026-11-09, status: in-progress"


@pytest.mark.parametrize(
    ("events", "when", "is_found"),
    [
        # opened on the second
        ([], "2026-11-01", True),
        ([], "2026-11-02", False),
        # closed on the fifth
        ([CLOSED], "2026-11-05", False),
        ([CLOSED], "2026-11-06", True),
        ([CLOSED, "date: 2026-11-06, note: Thanks"], "2026-11-06", True),
        (["date: 2026-11-05, status: resolved"], "2026-11-06", False),
        # reopened on the ninth
        ([CLOSED, REOPENED], "2026-11-08", True),
        ([CLOSED, REOPENED], "2026-11-09", False),
        ([CLOSED, REOPENED], "2026-11-10", False),
        # closed again on the day it was reopened
        ([CLOSED, REOPENED, "date: 2026-11-09, status: closed"], "2026-11-09", False),
        ([CLOSED, REOPENED, "date: 2026-11-09, status: closed"], "2026-11-10", True),
        # closed again on the day after
        ([CLOSED, REOPENED, "date: 2026-11-10, status: closed"], "2026-11-10", False),
        ([CLOSED, REOPENED, "date: 2026-11-10, status: closed"], "2026-11-11", True),
        # only in-progress opens it again
        ([CLOSED, "date: 2026-11-06, status: waiting-for-customer"], "2026-11-06", True),
        ([CLOSED, "date: 2026-11-06, status: resolved"], "2026-11-07", True),
        ([CLOSED, "date: 2026-11-06, status: open"], "2026-11-07", True),
        # closed twice: the first closing counts
        ([CLOSED, "date: 2026-11-07, status: closed"], "2026-11-07", True),
    ],
)
def test_before_request(events: list[str], when: str, is_found: bool) -> None:
    files = write_request(*events) | write_time(f"x {when} 15")
    assert find_lines("before-request", files) == ([1] if is_found else [])


@pytest.mark.parametrize("more", ["corrects: 03-1", "corrects: 03-1, request: ACME-9"])
def test_before_request_leaves_corrections_and_unknown_requests_alone(more: str) -> None:
    files = write_request(CLOSED) | write_time("03-1 2026-11-03 15", f"x 2026-11-09 -15 {more}")
    assert find("before-request", files) == []


@pytest.mark.parametrize(
    ("until", "lines"), [("", []), ("2026-11-03", [2]), ("2026-11-04", []), ("2026-11-02", [1, 2])]
)
def test_consultant_inactive(until: str, lines: list[int]) -> None:
    people = f"- {{handle: alice, name: Alice, emails: [a@tools.example], until: {until}}}\n"
    files = write_time("03-1 2026-11-03 15", "04-1 2026-11-04 15") | {"consultants.yml": people}
    assert find_lines("consultant-inactive", files) == lines


def test_consultant_inactive_says_nothing_of_strangers() -> None:
    files = write_time("03-1 2026-11-03 15", file="2026-11-bob")
    assert find("consultant-inactive", files) == []


@pytest.mark.parametrize(
    ("corrections", "hints"),
    [
        # the entry has 45 minutes and is of the third
        (["04-1 2026-11-04 -15 corrects: 03-1"], []),
        (["04-1 2026-11-04 -45 corrects: 03-1"], []),
        (["04-1 2026-11-03 -15 corrects: 2026-11-alice/03-1"], []),
        (["04-1 2026-11-04 -60 corrects: 03-1"], ["write -45"]),
        (
            ["04-1 2026-11-04 -15 corrects: 03-1", "05-1 2026-11-05 -45 corrects: 03-1"],
            ["write -30"],
        ),
        (
            ["04-1 2026-11-04 -45 corrects: 03-1", "05-1 2026-11-05 -15 corrects: 03-1"],
            ["delete the correction"],
        ),
        (["04-1 2026-11-04 -15"], ["add `corrects:` with the id of that entry"]),
        (["02-1 2026-11-02 -15 corrects: 03-1"], ["date it 2026-11-03 or later"]),
        (
            ["04-1 2026-11-04 -15 corrects: 03-1, request: ACME-2"],
            ["write ACME-1, or name another entry"],
        ),
        (
            ["04-1 2026-11-04 -15 corrects: 03-1", "05-1 2026-11-05 -15 corrects: 04-1"],
            ["correct the entry, or log time to undo a correction"],
        ),
        (
            ["04-1 2026-11-04 -15 corrects: 04-1"],
            ["correct the entry, or log time to undo a correction"],
        ),
        (["04-1 2026-11-04 -15 corrects: 03-1, category: product-configuration"], []),
        (["04-1 2026-11-04 -15 corrects: 03-1, category: onboarding"], ["leave the category out"]),
        (["04-1 2026-11-04 -15 corrects: 09-9"], []),
    ],
)
def test_correction(corrections: list[str], hints: list[str]) -> None:
    files = write_time("03-1 2026-11-03 45", *corrections)
    files["acme/requests/ACME-2.yml"] = REQUEST
    found = [place.partition(" ")[2] for place in find("correction", files)]
    assert found == hints


def test_correction_of_time_on_a_request_that_is_not_there_has_any_category() -> None:
    entry = "03-1 2026-11-03 45 request: ACME-9"
    correction = "04-1 2026-11-04 -15 request: ACME-9, corrects: 03-1, category: onboarding"
    assert find("correction", write_time(entry, correction)) == []
