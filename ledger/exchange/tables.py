"""A ledger as tables: a folder of CSV files with a ``datapackage.json`` that describes them.

The description follows Frictionless Data's tabular data package, so that DuckDB, pandas or a
spreadsheet open the folder as it is. Money is in the customer's currency. What no customer reads,
the internal notes, is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ledger.balance.draw_down import DrawDown
from ledger.balance.json_values import select_fields, to_json
from ledger.balance.request_summary import summarize_requests
from ledger.files.reader import Organization
from ledger.models import CustomerRecords
from ledger.output.tables import format_csv

TABLES = {
    "customers": ("customer", "name", "key", "currency"),
    "purchases": (
        *("customer", "id", "date", "punchcards", "amount", "invoice", "price_note"),
        *("purchase_order", "agreement"),
    ),
    "cards": (
        *("customer", "id", "kind", "purchase", "date", "last_day", "minutes", "used_minutes"),
        *("refunded_minutes", "expired_minutes", "remaining_minutes", "completed_on"),
        *("amount", "value_remaining"),
    ),
    "entries": (
        *("customer", "reference", "date", "consultant", "request", "category", "minutes"),
        *("corrects", "note"),
    ),
    "draws": ("customer", "date", "reference", "lot", "purchase", "use", "minutes", "value"),
    "requests": (
        *("customer", "id", "title", "status", "channel", "category", "opened", "opened_by"),
        *("last_event", "worked_minutes", "charged_minutes"),
    ),
    "movements": (
        *("customer", "date", "kind", "reference", "request", "consultant", "category"),
        *("worked_minutes", "minutes", "balance_minutes", "amount", "note", "invoice", "value"),
        *("purchase_order", "agreement"),
    ),
}
"""The columns of each table."""

DESCRIPTION_NAME = "datapackage.json"
_KEYS = {"customers": ["customer"]} | {
    table: ["customer", "id"] for table in ("purchases", "cards", "requests")
}
_KEYS["entries"] = ["customer", "reference"]
_REFERENCES = {"entries": ("request", "requests"), "draws": ("lot", "cards")}
"""By table: a column that names a row of another table by the id that it has of its customer."""
_DAYS = {"date", "last_day", "completed_on", "opened", "last_event"}
_AMOUNTS = {"amount", "value", "value_remaining"}

Row = dict[str, Any]


def list_rows(
    organization: Organization, records: CustomerRecords, drawn: DrawDown
) -> Iterator[tuple[str, Row]]:
    """Yield a customer's rows, each with the name of its table."""
    slug, of, currency = records.slug, {"customer": records.slug}, records.customer.currency
    until = drawn.as_of
    yield "customers", of | select_fields(records.customer, "name", "key", "currency")
    agreements = {each.reference: each.agreement for each in drawn.movements}
    for purchase in records.purchases:
        if purchase.date <= until:
            known = {"agreement": agreements.get(purchase.id)}
            yield "purchases", of | to_json(purchase, currency) | known
    for lot in drawn.lots:
        yield "cards", of | select_fields(lot, *TABLES["cards"][1:], currency=currency)
    for sheet, entry in records.sheet_entries:
        if entry.date <= until:
            named = {"reference": sheet.full_name(entry.id), "consultant": sheet.consultant}
            category = records.find_category(entry, organization.terms)
            yield "entries", of | named | to_json(entry) | {"category": category}
    for each in drawn.consumptions:
        reference = drawn.movements[each.line].reference
        yield "draws", of | to_json(each, currency) | {"reference": reference}
    for request in summarize_requests(records, organization.terms, until):
        yield "requests", request.to_json() | {"customer": slug}
    for movement in drawn.movements:
        yield "movements", of | to_json(movement, currency)


def format_table(name: str, rows: list[Row]) -> str:
    """Return a table as CSV."""
    return format_csv(TABLES[name], rows)


def format_description(title: str) -> str:
    """Return the ``datapackage.json`` of all tables."""
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            "schema": {
                "fields": [{"name": column, "type": _name_type(column)} for column in columns],
                **({"primaryKey": _KEYS[name]} if name in _KEYS else {}),
                "foreignKeys": list(_list_references(name)),
            },
        }
        for name, columns in TABLES.items()
    ]
    package = {
        "name": "punchcards",
        "title": title,
        "profile": "tabular-data-package",
        "resources": resources,
    }
    return json.dumps(package, indent=2, ensure_ascii=False) + "\n"


def _list_references(table: str) -> Iterator[Row]:
    named = ["customer"]
    if table != "customers":
        yield {"fields": named, "reference": {"resource": "customers", "fields": named}}
    if table in _REFERENCES:
        column, other = _REFERENCES[table]
        target = {"resource": other, "fields": [*named, "id"]}
        yield {"fields": [*named, column], "reference": target}


def _name_type(column: str) -> str:
    if column in _DAYS:
        return "date"
    if column in _AMOUNTS:
        return "number"
    return "integer" if column.endswith("minutes") or column == "punchcards" else "string"
