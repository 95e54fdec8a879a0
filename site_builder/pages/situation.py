"""What the Overview says of the hours: sentences that look at all facts, and none that is untrue.

``tests/site_builder/test_situation.py`` has the table of the states.
"""

from typing import NamedTuple

from ledger.balance.forecast import Forecast
from ledger.wording import Wording
from site_builder.view import PortalView


class Situation(NamedTuple):
    """Whole sentences: of the hours, the most important one first, and of the portal's end."""

    hours: tuple[str, ...] = ()
    portal: tuple[str, ...] = ()


def describe_situation(view: PortalView, forecast: Forecast, wording: Wording) -> Situation:
    """Return what there is to say; nothing of hours that last, or of a portal without an end."""
    balance, portal_end = view.balance, view.balance.portal.last_day
    is_open = [each for each in view.requests if not each.is_done]
    charged = sum(each.channel == "punchcard" for each in is_open)
    is_completed = not is_open and not balance.overdrawn_minutes
    portal: tuple[str, ...] = ()
    if portal_end:
        stays = wording.text("dates.portal_closing", day=wording.day(portal_end))
        completed, keeps = map(wording.text, ("situation.completed", "situation.keeps"))
        portal = (completed, stays) if is_completed else (stays, keeps)
    if balance.overdrawn_minutes:
        minutes = wording.minutes(balance.overdrawn_minutes)
        first = wording.text("situation.overdrawn", minutes=minutes)
        said, work = [first, _name_cover(view, wording)], "work_overdrawn"
    elif not balance.remaining_minutes:
        said = [wording.text(f"situation.{'used_up' if view.lots else 'never'}")]
        work = "work_empty"
    elif balance.low:
        said, work = [wording.text("situation.low")], "work_left"
    elif forecast.last_day and forecast.is_short(view.as_of):
        day = wording.day(forecast.last_day)
        said, work = [wording.text("situation.short", day=day)], "work_left"
    else:
        return Situation((), portal)
    if charged:
        said.append(wording.text(f"situation.{work}", count=charged))
    elif not is_completed or not portal:
        said.append(wording.text(f"situation.{'free' if is_open else 'none'}"))
    return Situation(tuple(said), portal)


def _name_cover(view: PortalView, wording: Wording) -> str:
    """Return how many punchcards cover what is overdrawn, their price, and what is left then."""
    terms, overdrawn = view.terms, view.balance.overdrawn_minutes
    count = -(-overdrawn // terms.punchcard_minutes)
    left, price = count * terms.punchcard_minutes - overdrawn, terms.price.get(view.currency)
    cards = wording.text("cards", count=count, number=count)
    if price is not None:
        amount = wording.money(price * count, view.currency)
        cards = wording.text("situation.priced", cards=cards, price=amount)
    name = "covers" if left else "covers_exactly"
    return wording.text(f"situation.{name}", count=count, cards=cards, left=wording.minutes(left))
