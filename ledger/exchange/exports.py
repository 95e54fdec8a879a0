"""A ledger written out for other programs: as accounting for Beancount and hledger, and as tables.

Minutes of a card are a commodity that is held, negative, in a liability: what the customer is owed.
Each posting of minutes bears the money that they stand for as its cost, so that the cost of what is
left is deferred revenue to the cent, and its quantity the minutes left. Sales are receivables;
payments are not recorded in a ledger. A consumption counts on its own day, as in ``revenue``.

The tables are a folder of CSV files with a ``datapackage.json`` that describes them as Frictionless
Data's tabular data package does, so that DuckDB, pandas or a spreadsheet open the folder as it is.
Money is in the customer's currency. What no customer reads, the internal notes, is left out.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from ledger.balance.draw_down import DrawDown
from ledger.balance.json_values import select_fields, to_json
from ledger.balance.lots import Lot, Use
from ledger.balance.movements import Consumption, Movement
from ledger.balance.request_summary import summarize_requests
from ledger.files.reader import Organization
from ledger.models import CustomerRecords, Goodwill, Purchase, Refund
from ledger.money import count_digits, format_amount
from ledger.text import make_printable

MINUTE, CARD = "MINUTE", "PUNCHCARD"
_DEFERRED = "Liabilities:Deferred:"
_INCOME = {
    Use.USED: "Income:Recognised:{category}:{customer}",
    Use.EXPIRED: "Income:Breakage:{customer}",
    Use.REFUNDED: "Income:Refunds:{customer}",
}
_OPENED = "1970-01-01"
_NOTHING = Decimal(0)
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


class Posting(NamedTuple):
    """Money on an account, or minutes of a lot with the money they stand for, never negative."""

    account: str
    money: Decimal = _NOTHING
    minutes: int = 0
    cost: Decimal = _NOTHING
    lot: Lot | None = None


class Transaction(NamedTuple):
    """Postings of a day that add up to nothing; ``facts`` are its metadata, ``id`` among them."""

    date: date
    payee: str
    narration: str
    currency: str
    facts: Mapping[str, str]
    postings: Sequence[Posting]


def list_transactions(records: CustomerRecords, drawn: DrawDown) -> list[Transaction]:
    """Return a customer's transactions by date."""
    sources: dict[str, Purchase | Goodwill | Refund]
    sources = {each.id: each for each in (*records.purchases, *records.adjustments)}
    agreements = {each.reference: each.agreement for each in drawn.movements if each.agreement}
    lots: dict[str, list[Lot]] = {}
    for lot in drawn.lots:
        lots.setdefault(lot.purchase or lot.id, []).append(lot)
    made = []
    for name, source in sources.items():
        if source.date <= drawn.as_of:
            made.append(_describe_sale(records, source, lots.get(name, []), agreements.get(name)))
    by_movement: dict[tuple[int, date], list[Consumption]] = {}
    for each in drawn.consumptions:
        by_movement.setdefault((each.line, each.date), []).append(each)
    by_id = {lot.id: lot for lot in drawn.lots}
    for (line, day), consumed in by_movement.items():
        made.append(_describe_use(records, drawn.movements[line], day, consumed, by_id))
    return sorted(made, key=lambda each: each.date)


def _describe_sale(
    records: CustomerRecords,
    source: Purchase | Goodwill | Refund,
    lots: Iterable[Lot],
    agreement: str | None,
) -> Transaction:
    """Return a sale, a credit, or the money of a refund."""
    customer, account = records.customer, _name_account(records.slug)
    receivable, facts = f"Assets:Receivable:{account}", {"id": source.id}
    postings = [
        Posting(_DEFERRED + account, minutes=-lot.minutes, cost=lot.amount, lot=lot) for lot in lots
    ]
    match source:
        case Purchase():
            narration = f"{source.punchcards} punchcard{'' if source.punchcards == 1 else 's'}"
            said = select_fields(source, "invoice", "purchase_order") | {"agreement": agreement}
            facts |= {name: text for name, text in said.items() if text}
            postings.append(Posting(receivable, source.amount))
            if not lots:  # Before the first terms a purchase has no cards.
                postings.append(Posting(_DEFERRED + account, -source.amount))
        case Refund():
            narration, facts["purchase"] = source.reason, source.purchase
            postings.append(Posting(f"Income:Refunds:{account}", source.amount))
            postings.append(Posting(receivable, -source.amount))
        case Goodwill():
            narration = source.reason
    return Transaction(source.date, customer.name, narration, customer.currency, facts, postings)


def _describe_use(
    records: CustomerRecords,
    movement: Movement,
    day: date,
    consumed: Iterable[Consumption],
    lots: Mapping[str, Lot],
) -> Transaction:
    """Return what a movement consumed on a day."""
    customer, account = records.customer, _name_account(records.slug)
    facts = {"id": movement.reference}
    for name in ("request", "consultant", "category"):
        if value := getattr(movement, name):
            facts[name] = str(value)
    postings = []
    for each in consumed:
        cost, lot = abs(each.value), lots[each.lot]
        postings.append(Posting(_DEFERRED + account, minutes=each.minutes, cost=cost, lot=lot))
        if each.value:
            category = _name_account(facts.get("category", ""))
            income = _INCOME[each.use].format(category=category, customer=account)
            postings.append(Posting(income, -each.value))
    narration = movement.note or f"{movement.reference} {movement.kind}"
    return Transaction(day, customer.name, narration, customer.currency, facts, postings)


def _name_account(slug: str) -> str:
    """Return a slug or a category as part of an account: ``Mueller-messtechnik``."""
    return slug[:1].upper() + slug[1:]


def format_beancount(
    organization: Organization, transactions: Iterable[Transaction]
) -> Iterator[str]:
    """Yield the parts of a Beancount file."""
    title = "" if organization.provider is None else organization.provider.name
    yield f'option "title" {_quote(title)}\n'
    yield 'option "inferred_tolerance_default" "*:0.0001"\n'
    yield "".join(f"{_OPENED} commodity {name}\n" for name in (MINUTE, CARD))
    for day, currency, price in _list_prices(organization):
        yield f"{day} price {CARD} {price} {currency}\n"
    accounts: set[str] = set()
    for each in transactions:
        for account in sorted({item.account for item in each.postings} - accounts):
            # Each posting of minutes bears its own cost, so none is matched with another.
            booking = ' "NONE"' if account.startswith(_DEFERRED) else ""
            yield f"{_OPENED} open {account}{booking}\n"
            accounts.add(account)
        lines = ["", f"{each.date} * {_quote(each.payee)} {_quote(each.narration)}"]
        lines += [f"  {key}: {_quote(value)}" for key, value in each.facts.items()]
        for item in each.postings:
            cost = ""
            if item.lot is not None:
                value = f"{format_amount(item.cost, each.currency)} {each.currency}"
                cost = f" {{{{{value}, {item.lot.date}, {_quote(item.lot.id)}}}}}"
            lines.append(f"  {item.account}  {_format_amount(item, each.currency)}{cost}")
        yield "\n".join(lines) + "\n"


def format_hledger(
    organization: Organization, transactions: Iterable[Transaction]
) -> Iterator[str]:
    """Yield the parts of an hledger journal."""
    title = "" if organization.provider is None else organization.provider.name
    yield f"; {_write_line(title)}\n"
    yield f"commodity 1. {MINUTE}\ncommodity 1. {CARD}\n"
    for day, currency, price in _list_prices(organization):
        yield f"P {day} {CARD} {price} {currency}\n"
    accounts: set[str] = set()
    currencies: set[str] = set()
    for each in transactions:
        if each.currency not in currencies:
            currencies.add(each.currency)
            digits = count_digits(each.currency)
            yield f"commodity 1.{'0' * digits} {each.currency}\n"
        for account in sorted({item.account for item in each.postings} - accounts):
            yield f"account {account}\n"
            accounts.add(account)
        # The status mark and the code keep a name that begins with one from being taken for it.
        payee, narration = (_write_line(text) for text in (each.payee, each.narration))
        lines = ["", f"{each.date} * ({_write_line(each.facts['id'])}) {payee} | {narration}"]
        lines += [f"    ; {key}:{_write_line(value)}" for key, value in each.facts.items()]
        for item in each.postings:
            amount = _format_amount(item, each.currency)
            if item.lot is not None:
                cost = format_amount(item.cost, each.currency)
                amount += f" @@ {cost} {each.currency}  ; lot:{item.lot.id}"
            lines.append(f"    {item.account}  {amount}")
        yield "\n".join(lines) + "\n"


def _list_prices(organization: Organization) -> Iterator[tuple[date, str, str]]:
    for terms in organization.terms.terms:
        for currency, price in terms.price.items():
            yield terms.effective, currency, format_amount(price, currency)


def _format_amount(posting: Posting, currency: str) -> str:
    if posting.lot is not None:
        return f"{posting.minutes} {MINUTE}"
    return f"{format_amount(posting.money, currency)} {currency}"


def _quote(text: str) -> str:
    escaped = _flatten(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _write_line(text: str) -> str:
    """Return a text for a line of a journal, where a semicolon begins a comment."""
    return _flatten(text).replace(";", ",")


def _flatten(text: str) -> str:
    return make_printable(" ".join(text.split()))


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
        yield "requests", to_json(request) | {"customer": slug}
    for movement in drawn.movements:
        yield "movements", of | to_json(movement, currency)


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
