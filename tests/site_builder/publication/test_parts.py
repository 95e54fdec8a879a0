"""Portals that were built in parts, on several machines, are published as if built here."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.site_builder.publication.conftest import Publish, Week
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    SECOND_WEEK,
    PublishedLedger,
)

TAG = f"published/{FIRST_WEEK}"


@pytest.fixture
def parts(ledger: PublishedLedger, elsewhere: Path, punchcard: RunPunchcard) -> list[Path]:
    """Three parts of the first week."""
    folders = [elsewhere / f"part-{number}" for number in (1, 2, 3)]
    for number, folder in enumerate(folders, start=1):
        line = ("--output", folder, "--rev", "HEAD", "--as-of", FIRST_WEEK)
        ran = punchcard(ledger.root, "portal", "build", "--shard", f"{number}/3", *line)
        assert ran.status == 0, ran.stderr
    return folders


def list_options(parts: list[Path]) -> list[object]:
    return [word for folder in parts for word in ("--from-parts", folder)]


def test_parts_are_published_as_if_they_were_built_here(
    ledger: PublishedLedger,
    publish: Publish,
    parts: list[Path],
    punchcard: RunPunchcard,
    elsewhere: Path,
) -> None:
    ran = punchcard(ledger.root, "portal", "publish", "--to", ledger.folder, *list_options(parts))
    assert ran.status == 0, ran.stderr
    assert ledger.tags == [f"published/{FIRST_WEEK}"]
    ledger.require_whole()
    ledger.require_tidy()
    from_parts, policies = ledger.read_all(), ledger.manifest["portals"]
    ledger.folder = elsewhere / "built-here"
    assert publish(FIRST_WEEK, "--no-tag").status == 0
    assert ledger.read_all() == from_parts
    assert ledger.manifest["portals"] == policies


def test_parts_that_make_no_whole_are_refused(
    ledger: PublishedLedger, publish: Publish, parts: list[Path]
) -> None:
    ran = publish(FIRST_WEEK, *list_options(parts[:2]))
    assert (ran.status, "the folders have no portal of" in ran.stderr) == (2, True)
    assert ledger.list_portals() == []


def test_parts_of_another_commit_or_day_are_refused(
    ledger: PublishedLedger, publish: Publish, parts: list[Path]
) -> None:
    ran = publish(SECOND_WEEK, *list_options(parts))
    assert (ran.status, "of another day" in ran.stderr) == (2, True)
    ledger.log("first", "Since then")
    ledger.commit()
    ran = publish(FIRST_WEEK, *list_options(parts))
    assert (ran.status, "of another commit" in ran.stderr) == (2, True)
    assert ledger.list_portals() == []


def test_parts_of_a_checkout_without_tags_are_refused(
    first_week: Week, publish: Publish, punchcard: RunPunchcard, elsewhere: Path
) -> None:
    """They would say what came in within seven days instead of since the publication before."""
    ledger = first_week.ledger
    ledger.log("first", "Since then")
    ledger.commit()
    git(elsewhere, "clone", "--quiet", "--no-tags", str(ledger.root), "without-tags")
    options = ("--shard", "1/1", "--rev", "HEAD", "--as-of", SECOND_WEEK)
    for root, name in ((elsewhere / "without-tags", "without"), (ledger.root, "with")):
        ran = punchcard(root, "portal", "build", *options, "--output", elsewhere / name)
        assert ran.status == 0, ran.stderr
    ran = publish(SECOND_WEEK, *list_options([elsewhere / "without"]))
    assert ran.status == 2
    assert "after another publication than what is to be published" in ran.stderr
    assert "all tags" in ran.stderr
    assert ledger.tags == [TAG]
    ran = publish(SECOND_WEEK, *list_options([elsewhere / "with"]))
    assert ran.status == 0, ran.stderr


def test_a_part_that_was_damaged_on_its_way_is_refused(
    ledger: PublishedLedger, publish: Publish, parts: list[Path]
) -> None:
    page = next(
        folder / slug for folder in parts for slug in ("first",) if (folder / slug).exists()
    )
    (page / "index.html").write_text("<p>Nothing left.</p>", encoding="utf-8")
    ran = publish(FIRST_WEEK, *list_options(parts))
    assert (ran.status, "is not as it was built" in ran.stderr) == (2, True)
    assert ledger.list_portals() == []
