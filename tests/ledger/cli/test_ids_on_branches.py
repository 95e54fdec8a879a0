"""What is recorded on branches side by side gets ids of its own, and what is there is remarked."""

import re
import subprocess

import pytest

from ledger.writing import time_entries
from tests.conftest import Commands

DRAW_LETTERS = time_entries.draw_letters


def test_two_equal_entries_on_two_branches_stay_two(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time_entries, "draw_letters", DRAW_LETTERS)  # as users have them
    log = ("log", "acme", "1", "30m", "-m", "Call", "--as", "alice")
    ids = set()
    for number in range(20):
        said = run(*log, "--branch", f"time/{number}").stdout
        ids |= {*re.findall(r"^2026-06-alice/30-1-([bcdfghjkmnpqrstvwxyz]{3}): ", said)}
    assert len(ids) > 15


def test_requests_and_sales_take_the_number_after_those_of_all_branches(run: Commands) -> None:
    opened = ("request", "open", "acme", "New", "--category", "onboarding")
    for number, branch in ((2, "one"), (3, "two"), (4, "one")):
        said = run(*opened, "--branch", branch).stdout
        assert said.startswith(f"open ACME-{number}, New\n")
    run.git("update-ref", "refs/remotes/origin/far", "two")
    run.git("branch", "--delete", "--force", "two")
    for branch in ("three", "four"):
        run("buy", "acme", "1", "--branch", branch)
    run.git("update-ref", "refs/remotes/origin/three", "three")
    assert "P4: buy 1 punchcard" in run("buy", "acme", "1").stdout
    assert run(*opened).stdout.startswith("open ACME-5, New\n")


def test_an_entry_is_named_without_its_letters_where_that_is_clear(run: Commands) -> None:
    run("log", "acme", "1", "45m", "-m", "x")
    correct = ("correct", "acme", "30-1", "15m", "-m", "Less.")
    assert "take back 15m of 2026-06-alice/30-1-xyz" in run(*correct).stdout
    sheet = run.root / "customers/acme/time/2026-06-alice.yml"
    assert "  corrects: 30-1-xyz\n" in sheet.read_text()
    sheet.write_text(sheet.read_text().replace("id: 30-2-xyz", "id: 30-1-abc"))
    run(*correct).refused("say which: 2026-06-alice/30-1-xyz or 2026-06-alice/30-1-abc")


@pytest.mark.parametrize(
    "record",
    [
        ("log", "acme", "1", "45m", "-m", "Weekly call"),
        ("buy", "acme", "2", "--invoice", "INV-1"),
        ("buy", "acme", "2"),
        ("goodwill", "acme", "1h", "-m", "Our outage"),
        ("refund", "acme", "P1", "1h", "-m", "Cancelled"),
        ("request", "open", "acme", "Export fails", "--category", "onboarding"),
        ("request", "update", "acme", "1", "--status", "in-progress", "-m", "Booked"),
        ("correct", "acme", "03-1", "15m", "-m", "Too much"),
    ],
)
def test_what_is_there_already_is_remarked_on(run: Commands, record: tuple[str, ...]) -> None:
    assert "already" not in run(*record).stdout
    ran = run(*record)
    assert (ran.status, "already: is this one twice?" in ran.stdout) == (0, True)
    other = [f"{part} too" if "-m" in record and part == record[-1] else part for part in record]
    if "-m" in record:
        assert "already" not in run(*other).stdout


def test_two_requests_of_one_number_are_told_apart_before_their_merge(run: Commands) -> None:
    requests = run.root / "customers/acme/requests"
    for branch, title in (("one", "Export"), ("two", "Import")):
        run.git("switch", "--quiet", "--create", branch, "main")
        text = (requests / "ACME-1.yml").read_text().replace("Single sign-on", title)
        (requests / "ACME-2.yml").write_text(f"# {branch}\n{text}")
        run.git("add", "--all")
        run.git("commit", "--quiet", "--message", title)
    for request in ("2", "1", "2"):
        log = ("log", "acme", request, "15m", "-m", f"On {request}", "--as", "ben", "--commit")
        assert run(*log).status == 0
    with pytest.raises(subprocess.CalledProcessError):
        run.git("merge", "one")
    said = run("check").stdout
    assert "if these are two requests: git merge --abort, punchcard request renumber" in said
    run.git("merge", "--abort")
    for wrong, why in (("1", "there is a request ACME-1 already"), ("FJL-9", "is no number")):
        run("request", "renumber", "acme", "2", wrong).refused(why)
    ran = run("request", "renumber", "acme", "2", "--commit")
    assert ran.stdout.startswith("ACME-2 is ACME-3 now\n  Import\n  note: 2 time entries are on")
    assert "written to customers/acme/requests/ACME-3.yml:1, commit " in ran.stdout
    assert run.git("status", "--porcelain") == ""
    assert run.git("diff", "--name-status", "HEAD~").split() == [
        *("R100", "customers/acme/requests/ACME-2.yml", "customers/acme/requests/ACME-3.yml"),
        *("M", "customers/acme/time/2026-06-ben.yml"),
    ]
    run.git("merge", "--quiet", "one")
    assert run("check", "--no-since").status == 0
    listed = run.json("request", "list")
    worked = {row["title"]: row["worked_minutes"] for row in listed}
    assert worked == {"Single sign-on": 60, "Export": 0, "Import": 30}


def test_a_request_is_renumbered_in_the_work_tree_and_on_a_branch(run: Commands) -> None:
    renumber = ("request", "renumber", "acme", "1")
    assert run(*renumber, "acme-7", "--branch", "later").status == 0
    assert run.git("status", "--porcelain") == ""
    sheet = run.git("show", "later:customers/acme/time/2026-06-alice.yml")
    assert "request: ACME-7" in sheet
    assert run(*renumber).stdout.startswith("ACME-1 is ACME-8 now\n")
    assert run("check", "--no-since").status == 0
    assert not (run.root / "customers/acme/requests/ACME-1.yml").exists()
    run("request", "renumber", "acme", "8", "--commit").refused("cannot commit this change")
    assert (run.root / "customers/acme/requests/ACME-8.yml").exists()


def test_a_commit_renumbers_a_request_with_all_time_on_it_or_not_at_all(run: Commands) -> None:
    run("log", "acme", "1", "15m", "-m", "x", "--as", "ben")
    said = "change of customers/acme/time/2026-06-ben.yml alone: the file is not there"
    run("request", "renumber", "acme", "1", "--commit").refused(said)
    assert "ACME-1\n" in (run.root / "customers/acme/time/2026-06-ben.yml").read_text()
