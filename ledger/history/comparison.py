"""Two revisions of a ledger side by side: what differs is read of both, and nothing else.

Git knows the id of every file's content, so files with the same id are never opened. The one
exception: where a request is charged as something else from a past day on, the time files of those
days are read, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from ledger.errors import Problem
from ledger.files.customer import CustomerFolder, read_customer_folder
from ledger.files.layout import Misplaced, Place, place_file
from ledger.files.organization import Organization, read_organization
from ledger.files.source import FolderFiles, LedgerFile, LedgerFiles, RevisionFiles
from ledger.git import GitRepository
from ledger.history.changed_history import find_changed_records, find_changed_terms
from ledger.history.request_history import ChargePeriod, find_recharged_periods
from ledger.text import shorten_id

_MONTH = len("2026-11")


class Comparison(NamedTuple):
    """A ledger at its base and now, and the paths of the files that differ.

    Attributes:
        base_name: how messages call the base.
        open_whole: opens both sides with all of their files; None if ``base`` and ``head`` have
            not only those that differ.
    """

    base: RevisionFiles
    head: LedgerFiles
    paths: tuple[str, ...]
    base_name: str
    open_whole: Callable[[], Comparison] | None = None


def compare_files(repository: GitRepository, base: str, head: LedgerFiles) -> Comparison:
    """Return what differs between the commit ``base`` and the files ``head`` of a repository.

    ``head`` has the files of another commit, of the index or of the work tree.
    """
    then = repository.open_commit(base, head.prefix)
    if isinstance(head, RevisionFiles):
        paths = then.find_differences(head)
    else:
        commit = repository.find_head()
        now = RevisionFiles(repository, head.prefix, None, {})
        if commit is not None:
            now = repository.open_commit(commit, head.prefix)
        paths = then.find_differences(now) | repository.list_changes(head.prefix)
    return Comparison(then, head, tuple(sorted(paths)), shorten_id(base))


def find_history_problems(compared: Comparison, as_of: date) -> Iterator[Problem]:
    """Yield what breaks the rule ``changed-history``."""
    yield from find_terms_problems(compared, as_of)
    for then, now in read_customers(compared):
        yield from find_changed_records(then, now, compared.base_name)


def find_terms_problems(compared: Comparison, as_of: date) -> Iterator[Problem]:
    """Yield what breaks the rule ``changed-history`` in the terms."""
    if "terms.yml" in compared.paths:
        base, head = read_organizations(compared)
        yield from find_changed_terms(base, head, as_of, compared.base_name)


def read_organizations(compared: Comparison) -> tuple[Organization, Organization]:
    """Return what differs of the organization's files, then and now."""
    base, head = (
        read_organization(files, {place.kind: file for file, place in placed.get("", ())})
        for files, placed in _select_sides(compared, compared.paths)
    )
    return base, head


def read_customers(compared: Comparison) -> Iterator[tuple[CustomerFolder, CustomerFolder]]:
    """Yield what differs of each customer's folder, then and now."""
    for slug, paths in list_customer_paths(compared).items():
        base, head = read_customer(compared, slug, paths)
        periods = _list_recharged_periods(base, head)
        if periods:
            whole = compared.open_whole() if compared.open_whole is not None else compared
            sheets = _list_sheets(whole.base, slug, periods)
            base, head = read_customer(whole, slug, {*paths, *sheets})
        yield base, head


def list_customer_paths(compared: Comparison) -> dict[str, list[str]]:
    """Return the paths that differ by the customer whose they are."""
    by_customer: dict[str, list[str]] = {}
    for path in compared.paths:
        place = place_file(path)
        if isinstance(place, Place) and place.customer is not None:
            by_customer.setdefault(place.customer, []).append(path)
    return by_customer


def read_customer(
    compared: Comparison, slug: str, paths: Iterable[str]
) -> tuple[CustomerFolder, CustomerFolder]:
    """Return some files of a customer's folder, then and now."""
    base, head = (
        read_customer_folder(files, slug, placed.get(slug, ()))
        for files, placed in _select_sides(compared, paths)
    )
    return base, head


_Placed = dict[str, list[tuple[LedgerFile, Place]]]


def _select_sides(
    compared: Comparison, paths: Iterable[str]
) -> Iterator[tuple[LedgerFiles, _Placed]]:
    chosen = sorted(paths)
    for side in (compared.base, compared.head):
        files = select_files(side, chosen)
        placed: _Placed = {}
        for file in files.list_files():
            place = place_file(file.path)
            if not isinstance(place, Misplaced):
                placed.setdefault(place.customer or "", []).append((file, place))
        yield files, placed


def select_files(files: LedgerFiles, paths: Sequence[str]) -> LedgerFiles:
    """Return the files at ``paths`` alone."""
    if isinstance(files, RevisionFiles):
        return files.select(paths)
    if isinstance(files, FolderFiles):
        return FolderFiles(files.folder, files.prefix, paths)
    raise TypeError(type(files).__name__)


def _list_recharged_periods(base: CustomerFolder, head: CustomerFolder) -> list[ChargePeriod]:
    """Return the days on which a request is charged as something else now."""
    now = head.records.requests
    return [
        period
        for name, request in base.records.requests.items()
        if name in now
        for period in find_recharged_periods(request, now[name])
    ]


def _list_sheets(files: RevisionFiles, slug: str, periods: Sequence[ChargePeriod]) -> list[str]:
    """Return the time files of the days of ``periods``."""
    folder = f"{slug}/time/"
    return [
        path
        for path in files.blobs
        if path.startswith(folder)
        and any(period.touches_month(path[len(folder) :][:_MONTH]) for period in periods)
    ]
