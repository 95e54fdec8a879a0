"""How long an account lasts: worked examples as tables."""

from __future__ import annotations

from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Story:
    """An account created on 12 January 2026, what its person did, and how it stands."""

    rule: str
    as_of: str
    state: str
    last_activity: str
    last_day: str | None
    ignored: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    sign_in: str | None = None
    reactivated: list[str] = field(default_factory=list)
    removed: str | None = None
    terms: TermsHistory = SIX_MONTHS

    def __str__(self) -> str:
        return self.rule


def show(standing: AccountStanding) -> tuple[str, str, str | None, list[str]]:
    last_day = standing.last_day
    return (
        standing.state.value,
        standing.last_activity.isoformat(),
        last_day.isoformat() if last_day else None,
        [day.isoformat() for day in standing.ignored],
    )


# fmt: off
STORIES = [
    Story("active on the day it was created",
          "2026-01-12", "active", "2026-01-12", "2026-07-12"),
    Story("active on its last day",
          "2026-07-12", "active", "2026-01-12", "2026-07-12"),
    Story("disabled on the day after",
          "2026-07-13", "disabled", "2026-01-12", "2026-07-12"),
    Story("an action counts",
          "2026-08-01", "active", "2026-03-05", "2026-09-05",
          actions=["2026-03-05", "2026-02-01"]),
    Story("an action on the last day counts",
          "2026-08-01", "active", "2026-07-12", "2027-01-12", actions=["2026-07-12"]),
    Story("an action on the day after does not count",
          "2026-08-01", "disabled", "2026-01-12", "2026-07-12", ["2026-07-13"],
          actions=["2026-07-13"]),
    Story("actions keep each other alive",
          "2027-01-31", "active", "2026-12-20", "2027-06-20",
          actions=["2026-12-20", "2026-07-10"]),
    Story("an action that has not happened yet does not count",
          "2026-03-04", "active", "2026-01-12", "2026-07-12", actions=["2026-03-05"]),
    Story("an action of the as-of date counts",
          "2026-03-05", "active", "2026-03-05", "2026-09-05", actions=["2026-03-05"]),
    Story("an action before the account was there does not count",
          "2026-03-04", "active", "2026-01-12", "2026-07-12", actions=["2026-01-11"]),
    Story("a sign-in counts",
          "2026-08-01", "active", "2026-05-02", "2026-11-02", sign_in="2026-05-02"),
    Story("a sign-in that has not happened yet does not count",
          "2026-05-01", "active", "2026-01-12", "2026-07-12", sign_in="2026-05-02"),
    Story("a sign-in of the as-of date counts",
          "2026-05-02", "active", "2026-05-02", "2026-11-02", sign_in="2026-05-02"),
    Story("of a sign-in that has not happened yet and an action before it the action counts",
          "2026-05-01", "active", "2026-03-05", "2026-09-05", sign_in="2026-05-02",
          actions=["2026-03-05"]),
    Story("the latest of sign-in and actions counts",
          "2026-08-01", "active", "2026-06-01", "2026-12-01", sign_in="2026-05-02",
          actions=["2026-06-01", "2026-03-01"]),
    Story("whoever could sign in was not disabled, for only the latest sign-in is kept",
          "2027-01-31", "active", "2026-12-20", "2027-06-20", sign_in="2026-12-20"),
    Story("whoever signed in later was not disabled before",
          "2027-01-31", "active", "2026-12-20", "2027-06-20", sign_in="2026-12-20",
          actions=["2026-09-01"]),
    Story("a sign-in before the account was there leaves its creation as last activity",
          "2026-02-01", "active", "2026-01-12", "2026-07-12", sign_in="2025-12-24"),
    Story("a reactivation counts, however late",
          "2026-10-01", "active", "2026-09-01", "2027-03-01", reactivated=["2026-09-01"]),
    Story("a reactivation of the as-of date counts",
          "2026-09-01", "active", "2026-09-01", "2027-03-01", reactivated=["2026-09-01"]),
    Story("a reactivation that has not happened yet does not count",
          "2026-08-31", "disabled", "2026-01-12", "2026-07-12", reactivated=["2026-09-01"]),
    Story("what happens after a reactivation counts, what happened before does not",
          "2026-12-01", "active", "2026-10-05", "2027-04-05", ["2026-08-01"],
          actions=["2026-08-01", "2026-10-05"], reactivated=["2026-09-01"]),
    Story("an action on the day of the reactivation counts",
          "2026-12-01", "active", "2026-09-01", "2027-03-01",
          actions=["2026-09-01"], reactivated=["2026-09-01"]),
    Story("it can be disabled and reactivated again",
          "2027-09-02", "active", "2027-09-01", "2028-03-01", ["2027-03-02"],
          actions=["2027-03-02"], reactivated=["2026-09-01", "2027-09-01"]),
    Story("removed from the day after its last",
          "2026-04-02", "removed", "2026-01-12", "2026-04-01", removed="2026-04-01"),
    Story("on the last day it is still there",
          "2026-04-01", "active", "2026-01-12", "2026-04-01", removed="2026-04-01"),
    Story("a removal that has not happened yet does not count",
          "2026-03-31", "active", "2026-01-12", "2026-07-12", removed="2026-04-01"),
    Story("an action on the last day counts",
          "2026-05-01", "removed", "2026-04-01", "2026-04-01",
          actions=["2026-03-01", "2026-04-01"], removed="2026-04-01"),
    Story("removed after it was disabled: the earlier day is the last",
          "2026-10-01", "removed", "2026-01-12", "2026-07-12", ["2026-08-01"],
          actions=["2026-08-01"], removed="2026-09-01"),
    Story("a reactivation brings a removed account back",
          "2026-05-01", "active", "2026-05-01", "2026-11-01",
          reactivated=["2026-05-01"], removed="2026-04-01"),
    Story("until the day before it is removed",
          "2026-04-30", "removed", "2026-01-12", "2026-04-01",
          reactivated=["2026-05-01"], removed="2026-04-01"),
    Story("what is brought back can be disabled",
          "2026-11-02", "disabled", "2026-05-01", "2026-11-01",
          reactivated=["2026-05-01"], removed="2026-04-01"),
    Story("of actions after the removal those from the return on count",
          "2026-10-01", "active", "2026-09-01", "2027-03-01", ["2026-04-20"],
          actions=["2026-04-20", "2026-05-01", "2026-06-01"],
          reactivated=["2026-09-01", "2026-05-01"], removed="2026-04-01"),
    Story("a reactivation before the removal, or on its day, does not bring it back",
          "2026-04-02", "removed", "2026-04-01", "2026-04-01",
          reactivated=["2026-03-01", "2026-04-01"], removed="2026-04-01"),
    Story("29 or 28 February: months end with the month",
          "2027-02-28", "active", "2026-08-31", "2027-02-28",
          actions=["2026-06-01", "2026-08-31"]),
    Story("the terms of the day of the last activity count",
          "2026-06-01", "disabled", "2026-01-12", "2026-03-12",
          terms=make_history(make_terms(inactivity=2), make_terms("2026-02-01", inactivity=12))),
    Story("the first terms count for what happened before them",
          "2026-06-01", "disabled", "2026-01-12", "2026-03-12",
          terms=make_history(make_terms("2026-02-01", inactivity=2))),
    Story("without terms an account has no last day",
          "2030-01-01", "active", "2029-01-01", None, actions=["2029-01-01"],
          terms=TermsHistory()),
    Story("without terms a removal still ends it",
          "2030-01-01", "removed", "2026-01-12", "2026-04-01", removed="2026-04-01",
          terms=TermsHistory()),
]
# fmt: on


@pytest.mark.parametrize("story", STORIES, ids=str)
def test_account_standing(story: Story) -> None:
    account = make_account(
        last_sign_in=story.sign_in, reactivated=story.reactivated, removed=story.removed
    )
    standing = find_account_standing(
        account,
        map(date.fromisoformat, story.actions),
        story.terms,
        date.fromisoformat(story.as_of),
    )
    expected = (story.state, story.last_activity, story.last_day, story.ignored)
    assert show(standing) == expected
    assert standing.account is account


def test_action_after_the_removal_is_ignored() -> None:
    account = make_account(removed="2026-04-01")
    actions = [date(2026, 3, 1), date(2026, 4, 20)]
    standing = find_account_standing(account, actions, SIX_MONTHS, date(2026, 5, 1))
    assert show(standing) == ("removed", "2026-03-01", "2026-04-01", ["2026-04-20"])


@pytest.mark.parametrize("removed", [None, "2026-01-02"])
def test_what_was_done_before_the_account_was_created_is_nothing(removed: str | None) -> None:
    standing = find_account_standing(
        make_account(removed=removed), [date(2026, 1, 5)], SIX_MONTHS, date(2026, 5, 1)
    )
    assert (standing.last_activity, standing.ignored) == (date(2026, 1, 12), {})


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
