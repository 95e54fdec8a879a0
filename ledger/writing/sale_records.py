"""Purchases, refunds and goodwill to be written."""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import NamedTuple

from ledger.duration import format_minutes
from ledger.errors import LedgerError, UnknownNameError
from ledger.models import Purchase
from ledger.reading.file_layout import record_path
from ledger.text import format_money, suggest_name
from ledger.writing.draft import Draft, WritingDesk
from ledger.writing.field_text import Fields
from ledger.writing.time_records import fit_to_step
from ledger.writing.yaml_edit import add_item

_CENT = Decimal("0.01")


class NewPurchase(NamedTuple):
    """A purchase as somebody asks for it; without ``amount`` it costs the list price."""

    punchcards: int
    date: date
    amount: Decimal | None = None
    invoice: str | None = None
    price_note: str | None = None


class NewRefund(NamedTuple):
    """A refund as somebody asks for it; without ``amount`` the minutes' share is paid."""

    purchase: str
    minutes: int
    reason: str
    date: date
    amount: Decimal | None = None


class NewGoodwill(NamedTuple):
    """A goodwill credit as somebody asks for it."""

    minutes: int
    reason: str
    date: date


def draft_purchase(desk: WritingDesk, new: NewPurchase) -> Draft:
    """Draft a purchase.

    Raises:
        LedgerError: there is no price for it.
    """
    amount = find_list_price(desk, new) if new.amount is None else new.amount
    currency = desk.records.customer.currency
    fields: Fields = {
        "id": _give_id(desk, "P"),
        "date": new.date,
        "punchcards": new.punchcards,
        "amount": amount,
        "invoice": new.invoice,
        "price_note": new.price_note,
    }
    cards = f"{new.punchcards} punchcard{'' if new.punchcards == 1 else 's'}"
    return _draft(desk, "purchases", fields, f"buy {cards} for {format_money(amount)} {currency}")


def draft_refund(desk: WritingDesk, new: NewRefund) -> Draft:
    """Draft a refund.

    Raises:
        LedgerError: there is no such purchase, or the minutes fit no step.
    """
    purchase = _find_purchase(desk, new.purchase)
    minutes = fit_to_step(desk, new.minutes, new.date, None)
    amount, remarks = new.amount, list[str]()
    currency = desk.records.customer.currency
    if amount is None:
        amount, remark = _find_share(desk, purchase, minutes)
        remarks.append(remark)
    fields: Fields = {
        "id": _give_id(desk, "A"),
        "type": "refund",
        "date": new.date,
        "purchase": purchase.id,
        "minutes": minutes,
        "amount": amount,
        "reason": new.reason,
    }
    says = f"refund {format_minutes(minutes)} of {purchase.id}, {format_money(amount)} {currency}"
    return _draft(desk, "adjustments", fields, says, tuple(remarks))


def draft_goodwill(desk: WritingDesk, new: NewGoodwill) -> Draft:
    """Draft a goodwill credit.

    Raises:
        LedgerError: the minutes fit no step.
    """
    minutes = fit_to_step(desk, new.minutes, new.date, None)
    fields: Fields = {
        "id": _give_id(desk, "A"),
        "type": "goodwill",
        "date": new.date,
        "minutes": minutes,
        "reason": new.reason,
    }
    return _draft(desk, "adjustments", fields, f"goodwill credit of {format_minutes(minutes)}")


def find_list_price(desk: WritingDesk, new: NewPurchase) -> Decimal:
    """Return what a purchase costs by the terms in force on its date.

    Raises:
        LedgerError: the terms have no price in the customer's currency.
    """
    currency = desk.records.customer.currency
    terms = desk.organization.terms.in_force_on(new.date)
    price = None if terms is None else terms.price.get(currency)
    if price is None:
        raise LedgerError(
            f"no terms in force on {new.date} have a price in {currency}",
            "add it to terms.yml, or correct the date",
        )
    return price * new.punchcards


def _draft(
    desk: WritingDesk, kind: str, fields: Fields, says: str, remarks: tuple[str, ...] = ()
) -> Draft:
    path = record_path(desk.records.slug, kind)
    return Draft(path, partial(add_item, fields=fields), str(fields["id"]), says, remarks)


def _give_id(desk: WritingDesk, letter: str) -> str:
    """Return the id after the highest of its kind: ``P3``; purchases and adjustments share ids."""
    used = {
        record.id
        for records in desk.all_records
        for record in (*records.purchases, *records.adjustments)
    }
    numbers = [int(name[1:]) for name in used if name[:1] == letter and name[1:].isdecimal()]
    return f"{letter}{max(numbers, default=0) + 1}"


def _find_purchase(desk: WritingDesk, wanted: str) -> Purchase:
    purchases = {purchase.id: purchase for purchase in desk.records.purchases}
    for name, purchase in purchases.items():
        if name.casefold() == wanted.casefold():
            return purchase
    hint = suggest_name(wanted, purchases) or f"purchases: {', '.join(purchases) or 'none yet'}"
    raise UnknownNameError(f"{desk.records.slug} has no purchase {wanted!r}", hint)


def _find_share(desk: WritingDesk, purchase: Purchase, minutes: int) -> tuple[Decimal, str]:
    """Return what some minutes of a purchase cost, and how that was found."""
    terms = desk.organization.terms.in_force_on(purchase.date)
    if terms is None:
        raise LedgerError(f"no terms are in force on {purchase.date}", "say the --amount")
    total = purchase.punchcards * terms.punchcard_minutes
    share = (purchase.amount * minutes / total).quantize(_CENT, ROUND_HALF_UP)
    paid = f"{format_money(purchase.amount)} {desk.records.customer.currency}"
    return share, f"{format_money(share)} is {minutes} of {total} minutes of {paid}"
