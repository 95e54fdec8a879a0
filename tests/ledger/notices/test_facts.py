"""What there is to say between two publications: each crossing once, at every boundary."""

import itertools
from collections.abc import Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest

from ledger.models import Account, CustomerRecords, RequestEvent
from ledger.notices.facts import Notice, NoticeKind, Snapshot, list_notices
from tests.ledger.engine import record_factory as make

MONDAY = date(2026, 6, 1)
TERMS = make.make_history(make.make_terms(card=300, valid=12, low=60))


def make_customer(
    *,
    bought: str = "2026-01-05",
    cards: int = 2,
    used: Iterable[tuple[str, int]] = (),
    history: Iterable[RequestEvent] = (),
    accounts: Iterable[Account] = (),
    licence: str | None = None,
    credit: int = 0,
) -> CustomerRecords:
    request = make.make_request("2026-01-06", category="product-training", history=history)
    licences = [{"product": "Trace", "type": "commercial", "until": licence}] if licence else []
    return make.make_records(
        customer=make.make_customer(licences=licences),
        purchases=[make.make_purchase("P1", bought, cards)],
        adjustments=[make.make_goodwill("A1", "2026-06-02", credit)] if credit else [],
        accounts=accounts,
        requests={"ACME-1": request},
        entries=[
            make.make_entry(f"alice/e{at}", day, minutes, internal_note="SECRET")
            for at, (day, minutes) in enumerate(used)
        ],
    )


def tell(
    records: CustomerRecords, before: date, now: date, then: CustomerRecords | None = None
) -> list[Notice]:
    names = {"alice": "Alice Moreau"}
    sides = (Snapshot(then or records, TERMS, before, names), Snapshot(records, TERMS, now, names))
    return [each for each in list_notices(*sides) if each.kind is not NoticeKind.DIGEST]


def tell_weekly(records: CustomerRecords, weeks: int = 60, step: int = 7) -> list[Notice]:
    days = [MONDAY + timedelta(step * week) for week in range(weeks + 1)]
    return [each for before, now in itertools.pairwise(days) for each in tell(records, before, now)]


@pytest.mark.parametrize(
    ("minutes", "kinds"),
    [(15, []), (525, ["forecast"]), (540, ["low"]), (600, ["used-up"]), (615, ["overdrawn"])],
)
def test_a_balance_is_told_by_its_worst(minutes: int, kinds: list[str]) -> None:
    records = make_customer(used=[("2026-06-03", minutes)])
    told = tell(records, MONDAY, MONDAY + timedelta(7))
    assert [each.kind for each in told] == kinds
    since = date(2026, 6, 8) if kinds == ["forecast"] else date(2026, 6, 3)
    assert all(each.day == since and each.cards == 2 for each in told)
    assert tell(records, MONDAY + timedelta(7), MONDAY + timedelta(14)) == []


def test_getting_worse_is_told_again_and_getting_better_is_not() -> None:
    records = make_customer(used=[("2026-06-03", 540), ("2026-06-10", 60), ("2026-06-17", 60)])
    assert [each.kind for each in tell_weekly(records, 8)] == ["low", "used-up", "overdrawn"]
    better = make_customer(cards=3, used=[("2026-06-03", 540)])
    low = make_customer(used=[("2026-06-03", 540)])
    week = MONDAY + timedelta(7)
    assert tell(better, week, week + timedelta(7), low) == []
    assert [each.kind for each in tell(low, week, week + timedelta(7), better)] == ["low"]


def licence_days(until: str, before: date, now: date) -> list[int | None]:
    told = tell(make_customer(licence=until), before, now)
    return [each.days for each in told if each.kind is NoticeKind.LICENCE]


@pytest.mark.parametrize("threshold", [60, 30, 7])
def test_an_ending_is_told_on_the_day_of_its_threshold_and_not_before(threshold: int) -> None:
    until = date(2026, 9, 15)
    day = until - timedelta(threshold)
    earlier = [day - timedelta(days) for days in (2, 1)]
    assert licence_days(until.isoformat(), *earlier) == []
    assert licence_days(until.isoformat(), earlier[1], day) == [threshold]
    assert licence_days(until.isoformat(), day, day + timedelta(1)) == []
    assert licence_days(until.isoformat(), earlier[1], day + timedelta(3)) == [threshold - 3]


@pytest.mark.parametrize(
    ("before", "now", "days"),
    [
        ("2026-06-01", "2026-09-15", [0]),  # three thresholds at once are one notice
        ("2026-06-01", "2026-09-16", []),  # more than 60 days before: nobody could have told
        ("2026-07-20", "2026-09-18", [-3]),  # told at 60 days, then not any more: it has ended
        ("2026-09-08", "2026-09-18", []),  # told at 7 days
    ],
)
def test_a_missed_run_tells_what_is_so_now(before: str, now: str, days: list[int]) -> None:
    sides = date.fromisoformat(before), date.fromisoformat(now)
    assert licence_days("2026-09-15", *sides) == days


def test_the_cards_of_a_purchase_and_an_account_end_once_a_threshold() -> None:
    account = make.make_account(created="2026-02-02")
    removed = make.make_account("sam@acme.example", "2026-02-02", removed="2026-07-01")
    told = tell_weekly(make_customer(bought="2025-08-03", accounts=[account, removed]))
    cards = [(each.subject, each.days, each.minutes) for each in told if each.kind == "card"]
    assert cards == [("P1", 56, 600), ("P1", 28, 600), ("P1", 7, 600)]
    accounts = [(each.days, each.people) for each in told if each.kind == "account"]
    assert accounts == [(days, ("dana@acme.example",)) for days in (55, 27, 6)]


event = partial(make.make_event, note=None)
WAITS = event("2026-06-02", status="waiting-for-customer", note="Which provider is it?")


@pytest.mark.parametrize("step", [1, 7, 14, 30])
def test_a_wait_is_told_at_once_and_after_one_and_two_weeks(step: int) -> None:
    told = tell_weekly(make_customer(history=[WAITS]), 40, step)
    waits = [each for each in told if each.kind is NoticeKind.WAITING]
    days = {1: [0, 7, 14], 7: [6, 13, 20], 14: [13, 27], 30: [29]}[step]
    assert [each.days for each in waits] == days
    assert {(each.person, each.text, each.people) for each in waits} == {
        ("Alice Moreau", "Which provider is it?", ("dana@acme.example",))
    }


def test_who_wrote_is_not_reminded_until_asked_again() -> None:
    answer = event("2026-06-09", by="dana@acme.example", note="We will see in July.")
    again = event("2026-07-07", status="waiting-for-customer", note="And now?")
    told = tell_weekly(make_customer(history=[WAITS, answer, again]), 40, 7)
    waits = [each for each in told if each.kind is NoticeKind.WAITING]
    assert [(each.days, each.text) for each in waits][:2] == [
        (6, "Which provider is it?"),
        (6, "And now?"),
    ]


def test_a_request_is_told_once_a_time_by_what_has_to_be_done() -> None:
    estimate = event("2026-06-02", estimate_minutes="120", note="Two hours.")
    approval = event("2026-06-03", by="dana@acme.example", approved_minutes="120")
    answer = event("2026-06-10", status="in-progress", note="We are on it.")
    resolved = event("2026-06-16", status="resolved", note="There you are.")
    closed = event("2026-06-23", status="closed")
    own = event("2026-06-30", by="dana@acme.example", note="Thank you!")
    history = [estimate, answer, resolved, closed, own]
    told = tell_weekly(make_customer(history=history), 8)
    assert [(each.kind, each.minutes) for each in told if each.subject == "ACME-1"] == [
        ("estimate", 120),
        ("answer", None),
        ("resolved", None),
    ]
    week = MONDAY + timedelta(7)
    approved = tell(make_customer(history=[estimate, approval]), MONDAY, week)
    assert [each.kind for each in approved] == ["answer"]


def test_what_was_recorded_late_is_told_all_the_same() -> None:
    late = make_customer(history=[event("2026-05-20", note="Sorry, late.")])
    told = tell(late, MONDAY, MONDAY + timedelta(7), make_customer())
    assert [(each.kind, each.text) for each in told] == [("answer", "Sorry, late.")]


def test_the_provider_hears_of_a_request_that_nobody_takes_up() -> None:
    records = make_customer()
    opened = date(2026, 1, 6)
    days = [opened + timedelta(day) for day in range(20)]
    told = [each for before, now in itertools.pairwise(days) for each in tell(records, before, now)]
    assert [(each.kind, each.days) for each in told] == [("untriaged", 8)]


def digest(records: CustomerRecords, now: date, then: CustomerRecords | None = None) -> Any:
    sides = Snapshot(then or records, TERMS, now - timedelta(7)), Snapshot(records, TERMS, now)
    found = [each for each in list_notices(*sides) if each.kind is NoticeKind.DIGEST]
    return found[0] if found else None


def test_a_week_is_summed_up_only_if_something_happened_or_waits() -> None:
    records = make_customer(used=[("2026-06-03", 60), ("2026-06-04", 30)], history=[WAITS])
    told = digest(records, MONDAY + timedelta(7))
    assert [(line.reference, line.title, line.minutes) for line in told.done] == [
        ("ACME-1", "Single sign-on", 90)
    ]
    assert (told.minutes, [line.reference for line in told.waiting]) == (510, ["ACME-1"])
    assert digest(records, MONDAY + timedelta(14)).done == ()
    assert digest(make_customer(), MONDAY) is None


def test_a_sale_and_a_credit_are_in_the_sum_of_the_week() -> None:
    before, week = make_customer(), MONDAY + timedelta(7)
    (line,) = digest(make_customer(credit=60), week, before).done
    assert (line.kind, line.title, line.minutes) == ("goodwill", "Reason of A1", 60)
    bought = make_customer(bought="2026-06-02")
    assert [(line.kind, line.minutes) for line in digest(bought, week).done] == [("purchase", 600)]
