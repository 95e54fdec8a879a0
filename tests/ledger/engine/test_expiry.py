"""What ends when: accounts, portals, cards and licences, nearest first."""

from datetime import date

import pytest

from ledger.balance.summary import compute_balance, list_endings
from ledger.models import CustomerRecords, TermsHistory
from tests.ledger.engine.record_factory import (
    make_account,
    make_customer,
    make_entry,
    make_history,
    make_purchase,
    make_records,
    make_terms,
)

TERMS = make_history(make_terms(valid=3, inactivity=6, retention=2))
LICENCES: list[dict[str, str | None]] = [
    {"product": "Trace", "type": "commercial", "from": "2026-02-01", "until": "2026-04-30"},
    {"product": "Trace forever", "type": "academic"},
]


def list_lines(
    records: CustomerRecords,
    as_of: str,
    within_days: int | None = None,
    terms: TermsHistory = TERMS,
) -> list[str]:
    balance = compute_balance(records, terms, date.fromisoformat(as_of))
    return [
        f"{item.last_day} {item.kind} {item.subject} {item.days_left}"
        for item in list_endings(records, terms, balance, within_days)
    ]


RECORDS = make_records(
    customer=make_customer(licences=LICENCES),
    purchases=[make_purchase("P1", "2026-01-10", 2), make_purchase("P2", "2026-01-20")],
    accounts=[
        make_account("dana@acme.example", "2026-01-12"),
        make_account("eve@acme.example", "2025-01-12"),
        make_account("fay@acme.example", "2026-01-12", removed="2026-04-11"),
        make_account("gil@acme.example", "2026-01-12", removed="2026-02-01"),
    ],
    entries=[make_entry("alice/E1", "2026-01-12", 60)],
)


ENDINGS = """
2026-03-01; nearest first: nothing used up, disabled, removed, not yet valid or without end
2026-04-10 card P1/2 40
2026-04-20 card P2/1 50
2026-04-30 licence Trace 60
2026-07-12 account dana@acme.example 133
2026-07-12 account fay@acme.example 133

2026-03-01 within 50; what ends later than asked for is left out
2026-04-10 card P1/2 40
2026-04-20 card P2/1 50

2026-04-10 within 0; on the last day there are no days left
2026-04-10 card P1/2 0

2026-04-11 within 0; on the day after the card is gone; an account ends on the day it is removed
2026-04-11 account fay@acme.example 0

2026-04-21; when all cards are completed the portal ends
2026-04-30 licence Trace 9
2026-06-21 portal Acme Robotics 61
2026-07-12 account dana@acme.example 82

2026-06-21; on the portal's last day
2026-06-21 portal Acme Robotics 0
2026-07-12 account dana@acme.example 21

2026-06-22; of a closed portal no account is told

2026-01-31 within 89; a licence before its first day is not told
2026-04-10 card P1/2 69
2026-04-20 card P2/1 79
"""


@pytest.mark.parametrize("example", ENDINGS.strip().split("\n\n"))
def test_what_ends(example: str) -> None:
    head, *expected = example.splitlines()
    as_of, _, within = head.partition(";")[0].partition(" within ")
    assert list_lines(RECORDS, as_of, int(within) if within else None) == expected


def test_of_one_day_accounts_come_before_cards_and_ids_are_in_their_order() -> None:
    records = make_records(
        customer=make_customer(licences=[{**LICENCES[0], "until": "2026-04-10"}]),
        purchases=[make_purchase("P10", "2026-01-10"), make_purchase("P2", "2026-01-10")],
        accounts=[make_account("dana@acme.example", removed="2026-04-10")],
    )
    assert list_lines(records, "2026-04-10") == [
        "2026-04-10 account dana@acme.example 0",
        "2026-04-10 card P2/1 0",
        "2026-04-10 card P10/1 0",
        "2026-04-10 licence Trace 0",
    ]


def test_cards_that_do_not_expire_and_accounts_without_terms_are_not_told() -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10")],
        accounts=[make_account("dana@acme.example")],
    )
    assert list_lines(records, "2026-02-01", terms=TermsHistory()) == []
    assert list_lines(records, "2026-02-01", terms=make_history()) == [
        "2026-07-12 account dana@acme.example 161"
    ]


def test_endings_name_the_customer() -> None:
    balance = compute_balance(RECORDS, TERMS, date(2026, 3, 1))
    assert {item.customer for item in list_endings(RECORDS, TERMS, balance)} == {"acme"}
