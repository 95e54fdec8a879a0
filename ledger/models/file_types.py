"""What each kind of file holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from ledger.models.customer import Account, Customer
from ledger.models.provider import Consultant, Provider
from ledger.models.record import Check
from ledger.models.requests import Request
from ledger.models.sales import Adjustment, Purchase
from ledger.models.terms import Terms, check_terms_ascend
from ledger.models.time_entries import TimeEntry

FILE_TYPES: Mapping[str, Any] = {
    "provider": Provider,
    "terms": Annotated[list[Terms], Check(check_terms_ascend)],
    "consultants": list[Consultant],
    "customer": Customer,
    "accounts": list[Account],
    "purchases": list[Purchase],
    "adjustments": list[Adjustment],
    "request": Request,
    "time": list[TimeEntry],
}
"""What each kind of file holds."""
