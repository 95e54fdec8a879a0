"""What is kept of a view is what would be made anew, on every day for which it is said to hold."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import NamedTuple

import pytest

from ledger.customer_records import CustomerRecords
from ledger.errors import Severity
from ledger.figures.draw_down import draw_down
from ledger.loader import Ledger, open_ledger
from ledger.models import Provider, TermsHistory
from ledger.rules.catalogue import RULES
from ledger.rules.rule_input import RuleInput
from site_builder.kept_view import DamagedViewError, KeptValues, write_lasting
from site_builder.last_update import LastUpdate, LateRecords
from site_builder.observed_day import ObservedDay
from site_builder.portal import make_portal_view
from site_builder.portal_view import PortalView
from tests.ledger.engine.example_budget import scale
from tests.ledger.engine.random_ledgers import make_seeded_ledger
from tests.ledger.engine.record_factory import make_account
from tests.site_builder.conftest import SAMPLE_LEDGER

_ONE_DAY = timedelta(days=1)


class Kept(NamedTuple):
    """What was kept on a day, and the last one for which it is said to hold."""

    texts: dict[str, bytes]
    last_day: date
    has_errors: bool


class Subject(NamedTuple):
    """A customer, and all that its view is made from."""

    records: CustomerRecords
    terms: TermsHistory
    provider: Provider
    ledger: Ledger | None = None

    def view(
        self, as_of: date, compared: date, last_update: LastUpdate | None = None
    ) -> PortalView:
        drawn = draw_down(self.records, self.terms, compared)
        return make_portal_view(
            self.records, self.provider, self.terms, (), as_of, "abc", drawn, last_update
        )

    def has_errors(self, day: date) -> bool:
        if self.ledger is None:
            return False
        folder = self.ledger.read_customer(self.records.slug)
        given = RuleInput(self.ledger.organization, folder, day)
        rules = (rule for rule in RULES if rule.find_problems and not rule.is_for_check_alone)
        problems = [each for rule in rules for each in rule.find_problems(given)]  # type: ignore[misc]  # asked above
        return any(problem.severity is Severity.ERROR for problem in problems)

    def keep(self, day: date) -> Kept:
        observed = ObservedDay.observe(day)
        has_errors = self.has_errors(observed)
        texts = write_lasting(self.view(day, observed))
        return Kept(texts, observed.last_like_this, has_errors)


@pytest.fixture(scope="module")
def provider() -> Provider:
    with open_ledger(SAMPLE_LEDGER) as ledger:
        found = ledger.organization.provider
    assert found is not None
    return found


def list_days(first: date, last: date, step: int = 1) -> list[date]:
    return [first + timedelta(days=days) for days in range(0, (last - first).days + 1, step)]


def add_accounts(
    records: CustomerRecords, days: list[date], chance: random.Random
) -> CustomerRecords:
    """Give people who come, are seen, go and come back on any of the days."""

    def pick() -> str | None:
        return chance.choice([None, str(chance.choice(days))])

    accounts = tuple(
        make_account(
            f"person{number}@customer.example",
            chance.choice(days),
            last_sign_in=pick(),
            reactivated=[*map(str, sorted(chance.sample(days, chance.randint(0, 2))))],
            removed=pick(),
        )
        for number in range(chance.randint(1, 3))
    )
    return replace(records, accounts=accounts)


def require_same_on_all_days(subject: Subject, days: Iterable[date]) -> float:
    """Return the share of days on which nothing had to be made anew."""
    kept, hits, count = None, 0, 0
    for day in days:
        count += 1
        view = subject.view(day, day)
        if kept is None or day > kept.last_day:
            kept = subject.keep(day)
            assert subject.view(day, ObservedDay.observe(day)) == view
        else:
            hits += 1
        assert kept.texts == write_lasting(view), day
        assert kept.has_errors == subject.has_errors(day), day
        require_shown(kept.texts, subject, day)
    return hits / count


def require_shown(texts: dict[str, bytes], subject: Subject, day: date) -> None:
    """What is taken back looks like the view of the day, whatever was published before."""
    for last_update in (None, LastUpdate(day - 9 * _ONE_DAY, LateRecords(frozenset({"P1"})))):
        view = subject.view(day, day, last_update)
        shown = KeptValues(texts.get).show(day, "abc", last_update)
        for each in fields(PortalView):
            assert getattr(shown, each.name) == getattr(view, each.name), (day, each.name)


@pytest.mark.parametrize("seed", range(scale(25)))
def test_random_ledgers_day_by_day(seed: int, provider: Provider) -> None:
    """Cards that expire, accounts that end, events and records of days to come."""
    made = make_seeded_ledger(seed)
    days = made.iterate_days()
    records = add_accounts(made.records, days, random.Random(seed))
    all_days = list_days(days[0], days[-1] + timedelta(days=40))
    require_same_on_all_days(Subject(records, made.terms, provider), all_days)


@pytest.mark.parametrize("slug", ["acme", "kestrel-avionics", "nordlys-rail"])
def test_the_sample_ledger_over_the_years(slug: str, provider: Provider) -> None:
    """And mostly, nothing has to be made anew."""
    with open_ledger(SAMPLE_LEDGER) as ledger:
        records = ledger.read_customer(slug).records
        subject = Subject(records, ledger.organization.terms, provider, ledger)
        share = require_same_on_all_days(subject, list_days(date(2026, 1, 1), date(2028, 9, 1), 6))
    assert share > 0.5


def test_a_day_is_asked_for_when_there_is_one(provider: Provider) -> None:
    made = make_seeded_ledger(1)
    kept = Subject(made.records, made.terms, provider).keep(made.last)
    with pytest.raises(AttributeError):
        _ = KeptValues(kept.texts.get).as_of


def test_what_is_damaged_is_said(provider: Provider) -> None:
    made = make_seeded_ledger(1)
    kept = Subject(made.records, made.terms, provider).keep(made.last)
    texts = {name: text for name, text in kept.texts.items() if "requests" not in name}
    shown = KeptValues(texts.get).show(made.last, None, None)
    with pytest.raises(DamagedViewError):
        _ = shown.requests
