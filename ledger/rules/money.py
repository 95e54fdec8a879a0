"""Rules about purchases and refunds."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ledger.errors import Severity
from ledger.files.messages import means_licence
from ledger.models import Purchase, Refund
from ledger.money import explain_digits, format_amount
from ledger.rules.context import Finding, RuleContext
from ledger.text import natural_key, quote_value


def check_digits(context: RuleContext) -> Iterator[Finding]:
    """An amount has no more decimals than its currency."""
    records = context.records
    for record in (*records.purchases, *records.adjustments) if context.has_customer else ():
        if isinstance(record, Purchase | Refund):
            explained = explain_digits(record.amount, records.customer.currency)
            yield from (Finding(record, "amount", *explained),) if explained else ()


def check_refund(context: RuleContext) -> Iterator[Finding]:
    """A refund takes back no more than is unused and was paid, and not before its purchase."""
    purchases = {purchase.id: purchase for purchase in reversed(context.records.purchases)}
    excesses = {excess.reference: excess for excess in context.drawn.excesses}
    currency = context.records.customer.currency
    left = {purchase.id: purchase.amount for purchase in purchases.values()}
    ranked = sorted(context.records.adjustments, key=lambda each: (each.date, natural_key(each.id)))
    for refund in ranked:
        if not isinstance(refund, Refund) or refund.purchase not in purchases:
            continue
        purchase = purchases[refund.purchase]
        if refund.date < purchase.date:
            message = f"{refund.date} is before the purchase {purchase.id} of {purchase.date}"
            yield Finding(refund, "date", message, "correct the date or the purchase")
        elif refund.id in excesses and context.has_all_lots:
            unused = excesses[refund.id].available_minutes
            message = (
                f"takes back {refund.minutes} minutes, but {unused or 'none'} are unused on "
                f"{purchase.id} on {refund.date}"
            )
            hint = f"write {unused}" if unused else "delete it; there is nothing to refund"
            yield Finding(refund, "minutes", message, hint)
        elif refund.date <= context.as_of and refund.amount > left[purchase.id]:
            amounts = (refund.amount, left[purchase.id], purchase.amount)
            amount, rest, paid = (format_amount(each, currency) for each in amounts)
            message = f"pays back {amount} {currency}, but of {paid} that were paid {rest} are left"
            yield Finding(refund, "amount", message, f"write at most {rest}")
        if refund.date <= context.as_of:
            left[purchase.id] = max(left[purchase.id] - refund.amount, Decimal(0))


def check_purchase_amount(context: RuleContext) -> Iterator[Finding]:
    """A purchase costs cards times list price, or says why it does not."""
    currency = context.records.customer.currency
    for purchase in context.records.purchases:
        terms = context.terms.in_force_on(purchase.date)
        is_said = purchase.price_note is not None or explain_digits(purchase.amount, currency)
        if is_said or terms is None or not context.has_customer:
            continue
        price = terms.price.get(currency)
        if price is None:
            message = f"the terms of {terms.effective} have no price in {currency}"
            hint = "correct the currency in customer.yml, or say in price_note how it was agreed"
            yield Finding(purchase, "amount", message, hint)
        elif purchase.amount != (total := price * purchase.punchcards):
            paid, each, cost = (format_amount(x, currency) for x in (purchase.amount, price, total))
            message = f"{paid} is not {purchase.punchcards} × {each} = {cost} {currency}"
            hint = "correct the amount, or say why in price_note"
            yield Finding(purchase, "amount", message, hint)


def check_price_note(context: RuleContext) -> Iterator[Finding]:
    """A price that differs from the list price does not hide a licence."""
    for purchase in context.records.purchases:
        if means_licence("price_note", note := purchase.price_note):
            message = f"{quote_value(note)}: a purchase is punchcards alone, without licences"
            hint = "take what is no punchcard out of the amount; licences are invoiced elsewhere"
            yield Finding(purchase, "price_note", message, hint, Severity.WARNING)
