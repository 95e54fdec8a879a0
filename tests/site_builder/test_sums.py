"""On every day of random ledgers, each page sums up to what ``balance`` says."""

import re

import pytest

from ledger.balance.json_values import to_json
from ledger.balance.summary import compute_balance
from site_builder.pages.downloads import DOCUMENT_PATH
from tests.ledger.engine.random_ledgers import make_seeded_ledger
from tests.site_builder.built_pages import parse_page, render_bodies
from tests.site_builder.conftest import view_random_ledger
from tests.site_builder.test_figures import MINUTES
from tests.site_builder.test_statement import read_sums


@pytest.mark.parametrize("seed", range(40))
def test_every_page_sums_up_to_the_balance(seed: int) -> None:
    ledger = make_seeded_ledger(seed)
    for day in ledger.iterate_days()[seed % 9 :: 9]:
        balance = to_json(compute_balance(ledger.records, ledger.terms, day))
        used, refunded, expired = (
            balance[f"{name}_minutes"] for name in ("used", "refunded", "expired")
        )
        charged = used + balance["overdrawn_minutes"]
        received = balance["purchased_minutes"] + balance["goodwill_minutes"]
        pages = render_bodies(view_random_ledger(ledger, day))
        overview = parse_page(pages["index"])
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
                assert read_sums(parse_page(pages[path]))[-4:] == [str(each) for each in sums]
            else:
                assert not any(sums)
