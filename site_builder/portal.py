"""What one customer may see, as plain data. Nothing else leaves this room.

The pages are made from a ``PortalView`` and from nothing besides: no record of the ledger, no
path, no internal note and no other customer can reach them, because none of it is put in here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from ledger.customer_records import CustomerRecords
from ledger.dates import find_next_weekday
from ledger.errors import LedgerError
from ledger.figures.account_activity import AccountStanding, find_account_standings
from ledger.figures.balance import Balance, summarize_draw_down
from ledger.figures.draw_down import DrawDown, draw_down
from ledger.figures.expiry import list_endings
from ledger.figures.lots import Lot, LotKind
from ledger.figures.movements import Movement, MovementKind
from ledger.figures.statement import Statement, select_period, split_by_month
from ledger.models import (
    Consultant,
    Goodwill,
    Licence,
    Provider,
    Purchase,
    Refund,
    Service,
    Terms,
    TermsHistory,
)
from ledger.reporters.figures import format_movements
from ledger.text import natural_key
from site_builder.last_update import LastUpdate, LateRecords
from site_builder.news import NEWS_DAYS, list_news
from site_builder.people import People
from site_builder.portal_view import (
    AccountView,
    BalanceView,
    DrawView,
    EndingView,
    GoodwillView,
    LicenceView,
    LotUseView,
    LotView,
    MonthView,
    MovementView,
    PortalView,
    ProviderView,
    PurchaseView,
    RefundView,
    ServiceView,
    StatementFileView,
    StatementView,
    TermsView,
)
from site_builder.request_views import view_requests


def make_portal_view(
    records: CustomerRecords,
    provider: Provider,
    terms: TermsHistory,
    consultants: Iterable[Consultant],
    as_of: date,
    revision: str | None = None,
    drawn: DrawDown | None = None,
    last_update: LastUpdate | None = None,
) -> PortalView:
    """Return what the customer of ``records`` may see on the evening of ``as_of``.

    ``drawn`` is the draw-down on that day, if somebody has worked it out already: its as-of date
    is what records are compared with. ``last_update`` is what the customer saw before, if
    anything.

    Raises:
        LedgerError: there are no terms that say what a punchcard is.
    """
    drawn = drawn or draw_down(records, terms, as_of)
    today = drawn.as_of
    balance = summarize_draw_down(records, terms, drawn)
    in_force = terms.applying_to(today)
    if in_force is None:
        raise LedgerError("terms.yml has no terms of sale", "add the terms that apply")
    people = People(records, consultants)
    lots = _view_lots(drawn, people)
    requests = view_requests(records, drawn, people)
    # All that is drawn is dated up to the day, so that need not be asked again.
    whole = select_period(replace(drawn, as_of=as_of), records.slug)
    statement = _view_statement(whole, people)
    endings = tuple(_view_endings(records, terms, balance))
    currency = records.customer.currency
    update = last_update or LastUpdate(as_of - NEWS_DAYS, LateRecords())
    return PortalView(
        slug=records.slug,
        name=records.customer.name,
        currency=currency,
        provider=_view_provider(provider),
        balance=_view_balance(balance),
        purchases=tuple(_view_purchases(records, lots, today)),
        goodwill=tuple(_view_goodwill(records, lots)),
        lots=lots,
        requests=requests,
        statement=statement,
        statement_file=_view_statement_file(whole),
        endings=endings,
        has_endings=bool(endings),
        accounts=tuple(map(_view_account, find_account_standings(records, terms, today))),
        licences=tuple(map(_view_licence, records.customer.licences)),
        services=tuple(
            _view_service(service, today)
            for service in records.customer.services
            if service.has_started_on(today)
        ),
        terms=_view_terms(in_force, currency),
        earlier_terms=tuple(
            _view_terms(earlier, currency)
            for earlier in reversed(terms.terms)
            if earlier.effective < in_force.effective
        ),
        as_of=as_of,
        next_update=find_next_weekday(as_of, provider.published_on),
        revision=revision,
        news=list_news(requests, statement.list_movements(), update.day, update.late),
        news_after=update.day,
        has_last_update=last_update is not None,
    )


def _view_provider(provider: Provider) -> ProviderView:
    return ProviderView(
        name=provider.name,
        requests_contact=provider.contacts.requests,
        sales_contact=provider.contacts.sales,
        support_contact=provider.contacts.support,
        agreement_link=provider.links.agreement,
        marketplace_link=provider.links.marketplace,
        published_on=provider.published_on,
    )


def _view_balance(balance: Balance) -> BalanceView:
    return BalanceView(
        purchased_minutes=balance.purchased_minutes,
        goodwill_minutes=balance.goodwill_minutes,
        used_minutes=balance.used_minutes,
        refunded_minutes=balance.refunded_minutes,
        expired_minutes=balance.expired_minutes,
        remaining_minutes=balance.remaining_minutes,
        overdrawn_minutes=balance.overdrawn_minutes,
        balance_minutes=balance.balance_minutes,
        low=balance.low,
        last_activity=balance.last_activity,
        portal_state=balance.portal.state.value,
        portal_last_day=balance.portal.last_day,
    )


def _view_lots(drawn: DrawDown, people: People) -> tuple[LotView, ...]:
    uses: dict[str, list[LotUseView]] = {}
    for movement in drawn.movements:
        if movement.kind in {MovementKind.TIME, MovementKind.CORRECTION}:
            for lot_id, minutes in movement.draws:
                uses.setdefault(lot_id, []).append(_view_lot_use(movement, minutes, people))
    return tuple(_view_lot(lot, tuple(uses.get(lot.id, ()))) for lot in drawn.lots)


def _view_lot(lot: Lot, uses: tuple[LotUseView, ...]) -> LotView:
    return LotView(
        id=lot.id,
        kind=lot.kind.value,
        purchase=lot.purchase,
        date=lot.date,
        last_day=lot.last_day,
        minutes=lot.minutes,
        used_minutes=lot.used_minutes,
        refunded_minutes=lot.refunded_minutes,
        expired_minutes=lot.expired_minutes,
        remaining_minutes=lot.remaining_minutes,
        completed_on=lot.completed_on,
        uses=uses,
    )


def _view_lot_use(movement: Movement, minutes: int, people: People) -> LotUseView:
    return LotUseView(
        date=movement.date,
        request=movement.request or "",
        consultant=people.name(movement.consultant or ""),
        note=movement.note or "",
        minutes=minutes,
    )


def _view_purchases(
    records: CustomerRecords, lots: tuple[LotView, ...], as_of: date
) -> Iterator[PurchaseView]:
    purchases = [purchase for purchase in records.purchases if purchase.date <= as_of]
    refunds = [
        adjustment
        for adjustment in records.adjustments
        if isinstance(adjustment, Refund) and adjustment.date <= as_of
    ]
    for purchase in sorted(purchases, key=_by_date_and_id):
        yield PurchaseView(
            id=purchase.id,
            date=purchase.date,
            punchcards=purchase.punchcards,
            amount=purchase.amount,
            invoice=purchase.invoice,
            lots=tuple(lot for lot in lots if lot.purchase == purchase.id),
            refunds=tuple(
                _view_refund(refund)
                for refund in sorted(refunds, key=_by_date_and_id)
                if refund.purchase == purchase.id
            ),
        )


def _by_date_and_id(record: Purchase | Refund) -> tuple[object, ...]:
    return (record.date, natural_key(record.id))


def _view_refund(refund: Refund) -> RefundView:
    return RefundView(refund.id, refund.date, refund.minutes, refund.amount, refund.reason)


def _view_goodwill(records: CustomerRecords, lots: tuple[LotView, ...]) -> Iterator[GoodwillView]:
    reasons = {
        adjustment.id: adjustment.reason
        for adjustment in records.adjustments
        if isinstance(adjustment, Goodwill)
    }
    for lot in lots:
        if lot.kind == LotKind.GOODWILL:
            yield GoodwillView(reasons[lot.id], lot)


def _view_statement(statement: Statement, people: People) -> StatementView:
    return StatementView(
        opening_minutes=statement.opening_minutes,
        closing_minutes=statement.closing_minutes,
        months=tuple(
            MonthView(
                first_day=month.first_day,
                opening_minutes=month.opening_minutes,
                closing_minutes=month.closing_minutes,
                movements=tuple(_view_movement(line, people) for line in month.movements),
            )
            for month in split_by_month(statement)
            if month.movements
        ),
    )


def _view_statement_file(statement: Statement) -> StatementFileView:
    texts = format_movements(statement)
    return StatementFileView(
        opening_minutes=statement.opening_minutes,
        closing_minutes=statement.closing_minutes,
        movements=texts.indented,
        canonical=texts.canonical,
    )


def _view_movement(movement: Movement, people: People) -> MovementView:
    who = movement.consultant
    return MovementView(
        date=movement.date,
        kind=movement.kind.value,
        reference=movement.reference,
        request=movement.request,
        consultant=None if who is None else people.name(who),
        category=None if movement.category is None else movement.category.value,
        worked_minutes=movement.worked_minutes,
        minutes=movement.minutes,
        balance_minutes=movement.balance_minutes,
        amount=movement.amount,
        note=movement.note,
        draws=tuple(DrawView(draw.lot, draw.minutes) for draw in movement.draws),
    )


def _view_endings(
    records: CustomerRecords, terms: TermsHistory, balance: Balance
) -> Iterator[EndingView]:
    for ending in list_endings(records, terms, balance):
        yield EndingView(ending.kind.value, ending.subject, ending.last_day)


def _view_account(standing: AccountStanding) -> AccountView:
    return AccountView(
        name=standing.account.name,
        email=standing.account.email,
        created=standing.account.created,
        last_activity=standing.last_activity,
        state=standing.state.value,
        last_day=standing.last_day,
    )


def _view_licence(licence: Licence) -> LicenceView:
    return LicenceView(
        product=licence.product,
        type=licence.type.value,
        from_day=licence.from_,
        until=licence.until,
        includes_support=licence.type.includes_support,
    )


def _view_service(service: Service, as_of: date) -> ServiceView:
    is_completed = service.is_completed_on(as_of)
    return ServiceView(service.name, service.started, service.completed if is_completed else None)


def _view_terms(terms: Terms, currency: str) -> TermsView:
    return TermsView(
        effective=terms.effective,
        punchcard_minutes=terms.punchcard_minutes,
        increment_minutes=terms.increment_minutes,
        price=terms.price.get(currency),
        account_limit=terms.account_limit,
        account_inactivity_months=terms.account_inactivity_months,
        portal_retention_months=terms.portal_retention_months,
        punchcard_validity_months=terms.punchcard_validity_months,
        overdraft_minutes=terms.overdraft_minutes,
        low_balance_minutes=terms.low_balance_minutes,
    )
