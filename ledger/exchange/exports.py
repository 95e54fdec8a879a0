"""A ledger written out for other programs: as accounting for Beancount and hledger, and as tables.

Minutes of a card are a commodity that is held, negative, in a liability: what the customer is owed.
Each posting of minutes bears the money that they stand for as its cost, so that the cost of what is
left is deferred revenue to the cent, and its quantity the minutes left. Sales are receivables;
payments are not recorded in a ledger. A consumption counts on its own day, as in ``revenue``.

The tables are a folder of CSV files with a ``datapackage.json`` that describes them as Frictionless
Data's tabular data package does, so that DuckDB, pandas or a spreadsheet open the folder as it is.
Money is in the customer's currency. What no customer reads, the internal notes, is left out.

How a journal is written is said by ``journals.toml``, which tables there are by
``datapackage.json``, both beside this file.
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any, NamedTuple

from ledger.balance.draw_down import DrawDown
from ledger.balance.json_values import select_fields, to_json
from ledger.balance.lots import Lot, Use
from ledger.balance.movements import Consumption, Movement
from ledger.balance.request_summary import summarize_requests
from ledger.files.reader import Organization
from ledger.models import CustomerRecords, Goodwill, Purchase, Refund
from ledger.money import count_digits, format_amount
from ledger.output.formats import format_csv
from ledger.text import make_printable

_FOLDER = resources.files("ledger.exchange")
_DEFERRED = "Liabilities:Deferred:"
_INCOME = {
    Use.USED: "Income:Recognised:{category}:{customer}",
    Use.EXPIRED: "Income:Breakage:{customer}",
    Use.REFUNDED: "Income:Refunds:{customer}",
}


class Posting(NamedTuple):
    """Money on an account; or minutes of a lot, and the money that they stand for."""

    account: str
    money: Decimal
    minutes: int = 0
    lot: Lot | None = None


class Transaction(NamedTuple):
    """Postings of a day that add up to nothing; ``facts`` are its metadata, ``id`` among them."""

    date: date
    payee: str
    narration: str
    currency: str
    facts: Mapping[str, str]
    postings: Sequence[Posting]


def make_files(
    what: str, organization: Organization, drawn: Iterable[tuple[CustomerRecords, DrawDown]]
) -> dict[str, str]:
    """Return the files of an export to ``beancount``, ``hledger`` or ``csv`` by their names."""
    if what != "csv":
        transactions = (each for pair in drawn for each in list_transactions(*pair))
        lines = format_journal(what, organization, transactions)
        return {_load_forms(what)["file"]: "".join(lines)}
    package = json.loads((_FOLDER / "datapackage.json").read_text("utf-8"))
    package["title"] = _name_provider(organization)
    columns = {
        table["name"]: [field["name"] for field in table["schema"]["fields"]]
        for table in package["resources"]
    }
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in columns}
    for records, book in drawn:
        for name, row in _list_rows(organization, records, book, columns["cards"][1:]):
            rows[name].append({"customer": records.slug, **row})
    files = {f"{name}.csv": format_csv(columns[name], rows[name]) for name in columns}
    return {**files, "datapackage.json": json.dumps(package, indent=2, ensure_ascii=False) + "\n"}


def _load_forms(program: str) -> dict[str, Any]:
    forms: dict[str, Any] = tomllib.loads((_FOLDER / "journals.toml").read_text("utf-8"))[program]
    return forms


def _name_provider(organization: Organization) -> str:
    return "" if organization.provider is None else organization.provider.name


def list_transactions(records: CustomerRecords, drawn: DrawDown) -> list[Transaction]:
    """Return a customer's transactions by date."""
    sources: dict[str, Purchase | Goodwill | Refund]
    sources = {each.id: each for each in (*records.purchases, *records.adjustments)}
    agreements = {each.reference: each.agreement for each in drawn.movements if each.agreement}
    by_id, lots = {lot.id: lot for lot in drawn.lots}, dict[str, list[Lot]]()
    for lot in drawn.lots:
        lots.setdefault(lot.purchase or lot.id, []).append(lot)
    made = [
        _describe_sale(records, source, lots.get(name, []), agreements.get(name))
        for name, source in sources.items()
        if source.date <= drawn.as_of
    ]
    used: dict[tuple[int, date], list[tuple[Lot, Consumption]]] = {}
    for each in drawn.consumptions:
        used.setdefault((each.line, each.date), []).append((by_id[each.lot], each))
    for (line, day), consumed in used.items():
        made.append(_describe_use(records, drawn.movements[line], day, consumed))
    return sorted(made, key=lambda each: each.date)


def _describe_sale(
    records: CustomerRecords,
    source: Purchase | Goodwill | Refund,
    lots: Sequence[Lot],
    agreement: str | None,
) -> Transaction:
    """Return a sale, a credit, or the money of a refund."""
    account, facts = _name_account(records.slug), {"id": source.id}
    receivable, deferred = f"Assets:Receivable:{account}", _DEFERRED + account
    postings = [Posting(deferred, lot.amount, -lot.minutes, lot) for lot in lots]
    match source:
        case Purchase():
            narration = f"{source.punchcards} punchcard{'' if source.punchcards == 1 else 's'}"
            said = select_fields(source, "invoice", "purchase_order") | {"agreement": agreement}
            facts |= {name: text for name, text in said.items() if text}
            postings.append(Posting(receivable, source.amount))
            if not lots:  # Before the first terms a purchase has no cards.
                postings.append(Posting(deferred, -source.amount))
        case Refund():
            narration, facts["purchase"] = source.reason, source.purchase
            postings.append(Posting(f"Income:Refunds:{account}", source.amount))
            postings.append(Posting(receivable, -source.amount))
        case Goodwill():
            narration = source.reason
    customer = records.customer
    return Transaction(source.date, customer.name, narration, customer.currency, facts, postings)


def _describe_use(
    records: CustomerRecords,
    movement: Movement,
    day: date,
    consumed: Iterable[tuple[Lot, Consumption]],
) -> Transaction:
    """Return what a movement consumed on a day."""
    customer, account = records.customer, _name_account(records.slug)
    said = {name: getattr(movement, name) for name in ("request", "consultant", "category")}
    facts = {"id": movement.reference} | {name: str(text) for name, text in said.items() if text}
    category, postings = _name_account(facts.get("category", "")), []
    for lot, each in consumed:
        postings.append(Posting(_DEFERRED + account, abs(each.value), each.minutes, lot))
        if each.value:
            income = _INCOME[each.use].format(category=category, customer=account)
            postings.append(Posting(income, -each.value))
    narration = movement.note or f"{movement.reference} {movement.kind}"
    return Transaction(day, customer.name, narration, customer.currency, facts, postings)


def _name_account(slug: str) -> str:
    """Return a slug or a category as part of an account: ``Mueller-messtechnik``."""
    return slug[:1].upper() + slug[1:]


def format_journal(
    program: str, organization: Organization, transactions: Iterable[Transaction]
) -> Iterator[str]:
    """Yield the parts of a journal."""
    forms = _load_forms(program)
    escapes = str.maketrans(forms["escapes"])

    def clean(text: str) -> str:
        """Return a text for one line, or one string, of the journal."""
        return make_printable(" ".join(text.split())).translate(escapes)

    yield forms["title"].format(clean(_name_provider(organization)))
    for terms in organization.terms.terms:
        for currency, price in terms.price.items():
            amount = format_amount(price, currency)
            yield forms["price"].format(terms.effective, amount, currency)
    known: set[str] = set()
    for each in transactions:
        if each.currency not in known:
            yield forms["currency"].format("0" * count_digits(each.currency), each.currency)
        accounts = {item.account for item in each.postings}
        for account in sorted(accounts - known):
            kind = "deferred_account" if account.startswith(_DEFERRED) else "account"
            yield forms[kind].format(account)
        known |= {each.currency, *accounts}
        facts = {key: clean(text) for key, text in each.facts.items()}
        said = {"id": facts["id"], "payee": clean(each.payee), "narration": clean(each.narration)}
        yield forms["transaction"].format(date=each.date, **said)
        yield from (forms["fact"].format(*fact) for fact in facts.items())
        for item in each.postings:
            money = format_amount(item.money, each.currency)
            how = {**item._asdict(), "money": money, "currency": each.currency}
            yield forms["minutes" if item.lot else "money"].format_map(how)


def _list_rows(
    organization: Organization,
    records: CustomerRecords,
    drawn: DrawDown,
    of_card: Sequence[str],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield a customer's rows, each with the name of its table."""
    currency, until = records.customer.currency, drawn.as_of
    yield "customers", select_fields(records.customer, "name", "key", "currency")
    agreements = {each.reference: each.agreement for each in drawn.movements}
    for purchase in records.purchases:
        if purchase.date <= until:
            known = {"agreement": agreements.get(purchase.id)}
            yield "purchases", to_json(purchase, currency) | known
    for lot in drawn.lots:
        yield "cards", select_fields(lot, *of_card, currency=currency)
    for sheet, entry in records.sheet_entries:
        if entry.date <= until:
            named = {"reference": sheet.full_name(entry.id), "consultant": sheet.consultant}
            category = records.find_category(entry, organization.terms)
            yield "entries", named | to_json(entry) | {"category": category}
    for each in drawn.consumptions:
        reference = drawn.movements[each.line].reference
        yield "draws", to_json(each, currency) | {"reference": reference}
    for request in summarize_requests(records, organization.terms, until):
        yield "requests", to_json(request)
    for movement in drawn.movements:
        yield "movements", to_json(movement, currency)
