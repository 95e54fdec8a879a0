"""Requests that wait, time beyond what was approved, and what is there twice."""

from datetime import date

import pytest

from tests.ledger.rules.small_ledger import FILES, REQUEST, find, find_lines, write_time

ACCOUNT = {"acme/accounts.yml": "- {email: d@acme.example, name: Dana, created: 2026-11-02}\n"}
ASKED = REQUEST.replace("by: alice", "by: d@acme.example")
WITHOUT = ASKED.replace("category: product-configuration\n", "")


def write_history(*events: str, head: str = ASKED) -> dict[str, str]:
    history = "".join(f"  - {{{event}}}\n" for event in events)
    text = head + ("history:\n" + history if events else "")
    return {**ACCOUNT, "acme/requests/ACME-1.yml": text}


@pytest.mark.parametrize(
    ("events", "head", "day", "is_found"),
    [
        # opened on the second
        ([], ASKED, 9, False),
        ([], ASKED, 10, True),
        # raised by the provider, or in the support channel, or moved there
        ([], REQUEST, 30, False),
        ([], ASKED.replace("channel: punchcard", "channel: support"), 30, False),
        (["date: 2026-11-03, by: alice, moved_to: support"], WITHOUT, 30, False),
        # only what the provider says is an answer, from its day on
        (["date: 2026-11-03, by: d@acme.example, note: Hello?"], ASKED, 10, True),
        (["date: 2026-11-12, by: alice, note: Hello!"], ASKED, 11, True),
        (["date: 2026-11-12, by: alice, note: Hello!"], ASKED, 12, False),
        (["date: 2026-11-03, by: alice, note: Hello!"], WITHOUT, 10, True),
        (["date: 2026-11-03, by: alice, category: detailed-qa"], WITHOUT, 10, False),
        (["date: 2026-11-03, by: d@acme.example, status: closed"], WITHOUT, 30, False),
    ],
)
def test_untriaged(events: list[str], head: str, day: int, is_found: bool) -> None:
    found = find_lines("untriaged", write_history(*events, head=head), date(2026, 11, day))
    assert bool(found) is is_found


def test_time_on_a_request_answers_it() -> None:
    assert find("untriaged", write_history() | write_time("03-1 2026-11-03 15")) == []


@pytest.mark.parametrize(
    ("minutes", "approved", "lines"),
    [
        (60, ["2026-11-02 60"], []),
        (75, ["2026-11-02 60"], [1]),
        (75, [], []),
        # the latest counts, in all
        (75, ["2026-11-02 60", "2026-11-04 90"], []),
        (75, ["2026-11-02 90", "2026-11-04 60"], [1]),
    ],
)
def test_over_estimate(minutes: int, approved: list[str], lines: list[int]) -> None:
    pairs = [each.split() for each in approved]
    files = write_history(
        *(f"date: {day}, by: d@acme.example, approved_minutes: {much}" for day, much in pairs)
    )
    assert find_lines("over-estimate", files | write_time(f"a 2026-11-03 {minutes}")) == lines


@pytest.mark.parametrize(
    "more", ["2026-11-03 30 category: technical-support", "2026-11-04 -30 corrects: a"]
)
def test_what_is_not_charged_is_not_beyond_an_estimate(more: str) -> None:
    files = write_history("date: 2026-11-02, by: d@acme.example, approved_minutes: 60")
    first = "a 2026-11-03 90" if "corrects" in more else "a 2026-11-03 60"
    assert find("over-estimate", files | write_time(first, f"b {more}")) == []


@pytest.mark.parametrize(
    ("second", "lines"),
    [
        ("2026-11-03 45", [2]),
        ("2026-11-04 45", []),
        ("2026-11-03 30", []),
        ("2026-11-03 45 request: ACME-2", []),
    ],
)
def test_an_entry_twice(second: str, lines: list[int]) -> None:
    assert find_lines("duplicate", write_time("a 2026-11-03 45", f"b {second}")) == lines


def test_two_corrections_alike_are_there_twice() -> None:
    corrections = [f"{name} 2026-11-04 -15 corrects: a" for name in "bc"]
    assert find_lines("duplicate", write_time("a 2026-11-03 45", *corrections)) == [3]


def test_an_invoice_twice_within_a_customer() -> None:
    purchase = "- {{id: {}, date: 2026-11-02, punchcards: 1, amount: 1000.00, invoice: {}}}\n"
    text = purchase.format("P1", "INV-1") + purchase.format("P2", "INV-1")
    assert find_lines("duplicate", {"acme/purchases.yml": text}) == [2]
    assert find("duplicate", {"acme/purchases.yml": text.replace("-1}\n- ", "-2}\n- ")}) == []


@pytest.mark.parametrize(
    ("entries", "day", "lines"),
    [
        (["a 2026-11-03 960"], 30, []),
        (["a 2026-11-03 900", "b 2026-11-03 75"], 30, [2]),
        (["a 2026-11-03 900", "b 2026-11-04 75"], 30, []),
        (["a 2026-11-03 900", "b 2026-11-03 75", "c 2026-11-04 -15 corrects: a"], 30, []),
        (["a 2026-11-03 900", "b 2026-11-03 75", "c 2026-11-04 -75 corrects: b"], 30, []),
        (["a 2026-11-20 1000"], 19, []),
    ],
)
def test_long_day(entries: list[str], day: int, lines: list[int]) -> None:
    assert find_lines("long-day", write_time(*entries), date(2026, 11, day)) == lines


def test_a_long_day_over_customers_is_told_once_and_only_with_time_that_is_left() -> None:
    bolt = {
        path.replace("acme", "bolt").replace("ACME", "BOLT"): text.replace("ACME", "BOLT")
        for path, text in (FILES | write_time("a 2026-11-03 600")).items()
        if path.startswith("acme")
    }
    files = write_time("a 2026-11-03 375", "b 2026-11-03 15") | bolt
    assert find("long-day", files) == [
        "bolt/time/2026-11-alice.yml:1 correct what was logged twice, or with too many minutes"
    ]
    corrected = write_time("a 2026-11-03 375", "b 2026-11-03 15", "c 2026-11-03 -30 corrects: a")
    assert find("long-day", bolt | corrected) == []
