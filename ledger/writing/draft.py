"""A record that is to be written, and what somebody who drafts one looks at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from ledger.customer_records import CustomerRecords
from ledger.loader import Ledger
from ledger.reading.organization import Organization

Edit = Callable[[bytes | None], bytes]
"""From a file's content (None if there is no such file yet) to the new one."""


class NothingToWriteError(Exception):
    """What would be written is on record already."""


class Draft(NamedTuple):
    """A record that is to be written.

    Attributes:
        path: its file, relative to the ledger's folder.
        edit: puts it there.
        name: what people call it: ``2026-11-alice/03-1``, ``P2``.
        says: what it does, for the commit's message: ``log 45m on ACME-12 (alice)``.
        remarks: what whoever writes it should know.
        invitation: what to send to a person; it holds a key, and is shown once and kept nowhere.
    """

    path: str
    edit: Edit
    name: str
    says: str
    remarks: tuple[str, ...] = ()
    invitation: str = ""


@dataclass(frozen=True, slots=True)
class WritingDesk:
    """What somebody who drafts a record looks at.

    Attributes:
        ledger: the ledger that gets the record.
        customer: the customer's records in it; None if the customer is new.
        elsewhere: the same customer's records in other places (the work tree, the last commit);
            ids that they use are not given again.
        as_of: today.
    """

    ledger: Ledger
    customer: CustomerRecords | None
    elsewhere: tuple[CustomerRecords, ...]
    as_of: date

    @property
    def organization(self) -> Organization:
        """The provider, the terms and the consultants."""
        return self.ledger.organization

    @property
    def records(self) -> CustomerRecords:
        """The customer's records."""
        if self.customer is None:
            raise LookupError("the customer is new")
        return self.customer

    @property
    def all_records(self) -> tuple[CustomerRecords, ...]:
        """The customer's records wherever they are."""
        return (self.records, *self.elsewhere)


Drafter = Callable[[WritingDesk], Draft]
