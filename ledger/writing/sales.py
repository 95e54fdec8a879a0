"""Drafts of purchases, refunds and goodwill; what cannot be drafted is a ``LedgerError``."""

import re
from decimal import Decimal
from typing import Any

from ledger.balance.draw_down import draw_down
from ledger.balance.lots import Use
from ledger.duration import format_minutes
from ledger.errors import LedgerError, UnknownNameError
from ledger.files.layout import record_path
from ledger.models import Goodwill, Purchase, Record, Refund, Status
from ledger.money import fit_amount, format_amount
from ledger.text import cut_text, make_printable, suggest_name
from ledger.writing.draft import Draft, WritingDesk, find_next_number, make_adder, remark_on_twins
from ledger.writing.requests import draft_event, find_request
from ledger.writing.time_entries import fit_to_step
from ledger.writing.yaml_text import Field, read_line

_CARDS = re.compile(r"^punchcards:[ \t]*([1-9][0-9]{0,5})[ \t]*$", re.MULTILINE | re.IGNORECASE)
_ORDER = re.compile(r"^po:[ \t]*(\S.*)$", re.MULTILINE | re.IGNORECASE)
_LONGEST_ORDER = 500
_BECAME = re.compile(r"^(\S+) recorded\b")


def draft_purchase(
    desk: WritingDesk,
    *,
    punchcards: int,
    amount: Decimal | None = None,
    **fields: Field | None,
) -> Draft:
    """Draft a purchase; without ``amount`` it costs the list price."""
    currency = desk.records.customer.currency
    if amount is None:
        terms = desk.organization.terms.in_force_on(desk.day)
        if terms is None or currency not in terms.price:
            message = f"no terms in force on {desk.day} have a price in {currency}"
            raise LedgerError(message, "add it to terms.yml, or correct the date")
        amount = terms.price[currency] * punchcards
    amount = fit_amount(amount, currency)
    cards = f"{punchcards} punchcard{'' if punchcards == 1 else 's'}"
    says = f"buy {cards} for {amount:f} {currency}"
    fields = {**fields, "date": desk.day, "punchcards": punchcards, "amount": amount}
    return _draft(desk, Purchase, "purchases", fields, says)


def draft_ordered_purchase(
    desk: WritingDesk,
    *,
    request: str,
    consultant: str | None = None,
    punchcards: int | None = None,
    **fields: Any,
) -> Draft:
    """Draft the purchase that a request orders, and the event that tells the request of it.

    The portal's form writes into its text how many ``Punchcards: 5``, and the customer's ``PO:``.
    """
    name = find_request(desk.records, request)
    found = desk.records.requests[name]
    sold = {purchase.id for records in desk.all_records for purchase in records.purchases}
    for event in found.history:
        became = None if event.is_by_customer else _BECAME.match(event.note or "")
        if became and became[1] in sold:
            message = f"{name} became {became[1]} already, on {event.date}"
            raise LedgerError(message, f"punchcard show {desk.slug} {became[1]}")
    text = found.description or ""
    cards, order = _CARDS.search(text), _ORDER.search(text)
    punchcards = punchcards or (int(cards[1]) if cards else None)
    if punchcards is None:
        hint = f"say it: punchcard buy {desk.slug} CARDS --from-request {name}"
        raise LedgerError(f"{name} does not say how many in a line like Punchcards: 5", hint)
    if order and fields.get("purchase_order") is None:
        fields["purchase_order"] = read_line("purchase order", order[1])
    bought = draft_purchase(desk, punchcards=punchcards, **fields)
    invoice = f", {fields['invoice']}" if fields.get("invoice") else ""
    note, done = f"{bought.name} recorded{invoice}.", Status.RESOLVED.value
    told = draft_event(desk, request=name, by=consultant, status=done, note=note)
    said = make_printable(" · ".join(filter(None, map(str.strip, text.splitlines()))))
    return bought._replace(
        edits={**bought.edits, **told.edits},
        says=f"{bought.says} ({name})",
        remarks=(f"{name} says: {cut_text(said, _LONGEST_ORDER)}", *bought.remarks, *told.remarks),
        request=name,
    )


def draft_refund(
    desk: WritingDesk,
    *,
    purchase: str,
    minutes: int,
    amount: Decimal | None = None,
    **fields: Field | None,
) -> Draft:
    """Draft a refund; without ``amount`` what was paid for the minutes is paid back.

    It is the value that they take out of deferred revenue, but no more than is left of the payment.
    """
    found = _find_purchase(desk, purchase)
    minutes = fit_to_step(desk, minutes)
    currency, remarks = desk.records.customer.currency, tuple[str, ...]()
    if amount is None:
        drawn = draw_down(desk.records, desk.organization.terms, desk.day)
        cards = [lot for lot in drawn.lots if lot.purchase == found.id]
        if not cards:
            raise LedgerError(f"{found.id} has no cards on {desk.day}", "say the --amount")
        value, wanted = Decimal(0), minutes
        for card in reversed(cards):  # as the draw-down takes them
            taken = card.take(wanted, desk.day, Use.REFUNDED)
            value, wanted = value + card.value_last(taken), wanted - taken
        before = (each for each in desk.records.adjustments if isinstance(each, Refund))
        left = found.amount - sum(each.amount for each in before if each.purchase == found.id)
        amount = max(min(value, left), Decimal(0))
        of_all = f"{sum(card.minutes for card in cards)} minutes of"
        share = f"{minutes} of {of_all}" if amount == value else "what is left of"
        paid = f"{format_amount(found.amount, currency)} {currency}"
        remarks = (f"{format_amount(amount, currency)} is {share} {paid}",)
    amount = fit_amount(amount, currency)
    says = f"refund {format_minutes(minutes)} of {found.id}, {amount:f} {currency}"
    fields |= {"type": "refund", "date": desk.day, "purchase": found.id, "minutes": minutes}
    fields["amount"] = amount
    draft = _draft(desk, Refund, "adjustments", fields, says)
    return draft._replace(remarks=(*remarks, *draft.remarks))


def draft_goodwill(desk: WritingDesk, *, minutes: int, **fields: Field | None) -> Draft:
    """Draft a goodwill credit."""
    minutes = fit_to_step(desk, minutes)
    fields = {**fields, "type": "goodwill", "date": desk.day, "minutes": minutes}
    says = f"goodwill credit of {format_minutes(minutes)}"
    return _draft(desk, Goodwill, "adjustments", fields, says)


def _draft(
    desk: WritingDesk, model: type[Record], kind: str, fields: dict[str, Field | None], says: str
) -> Draft:
    """Draft a record with the id after the highest of its kind: ``P3``."""
    letter = kind[0].upper()
    known = {
        record.id: record
        for records in desk.all_records
        for record in (*records.purchases, *records.adjustments)
    }
    said = {"invoice": fields["invoice"]} if fields.get("invoice") else fields
    paths = [record_path(desk.slug, each) for each in ("purchases", "adjustments")]
    record_id = f"{letter}{find_next_number(desk, letter, known, paths)}"
    edits = {record_path(desk.slug, kind): make_adder(model, {**fields, "id": record_id})}
    return Draft(edits, record_id, says, remark_on_twins(known, said))


def _find_purchase(desk: WritingDesk, wanted: str) -> Purchase:
    purchases = {purchase.id: purchase for purchase in desk.records.purchases}
    for name, purchase in purchases.items():
        if name.casefold() == wanted.casefold():
            return purchase
    hint = suggest_name(wanted, purchases) or f"purchases: {', '.join(purchases) or 'none yet'}"
    raise UnknownNameError(f"{desk.records.slug} has no purchase {wanted!r}", hint)
