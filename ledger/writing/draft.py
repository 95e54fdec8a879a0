"""A record that is to be written, what is known when it is drafted, and who writes it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property, partial, reduce
from itertools import product
from typing import Any, NamedTuple

from ledger.errors import LedgerError, UnknownNameError
from ledger.files.reader import Organization
from ledger.git import find_identity
from ledger.ledger import Ledger
from ledger.models import Account, Consultant, CustomerRecords, Record
from ledger.text import suggest_name
from ledger.writing.yaml_edit import add_items, make_file
from ledger.writing.yaml_text import Field, Fields

Edit = Callable[[bytes | None], bytes | None]
"""From a file's content to the new one; None is no such file."""
_BRANCHES = ("for-each-ref", "--format=%(objectname)", "refs/heads", "refs/remotes")


class NothingToWriteError(Exception):
    """What would be written is on record already."""


class Amended(NamedTuple):
    """The entry that a draft changes or takes away."""

    path: str  # of its time file, from the ledger's folder
    entry_id: str  # its id in there
    said: str  # what the message of the commit that brought it says of it
    says: str  # what that is to say of it instead; empty if it is taken away


class Draft(NamedTuple):
    """A record that is to be written."""

    # the edits that put it into files, by their path relative to the ledger's folder
    edits: Mapping[str, Edit]
    name: str  # what people call it: ``2026-11-alice/03-1``, ``P2``
    says: str  # what it does, for the commit's message: ``log 45m on ACME-12 (alice)``
    remarks: tuple[str, ...] = ()  # what whoever writes it should know
    # what to send to a person; it holds a key, and is shown once and kept nowhere
    invitation: str = ""
    request: str = ""  # the id of the request that it is about, if of one
    # the entry that is changed or taken away, instead of a new record
    amended: Amended | None = None


@dataclass(frozen=True)
class WritingDesk:
    """What is known when a record of a customer is drafted."""

    # The first gets the record; the other, if any, is the other place that has the customer: the
    # work tree, or the last commit.
    ledgers: tuple[Ledger, ...]
    slug: str
    as_of: date  # today
    day: date  # of the record

    @property
    def ledger(self) -> Ledger:
        """The ledger that gets the record."""
        return self.ledgers[0]

    @property
    def organization(self) -> Organization:
        """The provider, the terms and the consultants."""
        return self.ledger.organization

    @property
    def records(self) -> CustomerRecords:
        """The customer's records."""
        return self.all_records[0]

    @cached_property
    def all_records(self) -> tuple[CustomerRecords, ...]:
        """The customer's records in both places: ids in either are not given again."""
        found = (each for each in self.ledgers if each is self.ledger or self.slug in each.slugs)
        return tuple(each.read_customer(self.slug).records for each in found)


Drafter = Callable[[WritingDesk], Draft]


def order_fields(model: type[Record], values: Mapping[str, Field | None]) -> Fields:
    """Return a record's values in the order of the model's fields."""
    keys = model.list_fields()
    if unknown := values.keys() - keys.keys():
        raise TypeError(f"{model.__name__} has no {', '.join(sorted(unknown))}")
    return {key: values[key] for key in keys if key in values}


def make_adder(model: type[Record], *values: Mapping[str, Field | None]) -> Edit:
    """Return the edit that puts records at the end of a list; it is made once of each content."""
    return cache(partial(add_items, items=[order_fields(model, each) for each in values]))


def make_creator(model: type[Record], values: Mapping[str, Field | None]) -> Edit:
    """Return the edit that makes a file of one record."""
    return partial(make_file, order_fields(model, values))


def chain_edits(edits: Sequence[Edit]) -> Edit:
    """Return the edit that makes some, one after the other."""
    return lambda source: reduce(lambda content, edit: edit(content), edits, source)


def remark_on_twins(known: Mapping[str, Record], said: Mapping[str, Any]) -> tuple[str, ...]:
    """Return a remark on each of the records, by their names, that says the same."""
    what = "has this invoice" if said.keys() == {"invoice"} else "says the same"
    return tuple(
        f"{name} {what} already: is this one twice?"
        for name, record in known.items()
        if all(getattr(record, key, None) == value for key, value in said.items())
    )


def find_consultant(ledger: Ledger, named: str | None) -> Consultant:
    """Return the consultant ``named``, or with the Git author's address; a LedgerError if none."""
    handles = ledger.organization.by_handle
    if named is not None:
        if named not in handles:
            hint = suggest_name(named, handles) or f"consultants: {', '.join(sorted(handles))}"
            raise UnknownNameError(f"there is no consultant {named!r}", hint)
        return handles[named]
    address = None if ledger.repository is None else find_identity(ledger.repository.folder)[1]
    if address is None:
        message = "who did this? Git knows no address of yours"
        raise LedgerError(message, "git config user.email ADDRESS, or say --as CONSULTANT")
    by_email = {email: each for each in ledger.organization.consultants for email in each.emails}
    for email, consultant in by_email.items():
        if address.casefold() == email.casefold():
            return consultant
    hint = f"say --as {'|'.join(sorted(handles))}" if handles else "add yourself to consultants.yml"
    message = f"no consultant has the address {address}, which Git gives as yours"
    raise LedgerError(message, f"{suggest_name(address, by_email)} {hint}".strip())


def find_person(desk: WritingDesk, named: str | None) -> str:
    """Return who does something to a request: an account's address or a consultant's handle."""
    if named is None or "@" not in named:
        return find_consultant(desk.ledger, named).handle
    return find_account(desk, named).email


def find_account(desk: WritingDesk, email: str) -> Account:
    """Return the account with an address; raise an UnknownNameError if there is none."""
    for account in desk.records.accounts:
        if account.is_known_as(email):
            return account
    addresses = [account.email for account in desk.records.accounts]
    hint = suggest_name(email, addresses) or f"accounts: {', '.join(addresses) or 'none yet'}"
    raise UnknownNameError(f"{desk.records.slug} has no account {email!r}", hint)


def find_next_number(
    desk: WritingDesk, prefix: str, known: Iterable[str], paths: Sequence[str]
) -> int:
    """Return the number after the highest that follows ``prefix`` in an id.

    Two people who each record something on a branch of their own must not give two records one id:
    each branch, local or fetched, is asked for the ids that it has.
    ``known``: the ids of the records that the desk has; ``paths``: the folder or the files, from
    the ledger's folder, that hold such records.
    """
    form = re.compile(rf"{re.escape(prefix)}([0-9]{{1,9}})")
    numbers = [int(found[1]) for each in known if (found := form.fullmatch(each))]
    if (repository := desk.ledger.repository) is not None:
        # An item of a file, or an entry of a folder: its mode and its name.
        written = rb"(?:\bid: *['\"]?|[0-7]{5,6} )" + form.pattern.encode() + rb"(?![\w-])"
        commits = {*repository.run(*_BRANCHES).decode().split()}
        for commit, path in product(commits, paths):
            with suppress(LedgerError):  # It lacks that place.
                content = repository.read_object(f"{commit}:{desk.ledger.files.prefix}{path}")
                numbers += map(int, re.findall(written, content))
    return max(numbers, default=0) + 1
