"""What there is to say of a customer between two publications: a pure function of the two.

A fact is told when it is true at the later publication and was not at the earlier one, so that
each crossing of a threshold is one notice, however many weeks lie between the two.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cached_property
from itertools import takewhile
from statistics import median_high
from typing import Any

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.forecast import make_forecast
from ledger.balance.portal_life import PortalState
from ledger.balance.request_summary import find_approval, list_missing
from ledger.balance.summary import Balance, Ending, EndingKind, list_endings, summarize_draw_down
from ledger.history.changed_history import list_added_events
from ledger.history.comparison import list_changes
from ledger.models import CustomerRecords, Request, RequestEvent, TermsHistory, TimeSheet

ENDING_DAYS = (7, 30, 60)
UNTRIAGED_DAYS = 7
FORECAST_DAYS = 28
_WAITING_DAYS = (0, 7, 14)


@dataclass(frozen=True)
class Snapshot:
    """A customer as a publication said on its as-of date; ``names`` of consultants by handle."""

    records: CustomerRecords
    terms: TermsHistory
    as_of: date
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def drawn(self) -> DrawDown:
        """The draw-down of the day."""
        return draw_down(self.records, self.terms, self.as_of)

    @cached_property
    def balance(self) -> Balance:
        """The balance of the day."""
        return summarize_draw_down(self.records, self.terms, self.drawn)

    @cached_property
    def level(self) -> int:
        """How bad the balance is: 3 overdrawn, 2 used up, 1 low, 0 neither."""
        balance = self.balance
        if balance.overdrawn_minutes:
            return 3
        if balance.portal.state in {PortalState.NONE, PortalState.CLOSED} or not self.drawn.lots:
            return 0
        return 2 if not balance.remaining_minutes else int(balance.low)

    @cached_property
    def last_forecast_day(self) -> date | None:
        """The day on which the hours will be used up, if that is within four weeks."""
        found = make_forecast(self.drawn.movements, self.drawn.lots, self.as_of).last_day
        return found if found and found <= self.as_of + timedelta(FORECAST_DAYS) else None

    @cached_property
    def endings(self) -> dict[tuple[EndingKind, str, date], tuple[int, Ending]]:
        """What ends, and the smallest threshold that is reached; a purchase's cards are one."""
        found = {}
        removed = {each.email for each in self.records.accounts if each.removed}
        for each in list_endings(self.records, self.terms, self.balance, ENDING_DAYS[-1]):
            subject = each.subject
            if each.kind is EndingKind.ACCOUNT and subject in removed:
                continue  # Somebody decided so; it does not end by itself.
            if each.kind is EndingKind.CARD:
                subject = subject.rpartition("/")[0]
            level = next(days for days in ENDING_DAYS if each.days_left <= days)
            found[each.kind, subject, each.last_day] = level, replace(each, subject=subject)
        return found

    @cached_property
    def known(self) -> CustomerRecords:
        """The records without those of later days."""
        records, day = self.records, self.as_of
        return replace(
            records,
            purchases=tuple(each for each in records.purchases if each.date <= day),
            adjustments=tuple(each for each in records.adjustments if each.date <= day),
            requests={
                name: request.model_copy(update={"history": request.events_until(day)})
                for name, request in records.requests.items()
                if request.opened <= day
            },
            sheets=tuple(
                TimeSheet(each.name, tuple(entry for entry in each.entries if entry.date <= day))
                for each in records.sheets
            ),
        )

    def name(self, who: str) -> str:
        """Return the name of a consultant or an account; for anybody else, the address itself."""
        known = (each.name for each in self.records.accounts if each.is_known_as(who))
        return self.names.get(who) or next(known, who)

    @cached_property
    def waiting(self) -> dict[str, tuple[date, int]]:
        """The requests that wait for the customer, since when, and the threshold of days."""
        since = {name: each.waiting_since(self.as_of) for name, each in self.known.requests.items()}
        return {
            name: (day, max(days for days in _WAITING_DAYS if days <= (self.as_of - day).days))
            for name, day in since.items()
            if day
        }

    @cached_property
    def untriaged(self) -> dict[str, int]:
        """The requests that nobody has taken up for more than a week, and for how many days."""
        worked_on = {entry.request for _sheet, entry in self.known.sheet_entries}
        return {
            name: days
            for name, request in self.known.requests.items()
            if (days := (self.as_of - request.opened).days) > UNTRIAGED_DAYS
            if list_missing(request, self.as_of, is_worked_on=name in worked_on)
        }


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
    """What happened to a request, or was bought, given or refunded, and the minutes of that."""

    kind: str
    reference: str
    title: str
    minutes: int = 0


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to be told; its JSON has the same fields in the same order."""

    customer: str
    name: str  # the customer's
    kind: NoticeKind
    # the request, purchase, licence or account that it is about; the latest purchase or credit for
    # a forecast; else the customer
    subject: str
    day: date  # since when it is so
    title: str | None = None
    person: str | None = None  # who said ``text``, which is what customers read of it
    text: str | None = None
    minutes: int | None = None  # what is left, overdrawn, estimated or about to end
    last_day: date | None = None
    days: int | None = None  # how long it waits or has until its last day; negative after that
    cards: int | None = None  # what the customer usually buys
    people: tuple[str, ...] = ()  # the addresses of those whom it concerns; of nobody: everybody
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


def _make(now: Snapshot, kind: NoticeKind, subject: str, day: date, **facts: Any) -> Notice:
    return Notice(now.records.slug, now.records.customer.name, kind, subject, day, **facts)


def _list_balances(before: Snapshot, now: Snapshot) -> Iterator[Notice]:
    purchases, balance = now.known.purchases, now.balance
    cards = median_high(each.punchcards for each in purchases) if purchases else None
    if now.level > before.level:
        kind, terms = BALANCE_KINDS[3 - now.level], now.terms.in_force_on(now.as_of)
        low = terms.low_balance_minutes if terms and kind is NoticeKind.LOW else 0
        most = -1 if kind is NoticeKind.OVERDRAWN else low
        latest = reversed(now.drawn.movements)
        since = [each.date for each in takewhile(lambda x: x.balance_minutes <= most, latest)]
        day, minutes = since[-1] if since else now.as_of, balance.overdrawn_minutes
        minutes = minutes or balance.remaining_minutes
        yield _make(now, kind, now.records.slug, day, minutes=minutes, cards=cards)
    elif not now.level and now.last_forecast_day and not before.last_forecast_day:
        lot = max(now.drawn.lots, key=lambda each: (each.date, each.arrival_order)).id
        said = {"minutes": balance.remaining_minutes, "last_day": now.last_forecast_day}
        yield _make(now, NoticeKind.FORECAST, lot, now.as_of, **said, cards=cards)


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
    kind, facts = NoticeKind(ending.kind.value), dict[str, Any]()
    if kind is NoticeKind.ACCOUNT:
        facts = {"person": now.name(ending.subject), "people": (ending.subject,)}
    elif kind is NoticeKind.CARD:
        lots = [lot for lot in now.drawn.lots if lot.purchase == ending.subject]
        left = (
            lot.remaining_minutes if ending.days_left >= 0 else lot.expired_minutes for lot in lots
        )
        facts = {"minutes": sum(left)}
    facts |= {"last_day": ending.last_day, "days": ending.days_left}
    return _make(now, kind, ending.subject, day, **facts)


def _list_requests(before: Snapshot, now: Snapshot) -> Iterator[Notice]:
    """Yield at most one notice a request: what has to be done about it comes first."""
    for name, request in now.known.requests.items():
        known, waits = before.known.requests.get(name), now.waiting.get(name)
        if known == request and waits is None:
            continue
        said = [each for each in list_added_events(known, request) if not each.is_by_customer]
        done = [each for each in said if each.status and each.status.is_done]
        noted = [each for each in said if each.note]
        is_done = request.status_on(now.as_of).is_done
        was_done = known is not None and known.status_on(before.as_of).is_done
        if estimate := _find_estimate(request, said, now.as_of):
            minutes = estimate.estimate_minutes
            yield _tell(now, name, NoticeKind.ESTIMATE, estimate, minutes=minutes)
        elif waits is not None:
            if before.waiting.get(name) != waits:
                since, step = waits
                events = request.events_until(now.as_of)
                asked = [each for each in events if each.note and not each.is_by_customer]
                told = _tell(now, name, NoticeKind.WAITING, asked[-1] if asked else None)
                days = (now.as_of - since).days
                yield replace(told, days=days, day=since + timedelta(step))
        elif done and is_done and not was_done:
            yield _tell(now, name, NoticeKind.RESOLVED, done[-1])
        elif noted:
            yield _tell(now, name, NoticeKind.ANSWER, noted[-1])


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


def _tell(
    now: Snapshot, name: str, kind: NoticeKind, event: RequestEvent | None, **facts: Any
) -> Notice:
    """Return what is told of a request, to those who took part in it."""
    request = now.known.requests[name]
    people = {request.opened_by, *(each.by for each in request.history if each.is_by_customer)}
    return _make(
        *(now, kind, name, now.as_of if event is None else event.date),
        title=request.title,
        person=None if event is None else now.name(event.by),
        text=None if event is None else event.note,
        people=tuple(sorted(each for each in people if "@" in each)),
        **facts,
    )


def _list_untriaged(before: Snapshot, now: Snapshot) -> Iterator[Notice]:
    for name, days in now.untriaged.items():
        if name not in before.untriaged:
            request = now.known.requests[name]
            day = request.opened + timedelta(UNTRIAGED_DAYS + 1)
            yield _make(now, NoticeKind.UNTRIAGED, name, day, title=request.title, days=days)


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
        elif name in now.known.requests:
            known = done[name].minutes if name in done else 0
            minutes = (change.minutes or 0) + known
            done[name] = DigestLine("request", name, now.known.requests[name].title, minutes)
    waiting = tuple(
        DigestLine("request", name, now.known.requests[name].title) for name in now.waiting
    )
    if done or waiting:
        left, lines = now.balance.balance_minutes, {"done": (*done.values(),), "waiting": waiting}
        yield _make(now, NoticeKind.DIGEST, now.records.slug, now.as_of, minutes=left, **lines)
