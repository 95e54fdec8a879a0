"""From web servers' logs to the last day on which each account was there, and into the ledger.

A day counts only if the account was active on it. Somebody who was let in later than that shows
that the web server goes by an old list; that is said, and never makes the account active again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.figures.account_activity import AccountState, find_account_standings
from ledger.files.layout import record_path
from ledger.intake.access_log import Visit
from ledger.ledger import Ledger
from ledger.models import Account, TermsHistory
from ledger.models.customer_records import CustomerRecords
from ledger.writing.accounts import make_account_edit
from ledger.writing.draft import Edit
from ledger.writing.files import FileChangedError
from ledger.writing.write import Change, Target, open_alone, write_change
from ledger.writing.yaml_edit import UneditableError

_MOST_NAMES = 5


class SignIn(NamedTuple):
    """The last day that an account was there, and the one that was known before."""

    customer: str
    email: str
    before: date | None
    day: date


@dataclass(frozen=True, slots=True)
class FoundSignIns:
    """What visits say about accounts: what is news, by customer and account, and what is odd."""

    sign_ins: tuple[SignIn, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RecordedSignIns:
    """What was recorded; the commit's id, if there is one, and the branch that has it, if any."""

    found: FoundSignIns
    commit: str | None = None
    branch: str | None = None


def find_sign_ins(
    visits: Iterable[Visit], ledger: Ledger, as_of: date, customer: str | None = None
) -> FoundSignIns:
    """Return what visits say about the accounts of a ledger.

    Visits after ``as_of`` are not believed: a clock was wrong. ``customer``: whose portal the
    visits were to, if all were to one.
    """
    slugs = ledger.slugs if customer is None else (customer,)
    # Time entries are no activity of accounts, and many.
    records = {
        folder.slug: replace(folder.records, sheets=()) for folder in ledger.read_customers(slugs)
    }
    owners: dict[str, dict[str, Account]] = {}
    for slug, held in records.items():
        for account in held.accounts:
            owners.setdefault(account.email.casefold(), {})[slug] = account
    days: dict[tuple[str, str], set[date]] = {}
    unknown, ambiguous, future = set[str](), set[str](), set[date]()
    for visit in visits:
        known = owners.get(visit.user.casefold(), {})
        portal = _find_portal(visit, known, customer)
        if visit.day > as_of:
            future.add(visit.day)
        elif portal is not None:
            days.setdefault((portal, known[portal].email), set()).add(visit.day)
        elif len(known) > 1 and visit.portal is None:
            ambiguous.add(visit.user)
        else:
            unknown.add(visit.user)
    warnings = list(_list_warnings(unknown, ambiguous, future))
    sign_ins: list[SignIn] = []
    for (slug, email), seen in sorted(days.items()):
        account = next(item for item in records[slug].accounts if item.email == email)
        last, late = _follow(account, records[slug], ledger.organization.terms, sorted(seen))
        if late:
            warnings.append(
                f"{email} was let in at {slug} on {late[-1]}, but was not active then: "
                "does punchcard portal access run every day?"
            )
        if last is not None and (account.last_sign_in is None or last > account.last_sign_in):
            sign_ins.append(SignIn(slug, email, account.last_sign_in, last))
    return FoundSignIns(tuple(sign_ins), tuple(warnings))


def record_sign_ins(
    find: Callable[[Ledger], FoundSignIns],
    target: Target,
    *,
    folder: Path | None,
    find_today: Callable[[Ledger], date],
    on_wait: Callable[[], None] | None = None,
) -> RecordedSignIns:
    """Record the sign-ins that ``find`` finds: in many files, by one commit, or not at all.

    See ``ledger.writing.write.write_record`` for the other arguments.

    Raises:
        RefusedError: the ledger would have errors; nothing was written.
        LedgerError: nothing was written, or not committed; the message says which.
    """
    found = FoundSignIns((), ())

    def make_change(base: Ledger, _other: Ledger | None) -> Change:
        nonlocal found
        found = find(base)
        by_customer = groupby(found.sign_ins, key=lambda item: item.customer)
        edits = {record_path(slug, "accounts"): _make_edit(items) for slug, items in by_customer}
        return Change(edits, _describe(found.sign_ins))

    with open_alone(folder, (), on_wait) as ledger:
        try:
            written, _base = write_change(ledger, make_change, target, find_today(ledger))
        except FileChangedError as error:
            raise LedgerError(f"{error} was changed just now", "run the command again") from error
    return RecordedSignIns(found, written.commit, written.branch)


def _find_portal(visit: Visit, owners: Mapping[str, Account], customer: str | None) -> str | None:
    """Return whose portal a visit was to, as far as the log says it."""
    said = visit.portal or customer
    if said is not None:
        return said if said in owners else None
    if len(owners) == 1:
        return next(iter(owners))
    return next((hint for hint in visit.hints if hint in owners), None)


def _list_warnings(
    unknown: Collection[str], ambiguous: Collection[str], future: Collection[date]
) -> Iterator[str]:
    if unknown:
        yield f"nobody has an account as {_name_some(unknown)}"
    if ambiguous:
        yield (
            f"{_name_some(ambiguous)} has an account at several customers, and the log "
            "does not say whose portal it was: name the customer"
        )
    if future:
        yield f"visits on {max(future)} lie in the future: is the server's clock right?"


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


def _name_some(names: Collection[str]) -> str:
    """Return some names as a message has them; a stranger may have chosen them."""
    shown = ", ".join(ascii(name)[1:-1] for name in sorted(names)[:_MOST_NAMES])
    rest = len(names) - _MOST_NAMES
    return f"{shown} and {rest} more" if rest > 0 else shown


def _make_edit(sign_ins: Iterable[SignIn]) -> Edit:
    edits = [make_account_edit(item.email, "last_sign_in", item.day) for item in sign_ins]

    def edit(before: bytes | None) -> bytes:
        after = before
        for each in edits:
            after = each(after)
        if after is None:
            raise UneditableError("the accounts are not there")
        return after

    return edit


def _describe(sign_ins: Sequence[SignIn]) -> str:
    noun = "account was" if len(sign_ins) == 1 else "accounts were"
    last = max((item.day for item in sign_ins), default=None)
    people = "\n".join(f"{item.customer}: {item.email}, {item.day}" for item in sign_ins)
    return f"{len(sign_ins)} {noun} there, last on {last}\n\n{people}\n"
