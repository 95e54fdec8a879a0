"""What a time entry is charged as: its own category, else its request's on its day."""

from datetime import date

import pytest

from ledger.balance.draw_down import draw_down
from ledger.balance.movements import Movement
from ledger.models import Request
from tests.ledger.engine.record_factory import (
    make_entry,
    make_event,
    make_history,
    make_purchase,
    make_records,
    make_request,
)

SUPPORT = "technical-support"


# The day of an entry and its own category; the request's channel and category as it was raised;
# its events: day, move, category; and what comes out.
CASES = """
# the request's category
2026-02-01 -; punchcard product-training; -; product-training
# the entry's own category comes first
2026-02-01 onboarding; punchcard product-training; -; onboarding
# an entry may be technical support by itself
2026-02-01 technical-support; punchcard product-training; -; technical-support
# support while the request is in support
2026-02-01 -; support -; -; technical-support
# support although the request has a category for later
2026-02-01 -; support product-training; -; technical-support
# system access is charged even in support
2026-02-01 system-access; support -; -; system-access
# charged until the day before a move to support
2026-02-09 -; punchcard product-training; 2026-02-10 support -; product-training
# the day of a move belongs to the new channel: support
2026-02-10 -; punchcard product-training; 2026-02-10 support -; technical-support
# support after a move to support
2026-02-11 -; punchcard product-training; 2026-02-10 support -; technical-support
# support until the day before the move back
2026-02-19 -; punchcard product-training; 2026-02-10 support -, 2026-02-20 punchcard detailed-qa;
technical-support
# the day of a move belongs to the new channel: punchcard
2026-02-20 -; punchcard product-training; 2026-02-10 support -, 2026-02-20 punchcard detailed-qa;
detailed-qa
# a move without a category keeps the request's
2026-02-20 -; support onboarding; 2026-02-20 punchcard -; onboarding
# a move from support brings the category
2026-02-20 -; support -; 2026-02-20 punchcard detailed-qa; detailed-qa
# of several moves on a day the last wins: punchcard
2026-02-10 -; punchcard product-training; 2026-02-10 support -, 2026-02-10 punchcard -;
product-training
# of several moves on a day the last wins: support
2026-02-10 -; support -; 2026-02-10 punchcard detailed-qa, 2026-02-10 support -; technical-support
# events count by their dates, wherever they stand
2026-02-15 -; punchcard product-training; 2026-02-20 punchcard detailed-qa, 2026-02-10 support -;
technical-support
# an event may change the category without a move
2026-02-12 -; punchcard product-training; 2026-02-12 - detailed-qa; detailed-qa
# until then the category is the old one
2026-02-11 -; punchcard product-training; 2026-02-12 - detailed-qa; product-training
"""
CASE = dict(each.split("\n", 1) for each in CASES.split("# ")[1:])


def log_an_hour(day: str, own: str | None, requests: dict[str, Request]) -> Movement:
    """Return the line of an entry of 60 minutes on a card of 60 minutes."""
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10")],
        requests=requests,
        entries=[make_entry("alice/E1", day, 60, category=own)],
    )
    return draw_down(records, make_history(), date(2026, 12, 31)).movements[1]


@pytest.mark.parametrize("rule", CASE)
def test_category_of_an_entry(rule: str) -> None:
    def split(words: str) -> list[str | None]:
        return [None if word == "-" else word for word in words.split()]

    entry, raised, happened, charged_as = " ".join(CASE[rule].split()).split("; ")
    (day, own), (channel, category) = split(entry), split(raised)
    events = [
        make_event(str(on), moved_to=moved_to, category=moved_as)
        for on, moved_to, moved_as in map(split, happened.split(", ") if happened != "-" else ())
    ]
    request = make_request(channel=str(channel), category=category, history=events)
    line = log_an_hour(str(day), own, {"ACME-1": request})
    assert line.category == charged_as
    assert line.minutes == (0 if charged_as == SUPPORT else -60)
    assert line.worked_minutes == 60


@pytest.mark.parametrize(("own", "minutes"), [(None, 0), ("onboarding", -60)])
def test_entry_on_an_unknown_request_is_charged_only_by_its_own_category(
    own: str | None, minutes: int
) -> None:
    line = log_an_hour("2026-02-01", own, {})
    assert line.category == own
    assert line.minutes == minutes


def test_correction_has_the_category_of_its_entry() -> None:
    moved = make_request(history=[make_event("2026-02-10", moved_to="support")])
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10")],
        requests={"ACME-1": moved},
        entries=[
            make_entry("alice/E1", "2026-02-01", 60),
            make_entry("alice/E2", "2026-02-12", -15, corrects="E1", category=SUPPORT),
        ],
    )
    line = draw_down(records, make_history(), date(2026, 12, 31)).movements[2]
    assert line.category == "onboarding"
    assert (line.worked_minutes, line.minutes, line.balance_minutes) == (-15, 15, 15)


def test_lines_say_who_worked_on_what() -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10")],
        entries=[make_entry("alice/E1", "2026-02-01", 60)],
    )
    line = draw_down(records, make_history(), date(2026, 12, 31)).movements[1]
    assert line.reference == "2026-02-alice/E1"
    assert (line.request, line.consultant, line.note) == ("ACME-1", "alice", "Note of alice/E1")
    assert line.amount is None


def test_a_copy_of_a_request_follows_its_own_history() -> None:
    before = make_request(category="product-training")
    assert before.category_on(date(2026, 3, 1)) == "product-training"
    event = make_event("2026-02-10", category="detailed-qa")
    after = before.model_copy(update={"history": (event,)})
    assert after.category_on(date(2026, 3, 1)) == "detailed-qa"
    assert before.category_on(date(2026, 3, 1)) == "product-training"
