"""Random ledgers: one customer's records and the terms, small and crowded.

Cards are short and most of them expire within weeks; all records fall on a handful of days, so
that every order of events on one day comes up; ids are such that text order is not number order.
What the rules would refuse is left out, but for corrections and refunds that ask for too much.

One recipe, two sources of choices: hypothesis, which finds the smallest ledger that fails but looks
at many alike in a row; and a seeded generator, whose ledgers have nothing in common.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TypeVar

from hypothesis import strategies as st

from ledger.models import (
    Customer,
    CustomerRecords,
    Goodwill,
    Purchase,
    Refund,
    Request,
    RequestEvent,
    TermsHistory,
)
from tests.ledger.engine.record_factory import (
    EntryInFile,
    make_customer,
    make_entry,
    make_event,
    make_goodwill,
    make_history,
    make_purchase,
    make_records,
    make_refund,
    make_request,
    make_terms,
)

_BEGINNINGS = tuple(
    date.fromisoformat(day)
    for day in ("2023-12-28", "2024-01-30", "2025-01-29", "2025-08-29", "2026-05-11")
)
_EARLY_OFFSETS = (0, 1, 2, 9)
_LATE_OFFSETS = (30, 31, 32, 33, 34, 40)
_LONGEST_VALIDITY = 31
_CONSULTANTS = ("alice", "ben", "ben2", "ben10")
_ENTRY_IDS = ("E1", "E2", "E9", "E10", "1", "2", "9", "10", "04-1", "04-2", "04-10", "11-1")
_CORRECTION_IDS = ("C1", "C2", "C10", "E3", "E11", "5", "12", "04-3", "04-11")
_PURCHASE_IDS = ("P1", "P2", "P9", "P10")
_ADJUSTMENT_IDS = ("A1", "A2", "A10", "P3", "P11")
_STEPS = (15, 30, 45, 60, 75)
# Amounts that cards and minutes do not divide.
_AMOUNTS = {
    "USD": ("100.00", "99.99", "0.01", "0.00"),
    "JPY": ("10000", "101", "7"),
    "KWD": ("33.335", "0.005", "100.000"),
}
_OWN_CATEGORIES = (None, None, None, None, "technical-support", "system-access")
_CATEGORIES = ("onboarding", "detailed-qa")

T = TypeVar("T")


@dataclass(frozen=True)
class RandomLedger:
    """A customer's records with the terms, and the days on which something may happen."""

    records: CustomerRecords
    terms: TermsHistory
    first: date  # a day before anything happens
    last: date  # a day after everything has happened, expiries included

    def iterate_days(self) -> list[date]:
        """Every day from the first to the last."""
        count = (self.last - self.first).days + 1
        return [self.first + timedelta(days=number) for number in range(count)]


def make_seeded_ledger(seed: int) -> RandomLedger:
    """Return the ledger that belongs to ``seed``, the same in every run."""
    return _make_ledger(Random(seed))


def random_ledgers() -> st.SearchStrategy[RandomLedger]:
    """Return the ledgers among which hypothesis finds the smallest that fails."""
    return st.randoms(use_true_random=False).map(_make_ledger)


def _pick_some(choices: Random, options: Sequence[T], fewest: int, most: int) -> list[T]:
    """Choose some, in no order, none twice."""
    return choices.sample(options, choices.randint(fewest, most))


def _make_ledger(choices: Random) -> RandomLedger:
    beginning = choices.choice(_BEGINNINGS)
    days = [
        beginning + timedelta(days=offset)
        for offsets in (_EARLY_OFFSETS, _LATE_OFFSETS)
        for offset in sorted(_pick_some(choices, offsets, 2, 3))
    ]
    terms = _choose_terms(choices, beginning)
    customer = _choose_customer(choices, days)
    purchases = _choose_purchases(choices, days, customer.currency)
    adjustments = _choose_adjustments(choices, days, purchases)
    requests = _choose_requests(choices, days)
    entries = _choose_entries(choices, days, sorted(requests))
    entries += _choose_corrections(choices, days, entries)
    records = make_records(
        customer=customer,
        purchases=purchases,
        adjustments=adjustments,
        requests=requests,
        entries=_pick_some(choices, entries, len(entries), len(entries)),
    )
    last = days[-1] + timedelta(days=_LONGEST_VALIDITY + 2)
    return RandomLedger(records, terms, beginning - timedelta(days=1), last)


def _choose_terms(choices: Random, beginning: date) -> TermsHistory:
    changes = _pick_some(choices, range(1, _LATE_OFFSETS[-1]), 0, 2)
    return make_history(
        *(
            make_terms(
                beginning + timedelta(days=offset),
                card=choices.choice((30, 45, 60)),
                valid=choices.choice((1, None, 1)),
                retention=choices.choice((0, 1)),
                low=choices.choice((0, 15, 30)),
            )
            for offset in (-1, *changes)
        )
    )


def _choose_customer(choices: Random, days: list[date]) -> Customer:
    services: list[dict[str, str | None]] = []
    if choices.choice((False, False, False, True)):
        started, completed = sorted((choices.choice(days), choices.choice(days)))
        services.append({"name": "Rollout", "started": str(started), "completed": str(completed)})
    return make_customer(services, currency=choices.choice(tuple(_AMOUNTS)))


def _choose_purchases(choices: Random, days: list[date], currency: str) -> list[Purchase]:
    return [
        make_purchase(purchase_id, choices.choice(days), choices.choice((1, 2, 3))).model_copy(
            update={"amount": Decimal(choices.choice(_AMOUNTS[currency]))}
        )
        for purchase_id in _pick_some(choices, _PURCHASE_IDS, 1, 3)
    ]


def _choose_adjustments(
    choices: Random, days: list[date], purchases: list[Purchase]
) -> list[Refund | Goodwill]:
    found: list[Refund | Goodwill] = []
    for adjustment_id in _pick_some(choices, _ADJUSTMENT_IDS, 1, 4):
        minutes = choices.choice(_STEPS)
        if choices.choice((False, True)):
            purchase = choices.choice(purchases)
            day = choices.choice([day for day in days if day >= purchase.date])
            found.append(make_refund(adjustment_id, day, purchase.id, minutes))
        else:
            found.append(make_goodwill(adjustment_id, choices.choice(days), minutes))
    return found


def _choose_requests(choices: Random, days: list[date]) -> dict[str, Request]:
    return {
        request_id: make_request(
            days[0],
            channel=choices.choice(("punchcard", "punchcard", "support")),
            category=choices.choice(_CATEGORIES),
            history=_choose_events(choices, days),
        )
        for request_id in ("ACME-2", "ACME-10")
    }


def _choose_events(choices: Random, days: list[date]) -> list[RequestEvent]:
    days_of_events = _pick_some(choices, days, 1, 2)
    return [
        make_event(
            choices.choice(days_of_events),
            moved_to=choices.choice(("punchcard", "support", None)),
            category=choices.choice((None, None, "product-training")),
        )
        for _ in range(choices.choice((0, 1, 2, 3)))
    ]


def _choose_entries(choices: Random, days: list[date], requests: list[str]) -> list[EntryInFile]:
    return [
        make_entry(
            f"{choices.choice(_CONSULTANTS)}/{entry_id}",
            choices.choice(days),
            choices.choice(_STEPS),
            request=choices.choice(requests),
            category=choices.choice(_OWN_CATEGORIES),
        )
        for entry_id in _pick_some(choices, _ENTRY_IDS, 3, 9)
    ]


def _choose_corrections(
    choices: Random, days: list[date], entries: list[EntryInFile]
) -> list[EntryInFile]:
    found = []
    for correction_id in _pick_some(choices, _CORRECTION_IDS, 1, 6):
        file_name, entry = choices.choice(entries)
        consultant = choices.choice(_CONSULTANTS)
        day = choices.choice([day for day in days if day >= entry.date])
        is_same_file = file_name == f"{str(day)[:7]}-{consultant}"
        found.append(
            make_entry(
                f"{consultant}/{correction_id}",
                day,
                -choices.choice((15, 15, 30, 45)),
                request=entry.request,
                category=choices.choice((None, "onboarding")),
                corrects=entry.id if is_same_file else f"{file_name}/{entry.id}",
            )
        )
    return found
