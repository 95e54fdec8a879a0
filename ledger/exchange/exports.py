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
from ledger.output.formats import format_csv
from ledger.text import make_printable

_DEFERRED = "Liabilities:Deferred:"
_INCOME = {
    Use.USED: "Income:Recognised:{category}:{customer}",
    Use.EXPIRED: "Income:Breakage:{customer}",
    Use.REFUNDED: "Income:Refunds:{customer}",
}
_FORMS = {
    "beancount": {
        "title": 'option "title" "{}"\noption "inferred_tolerance_default" "*:0.0001"\n'
        "1970-01-01 commodity MINUTE\n1970-01-01 commodity PUNCHCARD\n",
        "price": "{} price PUNCHCARD {} {}\n",
        "currency": "",
        "account": "1970-01-01 open {}\n",
        # Each posting of minutes bears its own cost, so none is matched with another.
        "deferred account": '1970-01-01 open {} "NONE"\n',
        "transaction": '\n{date} * "{payee}" "{narration}"\n',
        "fact": '  {}: "{}"\n',
        "money": "  {account}  {money} {currency}\n",
        "minutes": "  {account}  {minutes} MINUTE"
        ' {{{{{money} {currency}, {lot.date}, "{lot.id}"}}}}\n',
    },
    "hledger": {
        "title": "; {}\ncommodity 1. MINUTE\ncommodity 1. PUNCHCARD\n",
        "price": "P {} PUNCHCARD {} {}\n",
        "currency": "commodity 1.{} {}\n",
        "account": "account {}\n",
        "deferred account": "account {}\n",
        # The status mark and the code keep a name that begins with one from being taken for it.
        "transaction": "\n{date} * ({id}) {payee} | {narration}\n",
        "fact": "    ; {}:{}\n",
        "money": "    {account}  {money} {currency}\n",
        "minutes": "    {account}  {minutes} MINUTE @@ {money} {currency}  ; lot:{lot.id}\n",
    },
}
"""How the programs write a journal, part by part."""

_ESCAPES = {
    "beancount": str.maketrans({"\\": "\\\\", '"': '\\"'}),
    "hledger": str.maketrans({";": ","}),  # which begins a comment
}
TABLES = {
    name: columns.split()
    for name, columns in {
        "customers": "customer name key currency",
        "purchases": "customer id date punchcards amount invoice price_note purchase_order"
        " agreement",
        "cards": "customer id kind purchase date last_day minutes used_minutes refunded_minutes"
        " expired_minutes remaining_minutes completed_on amount value_remaining",
        "entries": "customer reference date consultant request category minutes corrects note",
        "draws": "customer date reference lot purchase use minutes value",
        "requests": "customer id title status channel category opened opened_by last_event"
        " worked_minutes charged_minutes",
        "movements": "customer date kind reference request consultant category worked_minutes"
        " minutes balance_minutes amount note invoice value purchase_order agreement",
    }.items()
}
"""The columns of each table."""

_IDS = {"customers": (), "purchases": ("id",), "cards": ("id",), "requests": ("id",)}
_IDS["entries"] = ("reference",)
"""By table: the columns, after the customer, that name a row."""

_REFERENCES = {"entries": ("request", "requests"), "draws": ("lot", "cards")}
"""By table: a column that names a row of another table by the id that it has of its customer."""

_TYPES = (
    dict.fromkeys(("date", "last_day", "completed_on", "opened", "last_event"), "date")
    | dict.fromkeys(("amount", "value", "value_remaining"), "number")
    | {"punchcards": "integer"}
)


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
        name = {"beancount": "punchcards.beancount", "hledger": "punchcards.journal"}[what]
        return {name: "".join(format_journal(what, organization, transactions))}
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in TABLES}
    for records, book in drawn:
        for name, row in _list_rows(organization, records, book):
            rows[name].append({"customer": records.slug, **row})
    files = {f"{name}.csv": format_csv(TABLES[name], rows[name]) for name in TABLES}
    return {**files, "datapackage.json": _describe_tables(_name_provider(organization))}


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
    forms = _FORMS[program]

    def clean(text: str) -> str:
        """Return a text for one line, or one string, of the journal."""
        return make_printable(" ".join(text.split())).translate(_ESCAPES[program])

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
            kind = "deferred account" if account.startswith(_DEFERRED) else "account"
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
    organization: Organization, records: CustomerRecords, drawn: DrawDown
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
        yield "cards", select_fields(lot, *TABLES["cards"][1:], currency=currency)
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


def _describe_tables(title: str) -> str:
    """Return the ``datapackage.json`` of all tables."""
    resources: list[dict[str, Any]] = []
    for name, columns in TABLES.items():
        keys = [] if name == "customers" else [(["customer"], "customers", ["customer"])]
        if name in _REFERENCES:
            column, other = _REFERENCES[name]
            keys.append((["customer", column], other, ["customer", "id"]))
        types = {
            column: "integer" if column.endswith("minutes") else _TYPES.get(column, "string")
            for column in columns
        }
        schema = {
            "fields": [{"name": column, "type": type_} for column, type_ in types.items()],
            **({"primaryKey": ["customer", *_IDS[name]]} if name in _IDS else {}),
            "foreignKeys": [
                {"fields": own, "reference": {"resource": other, "fields": theirs}}
                for own, other, theirs in keys
            ],
        }
        profile = "tabular-data-resource"
        resources.append(
            {"name": name, "path": f"{name}.csv", "profile": profile, "schema": schema}
        )
    package = {"name": "punchcards", "title": title, "profile": "tabular-data-package"}
    return json.dumps({**package, "resources": resources}, indent=2, ensure_ascii=False) + "\n"
