"""From the records and figures of one customer to the view: the privacy wall of the portals.

The pages are made from a ``PortalView`` alone. What no class of ``site_builder.view`` declares
(internal notes, key hashes, paths, other customers) is not copied here, so it reaches no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from datetime import date
from typing import Any, NamedTuple, TypeVar

from ledger.balance.accounts import find_account_standings
from ledger.balance.draw_down import draw_down
from ledger.balance.expiry import list_endings
from ledger.balance.json_values import format_statement_json
from ledger.balance.movements import Movement
from ledger.balance.statement import select_period
from ledger.balance.summary import summarize_draw_down
from ledger.dates import find_next_weekday
from ledger.errors import LedgerError
from ledger.files.reader import CustomerFolder
from ledger.ledger import Ledger
from ledger.models import CustomerRecords, Refund, Request, Status
from ledger.text import natural_key
from site_builder import view as views
from site_builder.charts import Hours
from site_builder.last_update import NEWS_DAYS, LastUpdate, LastUpdates
from site_builder.view import PortalView, Turn

_View = TypeVar("_View")


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
    provider, terms = organization.provider, organization.terms
    if provider is None:
        raise LedgerError(
            "the ledger has no provider.yml, so the portals would not say whose they are",
            hint="add it: name, timezone, published_on, contacts, links",
        )
    in_force = terms.applying_to(as_of)
    if in_force is None:
        raise LedgerError("terms.yml has no terms of sale", "add the terms that apply")
    drawn = draw_down(records, terms, as_of)
    balance = summarize_draw_down(records, terms, drawn)
    statement = select_period(drawn, records.slug)
    people = _People(
        {person.handle: person.name for person in organization.consultants},
        {person.email.casefold(): person.name for person in records.accounts},
    )
    movements = tuple(
        replace(each, consultant=people.name(each.consultant)) if each.consultant else each
        for each in statement.movements
    )
    customer = records.customer
    all_terms = [
        _copy(views.TermsView, each, price=each.price.get(customer.currency))
        for each in reversed(terms.terms)
        if each.effective <= in_force.effective
    ]
    return _copy(
        PortalView,
        balance,
        slug=records.slug,
        next_update=find_next_weekday(as_of, provider.published_on),
        revision=ledger.revision,
        provider=_copy(
            views.ProviderView,
            provider,
            requests_contact=provider.contacts.requests,
            sales_contact=provider.contacts.sales,
            support_contact=provider.contacts.support,
            agreement_link=provider.links.agreement,
            marketplace_link=provider.links.marketplace,
        ),
        balance=balance,
        invoices={each.id: each.invoice for each in records.purchases if each.date <= as_of},
        refunded_purchases={
            each.id: each.purchase
            for each in records.adjustments
            if isinstance(each, Refund) and each.date <= as_of
        },
        requests=_view_requests(records, movements, people, as_of),
        corrected_dates=_list_corrected_dates(records, as_of),
        last_update=last_update or LastUpdate(as_of - NEWS_DAYS),
        has_last_update=last_update is not None,
        statement=replace(statement, movements=movements),
        statement_json=format_statement_json(statement, ledger.revision),
        endings=list_endings(records, terms, balance),
        accounts=tuple(
            _copy(views.AccountView, each, name=each.account.name, email=each.account.email)
            for each in find_account_standings(records, terms, as_of)
        ),
        licences=tuple(
            _copy(views.LicenceView, each, includes_support=each.type.includes_support)
            for each in customer.licences
        ),
        services=tuple(
            _copy(
                views.ServiceView,
                each,
                completed=each.completed if each.is_completed_on(as_of) else None,
            )
            for each in customer.services
            if each.has_started_on(as_of)
        ),
        terms=all_terms[0],
        earlier_terms=tuple(all_terms[1:]),
    )


def _copy(view: type[_View], source: object, **given: Any) -> _View:
    """Return a view with the fields in ``given``, and all others copied by name."""
    names = [field.name for field in fields(view)]  # type: ignore[arg-type]  # all dataclasses
    return view(**{name: getattr(source, name) for name in names if name not in given}, **given)


class _People(NamedTuple):
    """The names of consultants by handle, and of the customer's people by address."""

    consultants: Mapping[str, str]
    accounts: Mapping[str, str]

    def name(self, who: str) -> str:
        """Return the name of a consultant or account; for anybody else, the address itself."""
        return self.consultants.get(who) or self.accounts.get(who.casefold(), who)


def _view_requests(
    records: CustomerRecords, movements: Iterable[Movement], people: _People, as_of: date
) -> tuple[views.RequestView, ...]:
    """Return the requests: those that wait for somebody first, then the latest first."""
    entries: dict[str, list[Movement]] = {name: [] for name in records.requests}
    for movement in movements:
        if movement.request in entries:
            entries[movement.request].append(movement)
    requests = [
        _view_request(request_id, request, tuple(entries[request_id]), people, as_of)
        for request_id, request in records.requests.items()
        if request.opened <= as_of
    ]
    requests.sort(key=lambda each: (each.last_event, natural_key(each.id)), reverse=True)
    return tuple(sorted(requests, key=lambda each: list(Turn).index(each.turn)))


def _view_request(
    request_id: str, request: Request, entries: tuple[Movement, ...], people: _People, as_of: date
) -> views.RequestView:
    events, status = request.events_until(as_of), request.status_on(as_of)
    hours = Hours(entries)
    tickets = [request.ticket, *(event.ticket for event in events)]
    turn = Turn.NOBODY if status in {Status.RESOLVED, Status.CLOSED} else Turn.PROVIDER
    return _copy(
        views.RequestView,
        request,
        id=request_id,
        category=request.category_on(as_of),
        status=status,
        channel=request.channel_on(as_of),
        turn=Turn.CUSTOMER if status is Status.WAITING_FOR_CUSTOMER else turn,
        opened_by=people.name(request.opened_by),
        opening_ticket=request.ticket,
        ticket=next((ticket for ticket in reversed(tickets) if ticket), None),
        last_event=max([request.opened, *(event.date for event in events)]),
        events=tuple(
            _copy(
                views.EventView,
                event,
                by=people.name(event.by),
                is_by_provider=event.by in people.consultants,
            )
            for event in events
        ),
        entries=entries,
        charged_minutes=hours.charged_minutes,
        support_minutes=hours.free_minutes,
    )


def _list_corrected_dates(records: CustomerRecords, as_of: date) -> dict[str, date]:
    dates = {sheet.full_name(entry.id): entry.date for sheet, entry in records.sheet_entries}
    return {
        sheet.full_name(entry.id): dates[corrected]
        for sheet, entry in records.sheet_corrections
        if entry.date <= as_of and (corrected := sheet.resolve(entry.corrects or "")) in dates
    }
