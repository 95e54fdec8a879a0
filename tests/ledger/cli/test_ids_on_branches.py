"""What is recorded on branches side by side gets ids of its own, and what is there is remarked."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.writing.small_ledger import AS_OF

DAY = ("--as-of", AS_OF)


def test_two_equal_entries_on_two_branches_stay_two(
    repository: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.undo()  # The letters are drawn.
    log = ("log", "acme", "1", "30m", "-m", "Call", "--as", "alice", *DAY)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Alice")
    ids = set()
    for number in range(20):
        said = punchcard(repository, *log, "--branch", f"time/{number}").stdout
        ids |= {*re.findall(r"^2026-06-alice/30-1-([bcdfghjkmnpqrstvwxyz]{3}): ", said)}
    assert len(ids) > 15


def test_requests_and_sales_take_the_number_after_those_of_all_branches(
    repository: Path, punchcard: RunPunchcard
) -> None:
    opened = ("request", "open", "acme", "New", "--category", "onboarding", *DAY)
    for number, branch in ((2, "one"), (3, "two"), (4, "one")):
        said = punchcard(repository, *opened, "--branch", branch).stdout
        assert said.startswith(f"open ACME-{number}, New\n")
    git(repository, "update-ref", "refs/remotes/origin/far", "two")
    git(repository, "branch", "--delete", "--force", "two")
    for branch in ("three", "four"):
        punchcard(repository, "buy", "acme", "1", *DAY, "--branch", branch)
    git(repository, "update-ref", "refs/remotes/origin/three", "three")
    assert "P4: buy 1 punchcard" in punchcard(repository, "buy", "acme", "1", *DAY).stdout
    assert punchcard(repository, *opened).stdout.startswith("open ACME-5, New\n")


def test_an_entry_is_named_without_its_letters_where_that_is_clear(
    repository: Path, punchcard: RunPunchcard
) -> None:
    punchcard(repository, "log", "acme", "1", "45m", "-m", "x", *DAY)
    correct = ("correct", "acme", "30-1", "15m", "-m", "Less.", *DAY)
    assert "take back 15m of 2026-06-alice/30-1-xyz" in punchcard(repository, *correct).stdout
    sheet = repository / "customers/acme/time/2026-06-alice.yml"
    assert "  corrects: 30-1-xyz\n" in sheet.read_text()
    sheet.write_text(sheet.read_text().replace("id: 30-2-xyz", "id: 30-1-abc"))
    ran = punchcard(repository, *correct)
    assert ran.status == 2
    assert "say which: 2026-06-alice/30-1-xyz or 2026-06-alice/30-1-abc" in ran.stderr


@pytest.mark.parametrize(
    "record",
    [
        ("log", "acme", "1", "45m", "-m", "Weekly call"),
        ("buy", "acme", "2", "--invoice", "INV-1"),
        ("buy", "acme", "2"),
        ("goodwill", "acme", "1h", "-m", "Our outage"),
        ("refund", "acme", "P1", "1h", "-m", "Cancelled"),
        ("request", "open", "acme", "Export fails", "--category", "onboarding"),
    ],
)
def test_what_is_there_already_is_remarked_on(
    repository: Path, punchcard: RunPunchcard, record: tuple[str, ...]
) -> None:
    assert "already" not in punchcard(repository, *record, *DAY).stdout
    ran = punchcard(repository, *record, *DAY)
    assert (ran.status, "already: is this one twice?" in ran.stdout) == (0, True)
    other = [f"{part} too" if "-m" in record and part == record[-1] else part for part in record]
    if "-m" in record:
        assert "already" not in punchcard(repository, *other, *DAY).stdout
