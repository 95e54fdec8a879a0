"""From the records and figures of one customer to the view: the privacy wall of the portals.

The pages are made from a ``PortalView`` alone. What no class of ``site_builder.view`` declares
(internal notes, key hashes, paths, other customers) is not copied here, so it reaches no page.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from datetime import date
from enum import Enum
from typing import Any, TypeVar

from ledger.balance.accounts import find_account_standings
from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.expiry import list_endings
from ledger.balance.json_values import format_statement_json
from ledger.balance.lots import LotKind
from ledger.balance.movements import Movement
from ledger.balance.statement import Statement, select_period, split_by_month
from ledger.balance.summary import summarize_draw_down
from ledger.dates import find_next_weekday
from ledger.errors import LedgerError
from ledger.files.customer import CustomerFolder
from ledger.ledger import Ledger
from ledger.models import (
    Category,
    Consultant,
    Customer,
    Goodwill,
    Provider,
    Purchase,
    Refund,
    Request,
    Status,
    Terms,
)
from ledger.models.customer_records import CustomerRecords
from ledger.text import natural_key
from site_builder import view as views
from site_builder.last_update import NEWS_DAYS, LastUpdate, LastUpdates, list_news
from site_builder.view import PortalView, Turn

_View = TypeVar("_View")
_Dated = TypeVar("_Dated", Purchase, Refund)


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
    customer = _Customer(records, drawn, organization.consultants)
    lots, requests = customer.view_lots(), customer.view_requests()
    shown_statement = customer.view_statement(statement)
    update = last_update or LastUpdate(as_of - NEWS_DAYS)
    return _copy(
        PortalView,
        records.customer,
        slug=records.slug,
        as_of=as_of,
        next_update=find_next_weekday(as_of, provider.published_on),
        revision=ledger.revision,
        provider=_view_provider(provider),
        balance=_copy(
            views.BalanceView,
            balance,
            portal_state=balance.portal.state,
            portal_last_day=balance.portal.last_day,
        ),
        purchases=customer.view_purchases(lots),
        goodwill=customer.view_goodwill(lots),
        lots=lots,
        requests=requests,
        news=list_news(requests, shown_statement.list_movements(), update),
        news_after=update.day,
        has_last_update=last_update is not None,
        statement=shown_statement,
        statement_json=format_statement_json(statement, ledger.revision),
        endings=tuple(
            _copy(views.EndingView, each) for each in list_endings(records, terms, balance)
        ),
        accounts=tuple(
            _copy(views.AccountView, each, each.account)
            for each in find_account_standings(records, terms, as_of)
        ),
        licences=customer.view_licences(),
        services=customer.view_services(),
        terms=_view_terms(in_force, records.customer),
        earlier_terms=tuple(
            _view_terms(earlier, records.customer)
            for earlier in reversed(terms.terms)
            if earlier.effective < in_force.effective
        ),
    )


def _copy(view: type[_View], *sources: object, **given: Any) -> _View:
    """Return a view with the fields in ``given``, and all others copied from the sources by name.

    The first source that has an attribute counts. An enumeration of the ledger becomes its value.
    """
    for field in fields(view):  # type: ignore[arg-type]  # they are all dataclasses
        if field.name not in given:
            source = next((each for each in sources if hasattr(each, field.name)), sources[0])
            given[field.name] = getattr(source, field.name)
    return view(**{name: _make_plain(value) for name, value in given.items()})


def _make_plain(value: object) -> object:
    return value.value if isinstance(value, Enum) and not isinstance(value, Turn) else value


def _view_provider(provider: Provider) -> views.ProviderView:
    return _copy(
        views.ProviderView,
        provider,
        requests_contact=provider.contacts.requests,
        sales_contact=provider.contacts.sales,
        support_contact=provider.contacts.support,
        agreement_link=provider.links.agreement,
        marketplace_link=provider.links.marketplace,
    )


def _view_terms(terms: Terms, customer: Customer) -> views.TermsView:
    return _copy(views.TermsView, terms, price=terms.price.get(customer.currency))


class _Customer:
    """The records of one customer, and the names of the people in them."""

    def __init__(
        self, records: CustomerRecords, drawn: DrawDown, consultants: Iterable[Consultant]
    ) -> None:
        self._records = records
        self._drawn = drawn
        self._as_of = drawn.as_of
        self._consultants = {person.handle: person.name for person in consultants}
        self._accounts = {person.email.casefold(): person.name for person in records.accounts}

    def _name(self, who: str | None) -> str:
        """Return the name of a consultant or account; for anybody else, the address itself."""
        who = who or ""
        return self._consultants.get(who) or self._accounts.get(who.casefold(), who)

    def view_lots(self) -> tuple[views.LotView, ...]:
        uses: dict[str, list[views.LotUseView]] = {}
        for movement in self._drawn.movements:
            if movement.request is None:
                continue
            for draw in movement.draws:
                uses.setdefault(draw.lot, []).append(
                    _copy(
                        views.LotUseView,
                        movement,
                        consultant=self._name(movement.consultant),
                        note=movement.note or "",
                        minutes=draw.minutes,
                    )
                )
        return tuple(
            _copy(views.LotView, lot, uses=tuple(uses.get(lot.id, ()))) for lot in self._drawn.lots
        )

    def view_purchases(self, lots: tuple[views.LotView, ...]) -> tuple[views.PurchaseView, ...]:
        refunds = [each for each in self._records.adjustments if isinstance(each, Refund)]
        return tuple(
            _copy(
                views.PurchaseView,
                purchase,
                lots=tuple(lot for lot in lots if lot.purchase == purchase.id),
                refunds=tuple(
                    _copy(views.RefundView, refund)
                    for refund in self._sort_until_today(refunds)
                    if refund.purchase == purchase.id
                ),
            )
            for purchase in self._sort_until_today(self._records.purchases)
        )

    def _sort_until_today(self, records: Iterable[_Dated]) -> list[_Dated]:
        found = (record for record in records if record.date <= self._as_of)
        return sorted(found, key=lambda record: (record.date, natural_key(record.id)))

    def view_goodwill(self, lots: tuple[views.LotView, ...]) -> tuple[views.GoodwillView, ...]:
        reasons = {
            each.id: each.reason for each in self._records.adjustments if isinstance(each, Goodwill)
        }
        return tuple(
            views.GoodwillView(reasons[lot.id], lot) for lot in lots if lot.kind == LotKind.GOODWILL
        )

    def view_statement(self, statement: Statement) -> views.StatementView:
        return _copy(
            views.StatementView,
            statement,
            months=tuple(
                _copy(
                    views.MonthView,
                    month,
                    movements=tuple(map(self._view_movement, month.movements)),
                )
                for month in split_by_month(statement)
                if month.movements
            ),
        )

    def _view_movement(self, movement: Movement) -> views.MovementView:
        who = movement.consultant
        return _copy(
            views.MovementView,
            movement,
            consultant=None if who is None else self._name(who),
            draws=tuple(_copy(views.DrawView, draw) for draw in movement.draws),
        )

    def view_licences(self) -> tuple[views.LicenceView, ...]:
        return tuple(
            _copy(
                views.LicenceView,
                licence,
                from_day=licence.from_,
                includes_support=licence.type.includes_support,
            )
            for licence in self._records.customer.licences
        )

    def view_services(self) -> tuple[views.ServiceView, ...]:
        return tuple(
            _copy(
                views.ServiceView,
                service,
                completed=service.completed if service.is_completed_on(self._as_of) else None,
            )
            for service in self._records.customer.services
            if service.has_started_on(self._as_of)
        )

    def view_requests(self) -> tuple[views.RequestView, ...]:
        """Return the requests: those that wait for somebody first, then the latest first."""
        entries = self._view_entries()
        requests = [
            self._view_request(request_id, request, tuple(entries.get(request_id, ())))
            for request_id, request in self._records.requests.items()
            if request.opened <= self._as_of
        ]
        requests.sort(key=lambda each: (each.last_event, natural_key(each.id)), reverse=True)
        return tuple(sorted(requests, key=lambda each: list(Turn).index(each.turn)))

    def _view_request(
        self, request_id: str, request: Request, entries: tuple[views.EntryView, ...]
    ) -> views.RequestView:
        events, status = request.events_until(self._as_of), request.status_on(self._as_of)
        tickets = [request.ticket, *(event.ticket for event in events)]
        return _copy(
            views.RequestView,
            request,
            id=request_id,
            category=request.category_on(self._as_of),
            status=status,
            channel=request.channel_on(self._as_of),
            turn=_find_turn(status),
            opened_by=self._name(request.opened_by),
            opening_ticket=request.ticket,
            ticket=next((ticket for ticket in reversed(tickets) if ticket), None),
            charged_minutes=sum(entry.worked_minutes for entry in entries if entry.is_charged),
            support_minutes=sum(entry.worked_minutes for entry in entries if not entry.is_charged),
            last_event=max([request.opened, *(event.date for event in events)]),
            events=tuple(
                _copy(
                    views.EventView,
                    event,
                    by=self._name(event.by),
                    is_by_provider=event.by in self._consultants,
                )
                for event in events
            ),
            entries=entries,
        )

    def _view_entries(self) -> Mapping[str, list[views.EntryView]]:
        """Return the time entries by request, in the order in which they took effect."""
        records = {
            sheet.full_name(entry.id): (sheet, entry)
            for sheet, entry in self._records.sheet_entries
        }
        by_request: dict[str, list[views.EntryView]] = {}
        for movement in self._drawn.movements:
            if movement.request is None:
                continue
            sheet, entry = records[movement.reference]
            entries = by_request.setdefault(entry.request, [])
            is_charged = movement.category is not None and movement.category.is_charged
            total = entries[-1].total_minutes if entries else 0
            corrected = entry.corrects and records.get(sheet.resolve(entry.corrects))
            entries.append(
                _copy(
                    views.EntryView,
                    entry,
                    reference=movement.reference,
                    consultant=self._name(sheet.consultant),
                    category=movement.category or Category.TECHNICAL_SUPPORT,
                    worked_minutes=entry.minutes,
                    is_charged=is_charged,
                    corrected_date=corrected[1].date if corrected else None,
                    total_minutes=total + (entry.minutes if is_charged else 0),
                )
            )
        return by_request


def _find_turn(status: Status) -> Turn:
    if status is Status.WAITING_FOR_CUSTOMER:
        return Turn.CUSTOMER
    return Turn.NOBODY if status in {Status.RESOLVED, Status.CLOSED} else Turn.PROVIDER
