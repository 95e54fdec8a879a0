"""Engines that are wrong in one rule, made by changing one part of the right one.

They show that the comparison with the simulation is sharp: each must be caught.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta

import pytest

from ledger.balance import draw_down
from ledger.balance.draw_down import _Allocation, _Book, _Event, _Phase
from ledger.balance.lots import Lot, open_lots
from ledger.balance.movements import MovementKind
from ledger.models import Channel, Goodwill, Purchase, Request, TermsHistory

Patch = Callable[[pytest.MonkeyPatch], None]


def _draw_last_lot_first(patch: pytest.MonkeyPatch) -> None:
    def newest_first(lot: Lot) -> tuple[object, ...]:
        return (-lot.date.toordinal(), lot.arrival_order)

    patch.setattr(draw_down, "_DRAW_ORDER", newest_first)


def _draw_by_date_only(patch: pytest.MonkeyPatch) -> None:
    def oldest_first(lot: Lot) -> tuple[object, ...]:
        return (lot.date, lot.arrival_order)

    patch.setattr(draw_down, "_DRAW_ORDER", oldest_first)


def _draw_goodwill_before_cards(patch: pytest.MonkeyPatch) -> None:
    def goodwill_first(lot: Lot) -> tuple[object, ...]:
        return (*lot.draw_order[:3], lot.purchase is not None, lot.arrival_order)

    patch.setattr(draw_down, "_DRAW_ORDER", goodwill_first)


def _shift_expiry(days: int) -> Patch:
    def shift(patch: pytest.MonkeyPatch) -> None:
        patch.setattr(draw_down, "day_after", lambda day: day + timedelta(days=1 + days))

    return shift


def _give_back_in_draw_order(patch: pytest.MonkeyPatch) -> None:
    right = _Allocation.release

    def release(self: _Allocation, minutes: int) -> list[tuple[Lot, int]]:
        self.held.reverse()
        released = right(self, minutes)
        self.held.reverse()
        return released

    patch.setattr(_Allocation, "release", release)


def _give_back_to_lots_before_overdrawn(patch: pytest.MonkeyPatch) -> None:
    right = _Allocation.forgive

    def forgive(self: _Allocation, minutes: int) -> int:
        return right(self, max(0, minutes - sum(held for _, held in self.held)))

    patch.setattr(_Allocation, "forgive", forgive)


def _revive_what_comes_back_after_expiry(patch: pytest.MonkeyPatch) -> None:
    right = Lot.give_back

    def give_back(self: Lot, minutes: int, day: date) -> int:
        return right(self, minutes, min(day, self.last_day or day))

    patch.setattr(Lot, "give_back", give_back)


def _settle_newest_first(patch: pytest.MonkeyPatch) -> None:
    right = _Book.settle

    def settle(self: _Book, day: date) -> None:
        self._overdrawn.reverse()
        right(self, day)
        self._overdrawn.reverse()

    patch.setattr(_Book, "settle", settle)


def _settle_only_when_lots_come_in(patch: pytest.MonkeyPatch) -> None:
    right = _Book.settle

    def settle(self: _Book, day: date) -> None:
        if self._lines[-1][0]["kind"] is not MovementKind.CORRECTION:
            right(self, day)

    patch.setattr(_Book, "settle", settle)


def _settle_only_after_corrections(patch: pytest.MonkeyPatch) -> None:
    right = _Book.settle

    def settle(self: _Book, day: date) -> None:
        if self._lines[-1][0]["kind"] is MovementKind.CORRECTION:
            right(self, day)

    patch.setattr(_Book, "settle", settle)


def _refund_first_card_first(patch: pytest.MonkeyPatch) -> None:
    def card_number(lot: Lot) -> tuple[object, ...]:
        return (-int(lot.id.rpartition("/")[2]),)

    patch.setattr(draw_down, "_CARD_ORDER", card_number)


def _reorder_day(phases: Mapping[_Phase, float]) -> Patch:
    def reorder(patch: pytest.MonkeyPatch) -> None:
        def rank(event: _Event) -> tuple[object, ...]:
            return event.date, phases.get(event.phase, event.phase), event.order

        patch.setattr(draw_down, "_EVENT_ORDER", rank)

    return reorder


def _sort_ids_as_text(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(draw_down, "natural_key", lambda text: text)


def _keep_first_completion(patch: pytest.MonkeyPatch) -> None:
    def completed_on(self: Lot) -> date | None:
        return None if self.remaining_minutes else self.completions[0][0]

    patch.setattr(Lot, "completed_on", property(completed_on))


def _apply_newest_terms(patch: pytest.MonkeyPatch) -> None:
    def open_under_newest(source: Purchase | Goodwill, history: TermsHistory) -> object:
        newest = history.terms[-1].model_copy(update={"effective": date.min})
        return open_lots(source, TermsHistory([newest]))

    patch.setattr(draw_down, "open_lots", open_under_newest)


def _move_channel_a_day_late(patch: pytest.MonkeyPatch) -> None:
    right = Request.channel_on

    def channel_on(self: Request, day: date) -> Channel:
        return right(self, day - timedelta(days=1))

    patch.setattr(Request, "channel_on", channel_on)


def _move_channel_on_first_move_of_day(patch: pytest.MonkeyPatch) -> None:
    def channel_on(self: Request, day: date) -> Channel:
        channel = self.channel
        moves = [event for event in self.history if event.moved_to and event.date <= day]
        for event in reversed(moves):
            if event.date == max(move.date for move in moves):
                channel = event.moved_to or channel
        return channel

    patch.setattr(Request, "channel_on", channel_on)


WRONG_ENGINES: Mapping[str, Patch] = {
    "last in, first out": _draw_last_lot_first,
    "first in, first out, whatever expires": _draw_by_date_only,
    "goodwill before cards": _draw_goodwill_before_cards,
    "expiry a day early": _shift_expiry(-1),
    "expiry a day late": _shift_expiry(1),
    "corrections given back in draw order": _give_back_in_draw_order,
    "corrections given back to lots before overdrawn": _give_back_to_lots_before_overdrawn,
    "expired minutes come back to life": _revive_what_comes_back_after_expiry,
    "settlement newest first": _settle_newest_first,
    "no settlement after a correction": _settle_only_when_lots_come_in,
    "no settlement when lots come in": _settle_only_after_corrections,
    "refund from the first card": _refund_first_card_first,
    "refunds before time": _reorder_day({_Phase.REFUND: 1.5}),
    "refunds before corrections": _reorder_day({_Phase.REFUND: 2.5}),
    "expiry in the evening": _reorder_day({_Phase.EXPIRY: 9}),
    "time before purchases": _reorder_day({_Phase.TIME: 0.5}),
    "ids sorted as text": _sort_ids_as_text,
    "the first completion stays": _keep_first_completion,
    "the newest terms for every purchase": _apply_newest_terms,
    "a move takes effect a day late": _move_channel_a_day_late,
    "the first move of a day wins": _move_channel_on_first_move_of_day,
}
"""What is wrong, and how to make an engine wrong in this way."""
