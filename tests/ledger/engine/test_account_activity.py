"""How long an account lasts: worked examples as tables."""

from datetime import date

import pytest

from ledger.balance.portal_life import (
    AccountStanding,
    AccountState,
    find_account_standing,
    find_account_standings,
)
from ledger.models import TermsHistory
from tests.ledger.engine.record_factory import (
    make_account,
    make_event,
    make_history,
    make_records,
    make_request,
    make_terms,
)

SIX_MONTHS = make_history(make_terms(inactivity=6))
# The as-of date, how the account stands, its last activity and its last day; then what its person
# did, and which of that is ignored, with the last day that it came after.
STORIES = """
# active on the day it was created
2026-01-12 active 2026-01-12 2026-07-12
# active on its last day
2026-07-12 active 2026-01-12 2026-07-12
# disabled on the day after
2026-07-13 disabled 2026-01-12 2026-07-12
# an action counts
2026-08-01 active 2026-03-05 2026-09-05; did 2026-03-05 2026-02-01
# an action on the last day counts
2026-08-01 active 2026-07-12 2027-01-12; did 2026-07-12
# an action on the day after does not count
2026-08-01 disabled 2026-01-12 2026-07-12; did 2026-07-13; ignored 2026-07-13:2026-07-12
# actions keep each other alive
2027-01-31 active 2026-12-20 2027-06-20; did 2026-12-20 2026-07-10
# an action that has not happened yet does not count
2026-03-04 active 2026-01-12 2026-07-12; did 2026-03-05
# an action of the as-of date counts
2026-03-05 active 2026-03-05 2026-09-05; did 2026-03-05
# an action before the account was there does not count
2026-03-04 active 2026-01-12 2026-07-12; did 2026-01-11
# a sign-in counts
2026-08-01 active 2026-05-02 2026-11-02; signed-in 2026-05-02
# a sign-in that has not happened yet does not count
2026-05-01 active 2026-01-12 2026-07-12; signed-in 2026-05-02
# a sign-in of the as-of date counts
2026-05-02 active 2026-05-02 2026-11-02; signed-in 2026-05-02
# of a sign-in that has not happened yet and an action before it the action counts
2026-05-01 active 2026-03-05 2026-09-05; did 2026-03-05; signed-in 2026-05-02
# the latest of sign-in and actions counts
2026-08-01 active 2026-06-01 2026-12-01; did 2026-06-01 2026-03-01; signed-in 2026-05-02
# whoever could sign in was not disabled, for only the latest sign-in is kept
2027-01-31 active 2026-12-20 2027-06-20; signed-in 2026-12-20
# whoever signed in later was not disabled before
2027-01-31 active 2026-12-20 2027-06-20; did 2026-09-01; signed-in 2026-12-20
# a sign-in before the account was there leaves its creation as last activity
2026-02-01 active 2026-01-12 2026-07-12; signed-in 2025-12-24
# a reactivation counts, however late
2026-10-01 active 2026-09-01 2027-03-01; reactivated 2026-09-01
# a reactivation of the as-of date counts
2026-09-01 active 2026-09-01 2027-03-01; reactivated 2026-09-01
# a reactivation that has not happened yet does not count
2026-08-31 disabled 2026-01-12 2026-07-12; reactivated 2026-09-01
# what happens after a reactivation counts, what happened before does not
2026-12-01 active 2026-10-05 2027-04-05; did 2026-08-01 2026-10-05; reactivated 2026-09-01;
ignored 2026-08-01:2026-07-12
# an action on the day of the reactivation counts
2026-12-01 active 2026-09-01 2027-03-01; did 2026-09-01; reactivated 2026-09-01
# it can be disabled and reactivated again
2027-09-02 active 2027-09-01 2028-03-01; did 2027-03-02; reactivated 2026-09-01 2027-09-01;
ignored 2027-03-02:2027-03-01
# removed from the day after its last
2026-04-02 removed 2026-01-12 2026-04-01; removed 2026-04-01
# on the last day it is still there
2026-04-01 active 2026-01-12 2026-04-01; removed 2026-04-01
# a removal that has not happened yet does not count
2026-03-31 active 2026-01-12 2026-07-12; removed 2026-04-01
# an action on the day it is removed counts
2026-05-01 removed 2026-04-01 2026-04-01; did 2026-03-01 2026-04-01; removed 2026-04-01
# removed after it was disabled: the earlier day is the last
2026-10-01 removed 2026-01-12 2026-07-12; did 2026-08-01; removed 2026-09-01;
ignored 2026-08-01:2026-07-12
# what comes after both came after the earlier day
2026-11-01 removed 2026-01-12 2026-07-12; did 2026-10-05; removed 2026-09-01;
ignored 2026-10-05:2026-07-12
# a reactivation brings a removed account back
2026-05-01 active 2026-05-01 2026-11-01; reactivated 2026-05-01; removed 2026-04-01
# until the day before it is removed
2026-04-30 removed 2026-01-12 2026-04-01; reactivated 2026-05-01; removed 2026-04-01
# what is brought back can be disabled
2026-11-02 disabled 2026-05-01 2026-11-01; reactivated 2026-05-01; removed 2026-04-01
# of actions after the removal those from the return on count
2026-10-01 active 2026-09-01 2027-03-01; did 2026-04-20 2026-05-01 2026-06-01;
reactivated 2026-09-01 2026-05-01; removed 2026-04-01;
ignored 2026-04-20:2026-04-01
# a reactivation before the removal, or on its day, does not bring it back
2026-04-02 removed 2026-04-01 2026-04-01; reactivated 2026-03-01 2026-04-01; removed 2026-04-01
# 29 or 28 February: months end with the month
2027-02-28 active 2026-08-31 2027-02-28; did 2026-06-01 2026-08-31
# the terms of the day of the last activity count
2026-06-01 disabled 2026-01-12 2026-03-12; terms 2000-01-01:2 2026-02-01:12
# the first terms count for what happened before them
2026-06-01 disabled 2026-01-12 2026-03-12; terms 2026-02-01:2
# without terms an account has no last day
2030-01-01 active 2029-01-01 -; did 2029-01-01; terms
# without terms a removal still ends it
2030-01-01 removed 2026-01-12 2026-04-01; removed 2026-04-01; terms
# an action after the removal does not count
2026-05-01 removed 2026-03-01 2026-04-01; did 2026-03-01 2026-04-20; removed 2026-04-01;
ignored 2026-04-20:2026-04-01
# what was done before the account was created is nothing, even if it was removed before that
2026-05-01 removed 2026-01-12 2026-01-02; did 2026-01-05; removed 2026-01-02
"""
STORY = dict(each.split("\n", 1) for each in STORIES.split("# ")[1:])


def show(standing: AccountStanding) -> tuple[str, str, str, list[str]]:
    ignored = [f"{day}:{last_day}" for day, last_day in standing.ignored.items()]
    ends = str(standing.last_day or "-")
    return standing.state.value, standing.last_activity.isoformat(), ends, ignored


@pytest.mark.parametrize("rule", STORY)
def test_account_standing(rule: str) -> None:
    """Of an account created on 12 January 2026."""
    (as_of, *expected), *facts = (part.split() for part in STORY[rule].split(";"))
    given = {word: days for word, *days in facts}
    terms = SIX_MONTHS
    if "terms" in given:
        known = (each.split(":") for each in given["terms"])
        terms = TermsHistory([make_terms(day, inactivity=int(months)) for day, months in known])
    account = make_account(
        last_sign_in=next(iter(given.get("signed-in", [])), None),
        reactivated=given.get("reactivated", []),
        removed=next(iter(given.get("removed", [])), None),
    )
    actions = map(date.fromisoformat, given.get("did", []))
    standing = find_account_standing(account, actions, terms, date.fromisoformat(as_of))
    assert show(standing) == (*expected, given.get("ignored", []))
    assert standing.account is account


def test_requests_and_events_of_the_person_are_its_actions() -> None:
    records = make_records(
        accounts=[
            make_account("dana@acme.example"),
            make_account("Eve@acme.example"),
            make_account("fay@acme.example"),
            make_account("new@acme.example", "2026-06-01"),
            make_account("not-yet@acme.example", "2026-06-02"),
        ],
        requests={
            "ACME-1": make_request(
                "2026-02-02",
                opened_by="DANA@acme.example",
                history=[
                    make_event("2026-03-03", by="eve@acme.example"),
                    make_event("2026-04-04", by="alice"),
                ],
            )
        },
    )
    standings = find_account_standings(records, SIX_MONTHS, date(2026, 6, 1))
    assert [
        (item.account.email, item.last_activity.isoformat(), item.state) for item in standings
    ] == [
        ("dana@acme.example", "2026-02-02", AccountState.ACTIVE),
        ("Eve@acme.example", "2026-03-03", AccountState.ACTIVE),
        ("fay@acme.example", "2026-01-12", AccountState.ACTIVE),
        ("new@acme.example", "2026-06-01", AccountState.ACTIVE),
    ]
