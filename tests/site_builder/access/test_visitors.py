"""Who may come in, on the day before, on the day and on the day after."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.balance.portal_life import PortalState
from ledger.dates import add_months, today_in
from ledger.models import Account, TermsHistory
from site_builder.access.sites import Site, find_visitors
from tests.ledger.engine.record_factory import (
    make_account,
    make_customer,
    make_history,
    make_purchase,
    make_records,
    make_terms,
)

ONE_DAY = timedelta(days=1)
RUNNING = {"name": "Rollout", "completed": None}


def name(who: str, created: date | str = "2026-01-12", **dates: str) -> Account:
    return make_account(f"{who}@acme.example", created, **dates)


def visit(
    day: date | str,
    *accounts: Account,
    terms: TermsHistory | None = None,
    service: Mapping[str, str | None] = RUNNING,
) -> Site:
    """Return who comes in on a day; a service keeps the portal open."""
    records = make_records(customer=make_customer([service]), accounts=accounts, requests={})
    return find_visitors(records, terms or make_history(), date.fromisoformat(str(day)))


def list_names(visitors: Site) -> list[str]:
    return [account.email.partition("@")[0] for account in visitors.accounts]


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
    dana, day = name("Dana", last_sign_in=seen), date.fromisoformat(last)
    for offset, names in ((-1, ["Dana"]), (0, ["Dana"]), (1, []), (400, [])):
        assert list_names(visit(day + timedelta(days=offset), dana)) == names
    [out] = visit(day + ONE_DAY, dana).shut_out
    assert out == ("Dana@acme.example", f"disabled after {last}")


@given(st.dates(date(2021, 1, 1), date(2060, 12, 31)), st.integers(1, 36))
def test_the_last_day_is_so_many_months_later_whatever_the_day(seen: date, months: int) -> None:
    last, terms = add_months(seen, months), make_history(make_terms(inactivity=months))
    for day, is_in in ((seen - ONE_DAY, 0), (seen, 1), (last, 1), (last + ONE_DAY, 0)):
        assert len(visit(day, name("Dana", seen), terms=terms).accounts) == is_in


@pytest.mark.parametrize(
    ("dates", "days"),
    [
        ({"removed": "2026-02-28"}, {"2026-02-27": 1, "2026-02-28": 1, "2026-03-01": 0}),
        ({"reactivated": "2026-09-01"}, {"2026-08-31": 0, "2026-09-01": 1, "2027-03-01": 1}),
    ],
)
def test_who_is_removed_comes_in_until_that_day_and_who_is_reactivated_from_it_on(
    dates: dict[str, str], days: dict[str, int]
) -> None:
    for day, is_in in days.items():
        assert len(visit(day, name("Dana", **dates)).accounts) == is_in


@pytest.mark.parametrize(
    ("completed", "last"),
    [("2026-02-28", "2027-02-28"), ("2028-02-29", "2029-02-28"), ("2027-03-31", "2028-03-31")],
)
def test_nobody_comes_in_after_the_portals_last_day(completed: str, last: str) -> None:
    day, service = date.fromisoformat(last), {"name": "Rollout", "completed": completed}
    dana = name("Dana", "2021-01-12", last_sign_in=str(day - 3 * ONE_DAY))
    for offset, is_in in ((-1, 1), (0, 1), (1, 0)):
        found = visit(day + timedelta(days=offset), dana, service=service)
        assert (len(found.accounts), found.state is PortalState.CLOSED) == (is_in, not is_in)
    assert [out.reason for out in found.shut_out] == ["the portal is closed"]


def test_without_a_purchase_or_service_nobody_comes_in_and_from_its_day_on_they_do() -> None:
    accounts, terms = [name("Dana")], make_history()
    none = find_visitors(make_records(accounts=accounts, requests={}), terms, date(2026, 1, 20))
    assert (none.accounts, none.state) == ((), PortalState.NONE)
    bought = make_records(
        purchases=[make_purchase("P1", "2026-01-20")], accounts=accounts, requests={}
    )
    assert find_visitors(bought, terms, date(2026, 1, 19)).accounts == ()
    assert [*find_visitors(bought, terms, date(2026, 1, 20)).accounts] == accounts


def test_no_more_come_in_than_the_terms_allow_and_the_oldest_first() -> None:
    found = visit(
        "2026-06-30", *(name(each, f"2026-0{6 - n}-12") for n, each in enumerate("ABCDE"))
    )
    assert list_names(found) == ["C", "D", "E"]
    assert [out.reason for out in found.shut_out] == ["the terms allow 3 accounts"] * 2


def test_who_leaves_today_makes_room_for_a_successor() -> None:
    there = [name("Old", "2026-01-01", removed="2026-06-30")]
    there += [name(each, "2026-06-01") for each in "AB"]
    assert list_names(visit("2026-06-30", *there)) == ["Old", "A", "B"]
    assert list_names(visit("2026-06-30", *there, name("New", "2026-06-30"))) == ["A", "B", "New"]


def test_an_address_that_is_there_twice_comes_in_once() -> None:
    twice = [name("dana", "2026-06-01"), name("DANA", "2026-06-02")]
    assert list_names(visit("2026-06-30", *twice)) == ["dana"]


@pytest.mark.parametrize("terms", [make_history(make_terms("2026-02-02")), TermsHistory()])
def test_before_any_terms_nobody_comes_in(terms: TermsHistory) -> None:
    assert visit("2026-02-01", name("Dana"), terms=terms).accounts == ()


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
    now = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    found = visit(today_in(ZoneInfo(zone), now), name("Dana", "2026-05-20"))
    assert bool(found.accounts) == comes_in


@given(
    st.lists(st.dates(date(2025, 1, 1), date(2026, 12, 31)), max_size=8),
    st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    st.integers(1, 4),
)
def test_whoever_comes_in_is_active_and_whoever_stays_out_is_told_why(
    created: list[date], day: date, limit: int
) -> None:
    accounts = [name(str(number), made) for number, made in enumerate(created)]
    terms = make_history(make_terms().model_copy(update={"account_limit": limit}))
    found = visit(day, *accounts, terms=terms)
    active = [each for each in accounts if each.created <= day <= add_months(each.created, 6)]
    assert {*found.accounts} <= {*active}
    assert len(found.accounts) == min(limit, len(active))
    there = {account.email for account in accounts if account.created <= day}
    inside = {account.email for account in found.accounts}
    assert inside | {out.email for out in found.shut_out} == there
