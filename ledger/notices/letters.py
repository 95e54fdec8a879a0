"""Who is told what: the notices of all customers between two publications, as letters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial

from ledger.balance.portal_life import AccountState, PortalState, find_account_standings
from ledger.history.publications import Publication
from ledger.ledger import Ledger
from ledger.models import Account, NoticeChoice
from ledger.notices.facts import BALANCE_KINDS, Notice, NoticeKind, Snapshot, list_notices
from ledger.notices.told import Step
from ledger.text import fold_address
from ledger.workers import count_cores, run_on_all_cores

_WEEK = timedelta(days=7)
_AUDIENCES = {
    **dict.fromkeys((*BALANCE_KINDS, NoticeKind.FORECAST), "sales"),
    **dict.fromkeys((NoticeKind.ACCOUNT, NoticeKind.PORTAL), "endings"),
    NoticeKind.UNTRIAGED: "requests",
    NoticeKind.HELD_BACK: "publications",
}
"""The keys of ``notices`` in provider.yml, by what the provider is told of."""
_INTERNAL = (NoticeKind.UNTRIAGED, NoticeKind.HELD_BACK)


@dataclass(frozen=True, slots=True)
class Letter:
    """What one person is told of a publication; ``customer`` is empty for one at the provider."""

    customer: str
    address: str
    name: str
    language: str | None
    choice: NoticeChoice
    as_of: date
    tag: str
    notices: tuple[Notice, ...]


def list_letters(
    ledger: Ledger,
    published: Iterable[Publication],
    step: Step,
    today: date,
    on_customer: Callable[[str], None] = lambda _slug: None,
    *,
    is_chat: bool = False,
) -> Iterator[Letter]:
    """Yield what everybody is to be told, customer by customer, those at the provider last.

    For a chat program it is what the provider is told, whoever at it, a letter for each customer.
    ``ledger`` is as it is ``today``: whoever is no active account by now is told nothing.
    """
    comparison = _Comparison(ledger, published, step, today)
    internal: dict[str, list[Notice]] = {}
    slugs = comparison.now.slugs
    provider = comparison.now.organization.provider
    addresses = provider and provider.notices
    with closing(run_on_all_cores(comparison.compare, slugs, count_cores(), 4)) as results:
        for slug, (found, letters) in zip(slugs, results, strict=True):
            yield from () if is_chat else letters
            for notice in found:
                audience = _AUDIENCES.get(notice.kind, "")
                if address := audience and (slug if is_chat else getattr(addresses, audience, "")):
                    internal.setdefault(address, []).append(notice)
            on_customer(slug)
    for address, notices in internal.items():
        write = partial(Letter, "", address, "", None, NoticeChoice.IMPORTANT)
        yield write(step.now.as_of, step.now.tag, tuple(notices))


class _Comparison:
    """Compares each customer at the two publications of a step."""

    def __init__(
        self, ledger: Ledger, published: Iterable[Publication], step: Step, today: date
    ) -> None:
        self._ledger, self._step, self._today = ledger, step, today
        upto = [each for each in published if step.before and each.as_of <= step.before.as_of]
        self._earlier = upto[: upto.index(step.before) + 1][::-1] if step.before else []
        self._open = cache(self._open_commit)
        self.now = self._open(step.now.commit)
        consultants = self.now.organization.consultants
        self._names: Mapping[str, str] = {each.handle: each.name for each in consultants}

    def compare(self, slug: str) -> tuple[tuple[Notice, ...], tuple[Letter, ...]]:
        """Return what is to be said of a customer, and the letters to its accounts."""
        before, now = self._step
        if slug in now.held_back:
            name = self.now.read_customer(slug).records.customer.name or slug
            is_new = before is None or slug not in before.held_back
            told = Notice(slug, name, NoticeKind.HELD_BACK, slug, now.as_of)
            return ((told,) if is_new else ()), ()
        terms = self.now.organization.terms
        records = self.now.read_customer(slug).records
        snapshot = Snapshot(records, terms, now.as_of, self._names)
        notices = list_notices(self._find_before(slug, snapshot), snapshot)
        if snapshot.balance.portal.state in {PortalState.CLOSED, PortalState.NONE} or not notices:
            return notices, ()
        active = self._list_accounts(snapshot)
        write = partial(self._write, snapshot, notices, active)
        return notices, tuple(filter(None, map(write, active)))

    def _find_before(self, slug: str, now: Snapshot) -> Snapshot:
        """Return what the customer saw last: whoever was held back, the publication before."""
        for publication in self._earlier:
            if slug in publication.held_back:
                continue
            then = self._open(publication.commit)
            if slug not in then.slugs:
                return replace(now, as_of=publication.as_of)
            is_same = then.tree_ids.get(slug) == self.now.tree_ids.get(slug)
            records = now.records if is_same else then.read_customer(slug).records
            return Snapshot(records, then.organization.terms, publication.as_of)
        return replace(now, as_of=now.as_of - _WEEK)

    def _list_accounts(self, now: Snapshot) -> list[Account]:
        """Return the accounts that were active at the publication, and still are."""
        slug = now.records.slug
        if slug not in self._ledger.slugs:
            return []
        records = self._ledger.read_customer(slug).records
        active = [
            {
                fold_address(each.account.email): each.account
                for each in find_account_standings(side, terms, day)
                if each.state is AccountState.ACTIVE
            }
            for side, terms, day in (
                (now.records, now.terms, now.as_of),
                (records, self._ledger.organization.terms, self._today),
            )
        ]
        return [account for address, account in active[1].items() if address in active[0]]

    def _write(
        self,
        now: Snapshot,
        notices: tuple[Notice, ...],
        active: Sequence[Account],
        account: Account,
    ) -> Letter | None:
        choice = account.notices or NoticeChoice.IMPORTANT
        own = tuple(each for each in notices if _concerns(each, account, active))
        if choice is not NoticeChoice.ALL:
            own = tuple(each for each in own if each.kind is not NoticeKind.DIGEST)
        if choice is NoticeChoice.NONE or not own:
            return None
        slug, customer = now.records.slug, now.records.customer
        to = (slug, account.email, account.name, customer.language, choice)
        return Letter(*to, now.as_of, self._step.now.tag, own)

    def _open_commit(self, commit: str) -> Ledger:
        repository = self._ledger.require_repository("no publications")
        return Ledger(repository.open_commit(commit, self._ledger.files.prefix), repository)


def _concerns(notice: Notice, account: Account, active: Sequence[Account]) -> bool:
    """Whether a notice is for an account: those who took part, if any is active, or all."""
    if notice.kind in _INTERNAL:
        return False
    if notice.kind is NoticeKind.ACCOUNT:
        return account.is_known_as(notice.subject)
    took_part = [
        each for each in active if any(each.is_known_as(person) for person in notice.people)
    ]
    return account in (took_part or active)
