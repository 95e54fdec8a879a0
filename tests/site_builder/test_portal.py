"""What one customer may see, as plain data."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from markupsafe import Markup, escape

from ledger.ledger import open_ledger
from ledger.wording import load_wording
from site_builder.make_view import view_portal
from site_builder.pages.environment import PageStyle, name_lot
from site_builder.view import PortalView, RequestView, Turn
from tests.site_builder.built_pages import render_bodies
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER, make_view
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger
from tests.site_builder.view_factory import make_lot

CUSTOMER = {
    **make_customer("first", "ONE", "Zephyrine"),
    "first/requests/ONE-2.yml": """\
        title: Waiting
        category: onboarding
        opened: 2026-05-01
        opened_by: alice
        channel: punchcard
        history:
          - {date: 2026-05-02, by: alice, status: waiting-for-customer}
          - {date: 2026-12-24, by: ben, status: closed}
        """,
    "first/requests/ONE-3.yml": """\
        title: Done
        category: onboarding
        opened: 2026-06-01
        opened_by: ZEPHYRINE@customer.example
        channel: punchcard
        history:
          - {date: 2026-06-02, by: alice, status: resolved}
        """,
    "first/requests/ONE-4.yml": """\
        title: Not yet
        category: onboarding
        opened: 2026-12-01
        opened_by: stranger@elsewhere.example
        channel: support
        """,
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_ledger(tmp_path_factory.mktemp("view") / "customers", ORGANIZATION, CUSTOMER)


@pytest.fixture(scope="module")
def view(small: Path) -> PortalView:
    return make_view(small, SAMPLE_DAY)


def find_request(view: PortalView, request_id: str) -> RequestView:
    return next(request for request in view.requests if request.id == request_id)


def test_requests_are_those_of_the_day_and_open_ones_come_first(view: PortalView) -> None:
    """Whose turn it is decides first; what is dated later is not there yet."""
    assert [(request.id, request.turn) for request in view.requests] == [
        ("ONE-2", Turn.CUSTOMER),
        ("ONE-1", Turn.SUPPORT),
        ("ONE-3", Turn.NOBODY),
    ]
    waiting = find_request(view, "ONE-2")
    assert [event.status for event in waiting.events] == ["waiting-for-customer"]


WORK = {
    "first/requests/ONE-5.yml": """\
        title: Nobody has begun
        category: onboarding
        opened: 2026-05-04
        opened_by: Zephyrine@customer.example
        channel: punchcard
        """,
    "first/time/2026-05-alice.yml": """\
        - {id: 05-1, date: 2026-05-05, request: ONE-5, minutes: 525, note: Worked on it}
        """,
}


@pytest.mark.parametrize(
    ("as_of", "request_id", "status", "said"),
    [
        (
            "2026-05-02",
            "ONE-2",
            "Waiting for you",
            "Example Tools has been waiting for an answer from you since 2 May 2026.",
        ),
        ("2026-05-04", "ONE-5", "Open", "Received on 4 May 2026; nobody has started on it yet."),
        ("2026-03-31", "ONE-1", "In progress", "Alice Moreau has been on it since"),
        ("2026-05-05", "ONE-5", "In progress", "no hours are left on your punchcards: buy more"),
        (
            "2026-05-05",
            "ONE-1",
            "In progress",
            "Moved to technical support as MOVED-Zephyrine on",
        ),
        ("2026-12-01", "ONE-4", "Open", "This is with technical support, where no time is"),
        ("2026-06-02", "ONE-3", "Resolved", "Alice Moreau marked it as resolved on 2 June 2026."),
    ],
)
def test_it_is_said_who_has_to_act_next_on_what(
    as_of: str, request_id: str, status: str, said: str, tmp_path: Path
) -> None:
    """Time that was spent is progress, even if no event says so."""
    used_up = {"first/adjustments.yml": "", "first/purchases.yml": CUSTOMER["first/purchases.yml"]}
    folder = write_ledger(tmp_path / "customers", ORGANIZATION, CUSTOMER, used_up, WORK)
    bodies = render_bodies(make_view(folder, date.fromisoformat(as_of)))
    _, _, found = bodies[f"requests/{request_id}"].partition('<p class="turn-sentence')
    sentence = Markup(f"<p {found.partition('</p>')[0]}").striptags()
    assert said in sentence
    assert f'">{status}</span></dd>' in bodies[f"requests/{request_id}"]


def test_people_are_called_by_their_names(view: PortalView) -> None:
    """Consultants and accounts; the case of an address does not matter."""
    request = find_request(view, "ONE-1")
    assert request.opened_by == "Person Zephyrine"
    assert find_request(view, "ONE-3").opened_by == "Person Zephyrine"
    assert find_request(view, "ONE-2").opened_by == "Alice Moreau"
    assert [event.by for event in request.events] == ["Alice Moreau", "Alice Moreau"]
    assert {entry.consultant for entry in request.entries} == {"Alice Moreau"}


def test_a_stranger_is_called_by_the_address(small: Path) -> None:
    request = find_request(make_view(small, date(2026, 12, 1)), "ONE-4")
    assert request.opened_by == "stranger@elsewhere.example"


def test_entries_corrections_and_support(view: PortalView) -> None:
    """What is charged counts: less a correction, without support."""
    request = find_request(view, "ONE-1")
    _, story = render_bodies(view)["requests/ONE-1"].split('<h2 id="history">')
    assert re.findall('<data value="([0-9-]*)">', story) == ["90", "-15", "45"]
    assert story.count('<span class="free">') == 1
    (correction,) = [each for each in request.entries if each.kind == "correction"]
    assert view.corrected_dates == {correction.reference: date(2026, 2, 3)}
    assert (request.charged_minutes, request.support_minutes) == (75, 45)
    assert (request.channel, request.category) == ("support", "product-configuration")
    assert (request.opening_ticket, request.ticket) == ("TICKET-Zephyrine", "MOVED-Zephyrine")


@pytest.mark.parametrize(
    ("about", "name"),
    [
        ({"number": 4, "count": 5, "invoice": "INV-1"}, "Card 4 of 5, invoice INV-1"),
        ({"number": 4, "count": 5}, "Card 4 of 5, purchase P1"),
        ({"invoice": "INV-1"}, "Card, invoice INV-1"),
        ({"purchase": None, "id": "A1"}, "Goodwill credit A1"),
    ],
)
def test_a_card_is_called_by_what_the_customer_knows(about: dict[str, Any], name: str) -> None:
    assert name_lot(replace(make_lot(300), **about), load_wording()) == name


def test_lots_with_their_uses(view: PortalView) -> None:
    """What drew on a card adds up to what was used of it."""
    assert [(lot.id, lot.used_minutes, lot.refunded_minutes) for lot in view.lots] == [
        ("P1/1", 75, 0),
        ("P1/2", 0, 30),
        ("A1", 0, 0),
    ]
    draws = [draw for each in view.statement.movements if each.request for draw in each.draws]
    for lot in view.lots:
        assert sum(draw.minutes for draw in draws if draw.lot == lot.id) == lot.used_minutes
    assert [draw.minutes for draw in draws if draw.lot == "P1/1"] == [90, -15]
    assert [lot.id for lot in view.lots if lot.purchase == "P1"] == ["P1/1", "P1/2"]
    (refund,) = [each for each in view.statement.movements if each.kind == "refund"]
    assert (refund.minutes, refund.amount) == (-30, Decimal("100.00"))
    assert view.refunded_purchases == {refund.reference: "P1"}
    assert [lot.id for lot in view.lots if lot.kind == "goodwill"] == ["A1"]


def test_the_next_update_is_after_the_day_shown(small: Path) -> None:
    assert make_view(small, date(2026, 11, 22)).next_update == date(2026, 11, 23)
    assert make_view(small, date(2026, 11, 23)).next_update == date(2026, 11, 30)


def test_the_terms_say_how_far_this_customer_may_go_below_zero(tmp_path: Path) -> None:
    """Its own limit, if it has one; the earlier terms stay as they were."""
    text = CUSTOMER["first/customer.yml"]
    own = text.replace("key: ONE", "key: ONE\n            overdraft_minutes: 90")
    for customer, written in ((text, "5h"), (own, "1h 30m")):
        files = {"first/customer.yml": customer}
        folder = write_ledger(tmp_path / written / "customers", ORGANIZATION, CUSTOMER, files)
        terms = render_bodies(make_view(folder))["terms"]
        _, _, row = Markup(terms).striptags().partition("Work may go beyond your punchcards by")
        assert row.strip().startswith(written)


def test_a_purchase_names_its_order_and_the_agreement_that_covers_it() -> None:
    bodies = render_bodies(make_view(SAMPLE_LEDGER, slug="acme"))
    said = {path: " ".join(re.sub("<[^>]+>", " ", html).split()) for path, html in bodies.items()}
    assert "Invoice INV-2026-014 Purchase order PO-7731 Agreement 2026-01" in said["punchcards"]
    assert "Invoice INV-2026-014 Purchase order PO-7731 Agreement 2026-01" in said["statement"]
    assert "Product Service Terms Agreement , version 2026-01" in said["terms"]
    assert said["terms"].count("version 2024-12") == 1  # of the earlier terms


def test_months_without_a_movement_are_left_out(view: PortalView) -> None:
    months = [f"{month.first_day:%Y-%m}" for month in view.months]
    assert months == ["2026-01", "2026-02", "2026-04", "2026-05"]


def test_a_view_holds_only_plain_values_and_public_records() -> None:
    """Text, numbers, dates, amounts, and figures of such; of records, those that are public."""
    public = {"Provider", "Contacts", "Links", "Terms", "Licence", "Service"}
    with open_ledger(SAMPLE_LEDGER) as ledger:
        for slug in ledger.slugs:
            for value in list_values(view_portal(ledger, slug, SAMPLE_DAY)):
                is_plain = isinstance(value, str | bytes | int | date | Decimal | None)
                assert is_plain or type(value).__name__ in public


def test_consultants_are_those_who_still_work_with_what_they_did_last(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE_LEDGER, tmp_path / "customers")
    known = make_view(SAMPLE_LEDGER, slug="acme").consultants
    assert [(each.name, each.date.day, each.request) for each in known] == [
        ("Ben Okafor", 20, "ACME-12"), ("Alice Moreau", 19, "ACME-12"),
        ("田中 優希 (Yuki Tanaka)", 18, "ACME-13"),
    ]  # fmt: skip
    assert (known[1].note or "").startswith("What is left is a general how-to question")
    file = tmp_path / "customers/consultants.yml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace("- handle: ben", "- until: 2026-11-20\n  handle: ben"))
    for day, count in ((SAMPLE_DAY, 3), (SAMPLE_DAY + timedelta(days=1), 2)):
        assert len(make_view(tmp_path / "customers", day, "acme").consultants) == count


def list_values(value: object) -> Iterator[object]:
    if is_dataclass(value):
        for field in fields(value):
            yield from list_values(getattr(value, field.name))
    elif isinstance(value, dict):
        yield from list_values(tuple(value.items()))
    elif isinstance(value, list | tuple | frozenset):
        for item in value:
            yield from list_values(item)
    else:
        yield value


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ja"])
def test_first_steps_stand_there_until_there_is_a_course(language: str, tmp_path: Path) -> None:
    """Three of them, in the first two weeks; nothing is drawn of those."""
    folder = write_ledger(tmp_path, ORGANIZATION, make_customer("first", "FIRST", "Alder"))
    title = escape(load_wording(language).text("first_steps.title"))
    shown = {}
    for day in (date(2026, 1, 25), date(2026, 1, 26)):
        page = render_bodies(make_view(folder, day), PageStyle(language=language))["index"]
        steps = page.partition('<ol class="steps">')[2].partition("</ol>")[0]
        shown[day.day] = title in page, steps.count("<li>"), 'class="course"' in page
        if steps:
            links = re.findall('href="([^"]*)"', steps)
            assert links == ["new-request.html", "support.html", "dates.html"]
    assert shown == {25: (True, 3, False), 26: (False, 0, True)}
