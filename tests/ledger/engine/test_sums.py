"""What movements add up to, in all, by month and by request, worked out by hand."""

from datetime import date
from decimal import Decimal

from ledger.balance.draw_down import draw_down
from ledger.balance.json_values import to_json
from ledger.balance.lots import Use
from ledger.balance.movements import Sums, sum_movements
from ledger.balance.request_summary import summarize_requests
from ledger.balance.statement import select_period, split_by_month
from ledger.balance.summary import compute_balance
from ledger.models import Channel, Status
from tests.ledger.engine.record_factory import (
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

# Cards of 60 minutes that last a month; P1 ends on 10 February, P2 on 20 March.
TERMS = make_history(make_terms(valid=1))
RECORDS = make_records(
    purchases=[make_purchase("P1", "2026-01-10", 2), make_purchase("P2", "2026-02-20")],
    adjustments=[
        make_goodwill("A1", "2026-01-10", 30),
        make_refund("A2", "2026-02-25", "P2", 15),
    ],
    requests={
        "ACME-1": make_request("2026-01-10"),
        "ACME-2": make_request(
            "2026-01-20",
            channel="support",
            opened_by="alice",
            history=[
                make_event("2026-02-05"),
                make_event("2026-02-06", status="in-progress"),
                make_event("2026-02-07"),
                make_event("2026-03-05", moved_to="punchcard", category="detailed-qa"),
            ],
        ),
        "ACME-3": make_request("2026-03-01"),
    },
    entries=[
        make_entry("alice/1", "2026-01-12", 90),
        make_entry("alice/2", "2026-02-05", 45, request="ACME-2"),
        # Into P1, which has expired: charged 30 less, expired 30 more.
        make_entry("alice/3", "2026-02-12", -30, corrects="2026-01-alice/1"),
        # Goodwill covers 30, P2 the 45 that a refund leaves; 30 are overdrawn.
        make_entry("alice/4", "2026-02-26", 105),
        make_entry("alice/5", "2026-02-27", -15, corrects="2026-02-alice/4"),
    ],
)
AS_OF = date(2026, 2, 28)


def test_sums_of_all_movements() -> None:
    sums = sum_movements(draw_down(RECORDS, TERMS, AS_OF).movements)
    assert sums == Sums(
        purchased_minutes=180,
        goodwill_minutes=30,
        worked_minutes=195,
        charged_minutes=150,
        refunded_minutes=15,
        expired_minutes=60,
        paid=Decimal("300.00"),
        returned=Decimal("25.00"),
        charged_value=Decimal("175.00"),
        refunded_value=Decimal("25.00"),
        expired_value=Decimal("50.00"),
    )
    assert (sums.received_minutes, sums.dropped_minutes, sums.change_minutes) == (210, 75, -15)
    # Half of the second card of P1 was left in January.
    assert compute_balance(RECORDS, TERMS, date(2026, 1, 31)).value_remaining == Decimal("50.00")
    balance = compute_balance(RECORDS, TERMS, AS_OF)
    assert (balance.used_minutes, balance.overdrawn_minutes) == (135, 15)
    assert (balance.expired_minutes, balance.balance_minutes) == (60, -15)


def test_sums_by_month() -> None:
    statement = select_period(draw_down(RECORDS, TERMS, AS_OF), "acme")
    assert statement.currency == "USD"
    months = [(month, sum_movements(month.movements)) for month in split_by_month(statement)]
    assert [
        (month.opening_minutes, sums.charged_minutes, sums.expired_minutes, month.closing_minutes)
        for month, sums in months
    ] == [(0, 90, 0, 60), (60, 60, 60, -15)]
    assert [(sums.paid, sums.returned) for _month, sums in months] == [
        (Decimal("200.00"), None),
        (Decimal("100.00"), Decimal("25.00")),
    ]


def test_effects_of_single_movements() -> None:
    movements = draw_down(RECORDS, TERMS, AS_OF).movements
    assert [(line.minutes, line.charged_minutes, line.expired_minutes) for line in movements] == [
        (120, 0, 0),
        (30, 0, 0),
        (-90, 90, 0),
        (0, 0, 0),
        (-30, 0, 30),
        (0, -30, 30),
        (60, 0, 0),
        (-15, 0, 0),
        (-105, 105, 0),
        (15, -15, 0),
    ]


def test_sums_by_request() -> None:
    assert len([*summarize_requests(RECORDS, TERMS, date(2026, 1, 19))]) == 1
    assert len([*summarize_requests(RECORDS, TERMS, date(2026, 1, 20))]) == 2
    one, two = summarize_requests(RECORDS, TERMS, AS_OF)
    assert (one.customer, one.id, one.worked_minutes, one.charged_minutes) == (
        ("acme", "ACME-1", 150, 150)
    )
    assert (one.status, one.channel, one.category, one.last_event) == (
        (Status.OPEN, Channel.PUNCHCARD, "onboarding", None)
    )
    assert [line.reference for line in one.movements] == [
        *("2026-01-alice/1", "2026-02-alice/3", "2026-02-alice/4", "2026-02-alice/5"),
    ]
    assert to_json(two) == {
        "customer": "acme",
        "id": "ACME-2",
        "title": "Single sign-on",
        "status": "in-progress",
        "channel": "support",
        "category": "onboarding",
        "opened": "2026-01-20",
        "opened_by": "alice",
        "last_event": "2026-02-07",
        "worked_minutes": 45,
        "charged_minutes": 0,
    }


def test_what_became_of_the_money_of_lots() -> None:
    """A card costs 100.00; what a correction gives back to an expired card expires at once."""
    drawn = draw_down(RECORDS, TERMS, AS_OF)
    assert [
        (f"{each.date:%m-%d}", each.lot, each.use, each.minutes, str(each.value), each.line)
        for each in drawn.consumptions
    ] == [
        ("01-12", "P1/1", Use.USED, 60, "100.00", 2),
        ("01-12", "P1/2", Use.USED, 30, "50.00", 2),
        ("02-11", "P1/2", Use.EXPIRED, 30, "50.00", 4),
        ("02-12", "P1/2", Use.USED, -30, "-50.00", 5),
        ("02-12", "P1/2", Use.EXPIRED, 30, "50.00", 5),
        ("02-25", "P2/1", Use.REFUNDED, 15, "25.00", 7),
        ("02-26", "P2/1", Use.USED, 45, "75.00", 8),
        ("02-26", "A1", Use.USED, 30, "0.00", 8),
    ]
    assert [each.purchase for each in drawn.consumptions] == [*["P1"] * 5, "P2", "P2", None]
    values = [line.value for line in drawn.movements]
    assert values == [None, 0, 150, 0, 50, -50, None, 25, 75, 0]
