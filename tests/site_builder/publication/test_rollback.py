"""``portal rollback``: an earlier publication is seen again, whole, or nothing changes."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from site_builder.publish.publish import roll_back as roll_back_on
from tests.conftest import write_files
from tests.site_builder.publication.conftest import Publish, RollBack, Week
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    SECOND_WEEK,
    THIRD_WEEK,
)


@pytest.fixture
def two_weeks(first_week: Week, publish: Publish) -> Week:
    """Two publications; something happened between them."""
    first_week.ledger.log("first", "New this week")
    first_week.ledger.commit()
    assert publish(SECOND_WEEK).status == 0
    return first_week


def test_back_to_the_one_before_and_forth_again(
    first_week: Week, publish: Publish, roll_back: RollBack
) -> None:
    ledger, first = first_week.ledger, first_week.ledger.read_all()
    ledger.log("first", "New this week")
    ledger.commit()
    publish(SECOND_WEEK)
    second = ledger.read_all()
    ran = roll_back()
    assert ran.status == 0, ran.stderr
    assert f"as of {FIRST_WEEK}, published/{FIRST_WEEK}: 2 published" in ran.stdout
    assert ledger.read_all() == first
    assert ledger.manifest["publication"]["tag"] == f"published/{FIRST_WEEK}"
    assert {each["as_of"] for each in ledger.manifest["portals"].values()} == {FIRST_WEEK}
    assert roll_back("--to", SECOND_WEEK).status == 0
    assert ledger.read_all() == second
    assert ledger.tags == [f"published/{FIRST_WEEK}", f"published/{SECOND_WEEK}"]


def test_after_going_back_the_next_publication_goes_on_from_there(
    two_weeks: Week, publish: Publish, roll_back: RollBack
) -> None:
    ledger = two_weeks.ledger
    first = json.loads(roll_back("--format", "json").stdout)
    before = ledger.read_all()
    assert publish("2026-11-20").status == 2  # the day of the second week was published
    assert publish(THIRD_WEEK).status == 0
    ledger.require_tidy()
    ran = roll_back()
    assert ran.status == 0
    assert ledger.read_all() == before
    assert first["tag"] == f"published/{FIRST_WEEK}"


def test_a_publication_that_is_not_kept_is_refused_with_those_that_are(
    two_weeks: Week, publish: Publish, roll_back: RollBack
) -> None:
    publish(THIRD_WEEK, "--keep", "2")
    ran = roll_back("--to", f"published/{FIRST_WEEK}")
    assert ran.status == 2
    assert "is not kept any more" in ran.stderr
    assert f"kept are: published/{SECOND_WEEK}" in ran.stderr


def test_there_is_nothing_before_the_first(
    first_week: Week, roll_back: RollBack, elsewhere: Path
) -> None:
    ran = roll_back()
    assert (ran.status, "no publication to go back to" in ran.stderr) == (2, True)
    ran = roll_back("--in", elsewhere)
    assert (ran.status, "nothing was published into" in ran.stderr) == (2, True)
    assert list(elsewhere.iterdir()) == []


def test_a_damaged_generation_is_not_shown_again(two_weeks: Week, roll_back: RollBack) -> None:
    ledger, before = two_weeks.ledger, two_weeks.ledger.read_all()
    old = ledger.list_generations("second")[0]
    page = ledger.folder / ".generations" / "second" / old / "index.html"
    page.write_bytes(page.read_bytes().replace(b"Quillfeather", b"Somebody"))
    ran = roll_back()
    assert ran.status == 2
    assert "of second is damaged, so nothing is changed" in ran.stderr
    assert ledger.read_all() == before


def test_a_portal_whose_last_day_has_passed_is_not_brought_back(
    first_week: Week, publish: Publish
) -> None:
    ledger = first_week.ledger
    used = (
        "- {id: 02-1, date: 2026-06-02, request: ONE-1, category: system-access, minutes: 555, "
        "note: Waited for the VPN.}\n"
    )
    write_files(ledger.root / "customers", {"first/time/2026-06-alice.yml": used})
    ledger.commit()
    assert publish("2027-06-02").status == 0
    assert publish("2027-06-03").status == 0
    assert not (ledger.folder / "first").exists()
    report = roll_back_on(ledger.folder, None, today=date(2027, 6, 3))
    assert not (ledger.folder / "first").exists()
    assert (ledger.folder / "second").exists()
    assert [each.reason for each in report.customers] == ["closed after 2027-06-02", ""]
    roll_back_on(ledger.folder, "2027-06-02", today=date(2027, 6, 2))
