"""The provider's internal overview: its figures, its order, and that it keeps to itself."""

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import LedgerError
from ledger.ledger import open_ledger
from ledger.models import Purchase
from site_builder.output import OVERVIEW_NAME
from site_builder.overview.internal_site import (
    build_overview,
    collect_overview,
    find_usual_order,
)
from tests.conftest import SAMPLE_AS_OF, RunPunchcard, commit_all, start_repository
from tests.site_builder.built_pages import Page, list_pages, read_all_files, read_page
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER, build_all
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger
from tests.site_builder.test_figures import MINUTES

FIGURES = MINUTES[:-1]  # all but the balance
GROUPS = [(0, 7), (7, 28), (28, 91), (91, 9999)]
"""Of open requests, by days."""


@pytest.fixture(scope="module")
def overview() -> dict[str, Any]:
    """The overview of the sample ledger, as data."""
    with open_ledger(SAMPLE_LEDGER) as ledger:
        return collect_overview(ledger, SAMPLE_DAY)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The overview of the sample ledger, as pages."""
    output = tmp_path_factory.mktemp("overview") / "overview"
    with open_ledger(SAMPLE_LEDGER) as ledger:
        build_overview(ledger, output, SAMPLE_DAY)
    return output


@pytest.fixture
def in_debt(tmp_path: Path) -> Path:
    """A ledger of two customers: one is overdrawn, one has bought nothing."""
    nothing = {"idle/customer.yml": "{name: Idle, key: IDL, currency: USD}\n"}
    debtor = make_customer("debtor", "DEB", "Zephyrine")
    debtor["debtor/time/2026-02-alice.yml"] = """\
        - {id: 03-1, date: 2026-02-03, request: DEB-1, minutes: 720, note: A long day}
        """
    debtor["debtor/adjustments.yml"] = "[]\n"
    debtor["debtor/requests/DEB-1.yml"] = """\
        title: Long work
        category: product-configuration
        opened: 2026-02-02
        opened_by: Zephyrine@customer.example
        channel: punchcard
        """
    del debtor["debtor/time/2026-04-alice.yml"]
    return write_ledger(tmp_path / "root" / "customers", ORGANIZATION, debtor, nothing)


def read_balances(punchcard: RunPunchcard) -> dict[str, Any]:
    ran = punchcard(SAMPLE_LEDGER.parent, "balance", "--as-of", SAMPLE_AS_OF, "--format", "json")
    return {each["customer"]: each for each in json.loads(ran.stdout)}


def test_every_figure_is_that_of_balance(punchcard: RunPunchcard, built: Path) -> None:
    """Of each customer, closed portals included, and their sums."""
    balances = read_balances(punchcard)
    page = read_page(built / "customers.html")
    shown = read_figures(page)
    assert list(shown) == [*balances, ""]
    for slug, balance in balances.items():
        assert shown[slug] == {name: balance[name] for name in FIGURES}
    sums = {name: sum(each[name] for each in balances.values()) for name in FIGURES}
    assert shown[""] == sums
    overview = read_page(built / "index.html")
    for name in ("remaining_minutes", "overdrawn_minutes"):
        *_, element = overview.find("data", data_figure=name)
        assert int(element.attributes["value"]) == sums[name]


@pytest.mark.parametrize("by", ["customer", "month"])
def test_the_money_of_twelve_months_is_that_of_revenue_and_adds_up(
    punchcard: RunPunchcard, built: Path, by: str
) -> None:
    names = ["billed", "recognised", "breakage", "value_refunded", "closing_deferred"]
    ran = punchcard(
        SAMPLE_LEDGER.parent, "revenue", "--from", "2025-12-01", "--as-of", SAMPLE_AS_OF,
        "--by", by, "--format", "json",
    )  # fmt: skip
    lines = json.loads(ran.stdout)
    shown = read_figures(read_page(built / "money.html"), Decimal)
    assert lines
    for line in lines:
        row = shown[f"{line['currency']} {line['customer'] or line['period']}"]
        assert row == {name: Decimal(line[name]) for name in names}
    for currency in ("EUR", "USD"):
        own = [row for name, row in shown.items() if re.match(f"{currency} [^2]", name)]
        months = [row for name, row in shown.items() if name.startswith(f"{currency} 2")]
        for name in names:
            total = shown[f"{currency} "][name]
            assert sum(row[name] for row in own) == total
            by_month = [row[name] for row in months]
            assert total == (by_month[-1] if name == "closing_deferred" else sum(by_month))
            assert len(by_month) == 12


def test_the_first_page_says_what_this_month_brought(built: Path) -> None:
    page, money = (read_page(built / f"{name}.html") for name in ("index", "money"))
    shown = read_figures(money, Decimal)
    cells = page.find("data", data_figure="billed")
    figures = [Decimal(each.attributes["value"]) for each in cells]
    assert len(page.find("tr", data_currency="USD")) == 1
    assert figures[2:] == [shown["USD 2026-11"]["billed"], shown["USD "]["billed"]]


@pytest.mark.parametrize(
    ("bought", "usual"),
    [([], None), ([2], 2), ([3, 1], 1), ([5, 1, 5, 1, 1, 5], 5), ([4, 2, 4, 1], 4)],
)
def test_the_usual_order_is_the_commonest_and_of_two_the_latest(
    bought: list[int], usual: int | None
) -> None:
    purchases = [
        Purchase.model_validate(
            {"id": f"P{day}", "date": f"2026-05-{day:02}", "punchcards": f"{n}", "amount": "1"}
        )
        for day, n in enumerate([*bought, 9, 9, 9], start=1)
    ]
    shown = list(reversed(purchases))  # The order in a file means nothing.
    assert find_usual_order(shown, date(2026, 4, 30) + timedelta(days=len(bought))) == usual


def read_figures(page: Page, read: Callable[[str], Any] = int) -> dict[str, dict[str, Any]]:
    """Return the figures of each row by its customer; those of the sums by an empty name.

    Where there are currencies, each begins the names of its rows.
    """
    rows: dict[str, dict[str, Any]] = {}
    currency = ""
    slug: str | None = None
    for element in page.elements:
        if element.attributes.get("id", "").startswith("money-"):
            currency = element.attributes["id"].removeprefix("money-") + " "
        if "data-customer" in element.attributes or "data-sums" in element.attributes:
            slug = currency + element.attributes.get("data-customer", "")
        elif slug is not None and "data-figure" in element.attributes:
            name = element.attributes["data-figure"]
            rows.setdefault(slug, {})[name] = read(element.attributes["value"])
    return rows


def test_work_adds_up_to_what_was_used(punchcard: RunPunchcard, overview: dict[str, Any]) -> None:
    """All charged time is what cards paid for and what is overdrawn; people share all of it."""
    balances = read_balances(punchcard).values()
    used = sum(each["used_minutes"] + each["overdrawn_minutes"] for each in balances)
    assert overview["all_charged_minutes"] == used
    assert (
        sum(work.charged_minutes for _, work in overview["consultants"])
        == overview["hours"].charged_minutes
    )
    assert (
        sum(work.free_minutes for _, work in overview["consultants"])
        == overview["hours"].free_minutes
    )
    assert 0 < overview["hours"].charged_minutes < used
    assert min(overview["hours"].months) >= overview["first_month"] == date(2025, 12, 1)


def test_the_work_of_each_month_is_that_of_the_statements(
    punchcard: RunPunchcard, overview: dict[str, Any]
) -> None:
    months: Counter[str] = Counter()
    for slug in read_balances(punchcard):
        ran = punchcard(
            SAMPLE_LEDGER.parent, "statement", slug, "--as-of", SAMPLE_AS_OF, "--format", "json"
        )
        for movement in json.loads(ran.stdout)["movements"]:
            if movement["category"] not in {None, "technical-support"}:
                months[movement["date"][:7]] += movement["worked_minutes"]
    hours = overview["hours"]
    assert {f"{month:%Y-%m}": hours.sum_month(month) for month in hours.months} == {
        month: minutes for month, minutes in months.items() if month >= "2025-12"
    }


def test_endings_are_those_of_expiries(punchcard: RunPunchcard, overview: dict[str, Any]) -> None:
    ran = punchcard(SAMPLE_LEDGER.parent, "expiries", "--as-of", SAMPLE_AS_OF, "--format", "json")
    said = [(each["last_day"], each["kind"]) for each in json.loads(ran.stdout)]
    shown = [(f"{each.last_day}", each.kind) for each in overview["endings"]]
    assert sorted(shown) == sorted(said)
    assert [day for day, _ in shown] == sorted(day for day, _ in shown)


def test_open_requests_are_those_that_somebody_has_to_do_something_about(
    punchcard: RunPunchcard, overview: dict[str, Any], built: Path
) -> None:
    open_ones = set()
    for slug in read_balances(punchcard):
        ran = punchcard(
            SAMPLE_LEDGER.parent, "request", "list", slug, "--as-of", SAMPLE_AS_OF,
            "--format", "json",
        )  # fmt: skip
        open_ones |= {
            each["id"]
            for each in json.loads(ran.stdout)
            if each["status"] not in {"resolved", "closed"}
        }
    assert {each.request.id for each in overview["requests"]} == open_ones
    ages = [each.days_open for each in overview["requests"]]
    assert ages == sorted(ages, reverse=True)
    shown = read_page(built / "requests.html").find("data")[: len(GROUPS)]
    assert [int(each.text) for each in shown] == [
        sum(first <= days < after for days in ages) for first, after in GROUPS
    ]


def test_what_needs_no_attention_is_not_said_to(in_debt: Path) -> None:
    """A request that went to support, and an account on the day on which it was removed."""
    for name, old, new in (
        ("requests/DEB-1.yml", "channel: punchcard", "channel: support"),
        ("accounts.yml", "name: Person", "removed: 2026-02-03\n  name: Person"),
    ):
        file = in_debt / "debtor" / name
        file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with open_ledger(in_debt) as ledger:
        overview = collect_overview(ledger, date(2026, 2, 3))
    assert [each.kind for each in overview["endings"]] == ["licence"]
    assert [each.request.turn for each in overview["requests"]] == ["support"]


def test_every_page_says_that_it_is_internal(built: Path) -> None:
    """In words at its top, and to search engines."""
    pages = dict(list_pages(built))
    assert set(pages) == {
        "customers.html", "dates.html", "index.html", "money.html", "requests.html", "search.html",
        "work.html",
    }  # fmt: skip
    for path, page in pages.items():
        (mark,) = page.find("p", **{"class": "internal-mark"})
        assert mark.text.startswith("Internal."), path
        (robots,) = page.find("meta", name="robots")
        assert robots.attributes["content"].startswith("noindex"), path


def test_an_overview_takes_the_place_of_the_last_one(in_debt: Path, tmp_path: Path) -> None:
    """Who is overdrawn comes first, and who has bought nothing needs no word."""
    output = tmp_path / "overview"
    for day in (date(2026, 2, 10), SAMPLE_DAY):
        with open_ledger(in_debt) as ledger:
            page = read_page(build_overview(ledger, output, day))
    mark = json.loads((output / OVERVIEW_NAME).read_text(encoding="utf-8"))
    assert (mark["as_of"], mark["internal"]) == (SAMPLE_DAY.isoformat(), True)
    assert "default-src 'none'" in mark["content_security_policy"]
    (count,) = page.find("span", data_count="overdrawn")
    assert count.text == "1"
    (balance,) = page.find("data", data_figure="balance_minutes")
    assert int(balance.attributes["value"]) == 600 - 720
    assert page.find("tr", data_customer="debtor")
    assert not page.find("tr", data_customer="idle")


@pytest.mark.parametrize("place", [".", "inner", "first/inner", "assets/inner", ".."])
def test_overview_and_portals_are_kept_apart(
    place: str, two_customers: Path, tmp_path: Path
) -> None:
    """Neither is put into the other's folder, nor into one below it, nor around it."""
    portals, overview = tmp_path / "web" / "site", tmp_path / "inside" / "overview"
    build_all(two_customers, portals)
    with open_ledger(two_customers) as ledger:
        build_overview(ledger, overview, SAMPLE_DAY)
        before = read_all_files(tmp_path)
        with pytest.raises(LedgerError, match="holds customers' portals"):
            build_overview(ledger, portals / place, SAMPLE_DAY)
    with pytest.raises(LedgerError, match="holds the internal overview"):
        build_all(two_customers, overview / place)
    assert read_all_files(tmp_path) == before


def test_a_folder_of_somebody_else_is_left_as_it_is(two_customers: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine", encoding="utf-8")
    with open_ledger(two_customers) as ledger, pytest.raises(LedgerError, match="neither empty"):
        build_overview(ledger, tmp_path, SAMPLE_DAY)
    assert set(read_all_files(tmp_path)) == {"notes.txt"}


def test_the_command_has_a_folder_of_its_own(punchcard: RunPunchcard, in_debt: Path) -> None:
    """Beside the portals', in the work tree; the word for it is its own option."""
    root = commit_all(start_repository(in_debt.parent))
    ran = punchcard(root, "portal", "build", "--overview", "--as-of", SAMPLE_AS_OF, "--rev", "main")
    assert (ran.status, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        f"built the internal overview in overview, as of {SAMPLE_AS_OF}",
        "open overview/index.html",
    ]
    assert not (root / "site").exists()
    ran = punchcard(root, "portal", "build", "--overview", "debtor")
    assert ran.status == 2
    assert "name none" in ran.stderr


def test_a_ledger_with_errors_makes_no_overview(
    punchcard: RunPunchcard, in_debt: Path, tmp_path: Path
) -> None:
    (in_debt / "idle" / "accounts.yml").write_text("- {email: x\n", encoding="utf-8")
    ran = punchcard(tmp_path, "--ledger", in_debt, "portal", "build", "--overview", "--output", "o")
    assert ran.status == 1
    assert "accounts.yml:" in ran.stderr
    assert not (tmp_path / "o").exists()
