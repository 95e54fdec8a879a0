"""``portal rollback``: an earlier publication is seen again, whole, or nothing changes."""

import json
from datetime import date
from pathlib import Path

import pytest

from site_builder.publish.publish import roll_back as roll_back_on
from tests.conftest import write_files
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    SECOND_WEEK,
    THIRD_WEEK,
    USED_UP,
    PublishedLedger,
)


@pytest.fixture
def two_weeks(published: PublishedLedger) -> PublishedLedger:
    """Two publications; something happened between them."""
    published.change()
    assert published.publish(SECOND_WEEK).status == 0
    return published


def test_back_to_the_one_before_and_forth_again(published: PublishedLedger) -> None:
    first = published.read_all()
    published.change()
    ran = published.publish(SECOND_WEEK)
    assert f"published/{SECOND_WEEK}: 2 published" in ran.stdout
    second = published.read_all()
    assert second != first
    ran = published.roll_back()
    assert ran.status == 0, ran.stderr
    assert f"as of {FIRST_WEEK}, published/{FIRST_WEEK}: 2 published" in ran.stdout
    assert published.read_all() == first
    assert published.manifest["publication"]["tag"] == f"published/{FIRST_WEEK}"
    assert {each["as_of"] for each in published.manifest["portals"].values()} == {FIRST_WEEK}
    assert published.roll_back("--to", SECOND_WEEK).status == 0
    assert published.read_all() == second
    assert published.tags == [f"published/{FIRST_WEEK}", f"published/{SECOND_WEEK}"]


def test_after_going_back_the_next_publication_goes_on_from_there(
    two_weeks: PublishedLedger,
) -> None:
    first = json.loads(two_weeks.roll_back("--format", "json").stdout)
    assert first["tag"] == f"published/{FIRST_WEEK}"
    before = two_weeks.read_all()
    two_weeks.refuse("2026-11-20", said="rollback")  # the day of the second week was published
    assert two_weeks.publish(THIRD_WEEK).status == 0
    two_weeks.require_tidy()
    assert two_weeks.roll_back().status == 0
    assert two_weeks.read_all() == before


def test_a_publication_that_is_not_kept_is_refused_with_those_that_are(
    two_weeks: PublishedLedger,
) -> None:
    two_weeks.publish(THIRD_WEEK, "--keep", "2")
    two_weeks.roll_back("--to", f"published/{FIRST_WEEK}").refused(
        "is not kept any more", f"kept are: published/{SECOND_WEEK}"
    )


def test_there_is_nothing_before_the_first(published: PublishedLedger, elsewhere: Path) -> None:
    published.roll_back().refused("no publication to go back to")
    published.roll_back("--in", elsewhere).refused("nothing was published into")
    assert list(elsewhere.iterdir()) == []


def test_a_damaged_generation_is_not_shown_again(two_weeks: PublishedLedger) -> None:
    before = two_weeks.read_all()
    old = two_weeks.list_generations("second")[0]
    page = two_weeks.folder / ".generations" / "second" / old / "index.html"
    page.write_bytes(page.read_bytes().replace(b"Quillfeather", b"Somebody"))
    two_weeks.roll_back().refused("of second is damaged, so nothing is changed")
    assert two_weeks.read_all() == before


def test_a_portal_whose_last_day_has_passed_is_taken_down_and_not_brought_back(
    published: PublishedLedger,
) -> None:
    write_files(published.root / "customers", USED_UP)
    published.commit()
    for day, effect in (("01", "published"), ("02", "published"), ("03", "taken-down")):
        assert published.find_effects(f"2027-06-{day}")["first"][0] == effect
        assert (published.folder / "first").exists() == (effect == "published")
        assert ("first" in published.manifest["portals"]) == (effect == "published")
    report = roll_back_on(published.folder, None, today=date(2027, 6, 3))
    assert not (published.folder / "first").exists()
    assert (published.folder / "second").exists()
    assert [each.reason for each in report.customers] == ["closed after 2027-06-02", ""]
    roll_back_on(published.folder, "2027-06-02", today=date(2027, 6, 2))
