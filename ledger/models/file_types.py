"""What each kind of file holds, as one pydantic call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, TypeAdapter

from ledger.models.customer import Account, Customer
from ledger.models.provider import Consultant, Provider
from ledger.models.requests import Request
from ledger.models.sales import Adjustment, Purchase
from ledger.models.terms import Terms, check_terms_ascend
from ledger.models.time_entries import TimeEntry

FILE_TYPES: Mapping[str, Any] = {
    "provider": Provider,
    "terms": Annotated[list[Terms], AfterValidator(check_terms_ascend)],
    "consultants": list[Consultant],
    "customer": Customer,
    "accounts": list[Account],
    "purchases": list[Purchase],
    "adjustments": list[Adjustment],
    "request": Request,
    "time": list[TimeEntry],
}
"""What each kind of file holds."""


class _AdapterTable(dict[str, TypeAdapter[Any]]):
    # Built when first asked for: a command that reads one kind of file pays for one.
    def __missing__(self, kind: str) -> TypeAdapter[Any]:
        adapter = self[kind] = TypeAdapter(FILE_TYPES[kind])
        return adapter


FILE_ADAPTERS = _AdapterTable()
"""One pydantic call a file: ``FILE_ADAPTERS["time"].validate_python(data)``."""
