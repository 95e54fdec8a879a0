"""The statement adds up, in minutes and in money, on the page and in the document to be filed."""

import json
from datetime import date
from decimal import Decimal
from itertools import takewhile
from pathlib import Path

import pytest

from ledger.balance.movements import sum_movements
from ledger.ledger import open_ledger
from ledger.wording import load_wording
from site_builder.make_view import view_portal
from site_builder.pages.downloads import DOCUMENT_PATH
from site_builder.pages.news import list_news
from site_builder.view import PortalView
from tests.conftest import RunPunchcard, start_repository
from tests.site_builder.built_pages import Page, read_page
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER
from tests.site_builder.small_ledgers import ORGANIZATION, TERMS, make_customer, write_ledger
from tests.site_builder.test_figures import SAMPLE_CUSTOMERS
from tests.site_builder.view_factory import FIRST_DAY, make_movement


@pytest.fixture(scope="module")
def views() -> dict[str, PortalView]:
    with open_ledger(SAMPLE_LEDGER) as ledger:
        return {slug: view_portal(ledger, slug, SAMPLE_DAY) for slug in ledger.slugs}


def test_sums_of_every_kind_of_movement() -> None:
    """Corrections reduce what was charged, which includes what was overdrawn."""
    sums = sum_movements(
        [
            make_movement(FIRST_DAY, "purchase", 600, amount="2000.00"),
            make_movement(FIRST_DAY, "goodwill", 60),
            make_movement(FIRST_DAY, "time", -700),
            make_movement(FIRST_DAY, "correction", 45),
            make_movement(FIRST_DAY, "refund", -15, amount="50.10"),
            make_movement(FIRST_DAY, "expiry", -30),
        ]
    )
    assert (sums.purchased_minutes, sums.goodwill_minutes, sums.received_minutes) == (600, 60, 660)
    assert (sums.charged_minutes, sums.refunded_minutes, sums.expired_minutes) == (655, 15, 30)
    assert sums.change_minutes == 600 + 60 - 700 + 45 - 15 - 30
    assert (sums.paid, sums.returned) == (Decimal("2000.00"), Decimal("50.10"))


def test_no_money_is_not_zero_money() -> None:
    """A month without a purchase shows a dash."""
    sums = sum_movements([make_movement(FIRST_DAY, "time", -15)])
    assert (sums.paid, sums.returned) == (None, None)


@pytest.mark.parametrize("slug", SAMPLE_CUSTOMERS)
def test_each_month_adds_up(slug: str, views: dict[str, PortalView]) -> None:
    """Opening balance and sums make the closing balance, which the next month begins with."""
    opening = 0
    for month in views[slug].months:
        assert month.opening_minutes == opening
        opening += sum_movements(month.movements).change_minutes
        assert month.closing_minutes == opening
    with open_ledger(SAMPLE_LEDGER) as ledger:
        purchases = ledger.read_customer(slug).records.purchases
    paid = sum_movements(views[slug].statement.movements).paid
    assert paid == sum(each.amount for each in purchases if each.date <= SAMPLE_DAY)


def read_sums(page: Page, *, are_money: bool = False) -> list[str]:
    """Return the minutes, or the amounts, of the sums over all months; the page has an opening."""
    (start,) = [i for i, element in enumerate(page.elements) if "data-sums" in element.attributes]
    row = takewhile(lambda element: element.tag not in {"tr", "h2"}, page.elements[start + 1 :])
    cells = [element.attributes for element in row if element.tag == "data"]
    return [each["value"] for each in cells if ("data-currency" in each) is are_money]


def test_page_and_document_show_the_sums(
    sample_portals: Path, views: dict[str, PortalView]
) -> None:
    """The customer with a refund and a credit has all of them."""
    slug = "politechnika-nadmorska"
    sums = sum_movements(views[slug].statement.movements)
    closing = views[slug].statement.closing_minutes
    expected = [sums.received_minutes, sums.charged_minutes, sums.dropped_minutes, closing]
    for name in ("statement.html", DOCUMENT_PATH):
        page = read_page(sample_portals / slug / name)
        assert read_sums(page)[-4:] == [str(minutes) for minutes in expected], name


def test_a_correction_into_an_expired_card_is_the_same_in_every_view(
    punchcard: RunPunchcard, tmp_path: Path
) -> None:
    """Its effect on the balance is 0: it lowers what was charged, and raises what expired."""
    corrected = {
        "terms.yml": TERMS.replace("validity_months:", "validity_months: 1"),
        **make_customer("acme", "ACME", "Zephyrine"),
        "acme/adjustments.yml": "",
        "acme/purchases.yml": "- {id: P1, date: 2026-01-31, punchcards: 1, amount: 1000.00}",
        "acme/time/2026-02-alice.yml": """\
            - {id: 28-1, date: 2026-02-28, request: ACME-1, minutes: 300, note: Long day}
            """,
        "acme/time/2026-03-alice.yml": """\
            - {id: 01-1, date: 2026-03-01, request: ACME-1, minutes: -60,
               corrects: 2026-02-alice/28-1, note: Part of it was lunch}
            """,
        "acme/time/2026-04-alice.yml": "",
    }
    folder = write_ledger(start_repository(tmp_path) / "customers", ORGANIZATION, corrected)
    day = ("--as-of", "2026-03-02")
    (balance,) = json.loads(punchcard(tmp_path, "balance", "acme", *day, "--format=json").stdout)
    assert (balance["used_minutes"], balance["expired_minutes"]) == (240, 60)
    listed = punchcard(tmp_path, "request", "list", "acme", *day, "--format=json").stdout
    assert [each["charged_minutes"] for each in json.loads(listed)] == [240]
    with open_ledger(folder) as ledger:
        view = view_portal(ledger, "acme", date(2026, 3, 2))
    sums = sum_movements(view.statement.movements)
    assert (sums.charged_minutes, sums.expired_minutes) == (240, 60)
    assert [request.charged_minutes for request in view.requests] == [240]
    (news,) = (line for line in list_news(view, load_wording()) if line.reference == "ACME-1")
    assert news.facts == "5h charged, 1h given back"
    ran = punchcard(tmp_path, "portal", "build", *day, "--output", tmp_path / "site")
    assert ran.status == 0, ran.stderr
    for name in ("statement.html", DOCUMENT_PATH):
        sums_said = read_sums(read_page(tmp_path / "site" / "acme" / name))
        assert sums_said[-4:] == ["300", "240", "60", "0"]


def test_the_document_says_all_that_finance_files(
    sample_portals: Path, views: dict[str, PortalView]
) -> None:
    """Who, over which period, under which terms, as of when; every movement; nothing to load."""
    page = read_page(sample_portals / "acme" / DOCUMENT_PATH)
    (main,) = page.find("main")
    words = " ".join(main.text.split())
    for part in ("Acme Robotics", "Tracewell Tools", "12 January 2026 to 20 November 2026"):
        assert part in words
    assert "In force since 1 January 2026: one punchcard is 5h" in words
    (as_of,) = page.find("time", data_figure="as_of")
    assert as_of.attributes["datetime"] == SAMPLE_DAY.isoformat()
    for movement in views["acme"].statement.movements:
        assert " ".join((movement.note or "").split()) in words
    assert not page.find("script")


def test_the_page_does_not_say_as_of_when(sample_portals: Path) -> None:
    """Nothing on it changes until something moves."""
    page = read_page(sample_portals / "acme" / "statement.html")
    assert not [each for each in page.elements if "data-figure" in each.attributes]
