"""The publication that a customer saw last, and what was recorded late since then.

New to a customer is what is dated after the day of that publication, and what is dated before but
was not in the ledger then. Without a publication, everything dated in the last seven days is new.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

from ledger.errors import LedgerError
from ledger.history.changed_history import list_added_events
from ledger.history.comparison import list_changes
from ledger.history.publications import Publication, read_publications
from ledger.ledger import Ledger
from ledger.models import CustomerRecords

NEWS_DAYS = timedelta(days=7)


@dataclass(frozen=True)
class LastUpdate:
    """The day that was published last, and the records of up to that day that came in since."""

    day: date
    # ids of purchases, adjustments and requests, full names of time entries
    late_references: frozenset[str] = frozenset()
    # the id of a request, and the index of an event among its events by date
    late_events: frozenset[tuple[str, int]] = frozenset()


class LastUpdates:
    """The last publication before a day, for each customer of a ledger.

    A publication of ``as_of`` itself does not count, so that the portals of a day can be built
    again from the same commit. A ledger outside of a repository has no publications.
    """

    def __init__(self, ledger: Ledger, as_of: date) -> None:
        self._ledger = ledger
        self._as_of = as_of
        self._opened: dict[str, Ledger] = {}

    @property
    def key(self) -> str:
        """The publications that the answers depend on, as a text for a fingerprint."""
        return " ".join(
            f"{each.commit} {each.as_of} {','.join(each.held_back)};" for each in self._before
        )

    def find(self, records: CustomerRecords) -> LastUpdate | None:
        """Return the last update of a customer, given the records of now; None if there was none.

        A customer who was held back saw the publication before that one.
        """
        for publication in self._before:
            if records.slug not in publication.held_back:
                then = self._read_then(publication.commit, records.slug)
                return None if then is None else find_late_records(then, records, publication.as_of)
        return None

    @cached_property
    def _before(self) -> tuple[Publication, ...]:
        """The publications before the day, the newest first."""
        if self._ledger.repository is None:
            return ()
        publications = reversed(read_publications(self._ledger.repository))
        return tuple(each for each in publications if each.as_of < self._as_of)

    def _read_then(self, commit: str, slug: str) -> CustomerRecords | None:
        """Return the records of a customer at a commit; None if they were not there then."""
        repository = self._ledger.repository
        if commit not in self._opened and repository is not None:
            try:
                files = repository.open_commit(commit, self._ledger.files.prefix)
            except LedgerError:
                return None  # The ledger was in another folder at that commit.
            self._opened[commit] = Ledger(files, repository)
        then = self._opened[commit]
        paths = {file.path for file in then.list_customer_files(slug)}
        return then.read_customer(slug).records if f"{slug}/customer.yml" in paths else None


def find_late_records(base: CustomerRecords, head: CustomerRecords, day: date) -> LastUpdate:
    """Return what is dated up to ``day`` in ``head`` and was not in ``base``."""
    changes = list_changes(base, head, day)
    events = set()
    for name, request in head.requests.items():
        # Events have no ids, and two of them can be equal.
        added = {id(event) for event in list_added_events(base.requests.get(name), request)}
        for index, event in enumerate(request.events_until(day)):
            if id(event) in added:
                events.add((name, index))
    references = {each.reference for each in changes if each.kind != "event"}
    return LastUpdate(day, frozenset(references), frozenset(events))
