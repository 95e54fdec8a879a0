"""The rule about corrections: what they name, and how much they may take back."""

from __future__ import annotations

from collections.abc import Iterator

from ledger.errors import Severity
from ledger.models import TimeEntry
from ledger.models.customer_records import TimeSheet
from ledger.rules.context import Finding, RuleContext


def check_correction(context: RuleContext) -> Iterator[Finding]:
    """A correction names an earlier entry of the same request and takes back what is left of it."""
    for sheet, entry in context.records.sheet_corrections:
        yield from _check_correction(context, sheet, entry)
    for excess in context.drawn.excesses:
        correction, left = context.entries.get(excess.reference), excess.available_minutes
        if correction is not None:
            message = (
                f"takes back {excess.minutes} minutes, but {left or 'none'} are left of "
                f"{correction.corrects}"
            )
            hint = f"write -{left}" if left else "delete the correction"
            yield Finding(correction, "minutes", message, hint)


def _check_correction(
    context: RuleContext, sheet: TimeSheet, entry: TimeEntry
) -> Iterator[Finding]:
    if entry.corrects is None:
        message = f"{entry.minutes} minutes, but nothing says which entry they correct"
        yield Finding(entry, "minutes", message, "add `corrects:` with the id of that entry")
        return
    corrected = context.entries.get(sheet.resolve(entry.corrects))
    if corrected is None:
        return
    if corrected.is_correction:
        message = f"{entry.corrects} is a correction itself"
        hint = "correct the entry, or log time to undo a correction"
        yield Finding(entry, "corrects", message, hint)
    elif corrected.request != entry.request:
        message = f"{entry.corrects} is time on {corrected.request}, not on {entry.request}"
        hint = f"write {corrected.request}, or name another entry"
        yield Finding(entry, "request", message, hint)
    elif entry.date < corrected.date:
        message = f"{entry.date} is before the entry it corrects, of {corrected.date}"
        yield Finding(entry, "date", message, f"date it {corrected.date} or later")
    category = context.records.find_category(corrected)
    if entry.category is not None and category is not None and entry.category is not category:
        message = f"the category of a correction is that of its entry: {category}"
        yield Finding(entry, "category", message, "leave the category out", Severity.WARNING)
