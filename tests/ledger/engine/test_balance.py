"""The balance of an evening: its sums, what is low, what counts as activity."""

from datetime import date

import pytest

from ledger.balance.summary import compute_balance, find_last_activity
from ledger.models import TermsHistory
from tests.ledger.engine.record_factory import (
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

RECORDS = make_records(
    purchases=[make_purchase("P1", "2026-01-10", 2)],
    adjustments=[
        make_goodwill("A1", "2026-01-11", 30),
        make_refund("A2", "2026-01-20", "P1", 15),
    ],
    entries=[make_entry("alice/E1", "2026-01-12", 75), make_entry("alice/E2", "2026-02-20", 90)],
)
TERMS = make_history(make_terms(valid=1, low=30))


SUMS = """
evening    | purchased | goodwill | used | refunded | expired | remaining | overdrawn | balance
2026-01-09 |         0 |        0 |    0 |        0 |       0 |         0 |         0 |       0
2026-01-10 |       120 |        0 |    0 |        0 |       0 |       120 |         0 |     120
2026-01-11 |       120 |       30 |    0 |        0 |       0 |       150 |         0 |     150
2026-01-12 |       120 |       30 |   75 |        0 |       0 |        75 |         0 |      75
2026-01-20 |       120 |       30 |   75 |       15 |       0 |        60 |         0 |      60
2026-02-10 |       120 |       30 |   75 |       15 |       0 |        60 |         0 |      60
2026-02-11 |       120 |       30 |   75 |       15 |      30 |        30 |         0 |      30
2026-02-20 |       120 |       30 |  105 |       15 |      30 |         0 |        60 |     -60
"""


@pytest.mark.parametrize("row", SUMS.strip().splitlines()[1:])
def test_sums_of_an_evening(row: str) -> None:
    columns = SUMS.strip().splitlines()[0].split("|")[1:]
    evening, *minutes = row.split("|")
    found = compute_balance(RECORDS, TERMS, date.fromisoformat(evening.strip()))
    expected = {
        f"{column.strip()}_minutes": int(cell)
        for column, cell in zip(columns, minutes, strict=True)
    }
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("evening", "open_cards"),
    [
        ("2026-01-09", []),
        ("2026-01-11", ["P1/1", "P1/2"]),
        ("2026-01-12", ["P1/2"]),
        ("2026-02-11", []),
    ],
)
def test_open_cards_are_those_with_minutes_left(evening: str, open_cards: list[str]) -> None:
    found = compute_balance(RECORDS, TERMS, date.fromisoformat(evening))
    assert [lot.id for lot in found.open_cards] == open_cards


def test_balance_names_the_customer() -> None:
    found = compute_balance(RECORDS, TERMS, date(2026, 1, 12))
    assert (found.customer, found.name, found.currency) == ("acme", "Acme Robotics", "USD")
    assert found.as_of == date(2026, 1, 12)


@pytest.mark.parametrize(
    ("rule", "used", "evening", "is_low"),
    [
        ("above the mark", 15, "2026-01-12", False),
        ("at the mark", 30, "2026-01-12", True),
        ("below the mark", 45, "2026-01-12", True),
        ("overdrawn", 75, "2026-01-12", True),
        ("used up, on the portal's last day", 60, "2026-03-12", True),
        ("used up, the portal is closed", 60, "2026-03-13", False),
        ("new terms with a higher mark, on the day before", 15, "2026-01-31", False),
        ("new terms with a higher mark, on their first day", 15, "2026-02-01", True),
        ("before the purchase there is no portal", 15, "2026-01-09", False),
    ],
)
def test_low(rule: str, used: int, evening: str, is_low: bool) -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-01-10")],
        entries=[make_entry("alice/E1", "2026-01-12", used)],
    )
    terms = make_history(
        make_terms(low=30, retention=2), make_terms("2026-02-01", low=45, retention=2)
    )
    assert compute_balance(records, terms, date.fromisoformat(evening)).low is is_low


def test_low_is_not_said_of_goodwill_without_a_portal() -> None:
    records = make_records(adjustments=[make_goodwill("A1", "2026-01-10", 15)])
    found = compute_balance(records, make_history(make_terms(low=30)), date(2026, 1, 10))
    assert found.balance_minutes == 15
    assert found.low is False


@pytest.mark.parametrize("terms", [TermsHistory(), make_history(make_terms("2026-06-01"))])
def test_low_is_not_said_before_the_first_terms(terms: TermsHistory) -> None:
    customer = make_customer([{"name": "Rollout", "completed": None}])
    assert compute_balance(make_records(customer=customer), terms, date(2026, 1, 10)).low is False


@pytest.mark.parametrize(
    ("evening", "last_activity"),
    [
        ("2026-01-01", None),
        ("2026-01-02", "2026-01-02"),
        ("2026-01-12", "2026-01-12"),
        ("2026-01-14", "2026-01-12"),
        ("2026-01-15", "2026-01-15"),
        ("2026-12-31", "2026-02-20"),
    ],
)
def test_last_activity_is_the_latest_entry_request_or_event(
    evening: str, last_activity: str | None
) -> None:
    records = make_records(
        purchases=[make_purchase("P1", "2026-05-01")],
        requests={
            "ACME-1": make_request("2026-01-02", history=[make_event("2026-01-15")]),
        },
        entries=[
            make_entry("alice/E1", "2026-02-20", 15),
            make_entry("alice/E2", "2026-01-12", 15),
        ],
    )
    found = find_last_activity(records, date.fromisoformat(evening))
    assert found == (date.fromisoformat(last_activity) if last_activity else None)
    assert compute_balance(records, make_history(), date.fromisoformat(evening)).last_activity == (
        found
    )
