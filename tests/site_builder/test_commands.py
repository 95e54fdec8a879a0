"""``punchcard portal build``, as it is called."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ledger.errors import LedgerError
from site_builder.punchcard import punchcard
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A ledger with two customers; the second has bought nothing."""
    nothing = {"second/customer.yml": "{name: Second, key: TWO, currency: USD}\n"}
    return write_ledger(
        tmp_path / "customers", ORGANIZATION, make_customer("first", "ONE", "Zephyrine"), nothing
    )


def test_the_program_knows_the_portal_commands() -> None:
    """They are imported when they are run, and listed with the ledger's."""
    help_text = CliRunner().invoke(punchcard, ["--help"]).stdout
    assert "  portal " in help_text


def run(ledger: Path, *arguments: str) -> Result:
    """Run the command on a ledger, on the day of the story."""
    line = ["--ledger", str(ledger), "portal", "build", "--as-of", "2026-11-20", *arguments]
    return CliRunner().invoke(punchcard, line)


def test_says_what_was_built_and_which_page_to_open(small: Path, tmp_path: Path) -> None:
    """The last line is the page; who has no portal is named."""
    output = tmp_path / "site"
    result = run(small, "--output", str(output))
    assert result.exception is None, result.output
    lines = result.stdout.splitlines()
    assert lines[0] == "second: no portal: has no purchase and no other service"
    assert lines[1].startswith("built 1 portal in ")
    assert lines[1].endswith("site, as of 2026-11-20")
    assert lines[-1] == f"open {output / 'first' / 'index.html'}"
    assert (output / "first" / "index.html").is_file()
    assert not result.stderr


def test_names_the_errors_and_builds_nothing(small: Path, tmp_path: Path) -> None:
    """On standard error, with their places; the status is that of bad data."""
    (small / "first" / "accounts.yml").write_text("- {email: x\n", encoding="utf-8")
    result = run(small, "--output", str(tmp_path / "site"))
    assert isinstance(result.exception, LedgerError)
    assert result.exception.exit_status == 1
    assert "accounts.yml:" in result.stderr
    assert "yaml-syntax" in result.stderr
    assert not (tmp_path / "site").exists()


def test_unknown_customer(small: Path, tmp_path: Path) -> None:
    """The status is that of a command that could not work, the nearest name is given."""
    result = run(small, "frist", "--output", str(tmp_path / "site"))
    assert isinstance(result.exception, LedgerError)
    assert result.exception.exit_status == 2
    assert "first" in result.exception.hint
