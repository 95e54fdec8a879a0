"""A record that is to be written, and what is known when it is drafted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import cached_property, partial
from typing import NamedTuple

from ledger.files.reader import Organization
from ledger.ledger import Ledger
from ledger.models import CustomerRecords, Record
from ledger.writing.field_text import Field, Fields
from ledger.writing.yaml_edit import UneditableError, add_item, make_file

Edit = Callable[[bytes | None], bytes]
"""From a file's content (None if there is no such file yet) to the new one."""


class NothingToWriteError(Exception):
    """What would be written is on record already."""


class Draft(NamedTuple):
    """A record that is to be written.

    Attributes:
        edits: the edits that put it into files, by their path relative to the ledger's folder.
        name: what people call it: ``2026-11-alice/03-1``, ``P2``.
        says: what it does, for the commit's message: ``log 45m on ACME-12 (alice)``.
        remarks: what whoever writes it should know.
        invitation: what to send to a person; it holds a key, and is shown once and kept nowhere.
    """

    edits: Mapping[str, Edit]
    name: str
    says: str
    remarks: tuple[str, ...] = ()
    invitation: str = ""


class WritingDesk:
    """What is known when a record is drafted.

    Attributes:
        ledger: the ledger that gets the record.
        as_of: today.
    """

    def __init__(self, ledger: Ledger, other: Ledger | None, slug: str, as_of: date) -> None:
        """Take the ``other`` place that has the customer: the work tree, or the last commit."""
        self.ledger = ledger
        self.as_of = as_of
        self._other = other
        self._slug = slug

    @property
    def organization(self) -> Organization:
        """The provider, the terms and the consultants."""
        return self.ledger.organization

    @cached_property
    def records(self) -> CustomerRecords:
        """The customer's records."""
        return self.ledger.read_customer(self._slug).records

    @cached_property
    def all_records(self) -> tuple[CustomerRecords, ...]:
        """The customer's records in both places: ids in either are not given again."""
        if self._other is None or self._slug not in self._other.slugs:
            return (self.records,)
        return (self.records, self._other.read_customer(self._slug).records)


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
