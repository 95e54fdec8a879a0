"""Statements: opening and closing balance of a period, and what each movement drew on."""

from datetime import date
from decimal import Decimal

import pytest

from ledger.balance.draw_down import draw_down
from ledger.balance.movements import Draw
from ledger.balance.statement import Statement, select_period, split_by_month
from ledger.errors import LedgerError
from tests.ledger.engine.record_factory import (
    make_entry,
    make_goodwill,
    make_history,
    make_purchase,
    make_records,
    make_refund,
    make_terms,
)

RECORDS = make_records(
    purchases=[make_purchase("P1", "2026-01-10"), make_purchase("P2", "2026-04-20")],
    adjustments=[
        make_goodwill("A1", "2026-04-21", 30),
        make_refund("A2", "2026-06-01", "P2", 15),
    ],
    entries=[
        make_entry("alice/E1", "2026-01-12", 45),
        make_entry("ben/E1", "2026-02-28", 45),
        make_entry("ben/E2", "2026-04-21", 15),
        make_entry("ben/E3", "2026-04-30", -15, corrects="E2"),
    ],
)
"""  2026-01-10  P1      +60   60
     2026-01-12  E1      -45   15
     2026-02-28  ben/E1  -45  -30
     2026-04-20  P2      +60   30
     2026-04-21  A1      +30   60
     2026-04-21  ben/E2  -15   45
     2026-04-30  ben/E3  +15   60
     2026-06-01  A2      -15   45
"""
AS_OF = date(2026, 7, 3)


def state(from_: str | None = None, to: str | None = None, as_of: date = AS_OF) -> Statement:
    return select_period(
        draw_down(RECORDS, make_history(), as_of),
        "acme",
        date.fromisoformat(from_) if from_ else None,
        date.fromisoformat(to) if to else None,
    )


@pytest.mark.parametrize(
    ("rule", "from_", "to", "opening", "references", "closing"),
    [
        ("all of it", None, None, 0, "P1 E1 E1 P2 A1 E2 E3 A2", 45),
        ("from the first movement", "2026-01-10", None, 0, "P1 E1 E1 P2 A1 E2 E3 A2", 45),
        ("before everything", None, "2026-01-09", 0, "", 0),
        ("the first and the last day count", "2026-01-12", "2026-04-20", 60, "E1 E1 P2", 30),
        ("from the day after", "2026-01-13", "2026-04-19", 15, "E1", -30),
        ("one day", "2026-04-21", "2026-04-21", 30, "A1 E2", 45),
        ("a quiet time", "2026-03-01", "2026-03-31", -30, "", -30),
        ("after everything", "2026-06-02", None, 45, "", 45),
        ("the as-of date itself", "2026-07-03", "2026-07-03", 45, "", 45),
    ],
)
def test_period(
    rule: str, from_: str | None, to: str | None, opening: int, references: str, closing: int
) -> None:
    statement = state(from_, to)
    said = (statement.customer, statement.from_, statement.to, statement.as_of)
    first, last = (date.fromisoformat(day) if day else None for day in (from_, to))
    assert said == ("acme", first, last or AS_OF, AS_OF)
    assert statement.opening_minutes == opening
    found = [line.reference.rpartition("/")[2] for line in statement.movements]
    assert found == references.split()
    assert statement.closing_minutes == closing
    assert opening + sum(line.minutes for line in statement.movements) == closing


def test_draws_are_as_allocated_on_the_as_of_date() -> None:
    period = ("2026-02-28", "2026-02-28")
    (before_settlement,) = state(*period, as_of=date(2026, 4, 19)).movements
    (after_settlement,) = state(*period).movements
    assert before_settlement.draws == (Draw("P1/1", 15),)
    assert after_settlement.draws == (Draw("P1/1", 15), Draw("P2/1", 30))
    assert before_settlement.balance_minutes == after_settlement.balance_minutes == -30


def test_movements_say_what_was_paid_and_why() -> None:
    lines = {line.reference: line for line in state().movements}
    assert (lines["P1"].amount, lines["P1"].note) == (Decimal("100.00"), "Price of P1")
    assert (lines["A1"].amount, lines["A1"].note) == (None, "Reason of A1")
    assert (lines["A2"].amount, lines["A2"].note) == (Decimal("25.00"), "Reason of A2")
    assert lines["P1"].worked_minutes is None
    assert [line.kind.value for line in state().movements] == [
        *("purchase", "time", "time", "purchase", "goodwill", "time", "correction", "refund")
    ]


def test_expiry_is_a_movement_of_the_day_after_the_last() -> None:
    terms = make_history(make_terms(valid=1))
    day = date(2026, 2, 11)
    statement = select_period(draw_down(RECORDS, terms, day), "acme", day)
    (line,) = statement.movements
    assert (line.kind.value, line.reference, line.minutes) == ("expiry", "P1/1", -15)
    assert (statement.opening_minutes, statement.closing_minutes) == (15, 0)


def test_period_after_the_as_of_date_is_refused() -> None:
    with pytest.raises(LedgerError) as raised:
        state(to="2026-07-04")
    assert raised.value.message == (
        "the period ends on 2026-07-04, after the as-of date 2026-07-03"
    )
    assert raised.value.hint == (
        "what happens later is not known yet; choose an earlier --to or a later --as-of"
    )


def test_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(LedgerError, match="begins on 2026-02-02, after its end on 2026-02-01"):
        state("2026-02-02", "2026-02-01")
    with pytest.raises(LedgerError, match="begins on 2026-07-04, after its end on 2026-07-03"):
        state("2026-07-04")


# From, to, and of each month the opening and closing balance and how many movements it has.
MONTHS = {
    "quiet months are there too, up to the last": """ - -
        2026-01 0 15 2
        2026-02 15 -30 1
        2026-03 -30 -30 0
        2026-04 -30 60 4
        2026-05 60 60 0
        2026-06 60 45 1
        2026-07 45 45 0""",
    "a period opens with its own balance": """ 2026-02-28 2026-04-20
        2026-02 15 -30 1
        2026-03 -30 -30 0
        2026-04 -30 30 1""",
    "the last day of a month": """ - 2026-01-31
        2026-01 0 15 2""",
    "the first day of a month": """ - 2026-02-01
        2026-01 0 15 2
        2026-02 15 15 0""",
    "no movement, no month": " 2026-05-01 2026-05-31",
}


@pytest.mark.parametrize("rule", MONTHS)
def test_months_of_a_statement(rule: str) -> None:
    (first, last), *expected = (line.split() for line in MONTHS[rule].splitlines())
    months = split_by_month(state(first.strip("-"), last.strip("-")))
    assert [
        [f"{each.first_day:%Y-%m}"]
        + [str(n) for n in (each.opening_minutes, each.closing_minutes, len(each.movements))]
        for each in months
    ] == expected
    assert all(month.first_day.day == 1 for month in months)


def test_last_month_of_the_calendar_is_the_last() -> None:
    records = make_records(purchases=[make_purchase("P1", "9999-11-10")])
    statement = select_period(draw_down(records, make_history(), date.max), "acme")
    months = [month.first_day for month in split_by_month(statement)]
    assert months == [date(9999, 11, 1), date(9999, 12, 1)]
