"""Deferred revenue: the identity of every period, and the same figures as single minutes give."""

from collections import Counter
from dataclasses import astuple, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.movements import MovementKind
from ledger.balance.revenue import (
    AMOUNTS,
    Grouping,
    RevenueLine,
    RevenueReport,
    compare_lines,
    sum_lines,
)
from ledger.balance.summary import summarize_draw_down
from ledger.models import CustomerRecords
from ledger.money import count_digits, round_share, share_amount
from tests.ledger.engine.example_budget import explore
from tests.ledger.engine.naive_simulation import count_decimals, live_through
from tests.ledger.engine.random_ledgers import RandomLedger, make_seeded_ledger, random_ledgers
from tests.ledger.engine.record_factory import (
    make_customer,
    make_entry,
    make_history,
    make_purchase,
    make_records,
    make_refund,
    make_terms,
)

NOTHING = Decimal(0)


def report(
    records: CustomerRecords, drawn: DrawDown, grouping: Grouping, *period: date | None
) -> list[RevenueLine]:
    first, last = period or (None, drawn.as_of)
    assert last is not None
    made = RevenueReport(first, last, grouping)
    made.add(records, drawn)
    return list(made.list_lines())


def assert_adds_up(line: RevenueLine) -> None:
    came_in = line.opening_deferred + line.billed
    assert came_in == line.recognised + line.breakage + line.value_refunded + line.closing_deferred


@explore(80)
@given(random_ledgers())
def test_every_period_adds_up_and_goes_on_where_the_one_before_ended(ledger: RandomLedger) -> None:
    drawn = draw_down(ledger.records, ledger.terms, ledger.last)
    months = report(ledger.records, drawn, Grouping.MONTH)
    for line in months:
        assert_adds_up(line)
    assert all(one.closing_deferred == next_.opening_deferred for one, next_ in pairwise(months))
    balance = summarize_draw_down(ledger.records, ledger.terms, drawn)
    if not months:  # All that was sold was free.
        assert not any(each.amount for each in ledger.records.purchases)
        assert not balance.value_remaining
        return
    (total,) = sum_lines(months)
    assert_adds_up(total)
    assert total.closing_deferred == balance.value_remaining
    for grouping in (Grouping.CUSTOMER, Grouping.PURCHASE):
        lines = report(ledger.records, drawn, grouping)
        sums = [(line.currency, line.closing_deferred) for line in sum_lines(lines)]
        has_money = total.billed or total.refund_amount
        assert sums == ([(total.currency, total.closing_deferred)] if has_money else [])


@explore(40)
@given(random_ledgers())
def test_what_is_known_later_changes_no_earlier_period(ledger: RandomLedger) -> None:
    middle = ledger.first + (ledger.last - ledger.first) / 2
    then = draw_down(ledger.records, ledger.terms, middle)
    later = draw_down(ledger.records, ledger.terms, ledger.last)
    known_later = report(ledger.records, later, Grouping.PURCHASE, None, middle)
    assert report(ledger.records, then, Grouping.PURCHASE) == known_later


@explore(60)
@given(random_ledgers())
def test_values_of_movements_add_up_to_what_left_the_cards(ledger: RandomLedger) -> None:
    drawn = draw_down(ledger.records, ledger.terms, ledger.last)
    (total,) = sum_lines(report(ledger.records, drawn, Grouping.MONTH))
    sums = dict.fromkeys(MovementKind, NOTHING)
    for movement in drawn.movements:
        assert (movement.value is None) == (movement.kind is MovementKind.PURCHASE)
        sums[movement.kind] += movement.value or NOTHING
    assert sums[MovementKind.TIME] + sums[MovementKind.CORRECTION] == total.recognised
    assert sums[MovementKind.REFUND] == total.value_refunded
    for lot in drawn.lots:
        own = [each.value for each in drawn.consumptions if each.lot == lot.id]
        assert sum(own, NOTHING) + lot.value_remaining == lot.amount
        if not lot.remaining_minutes:
            assert lot.value_remaining == NOTHING


@pytest.mark.parametrize("seed", range(200))
def test_months_agree_with_single_minutes(seed: int) -> None:
    ledger = make_seeded_ledger(seed)
    *_evenings, last = live_through(ledger.records, ledger.terms, ledger.first, ledger.last)
    drawn = draw_down(ledger.records, ledger.terms, ledger.last)
    expected: Counter[tuple[str, str]] = Counter()
    for (day, fate, _purchase), units in last.money:
        expected[f"{day:%Y-%m}", fate] += units
    scale = count_decimals(drawn.currency)
    names = {"used": "recognised", "expired": "breakage", "refunded": "value_refunded"}
    for line in report(ledger.records, drawn, Grouping.MONTH):
        for fate, name in names.items():
            units = getattr(line, name).scaleb(scale)
            assert units == expected[str(line.period), fate]


@pytest.mark.parametrize("grouping", Grouping)
def test_without_money_there_is_no_line(grouping: Grouping) -> None:
    records = make_records()
    assert report(records, draw_down(records, make_history(), date(2026, 3, 1)), grouping) == []


def test_overdrawn_minutes_are_recognised_on_the_day_a_card_covers_them() -> None:
    records = make_records(
        customer=make_customer(),
        purchases=[make_purchase("P1", "2026-02-10")],
        entries=[make_entry("alice/1", date(2026, 1, 20), 30)],
    )
    drawn = draw_down(records, make_history(), date(2026, 3, 1))
    (movement,) = (line for line in drawn.movements if line.worked_minutes)
    assert movement.value == Decimal("50.00")
    (february, _march) = report(records, drawn, Grouping.MONTH)
    assert (february.period, february.recognised) == ("2026-02", Decimal("50.00"))


def test_expired_minutes_that_come_back_are_breakage_at_once() -> None:
    records = make_records(
        customer=make_customer(),
        purchases=[make_purchase("P1", "2026-01-31")],
        entries=[
            make_entry("alice/1", date(2026, 2, 28), 60),
            make_entry("alice/2", date(2026, 3, 1), -30, corrects="2026-02-alice/1"),
        ],
    )
    drawn = draw_down(records, make_history(make_terms(valid=1)), date(2026, 3, 2))
    assert [line.value for line in drawn.movements] == [None, Decimal(100), Decimal(-50)]
    march = report(records, drawn, Grouping.MONTH)[-1]
    assert (march.recognised, march.breakage) == (Decimal(-50), Decimal(50))
    assert march.closing_deferred == NOTHING


def test_a_refund_leaves_with_its_value_and_its_own_amount_is_told_beside() -> None:
    records = make_records(
        customer=make_customer(),
        purchases=[make_purchase("P1", "2026-01-01")],
        adjustments=[make_refund("A1", "2026-01-05", "P1", 30)],
    )
    drawn = draw_down(records, make_history(), date(2026, 1, 31))
    (line,) = report(records, drawn, Grouping.CUSTOMER)
    assert (line.value_refunded, line.refund_amount) == (Decimal(50), Decimal("25.00"))
    assert line.closing_deferred == Decimal(50)


def test_late_entries_are_differences_of_closed_periods() -> None:
    purchases = [make_purchase("P1", "2026-01-01")]
    early = make_records(customer=make_customer(), purchases=purchases, entries=[])
    entry = make_entry("alice/1", date(2026, 1, 20), 15)
    late = make_records(customer=make_customer(), purchases=purchases, entries=[entry])
    day = date(2026, 1, 31)
    sides = [
        report(records, draw_down(records, make_history(), day), Grouping.MONTH)
        for records in (early, late)
    ]
    (changed,) = compare_lines(*sides)
    assert (changed.period, changed.recognised) == ("2026-01", Decimal(25))
    assert changed.closing_deferred == Decimal(-25)
    assert compare_lines(sides[0], sides[0]) == []


def test_months_before_the_first_day_are_the_opening() -> None:
    records = make_records(
        customer=make_customer(),
        purchases=[make_purchase("P1", "2026-01-01")],
        entries=[make_entry("alice/1", date(2026, 2, 20), 15)],
    )
    drawn = draw_down(records, make_history(), date(2026, 3, 31))
    months = report(records, drawn, Grouping.MONTH, date(2026, 2, 1), date(2026, 3, 31))
    assert [line.period for line in months] == ["2026-02", "2026-03"]
    assert [line.opening_deferred for line in months] == [Decimal(100), Decimal(75)]
    assert set(AMOUNTS) < {*RevenueLine.__dataclass_fields__}


def test_a_year_that_was_typed_wrongly_comes_first() -> None:
    purchases = [make_purchase("P1", "0206-05-04"), make_purchase("P2", "2026-05-04")]
    records = make_records(customer=make_customer(), purchases=purchases)
    drawn = draw_down(records, make_history(), date(2026, 5, 31))
    months = report(records, drawn, Grouping.MONTH)
    assert [months[0].period, months[-1].period] == ["0206-05", "2026-05"]
    assert [months[0].billed, months[-1].closing_deferred] == [Decimal(100), Decimal(200)]


# Currency, period, customer and purchase; opening, billed, recognised, breakage, value refunded,
# paid back, closing: of three customers, from the beginning (to April) and from March on.
LINES = {
    (Grouping.MONTH, None): """
        EUR 2026-02 - - 0 100 100 0 0 0 0
        EUR 2026-03 - - 0 0 0 0 0 0 0
        EUR 2026-04 - - 0 0 0 0 0 0 0
        USD 2026-01 - - 0 200 100 0 0 0 100
        USD 2026-02 - - 100 100 0 0 0 0 200
        USD 2026-03 - - 200 0 25 0 50 25 125
        USD 2026-04 - - 125 0 0 0 0 0 125
        EUR - - - 0 100 100 0 0 0 0
        USD - - - 0 300 125 0 50 25 125
    """,
    (Grouping.MONTH, date(2026, 3, 1)): """
        EUR 2026-03 - - 0 0 0 0 0 0 0
        EUR 2026-04 - - 0 0 0 0 0 0 0
        USD 2026-03 - - 200 0 25 0 50 25 125
        USD 2026-04 - - 125 0 0 0 0 0 125
        EUR - - - 0 0 0 0 0 0 0
        USD - - - 200 0 25 0 50 25 125
    """,
    (Grouping.CUSTOMER, None): """
        EUR - zeta - 0 100 100 0 0 0 0
        USD - acme - 0 200 125 0 0 0 75
        USD - beta - 0 100 0 0 50 25 50
        EUR - - - 0 100 100 0 0 0 0
        USD - - - 0 300 125 0 50 25 125
    """,
    (Grouping.PURCHASE, date(2026, 3, 1)): """
        USD - acme P1 100 0 25 0 0 0 75
        USD - beta P2 100 0 0 0 50 25 50
        USD - - - 200 0 25 0 50 25 125
    """,
}


@pytest.mark.parametrize(("grouping", "first"), LINES)
def test_reports_of_customers_are_merged(grouping: Grouping, first: date | None) -> None:
    used = [make_entry("alice/1", "2026-01-12", 60), make_entry("alice/2", "2026-03-02", 15)]
    acme = make_records(purchases=[make_purchase("P1", "2026-01-10", 2)], entries=used)
    beta = make_records(
        purchases=[make_purchase("P2", "2026-02-05")],
        adjustments=[make_refund("A1", "2026-03-05", "P2", 30)],
    )
    zeta = make_records(
        customer=make_customer(currency="EUR"),
        purchases=[make_purchase("P1", "2026-02-01")],
        entries=[make_entry("alice/3", "2026-02-03", 60)],
    )
    period = (first, date(2026, 4, 30))
    made = RevenueReport(*period, grouping)
    for slug, records in (("beta", beta), ("zeta", zeta), ("acme", acme)):
        own = RevenueReport(*period, grouping)
        known = replace(records, slug=slug)
        own.add(known, draw_down(known, make_history(), period[1]))
        made.merge(own)
    lines = list(made.list_lines())
    shown = [
        [f"{x:.0f}" if isinstance(x, Decimal) else x or "-" for x in astuple(line)]
        for line in (*lines, *sum_lines(lines))
    ]
    assert shown == [row.split() for row in LINES[grouping, first].strip().splitlines()]


@pytest.mark.parametrize("grouping", Grouping)
def test_a_period_may_begin_within_a_month(grouping: Grouping) -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-02-05")],
        entries=[
            make_entry("alice/1", date(2026, 2, 9), 15),
            make_entry("alice/2", date(2026, 2, 10), 30),
        ],
    )
    drawn = draw_down(records, make_history(), date(2026, 3, 31))
    line, *later = report(records, drawn, grouping, date(2026, 2, 10), date(2026, 3, 31))
    assert (line.opening_deferred, line.billed) == (Decimal(75), Decimal(0))
    assert (line.recognised, line.closing_deferred) == (Decimal(50), Decimal(25))
    assert [each.period for each in later] == ["2026-03"] * (grouping is Grouping.MONTH)


@pytest.mark.parametrize(
    ("currency", "digits"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("KWD", 3), ("CLF", 4)]
)
def test_currencies_have_their_own_digits(currency: str, digits: int) -> None:
    assert count_digits(currency) == digits


def test_shares_are_rounded_cumulatively_and_half_even() -> None:
    shares = share_amount(Decimal("100.00"), 3, 2)
    assert shares == [Decimal("33.33"), Decimal("33.34"), Decimal("33.33")]
    assert round_share(Decimal("0.05"), 1, 2, 2) == Decimal("0.02")
    assert round_share(Decimal("0.15"), 1, 2, 2) == Decimal("0.08")
    assert sum(share_amount(Decimal(7), 4, 0)) == 7


def test_period_ends_count_the_whole_day() -> None:
    day = date(2026, 1, 31)
    records = make_records(
        customer=make_customer(),
        purchases=[make_purchase("P1", "2026-01-01")],
        entries=[make_entry("alice/1", day, 15), make_entry("alice/2", date(2026, 2, 1), 30)],
    )
    drawn = draw_down(records, make_history(), day + timedelta(days=9))
    (line,) = report(records, drawn, Grouping.PURCHASE, None, day)
    assert line.recognised == Decimal(25)
