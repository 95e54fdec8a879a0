"""Every record of the files, as a frozen pydantic model, with the facts that follow from it alone.

A field is declared once, in its class: what a file may hold, the JSON Schema and the order in
which files are written follow from it. Facts across records are in ``ledger.rules``. All
durations are whole minutes, all dates calendar days.
"""

# mypy: implicit-reexport
# ruff: noqa: F401 - what is imported here is there to be imported from here

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.models.customer import (
    Account,
    Adjustment,
    Customer,
    CustomerRecords,
    Goodwill,
    LicenceType,
    Purchase,
    Refund,
    Service,
    TimeEntry,
    TimeSheet,
)
from ledger.models.fields import Record
from ledger.models.organization import Consultant, Provider, Terms, TermsHistory, TermsList
from ledger.models.requests import Category, Channel, Request, RequestEvent, Status

FILE_TYPES: Mapping[str, Any] = {
    "provider": Provider,
    "terms": TermsList,
    "consultants": list[Consultant],
    "customer": Customer,
    "accounts": list[Account],
    "purchases": list[Purchase],
    "adjustments": list[Adjustment],
    "request": Request,
    "time": list[TimeEntry],
}
"""What each kind of file holds."""
