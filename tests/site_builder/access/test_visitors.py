"""Who may come in, on the day before, on the day and on the day after."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.balance.portal_life import PortalState
from ledger.dates import add_months, today_in
from ledger.models import Account, Customer, CustomerRecords, Purchase, Service, Terms, TermsHistory
from site_builder.access.sites import Site, find_visitors
from tests.ledger.engine.record_factory import judge


def make_terms(limit: int = 3, inactivity: int = 6, retention: int = 12) -> TermsHistory:
    return TermsHistory(
        [
            judge(
                Terms,
                {
                    "effective": "2020-01-01",
                    "punchcard_minutes": "300",
                    "increment_minutes": "15",
                    "price": {"USD": "1000.00"},
                    "account_limit": str(limit),
                    "account_inactivity_months": str(inactivity),
                    "portal_retention_months": str(retention),
                    "overdraft_minutes": "0",
                    "low_balance_minutes": "60",
                },
            )
        ]
    )


TERMS = make_terms()


def make_account(name: str, created: str, **fields: object) -> Account:
    return judge(
        Account, {"email": f"{name}@acme.example", "name": name, "created": created, **fields}
    )


def make_records(
    *accounts: Account, completed: str | None = None, has_service: bool = True
) -> CustomerRecords:
    service = judge(Service, {"name": "Rollout", "completed": completed})
    customer = judge(Customer, {"name": "Acme", "key": "ACME", "currency": "USD"})
    services = (service,) if has_service else ()
    return CustomerRecords(
        "acme", customer.model_copy(update={"services": services}), accounts=accounts
    )


def list_names(visitors: Site) -> list[str]:
    return [account.name for account in visitors.accounts]


@pytest.mark.parametrize(
    ("seen", "last"),
    [
        ("2026-05-20", "2026-11-20"),
        ("2026-08-31", "2027-02-28"),
        ("2027-08-31", "2028-02-29"),
        ("2027-08-29", "2028-02-29"),
        ("2028-02-29", "2028-08-29"),
        ("2026-12-31", "2027-06-30"),
        ("2026-06-30", "2026-12-30"),
    ],
)
def test_an_account_comes_in_on_its_last_day_and_not_after_it(seen: str, last: str) -> None:
    records = make_records(make_account("Dana", "2026-01-12", last_sign_in=seen))
    day = date.fromisoformat(last)
    for offset, names in ((-1, ["Dana"]), (0, ["Dana"]), (1, []), (400, [])):
        found = find_visitors(records, TERMS, day + timedelta(days=offset))
        assert list_names(found) == names
    [out] = find_visitors(records, TERMS, day + timedelta(days=1)).shut_out
    assert out == ("Dana@acme.example", f"disabled after {last}")


@given(st.dates(date(2021, 1, 1), date(2060, 12, 31)), st.integers(1, 36))
def test_the_last_day_is_so_many_months_later_whatever_the_day(seen: date, months: int) -> None:
    records = make_records(make_account("Dana", seen.isoformat()))
    last, terms = add_months(seen, months), make_terms(inactivity=months)
    for day, names in (
        (seen - timedelta(days=1), []),
        (seen, ["Dana"]),
        (last, ["Dana"]),
        (last + timedelta(days=1), []),
    ):
        assert list_names(find_visitors(records, terms, day)) == names


def test_a_removed_account_comes_in_on_its_last_day_and_not_after_it() -> None:
    records = make_records(make_account("Dana", "2026-01-12", removed="2026-02-28"))
    days = [date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1)]
    assert [list_names(find_visitors(records, TERMS, day)) for day in days] == [
        ["Dana"],
        ["Dana"],
        [],
    ]


def test_a_reactivated_account_comes_in_from_that_day_on() -> None:
    account = make_account("Dana", "2026-01-12", reactivated="2026-09-01")
    for day, names in (("2026-08-31", []), ("2026-09-01", ["Dana"]), ("2027-03-01", ["Dana"])):
        found = find_visitors(make_records(account), TERMS, date.fromisoformat(day))
        assert list_names(found) == names


@pytest.mark.parametrize(
    ("completed", "last"),
    [("2026-02-28", "2027-02-28"), ("2028-02-29", "2029-02-28"), ("2027-03-31", "2028-03-31")],
)
def test_nobody_comes_in_after_the_portals_last_day(completed: str, last: str) -> None:
    day = date.fromisoformat(last)
    for offset, names in ((-1, ["Dana"]), (0, ["Dana"]), (1, [])):
        seen = (day - timedelta(days=3)).isoformat()
        records = make_records(
            make_account("Dana", "2021-01-12", last_sign_in=seen), completed=completed
        )
        found = find_visitors(records, TERMS, day + timedelta(days=offset))
        is_closed = found.state is PortalState.CLOSED
        assert (list_names(found), is_closed) == (names, not names)
    assert found.state is PortalState.CLOSED
    assert [out.reason for out in found.shut_out] == ["the portal is closed"]


def test_without_a_purchase_or_service_nobody_comes_in_and_from_its_day_on_they_do() -> None:
    account = make_account("Dana", "2026-01-12")
    records = make_records(account, has_service=False)
    none = find_visitors(records, TERMS, date(2026, 1, 20))
    assert (none.accounts, none.state) == ((), PortalState.NONE)
    purchase = judge(
        Purchase, {"id": "P1", "date": "2026-01-20", "punchcards": "1", "amount": "1000.00"}
    )
    bought = CustomerRecords("acme", records.customer, purchases=(purchase,), accounts=(account,))
    assert find_visitors(bought, TERMS, date(2026, 1, 19)).accounts == ()
    assert find_visitors(bought, TERMS, date(2026, 1, 20)).accounts == (account,)


def test_no_more_come_in_than_the_terms_allow_and_the_oldest_first() -> None:
    accounts = [make_account(name, f"2026-0{6 - n}-12") for n, name in enumerate("ABCDE")]
    found = find_visitors(make_records(*accounts), TERMS, date(2026, 6, 30))
    assert list_names(found) == ["C", "D", "E"]
    assert [out.reason for out in found.shut_out] == ["the terms allow 3 accounts"] * 2


def test_who_leaves_today_makes_room_for_a_successor() -> None:
    leaving = make_account("Old", "2026-01-01", removed="2026-06-30")
    others = [make_account(name, "2026-06-01") for name in "AB"]
    today = date(2026, 6, 30)
    assert list_names(find_visitors(make_records(leaving, *others), TERMS, today)) == [
        "Old",
        "A",
        "B",
    ]
    new = make_account("New", "2026-06-30")
    found = find_visitors(make_records(leaving, *others, new), TERMS, today)
    assert list_names(found) == ["A", "B", "New"]


def test_an_address_that_is_there_twice_comes_in_once() -> None:
    twice = [make_account("dana", "2026-06-01"), make_account("DANA", "2026-06-02")]
    assert list_names(find_visitors(make_records(*twice), TERMS, date(2026, 6, 30))) == ["dana"]


def test_before_any_terms_nobody_comes_in() -> None:
    records = make_records(make_account("Dana", "2019-01-01"))
    assert find_visitors(records, TERMS, date(2019, 6, 1)).accounts == ()
    assert find_visitors(records, TermsHistory(), date(2026, 6, 1)).accounts == ()


@pytest.mark.parametrize(
    ("zone", "moment", "comes_in"),
    [
        ("Pacific/Kiritimati", "2026-11-20T09:59:59", True),
        ("Pacific/Kiritimati", "2026-11-20T10:00:00", False),
        ("Europe/Berlin", "2026-11-20T22:59:59", True),
        ("Europe/Berlin", "2026-11-20T23:00:00", False),
        ("Etc/UTC", "2026-11-20T23:59:59", True),
        ("Etc/UTC", "2026-11-21T00:00:00", False),
        ("Pacific/Pago_Pago", "2026-11-21T10:59:59", True),
        ("Pacific/Pago_Pago", "2026-11-21T11:00:00", False),
    ],
)
def test_the_last_day_ends_at_midnight_where_the_provider_is(
    zone: str, moment: str, comes_in: bool
) -> None:
    records = make_records(make_account("Dana", "2026-05-20"))
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = find_visitors(records, TERMS, today_in(ZoneInfo(zone), now))
    assert bool(found.accounts) == comes_in


@given(
    st.lists(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=8),
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.integers(1, 4),
)
def test_whoever_comes_in_is_active_and_whoever_stays_out_is_told_why(
    created: list[date], day: date, limit: int
) -> None:
    accounts = [make_account(str(n), made.isoformat()) for n, made in enumerate(created)]
    found = find_visitors(make_records(*accounts), make_terms(limit=limit), day)
    assert len(found.accounts) <= limit
    for account in found.accounts:
        assert account.created <= day <= add_months(account.created, 6)
    there = {account.email for account in accounts if account.created <= day}
    inside = {account.email for account in found.accounts}
    assert inside | {out.email for out in found.shut_out} == there
    active = [made for made in created if made <= day <= add_months(made, 6)]
    assert len(found.accounts) == min(limit, len(active))
