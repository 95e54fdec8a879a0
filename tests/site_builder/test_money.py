"""Money in the portals: every document says the same amounts, which add up; or none says any."""

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from babel.numbers import parse_decimal

from ledger.balance.json_values import to_json
from ledger.balance.movements import Movement, sum_movements
from ledger.ledger import open_ledger
from ledger.money import format_amount
from ledger.wording import load_wording
from site_builder.make_view import view_portal
from site_builder.pages.downloads import CSV_PATH, DOCUMENT_PATH
from site_builder.pages.environment import PageStyle
from site_builder.pages.portal_site import render_portal
from tests.conftest import RunPunchcard
from tests.ledger.engine.random_ledgers import make_seeded_ledger
from tests.ledger.git.written_ledger import AS_OF, WrittenLedger
from tests.site_builder import built_pages
from tests.site_builder.built_pages import Page, parse_page, read_all_files, read_pdf, render_bodies
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER, build_all, view_random_ledger
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

MINUS = "\N{MINUS SIGN}"


class Documents:
    """The portal of a random ledger after everything has happened."""

    def __init__(self, seed: int) -> None:
        self.language, made = ("en", "de")[seed % 2], make_seeded_ledger(seed)
        self.view = view_random_ledger(made, made.last)
        style = PageStyle(self.language)
        self.files = {file.path: file for file in render_portal(self.view, style).files}
        self._bodies = render_bodies(self.view, style)

    def read(self, path: str) -> Page:
        return parse_page(self._bodies[path])

    def write(self, *amounts: Decimal | None) -> list[str]:
        """Return the amounts that there are, as data have them."""
        return [format_amount(each, self.view.currency) for each in amounts if each is not None]


@pytest.fixture(params=range(16))
def documents(request: pytest.FixtureRequest) -> Documents:
    return Documents(request.param)


_ENDS = {"tr", "h2", "div", "details"}


def list_rows(page: Page) -> Iterator[tuple[dict[str, str], list[str]]]:
    """Yield the attributes of each row, of a table or of sums, and the amounts in it."""
    for number, element in enumerate(page.elements):
        if element.tag == "tr" or "data-sums" in element.attributes:
            row = takewhile(lambda each: each.tag not in _ENDS, page.elements[number + 1 :])
            cells = [each.attributes for each in row]
            yield element.attributes, [each["value"] for each in cells if "data-currency" in each]


def test_every_document_says_the_same_amounts_which_add_up(documents: Documents) -> None:
    """The values of all movements and their sums, on the page, in the document and in the CSV."""
    view, movements = documents.view, documents.view.statement.movements
    sums = sum_movements(movements)
    months = [month.movements for month in view.months]
    for path in ("statement", DOCUMENT_PATH):
        rows = list(list_rows(documents.read(path)))
        (total,) = [amounts for attributes, amounts in rows if "data-sums" in attributes]
        values, is_page = (sums.charged_value, sums.dropped_value), path != DOCUMENT_PATH
        parts = (sums.paid, *values) if is_page else (*values, sums.paid, sums.returned)
        assert total == documents.write(*parts)
        # The rows of the months, in the order of the page, and the closing row of each.
        ordered = months[::-1] if is_page else months
        expected = [
            amounts
            for month in ordered
            for amounts in (
                *(documents.write(each.value) for each in month),
                documents.write(sum_movements(month).value),
            )
        ]
        found = list_months(rows, is_page=is_page)
        assert [row for row in found if row] == [row for row in expected if row]
    assert read_csv(documents, CSV_PATH) == read_json(movements, view.currency)
    for period in view.periods:
        start = f"statements/{view.slug}-statement-{period.name}"
        answer = json.loads(documents.files[f"{start}.json"].content)
        lines = [(each["value"], each["signed_amount"]) for each in answer["movements"]]
        assert read_csv(documents, f"{start}.csv") == lines
        assert lines == read_json(period.statement.movements, view.currency)


def list_months(rows: list[tuple[dict[str, str], list[str]]], *, is_page: bool) -> list[list[str]]:
    """Return the amounts of the months' rows: before the sums, or after the table of invoices."""
    mark = "data-sums" if is_page else "data-usage"
    last = max(number for number, (attributes, _) in enumerate(rows) if mark in attributes)
    months = rows[:last] if is_page else rows[last + 1 :]
    return [amounts for _attributes, amounts in months]


def read_json(movements: tuple[Movement, ...], currency: str) -> list[Any]:
    lines = (to_json(each, currency) for each in movements)
    return [(each["value"], each["signed_amount"]) for each in lines]


def read_csv(documents: Documents, path: str) -> list[Any]:
    """Return the value and the signed amount of each line, as JSON has them."""
    text = documents.files[path].content.decode("utf-8-sig")
    is_german = documents.language == "de"
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if is_german else ",")
    assert {row["currency"] for row in rows} <= {documents.view.currency}
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if is_german else ",")
    names = ("value", "signed_amount")
    return [tuple(row[name].replace(",", ".") or None for name in names) for row in rows]


def test_what_is_left_of_invoices_is_what_is_left_in_money(documents: Documents) -> None:
    """Of each purchase: used, refunded or expired, left; the last row sums up the others."""
    view, page = documents.view, documents.read("statement")
    rows = {
        attributes["data-usage"]: [Decimal(amount) for amount in amounts]
        for attributes, amounts in list_rows(page)
        if "data-usage" in attributes
    }
    total = rows.pop("")
    assert [sum(column) for column in zip(*rows.values(), strict=True)] == total
    assert total[-1] == view.balance.value_remaining
    assert sum(total) == sum_movements(view.statement.movements).paid
    (left,) = documents.read("index").find("data", data_figure="value_remaining")
    assert [left.attributes["value"]] == documents.write(view.balance.value_remaining)


def test_requests_and_categories_cost_what_the_statement_says(documents: Documents) -> None:
    cost = sum_movements(documents.view.statement.movements).charged_value or Decimal(0)
    rows = [each.attributes for each in documents.read("requests").find("tr")]
    listed = [Decimal(each["data-cost"]) for each in rows if "data-cost" in each]
    assert sum(listed) == cost
    own = [
        Decimal(each.attributes["value"])
        for request in documents.view.requests
        for each in documents.read(f"requests/{request.id}").find("data", data_figure="cost")
    ]
    assert own == listed
    found = documents.read("punchcards").find("data", data_figure="cost")
    assert [Decimal(each.attributes["value"]) for each in found] == ([cost] if found else [])
    assert found or not cost


def test_amounts_are_written_as_the_language_writes_them(documents: Documents) -> None:
    """Each is text that reads back as the value beside it, with the digits of the currency."""
    wording, view = load_wording(documents.language), documents.view
    locale = {"en": "en_GB", "de": "de"}[documents.language]
    amounts = [each for each in documents.read("statement").elements if each.tag == "data"]
    amounts = [each for each in amounts if "data-currency" in each.attributes]
    assert amounts
    for each in amounts:
        assert each.attributes["data-currency"] == view.currency
        value = Decimal(each.attributes["value"])
        assert wording.amount(value, view.currency) in each.text
        number = each.text.split()[0].replace(MINUS, "-")
        assert parse_decimal(number, locale=locale) == value


def test_a_pdf_says_the_sums_of_its_period(documents: Documents) -> None:
    wording, view = load_wording(documents.language), documents.view
    for period in view.periods[:2]:
        path = f"statements/{view.slug}-statement-{period.name}.pdf"
        text = " ".join(read_pdf(documents.files[path].content).split())
        sums = sum_movements(period.statement.movements)
        closing = " ".join(wording.minutes(period.statement.closing_minutes).split())
        totals = [each for each in (sums.value, sums.signed_amount) if each is not None]
        said = [wording.amount(each, view.currency) for each in totals]
        assert " ".join((wording.text("document.closing_sums"), closing, *said)) in text
        heads = ("movements", "head_date")
        start = " ".join(wording.text(f"document.{name}") for name in heads)
        table = text[text.index(start) :]
        for each in period.statement.movements:
            if each.value:
                minutes = (
                    wording.signed_minutes(each.minutes),
                    wording.minutes(each.balance_minutes),
                )
                row = " ".join((*minutes, wording.amount(each.value, view.currency)))
                assert " ".join(row.split()) in table


def test_the_sample_says_what_its_customers_paid_and_used(sample_portals: Path) -> None:
    """Worked examples, figure by figure; technical support and goodwill at the list price."""
    for path, words in (
        ("acme/index.html", "of 10h on 2 cards, worth 1,100.00 USD"),
        ("acme/index.html", "Left in money 1,100.00 USD"),
        ("acme/index.html", "17h 15m · 3,450.00 USD"),
        ("acme/index.html", "Not charged: 1h, worth 200.00 USD."),
        ("acme/punchcards.html", "1,000.00 USD a punchcard, 200.00 USD an hour"),
        ("acme/punchcards.html", "30m of 5h left, 100.00 USD"),
        (
            "acme/statement.html",
            "INV-2026-163 , 6 Jul 2026 19h 30m of 25h 3,900.00 of 5,000.00 USD",
        ),
        ("acme/statement.html", "Bought or given 0m Charged 1h 30m 300.00 USD"),
        ("acme/requests/ACME-12.html", "Cost 550.00 USD"),
        ("acme/requests/ACME-12.html", "15m, not charged, worth 50.00 USD"),
        ("politechnika-nadmorska/punchcards.html", "Worth 190.00 EUR"),
        ("politechnika-nadmorska/statement.html", "3h 432.00 EUR"),
    ):
        assert words in read_words(sample_portals / path), path


def read_words(file: Path) -> str:
    return " ".join(re.sub("<[^>]+>", " ", file.read_text(encoding="utf-8")).split())


def test_a_finished_month_is_what_the_command_writes(
    punchcard: RunPunchcard, tmp_path: Path
) -> None:
    """To the byte, as JSON and as PDF; and what came is genuine."""
    ledger = WrittenLedger(tmp_path / "ledger")
    build_all(ledger.root, tmp_path / "site", as_of=date(2026, 12, 1), revision="HEAD")
    folder = tmp_path / "site/acme/statements"
    assert [each.name for each in sorted(folder.glob("*.pdf"))] == ["acme-statement-2026-11.pdf"]
    command = ("statement", "acme", "--rev", "HEAD", "--as-of", "2026-12-01", "--month", "2026-11")
    for kind in ("json", "pdf"):
        file = folder / f"acme-statement-2026-11.{kind}"
        written = tmp_path / f"written.{kind}"
        ran = punchcard(ledger.root, *command, "--format", kind, "--output", written)
        assert ran.status == 0, ran.stderr
        assert file.read_bytes() == written.read_bytes()
    ran = punchcard(ledger.root, "verify", folder / "acme-statement-2026-11.json")
    assert ran.stdout.startswith("genuine: acme, ")


@pytest.fixture(scope="module")
def with_and_without(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """The portal of one customer with money, and without."""
    root, portals = tmp_path_factory.mktemp("money"), {}
    terms = ORGANIZATION["terms.yml"].replace("1000.00", "3141.59")
    files = make_customer("acme", "ACME", "Zephyrine")
    files["acme/purchases.yml"] = """\
        - {id: P1, date: 2026-01-12, punchcards: 2, amount: 2718.28, invoice: INV-1,
           price_note: 2718.28 instead of 6283.18}
        """
    for shown in (True, False):
        flag = f"{ORGANIZATION['provider.yml']}shows_money: {str(shown).lower()}\n"
        own = {**ORGANIZATION, "provider.yml": flag, "terms.yml": terms}
        folder = write_ledger(root / str(shown) / "customers", own, files)
        build_all(folder, root / str(shown) / "site")
        portals[shown] = root / str(shown) / "site/acme"
    return portals


def read_portal(portal: Path) -> dict[str, str]:
    return {
        path: read_pdf(content) if path.endswith(".pdf") else content.decode()
        for path, content in read_all_files(portal).items()
        if not path.startswith("assets/")
    }


def test_a_portal_without_money_has_no_amount(with_and_without: dict[bool, Path]) -> None:
    """Neither on a page nor in anything that is downloaded; all else is there."""
    shown, hidden = (read_portal(with_and_without[flag]) for flag in (True, False))
    assert hidden.keys() == shown.keys()
    amounts = {
        each.attributes["value"]
        for _path, page in built_pages.list_pages(with_and_without[True])
        for each in page.elements
        if "data-currency" in each.attributes
    }
    amounts = {amount for amount in amounts if Decimal(amount)}
    amounts |= {f"{Decimal(amount):,}" for amount in amounts}
    amounts |= {"3141.59", "3,141.59", "628.32", "6283.18", "100.00"}
    assert len(amounts) > 15
    everything = "\n".join(shown.values())
    assert {amount for amount in amounts if amount not in everything} == set()
    for path, text in hidden.items():
        assert [amount for amount in amounts if amount in text] == [], path
        if path.endswith((".html", ".pdf")):
            assert "USD" not in text, path
            assert "data-currency" not in text, path
    assert "Sorry Zephyrine" in hidden["statement.html"]
    assert "1h 15m of 10h" in hidden["statement.html"]


def test_a_statement_without_money_can_be_verified(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ledger = WrittenLedger(tmp_path / "ledger")
    ledger.replace("customers/provider.yml", "published_on:", "shows_money: false\npublished_on:")
    ledger.commit()
    build_all(ledger.root, tmp_path / "site", as_of=date.fromisoformat(AS_OF), revision="HEAD")
    file = tmp_path / "site/acme/statement.json"
    answer = json.loads(file.read_bytes())
    assert {"amount", "value", "signed_amount"}.isdisjoint(answer["movements"][0])
    ran = punchcard(ledger.root, "verify", file)
    assert (ran.status, ran.stderr) == (0, "")
    assert ran.stdout.startswith("genuine: acme, ")
    answer["movements"][0]["minutes"] += 15
    file.write_text(json.dumps(answer), encoding="utf-8")
    assert punchcard(ledger.root, "verify", file).status == 1


@pytest.mark.parametrize("slug", ["acme", "politechnika-nadmorska"])
def test_a_view_without_money_holds_none(slug: str) -> None:
    with open_ledger(SAMPLE_LEDGER) as ledger:
        provider = ledger.organization.provider
        assert provider is not None
        assert view_portal(ledger, slug, SAMPLE_DAY).balance.value_remaining
        ledger.organization.provider = provider.model_copy(update={"shows_money": False})
        view = view_portal(ledger, slug, SAMPLE_DAY)
    assert not view.balance.value_remaining
    assert not any(view.usages[""][5:])
    assert (view.worths, view.support_worth, view.terms.price) == ({}, None, {})
    assert not [each for each in view.statement.movements if each.amount or each.value]
    assert {request.cost for request in view.requests} == {None}


def test_work_that_no_card_covers_says_so(tmp_path: Path) -> None:
    files = make_customer("acme", "ACME", "Zephyrine")
    files["acme/purchases.yml"] = "- {id: P1, date: 2026-01-12, punchcards: 1, amount: 1000.00}\n"
    files["acme/adjustments.yml"] = ""
    files["acme/time/2026-02-alice.yml"] = """\
        - {id: 03-1, date: 2026-02-03, request: ACME-1, minutes: 390, note: A long day}
        """
    folder = write_ledger(tmp_path / "customers", ORGANIZATION, files)
    build_all(folder, tmp_path / "site")
    words = read_words(tmp_path / "site/acme/requests/ACME-1.html")
    assert "Cost 1,000.00 USD so far; 1h 30m are not covered by a punchcard yet" in words
