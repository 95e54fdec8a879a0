"""What a time entry is charged as: its own category, else its request's on its day."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Case:
    """An entry of a day, the request as it was raised, its events, and what comes out."""

    rule: str
    day: str
    own: str | None
    raised: tuple[str, str | None]
    events: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    expected: str = ""

    def __str__(self) -> str:
        return self.rule


RAISED_AS_TRAINING = ("punchcard", "product-training")
RAISED_IN_SUPPORT = ("support", None)
TO_SUPPORT = ("2026-02-10", "support", None)
BACK_AS_QA = ("2026-02-20", "punchcard", "detailed-qa")

# fmt: off
CASES = [
    Case("the request's category",
         "2026-02-01", None, RAISED_AS_TRAINING, [], "product-training"),
    Case("the entry's own category comes first",
         "2026-02-01", "onboarding", RAISED_AS_TRAINING, [], "onboarding"),
    Case("an entry may be technical support by itself",
         "2026-02-01", SUPPORT, RAISED_AS_TRAINING, [], SUPPORT),
    Case("support while the request is in support",
         "2026-02-01", None, RAISED_IN_SUPPORT, [], SUPPORT),
    Case("support although the request has a category for later",
         "2026-02-01", None, ("support", "product-training"), [], SUPPORT),
    Case("system access is charged even in support",
         "2026-02-01", "system-access", RAISED_IN_SUPPORT, [], "system-access"),
    Case("charged until the day before a move to support",
         "2026-02-09", None, RAISED_AS_TRAINING, [TO_SUPPORT], "product-training"),
    Case("the day of a move belongs to the new channel: support",
         "2026-02-10", None, RAISED_AS_TRAINING, [TO_SUPPORT], SUPPORT),
    Case("support after a move to support",
         "2026-02-11", None, RAISED_AS_TRAINING, [TO_SUPPORT], SUPPORT),
    Case("support until the day before the move back",
         "2026-02-19", None, RAISED_AS_TRAINING, [TO_SUPPORT, BACK_AS_QA], SUPPORT),
    Case("the day of a move belongs to the new channel: punchcard",
         "2026-02-20", None, RAISED_AS_TRAINING, [TO_SUPPORT, BACK_AS_QA], "detailed-qa"),
    Case("a move without a category keeps the request's",
         "2026-02-20", None, ("support", "onboarding"), [("2026-02-20", "punchcard", None)],
         "onboarding"),
    Case("a move from support brings the category",
         "2026-02-20", None, RAISED_IN_SUPPORT, [BACK_AS_QA], "detailed-qa"),
    Case("of several moves on a day the last wins: punchcard",
         "2026-02-10", None, RAISED_AS_TRAINING, [TO_SUPPORT, ("2026-02-10", "punchcard", None)],
         "product-training"),
    Case("of several moves on a day the last wins: support",
         "2026-02-10", None, RAISED_IN_SUPPORT, [("2026-02-10", "punchcard", "detailed-qa"),
         TO_SUPPORT], SUPPORT),
    Case("events count by their dates, wherever they stand",
         "2026-02-15", None, RAISED_AS_TRAINING, [BACK_AS_QA, TO_SUPPORT], SUPPORT),
    Case("an event may change the category without a move",
         "2026-02-12", None, RAISED_AS_TRAINING, [("2026-02-12", None, "detailed-qa")],
         "detailed-qa"),
    Case("until then the category is the old one",
         "2026-02-11", None, RAISED_AS_TRAINING, [("2026-02-12", None, "detailed-qa")],
         "product-training"),
]
# fmt: on


def log_an_hour(day: str, own: str | None, requests: dict[str, Request]) -> Movement:
    """Return the line of an entry of 60 minutes on a card of 60 minutes."""
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10")],
        requests=requests,
        entries=[make_entry("alice/E1", day, 60, category=own)],
    )
    return draw_down(records, make_history(), date(2026, 12, 31)).movements[1]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_category_of_an_entry(case: Case) -> None:
    channel, category = case.raised
    events = [
        make_event(day, moved_to=moved_to, category=moved_as)
        for day, moved_to, moved_as in case.events
    ]
    request = make_request(channel=channel, category=category, history=events)
    line = log_an_hour(case.day, case.own, {"ACME-1": request})
    assert line.category == case.expected
    assert line.minutes == (0 if case.expected == SUPPORT else -60)
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
