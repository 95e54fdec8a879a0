"""How long a portal lasts: worked examples as tables.

An example has a rule, lots (each with its day and the days of its completion, reopening,
completion, …), services (from and to), and the portal on some days. The terms keep a portal for
two months, if none are there.
"""

import re
from datetime import date

import pytest

from ledger.balance.lots import Lot
from ledger.balance.portal_life import find_portal
from ledger.models import Terms, TermsHistory
from tests.ledger.engine.record_factory import make_customer, make_terms


def split(text: str) -> dict[str, str]:
    """Return the examples, by their rules."""
    return dict(each.split("\n", 1) for each in re.split("(?m)^# ", text)[1:])


EVENINGS = split("""
# nothing makes no portal
2026-01-01 none

# goodwill alone makes no portal, neither left nor used up
lot A1 2026-01-10 2026-01-20
2026-01-10 none; 2026-01-20 none

# open from the purchase until the last card is completed, then two months
lot P1/1 2026-01-10 2026-02-05
lot P1/2 2026-01-10 2026-03-05
2026-01-09 none; 2026-01-10 open; 2026-02-05 open; 2026-03-04 open; 2026-03-05 closing 2026-05-05;
2026-05-05 closing 2026-05-05; 2026-05-06 closed 2026-05-05

# the latest completion counts, not that of the latest card
lot P1/1 2026-01-10 2026-03-05
lot P2/1 2026-01-20 2026-02-05
2026-03-05 closing 2026-05-05

# goodwill that is left keeps a portal open, as a card does
lot P1/1 2026-01-10 2026-02-05
lot A1 2026-01-10 2026-02-20
2026-02-19 open; 2026-02-20 closing 2026-04-20

# a correction that opens a card again opens the portal again
lot P1/1 2026-01-10 2026-02-05 2026-02-10 2026-03-01
2026-02-09 closing 2026-04-05; 2026-02-10 open; 2026-02-28 open; 2026-03-01 closing 2026-05-01

# a new purchase opens a closed portal again
lot P1/1 2026-01-10 2026-02-05
lot P2/1 2026-06-01
2026-05-31 closed 2026-04-05; 2026-06-01 open

# a service makes a portal without any purchase
service ... to 2026-03-31
2026-01-01 open; 2026-03-30 open; 2026-03-31 closing 2026-05-31; 2026-06-01 closed 2026-05-31

# a running service keeps the portal open
lot P1/1 2026-01-10 2026-02-05
service ... to ...
2026-02-05 open; 2030-01-01 open

# a service that has not started yet is not there
lot P1/1 2026-01-10 2026-02-05
service 2026-04-10 to 2026-05-20
2026-01-09 none; 2026-02-05 closing 2026-04-05; 2026-04-09 closed 2026-04-05; 2026-04-10 open;
2026-05-20 closing 2026-07-20

# the later of cards and services counts
lot P1/1 2026-01-10 2026-02-05
service ... to 2026-01-31
service ... to 2026-02-10
2026-02-04 open; 2026-02-05 open; 2026-02-10 closing 2026-04-10

# goodwill together with a service that is over
lot A1 2026-01-10
service ... to 2026-01-05
2026-01-09 closing 2026-03-05; 2026-01-10 open

# months end with the month: the day after 31 December plus two is 1 March
lot P1/1 2025-01-10 2025-12-31
2026-02-28 closing 2026-02-28; 2026-03-01 closed 2026-02-28

# 29 February and twelve months are 28 February
terms 2000-01-01 12
lot P1/1 2024-01-10 2024-02-29
2025-02-28 closing 2025-02-28; 2025-03-01 closed 2025-02-28

# the terms in force on the day of completion count, not those of today
terms 2000-01-01 2
terms 2026-03-01 12
lot P1/1 2026-01-10 2026-02-28
2026-03-01 closing 2026-04-28; 2026-04-29 closed 2026-04-28

# on the first day of new terms these count
terms 2000-01-01 2
terms 2026-03-01 12
lot P1/1 2026-01-10 2026-03-01
2026-03-01 closing 2027-03-01

# before the first terms these count already
terms 2026-06-01 2
service ... to 2026-01-31
2026-02-01 closing 2026-03-31

# without any terms a portal has no end
no terms
service ... to 2026-01-31
2026-02-01 open

# no months at all: the day of completion is the last
terms 2000-01-01 0
lot P1/1 2026-01-10 2026-02-05
2026-02-05 closing 2026-02-05; 2026-02-06 closed 2026-02-05
""")

IN_THE_COURSE_OF_A_DAY = split("""
# what comes in on a day is there, what is used up on it is not yet
lot P1/1 2026-01-10 2026-02-05
2026-01-09 none; 2026-01-10 open; 2026-02-05 open; 2026-02-06 closing 2026-04-05;
2026-04-06 closed 2026-04-05

# a card opened again by a correction is open from the next day
lot P1/1 2026-01-10 2026-02-05 2026-02-10 2026-02-12
2026-02-10 closing 2026-04-05; 2026-02-11 open; 2026-02-12 open; 2026-02-13 closing 2026-04-12

# a card bought and used up on one day
lot P1/1 2026-01-10 2026-01-10
2026-01-10 open; 2026-01-11 closing 2026-03-10
""")


def make_lot(lot_id: str, day: str, *changes: str) -> Lot:
    days = [date.fromisoformat(change) for change in changes]
    purchase, _, card = lot_id.partition("/")
    return Lot(
        id=lot_id,
        purchase=purchase if card else None,
        date=date.fromisoformat(day),
        last_day=None,
        minutes=60,
        remaining_minutes=0 if len(days) % 2 else 60,
        completions=[(each, number % 2 == 0) for number, each in enumerate(days)],
    )


def check(life: str, *, during_day: bool) -> None:
    """Assert that the portal is as the example says."""
    terms = [make_terms(retention=2)]
    own: list[Terms] = []
    lots, services, expected = [], list[dict[str, str | None]](), dict[str, str]()
    for line in life.splitlines():
        match line.split():
            case ["no", "terms"]:
                terms = []
            case ["terms", day, months]:
                own.append(make_terms(day, retention=int(months)))
            case ["lot", *words]:
                lots.append(make_lot(*words))
            case ["service", started, "to", completed]:
                days = {"started": started, "completed": completed}
                named = {name: day if day != "..." else None for name, day in days.items()}
                services.append({"name": "Rollout", **named})
            case _:
                expected |= {each[:10]: each[11:] for each in line.rstrip(";").split("; ") if each}
    history, customer = TermsHistory(own or terms), make_customer(services)

    def show(day: str) -> str:
        there = date.fromisoformat(day)
        portal = find_portal(customer, lots, history, there, during_day=during_day)
        return portal.state.value + (f" {portal.last_day}" if portal.last_day else "")

    assert {day: show(day) for day in expected} == expected


@pytest.mark.parametrize("rule", EVENINGS)
def test_portal_on_the_evening_of_a_day(rule: str) -> None:
    check(EVENINGS[rule], during_day=False)


@pytest.mark.parametrize("rule", IN_THE_COURSE_OF_A_DAY)
def test_portal_in_the_course_of_a_day(rule: str) -> None:
    check(IN_THE_COURSE_OF_A_DAY[rule], during_day=True)
