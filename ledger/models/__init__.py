"""Every record of the files, as a frozen pydantic model, with the facts that follow from it alone.

A field is declared once, in its class: what a file may hold, the JSON Schema and the order in
which files are written follow from it. Facts across records are in ``ledger.rules``. All
durations are whole minutes, all dates calendar days.
"""

# mypy: implicit-reexport
# ruff: noqa: F401 - what is imported here is there to be imported from here

from collections.abc import Mapping
from typing import Any, NamedTuple

from ledger.models.customer import (
    Account,
    Adjustment,
    Customer,
    CustomerRecords,
    Goodwill,
    LicenceType,
    NoticeChoice,
    Purchase,
    PurchaseList,
    Refund,
    Service,
    TimeEntry,
    TimeSheet,
)
from ledger.models.fields import Record
from ledger.models.import_map import Columns, ImportMap, Person, RequestRule, RowPattern
from ledger.models.organization import Consultant, Provider, Terms, TermsHistory, TermsList
from ledger.models.requests import Channel, Request, RequestEvent, Status


class FileType(NamedTuple):
    """A kind of file: what it holds, where it is, and its title.

    ``glob`` is of a ledger's folder; with a ``/`` in front, of the repository around it.
    """

    content: Any
    glob: str
    title: str


FILE_TYPES: Mapping[str, FileType] = {
    "provider": FileType(Provider, "provider.yml", "The provider (provider.yml)"),
    "terms": FileType(TermsList, "terms.yml", "Terms of sale (terms.yml)"),
    "consultants": FileType(list[Consultant], "consultants.yml", "Consultants (consultants.yml)"),
    "customer": FileType(Customer, "*/customer.yml", "A customer (customer.yml)"),
    "accounts": FileType(list[Account], "*/accounts.yml", "Accounts (accounts.yml)"),
    "purchases": FileType(PurchaseList, "*/purchases.yml", "Purchases (purchases.yml)"),
    "adjustments": FileType(
        list[Adjustment], "*/adjustments.yml", "Refunds and goodwill (adjustments.yml)"
    ),
    "request": FileType(Request, "*/requests/*.yml", "A request (requests/KEY-NUMBER.yml)"),
    "time": FileType(list[TimeEntry], "*/time/*.yml", "Time entries (time/YYYY-MM-consultant.yml)"),
    "import": FileType(ImportMap, "/imports/*.yml", "A map of punchcard import (imports/*.yml)"),
}
"""Every kind of file by its name."""
