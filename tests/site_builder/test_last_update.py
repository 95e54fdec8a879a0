"""What a portal says came in since the last update: by what was published, not by dates alone."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger.history.publications import make_publication
from ledger.ledger import open_ledger
from ledger.wording import load_wording
from site_builder.build import build_portals
from site_builder.make_view import view_portal
from site_builder.pages.news import list_news
from site_builder.view import PortalView
from tests.conftest import commit_all, start_repository
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

MONDAY = date(2026, 2, 9)
NEXT_MONDAY = date(2026, 2, 16)
LATE_ENTRY = "- {id: 05-1, date: 2026-02-05, request: ONE-1, minutes: 30, note: Late}\n"
NEW_ENTRY = "- {id: 12-1, date: 2026-02-12, request: ONE-1, minutes: 15, note: New}\n"
LATE_EVENT = "  - {date: 2026-02-06, by: alice, status: waiting-for-customer}\n"
LATE_PURCHASE = "- {id: P2, date: 2026-02-08, punchcards: 1, amount: 1000.00}\n"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = start_repository(tmp_path / "repository")
    customers = (make_customer("first", "ONE", "Zephyrine"), make_customer("second", "TWO", "Odo"))
    write_ledger(root / "customers", ORGANIZATION, *customers)
    commit_all(root)
    return root


def publish(root: Path, as_of: date, held_back: Iterable[str] = ()) -> None:
    with open_ledger(start=root, revision="HEAD") as ledger:
        assert ledger.repository is not None
        assert ledger.revision is not None
        make_publication(
            ledger.repository, ledger.revision, as_of, "sha256:0", {"x": "1"}, held_back
        )


def record(root: Path, file: str, text: str) -> None:
    path = root / "customers" / file
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")
    commit_all(root)


def view(root: Path, as_of: date, slug: str = "first", revision: str | None = None) -> PortalView:
    with open_ledger(start=root, revision=revision) as ledger:
        return view_portal(ledger, slug, as_of)


def list_lines(found: PortalView) -> list[tuple[str, str]]:
    return [(line.reference, line.facts) for line in list_news(found, load_wording())]


@pytest.mark.parametrize("revision", [None, "HEAD"])
def test_what_came_in_late_is_news_whatever_its_date(
    repository: Path, revision: str | None
) -> None:
    publish(repository, MONDAY)
    record(repository, "first/time/2026-02-alice.yml", LATE_ENTRY + NEW_ENTRY)
    record(repository, "first/purchases.yml", LATE_PURCHASE)
    found = view(repository, NEXT_MONDAY, revision=revision)
    assert (found.has_last_update, found.last_update.day) == (True, MONDAY)
    assert list_lines(found) == [
        ("ONE-1", "45m charged, recorded late"),
        ("P2", "+5h, recorded late"),
    ]


def test_a_late_event_is_told_from_those_that_were_there(repository: Path) -> None:
    publish(repository, MONDAY)
    path = repository / "customers/first/requests/ONE-1.yml"
    start, move, end = path.read_text(encoding="utf-8").partition("  - date: 2026-04-01")
    path.write_text(start + LATE_EVENT + move + end, encoding="utf-8")
    commit_all(repository)
    assert list_lines(view(repository, NEXT_MONDAY)) == [
        ("ONE-1", "Status: Waiting for you, recorded late")
    ]


def test_what_was_published_is_no_news_and_nobody_else_has_any(repository: Path) -> None:
    publish(repository, MONDAY)
    record(repository, "second/time/2026-02-alice.yml", LATE_ENTRY.replace("ONE", "TWO"))
    assert list_lines(view(repository, NEXT_MONDAY)) == []
    assert list_lines(view(repository, NEXT_MONDAY, "second")) != []


def test_without_a_publication_before_it_is_the_last_seven_days(repository: Path) -> None:
    publish(repository, NEXT_MONDAY)
    found = view(repository, NEXT_MONDAY)
    assert (found.has_last_update, found.last_update.day) == (False, MONDAY)


def test_who_was_held_back_hears_what_came_in_since_the_one_before(repository: Path) -> None:
    publish(repository, MONDAY)
    record(repository, "first/time/2026-02-alice.yml", LATE_ENTRY)
    publish(repository, date(2026, 2, 14), held_back=["first"])
    held_back, other = (view(repository, NEXT_MONDAY, slug) for slug in ("first", "second"))
    assert held_back.last_update.day == MONDAY
    assert list_lines(held_back) != []
    assert other.last_update.day == date(2026, 2, 14)


@pytest.mark.parametrize("moved", [("customers", "moved"), ("customers/first", "customers/third")])
def test_who_was_not_there_has_no_last_update(moved: tuple[str, str], repository: Path) -> None:
    """The customer, or the whole ledger in that folder."""
    publish(repository, MONDAY)
    old, new = (repository / name for name in moved)
    old.rename(new)
    commit_all(repository)
    folder = new if new.parent == repository else new.parent
    with open_ledger(folder) as ledger:
        slug = "third" if "third" in ledger.slugs else "first"
        assert not view_portal(ledger, slug, NEXT_MONDAY).has_last_update


def test_a_publication_in_between_makes_the_page_anew(repository: Path, tmp_path: Path) -> None:
    """Although the portal of an earlier build has the same files, day and commit."""

    def build(output: Path) -> dict[str, bytes]:
        with open_ledger(start=repository, revision="HEAD") as ledger:
            build_portals(ledger, output, NEXT_MONDAY)
        return read_all_files(output)

    before = build(tmp_path / "site")
    assert b"In the last seven days" in before["first/index.html"]
    publish(repository, MONDAY)
    after = build(tmp_path / "site")
    assert b"Since the update of " in after["first/index.html"]
    assert after == build(tmp_path / "anew")


@pytest.mark.parametrize("revision", [None, "HEAD"])
def test_week_after_week_what_is_kept_makes_the_same_pages(
    revision: str | None, repository: Path, tmp_path: Path
) -> None:
    """Each week another commit and publication; late records, and somebody who was held back."""
    day = MONDAY
    late = {1: ("first", "ONE", "05"), 3: ("second", "TWO", "06"), 4: ("first", "ONE", "07")}
    for week in range(6):
        if week in late:
            slug, key, number = late[week]
            text = LATE_ENTRY.replace("ONE", key).replace("05", number)
            record(repository, f"{slug}/time/2026-02-alice.yml", text)
        outputs = tmp_path / "site", tmp_path / f"anew-{week}"
        for output in outputs:
            with open_ledger(start=repository, revision=revision) as ledger:
                build_portals(ledger, output, day)
        assert read_all_files(outputs[0]) == read_all_files(outputs[1]), week
        publish(repository, day, held_back=["second"] if week == 3 else ())
        day += timedelta(days=7)
