"""``punchcard portal build``, as it is called."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, commit_all, git, start_repository
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

BUILD = ("--ledger", "customers", "portal", "build", "--as-of", "2026-11-20", "--output", "site")


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A folder with a ledger of two customers; the second has bought nothing."""
    nothing = {"second/customer.yml": "{name: Second, key: TWO, currency: USD}\n"}
    customer = make_customer("first", "ONE", "Zephyrine")
    write_ledger(tmp_path / "customers", ORGANIZATION, customer, nothing)
    return tmp_path


def test_the_program_lists_the_portal_commands(small: Path, punchcard: RunPunchcard) -> None:
    assert "  portal " in punchcard(small, "--help").stdout


def test_says_what_was_built_and_which_page_to_open(small: Path, punchcard: RunPunchcard) -> None:
    """The last line is the page; who has no portal is named."""
    ran = punchcard(small, *BUILD)
    assert (ran.status, ran.stderr) == (0, "")
    lines = ran.stdout.splitlines()
    assert lines[0] == "second: no portal: has no purchase and no other service"
    assert lines[1].startswith("built 1 portal in ")
    assert lines[1].endswith("site, as of 2026-11-20")
    assert lines[-1] == "open site/first/index.html"
    assert (small / "site" / "first" / "index.html").is_file()


def test_names_the_errors_and_builds_nothing(small: Path, punchcard: RunPunchcard) -> None:
    """On standard error, with their places; the status is that of bad data."""
    (small / "customers/first/accounts.yml").write_text("- {email: x\n", encoding="utf-8")
    ran = punchcard(small, *BUILD)
    assert ran.status == 1
    assert "accounts.yml:" in ran.stderr
    assert "yaml-syntax" in ran.stderr
    assert not (small / "site").exists()


def test_unknown_customer(small: Path, punchcard: RunPunchcard) -> None:
    """The status is that of a command that could not work, the nearest name is given."""
    ran = punchcard(small, *BUILD, "frist")
    assert ran.status == 2
    assert "first" in ran.stderr


@pytest.mark.parametrize("what", [("build",), ("build", "--overview"), ("export", "first", "site")])
def test_nothing_is_made_of_a_ledger_that_git_hides_in_part(
    what: tuple[str, ...], small: Path, punchcard: RunPunchcard
) -> None:
    """A customer whose files are left out has not gone, so what was built of it stays."""
    commit_all(start_repository(small))
    if "export" not in what:
        assert punchcard(small, "portal", *what, "--output", "site").status == 0
    before = read_all_files(small / "site")
    git(small, "sparse-checkout", "set", "--no-cone", "/*", "!customers/first")
    output = () if "export" in what else ("--output", "site")
    ran = punchcard(small, "portal", *what, *output)
    assert ran.status in {1, 2}
    assert "left out of the work tree" in ran.stderr.replace("\n", " ")
    assert read_all_files(small / "site") == before
