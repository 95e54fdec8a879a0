"""What counts as new, and how it is put into words."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from ledger.wording import load_wording
from site_builder.last_update import LastUpdate
from site_builder.pages.news import list_news, sum_up_news
from site_builder.view import EventView
from tests.site_builder.conftest import make_view
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
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
                    "new, Status: In progress, 1h 30m charged, 15m given back",
                ),
                ("A1", "+1h"),
            ],
        ),
        (date(2026, 2, 10), [("ONE-1", "15m given back")]),
        (
            date(2026, 4, 5),
            [("ONE-1", "moved to technical support, 45m not charged")],
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
        ("requests/ONE-1.html", "<b>Title</b>", ""),
    ]
    assert sum_up_news(lines, load_wording()) == "No time was logged."


def test_what_was_done_is_summed_up_and_quoted(ledger: Path) -> None:
    """The time by whom it was worked, and the first sentence of the last note of the work."""
    lines = list_news(make_view(ledger, date(2026, 2, 4)), load_wording())
    assert sum_up_news(lines, load_wording()) == "1h 30m charged, 15m given back, by Alice Moreau"
    assert [line.note for line in lines] == ["Alice Moreau: Note Zephyrine", ""]


@pytest.mark.parametrize(
    ("note", "sentence"),
    [
        ("Reviewed the links. The rest follows.", "Reviewed the links."),
        (
            "Short. Then what was found, e.g. a loop. More",
            "Short. Then what was found, e.g. a loop.",
        ),
        (
            "仕様書のリンクをすべて確認しました。続きは来週です。",
            "仕様書のリンクをすべて確認しました。",
        ),
        ("One line\nand another", "One line and another"),
        ("x" * 200, "x" * 159 + "…"),
    ],
)
def test_a_note_is_quoted_by_its_first_sentence(ledger: Path, note: str, sentence: str) -> None:
    view = make_view(ledger, date(2026, 2, 4))
    said = EventView(date(2026, 2, 4), "Ben", True, None, None, None, None, note)
    request = replace(view.requests[0], events=(said,), entries=())
    lines = list_news(replace(view, requests=(request,)), load_wording())
    assert f"Ben: {sentence}" in [line.note for line in lines]
