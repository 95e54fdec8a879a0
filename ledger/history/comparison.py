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
from ledger.files.layout import ORGANIZATION_PLACES, Place, place_file, sort_into_places
from ledger.files.reader import CustomerFolder, Organization, ReadFiles
from ledger.files.source import LedgerFile, LedgerFiles, RevisionFiles
from ledger.git import GitRepository
from ledger.history.changed_history import (
    find_changed_records,
    find_changed_terms,
    is_recharged,
    list_added_events,
)
from ledger.ledger import Ledger
from ledger.models import CustomerRecords, Purchase
from ledger.text import natural_key, shorten_id

KINDS = ("purchase", "goodwill", "refund", "request", "event", "time", "correction")
"""What can come in, in the order in which the changes of a day are listed."""


class Comparison(NamedTuple):
    """A ledger at its base and now, the paths that differ, and how messages call the base."""

    base: RevisionFiles
    head: LedgerFiles
    paths: tuple[str, ...]
    base_name: str


def compare_files(repository: GitRepository, base: str, head: LedgerFiles) -> Comparison:
    """Return what differs between a commit and the files of another, the index or the work tree."""
    then = repository.open_commit(base, head.prefix)
    if isinstance(head, RevisionFiles):
        paths = then.find_differences(head)
    else:
        commit = repository.find_head()
        now = RevisionFiles(repository.read_object, head.prefix, None, {})
        if commit is not None:
            now = repository.open_commit(commit, head.prefix)
        paths = then.find_differences(now) | repository.list_changes(head.prefix)
        paths |= repository.find_hidden(head.prefix).keys()
    return Comparison(then, head, tuple(sorted(paths)), shorten_id(base))


def find_history_problems(compared: Comparison, as_of: date) -> Iterator[Problem]:
    """Yield what breaks the rule ``changed-history``."""
    if "terms.yml" in compared.paths:
        base, head = (
            Organization(files, {place.kind: file for file, place in _place(files, ["terms.yml"])})
            for files in (compared.base, compared.head)
        )
        yield from find_changed_terms(base, head, as_of, compared.base_name)
    for then, now in read_customers(compared):
        yield from find_changed_records(then, now, compared.base_name)


def read_customers(compared: Comparison) -> Iterator[tuple[CustomerFolder, CustomerFolder]]:
    """Yield what differs of each customer's folder, then and now; by its key, however called."""
    names: dict[str, set[str]] = {}
    for path in compared.paths:
        place = place_file(path)
        if isinstance(place, Place) and place.customer is not None:
            names.setdefault(place.customer, set()).add(path.partition("/")[2])
    then, now = (
        {
            _read_folder(files, slug, ["customer.yml"]).records.customer.key: slug
            for slug in names
            if "customer.yml" in names[slug]
        }
        for files in (compared.base, compared.head)
    )
    former = {now[key]: then[key] for key in then.keys() & now.keys() - {""}}
    for slug, own in names.items():
        was = former.get(slug, "" if slug in former.values() else slug)
        yield _read_customer(compared, was, slug, own | names.get(was, set()))


def find_unreadable(files: LedgerFiles, paths: Iterable[str]) -> set[str]:
    """Return which files that may not lose a record cannot be read, or not all of them."""
    read = ReadFiles(files)
    for file, place in _place(files, paths):
        if place.customer is not None or place.kind == "terms":
            read.read(file, place.kind)
    return set(read.partial_files)


def _read_customer(
    compared: Comparison, was: str, slug: str, names: set[str]
) -> tuple[CustomerFolder, CustomerFolder]:
    """Read the files called so in a customer's folder, and what they have to be judged by."""
    more: set[str] = set()
    for _round in range(2):
        base = _read_folder(compared.base, was, names | more)
        head = _read_folder(compared.head, slug, names | more)
        requests = head.records.requests
        if base.records.customer.currency != head.records.customer.currency:
            more |= {"purchases.yml", "adjustments.yml"}
        if any(
            name in requests and is_recharged(request, requests[name])
            for name, request in base.records.requests.items()
        ):
            start = f"{was}/time/"
            sheets = (path for path in compared.base.blobs if path.startswith(start))
            more |= {path.partition("/")[2] for path in sheets}
        if more <= names:
            break
    return base, head


def _read_folder(files: LedgerFiles, slug: str, names: Iterable[str]) -> CustomerFolder:
    return CustomerFolder(files, slug, _place(files, [f"{slug}/{name}" for name in names]))


def _place(files: LedgerFiles, paths: Iterable[str]) -> list[tuple[LedgerFile, Place]]:
    """Return those of ``paths`` that are there and where they belong."""
    return sort_into_places(files.select(paths).list_files())[0]


class BalanceEffect(NamedTuple):
    """A customer's balance before and after; None where there is no such customer."""

    customer: str
    before: Balance | None
    after: Balance | None

    @property
    def minutes(self) -> int:
        """By how much the balance is another one."""
        sides = (self.after, self.before)
        after, before = (0 if side is None else side.balance_minutes for side in sides)
        return after - before


def find_effects_since(head: Ledger, commit: str, as_of: date) -> tuple[BalanceEffect, ...]:
    """Return the balances of the customers whose files, or terms, differ from a commit's."""
    repository = head.require_repository("no earlier state")
    paths = compare_files(repository, commit, head.files).paths
    changed = [place for path in paths if isinstance(place := place_file(path), Place)]
    slugs = {place.customer for place in changed if place.customer is not None}
    is_for_all = any(place.kind == "terms" for place in changed)
    places = () if is_for_all else (*ORGANIZATION_PLACES, *sorted(slugs))
    files = repository.open_commit(commit, head.files.prefix, places)
    base = Ledger(files, repository)
    chosen = head.select(places)
    return tuple(
        BalanceEffect(slug, *(_compute_balance(each, slug, as_of) for each in (base, chosen)))
        for slug in sorted({*base.slugs, *chosen.slugs} if is_for_all else slugs)
    )


def _compute_balance(ledger: Ledger, slug: str, as_of: date) -> Balance | None:
    if slug not in ledger.slugs:
        return None
    return compute_balance(ledger.read_customer(slug).records, ledger.organization.terms, as_of)


@dataclass(frozen=True, slots=True)
class Change:
    """A record that came in; its JSON has the same fields in the same order.

    Attributes:
        kind: one of ``KINDS``.
        reference: id of a purchase or adjustment, full name of an entry, id of a request.
        minutes: what the record says; None where it has none.
        text: what the customer reads of it: note, reason or title.
        late: it is dated on or before the as-of date of what was published before.
    """

    date: date
    kind: str
    reference: str
    request: str | None
    by: str | None
    minutes: int | None
    text: str | None
    late: bool = False


def list_changes(
    base: CustomerRecords, head: CustomerRecords, as_of: date, previous_as_of: date | None = None
) -> tuple[Change, ...]:
    """Return what a customer's records have now and had not at the base, by date.

    The records of the files that differ will do. What is dated after ``as_of`` is left out;
    ``previous_as_of`` is the as-of date of what was published at the base, if anything was.
    """
    marked = (
        replace(each, late=previous_as_of is not None and each.date <= previous_as_of)
        for each in (*_list_sales(base, head), *_list_time(base, head), *_list_events(base, head))
        if each.date <= as_of
    )
    return tuple(
        sorted(marked, key=lambda e: (e.date, KINDS.index(e.kind), natural_key(e.reference)))
    )


def _list_sales(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = {item.id for item in (*base.purchases, *base.adjustments)}
    for item in (*head.purchases, *head.adjustments):
        if item.id in known:
            continue
        if isinstance(item, Purchase):
            text = f"{item.punchcards} punchcard{'' if item.punchcards == 1 else 's'}"
            yield Change(item.date, "purchase", item.id, None, None, None, text)
        else:
            yield Change(item.date, item.type, item.id, None, None, item.minutes, item.reason)


def _list_time(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    known = {sheet.full_name(entry.id) for sheet, entry in base.sheet_entries}
    for sheet, entry in head.sheet_entries:
        name = sheet.full_name(entry.id)
        if name not in known:
            kind = "correction" if entry.is_correction else "time"
            said = (entry.request, sheet.consultant, entry.minutes, entry.note)
            yield Change(entry.date, kind, name, *said)


def _list_events(base: CustomerRecords, head: CustomerRecords) -> Iterator[Change]:
    for name, request in head.requests.items():
        known = base.requests.get(name)
        if known is None:
            said = (name, request.opened_by, None, request.title)
            yield Change(request.opened, "request", name, *said)
        for event in list_added_events(known, request):
            minutes = {"estimated at": event.estimate_minutes, "approved": event.approved_minutes}
            parts = (
                event.status and event.status.value,
                event.moved_to and f"moved to {event.moved_to.value}",
                event.category and f"charged as {event.category}",
                *(f"{what} {format_minutes(given)}" for what, given in minutes.items() if given),
                event.note,
            )
            text = ": ".join(filter(None, parts))
            yield Change(event.date, "event", name, name, event.by, None, text)
