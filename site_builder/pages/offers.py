"""What more punchcards would cost a customer, and how long they would last."""

from decimal import Decimal
from typing import NamedTuple

from ledger.balance.forecast import Forecast, Outlook, make_forecast
from ledger.balance.lots import Lot
from ledger.dates import add_months
from site_builder.view import PortalView

_COUNTS = (1, 2, 3, 4, 5, 10, 20)


class Offer(NamedTuple):
    """A number of punchcards under the terms of today."""

    cards: int
    minutes: int
    price: Decimal | None  # in the customer's currency; None if the terms have none
    covered_minutes: int  # what of it covers overdrawn work
    forecast: Forecast  # how long everything that is left then lasts


def list_offers(view: PortalView) -> tuple[Offer, ...]:
    """Return what a customer may want to buy, the fewest punchcards first."""
    return tuple(_make_offer(view, cards) for cards in _COUNTS)


def _make_offer(view: PortalView, cards: int) -> Offer:
    terms, movements, day = view.terms, view.statement.movements, view.as_of
    minutes, price = cards * terms.punchcard_minutes, terms.price.get(view.currency)
    covered = min(minutes, view.balance.overdrawn_minutes)
    months = terms.punchcard_validity_months
    last_day = None if months is None else add_months(day, months)
    lots = [*view.lots, Lot("new", "new", day, last_day, minutes, minutes - covered)]
    return Offer(
        cards,
        minutes,
        None if price is None else price * cards,
        covered,
        make_forecast(movements, lots, day) if movements else Forecast(Outlook.TOO_EARLY),
    )
