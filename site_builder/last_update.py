"""What a customer saw last: the publication before the as-of date, and what came in late since.

A record that is dated on or before the day of that publication, but was not in the ledger then,
is news, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING

from ledger.errors import LedgerError
from ledger.loader import Ledger

if TYPE_CHECKING:
    # A build that has nothing to do reads no records.
    from ledger.customer_records import CustomerRecords
    from ledger.history.comparison import Comparison
    from ledger.history.publication import Publication


@dataclass(frozen=True, slots=True)
class LateRecords:
    """What came in after its day had been published.

    Attributes:
        references: of purchases and adjustments, full names of time entries, ids of new requests.
        events: the id of a request, and the place of an event among its events by day.
    """

    references: frozenset[str] = frozenset()
    events: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, slots=True)
class LastUpdate:
    """The day whose evening was published last, and what came in late since."""

    day: date
    late: LateRecords


class LastUpdates:
    """The last update of each customer of a ledger before a day.

    Args:
        ledger: as it is now; where it is in no repository, nothing was published.
        as_of: publications of this day are not before it, so that whoever builds them again gets
            the same.
    """

    def __init__(self, ledger: Ledger, as_of: date) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._compared: dict[str, tuple[Comparison, Mapping[str, list[str]]] | None] = {}

    @property
    def key(self) -> str:
        """What all answers follow from, besides the ledger as it is now."""
        return " ".join(
            f"{each.commit} {each.as_of} {','.join(each.held_back)};" for each in self._before
        )

    @property
    def previous(self) -> str:
        """The tag of the newest publication before the day; empty if there is none."""
        return self._before[0].tag if self._before else ""

    def find(self, slug: str) -> LastUpdate | None:
        """Return the last update of the customer ``slug``; None if there was none."""
        for publication in self._before:
            if slug not in publication.held_back:
                late = self._find_late(publication, slug)
                return None if late is None else LastUpdate(publication.as_of, late)
        return None

    @cached_property
    def _before(self) -> tuple[Publication, ...]:
        """The publications before the day, the latest first, as far back as anyone saw nothing."""
        if self._ledger.repository is None:
            return ()
        from ledger.history.publication import read_publications

        found: list[Publication] = []
        for publication in reversed(read_publications(self._ledger.repository)):
            if publication.as_of < self._as_of:
                found.append(publication)
                if not publication.held_back:
                    break
        return tuple(found)

    def _find_late(self, publication: Publication, slug: str) -> LateRecords | None:
        from ledger.history.comparison import read_customer

        compared = self._compare(publication.commit)
        if compared is None:
            return None
        files, paths = compared
        if slug not in paths:
            return LateRecords()
        then, now = read_customer(files, slug, paths[slug])
        own = f"{slug}/customer.yml"
        if own in paths[slug] and own not in then.list_contents():
            return None  # There was no such customer.
        return find_late_records(then.records, now.records, publication.as_of)

    def _compare(self, commit: str) -> tuple[Comparison, Mapping[str, list[str]]] | None:
        from ledger.history.comparison import compare_files, list_customer_paths

        if commit not in self._compared:
            self._compared[commit] = None
            if self._ledger.repository is not None:
                try:
                    compared = compare_files(self._ledger.repository, commit, self._ledger.files)
                except LedgerError:
                    return None  # The ledger was somewhere else then.
                self._compared[commit] = (compared, list_customer_paths(compared))
        return self._compared[commit]


def find_late_records(base: CustomerRecords, head: CustomerRecords, day: date) -> LateRecords:
    """Return what is dated up to ``day`` in ``head`` and was not in ``base``."""
    from ledger.history.changes import ChangeKind, list_changes

    references = {
        change.reference
        for change in list_changes(base, head, day)
        if change.kind is not ChangeKind.EVENT
    }
    return LateRecords(frozenset(references), frozenset(_find_late_events(base, head, day)))


def _find_late_events(
    base: CustomerRecords, head: CustomerRecords, day: date
) -> set[tuple[str, int]]:
    from ledger.history.request_history import list_added_events

    late = set()
    for name, request in head.requests.items():
        added = {id(event) for event in list_added_events(base.requests.get(name), request)}
        for place, event in enumerate(request.events_until(day)):
            if id(event) in added:
                late.add((name, place))
    return late
