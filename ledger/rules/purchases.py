"""Rules about purchases, refunds, and the time they cover: until the portal closes."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache

from ledger.balance.portal_life import PortalState, find_portal
from ledger.duration import MINUTES_IN_HOUR, format_minutes
from ledger.errors import Severity
from ledger.files.messages import means_licence
from ledger.models import Channel, Purchase, Refund, Terms
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


def check_overdrawn(context: RuleContext) -> Iterator[Finding]:
    """The balance is not below what the terms allow."""
    drawn = context.drawn
    terms = context.terms.applying_to(context.as_of)
    allowed, who = terms.overdraft_minutes if terms is not None else 0, "the terms allow"
    if (own := context.records.customer.overdraft_minutes) is not None:
        allowed, who = own, "customer.yml allows"
    if not context.has_all_lots or drawn.balance_minutes >= -allowed:
        return
    overdrawn, first = drawn.overdrawn_minutes, drawn.uncovered[0]
    limit = f"; {who} {_format(allowed)}" if allowed else ""
    hint = _say_what_covers(overdrawn - allowed, terms)
    for uncovered in drawn.uncovered:
        entry = context.entries[uncovered.reference]
        some = "" if uncovered.minutes == entry.minutes else f"{uncovered.minutes} of "
        message = (
            f"{some}these {entry.minutes} minutes are not covered: "
            f"{context.folder.slug} is overdrawn by {_format(overdrawn)} "
            f"since {first.reference} of {first.date}{limit}"
        )
        yield Finding(entry, "minutes", message, hint)


def check_portal_closed(context: RuleContext) -> Iterator[Finding]:
    """Nothing is charged or asked for after the portal's last day, as it was then."""
    if not context.has_all_lots or not context.has_customer:
        return
    minutes_before: dict[date, int] = {}  # what was left when a day with movements began
    balance = 0
    for movement in context.drawn.movements:
        minutes_before.setdefault(movement.date, balance)
        balance = movement.balance_minutes

    @cache
    def find_last_day(day: date) -> date | None:
        """Return the last day of a portal that is closed on ``day``, else None."""
        # While minutes are left some lot is open, and so is the portal.
        if day > context.as_of or minutes_before.get(day, 0) > 0:
            return None
        customer, lots = context.records.customer, context.drawn.lots
        portal = find_portal(customer, lots, context.terms, day, during_day=True)
        return portal.last_day if portal.state is PortalState.CLOSED else None

    for _sheet, entry in context.records.sheet_entries:
        last_day = find_last_day(entry.date)
        if last_day is None or entry.is_correction:
            continue
        category = context.records.find_category(entry, context.terms)
        if category in context.terms.uses_on(entry.date).charged:
            message = f"charged time on {entry.date}, but the portal closed after {last_day}"
            hint = "sell a punchcard first, or correct the date"
            yield Finding(entry, "date", message, hint)
    for request in context.records.requests.values():
        last_day = find_last_day(request.opened)
        if last_day and request.channel is not Channel.SUPPORT:
            message = f"opened on {request.opened}, but the portal closed after {last_day}"
            hint = "sell a punchcard first, or open it in the support channel"
            yield Finding(request, "opened", message, hint)


def _format(minutes: int) -> str:
    short = f" ({format_minutes(minutes)})" if minutes >= MINUTES_IN_HOUR else ""
    return f"{minutes} minutes{short}"


def _say_what_covers(missing: int, terms: Terms | None) -> str:
    if terms is None:
        return "record a purchase that covers it"
    cards = -(-missing // terms.punchcard_minutes)
    noun, verb = ("punchcard", "covers") if cards == 1 else ("punchcards", "cover")
    return f"{cards} more {noun} {verb} it; or correct what should not have been charged"
