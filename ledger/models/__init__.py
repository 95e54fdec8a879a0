"""Every record of the files, as a frozen pydantic model, with the facts that follow from it alone.

A field is declared once, in its class: what a file may hold, the JSON Schema and the order in
which files are written follow from it. Facts across records are in ``ledger.rules``. All
durations are whole minutes, all dates calendar days.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ledger.models.customer import Account, Customer, Licence, LicenceType, Service
from ledger.models.fields import Record
from ledger.models.organization import Consultant, Provider, Terms, TermsHistory, TermsList
from ledger.models.requests import Category, Channel, Request, RequestEvent, Status
from ledger.models.sales import Adjustment, Goodwill, Purchase, Refund
from ledger.models.time_entries import TimeEntry

__all__ = [
    "FILE_TYPES",
    "Account",
    "Category",
    "Channel",
    "Consultant",
    "Customer",
    "Goodwill",
    "Licence",
    "LicenceType",
    "Provider",
    "Purchase",
    "Record",
    "Refund",
    "Request",
    "RequestEvent",
    "Service",
    "Status",
    "Terms",
    "TermsHistory",
    "TimeEntry",
]

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
