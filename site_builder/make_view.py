"""From the records and figures of one customer to the view: the privacy wall of the portals.

The pages are made from a ``PortalView`` alone. What ``site_builder.view`` does not declare
(internal notes, key hashes, paths, other customers) is not copied here, so it reaches no page.
"""

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any, TypeVar

from ledger.balance.draw_down import leave_out_money
from ledger.balance.json_values import MONEY_KEYS, statement_to_json
from ledger.balance.movements import Movement, MovementKind, measure_usage, sum_movements
from ledger.balance.portal_life import find_account_standings
from ledger.balance.statement import Statement, list_finished_periods, select_period
from ledger.balance.summary import list_endings, summarize_draw_down
from ledger.dates import find_next_weekday
from ledger.errors import LedgerError, naming_failure
from ledger.files.layout import attachment_path
from ledger.files.reader import CustomerFolder
from ledger.files.source import LedgerFiles
from ledger.ledger import Ledger
from ledger.models import Channel, CustomerRecords, Refund, Request, Status, TermsHistory
from ledger.notices.facts import Snapshot, list_notices
from ledger.text import format_json, natural_key
from site_builder import view as views
from site_builder.charts import Hours
from site_builder.last_update import NEWS_DAYS, LastUpdate, LastUpdates
from site_builder.view import ConsultantView, EventView, PortalView, RequestView, Turn

_View = TypeVar("_View")
_NOTICE_DAYS = timedelta(days=28)
_LARGEST_ATTACHMENT = 64 * 1024 * 1024


def view_portal(ledger: Ledger, slug: str, as_of: date) -> PortalView:
    """Return what the customer ``slug`` may see on the evening of ``as_of``; errors as below."""
    folder = ledger.read_customer(slug)
    last_update = LastUpdates(ledger, as_of).find(folder.records)
    return view_folder(ledger, folder, as_of, last_update)


def view_folder(
    ledger: Ledger, folder: CustomerFolder, as_of: date, last_update: LastUpdate | None = None
) -> PortalView:
    """Return what the customer of ``folder`` may see on the evening of ``as_of``.

    Without ``last_update``, what the last seven days brought is the news.

    Raises:
        LedgerError: the ledger has no provider or no terms.
    """
    records, organization = folder.records, ledger.organization
    customer, provider, terms = records.customer, organization.provider, organization.terms
    if provider is None:
        raise LedgerError(
            "the ledger has no provider.yml, so the portals would not say whose they are",
            hint="add it: name, timezone, published_on, contacts, links",
        )
    in_force = terms.applying_to(as_of)
    if in_force is None:
        raise LedgerError("terms.yml has no terms of sale", "add the terms that apply")
    own: dict[str, Any] = {} if provider.shows_money else {"price": {}}
    earlier = [each.model_copy(update=own) for each in terms.until(as_of)[-2::-1]]
    if customer.overdraft_minutes is not None:
        own["overdraft_minutes"] = customer.overdraft_minutes
    consultants = {person.handle: person.name for person in organization.consultants}
    snapshot = Snapshot(records, terms, as_of, consultants)
    drawn, name = snapshot.drawn, snapshot.name
    if not provider.shows_money:
        drawn = leave_out_money(drawn)
    balance = summarize_draw_down(records, terms, drawn)
    people = {each.name for each in organization.consultants if each.works_on(as_of)}
    statement = select_period(drawn, records.slug)
    movements = tuple(
        replace(each, consultant=name(each.consultant)) if each.consultant else each
        for each in statement.movements
    )
    worths: dict[str, Decimal] = {}
    if provider.shows_money:
        worths = _find_worths(movements, terms, customer.currency)
    left_out = () if provider.shows_money else MONEY_KEYS

    def write_json(part: Statement) -> str:
        return format_json(statement_to_json(part, ledger.revision, left_out=left_out))

    requests = _view_requests(records, movements, worths, name, consultants, as_of, ledger.files)
    return _copy(
        PortalView,
        balance,
        slug=records.slug,
        next_update=find_next_weekday(as_of, provider.published_on),
        revision=ledger.revision,
        provider=provider,
        brand_files=organization.brand_files,
        balance=balance,
        refunded_purchases={
            each.id: each.purchase
            for each in records.adjustments
            if isinstance(each, Refund) and each.date <= as_of
        },
        requests=requests,
        consultants=_view_consultants(requests, people),
        corrected_dates=_list_corrected_dates(records, as_of),
        last_update=last_update or LastUpdate(as_of - NEWS_DAYS),
        has_last_update=last_update is not None,
        statement=replace(statement, movements=movements),
        statement_json=write_json(statement),
        usages=measure_usage(drawn.lots, drawn.consumptions),
        worths=worths,
        support_worth=_sum_worths(worths, movements),
        periods=tuple(
            views.PeriodView(
                period,
                select_period(replace(drawn, movements=movements), records.slug, first, last),
                write_json(select_period(drawn, records.slug, first, last)),
            )
            for first, last, period in list_finished_periods(
                (each.date for each in movements), as_of
            )
        ),
        endings=list_endings(records, terms, balance),
        notices=list_notices(replace(snapshot, as_of=as_of - _NOTICE_DAYS), snapshot),
        accounts=tuple(
            _copy(
                views.AccountView,
                each,
                name=each.account.name,
                email=each.account.email,
                notices=each.account.notices or "important",
                is_removed=each.account.removed is not None and each.account.removed <= as_of,
            )
            for each in find_account_standings(records, terms, as_of)
        ),
        language=customer.language,
        licences=customer.licences,
        services=tuple(each for each in customer.services if each.has_started_on(as_of)),
        terms=in_force.model_copy(update=own),
        earlier_terms=tuple(earlier),
    )


def _find_worths(
    movements: Iterable[Movement], terms: TermsHistory, currency: str
) -> dict[str, Decimal]:
    """Return what technical support and goodwill would cost at the list price of their days."""
    worths: dict[str, Decimal] = {}
    for each in movements:
        minutes = each.minutes if each.kind is MovementKind.GOODWILL else each.worked_minutes
        in_force = terms.applying_to(each.date)
        if minutes and in_force and (each.is_free or each.kind is MovementKind.GOODWILL):
            price = in_force.price_minutes(minutes, currency)
            worths |= {} if price is None else {each.reference: price}
    return worths


def _sum_worths(worths: Mapping[str, Decimal], movements: Iterable[Movement]) -> Decimal | None:
    """Return what the technical support among some movements would cost."""
    known = [
        worths[each.reference] for each in movements if each.request and each.reference in worths
    ]
    return sum(known, Decimal(0)) if known else None


def _copy(view: type[_View], source: object, **given: Any) -> _View:
    """Return a view with the fields in ``given``, and all others copied by name."""
    names = [field.name for field in fields(view)]  # type: ignore[arg-type]  # all dataclasses
    return view(**{name: getattr(source, name) for name in names if name not in given}, **given)


def _view_requests(
    records: CustomerRecords,
    movements: Iterable[Movement],
    worths: Mapping[str, Decimal],
    name: Callable[[str], str],
    consultants: Iterable[str],
    as_of: date,
    files: LedgerFiles,
) -> tuple[RequestView, ...]:
    """Return the requests: those that wait for somebody first, then the latest first."""
    entries: dict[str | None, list[Movement]] = {}
    for movement in movements:
        entries.setdefault(movement.request, []).append(movement)

    def view(id_: str, request: Request) -> RequestView:
        events, status = request.events_until(as_of), request.status_on(as_of)
        work, channel = tuple(entries.get(id_, ())), request.channel_on(as_of)
        if work and status is Status.OPEN:
            status = Status.IN_PROGRESS
        path_of, hours = partial(attachment_path, records.slug, id_), Hours(work)
        tickets = [request.ticket, *(event.ticket for event in events)]
        return _copy(
            RequestView,
            request,
            id=id_,
            category=request.category_on(as_of),
            status=status,
            channel=channel,
            turn=_find_turn(status, channel),
            turned=_find_change(request, as_of),
            opened_by=name(request.opened_by),
            opening_ticket=request.ticket,
            ticket=next((ticket for ticket in reversed(tickets) if ticket), None),
            last_event=max([request.opened, *(event.date for event in events)]),
            events=tuple(
                _copy(EventView, each, by=name(each.by), is_by_provider=each.by in consultants)
                for each in events
            ),
            entries=work,
            attachments=tuple(
                views.AttachmentView(id_, each, partial(_read_attachment, files, path_of(each)))
                for each in request.attachments
            ),
            charged_minutes=hours.charged_minutes,
            support_minutes=hours.free_minutes,
            cost=sum_movements(work).charged_value,
            uncovered_minutes=sum(each.uncovered_minutes for each in work),
            support_worth=_sum_worths(worths, work),
        )

    known = [view(*each) for each in records.requests.items() if each[1].opened <= as_of]
    known.sort(key=lambda each: (each.last_event, natural_key(each.id)), reverse=True)
    return tuple(sorted(known, key=lambda each: [*Turn].index(each.turn)))


def _view_consultants(
    requests: Iterable[RequestView], people: Container[str]
) -> tuple[ConsultantView, ...]:
    """Return what each of some people did last, the latest first."""
    acts = [
        ConsultantView(each.by, each.date, each.note, request.id, request.title)
        for request in requests
        for each in request.events
        if each.is_by_provider
    ]
    acts += [
        ConsultantView(each.consultant or "", each.date, each.note, request.id, request.title)
        for request in requests
        for each in request.entries
        if each.kind is MovementKind.TIME
    ]
    last = {act.name: act for act in sorted(acts, key=lambda act: act.date) if act.name in people}
    return tuple(sorted(last.values(), key=lambda act: act.date, reverse=True))


def _find_turn(status: Status, channel: Channel) -> Turn:
    if status in {Status.RESOLVED, Status.CLOSED}:
        return Turn.NOBODY
    if status is Status.WAITING_FOR_CUSTOMER:
        return Turn.CUSTOMER
    return Turn.SUPPORT if channel is Channel.SUPPORT else Turn.PROVIDER


def _find_change(request: Request, as_of: date) -> int:
    """Return the index of the event since which it is the turn of who has to act now.

    A request that is closed after it was resolved counts as changed; -1: since the opening.
    """
    status, channel, found = Status.OPEN, request.channel, -1
    for number, event in enumerate(request.events_until(as_of)):
        before = _find_turn(status, channel), status is Status.CLOSED
        status, channel = event.status or status, event.moved_to or channel
        if (_find_turn(status, channel), status is Status.CLOSED) != before:
            found = number
    return found


def _read_attachment(files: LedgerFiles, path: str) -> bytes:
    with naming_failure(f"cannot read {path}"):
        content = files.read(path, _LARGEST_ATTACHMENT)
    if len(content) > _LARGEST_ATTACHMENT:
        raise LedgerError(f"{path} is larger than any attachment may be")
    return content


def _list_corrected_dates(records: CustomerRecords, as_of: date) -> dict[str, date]:
    dates = {sheet.full_name(entry.id): entry.date for sheet, entry in records.sheet_entries}
    return {
        sheet.full_name(entry.id): dates[corrected]
        for sheet, entry in records.sheet_corrections
        if entry.date <= as_of and (corrected := sheet.resolve(entry.corrects or "")) in dates
    }
