"""The engine and the minute-by-minute simulation agree on every evening of random ledgers."""

from collections import Counter
from datetime import date
from decimal import Decimal
from operator import attrgetter

import pytest
from hypothesis import given

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.movements import Movement
from ledger.balance.summary import summarize_draw_down
from ledger.models import CustomerRecords, TermsHistory
from tests.ledger.engine.example_budget import explore, scale
from tests.ledger.engine.naive_simulation import (
    Evening,
    Money,
    NaiveMovement,
    count_decimals,
    live_through,
    sort_money,
)
from tests.ledger.engine.random_ledgers import (
    RandomLedger,
    make_seeded_ledger,
    random_ledgers,
)

SEEDED_LEDGERS = scale(40)
LOT_STATE = attrgetter(
    *("id", "kind.value", "purchase", "date", "last_day", "minutes", "used_minutes"),
    *("refunded_minutes", "expired_minutes", "remaining_minutes", "completed_on"),
)


def ask_engine(records: CustomerRecords, terms: TermsHistory, as_of: date) -> Evening:
    """Return what the engine says of the evening of ``as_of``, in the simulation's words."""
    drawn = draw_down(records, terms, as_of)
    balance = summarize_draw_down(records, terms, drawn)
    return Evening(
        day=drawn.as_of,
        lots=tuple(map(LOT_STATE, drawn.lots)),
        movements=tuple(_line_of(line, drawn.currency) for line in drawn.movements),
        uncovered=tuple((item.reference, item.date, item.minutes) for item in drawn.uncovered),
        excesses=tuple(
            (item.reference, item.minutes, item.available_minutes) for item in drawn.excesses
        ),
        portal=(balance.portal.state.value, balance.portal.last_day),
        is_low=balance.low,
        last_activity=balance.last_activity,
        money=_sum_money(drawn),
    )


def _count_units(value: Decimal, currency: str) -> int:
    units = value.scaleb(count_decimals(currency))
    assert units == units.to_integral_value()
    return int(units)


def _sum_money(drawn: DrawDown) -> Money:
    sums: Counter[tuple[date, str, str]] = Counter()
    for each in drawn.consumptions:
        if each.purchase is not None:
            value = _count_units(each.value, drawn.currency)
            sums[each.date, each.use.value, each.purchase] += value
    return sort_money(sums)


def _line_of(line: Movement, currency: str) -> NaiveMovement:
    draws = Counter({draw.lot: draw.minutes for draw in line.draws})
    return NaiveMovement(
        line.date,
        line.kind.value,
        line.reference,
        line.minutes,
        line.balance_minutes,
        line.category,
        line.worked_minutes,
        draws,
        _count_units(line.value or Decimal(0), currency),
    )


def compare_every_evening(ledger: RandomLedger) -> None:
    """Assert that engine and simulation agree on every evening, and on every evening seen later."""
    evenings = list(live_through(ledger.records, ledger.terms, ledger.first, ledger.last))
    for evening in evenings:
        assert ask_engine(ledger.records, ledger.terms, evening.day) == evening
    at_the_end = draw_down(ledger.records, ledger.terms, ledger.last)
    for evening in evenings:
        as_it_was = {
            lot.id: lot.find_completion(evening.day)
            for lot in at_the_end.lots
            if lot.date <= evening.day
        }
        assert as_it_was == {lot[0]: lot[-1] for lot in evening.lots}


@explore(120)
@given(random_ledgers())
def test_engine_and_simulation_agree_on_every_evening(ledger: RandomLedger) -> None:
    compare_every_evening(ledger)


@pytest.mark.parametrize("seed", range(SEEDED_LEDGERS))
def test_engine_and_simulation_agree_on_seeded_ledgers(seed: int) -> None:
    compare_every_evening(make_seeded_ledger(seed))
