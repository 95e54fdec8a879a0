"""The statement adds up, in minutes and in money, on the page and in the document to be filed."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from ledger.balance.statement import sum_movements
from ledger.ledger import open_ledger
from site_builder.make_view import view_portal
from site_builder.pages.downloads import DOCUMENT_PATH
from site_builder.view import PortalView
from tests.site_builder.built_pages import Page, read_page
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER
from tests.site_builder.test_figures import SAMPLE_CUSTOMERS
from tests.site_builder.view_factory import FIRST_DAY, make_movement


@pytest.fixture(scope="module")
def views() -> dict[str, PortalView]:
    """What each sample customer may see."""
    with open_ledger(SAMPLE_LEDGER) as ledger:
        return {slug: view_portal(ledger, slug, SAMPLE_DAY) for slug in ledger.slugs}


def test_sums_of_every_kind_of_movement() -> None:
    """Corrections reduce what was used; what was overdrawn was used; money is as recorded."""
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
    assert (sums.used_minutes, sums.refunded_minutes, sums.expired_minutes) == (655, 15, 30)
    assert sums.change_minutes == 600 + 60 - 700 + 45 - 15 - 30
    assert (sums.paid, sums.returned) == (Decimal("2000.00"), Decimal("50.10"))


def test_no_money_is_not_zero_money() -> None:
    """A month without a purchase shows a dash."""
    sums = sum_movements([make_movement(FIRST_DAY, "time", -15)])
    assert (sums.paid, sums.returned) == (None, None)


@pytest.mark.parametrize("slug", SAMPLE_CUSTOMERS)
def test_each_month_adds_up(slug: str, views: dict[str, PortalView]) -> None:
    """Opening balance and sums make the closing balance; and so do all months together."""
    statement, balance = views[slug].statement, views[slug].balance
    for month in views[slug].months:
        change = sum_movements(month.movements).change_minutes
        assert month.opening_minutes + change == month.closing_minutes
    sums = sum_movements(statement.movements)
    assert sums.purchased_minutes == balance.purchased_minutes
    assert sums.goodwill_minutes == balance.goodwill_minutes
    assert sums.used_minutes == balance.used_minutes + balance.overdrawn_minutes
    assert sums.refunded_minutes == balance.refunded_minutes
    assert sums.expired_minutes == balance.expired_minutes
    assert sums.change_minutes == statement.closing_minutes
    with open_ledger(SAMPLE_LEDGER) as ledger:
        purchases = ledger.read_customer(slug).records.purchases
    assert sums.paid == sum(each.amount for each in purchases if each.date <= SAMPLE_DAY)


def read_sums(page: Page) -> list[str]:
    """Return the minutes of the row of sums over all months."""
    (start,) = [i for i, element in enumerate(page.elements) if "data-sums" in element.attributes]
    row = page.elements[start + 1 : start + 14]
    return [element.attributes["value"] for element in row if element.tag == "data"]


def test_page_and_document_show_the_sums(
    sample_portals: Path, views: dict[str, PortalView]
) -> None:
    """The customer with a refund and a credit has all of them."""
    slug = "politechnika-nadmorska"
    sums = sum_movements(views[slug].statement.movements)
    closing = views[slug].statement.closing_minutes
    expected = [sums.received_minutes, sums.used_minutes, sums.dropped_minutes, closing]
    for name in ("statement.html", DOCUMENT_PATH):
        page = read_page(sample_portals / slug / name)
        assert read_sums(page) == [str(minutes) for minutes in expected], name


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
