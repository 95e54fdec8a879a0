"""The engine and the minute-by-minute simulation say the same of every evening of random ledgers.

And the comparison is sharp enough: engines that are wrong in one rule are caught.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from functools import cache

import pytest
from hypothesis import given

from ledger.balance.draw_down import draw_down
from ledger.balance.lots import Lot
from ledger.balance.movements import Movement
from ledger.balance.summary import summarize_draw_down
from ledger.models import CustomerRecords, TermsHistory
from tests.ledger.engine.example_budget import explore, scale
from tests.ledger.engine.naive_simulation import Evening, LotState, NaiveMovement, live_through
from tests.ledger.engine.random_ledgers import (
    RandomLedger,
    make_seeded_ledger,
    random_ledgers,
)
from tests.ledger.engine.wrong_engines import WRONG_ENGINES

SEEDED_LEDGERS = scale(200)
MOST_LEDGERS_UNTIL_CAUGHT = 60


def ask_engine(records: CustomerRecords, terms: TermsHistory, as_of: date) -> Evening:
    """Return what the engine says of the evening of ``as_of``, in the simulation's words."""
    drawn = draw_down(records, terms, as_of)
    balance = summarize_draw_down(records, terms, drawn)
    return Evening(
        day=drawn.as_of,
        lots=tuple(map(_state_of, drawn.lots)),
        movements=tuple(map(_line_of, drawn.movements)),
        uncovered=tuple((item.reference, item.date, item.minutes) for item in drawn.uncovered),
        excesses=tuple(
            (item.reference, item.minutes, item.available_minutes) for item in drawn.excesses
        ),
        portal=(balance.portal.state.value, balance.portal.last_day),
        is_low=balance.low,
        last_activity=balance.last_activity,
    )


def _state_of(lot: Lot) -> LotState:
    return LotState(
        lot.id,
        lot.kind.value,
        lot.purchase,
        lot.date,
        lot.last_day,
        lot.minutes,
        lot.used_minutes,
        lot.refunded_minutes,
        lot.expired_minutes,
        lot.remaining_minutes,
        lot.completed_on,
    )


def _line_of(line: Movement) -> NaiveMovement:
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
        assert as_it_was == {lot.id: lot.completed_on for lot in evening.lots}


@explore(120)
@given(random_ledgers())
def test_engine_and_simulation_agree_on_every_evening(ledger: RandomLedger) -> None:
    compare_every_evening(ledger)


@dataclass(frozen=True)
class LivedLedger:
    """A random ledger, and every evening of it as the simulation saw it."""

    ledger: RandomLedger
    evenings: tuple[Evening, ...]

    def find_difference(self) -> Evening | None:
        """Return the first evening of which the engine says something else."""
        records, terms = self.ledger.records, self.ledger.terms
        for evening in self.evenings:
            if ask_engine(records, terms, evening.day) != evening:
                return evening
        return None


@cache
def live(seed: int) -> LivedLedger:
    """Return the ledger that belongs to a seed, with its evenings."""
    ledger = make_seeded_ledger(seed)
    evenings = live_through(ledger.records, ledger.terms, ledger.first, ledger.last)
    return LivedLedger(ledger, tuple(evenings))


def test_right_engine_is_never_caught() -> None:
    assert [seed for seed in range(SEEDED_LEDGERS) if live(seed).find_difference()] == []


@pytest.mark.parametrize("what_is_wrong", WRONG_ENGINES)
def test_wrong_engine_is_caught(what_is_wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    WRONG_ENGINES[what_is_wrong](monkeypatch)
    assert any(live(seed).find_difference() for seed in range(MOST_LEDGERS_UNTIL_CAUGHT))
