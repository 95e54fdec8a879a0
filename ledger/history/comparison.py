"""Two revisions of a ledger side by side: what differs is read of both, and nothing else.

Git knows the id of every file's content, so files with the same id are never opened. The one
exceptions: where a request is charged as something else on some day, all of the customer's time
files are read, too; where the currency is another, what was sold. What came in is news; what was
altered or removed is a problem, see ``ledger.history.changed_history``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from ledger.balance.summary import Balance, compute_balance
from ledger.duration import format_minutes
from ledger.errors import Problem
from ledger.files.layout import Place, place_file, sort_into_places
from ledger.files.reader import CustomerFolder
from ledger.files.source import LedgerFile, LedgerFiles, RevisionFiles
from ledger.git import GitRepository
from ledger.history.changed_history import (
    find_changed_records,
    find_changed_terms,
    index_records,
    is_recharged,
    list_added_events,
)
from ledger.ledger import Ledger
from ledger.models import (
    CustomerRecords,
    Goodwill,
    Purchase,
    Refund,
    Request,
    TimeEntry,
    TimeSheet,
)
from ledger.text import natural_key, shorten_id

KINDS = ("purchase", "goodwill", "refund", "request", "event", "time", "correction")
"""What can come in, in the order in which the changes of a day are listed."""


class Comparison(NamedTuple):
    """A ledger at its base and now, the paths that differ, and how messages call the base."""

    base: RevisionFiles
    head: LedgerFiles
    paths: tuple[str, ...]
    base_name: str

    def find_problems(self, as_of: date) -> Iterator[Problem]:
        """Yield what breaks the rule ``changed-history``."""
        if "terms.yml" in self.paths:
            base, head = (Ledger(files).organization for files in (self.base, self.head))
            yield from find_changed_terms(base, head, as_of, self.base_name)
        for then, now in self.read_customers():
            yield from find_changed_records(then, now, self.base_name)

    def read_customers(self) -> Iterator[tuple[CustomerFolder, CustomerFolder]]:
        """Yield what differs of each customer's folder, then and now; by key, however called."""
        names: dict[str, set[str]] = {}
        for path in self.paths:
            place = place_file(path)
            if isinstance(place, Place) and place.customer is not None:
                names.setdefault(place.customer, set()).add(path.partition("/")[2])
        then, now = (
            {
                _read_folder(files, slug, ["customer.yml"]).records.customer.key: slug
                for slug in names
                if "customer.yml" in names[slug]
            }
            for files in (self.base, self.head)
        )
        former = {now[key]: then[key] for key in then.keys() & now.keys() - {""}}
        for slug, own in names.items():
            was = former.get(slug, "" if slug in former.values() else slug)
            yield self._read_customer(was, slug, own | names.get(was, set()))

    def _read_customer(
        self, was: str, slug: str, names: set[str]
    ) -> tuple[CustomerFolder, CustomerFolder]:
        """Read the files called so in a customer's folder, and what they have to be judged by."""
        base, head = _read_folder(self.base, was, names), _read_folder(self.head, slug, names)
        more, requests = set[str](), head.records.requests
        if base.records.customer.currency != head.records.customer.currency:
            more |= {"purchases.yml", "adjustments.yml"}
        if any(
            name in requests and is_recharged(request, requests[name])
            for name, request in base.records.requests.items()
        ):
            start = f"{was}/time/"
            sheets = (path for path in self.base.blobs if path.startswith(start))
            more |= {path.removeprefix(f"{was}/") for path in sheets}
        if more <= names:
            return base, head
        return self._read_customer(was, slug, names | more)


def compare_files(repository: GitRepository, base: str, head: LedgerFiles) -> Comparison:
    """Return what differs between a commit and the files of another, the index or the work tree."""
    then, now, changed = repository.open_commit(base, head.prefix), head, set[str]()
    if not isinstance(now, RevisionFiles):
        commit = repository.find_head()
        now = then.select(()) if commit is None else repository.open_commit(commit, head.prefix)
        changed = repository.list_changes(head.prefix) | repository.find_hidden(head.prefix).keys()
    paths = then.find_differences(now) | changed
    return Comparison(then, head, tuple(sorted(paths)), shorten_id(base))


def list_placed(files: LedgerFiles, paths: Iterable[str]) -> list[tuple[LedgerFile, Place]]:
    """Return those of ``paths`` that are there and where they belong."""
    return sort_into_places(files.select(paths).list_files())[0]


def _read_folder(files: LedgerFiles, slug: str, names: Iterable[str]) -> CustomerFolder:
    return CustomerFolder(files, slug, list_placed(files, [f"{slug}/{name}" for name in names]))


class BalanceEffect(NamedTuple):
    """A customer's balance before and after; None where there is no such customer."""

    customer: str
    before: Balance | None
    after: Balance | None

    @property
    def minutes(self) -> int:
        """By how much the balance is another one."""
        after, before = (side.balance_minutes if side else 0 for side in (self.after, self.before))
        return after - before


def find_effects_since(head: Ledger, commit: str, as_of: date) -> tuple[BalanceEffect, ...]:
    """Return the balances of the customers whose files, or terms, differ from a commit's."""
    compared = compare_files(head.require_repository("no earlier state"), commit, head.files)
    base = Ledger(compared.base)
    changed = [place for path in compared.paths if isinstance(place := place_file(path), Place)]
    slugs = {place.customer for place in changed if place.customer is not None}
    if any(place.kind == "terms" for place in changed):
        slugs = {*base.slugs, *head.slugs}

    def compute(ledger: Ledger, slug: str) -> Balance | None:
        if slug not in ledger.slugs:
            return None
        return compute_balance(ledger.read_customer(slug).records, ledger.organization.terms, as_of)

    return tuple(
        BalanceEffect(slug, *(compute(each, slug) for each in (base, head)))
        for slug in sorted(slugs)
    )


@dataclass(frozen=True, slots=True)
class Change:
    """A record that came in; its JSON has the same fields in the same order."""

    date: date
    kind: str  # one of ``KINDS``
    reference: str  # id of a purchase or adjustment, full name of an entry, id of a request
    request: str | None
    by: str | None
    minutes: int | None  # what the record says; None where it has none
    text: str | None  # what the customer reads of it: note, reason or title
    late: bool = False  # it is dated on or before the as-of date of what was published before


def list_changes(
    base: CustomerRecords, head: CustomerRecords, as_of: date, previous_as_of: date | None = None
) -> tuple[Change, ...]:
    """Return what a customer's records have now and had not at the base, by date.

    The records of the files that differ will do. What is dated after ``as_of`` is left out;
    ``previous_as_of`` is the as-of date of what was published at the base, if anything was.
    """
    marked = (
        replace(each, late=previous_as_of is not None and each.date <= previous_as_of)
        for each in _list_new(base, head)
        if each.date <= as_of
    )
    return tuple(
        sorted(marked, key=lambda e: (e.date, KINDS.index(e.kind), natural_key(e.reference)))
    )


def _list_new(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = index_records(base)
    for (kind, name), record in index_records(head).items():
        is_new = (kind, name) not in known
        match record:
            case Request():
                if is_new:
                    said = (name, name, record.opened_by, None, record.title)
                    yield Change(record.opened, "request", *said)
                yield from _list_events(base.requests.get(name), record, name)
            case TimeEntry() if is_new:
                what = "correction" if record.is_correction else "time"
                by = TimeSheet(name.partition("/")[0], ()).consultant
                minutes, text = record.minutes, record.note
                yield Change(record.date, what, name, record.request, by, minutes, text)
            case Purchase() if is_new:
                text = f"{record.punchcards} punchcard{'' if record.punchcards == 1 else 's'}"
                yield Change(record.date, kind, name, None, None, None, text)
            case Refund() | Goodwill() if is_new:
                minutes, text = record.minutes, record.reason
                yield Change(record.date, record.type, name, None, None, minutes, text)


def _list_events(base: Request | None, head: Request, name: str) -> Iterator[Change]:
    for event in list_added_events(base, head):
        minutes = {"estimated at": event.estimate_minutes, "approved": event.approved_minutes}
        parts = (
            event.status and event.status.value,
            event.moved_to and f"moved to {event.moved_to.value}",
            event.category and f"charged as {event.category}",
            *(f"{what} {format_minutes(given)}" for what, given in minutes.items() if given),
            event.note,
        )
        yield Change(
            event.date, "event", name, name, event.by, None, ": ".join(filter(None, parts))
        )
