"""What counts as new, and how it is put into words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ledger.wording import load_wording
from site_builder.last_update import LastUpdate
from site_builder.pages.news import list_news
from site_builder.view import EventView
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger
from tests.site_builder.test_portal import make_view


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A customer whose records lie on known days."""
    return write_ledger(
        tmp_path_factory.mktemp("news") / "customers",
        ORGANIZATION,
        make_customer("first", "ONE", "Zephyrine"),
    )


def list_lines(ledger: Path, as_of: date) -> list[tuple[str, str]]:
    """Return what each line is about, and what it says."""
    lines = list_news(make_view(ledger, as_of), load_wording())
    return [(line.reference, line.facts) for line in lines]


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (date(2026, 1, 11), []),
        (date(2026, 1, 12), [("P1", "+10h")]),
        (date(2026, 1, 18), [("P1", "+10h")]),
        (date(2026, 1, 19), []),
        (
            date(2026, 2, 4),
            [
                (
                    "ONE-1",
                    "new, Status: In progress, 1 time entry, 1 correction, −1h 15m on your balance",  # noqa: RUF001 - a minus
                ),
                ("A1", "+1h"),
            ],
        ),
        (date(2026, 2, 10), [("ONE-1", "1 correction, +15m on your balance")]),
        (
            date(2026, 4, 5),
            [("ONE-1", "moved to technical support, 1 time entry, 45m not charged")],
        ),
        (date(2026, 5, 4), [("A2", "−30m")]),  # noqa: RUF001 - a minus
    ],
)
def test_what_is_dated_in_the_last_seven_days(
    ledger: Path, as_of: date, expected: list[tuple[str, str]]
) -> None:
    """A line for each request with all that happened, and one for each sale, credit or refund."""
    assert list_lines(ledger, as_of) == expected


def test_lines_lead_where_more_is_said(ledger: Path) -> None:
    """To the request, or to the punchcards; the name of a request is the customer's."""
    day = date(2026, 1, 12)
    view = make_view(ledger, date(2026, 2, 4))
    note = EventView(day, "", False, None, None, None, None, "note")
    asked = replace(view.requests[0], title="<b>Title</b>", opened=date(2026, 1, 2))
    lines = list_news(
        replace(
            view,
            requests=(replace(asked, events=(note, note), entries=()),),
            last_update=LastUpdate(date(2026, 1, 11)),
        ),
        load_wording(),
    )
    assert [(line.link, line.name, line.facts) for line in lines] == [
        ("punchcards.html", "Goodwill", "+1h"),
        ("punchcards.html", "Purchase", "+10h"),
        ("requests/ONE-1.html", "<b>Title</b>", "2 messages"),
    ]
