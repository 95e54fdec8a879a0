"""What always holds, for random ledgers and on every date."""

import random
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.movements import sum_movements
from ledger.balance.request_summary import summarize_requests
from ledger.balance.statement import select_period, split_by_month
from ledger.balance.summary import Balance, compute_balance, summarize_draw_down
from ledger.models import CustomerRecords, Request
from site_builder.charts import Hours
from tests.ledger.engine.example_budget import explore
from tests.ledger.engine.random_ledgers import RandomLedger, random_ledgers

T = TypeVar("T")


def shuffle_records(records: CustomerRecords, seed: int) -> CustomerRecords:
    """Return the same records in another order; events of one day keep theirs."""
    order = random.Random(seed)

    def shuffle(items: tuple[T, ...]) -> tuple[T, ...]:
        return tuple(order.sample(items, len(items)))

    def shuffle_history(request: Request) -> Request:
        days = shuffle(tuple({event.date for event in request.history}))
        history = [event for day in days for event in request.history if event.date == day]
        return request.model_copy(update={"history": tuple(history)})

    return replace(
        records,
        purchases=shuffle(records.purchases),
        adjustments=shuffle(records.adjustments),
        accounts=shuffle(records.accounts),
        requests={
            name: shuffle_history(request)
            for name, request in shuffle((*records.requests.items(),))
        },
        sheets=tuple(
            sheet._replace(entries=shuffle(sheet.entries)) for sheet in shuffle(records.sheets)
        ),
    )


def leave_out_later_records(records: CustomerRecords, as_of: date) -> CustomerRecords:
    """Return the records without those dated after ``as_of``."""
    return replace(
        records,
        purchases=tuple(item for item in records.purchases if item.date <= as_of),
        adjustments=tuple(item for item in records.adjustments if item.date <= as_of),
        requests={
            name: request.model_copy(
                update={"history": tuple(e for e in request.history if e.date <= as_of)}
            )
            for name, request in records.requests.items()
        },
        sheets=tuple(
            sheet._replace(entries=tuple(item for item in sheet.entries if item.date <= as_of))
            for sheet in records.sheets
        ),
    )


def compute(ledger: RandomLedger, as_of: date) -> tuple[DrawDown, Balance]:
    drawn = draw_down(ledger.records, ledger.terms, as_of)
    return drawn, summarize_draw_down(ledger.records, ledger.terms, drawn)


@explore(40)
@given(random_ledgers())
def test_what_came_in_is_used_refunded_expired_or_left(ledger: RandomLedger) -> None:
    for day in ledger.iterate_days():
        drawn, balance = compute(ledger, day)
        assert balance.purchased_minutes + balance.goodwill_minutes == (
            balance.used_minutes
            + balance.refunded_minutes
            + balance.expired_minutes
            + balance.remaining_minutes
        )
        assert balance.remaining_minutes - balance.overdrawn_minutes == balance.balance_minutes
        assert not (balance.remaining_minutes and balance.overdrawn_minutes)
        for lot in drawn.lots:
            parts = (
                lot.used_minutes,
                lot.refunded_minutes,
                lot.expired_minutes,
                lot.remaining_minutes,
            )
            assert sum(parts) == lot.minutes
            assert min(parts) >= 0
            assert (lot.completed_on is None) == (lot.remaining_minutes > 0)
        assert all(entry.minutes > 0 for entry in drawn.uncovered)


@explore(60)
@given(random_ledgers())
def test_sums_of_every_view_are_those_of_the_balance(ledger: RandomLedger) -> None:
    """Of the statement, of its months, of the list of requests, and of the pictures of hours."""
    for day in ledger.iterate_days():
        drawn, balance = compute(ledger, day)
        statement = select_period(drawn, "acme")
        charged = balance.used_minutes + balance.overdrawn_minutes
        sums = sum_movements(statement.movements)
        assert (sums.purchased_minutes, sums.goodwill_minutes, sums.charged_minutes) == (
            (balance.purchased_minutes, balance.goodwill_minutes, charged)
        )
        assert sums.refunded_minutes == balance.refunded_minutes
        assert sums.expired_minutes == balance.expired_minutes
        assert sums.change_minutes == balance.balance_minutes
        months = [sum_movements(month.movements) for month in split_by_month(statement)]
        assert sum(each.charged_minutes for each in months) == charged
        assert sum(each.expired_minutes for each in months) == balance.expired_minutes
        requests = summarize_requests(ledger.records, ledger.terms, day)
        assert sum(each.charged_minutes for each in requests) == charged
        assert Hours(statement.movements).charged_minutes == charged


@explore(60)
@given(random_ledgers(), st.integers(0, 1000), st.integers(0, 80))
def test_order_of_records_means_nothing(ledger: RandomLedger, seed: int, days: int) -> None:
    as_of = ledger.first + timedelta(days=days)
    shuffled = replace(ledger, records=shuffle_records(ledger.records, seed))
    assert compute(shuffled, as_of) == compute(ledger, as_of)


@explore(40)
@given(random_ledgers())
def test_records_after_the_as_of_date_have_no_influence(ledger: RandomLedger) -> None:
    for day in ledger.iterate_days():
        until_then = leave_out_later_records(ledger.records, day)
        assert compute(replace(ledger, records=until_then), day) == compute(ledger, day)


@explore(60)
@given(random_ledgers(), st.integers(0, 80))
def test_statements_of_adjacent_periods_and_months_chain(ledger: RandomLedger, days: int) -> None:
    drawn = draw_down(ledger.records, ledger.terms, ledger.last)
    middle = min(ledger.first + timedelta(days=days), ledger.last - timedelta(days=1))
    whole = select_period(drawn, "acme")
    first = select_period(drawn, "acme", None, middle)
    second = select_period(drawn, "acme", middle + timedelta(days=1))
    then = compute_balance(ledger.records, ledger.terms, middle)
    assert first.closing_minutes == second.opening_minutes == then.balance_minutes
    assert (whole.opening_minutes, whole.closing_minutes) == (0, drawn.balance_minutes)
    assert first.movements + second.movements == whole.movements
    months, balance = split_by_month(whole), 0
    for month in months:
        assert month.opening_minutes == balance
        balance += sum(line.minutes for line in month.movements)
        assert month.closing_minutes == balance
    assert tuple(line for month in months for line in month.movements) == whole.movements
