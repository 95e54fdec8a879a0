"""Rules about technical support: it is never charged, and who is entitled to it."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.errors import Severity
from ledger.models import Category, Channel
from ledger.rules.context import Finding, RuleContext


def check_support_charged(context: RuleContext) -> Iterator[Finding]:
    """Technical support is never charged; gaining access to the customer's systems is."""
    for sheet, entry in context.records.sheet_entries:
        category = entry.category
        request = context.records.requests.get(entry.request)
        if category is None or not category.is_charged or category is Category.SYSTEM_ACCESS:
            continue
        if request is None or request.channel_on(entry.date) is not Channel.SUPPORT:
            continue
        if not entry.is_correction and not context.is_wholly_corrected(sheet, entry):
            message = (
                f"{entry.request} is in the support channel on {entry.date}, "
                f"but the entry is charged as {category}"
            )
            hint = "leave the category out or move the request; once merged, correct the entry"
            yield Finding(entry, "category", message, hint)


def check_support_entitlement(context: RuleContext) -> Iterator[Finding]:
    """Technical support is for holders of a commercial or academic licence."""
    if not context.has_customer:
        return
    customer = context.records.customer
    for sheet, entry in context.records.sheet_entries:
        if context.records.find_category(entry) is not Category.TECHNICAL_SUPPORT:
            continue
        if entry.is_correction or customer.has_support_on(entry.date):
            continue
        if not context.is_wholly_corrected(sheet, entry):
            message = (
                f"technical support on {entry.date}, but {customer.name} had no commercial or "
                "academic licence on that day"
            )
            hint = "record the licence in customer.yml, or move the request to punchcard"
            yield Finding(entry, "request", message, hint, Severity.WARNING)
