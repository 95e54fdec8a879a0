"""On every day of random ledgers, each page sums up to what ``balance`` says."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.balance.json_values import to_json
from ledger.balance.summary import compute_balance
from ledger.ledger import open_ledger
from ledger.models.organization import Brand
from site_builder.make_view import view_folder
from site_builder.pages.downloads import DOCUMENT_PATH
from site_builder.pages.portal_site import render_portal
from site_builder.view import PortalView
from tests.ledger.engine.random_ledgers import RandomLedger, make_seeded_ledger
from tests.site_builder.built_pages import Page
from tests.site_builder.conftest import SAMPLE_LEDGER
from tests.site_builder.test_figures import MINUTES
from tests.site_builder.test_statement import read_sums


@pytest.fixture(scope="module")
def provider() -> Any:
    with open_ledger(SAMPLE_LEDGER) as ledger:
        provider = ledger.organization.provider
        return provider and provider.model_copy(update={"brand": Brand()})


def view_ledger(ledger: RandomLedger, provider: Any, as_of: date) -> PortalView:
    organization = SimpleNamespace(
        provider=provider, terms=ledger.terms, consultants=(), brand_files=defaultdict(bytes)
    )
    opened: Any = SimpleNamespace(organization=organization, revision=None, files=None)
    folder: Any = SimpleNamespace(records=ledger.records)
    return view_folder(opened, folder, as_of)


def render(ledger: RandomLedger, provider: Any, as_of: date) -> dict[str, str]:
    site = render_portal(view_ledger(ledger, provider, as_of))
    (document,) = [file.content.decode() for file in site.files if file.path == DOCUMENT_PATH]
    return {DOCUMENT_PATH: document} | {page.path: str(page.body) for page in site.pages}


def parse(html: str) -> Page:
    page = Page()
    page.feed(html)
    return page


@pytest.mark.parametrize("seed", range(40))
def test_every_page_sums_up_to_the_balance(seed: int, provider: Any) -> None:
    ledger = make_seeded_ledger(seed)
    for day in ledger.iterate_days()[seed % 9 :: 9]:
        balance = to_json(compute_balance(ledger.records, ledger.terms, day))
        used, refunded, expired = (
            balance[f"{name}_minutes"] for name in ("used", "refunded", "expired")
        )
        charged = used + balance["overdrawn_minutes"]
        received = balance["purchased_minutes"] + balance["goodwill_minutes"]
        pages = render(ledger, provider, day)
        overview = parse(pages["index"])
        figures = {name: overview.find("data", data_figure=name)[0].attributes for name in MINUTES}
        assert {name: int(each["value"]) for name, each in figures.items()} == {
            name: balance[name] for name in MINUTES
        }
        minutes = re.findall(r'data-minutes="(-?\d+)"', pages["requests"])
        assert sum(map(int, minutes)) == charged
        # Of an open card in a list of facts, of a completed one in a row.
        for names, expected in (
            ("Used", used),
            ("Refunded|Expired|Refunded or expired", refunded + expired),
        ):
            start = rf'(?:<dt>(?:{names})</dt><dd>|data-label="(?:{names})"><span>)'
            found = re.findall(rf'{start}<data value="(\d+)">', pages["punchcards"])
            assert sum(map(int, found)) == expected, names
        sums = [received, charged, refunded + expired, balance["balance_minutes"]]
        for path in ("statement", DOCUMENT_PATH):
            if "data-sums" in pages[path]:
                assert read_sums(parse(pages[path]))[-4:] == [str(each) for each in sums]
            else:
                assert not any(sums)
