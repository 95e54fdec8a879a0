"""What ends when: accounts, portals, punchcards, licences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from ledger.balance.accounts import AccountState, find_account_standings
from ledger.balance.portal_life import PortalState
from ledger.balance.summary import Balance
from ledger.models import CustomerRecords, TermsHistory
from ledger.text import natural_key


class EndingKind(StrEnum):
    """What ends."""

    ACCOUNT = "account"
    PORTAL = "portal"
    CARD = "card"
    LICENCE = "licence"


@dataclass(frozen=True)
class Ending:
    """Something that ends: an account by its address, a lot by its id, a licence by its product.

    ``last_day`` is the last day on which it still works; ``days_left`` is 0 on that day.
    """

    customer: str
    kind: EndingKind
    subject: str
    last_day: date
    days_left: int


def list_endings(
    records: CustomerRecords, terms: TermsHistory, balance: Balance, within_days: int | None = None
) -> tuple[Ending, ...]:
    """Return what has a last day on or after the balance's as-of date, nearest first.

    With ``within_days`` what ends later than so many days ahead is left out.
    """
    as_of = balance.as_of
    found = [
        Ending(records.slug, kind, subject, last_day, (last_day - as_of).days)
        for kind, subject, last_day in _list_last_days(records, terms, balance)
        if last_day is not None and last_day >= as_of
    ]
    return sort_endings(
        each for each in found if within_days is None or each.days_left <= within_days
    )


def sort_endings(endings: Iterable[Ending]) -> tuple[Ending, ...]:
    """Return the endings, nearest first."""

    def rank(each: Ending) -> tuple[Any, ...]:
        return each.last_day, each.customer, each.kind, natural_key(each.subject)

    return tuple(sorted(endings, key=rank))


def _list_last_days(
    records: CustomerRecords, terms: TermsHistory, balance: Balance
) -> Iterator[tuple[EndingKind, str, date | None]]:
    if balance.portal.state is not PortalState.CLOSED:
        for standing in find_account_standings(records, terms, balance.as_of):
            if standing.state is AccountState.ACTIVE:
                yield EndingKind.ACCOUNT, standing.account.email, standing.last_day
    yield EndingKind.PORTAL, records.customer.name, balance.portal.last_day
    for lot in balance.open_cards:
        yield EndingKind.CARD, lot.id, lot.last_day
    for licence in records.customer.licences:
        if licence.is_valid_on(balance.as_of):
            yield EndingKind.LICENCE, licence.product, licence.until
