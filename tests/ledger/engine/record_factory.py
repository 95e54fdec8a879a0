"""Short ways to write down records: every value goes in as the text that a file would hold."""

from collections import defaultdict
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
    """Return the record that pydantic makes of the values of a file, where days are text, too."""
    scalars = {key: str(value) for key, value in values.items() if isinstance(value, date | int)}
    return record.model_validate({**values, **scalars})


def make_terms(
    effective: date | str = "2000-01-01",
    *,
    card: int = 60,
    valid: int | None = None,
    retention: int = 12,
    inactivity: int = 6,
    low: int = 15,
) -> Terms:
    values = {
        "effective": effective,
        "punchcard_minutes": card,
        "increment_minutes": 15,
        "price": {"USD": "100.00"},
        "account_limit": 3,
        "account_inactivity_months": inactivity,
        "portal_retention_months": retention,
        "punchcard_validity_months": valid,
        "overdraft_minutes": 0,
        "low_balance_minutes": low,
    }
    return judge(Terms, values)


def make_history(*terms: Terms) -> TermsHistory:
    return TermsHistory(terms or (make_terms(),))


def make_purchase(id_: str, day: date | str, cards: int = 1) -> Purchase:
    money = {"amount": f"{cards * 100}.00", "price_note": f"Price of {id_}"}
    return judge(Purchase, {"id": id_, "date": day, "punchcards": cards, **money})


def make_goodwill(id_: str, day: date | str, minutes: int) -> Goodwill:
    what = {"id": id_, "type": "goodwill", "reason": f"Reason of {id_}"}
    return judge(Goodwill, {**what, "date": day, "minutes": minutes})


def make_refund(id_: str, day: date | str, purchase: str, minutes: int) -> Refund:
    what = {"id": id_, "type": "refund", "amount": "25.00", "reason": f"Reason of {id_}"}
    return judge(Refund, {**what, "date": day, "purchase": purchase, "minutes": minutes})


def make_request(
    opened: date | str = "2000-01-01",
    *,
    channel: str = "punchcard",
    category: str | None = "onboarding",
    opened_by: str = "dana@acme.example",
    history: Iterable[RequestEvent] = (),
) -> Request:
    what = {"title": "Single sign-on", "channel": channel, "category": category}
    by = {"opened": opened, "opened_by": opened_by, "history": tuple(history)}
    return judge(Request, {**what, **by})


def make_event(
    day: date | str, *, by: str = "alice", note: str | None = "Noted.", **more: str | None
) -> RequestEvent:
    return judge(RequestEvent, {"date": day, "by": by, "note": note, **more})


def make_entry(
    name: str, day: date | str, minutes: int, *, request: str = "ACME-1", **more: str | None
) -> EntryInFile:
    """Return an entry; ``name`` is its consultant and id (``alice/E1``), its month is ``day``'s."""
    consultant, _, id_ = name.partition("/")
    what = {"id": id_, "request": request, "note": f"Note of {name}"}
    entry = judge(TimeEntry, {**what, "date": day, "minutes": minutes, **more})
    return f"{str(day)[:7]}-{consultant}", entry


def make_account(
    email: str = "dana@acme.example", created: date | str = "2026-01-12", **more: Any
) -> Account:
    what = {"email": email, "name": "Dana Whitfield", "created": created}
    return judge(Account, {**what, **more})


def make_customer(
    services: Iterable[Mapping[str, str | None]] = (),
    licences: Iterable[Mapping[str, str | None]] = (),
    currency: str = "USD",
) -> Customer:
    what = {"name": "Acme Robotics", "key": "ACME", "currency": currency}
    return judge(Customer, {**what, "services": list(services), "licences": list(licences)})


def make_sheets(entries: Iterable[EntryInFile]) -> tuple[TimeSheet, ...]:
    """Put entries into the files that they name."""
    by_file = defaultdict[str, list[TimeEntry]](list)
    for file_name, entry in entries:
        by_file[file_name].append(entry)
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
