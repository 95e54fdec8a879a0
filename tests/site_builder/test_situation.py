"""What the Overview says of each state: balance, open requests, end of the portal, forecast."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest

from ledger.balance.forecast import Forecast, Outlook
from ledger.balance.portal_life import Portal, PortalState
from ledger.wording import load_wording
from site_builder.pages.situation import describe_situation
from site_builder.view import PortalView, Turn
from tests.site_builder.conftest import make_view
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

DAY, END = date(2026, 5, 4), date(2027, 5, 4)
SOON, LATE = DAY + timedelta(days=20), DAY + timedelta(days=60)
FORECASTS = {
    "too early": Forecast(Outlook.TOO_EARLY),
    "no use": Forecast(Outlook.NO_USE),
    "soon": Forecast(Outlook.LASTS_UNTIL, last_day=SOON),
    "late": Forecast(Outlook.LASTS_UNTIL, last_day=LATE),
    "long": Forecast(Outlook.LASTS_LONG),
    "nothing left": Forecast(Outlook.NOTHING_LEFT),
}
BALANCES: dict[str, dict[str, Any]] = {
    "fine": {"remaining_minutes": 600},
    "low": {"remaining_minutes": 60, "low": True},
    "used up": {"low": True},
    "never": {"low": True},
    "overdrawn": {"overdrawn_minutes": 120, "low": True},
    "by a card": {"overdrawn_minutes": 600, "low": True},
}
# Balance, and a forecast where it counts: the first sentences in English and German.
FIRST = {
    "fine": ("", ""),
    "fine, soon": (
        "At today's pace, your hours last until about 24 May 2026.",
        "Bei dem heutigen Verbrauch reichen Ihre Stunden bis etwa 24. Mai 2026.",
    ),
    "low": ("Your balance is low.", "Ihr Guthaben ist niedrig."),
    "used up": ("Your punchcards are used up.", "Ihre Stundenkarten sind aufgebraucht."),
    "never": ("You have no punchcard yet.", "Sie haben noch keine Stundenkarte."),
    "overdrawn": (
        "2h of work is not covered yet. 1 punchcard (1,000.00 USD) covers it and leaves 3h.",
        (
            "2 h Arbeit sind noch nicht gedeckt. "
            "1 Stundenkarte (1.000,00 USD) deckt das und lässt 3 h übrig."
        ),
    ),
    "by a card": (
        "10h of work is not covered yet. 2 punchcards (2,000.00 USD) cover exactly that.",
        "10 h Arbeit sind noch nicht gedeckt. 2 Stundenkarten (2.000,00 USD) decken genau das.",
    ),
}
# What follows of open requests; nothing where nothing was said before.
WORK = {
    "left": (
        "Work on one open request may have to pause once it is used up.",
        "Ist es aufgebraucht, muss die Arbeit an einer offenen Anfrage womöglich ruhen.",
    ),
    "empty": (
        "Work on one open request needs a new punchcard.",
        "Für die Arbeit an einer offenen Anfrage ist eine neue Stundenkarte nötig.",
    ),
    "overdrawn": (
        "Until then, work on one open request may have to pause.",
        "Bis dahin muss die Arbeit an einer offenen Anfrage womöglich ruhen.",
    ),
    "support": (
        "Of what is open, nothing is charged.",
        "Von dem, was offen ist, wird nichts berechnet.",
    ),
    "none": ("No request is open.", "Keine Anfrage ist offen."),
}
COMPLETED = (
    "Everything is completed. The portal stays until 4 May 2027.",
    "Alles ist abgeschlossen. Das Portal bleibt bis zum 4. Mai 2027.",
)
STAYS = (
    "The portal stays until 4 May 2027. A new punchcard keeps it open.",
    "Das Portal bleibt bis zum 4. Mai 2027. Mit einer neuen Stundenkarte bleibt es offen.",
)


def list_cells() -> Iterator[tuple[str, str, bool, str]]:
    """Yield balance, requests, whether the portal ends, and forecast, as far as all can be so."""
    for balance, requests, ends, forecast in product(
        BALANCES, ("charged", "support", "none"), (False, True), FORECASTS
    ):
        is_left = "remaining_minutes" in BALANCES[balance]
        if is_left != (forecast == "nothing left") and not (is_left and ends):
            yield balance, requests, ends, forecast


def say(number: int, balance: str, requests: str, ends: bool, forecast: str) -> tuple[str, str]:
    """Return the sentences of a cell in one language, of the hours and of the portal."""
    key = "fine, soon" if (balance, forecast) == ("fine", "soon") else balance
    hours = [FIRST[key][number]] if FIRST[key][number] else []
    is_completed = requests == "none" and balance not in {"overdrawn", "by a card"}
    if hours and not (is_completed and ends):
        kind = {"fine": "left", "low": "left", "used up": "empty", "never": "empty"}
        work = kind.get(balance, "overdrawn") if requests == "charged" else requests
        hours.append(WORK[work][number])
    return " ".join(hours), (COMPLETED if is_completed else STAYS)[number] if ends else ""


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> PortalView:
    folder = tmp_path_factory.mktemp("situation") / "customers"
    customer = make_customer("first", "ONE", "Zephyrine")
    return make_view(write_ledger(folder, ORGANIZATION, customer), DAY)


@pytest.mark.parametrize(("balance", "requests", "ends", "forecast"), tuple(list_cells()))
def test_each_state_has_its_sentences(
    balance: str, requests: str, ends: bool, forecast: str, view: PortalView
) -> None:
    none: dict[str, Any] = {"remaining_minutes": 0, "overdrawn_minutes": 0, "low": False}
    portal = Portal(PortalState.CLOSING, END) if ends else Portal(PortalState.OPEN)
    turn = Turn.NOBODY if requests == "none" else Turn.PROVIDER
    channel = "support" if requests == "support" else "punchcard"
    state = replace(
        view,
        balance=replace(view.balance, portal=portal, **{**none, **BALANCES[balance]}),
        requests=(replace(view.requests[0], turn=turn, channel=channel),),
        lots=() if balance == "never" else view.lots,
    )
    for number, language in enumerate(("en", "de")):
        said = describe_situation(state, FORECASTS[forecast], load_wording(language))
        spoken = tuple(" ".join(" ".join(each).split()) for each in said)
        assert spoken == say(number, balance, requests, ends, forecast)


def test_without_prices_only_cards_are_named(view: PortalView) -> None:
    terms = view.terms.model_copy(update={"price": {}})
    owing = replace(view.balance, remaining_minutes=0, overdrawn_minutes=120)
    state = replace(view, terms=terms, balance=owing)
    said = describe_situation(state, FORECASTS["nothing left"], load_wording())
    assert said.hours[1] == "1 punchcard covers it and leaves 3h."
