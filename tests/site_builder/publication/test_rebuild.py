"""Any published week can be made again from its tag: byte for byte what customers saw."""

import re
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git, write_files
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    LOOK,
    SECOND_WEEK,
    PublishedLedger,
    read_message,
    read_portal,
)

OWN_LOOK = LOOK + "  - punchcard: {texts: texts}\n"


@pytest.mark.parametrize("has_own_look", [False, True])
def test_a_fresh_clone_at_the_tag_makes_the_same_bytes(
    ledger: PublishedLedger, punchcard: RunPunchcard, elsewhere: Path, *, has_own_look: bool
) -> None:
    if has_own_look:
        title = '[overview]\ntitle = "This week"\n'
        files = {"mkdocs.yml": OWN_LOOK, "look/mark.txt": "1", "texts/en.toml": title}
        write_files(ledger.root, files)
        ledger.commit()
    assert ledger.publish(FIRST_WEEK).status == 0
    first = ledger.read_all()
    ledger.log("first", "Late, and dated before", "12-1")
    ledger.commit()
    assert ledger.publish(SECOND_WEEK).status == 0
    second = ledger.read_all()
    assert first != second
    for day, published in ((FIRST_WEEK, first), (SECOND_WEEK, second)):
        tag = f"published/{day}"
        git(elsewhere, "clone", "--quiet", "--branch", tag, ledger.root.as_uri(), day)
        line = ("portal", "build", "--output", "site", "--rev", tag, "--as-of", day, "--no-cache")
        ran = punchcard(elsewhere / day, *line)
        assert ran.status == 0, ran.stderr
        assert {slug: read_portal(elsewhere / day / "site" / slug) for slug in first} == published


def test_the_tag_names_every_library_that_makes_the_bytes(
    published: PublishedLedger,
) -> None:
    """As pip takes them, and none of them unknown."""
    message = read_message(published, f"published/{FIRST_WEEK}")
    versions = dict(re.findall(r"^version: (\S+) (\S+)$", message, re.MULTILINE))
    wanted = {"mkdocs", "mkdocs-material", "jinja2", "markdown", "nh3", "babel", "python"}
    assert wanted <= versions.keys()
    assert all(re.fullmatch(r"[0-9][0-9a-z.+]*", version) for version in versions.values())
