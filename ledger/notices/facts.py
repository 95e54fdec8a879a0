"""What there is to say of a customer between two publications: a pure function of the two.

A fact is told when it is true at the later publication and was not at the earlier one, so that
each crossing of a threshold is one notice, however many weeks lie between the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from statistics import median_high

from ledger.balance.expiry import Ending, EndingKind
from ledger.balance.request_summary import find_approval
from ledger.history.changed_history import list_added_events
from ledger.history.changes import list_changes
from ledger.models import Request, RequestEvent
from ledger.notices.snapshot import ENDING_DAYS, UNTRIAGED_DAYS, Snapshot

_WAITING_DAYS = (14, 7, 0)


class NoticeKind(StrEnum):
    """What is told, the most urgent first."""

    HELD_BACK = "held-back"
    OVERDRAWN = "overdrawn"
    USED_UP = "used-up"
    LOW = "low"
    FORECAST = "forecast"
    ESTIMATE = "estimate"
    WAITING = "waiting"
    ACCOUNT = "account"
    PORTAL = "portal"
    LICENCE = "licence"
    CARD = "card"
    RESOLVED = "resolved"
    ANSWER = "answer"
    UNTRIAGED = "untriaged"
    DIGEST = "digest"


BALANCE_KINDS = (NoticeKind.OVERDRAWN, NoticeKind.USED_UP, NoticeKind.LOW)


@dataclass(frozen=True, slots=True)
class DigestLine:
    """What happened to a request, or what was bought, given or refunded.

    ``minutes`` are those that were worked, or came in or went out.
    """

    kind: str
    reference: str
    title: str
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told; its JSON has the same fields in the same order.

    Attributes:
        name: the customer's.
        subject: the request, purchase, licence or account that it is about; the latest purchase
            or credit for a forecast; else the customer.
        day: since when it is so.
        person: who said ``text``, which is what customers read of it.
        minutes: what is left, overdrawn, estimated or about to end.
        days: how long it waits or has until its last day; negative after that.
        cards: what the customer usually buys.
        people: the addresses of those whom it concerns; of nobody: everybody.
    """

    customer: str
    name: str
    kind: NoticeKind
    subject: str
    day: date
    title: str | None = None
    person: str | None = None
    text: str | None = None
    minutes: int | None = None
    last_day: date | None = None
    days: int | None = None
    cards: int | None = None
    people: tuple[str, ...] = ()
    done: tuple[DigestLine, ...] = ()
    waiting: tuple[DigestLine, ...] = ()


def name_notice(notice: Notice) -> tuple[str, ...]:
    """Return what a notice is known by for ever; a forecast by the latest purchase."""
    is_dated = notice.kind is not NoticeKind.FORECAST
    day = notice.day.isoformat() if is_dated else ""
    return notice.customer, notice.kind, notice.subject, day


def list_notices(before: Snapshot, now: Snapshot) -> tuple[Notice, ...]:
    """Return what is to be told of ``now`` that was not so ``before``, the most urgent first."""
    found = (
        *_list_balances(before, now),
        *_list_endings(before, now),
        *_list_requests(before, now),
        *_list_untriaged(before, now),
        *_make_digest(before, now),
    )
    order = list(NoticeKind)
    return tuple(
        sorted(found, key=lambda each: (order.index(each.kind), each.last_day or now.as_of))
    )


def _make(now: Snapshot, kind: NoticeKind, subject: str, day: date) -> Notice:
    return Notice(now.records.slug, now.records.customer.name, kind, subject, day)


def _list_balances(before: Snapshot, now: Snapshot) -> Iterator[Notice]:
    purchases, balance = now.known.purchases, now.balance
    cards = median_high(each.punchcards for each in purchases) if purchases else None
    if now.level > before.level:
        kind = BALANCE_KINDS[3 - now.level]
        told = _make(now, kind, now.records.slug, _find_crossing(now, kind))
        minutes = balance.overdrawn_minutes or balance.remaining_minutes
        yield replace(told, minutes=minutes, cards=cards)
    elif not now.level and now.last_forecast_day and not before.last_forecast_day:
        lot = max(now.drawn.lots, key=lambda each: (each.date, each.arrival_order)).id
        told = _make(now, NoticeKind.FORECAST, lot, now.as_of)
        minutes, last_day = balance.remaining_minutes, now.last_forecast_day
        yield replace(told, minutes=minutes, last_day=last_day, cards=cards)


def _find_crossing(now: Snapshot, kind: NoticeKind) -> date:
    """Return the day since which the balance has been as low as this."""
    terms = now.terms.in_force_on(now.as_of)
    low = terms.low_balance_minutes if terms and kind is NoticeKind.LOW else 0
    most = -1 if kind is NoticeKind.OVERDRAWN else low
    day = now.as_of
    for movement in reversed(now.drawn.movements):
        if movement.balance_minutes > most:
            break
        day = movement.date
    return day


def _list_endings(before: Snapshot, now: Snapshot) -> Iterator[Notice]:
    for key, (level, ending) in now.endings.items():
        if key not in before.endings or level < before.endings[key][0]:
            yield _make_ending(now, ending, now.as_of - timedelta(level - ending.days_left))
    for (kind, subject, last_day), (level, ending) in before.endings.items():
        # It ended while nobody was told that it would end within days.
        if last_day < now.as_of and level > ENDING_DAYS[0] and _has_ended(now, kind, subject):
            days = (last_day - now.as_of).days
            yield _make_ending(now, replace(ending, days_left=days), last_day)


def _has_ended(now: Snapshot, kind: EndingKind, subject: str) -> bool:
    """Whether a licence was not prolonged, or minutes of a purchase were lost."""
    licences = [each for each in now.records.customer.licences if each.product == subject]
    if kind is EndingKind.LICENCE:
        return bool(licences) and not any(each.is_valid_on(now.as_of) for each in licences)
    lots = [lot for lot in now.drawn.lots if lot.purchase == subject]
    return kind is EndingKind.CARD and any(lot.expired_minutes for lot in lots)


def _make_ending(now: Snapshot, ending: Ending, day: date) -> Notice:
    kind, lost = NoticeKind(ending.kind.value), ending.days_left < 0
    lots = (lot for lot in now.drawn.lots if lot.purchase == ending.subject)
    minutes = sum(lot.expired_minutes if lost else lot.remaining_minutes for lot in lots)
    is_account = kind is NoticeKind.ACCOUNT
    return replace(
        _make(now, kind, ending.subject, day),
        person=now.name(ending.subject) if is_account else None,
        minutes=minutes if kind is NoticeKind.CARD else None,
        last_day=ending.last_day,
        days=ending.days_left,
        people=(ending.subject,) if is_account else (),
    )


def _list_requests(before: Snapshot, now: Snapshot) -> Iterator[Notice]:
    """Yield at most one notice a request: what has to be done about it comes first."""
    for name, request in now.requests.items():
        known, since = before.requests.get(name), now.waiting.get(name)
        if known == request and since is None:
            continue
        events = list_added_events(known, request)
        said = [each for each in events if not each.is_by_customer]
        done = [each for each in said if each.status and each.status.is_done]
        noted = [each for each in said if each.note]
        estimate = _find_estimate(request, said, now.as_of)
        is_done = request.status_on(now.as_of).is_done
        was_done = known is not None and known.status_on(before.as_of).is_done
        if estimate is not None:
            told = _tell(now, name, NoticeKind.ESTIMATE, estimate)
            yield replace(told, minutes=estimate.estimate_minutes)
        elif since is not None:
            step = _find_step(since, now.as_of)
            if before.waiting.get(name) != since or step > _find_step(since, before.as_of):
                notes = [each for each in request.events_until(now.as_of) if each.note]
                asked = [each for each in notes if not each.is_by_customer]
                told = _tell(now, name, NoticeKind.WAITING, asked[-1] if asked else None)
                days = (now.as_of - since).days
                yield replace(told, days=days, day=since + timedelta(step))
        elif done and is_done and not was_done:
            yield _tell(now, name, NoticeKind.RESOLVED, done[-1])
        elif noted:
            yield _tell(now, name, NoticeKind.ANSWER, noted[-1])


def _find_step(since: date, day: date) -> int:
    return next((days for days in _WAITING_DAYS if (day - since).days >= days), 0)


def _find_estimate(
    request: Request, said: Iterable[RequestEvent], as_of: date
) -> RequestEvent | None:
    """Return the new estimate that the customer has not approved yet."""
    estimates = [each for each in said if each.estimate_minutes]
    if not estimates or request.status_on(as_of).is_done:
        return None
    approval = find_approval(request, as_of)
    events = [*request.events_until(as_of)]
    is_approved = approval is not None and events.index(approval) > events.index(estimates[-1])
    return None if is_approved else estimates[-1]


def _tell(now: Snapshot, name: str, kind: NoticeKind, event: RequestEvent | None) -> Notice:
    """Return what is told of a request, to those who took part in it."""
    request = now.requests[name]
    people = {request.opened_by, *(each.by for each in request.history if each.is_by_customer)}
    return replace(
        _make(now, kind, name, now.as_of if event is None else event.date),
        title=request.title,
        person=None if event is None else now.name(event.by),
        text=None if event is None else event.note,
        people=tuple(sorted(each for each in people if "@" in each)),
    )


def _list_untriaged(before: Snapshot, now: Snapshot) -> Iterator[Notice]:
    for name, days in now.untriaged.items():
        if name not in before.untriaged:
            request = now.requests[name]
            day = request.opened + timedelta(UNTRIAGED_DAYS + 1)
            told = _make(now, NoticeKind.UNTRIAGED, name, day)
            yield replace(told, title=request.title, days=days)


def _make_digest(before: Snapshot, now: Snapshot) -> Iterator[Notice]:
    """Yield what was done, what is left and what waits, if anything was done or waits."""
    done: dict[str, DigestLine] = {}
    for change in list_changes(before.known, now.known, now.as_of):
        name = change.request or change.reference
        if change.request is None:
            bought = sum(lot.minutes for lot in now.drawn.lots if lot.purchase == name)
            sign, title = -1 if change.kind == "refund" else 1, "" if bought else change.text or ""
            minutes = sign * (bought or change.minutes or 0)
            done[name] = DigestLine(change.kind, name, title, minutes)
        elif name in now.requests:
            known = done[name].minutes if name in done else 0
            minutes = (change.minutes or 0) + known
            done[name] = DigestLine("request", name, now.requests[name].title, minutes)
    waiting = tuple(DigestLine("request", name, now.requests[name].title) for name in now.waiting)
    if done or waiting:
        told = _make(now, NoticeKind.DIGEST, now.records.slug, now.as_of)
        left = now.balance.balance_minutes
        yield replace(told, minutes=left, done=tuple(done.values()), waiting=waiting)
