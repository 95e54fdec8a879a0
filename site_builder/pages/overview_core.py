"""What of the Overview stays from week to week: finished pieces of it, and what a forecast needs.

The page shows much of the customer's state, of which little moves in a week. What is made here
depends on no date but those of the records; what does is put around it in ``overview_page``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Any, NamedTuple

from markupsafe import Markup

from site_builder.charts import draw_card
from site_builder.hours_charts import draw_categories, sum_hours
from site_builder.pages.ending_names import name_ending
from site_builder.pages.environment import PageRenderer
from site_builder.portal_view import LotView, MovementView, PortalView

# Who opens the portal wants the state of things; the lists of everything have their own pages.
MOST_LINES = 8

_FIGURES = (
    "purchased_minutes",
    "goodwill_minutes",
    "used_minutes",
    "refunded_minutes",
    "expired_minutes",
    "remaining_minutes",
    "overdrawn_minutes",
    "balance_minutes",
)


class Step(NamedTuple):
    """A movement, as far as a forecast and a picture want to know."""

    date: date
    kind: str
    minutes: int
    balance_minutes: int


class OpenLot(NamedTuple):
    """A card or credit that is not used up."""

    remaining_minutes: int
    last_day: date | None

    @property
    def is_open(self) -> bool:
        """Whether time can still be drawn from it."""
        return True


class OverviewCore(NamedTuple):
    """What stays.

    Attributes:
        pieces: finished HTML, by name.
        ending_names: what ends, in words, in the order of the view.
        opening_minutes: the balance before the first step.
        steps: all movements.
        lots: what is left.
    """

    pieces: dict[str, Markup]
    ending_names: list[str]
    opening_minutes: int
    steps: tuple[Step, ...]
    lots: tuple[OpenLot, ...]


def write_overview_core(view: PortalView, renderer: PageRenderer) -> str:
    """Return what stays, as a text that ``read_overview_core`` understands."""
    return json.dumps(
        {
            "pieces": dict(_render_pieces(view, renderer)),
            "ending_names": [name_ending(each, view, renderer.wording) for each in view.endings],
            "opening_minutes": view.statement.opening_minutes,
            "steps": [_keep_step(movement) for movement in view.statement.list_movements()],
            "lots": [_keep_lot(lot) for lot in view.lots if lot.is_open],
        }
    )


def read_overview_core(text: str) -> OverviewCore:
    """Return what was written."""
    plain: dict[str, Any] = json.loads(text)
    read_day = date.fromisoformat
    return OverviewCore(
        pieces={name: Markup(piece) for name, piece in plain["pieces"].items()},  # noqa: S704 - we made them
        ending_names=plain["ending_names"],
        opening_minutes=plain["opening_minutes"],
        steps=tuple(Step(read_day(day), *rest) for day, *rest in plain["steps"]),
        lots=tuple(
            OpenLot(minutes, None if day is None else read_day(day))
            for minutes, day in plain["lots"]
        ),
    )


def _keep_step(movement: MovementView) -> tuple[str, str, int, int]:
    return (
        movement.date.isoformat(),
        movement.kind,
        movement.minutes,
        movement.balance_minutes,
    )


def _keep_lot(lot: LotView) -> tuple[int, str | None]:
    return (lot.remaining_minutes, None if lot.last_day is None else lot.last_day.isoformat())


def _render_pieces(view: PortalView, renderer: PageRenderer) -> Iterator[tuple[str, str]]:
    for name, values in _list_pieces(view, renderer):
        yield name, renderer.render(f"overview-{name}.html", {"view": view, **values})


def _list_pieces(
    view: PortalView, renderer: PageRenderer
) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the pieces by the names of their templates, and what these are to show."""
    balance, mood = view.balance, _choose_mood(view)
    left = renderer.wording.cards(balance.remaining_minutes, view.terms.punchcard_minutes)
    yield "top", {"mood": mood, "cards_left": left}
    open_lots = [lot for lot in view.lots if lot.is_open]
    yield (
        "state",
        {
            "mood": mood,
            "portal_ends": balance.portal_last_day,
            "cards": [(lot, draw_card(lot, view.terms.increment_minutes)) for lot in open_lots],
        },
    )
    open_requests = [request for request in view.requests if not request.is_done]
    yield (
        "requests",
        {
            "open_requests": open_requests[:MOST_LINES],
            "more_open_requests": len(open_requests[MOST_LINES:]),
        },
    )
    categories = draw_categories(sum_hours(view.statement.list_movements()))
    if categories:
        yield "hours", {"categories": categories}
    yield "months", {}
    yield "figures", {"figures": asdict(balance), "figure_names": _FIGURES}


def _choose_mood(view: PortalView) -> str:
    if view.balance.overdrawn_minutes:
        return "overdrawn"
    return "low" if view.balance.low else "calm"
