"""``punchcard portal build``, as it is called."""

from pathlib import Path

import pytest

from tests.conftest import Commands, RunPunchcard, commit_all, start_repository
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger


@pytest.fixture
def small(tmp_path: Path, punchcard: RunPunchcard) -> Commands:
    """A folder with a ledger of two customers; the second has bought nothing."""
    nothing = {"second/customer.yml": "{name: Second, key: TWO, currency: USD}\n"}
    customer = make_customer("first", "ONE", "Zephyrine")
    write_ledger(tmp_path / "customers", ORGANIZATION, customer, nothing)
    return Commands(punchcard, tmp_path, "2026-11-20")


BUILD = ("--ledger", "customers", "portal", "build", "--output", "site")


def test_says_what_was_built_and_which_page_to_open(small: Commands) -> None:
    """The last line is the page; who has no portal is named."""
    missing, built, page = small.done(*BUILD).splitlines()
    assert missing == "second: no portal: has no purchase and no other service"
    assert built == "built 1 portal in site, as of 2026-11-20"
    assert page == "open site/first/index.html"
    assert (small.root / "site" / "first" / "index.html").is_file()


def test_names_the_errors_and_builds_nothing(small: Commands) -> None:
    """On standard error, with their places; the status is that of bad data."""
    (small.root / "customers/first/accounts.yml").write_text("- {email: x\n", encoding="utf-8")
    said = small.refuse(*BUILD, status=1)
    assert ("accounts.yml:" in said, "yaml-syntax" in said) == (True, True)
    assert not (small.root / "site").exists()


def test_what_cannot_be_built(small: Commands) -> None:
    for words, said in (
        (("frist",), "there is no customer 'frist' (did you mean first?)"),
        (("first", "--shard", "1/2"), "name no customer"),
        (("--overview", "--shard", "1/2"), "no --overview"),
        (("--overview", "first"), "--overview is of all customers"),
    ):
        assert said in small.refuse(*BUILD, *words).replace("\n", " ")


@pytest.mark.parametrize("what", [("build",), ("build", "--overview"), ("export", "first", "site")])
def test_nothing_is_made_of_a_ledger_that_git_hides_in_part(
    what: tuple[str, ...], small: Commands
) -> None:
    """A customer whose files are left out has not gone, so what was built of it stays."""
    commit_all(start_repository(small.root))
    output = () if "export" in what else ("--output", "site")
    if output:
        assert small("portal", *what, *output).status == 0
    before = read_all_files(small.root / "site")
    small.git("sparse-checkout", "set", "--no-cone", "/*", "!customers/first")
    ran = small("portal", *what, *output)
    assert ran.status in {1, 2}
    assert "left out of the work tree" in ran.stderr.replace("\n", " ")
    assert read_all_files(small.root / "site") == before
