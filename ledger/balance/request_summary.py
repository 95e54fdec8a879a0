"""A customer's requests as of a date: where each stands, and what time was spent on it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import ClassVar

from ledger.balance.draw_down import draw_down
from ledger.balance.movements import Movement, sum_movements
from ledger.duration import format_minutes
from ledger.models import Channel, CustomerRecords, Request, RequestEvent, Status, TermsHistory


@dataclass(frozen=True)
class RequestSummary:
    """A request on the evening of a date."""

    customer: str
    id: str
    request: Request
    status: Status
    channel: Channel
    category: str | None
    last_event: date | None  # the date of its latest event; None if nothing happened yet
    worked_minutes: int  # what was logged, less what corrections took back
    charged_minutes: int  # the part of it that is charged to the cards
    movements: tuple[Movement, ...]  # the time entries and corrections
    missing: tuple[str, ...]  # what it waits for from the provider; see ``list_missing``
    consultant: str | None  # who of the provider did something for it last

    JSON_FIELDS: ClassVar = (
        *("customer", "id", "request.title", "status", "channel", "category"),
        *("request.opened", "request.opened_by", "last_event", "worked_minutes"),
        "charged_minutes",
    )


def find_approval(request: Request, as_of: date) -> RequestEvent | None:
    """Return the event with which the customer approved time last; None if they never did."""
    events = reversed(request.events_until(as_of))
    return next((event for event in events if event.approved_minutes), None)


def describe_left(records: CustomerRecords, terms: TermsHistory, name: str, as_of: date) -> str:
    """Return what is left of the time approved, or else estimated, for a request; may be empty."""
    request = records.requests[name]
    approval, minutes = find_approval(request, as_of), 0
    if approval is not None:
        minutes = approval.approved_minutes or 0
        agreed = f"the {format_minutes(minutes)} that {approval.by} approved"
    else:
        events = reversed(request.events_until(as_of))
        minutes = next((each.estimate_minutes for each in events if each.estimate_minutes), 0)
        agreed = f"the estimate of {format_minutes(minutes)}"
    if not minutes:
        return ""
    drawn = draw_down(records, terms, as_of).movements
    used = sum_movements([each for each in drawn if each.request == name]).charged_minutes
    if used > minutes:
        return f"{format_minutes(used - minutes)} more than {agreed}"
    return f"{format_minutes(minutes - used)} left of {agreed}"


def list_missing(request: Request, as_of: date, *, is_worked_on: bool) -> tuple[str, ...]:
    """Return what a request still waits for: ``a category``, ``an answer`` of the provider.

    Nothing once it is done, or while it is in the support channel. Time on it is an answer, too.
    """
    if request.status_on(as_of).is_done or request.channel_on(as_of) is Channel.SUPPORT:
        return ()
    missing = () if request.category_on(as_of) else ("a category",)
    is_answered = is_worked_on or request.is_answered_on(as_of)
    return missing if is_answered else (*missing, "an answer")


def summarize_requests(
    records: CustomerRecords, terms: TermsHistory, as_of: date
) -> Iterator[RequestSummary]:
    """Yield the requests that were opened by ``as_of``, in the order of their ids."""
    by_request: dict[str, list[Movement]] = {name: [] for name in records.requests}
    for movement in draw_down(records, terms, as_of).movements:
        if movement.request in by_request:
            by_request[movement.request].append(movement)
    for name, request in records.requests.items():
        if request.opened <= as_of:
            events, time = request.events_until(as_of), tuple(by_request[name])
            sums = sum_movements(time)
            did = [(event.date, event.by) for event in events if not event.is_by_customer]
            did += [(movement.date, movement.consultant or "") for movement in time]
            yield RequestSummary(
                customer=records.slug,
                id=name,
                request=request,
                status=request.status_on(as_of),
                channel=request.channel_on(as_of),
                category=request.category_on(as_of),
                last_event=events[-1].date if events else None,
                worked_minutes=sums.worked_minutes,
                charged_minutes=sums.charged_minutes,
                movements=time,
                missing=list_missing(request, as_of, is_worked_on=bool(time)),
                consultant=max(did, key=itemgetter(0))[1] if did else None,
            )
