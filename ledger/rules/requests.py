"""Rules about requests: each is taken up in time, goes forward, and stays within its approval."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from ledger.balance.movements import MovementKind
from ledger.balance.request_summary import find_approval, list_missing
from ledger.duration import format_minutes
from ledger.errors import Severity
from ledger.rules.context import Finding, RuleContext

_LONGEST_WAIT = timedelta(days=7)


def check_untriaged(context: RuleContext) -> Iterator[Finding]:
    """A request of the punchcard channel has a category, and an answer, after a week."""
    worked_on = {entry.request for _sheet, entry in context.records.sheet_entries}
    for name, request in context.records.requests.items():
        missing = list_missing(request, context.as_of, is_worked_on=name in worked_on)
        if missing and context.as_of - request.opened > _LONGEST_WAIT:
            days = (context.as_of - request.opened).days
            message = f"{name} has waited {days} days for {' and '.join(missing)}"
            hint = f"punchcard request triage {context.folder.slug}"
            yield Finding(request, "opened", message, hint, Severity.WARNING)


def check_over_estimate(context: RuleContext) -> Iterator[Finding]:
    """No more is charged on a request than its customer approved."""
    charged: dict[str, int] = defaultdict(int)
    last: dict[str, str] = {}
    for movement in context.drawn.movements:
        if movement.request is not None and movement.charged_minutes:
            charged[movement.request] += movement.charged_minutes
            if movement.kind is MovementKind.TIME:
                last[movement.request] = movement.reference
    for name, reference in last.items():
        request = context.records.requests.get(name)
        approval = None if request is None else find_approval(request, context.as_of)
        if approval is None or charged[name] <= (approval.approved_minutes or 0):
            continue
        approved = approval.approved_minutes or 0
        message = (
            f"{format_minutes(charged[name])} are charged to {name}: "
            f"{format_minutes(charged[name] - approved)} more than the "
            f"{format_minutes(approved)} that {approval.by} approved on {approval.date}"
        )
        hint = "estimate anew with `punchcard request update --estimate`, or correct the time"
        yield Finding(context.entries[reference], "minutes", message, hint, Severity.WARNING)


def check_history_order(context: RuleContext) -> Iterator[Finding]:
    """A request's events do not go back in time."""
    for request in context.records.requests.values():
        before, what = request.opened, "the request was opened"
        for event in request.history:
            if event.date < before:
                message = f"{event.date} is before {before}, when {what}"
                hint = "events are appended: correct the date, or move the event up"
                yield Finding(event, "date", message, hint)
            else:
                before, what = event.date, "the event above it happened"
