"""Every record of the files, as a frozen model, with the facts that follow from it alone.

What the fields of a record may be is said once, in its class: ``reading.plain_records`` converts
text that is plainly right, and ``models.record_schema`` has pydantic judge all other data. Facts
across records are in ``ledger.rules``. All durations are whole minutes, all dates calendar days.
"""

from ledger.models.customer import Account, Customer, Licence, Service
from ledger.models.file_types import FILE_TYPES
from ledger.models.kinds import Category, Channel, ChargedCategory, LicenceType, Status, Weekday
from ledger.models.provider import Consultant, Contacts, Links, Provider
from ledger.models.record import Record, RecordError
from ledger.models.requests import Request, RequestEvent
from ledger.models.sales import Adjustment, Goodwill, Purchase, Refund
from ledger.models.terms import Terms, TermsHistory
from ledger.models.time_entries import TimeEntry

__all__ = [
    "FILE_TYPES",
    "Account",
    "Adjustment",
    "Category",
    "Channel",
    "ChargedCategory",
    "Consultant",
    "Contacts",
    "Customer",
    "Goodwill",
    "Licence",
    "LicenceType",
    "Links",
    "Provider",
    "Purchase",
    "Record",
    "RecordError",
    "Refund",
    "Request",
    "RequestEvent",
    "Service",
    "Status",
    "Terms",
    "TermsHistory",
    "TimeEntry",
    "Weekday",
]
