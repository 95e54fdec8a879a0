"""What ends when: accounts, portals, punchcards, licences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

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
    """Something that ends.

    Attributes:
        subject: the account's address, the customer's name, the lot's id or the product.
        last_day: the last day on which it still works.
        days_left: days from the as-of date to the last day; 0 means that this is the last.
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
    endings = [
        Ending(records.slug, kind, subject, last_day, (last_day - balance.as_of).days)
        for kind, subject, last_day in _list_last_days(records, terms, balance)
    ]
    return sort_endings(
        each
        for each in endings
        if each.days_left >= 0 and (within_days is None or each.days_left <= within_days)
    )


def sort_endings(endings: Iterable[Ending]) -> tuple[Ending, ...]:
    """Return the endings, nearest first."""
    return tuple(
        sorted(
            endings,
            key=lambda each: (each.last_day, each.customer, each.kind, natural_key(each.subject)),
        )
    )


def _list_last_days(
    records: CustomerRecords, terms: TermsHistory, balance: Balance
) -> Iterator[tuple[EndingKind, str, date]]:
    as_of = balance.as_of
    if balance.portal.state is not PortalState.CLOSED:
        for standing in find_account_standings(records, terms, as_of):
            if standing.state is AccountState.ACTIVE and standing.last_day is not None:
                yield EndingKind.ACCOUNT, standing.account.email, standing.last_day
    if balance.portal.last_day is not None:
        yield EndingKind.PORTAL, records.customer.name, balance.portal.last_day
    for lot in balance.open_cards:
        if lot.last_day is not None:
            yield EndingKind.CARD, lot.id, lot.last_day
    for licence in records.customer.licences:
        if licence.until is not None and licence.is_valid_on(as_of):
            yield EndingKind.LICENCE, licence.product, licence.until
