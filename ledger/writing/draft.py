"""A record that is to be written, and what is known when it is drafted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import NamedTuple

from ledger.files.organization import Organization
from ledger.ledger import Ledger
from ledger.models import Record
from ledger.models.customer_records import CustomerRecords
from ledger.writing.field_text import Field, Fields
from ledger.writing.yaml_edit import UneditableError, add_item, make_file

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
    """What is known when a record is drafted.

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


def order_fields(model: type[Record], values: Mapping[str, Field | None]) -> Fields:
    """Return a record's values in the order of the model's fields."""
    keys = model.list_fields()
    if unknown := values.keys() - keys.keys():
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    return {key: values[key] for key in keys if key in values}


def make_adder(model: type[Record], values: Mapping[str, Field | None]) -> Edit:
    """Return the edit that puts a record at the end of a file's list."""
    return partial(add_item, fields=order_fields(model, values))


def make_creator(model: type[Record], values: Mapping[str, Field | None], what: str) -> Edit:
    """Return the edit that makes a file of one record; ``what``: a word for it in a refusal."""

    def create(before: bytes | None) -> bytes:
        if before is not None:
            raise UneditableError(f"there is such a {what} already")
        return make_file(order_fields(model, values))

    return create
