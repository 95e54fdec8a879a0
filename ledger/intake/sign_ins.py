"""From web servers' logs to the last day on which each account was there, and into the ledger.

A day counts only if the account was active on it. Somebody who was let in later than that shows
that the web server goes by an old list; that is said, and never makes the account active again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date
from functools import reduce
from itertools import groupby

from ledger.balance.accounts import AccountState, find_account_standings
from ledger.files.layout import record_path
from ledger.intake.access_log import Visit, read_logs
from ledger.models import Account, CustomerRecords, TermsHistory
from ledger.text import fold_address, name_some
from ledger.writing.customers import make_account_edit
from ledger.writing.draft import Draft, Drafter, Edit, NothingToWriteError, WritingDesk
from ledger.writing.write import Written


@dataclass(frozen=True, slots=True)
class SignIn:
    """The last day that an account was there, and the one that was known before."""

    customer: str
    email: str
    before: date | None
    last_sign_in: date


@dataclass(frozen=True, slots=True)
class RecordedSignIns:
    """What visits said: what is news, by customer and account, and what is odd.

    ``commit`` and the ``branch`` that has it are None if there is none.
    """

    sign_ins: tuple[SignIn, ...]
    warnings: tuple[str, ...]
    commit: str | None = None
    branch: str | None = None


def record_sign_ins(
    logs: Sequence[str], customer: str | None, write: Callable[[Drafter], Written]
) -> RecordedSignIns:
    """Record what logs say about accounts: in many files, by one commit, or not at all.

    ``logs``: see ``ledger.intake.access_log.read_logs``; ``customer``: whose portal they are of, if
    all are of one; ``write``: writes a draft, as ``ledger.writing.write.write_record`` does.
    """
    found = RecordedSignIns((), ())

    def draft(desk: WritingDesk) -> Draft:
        nonlocal found
        provider = desk.organization.provider
        visits, odd = read_logs(logs, UTC if provider is None else provider.zone)
        sign_ins, warnings = _find_sign_ins(visits, desk, customer)
        found = RecordedSignIns(sign_ins, (*odd, *warnings))
        if not sign_ins:
            raise NothingToWriteError
        by_customer = groupby(sign_ins, key=lambda item: item.customer)
        edits = {record_path(slug, "accounts"): _make_edit(items) for slug, items in by_customer}
        return Draft(edits, "", _describe(sign_ins))

    try:
        written = write(draft)
    except NothingToWriteError:
        return found
    return replace(found, commit=written.commit, branch=written.branch)


def _find_sign_ins(
    visits: Iterable[Visit], desk: WritingDesk, customer: str | None
) -> tuple[tuple[SignIn, ...], list[str]]:
    slugs = desk.ledger.slugs if customer is None else (customer,)
    records = {folder.slug: folder.records for folder in desk.ledger.read_customers(slugs)}
    days, warnings = _sort_visits(visits, records, desk.as_of, customer)
    sign_ins: list[SignIn] = []
    for (slug, email), seen in sorted(days.items()):
        account = next(item for item in records[slug].accounts if item.email == email)
        last, late = _follow(account, records[slug], desk.organization.terms, sorted(seen))
        if late is not None:
            warnings.append(
                f"{email} was let in at {slug} on {late}, but was not active then: "
                "does punchcard portal access run every day?"
            )
        if last is not None and last != account.last_sign_in:
            sign_ins.append(SignIn(slug, email, account.last_sign_in, last))
    return tuple(sign_ins), warnings


def _sort_visits(
    visits: Iterable[Visit],
    customers: Mapping[str, CustomerRecords],
    as_of: date,
    customer: str | None,
) -> tuple[dict[tuple[str, str], set[date]], list[str]]:
    """Return the days of visits by customer and address, and warnings of what was left out.

    Visits after ``as_of`` are not believed: a clock was wrong.
    """
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for slug, records in customers.items():
        for account in records.accounts:
            owners[fold_address(account.email)][slug] = account.email
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    unknown, ambiguous, future = set[str](), set[str](), set[date]()
    for visit in visits:
        known = owners.get(fold_address(visit.user), {})
        portal = _find_portal(visit, known, customer)
        if visit.day > as_of:
            future.add(visit.day)
        elif portal is not None:
            days[portal, known[portal]].add(visit.day)
        elif len(known) > 1 and visit.portal is None:
            ambiguous.add(visit.user)
        else:
            unknown.add(visit.user)
    warnings = []
    if unknown:
        warnings.append(f"nobody has an account as {_name_some(unknown)}")
    if ambiguous:
        warnings.append(
            f"{_name_some(ambiguous)} has an account at several customers, and the log "
            "does not say whose portal it was: name the customer"
        )
    if future:
        day = max(future)
        warnings.append(f"visits on {day} lie in the future: is the server's clock right?")
    return days, warnings


def _find_portal(visit: Visit, owners: Collection[str], customer: str | None) -> str | None:
    """Return whose portal a visit was to, as far as the log says it."""
    if said := visit.portal or customer:
        return said if said in owners else None
    if len(owners) == 1:
        return next(iter(owners))
    return next((hint for hint in visit.hints if hint in owners), None)


def _follow(
    account: Account, records: CustomerRecords, terms: TermsHistory, days: Sequence[date]
) -> tuple[date | None, date | None]:
    """Return the last of ``days`` on which an account was active, and on which it was not.

    Each day keeps the account active for the next ones.
    """
    last, late = account.last_sign_in, None
    for day in days:
        seen = account.model_copy(update={"last_sign_in": last})
        standings = find_account_standings(replace(records, accounts=(seen,)), terms, day)
        if standings and standings[0].state is AccountState.ACTIVE:
            last = day if last is None else max(last, day)
        else:
            late = day
    return last, late


def _name_some(names: Collection[str]) -> str:
    """Return some names as a message has them; a stranger may have chosen them."""
    return name_some([ascii(name)[1:-1] for name in sorted(names)])


def _make_edit(sign_ins: Iterable[SignIn]) -> Edit:
    edits = [make_account_edit(item.email, "last_sign_in", item.last_sign_in) for item in sign_ins]
    return lambda content: reduce(lambda text, edit: edit(text), edits, content) or b""


def _describe(sign_ins: Sequence[SignIn]) -> str:
    noun = "account was" if len(sign_ins) == 1 else "accounts were"
    last = max(item.last_sign_in for item in sign_ins)
    people = "\n".join(f"{item.customer}: {item.email}, {item.last_sign_in}" for item in sign_ins)
    return f"{len(sign_ins)} {noun} there, last on {last}\n\n{people}\n"
