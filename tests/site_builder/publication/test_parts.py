"""Portals that were built in parts, on several machines, are published as if built here."""

from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    SECOND_WEEK,
    PublishedLedger,
)


@pytest.fixture
def parts(ledger: PublishedLedger, elsewhere: Path, punchcard: RunPunchcard) -> list[Path]:
    """Three parts of the first week."""
    folders = [elsewhere / f"part-{number}" for number in (1, 2, 3)]
    for number, folder in enumerate(folders, start=1):
        line = ("--output", folder, "--rev", "HEAD", "--as-of", FIRST_WEEK)
        ran = punchcard(ledger.root, "portal", "build", "--shard", f"{number}/3", *line)
        assert ran.status == 0, ran.stderr
    return folders


def name(*parts: Path) -> list[object]:
    return [word for folder in parts for word in ("--from-parts", folder)]


def test_parts_are_published_as_if_they_were_built_here(
    ledger: PublishedLedger, parts: list[Path], punchcard: RunPunchcard, elsewhere: Path
) -> None:
    ran = punchcard(ledger.root, "portal", "publish", "--to", ledger.folder, *name(*parts))
    assert ran.status == 0, ran.stderr
    assert ledger.tags == [f"published/{FIRST_WEEK}"]
    ledger.require_whole()
    ledger.require_tidy()
    from_parts, policies = ledger.read_all(), ledger.manifest["portals"]
    ledger.folder = elsewhere / "built-here"
    assert ledger.publish(FIRST_WEEK, "--no-tag").status == 0
    assert ledger.read_all() == from_parts
    assert ledger.manifest["portals"] == policies


def test_parts_that_are_not_what_is_to_be_published_are_refused(
    ledger: PublishedLedger, parts: list[Path]
) -> None:
    """They make no whole, were damaged on their way, or are of another day or commit."""
    ledger.refuse(FIRST_WEEK, *name(*parts[:2]), said="the folders have no portal of")
    ledger.refuse(SECOND_WEEK, *name(*parts), said="of another day")
    [page] = [found for folder in parts for found in folder.glob("first/index.html")]
    page.write_text("<p>Nothing left.</p>", encoding="utf-8")
    ledger.refuse(FIRST_WEEK, *name(*parts), said="is not as it was built")
    ledger.change()
    ledger.refuse(FIRST_WEEK, *name(*parts), said="of another commit")


def test_parts_of_a_checkout_without_tags_are_refused(
    published: PublishedLedger, punchcard: RunPunchcard, elsewhere: Path
) -> None:
    """They would say what came in within seven days instead of since the publication before."""
    published.change()
    git(elsewhere, "clone", "--quiet", "--no-tags", str(published.root), "without-tags")
    options = ("--shard", "1/1", "--rev", "HEAD", "--as-of", SECOND_WEEK)
    for root, part in ((elsewhere / "without-tags", "without"), (published.root, "with")):
        ran = punchcard(root, "portal", "build", *options, "--output", elsewhere / part)
        assert ran.status == 0, ran.stderr
    said = "after another publication than what is to be published"
    published.refuse(SECOND_WEEK, *name(elsewhere / "without"), said=said)
    assert "all tags" in published.ran.stderr
    published.find_effects(SECOND_WEEK, *name(elsewhere / "with"))
