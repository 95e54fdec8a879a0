"""What several branches recorded is all there after merges, rebases and squashes."""

import json
import os
import random
import subprocess
import sys
from collections import Counter
from itertools import product
from pathlib import Path

import pytest

from ledger.files.yaml import parse_yaml
from tests.conftest import RunPunchcard, commit_all, git
from tests.ledger.writing.small_ledger import AS_OF

SHEET = "customers/acme/time/2026-06-alice.yml"
PURCHASES = "customers/acme/purchases.yml"
REQUEST = "customers/acme/requests/ACME-1.yml"
BRANCHES = ("b0", "b1", "b2")
DRIVER = f"{sys.executable} -P -m ledger.cli merge-driver %O %A %B %P"


@pytest.fixture(autouse=True)
def _random_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = (f"{first}{second}x" for first, second in product("bcdfg", repeat=2))
    monkeypatch.setattr("ledger.writing.time_entries.draw_letters", lambda: next(letters))


def run_git(repository: Path, *command: str) -> subprocess.CompletedProcess[str]:
    ran = ["git", "-c", "core.editor=true", *command]
    return subprocess.run(ran, cwd=repository, check=False, capture_output=True, text=True)


def use_driver(repository: Path) -> None:
    (repository / ".gitattributes").write_text("customers/** merge=punchcard\n")
    commit_all(repository)
    git(repository, "config", "merge.punchcard.driver", DRIVER)


def record_on_branches(repository: Path, punchcard: RunPunchcard) -> None:
    """On each branch the same is logged and sold, the request gets an event, and Ben logs, too."""
    for branch in BRANCHES:
        for command in (
            ("log", "acme", "ACME-1", "15m", "-m", "A call.", "--as", "alice"),
            ("log", "acme", "ACME-1", "15m", "-m", "A call.", "--as", "ben"),
            ("buy", "acme", "1", "--invoice", f"INV-{branch}"),
            ("request", "update", "acme", "ACME-1", "-m", f"Note of {branch}.", "--by", "ben"),
        ):
            ran = punchcard(repository, *command, "--branch", branch, "--as-of", AS_OF)
            assert ran.status == 0, ran.stderr


def assert_all_is_there(repository: Path, punchcard: RunPunchcard) -> None:
    sheet, purchases, request = (
        parse_yaml((repository / path).read_bytes()) for path in (SHEET, PURCHASES, REQUEST)
    )
    bens = parse_yaml((repository / SHEET.replace("alice", "ben")).read_bytes())
    assert (len(sheet), len(bens), len(purchases)) == (4, 3, 4)
    assert len({item["id"] for item in (*sheet, *bens, *purchases)}) == 11
    notes = [event["note"] for event in request["history"]]
    assert sorted(notes) == [f"Note of {branch}." for branch in BRANCHES]
    assert "# by phone" in (repository / SHEET).read_text()
    assert git(repository, "status", "--porcelain") == ""
    ran = punchcard(repository, "check", "--as-of", AS_OF)
    assert ran.status == 0, ran.stdout


@pytest.mark.parametrize(
    ("how", "has_driver"),
    [
        *(("merge", True), ("rebase", True), ("criss-cross", True)),
        *(("squash", False), ("rebase", False), ("criss-cross", False)),
    ],
)
@pytest.mark.parametrize("seed", range(20 if os.environ.get("PUNCHCARD_ENDURANCE") == "1" else 1))
def test_every_record_of_every_branch_is_there_once(
    repository: Path, punchcard: RunPunchcard, how: str, has_driver: bool, seed: int
) -> None:
    record_on_branches(repository, punchcard)
    if has_driver:
        use_driver(repository)
    order = random.Random(f"{how} {has_driver} {seed}").sample(BRANCHES, 3)
    if how == "criss-cross":  # Two branches that have merged each other are merged into main.
        git(repository, "checkout", "--quiet", order[0])
        finish(repository, punchcard, run_git(repository, "merge", "--no-edit", order[1]))
        git(repository, "checkout", "--quiet", order[1])
        finish(repository, punchcard, run_git(repository, "merge", "--no-edit", f"{order[0]}~1"))
        git(repository, "checkout", "--quiet", "main")
    for branch in order:
        if how == "rebase":
            finish(repository, punchcard, run_git(repository, "rebase", "main", branch))
            git(repository, "checkout", "--quiet", "main")
            git(repository, "merge", "--quiet", "--ff-only", branch)
        elif how == "squash":
            finish(repository, punchcard, run_git(repository, "merge", "--squash", branch))
            git(repository, "commit", "--quiet", f"--message=Squash {branch}")
        else:
            finish(repository, punchcard, run_git(repository, "merge", "--no-edit", branch))
    assert_all_is_there(repository, punchcard)


def finish(
    repository: Path, punchcard: RunPunchcard, ran: subprocess.CompletedProcess[str]
) -> None:
    """Let ``resolve`` finish what Git could not."""
    while ran.returncode:
        assert "CONFLICT" in ran.stdout, ran.stdout + ran.stderr
        resolved = punchcard(repository, "resolve")
        assert (resolved.status, resolved.stderr) == (0, "")
        is_rebase = (repository / ".git/rebase-merge").exists()
        if not is_rebase and not (repository / ".git/MERGE_HEAD").exists():
            return  # It is squashed, and staged.
        ran = run_git(repository, *(("rebase", "--continue") if is_rebase else ("commit",)))


@pytest.mark.parametrize("has_driver", [True, False])
def test_two_records_of_one_id_wait_for_somebody(
    repository: Path, punchcard: RunPunchcard, has_driver: bool
) -> None:
    if has_driver:
        use_driver(repository)
    sheet, before = repository / SHEET, (repository / SHEET).read_text()
    entry = before[before.index("- id") :].replace("03-1", "04-1").replace("03", "04")
    for branch, note in (("side", "A mail."), ("main", "A visit.")):
        git(repository, "checkout", "--quiet", *(["-b"] if branch == "side" else []), branch)
        sheet.write_text(before + entry.replace("Kick-off.", note))
        commit_all(repository)
    assert run_git(repository, "merge", "side").returncode == 1
    ran = punchcard(repository, "resolve")
    assert ran.status == 1
    assert f"{SHEET}: 04-1: two records have this id" in ran.stderr
    (answer,) = json.loads(punchcard(repository, "resolve", "--format", "json").stdout)
    assert (answer["file"], answer["merged"], len(answer["conflicts"])) == (SHEET, False, 1)
    ours, theirs = (entry.replace("Kick-off.", note) for note in ("A visit.", "A mail."))
    marked = f"<<<<<<< ours\n{ours}=======\n{theirs}>>>>>>> theirs\n"
    assert sheet.read_text() == before + marked
    assert git(repository, "status", "--porcelain") == f"UU {SHEET}"
    sheet.write_text(before + ours + theirs.replace("04-1", "04-2"))
    ran = punchcard(repository, "resolve")
    assert "has no marker lines any more; `git add` it" in ran.stderr
    git(repository, "add", SHEET)
    ran = punchcard(repository, "resolve")
    assert (ran.status, ran.stdout) == (0, "nothing of the ledger is in conflict\n")


def test_two_requests_of_one_number_and_a_removed_file_are_left_in_conflict(
    repository: Path, punchcard: RunPunchcard
) -> None:
    git(repository, "checkout", "--quiet", "-b", "side")
    (repository / REQUEST.replace("1.yml", "2.yml")).write_text("title: Theirs\n")
    (repository / PURCHASES).unlink()
    (repository / "customers/acme/logo.svg").write_text("theirs")
    commit_all(repository)
    git(repository, "checkout", "--quiet", "main")
    (repository / "customers/acme/logo.svg").write_text("ours")
    (repository / REQUEST.replace("1.yml", "2.yml")).write_text("title: Ours\n")
    (repository / PURCHASES).write_text("[]\n")
    commit_all(repository)
    assert run_git(repository, "merge", "side").returncode == 1
    ran = punchcard(repository, "resolve")
    assert ran.status == 1
    assert "purchases.yml: one side removed this file" in ran.stderr
    assert "logo.svg: it holds no records" in ran.stderr
    assert "`punchcard request renumber` does it for a request" in ran.stderr
    assert Counter(git(repository, "status", "--porcelain").split()[::2]) == {"UD": 1, "AA": 2}


def test_the_driver_says_what_it_cannot_read(tmp_path: Path, punchcard: RunPunchcard) -> None:
    ran = punchcard(tmp_path, "merge-driver", "none", "none", "none", "a.yml")
    assert (ran.status, ran.stderr) == (
        2,
        "punchcard: error: cannot merge a.yml: No such file or directory\n",
    )
