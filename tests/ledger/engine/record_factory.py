"""Short ways to write down records: every value goes in as the text that a file would hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, TypeVar

from ledger.models import (
    Account,
    Customer,
    CustomerRecords,
    Goodwill,
    Purchase,
    Record,
    Refund,
    Request,
    RequestEvent,
    Terms,
    TermsHistory,
    TimeEntry,
    TimeSheet,
)

R = TypeVar("R", bound=Record)

EntryInFile = tuple[str, TimeEntry]
"""A time entry and the name of the file it stands in."""


def judge(record: type[R], values: Mapping[str, Any]) -> R:
    """Return the record that pydantic makes of the values of a file."""
    return record.model_validate(values)


def make_terms(
    effective: date | str = "2000-01-01",
    *,
    card: int = 60,
    valid: int | None = None,
    retention: int = 12,
    inactivity: int = 6,
    low: int = 15,
) -> Terms:
    return judge(
        Terms,
        {
            "effective": str(effective),
            "punchcard_minutes": str(card),
            "increment_minutes": "15",
            "price": {"USD": "100.00"},
            "account_limit": "3",
            "account_inactivity_months": str(inactivity),
            "portal_retention_months": str(retention),
            "punchcard_validity_months": None if valid is None else str(valid),
            "overdraft_minutes": "0",
            "low_balance_minutes": str(low),
        },
    )


def make_history(*terms: Terms) -> TermsHistory:
    return TermsHistory(terms or (make_terms(),))


def make_purchase(purchase_id: str, day: date | str, cards: int = 1) -> Purchase:
    return judge(
        Purchase,
        {
            "id": purchase_id,
            "date": str(day),
            "punchcards": str(cards),
            "amount": f"{cards * 100}.00",
            "price_note": f"Price of {purchase_id}",
        },
    )


def make_goodwill(goodwill_id: str, day: date | str, minutes: int) -> Goodwill:
    return judge(
        Goodwill,
        {
            "id": goodwill_id,
            "type": "goodwill",
            "date": str(day),
            "minutes": str(minutes),
            "reason": f"Reason of {goodwill_id}",
        },
    )


def make_refund(refund_id: str, day: date | str, purchase: str, minutes: int) -> Refund:
    return judge(
        Refund,
        {
            "id": refund_id,
            "type": "refund",
            "date": str(day),
            "purchase": purchase,
            "minutes": str(minutes),
            "amount": "25.00",
            "reason": f"Reason of {refund_id}",
        },
    )


def make_request(
    opened: date | str = "2000-01-01",
    *,
    channel: str = "punchcard",
    category: str | None = "onboarding",
    opened_by: str = "dana@acme.example",
    history: Iterable[RequestEvent] = (),
) -> Request:
    return judge(
        Request,
        {
            "title": "Single sign-on",
            "category": category,
            "opened": str(opened),
            "opened_by": opened_by,
            "channel": channel,
            "history": tuple(history),
        },
    )


def make_event(
    day: date | str,
    *,
    by: str = "alice",
    status: str | None = None,
    moved_to: str | None = None,
    category: str | None = None,
    note: str | None = "Noted.",
) -> RequestEvent:
    return judge(
        RequestEvent,
        {
            "date": str(day),
            "by": by,
            "status": status,
            "moved_to": moved_to,
            "category": category,
            "note": note,
        },
    )


def make_entry(
    name: str,
    day: date | str,
    minutes: int,
    *,
    request: str = "ACME-1",
    category: str | None = None,
    corrects: str | None = None,
) -> EntryInFile:
    """Return an entry; ``name`` is its consultant and id (``alice/E1``), its month is ``day``'s."""
    consultant, _, entry_id = name.partition("/")
    entry = judge(
        TimeEntry,
        {
            "id": entry_id,
            "date": str(day),
            "request": request,
            "minutes": str(minutes),
            "category": category,
            "corrects": corrects,
            "note": f"Note of {name}",
        },
    )
    return f"{str(day)[:7]}-{consultant}", entry


def make_account(
    email: str = "dana@acme.example",
    created: date | str = "2026-01-12",
    *,
    last_sign_in: str | None = None,
    reactivated: str | list[str] | None = None,
    removed: str | None = None,
) -> Account:
    return judge(
        Account,
        {
            "email": email,
            "name": "Dana Whitfield",
            "created": str(created),
            "last_sign_in": last_sign_in,
            "reactivated": reactivated,
            "removed": removed,
        },
    )


def make_customer(
    services: Iterable[Mapping[str, str | None]] = (),
    licences: Iterable[Mapping[str, str | None]] = (),
    currency: str = "USD",
) -> Customer:
    return judge(
        Customer,
        {
            "name": "Acme Robotics",
            "key": "ACME",
            "currency": currency,
            "services": list(services),
            "licences": list(licences),
        },
    )


def make_sheets(entries: Iterable[EntryInFile]) -> tuple[TimeSheet, ...]:
    """Put entries into the files that they name."""
    by_file: dict[str, list[TimeEntry]] = {}
    for file_name, entry in entries:
        by_file.setdefault(file_name, []).append(entry)
    return tuple(TimeSheet(name, tuple(found)) for name, found in by_file.items())


def make_records(
    *,
    customer: Customer | None = None,
    purchases: Iterable[Purchase] = (),
    adjustments: Iterable[Refund | Goodwill] = (),
    accounts: Iterable[Account] = (),
    requests: Mapping[str, Request] | None = None,
    entries: Iterable[EntryInFile] = (),
) -> CustomerRecords:
    return CustomerRecords(
        slug="acme",
        customer=customer or make_customer(),
        purchases=tuple(purchases),
        adjustments=tuple(adjustments),
        accounts=tuple(accounts),
        requests={"ACME-1": make_request()} if requests is None else requests,
        sheets=make_sheets(entries),
    )
