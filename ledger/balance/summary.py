"""A customer's balance, the state on the evening of a date, and what ends when."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from operator import attrgetter

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.lots import Lot, LotKind
from ledger.balance.portal_life import (
    AccountState,
    Portal,
    PortalState,
    find_account_standings,
    find_portal,
)
from ledger.models import CustomerRecords, TermsHistory
from ledger.text import natural_key


@dataclass(frozen=True, kw_only=True)
class Balance:
    """What a customer has, on the evening of ``as_of``. All amounts are whole minutes.

    Always: purchased + goodwill = used + refunded + expired + remaining, and
    remaining - overdrawn = balance, and never are minutes left and overdrawn at once.
    """

    customer: str
    name: str
    as_of: date
    revision: str | None = None  # the commit, None where the files differ from it
    currency: str
    purchased_minutes: int
    goodwill_minutes: int
    used_minutes: int  # charged minutes that a lot covers
    refunded_minutes: int
    expired_minutes: int
    remaining_minutes: int
    overdrawn_minutes: int  # charged minutes that no lot covers
    balance_minutes: int
    low: bool  # at or below the low balance of the terms, and the portal is there
    last_activity: date | None  # the latest date of an entry, a request or an event
    portal: Portal
    lots: tuple[Lot, ...]  # in the order in which they came in
    value_remaining: Decimal  # the money that the remaining minutes stand for

    @property
    def open_cards(self) -> tuple[Lot, ...]:
        """The punchcards that still have minutes."""
        return tuple(lot for lot in self.lots if lot.kind is LotKind.CARD and lot.remaining_minutes)


def compute_balance(records: CustomerRecords, terms: TermsHistory, as_of: date) -> Balance:
    """Return the balance on the evening of ``as_of``."""
    return summarize_draw_down(records, terms, draw_down(records, terms, as_of))


def summarize_draw_down(records: CustomerRecords, terms: TermsHistory, drawn: DrawDown) -> Balance:
    """Return the balance that follows from a draw-down."""
    lots, as_of = drawn.lots, drawn.as_of
    portal, in_force = find_portal(records.customer, lots, terms, as_of), terms.in_force_on(as_of)
    is_there = portal.state not in {PortalState.CLOSED, PortalState.NONE}
    low_minutes = in_force.low_balance_minutes if in_force and is_there else None
    return Balance(
        customer=records.slug,
        name=records.customer.name,
        as_of=as_of,
        currency=records.customer.currency,
        purchased_minutes=sum(lot.minutes for lot in lots if lot.kind is LotKind.CARD),
        goodwill_minutes=sum(lot.minutes for lot in lots if lot.kind is LotKind.GOODWILL),
        used_minutes=sum(lot.used_minutes for lot in lots),
        refunded_minutes=sum(lot.refunded_minutes for lot in lots),
        expired_minutes=sum(lot.expired_minutes for lot in lots),
        remaining_minutes=drawn.remaining_minutes,
        overdrawn_minutes=drawn.overdrawn_minutes,
        balance_minutes=drawn.balance_minutes,
        low=low_minutes is not None and drawn.balance_minutes <= low_minutes,
        last_activity=find_last_activity(records, as_of),
        portal=portal,
        lots=lots,
        value_remaining=sum((lot.value_remaining for lot in lots), Decimal(0)),
    )


def find_last_activity(records: CustomerRecords, as_of: date) -> date | None:
    """Return the latest date, up to ``as_of``, of an entry, a request or an event."""
    days = [entry.date for _sheet, entry in records.sheet_entries]
    for request in records.requests.values():
        days += [request.opened, *(event.date for event in request.history)]
    return max((day for day in days if day <= as_of), default=None)


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
    """Return what ends from the balance's as-of date on, and ``within_days``, nearest first."""
    as_of, portal, customer = balance.as_of, balance.portal, records.customer
    found = [(EndingKind.PORTAL, customer.name, portal.last_day)]
    if portal.state is not PortalState.CLOSED:
        standings = find_account_standings(records, terms, as_of)
        active = [each for each in standings if each.state is AccountState.ACTIVE]
        found += [(EndingKind.ACCOUNT, each.account.email, each.last_day) for each in active]
    found += [(EndingKind.CARD, lot.id, lot.last_day) for lot in balance.open_cards]
    valid = [each for each in customer.licences if each.is_valid_on(as_of)]
    found += [(EndingKind.LICENCE, each.product, each.until) for each in valid]
    return sort_endings(
        Ending(records.slug, kind, subject, last_day, days)
        for kind, subject, last_day in found
        if last_day is not None and (days := (last_day - as_of).days) >= 0
        if within_days is None or days <= within_days
    )


def sort_endings(endings: Iterable[Ending]) -> tuple[Ending, ...]:
    """Return the endings, nearest first."""
    by_name = sorted(endings, key=lambda each: (each.kind, natural_key(each.subject)))
    return tuple(sorted(by_name, key=attrgetter("last_day", "customer")))
