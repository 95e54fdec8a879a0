"""Rules about purchases and refunds."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.errors import Problem
from ledger.models import Purchase, Refund
from ledger.rules.rule_input import RuleInput
from ledger.text import format_money


def check_refund(given: RuleInput) -> Iterator[Problem]:
    """A refund takes back no more than is unused on its purchase, and not before it."""
    purchases = {purchase.id: purchase for purchase in reversed(given.records.purchases)}
    excesses = {excess.reference: excess for excess in given.drawn.excesses}
    for refund in given.records.adjustments:
        if not isinstance(refund, Refund) or refund.purchase not in purchases:
            continue
        purchase = purchases[refund.purchase]
        if refund.date < purchase.date:
            yield given.folder.make_problem(
                "refund",
                refund,
                "date",
                f"{refund.date} is before the purchase {purchase.id} of {purchase.date}",
                "correct the date or the purchase",
            )
        elif refund.id in excesses and given.has_all_lots:
            unused = excesses[refund.id].available_minutes
            yield given.folder.make_problem(
                "refund",
                refund,
                "minutes",
                f"takes back {refund.minutes} minutes, but {unused or 'none'} are unused on "
                f"{purchase.id} on {refund.date}",
                f"write {unused}" if unused else "delete it; there is nothing to refund",
            )


def check_purchase_amount(given: RuleInput) -> Iterator[Problem]:
    """A purchase costs cards times list price, or says why it does not."""
    if "customer" in given.folder.incomplete_kinds:
        return
    for purchase in given.records.purchases:
        if purchase.price_note is None and (wrong := _find_wrong_amount(given, purchase)):
            yield given.folder.make_problem("purchase-amount", purchase, "amount", *wrong)


def _find_wrong_amount(given: RuleInput, purchase: Purchase) -> tuple[str, str] | None:
    currency = given.records.customer.currency
    terms = given.terms.in_force_on(purchase.date)
    if terms is None:
        return None
    price = terms.price.get(currency)
    if price is None:
        return (
            f"the terms of {terms.effective} have no price in {currency}",
            "correct the currency in customer.yml, or say in price_note how it was agreed",
        )
    total = price * purchase.punchcards
    if purchase.amount == total:
        return None
    product = f"{purchase.punchcards} × {format_money(price)} = {format_money(total)} {currency}"
    message = f"{format_money(purchase.amount)} is not {product}"
    return message, "correct the amount, or say why in price_note"
