"""How long a portal lasts: worked examples as tables, one row an as-of date."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from ledger.balance.lots import Lot
from ledger.balance.portal_life import Portal, PortalState, find_portal
from ledger.models import TermsHistory
from tests.ledger.engine.record_factory import make_customer, make_history, make_terms

Service = dict[str, str | None]
TWO_MONTHS = make_history(make_terms(retention=2))


def make_lot(lot_id: str, day: str, *changes: str) -> Lot:
    """Return a lot; ``changes`` are the days of its completion, reopening, completion, …"""
    completions = [
        (date.fromisoformat(change), number % 2 == 0) for number, change in enumerate(changes)
    ]
    is_completed = len(completions) % 2 == 1
    purchase, _, card = lot_id.partition("/")
    return Lot(
        id=lot_id,
        purchase=purchase if card else None,
        date=date.fromisoformat(day),
        last_day=None,
        minutes=60,
        remaining_minutes=0 if is_completed else 60,
        completions=completions,
    )


@dataclass(frozen=True)
class Life:
    """Lots and services, and the portal on some evenings."""

    rule: str
    lots: tuple[Lot, ...]
    services: tuple[Service, ...]
    evenings: dict[str, str]
    terms: TermsHistory = TWO_MONTHS

    def __str__(self) -> str:
        return self.rule


def service(completed: str | None, started: str | None = None) -> Service:
    return {"name": "Rollout", "started": started, "completed": completed}


def show(portal: Portal) -> str:
    return portal.state.value + (f" {portal.last_day}" if portal.last_day else "")


LIVES = [
    Life(
        "nothing makes no portal",
        (),
        (),
        {"2026-01-01": "none"},
    ),
    Life(
        "goodwill alone makes no portal, neither left nor used up",
        (make_lot("A1", "2026-01-10", "2026-01-20"),),
        (),
        {"2026-01-10": "none", "2026-01-20": "none"},
    ),
    Life(
        "open from the purchase until the last card is completed, then two months",
        (
            make_lot("P1/1", "2026-01-10", "2026-02-05"),
            make_lot("P1/2", "2026-01-10", "2026-03-05"),
        ),
        (),
        {
            "2026-01-09": "none",
            "2026-01-10": "open",
            "2026-02-05": "open",
            "2026-03-04": "open",
            "2026-03-05": "closing 2026-05-05",
            "2026-05-05": "closing 2026-05-05",
            "2026-05-06": "closed 2026-05-05",
        },
    ),
    Life(
        "the latest completion counts, not that of the latest card",
        (
            make_lot("P1/1", "2026-01-10", "2026-03-05"),
            make_lot("P2/1", "2026-01-20", "2026-02-05"),
        ),
        (),
        {"2026-03-05": "closing 2026-05-05"},
    ),
    Life(
        "goodwill that is left keeps a portal open, as a card does",
        (make_lot("P1/1", "2026-01-10", "2026-02-05"), make_lot("A1", "2026-01-10", "2026-02-20")),
        (),
        {"2026-02-19": "open", "2026-02-20": "closing 2026-04-20"},
    ),
    Life(
        "a correction that opens a card again opens the portal again",
        (make_lot("P1/1", "2026-01-10", "2026-02-05", "2026-02-10", "2026-03-01"),),
        (),
        {
            "2026-02-09": "closing 2026-04-05",
            "2026-02-10": "open",
            "2026-02-28": "open",
            "2026-03-01": "closing 2026-05-01",
        },
    ),
    Life(
        "a new purchase opens a closed portal again",
        (make_lot("P1/1", "2026-01-10", "2026-02-05"), make_lot("P2/1", "2026-06-01")),
        (),
        {"2026-05-31": "closed 2026-04-05", "2026-06-01": "open"},
    ),
    Life(
        "a service makes a portal without any purchase",
        (),
        (service("2026-03-31"),),
        {
            "2026-01-01": "open",
            "2026-03-30": "open",
            "2026-03-31": "closing 2026-05-31",
            "2026-06-01": "closed 2026-05-31",
        },
    ),
    Life(
        "a running service keeps the portal open",
        (make_lot("P1/1", "2026-01-10", "2026-02-05"),),
        (service(None),),
        {"2026-02-05": "open", "2030-01-01": "open"},
    ),
    Life(
        "a service that has not started yet is not there",
        (make_lot("P1/1", "2026-01-10", "2026-02-05"),),
        (service("2026-05-20", started="2026-04-10"),),
        {
            "2026-01-09": "none",
            "2026-02-05": "closing 2026-04-05",
            "2026-04-09": "closed 2026-04-05",
            "2026-04-10": "open",
            "2026-05-20": "closing 2026-07-20",
        },
    ),
    Life(
        "the later of cards and services counts",
        (make_lot("P1/1", "2026-01-10", "2026-02-05"),),
        (service("2026-01-31"), service("2026-02-10")),
        {
            "2026-02-04": "open",
            "2026-02-05": "open",
            "2026-02-10": "closing 2026-04-10",
        },
    ),
    Life(
        "goodwill together with a service that is over",
        (make_lot("A1", "2026-01-10"),),
        (service("2026-01-05"),),
        {"2026-01-09": "closing 2026-03-05", "2026-01-10": "open"},
    ),
    Life(
        "months end with the month: the day after 31 December plus two is 1 March",
        (make_lot("P1/1", "2025-01-10", "2025-12-31"),),
        (),
        {"2026-02-28": "closing 2026-02-28", "2026-03-01": "closed 2026-02-28"},
    ),
    Life(
        "29 February and twelve months are 28 February",
        (make_lot("P1/1", "2024-01-10", "2024-02-29"),),
        (),
        {"2025-02-28": "closing 2025-02-28", "2025-03-01": "closed 2025-02-28"},
        make_history(make_terms(retention=12)),
    ),
    Life(
        "the terms in force on the day of completion count, not those of today",
        (make_lot("P1/1", "2026-01-10", "2026-02-28"),),
        (),
        {"2026-03-01": "closing 2026-04-28", "2026-04-29": "closed 2026-04-28"},
        make_history(make_terms(retention=2), make_terms("2026-03-01", retention=12)),
    ),
    Life(
        "on the first day of new terms these count",
        (make_lot("P1/1", "2026-01-10", "2026-03-01"),),
        (),
        {"2026-03-01": "closing 2027-03-01"},
        make_history(make_terms(retention=2), make_terms("2026-03-01", retention=12)),
    ),
    Life(
        "before the first terms these count already",
        (),
        (service("2026-01-31"),),
        {"2026-02-01": "closing 2026-03-31"},
        make_history(make_terms("2026-06-01", retention=2)),
    ),
    Life(
        "without any terms a portal has no end",
        (),
        (service("2026-01-31"),),
        {"2026-02-01": "open"},
        TermsHistory(),
    ),
    Life(
        "no months at all: the day of completion is the last",
        (make_lot("P1/1", "2026-01-10", "2026-02-05"),),
        (),
        {"2026-02-05": "closing 2026-02-05", "2026-02-06": "closed 2026-02-05"},
        make_history(make_terms(retention=0)),
    ),
]


@pytest.mark.parametrize("life", LIVES, ids=str)
def test_portal_on_the_evening_of_a_day(life: Life) -> None:
    customer = make_customer(life.services)
    shown = {
        day: show(find_portal(customer, life.lots, life.terms, date.fromisoformat(day)))
        for day in life.evenings
    }
    assert shown == life.evenings


IN_THE_COURSE_OF_A_DAY = [
    Life(
        "what comes in on a day is there, what is used up on it is not yet",
        (make_lot("P1/1", "2026-01-10", "2026-02-05"),),
        (),
        {
            "2026-01-09": "none",
            "2026-01-10": "open",
            "2026-02-05": "open",
            "2026-02-06": "closing 2026-04-05",
            "2026-04-06": "closed 2026-04-05",
        },
    ),
    Life(
        "a card opened again by a correction is open from the next day",
        (make_lot("P1/1", "2026-01-10", "2026-02-05", "2026-02-10", "2026-02-12"),),
        (),
        {
            "2026-02-10": "closing 2026-04-05",
            "2026-02-11": "open",
            "2026-02-12": "open",
            "2026-02-13": "closing 2026-04-12",
        },
    ),
    Life(
        "a card bought and used up on one day",
        (make_lot("P1/1", "2026-01-10", "2026-01-10"),),
        (),
        {"2026-01-10": "open", "2026-01-11": "closing 2026-03-10"},
    ),
]


@pytest.mark.parametrize("life", IN_THE_COURSE_OF_A_DAY, ids=str)
def test_portal_in_the_course_of_a_day(life: Life) -> None:
    customer = make_customer(life.services)
    days = map(date.fromisoformat, life.evenings)
    shown = {
        str(day): show(find_portal(customer, life.lots, life.terms, day, during_day=True))
        for day in days
    }
    assert shown == life.evenings


def test_states_are_named_as_programs_read_them() -> None:
    assert [state.value for state in PortalState] == ["open", "closing", "closed", "none"]
