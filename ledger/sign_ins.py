"""From who was let in, as web servers' logs say it, to the last day that each account was there.

A day counts only if the account was active on it. Somebody who was let in later than that shows
that the web server goes by an old list; that is said, and never makes the account active again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ledger.access_log import Visit
from ledger.customer_records import CustomerRecords
from ledger.figures.account_activity import AccountState, find_account_standings
from ledger.loader import Ledger
from ledger.models import Account, TermsHistory

_MOST_NAMES = 5


class SignIn(NamedTuple):
    """The last day that an account was there, and the one that was known before."""

    customer: str
    email: str
    before: date | None
    day: date


@dataclass(frozen=True, slots=True)
class FoundSignIns:
    """What visits say about accounts.

    Attributes:
        sign_ins: those that are news, by customer and account.
        warnings: visits that say nothing about an account, and why.
    """

    sign_ins: tuple[SignIn, ...]
    warnings: tuple[str, ...]


def find_sign_ins(
    visits: Iterable[Visit], ledger: Ledger, as_of: date, customer: str | None = None
) -> FoundSignIns:
    """Return what visits say about the accounts of a ledger.

    Args:
        visits: who was let in, and when.
        ledger: the ledger.
        as_of: visits after this day are not believed: a clock was wrong.
        customer: whose portal the visits were to, if all were to one.
    """
    slugs = ledger.slugs if customer is None else (customer,)
    # Time entries are no activity of accounts, and many.
    records = {
        folder.slug: replace(folder.records, sheets=()) for folder in ledger.read_customers(slugs)
    }
    sorter = _VisitSorter(records.values(), as_of, customer)
    for visit in sorted(visits, key=lambda visit: (visit.day, visit.user)):
        sorter.take(visit)
    sign_ins: list[SignIn] = []
    warnings = list(sorter.list_warnings())
    for (slug, email), days in sorted(sorter.days.items()):
        account = next(item for item in records[slug].accounts if item.email == email)
        last, late = _follow(account, records[slug], ledger.organization.terms, sorted(days))
        if late:
            warnings.append(
                f"{email} was let in at {slug} on {late[-1]}, but was not active then: "
                "does punchcard portal access run every day?"
            )
        if last is not None and (account.last_sign_in is None or last > account.last_sign_in):
            sign_ins.append(SignIn(slug, email, account.last_sign_in, last))
    return FoundSignIns(tuple(sign_ins), tuple(warnings))


class _VisitSorter:
    """Finds the account of each visit, and keeps the days of each account."""

    def __init__(
        self, customers: Iterable[CustomerRecords], as_of: date, customer: str | None
    ) -> None:
        self._as_of = as_of
        self._customer = customer
        self._owners: dict[str, dict[str, Account]] = {}
        for records in customers:
            for account in records.accounts:
                self._owners.setdefault(account.email.casefold(), {})[records.slug] = account
        self.days: dict[tuple[str, str], set[date]] = {}
        self._unknown: set[str] = set()
        self._ambiguous: set[str] = set()
        self._future: set[date] = set()

    def take(self, visit: Visit) -> None:
        owners = self._owners.get(visit.user.casefold(), {})
        slug = self._find_portal(visit, owners)
        if visit.day > self._as_of:
            self._future.add(visit.day)
        elif slug is not None:
            self.days.setdefault((slug, owners[slug].email), set()).add(visit.day)
        elif len(owners) > 1 and visit.portal is None:
            self._ambiguous.add(visit.user)
        else:
            self._unknown.add(visit.user)

    def _find_portal(self, visit: Visit, owners: dict[str, Account]) -> str | None:
        """Return whose portal a visit was to, as far as the log says it."""
        said = visit.portal or self._customer
        if said is not None:
            return said if said in owners else None
        if len(owners) == 1:
            return next(iter(owners))
        return next((hint for hint in visit.hints if hint in owners), None)

    def list_warnings(self) -> Iterator[str]:
        """Yield what was left out, and why."""
        if self._unknown:
            yield f"nobody has an account as {_name_some(self._unknown)}"
        if self._ambiguous:
            yield (
                f"{_name_some(self._ambiguous)} has an account at several customers, and the log "
                "does not say whose portal it was: name the customer"
            )
        if self._future:
            yield f"visits on {max(self._future)} lie in the future: is the server's clock right?"


def _follow(
    account: Account, records: CustomerRecords, terms: TermsHistory, days: Sequence[date]
) -> tuple[date | None, list[date]]:
    """Return the last of ``days`` on which an account was active, and those on which it was not.

    Each day keeps the account active for the next ones.
    """
    last, late = account.last_sign_in, []
    for day in days:
        seen = account.model_copy(update={"last_sign_in": last})
        accounts = tuple(seen if item is account else item for item in records.accounts)
        standings = find_account_standings(replace(records, accounts=accounts), terms, day)
        state = next((item.state for item in standings if item.account is seen), None)
        if state is AccountState.ACTIVE:
            last = day if last is None else max(last, day)
        else:
            late.append(day)
    return last, late


def _name_some(names: set[str]) -> str:
    """Return some names as a message has them; a stranger may have chosen them."""
    shown = ", ".join(ascii(name)[1:-1] for name in sorted(names)[:_MOST_NAMES])
    rest = len(names) - _MOST_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown
