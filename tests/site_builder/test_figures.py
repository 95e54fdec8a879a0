"""The Overview shows what ``punchcard balance --format json`` says, for every sample customer."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ledger.cli.main import punchcard
from tests.site_builder.built_pages import Page, read_page
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER

SAMPLE_CUSTOMERS = tuple(
    sorted(folder.parent.name for folder in SAMPLE_LEDGER.glob("*/customer.yml"))
)
MINUTES = (
    "purchased_minutes",
    "goodwill_minutes",
    "used_minutes",
    "refunded_minutes",
    "expired_minutes",
    "remaining_minutes",
    "overdrawn_minutes",
    "balance_minutes",
)


@pytest.fixture(scope="module")
def balances() -> dict[str, Any]:
    arguments = ["--ledger", str(SAMPLE_LEDGER), "balance", "--format", "json"]
    result = CliRunner().invoke(punchcard, [*arguments, "--as-of", SAMPLE_DAY.isoformat()])
    assert result.exit_code == 0, result.output
    return {balance["customer"]: balance for balance in json.loads(result.stdout)}


@pytest.mark.parametrize("slug", SAMPLE_CUSTOMERS)
def test_overview_shows_the_figures_of_balance(
    slug: str, balances: dict[str, Any], sample_portals: Path
) -> None:
    """Every figure, the dates and the open lots; a closed portal is not there at all."""
    balance = balances[slug]
    portal = sample_portals / slug
    if balance["portal"]["state"] in {"closed", "none"}:
        assert not portal.exists()
        return
    page = read_page(portal / "index.html")
    shown = {name: int(_find_figure(page, "data", name).attributes["value"]) for name in MINUTES}
    assert shown == {name: balance[name] for name in MINUTES}
    assert _find_figure(page, "time", "as_of").attributes["datetime"] == balance["as_of"]
    left = page.find("data", data_figure="value_remaining")
    assert [each.attributes["value"] for each in left] == [balance["value_remaining"]]
    last_activity = page.find("time", data_figure="last_activity")
    assert [each.attributes["datetime"] for each in last_activity] == [balance["last_activity"]]
    lots = {
        element.attributes["data-lot"]: int(element.attributes["data-remaining-minutes"])
        for element in page.find("li")
        if "data-lot" in element.attributes
    }
    remaining = {
        lot["id"]: lot["remaining_minutes"] for lot in balance["lots"] if lot["remaining_minutes"]
    }
    assert lots.items() <= remaining.items()
    assert len(lots) == min(len(remaining), 3)


@pytest.mark.parametrize("slug", SAMPLE_CUSTOMERS)
def test_overview_leads_with_the_hours_left(
    slug: str, balances: dict[str, Any], sample_portals: Path
) -> None:
    """The first figure on the page is what is left, or what is owed; and it says if that is low."""
    balance = balances[slug]
    if balance["portal"]["state"] in {"closed", "none"}:
        return
    page = read_page(sample_portals / slug / "index.html")
    first = page.find("data")[0]
    expected = balance["overdrawn_minutes"] or balance["remaining_minutes"]
    assert int(first.attributes["value"]) == expected
    mood = "overdrawn" if balance["overdrawn_minutes"] else "low" if balance["low"] else "calm"
    assert page.find("section", **{"class": f"hero hero--{mood}"})


def _find_figure(page: Page, tag: str, name: str) -> Any:
    (element,) = page.find(tag, data_figure=name)
    return element
