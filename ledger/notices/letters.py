"""Who is told what: the notices of all customers between two publications, as letters.

What has been told already is in a small file, so that nobody is told anything twice. It says up to
which publication everybody was told, and of a run that was cut short who was told of a later one::

    up-to published/2026-11-16
    published/2026-11-23 5d41402abc4b2a76

People are known by a hash. One program has the file at a time.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path

from ledger.balance.portal_life import AccountState, PortalState, find_account_standings
from ledger.errors import LedgerError
from ledger.files.durable_files import APPENDING, hold_lock, replace_durably
from ledger.history.publications import TAG_PREFIX, Publication
from ledger.ledger import Ledger
from ledger.models import Account, NoticeChoice
from ledger.notices.facts import BALANCE_KINDS, Notice, NoticeKind, Snapshot, list_notices
from ledger.text import fold_address, natural_key
from ledger.workers import count_cores, run_on_all_cores

_UP_TO = "up-to"
_KEY_LENGTH = 16
_WEEK = timedelta(days=7)
_AUDIENCES = {
    **dict.fromkeys((*BALANCE_KINDS, NoticeKind.FORECAST), "sales"),
    **dict.fromkeys((NoticeKind.ACCOUNT, NoticeKind.PORTAL), "endings"),
    NoticeKind.UNTRIAGED: "requests",
    NoticeKind.HELD_BACK: "publications",
}
"""The keys of ``notices`` in provider.yml, by what the provider is told of."""
_INTERNAL = (NoticeKind.UNTRIAGED, NoticeKind.HELD_BACK)


def hash_key(*parts: str) -> str:
    """Return the key of a person, or of anything else that is told once."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


class Told:
    """The file at ``path``, held by this process; see ``hold_told``."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.up_to: str | None = None
        self._told: dict[str, str] = {}
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        self._start = "" if text.endswith("\n") or not text else "\n"  # A line that was cut off.
        for tag, _space, key in (line.partition(" ") for line in text.split("\n")[:-1]):
            if tag == _UP_TO:
                self.up_to = key
            elif len(key) == _KEY_LENGTH:
                self._told[key] = tag

    def find(self, *person: str) -> str | None:
        """Return the publication that a person was told of last; None if the file does not say."""
        return self._told.get(hash_key(*person)[:_KEY_LENGTH], self.up_to)

    @property
    def tags(self) -> set[str]:
        """The publications of which some people were told in a run that was cut short."""
        return {*self._told.values()}

    def add(self, tag: str, *person: str) -> None:
        """Note that a person was told of a publication; it is on the disk when this returns."""
        key = hash_key(*person)[:_KEY_LENGTH]
        with os.fdopen(os.open(self._path, APPENDING, 0o600), "ab") as file:
            file.write(f"{self._start}{tag} {key}\n".encode())
            file.flush()
            os.fsync(file.fileno())
        self._told[key], self._start = tag, ""

    def finish(self, tag: str) -> None:
        """Note that everybody was told of a publication."""
        replace_durably(self._path, f"{_UP_TO} {tag}\n".encode(), mode=0o600)
        self.up_to, self._told, self._start = tag, {}, ""


@contextmanager
def hold_told(path: Path) -> Iterator[Told]:
    """Hold the file of what was told, waiting for others; a LedgerError if that cannot be done."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with hold_lock(path.with_name(f"{path.name}.lock")):
            yield Told(path)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror or error}"
        raise LedgerError(message, "name another file with --state") from error


class Plan:
    """Which publications to compare, and for whom.

    Everybody is told of what is new since the publication that they were told of last. Without
    any in the file that is ``since``, or the one before ``until``, which is the last one if None.
    """

    def __init__(
        self, published: Sequence[Publication], told: Told, since: str | None, until: str | None
    ) -> None:
        """Raise a LedgerError if there is no such publication, or none at all."""
        names = [each.tag for each in published]
        since, until = (
            tag and f"{TAG_PREFIX}{tag.removeprefix(TAG_PREFIX)}" for tag in (since, until)
        )
        for tag in filter(None, (since, until)):
            if names and tag not in names:
                raise LedgerError(f"there is no publication {tag}", f"the last one is {names[-1]}")
        if not names:
            hint = "`punchcard portal publish` records what it publishes; or `git fetch --tags`"
            raise LedgerError("nothing was published yet, so there is nothing to tell", hint)
        # Place 0 is before the first publication.
        self._places, self._told = (None, *published), told
        self._last = len(names) if until is None else names.index(until) + 1
        self._first = self._last - 1 if since is None else names.index(since) + 1
        self.now = published[self._last - 1]
        if told.up_to is not None:
            up_to = self._find_place(told.up_to)
            self._first = up_to if since is None else max(self._first, up_to)

    @property
    def steps(self) -> list[Publication | None]:
        """The publications to compare with ``now``: one, or more after a run that was cut short.

        None stands for nothing, before the first publication. There is no step if everybody was
        told.
        """
        places = {self._first, *map(self._find_place, self._told.tags)}
        return [self._places[x] for x in sorted(places) if self._first <= x < self._last]

    def is_due(self, before: Publication | None, *person: str) -> bool:
        """Whether it is in this step that a person is told."""
        tag = self._told.find(*person)
        place = self._first if tag is None else max(self._first, self._find_place(tag))
        return self._places[place] == before

    def _find_place(self, tag: str) -> int:
        """Return the place of a publication, or of the last before it if its tag is gone."""
        wanted = natural_key(tag)
        return sum(natural_key(each.tag) <= wanted for each in self._places if each)


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

    @property
    def person(self) -> tuple[str, str]:
        """Who is told, as ``Told`` knows people."""
        return self.customer, fold_address(self.address)


def list_letters(
    ledger: Ledger,
    published: Iterable[Publication],
    before: Publication | None,
    now: Publication,
    today: date,
    on_customer: Callable[[str], None] = lambda _slug: None,
    *,
    is_chat: bool = False,
) -> Iterator[Letter]:
    """Yield what everybody is to be told, customer by customer, those at the provider last.

    For a chat program it is what the provider is told, whoever at it, a letter for each customer.
    ``ledger`` is as it is ``today``: whoever is no active account by now is told nothing.
    """
    comparison = _Comparison(ledger, published, before, now, today)
    internal: dict[str, list[Notice]] = {}
    slugs, provider = comparison.published.slugs, comparison.published.organization.provider
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
        yield write(now.as_of, now.tag, tuple(notices))


class _Comparison:
    """Compares each customer at two publications; the later one is ``self.published``."""

    def __init__(
        self,
        ledger: Ledger,
        published: Iterable[Publication],
        before: Publication | None,
        now: Publication,
        today: date,
    ) -> None:
        self._ledger, self._before, self._now, self._today = ledger, before, now, today
        upto = [each for each in published if before and each.as_of <= before.as_of]
        self._earlier = upto[: upto.index(before) + 1][::-1] if before else []
        repository, prefix = ledger.require_repository("no publications"), ledger.files.prefix
        self._open = cache(
            lambda commit: Ledger(repository.open_commit(commit, prefix), repository)
        )
        self.published = self._open(now.commit)
        self._names = {each.handle: each.name for each in self.published.organization.consultants}

    def compare(self, slug: str) -> tuple[tuple[Notice, ...], list[Letter]]:
        """Return what is to be said of a customer, and the letters to its accounts."""
        before, now = self._before, self._now
        records = self.published.read_customer(slug).records
        if slug in now.held_back:
            name = records.customer.name or slug
            is_new = before is None or slug not in before.held_back
            told = Notice(slug, name, NoticeKind.HELD_BACK, slug, now.as_of)
            return ((told,) if is_new else ()), []
        snapshot = Snapshot(records, self.published.organization.terms, now.as_of, self._names)
        notices = list_notices(self._find_before(slug, snapshot), snapshot)
        if snapshot.balance.portal.state in {PortalState.CLOSED, PortalState.NONE} or not notices:
            return notices, []
        active, letters = self._list_accounts(snapshot), []
        readers = [_list_readers(notice, active) for notice in notices]
        for account in active:
            choice = account.notices or NoticeChoice.IMPORTANT
            own = tuple(
                notice
                for notice, people in zip(notices, readers, strict=True)
                if account in people
                if choice is NoticeChoice.ALL or notice.kind is not NoticeKind.DIGEST
            )
            if own and choice is not NoticeChoice.NONE:
                to = (slug, account.email, account.name, records.customer.language, choice)
                letters.append(Letter(*to, now.as_of, now.tag, own))
        return notices, letters

    def _find_before(self, slug: str, now: Snapshot) -> Snapshot:
        """Return what the customer saw last: whoever was held back, the publication before."""
        for publication in self._earlier:
            if slug in publication.held_back:
                continue
            then = self._open(publication.commit)
            if slug not in then.slugs:
                return replace(now, as_of=publication.as_of)
            is_same = then.tree_ids.get(slug) == self.published.tree_ids.get(slug)
            records = now.records if is_same else then.read_customer(slug).records
            return Snapshot(records, then.organization.terms, publication.as_of)
        return replace(now, as_of=now.as_of - _WEEK)

    def _list_accounts(self, now: Snapshot) -> list[Account]:
        """Return the accounts that were active at the publication, and still are."""
        slug, ledger = now.records.slug, self._ledger
        if slug not in ledger.slugs:
            return []
        sides = (
            (now.records, now.terms, now.as_of),
            (ledger.read_customer(slug).records, ledger.organization.terms, self._today),
        )
        then, active = (
            {
                fold_address(each.account.email): each.account
                for each in find_account_standings(*side)
                if each.state is AccountState.ACTIVE
            }
            for side in sides
        )
        return [account for address, account in active.items() if address in then]


def _list_readers(notice: Notice, active: Sequence[Account]) -> Sequence[Account]:
    """Return the accounts that a notice is for: those who took part, if any is active, or all."""
    if notice.kind in _INTERNAL:
        return ()
    took_part = [each for each in active if any(map(each.is_known_as, notice.people))]
    return took_part if notice.kind is NoticeKind.ACCOUNT else took_part or active
