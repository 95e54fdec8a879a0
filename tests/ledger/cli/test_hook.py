"""Git's hooks, run by Git itself: real commits and real pushes."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, git
from tests.ledger.git.written_ledger import TIME_FILE, WrittenLedger

YEAR = "2024"  # hooks look from today, and nothing may be of the future
CHECKOUT = Path(__file__).parents[3]


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WrittenLedger:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))  # for the hook, which is a program of its own
    return WrittenLedger(tmp_path / "ledger", YEAR)


@pytest.fixture
def server(punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path) -> Path:
    """A bare repository with the hook; it is the ledger's ``origin``."""
    bare = tmp_path / "server.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(ledger.root), str(bare))
    ledger.git("remote", "add", "origin", str(bare))
    ran = punchcard(bare, "hook", "install")
    assert (ran.status, ran.stdout) == (0, f"{bare}/hooks/pre-receive is set up\n")
    return bare


def try_git(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", *arguments], cwd=folder, check=False, capture_output=True, text=True
    )


def read_ref(folder: Path, ref: str) -> str:
    return try_git(folder, "rev-parse", "--verify", "--quiet", ref).stdout.strip()


def test_a_good_commit_is_taken(ledger: WrittenLedger, server: Path) -> None:
    ledger.log("09-1")
    commit = ledger.commit()
    pushed = try_git(ledger.root, "push", "origin", "main")
    assert pushed.returncode == 0, pushed.stderr
    assert read_ref(server, "main") == commit


def test_a_commit_with_errors_is_refused_and_the_branch_has_not_moved(
    ledger: WrittenLedger, server: Path
) -> None:
    ledger.log("09-1", 20)
    ledger.commit()
    pushed = try_git(ledger.root, "push", "origin", "main")
    assert pushed.returncode != 0
    assert read_ref(server, "main") == ledger.first
    said = [line.removeprefix("remote: ").rstrip() for line in pushed.stderr.splitlines()]
    assert (
        "customers/acme/time/2024-11-alice.yml:8:58: error[time-increment]: "
        "20 minutes is not a multiple of 15"
    ) in said
    assert (
        "      |                                                          ^^ log 15 or 30" in said
    )
    [verdict] = [line for line in said if line.startswith("punchcard: main: the push is refused")]
    assert "1 error, 0 warnings" in verdict
    assert not any("Traceback" in line for line in said)


def test_a_commit_that_alters_what_was_recorded_is_refused(
    ledger: WrittenLedger, server: Path
) -> None:
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    ledger.commit()
    pushed = try_git(ledger.root, "push", "origin", "main")
    assert pushed.returncode != 0
    assert read_ref(server, "main") == ledger.first
    assert "entry 2024-11-alice/03-1 was altered: minutes 45 -> 30" in pushed.stderr


def test_a_forced_push_and_a_deletion_are_refused(ledger: WrittenLedger, server: Path) -> None:
    git(server, "config", "receive.denyDeleteCurrent", "ignore")
    ledger.git("commit", "--quiet", "--amend", "--message=Another beginning")
    forced = try_git(ledger.root, "push", "--force", "origin", "main")
    deleted = try_git(ledger.root, "push", "origin", ":main")
    assert "main: refused: the branch is protected: it goes forward only" in forced.stderr
    assert "main: refused: the branch is protected: it is not deleted" in deleted.stderr
    assert read_ref(server, "main") == ledger.first


def test_other_branches_are_nobodys_business(ledger: WrittenLedger, server: Path) -> None:
    ledger.log("09-1", 20)
    commit = ledger.commit()
    assert try_git(ledger.root, "push", "origin", "HEAD:draft").returncode == 0
    assert read_ref(server, "draft") == commit
    assert try_git(ledger.root, "push", "origin", ":draft").returncode == 0


def test_which_branches_are_protected_can_be_set(ledger: WrittenLedger, server: Path) -> None:
    git(server, "config", "--add", "punchcard.protected", "main")
    git(server, "config", "--add", "punchcard.protected", "release/*")
    ledger.log("09-1", 20)
    ledger.commit()
    assert try_git(ledger.root, "push", "origin", "HEAD:release/1").returncode != 0
    assert read_ref(server, "release/1") == ""
    assert try_git(ledger.root, "push", "origin", "HEAD:main").returncode != 0
    assert try_git(ledger.root, "push", "origin", "HEAD:draft").returncode == 0


def test_of_several_branches_none_is_taken_if_one_is_refused(
    ledger: WrittenLedger, server: Path
) -> None:
    ledger.git("branch", "draft")
    ledger.log("09-1", 20)
    ledger.commit()
    assert try_git(ledger.root, "push", "origin", "main", "draft").returncode != 0
    assert read_ref(server, "draft") == ""


def test_a_new_protected_branch_is_checked_without_a_base(
    ledger: WrittenLedger, tmp_path: Path, punchcard: RunPunchcard
) -> None:
    bare = tmp_path / "empty.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    assert punchcard(bare, "hook", "install").status == 0
    ledger.log("09-1", 20)
    ledger.commit()
    assert try_git(ledger.root, "push", str(bare), "main").returncode != 0
    ledger.replace(TIME_FILE, "minutes: 20", "minutes: 15")
    commit = ledger.commit()
    assert try_git(ledger.root, "push", str(bare), "main").returncode == 0
    assert read_ref(bare, "main") == commit


def test_the_tag_of_a_publication_is_neither_moved_nor_deleted(
    ledger: WrittenLedger, server: Path
) -> None:
    tag = "published/2024-11-18"
    ledger.git("tag", "--annotate", "--message=Published", tag)
    assert try_git(ledger.root, "push", "origin", tag).returncode == 0
    before = read_ref(server, tag)
    ledger.git("tag", "--annotate", "--force", "--message=Again", tag)
    moved = try_git(ledger.root, "push", "--force", "origin", tag)
    deleted = try_git(ledger.root, "push", "origin", f":{tag}")
    assert moved.returncode != 0
    assert deleted.returncode != 0
    assert "a publication's tag is neither moved nor deleted" in moved.stderr
    assert read_ref(server, tag) == before


def test_warnings_are_shown_to_who_pushes_and_the_push_is_taken(
    ledger: WrittenLedger, server: Path
) -> None:
    ledger.log("09-1")
    commit = ledger.commit(author="Ben Okafor <ben@example.com>")
    pushed = try_git(ledger.root, "push", "origin", "main")
    assert (pushed.returncode, read_ref(server, "main")) == (0, commit)
    assert "warning[author-mismatch]" in pushed.stderr
    assert "the push is taken, with warnings" in pushed.stderr


def test_a_push_without_the_ledger_is_refused(ledger: WrittenLedger, server: Path) -> None:
    ledger.git("rm", "--quiet", "-r", "customers")
    ledger.commit()
    pushed = try_git(ledger.root, "push", "origin", "main")
    assert pushed.returncode != 0
    assert "there is no customers in" in pushed.stderr


def test_a_merge_of_good_branches_is_taken(ledger: WrittenLedger, server: Path) -> None:
    ledger.git("checkout", "--quiet", "-b", "side")
    ledger.log("09-1", consultant="ben")
    ledger.commit(author="Ben Okafor <ben@example.com>")
    ledger.git("checkout", "--quiet", "main")
    ledger.log("10-1")
    ledger.commit()
    ledger.git("merge", "--quiet", "--no-edit", "side")
    pushed = try_git(ledger.root, "push", "origin", "main")
    assert (pushed.returncode, "warning" in pushed.stderr) == (0, False), pushed.stderr


def test_nonsense_on_standard_input_is_said(
    punchcard: RunPunchcard, server: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    nonsense = tmp_path / "stdin"
    nonsense.write_text("main\n", encoding="utf-8")
    with nonsense.open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        ran = punchcard(server, "hook", "pre-receive")
    assert (ran.status, "is not what Git tells a pre-receive hook" in ran.stderr) == (2, True)


def test_before_a_commit_the_staged_state_is_checked_not_the_work_tree(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ran = punchcard(ledger.root, "hook", "install")
    assert (ran.status, ran.stdout.splitlines()[0]) == (
        0,
        f"{ledger.root}/.git/hooks/pre-commit is set up",
    )
    ledger.log("09-1", 20)
    ledger.git("add", "--all")
    ledger.replace(TIME_FILE, "minutes: 20", "minutes: 15")
    refused = try_git(ledger.root, "commit", "--message=Staged wrong, work tree right")
    assert refused.returncode != 0
    assert "20 minutes is not a multiple of 15" in refused.stderr
    assert "the commit is refused" in refused.stderr
    ledger.git("add", "--all")
    ledger.replace(TIME_FILE, "minutes: 15", "minutes: 20")
    taken = try_git(ledger.root, "commit", "--message=Staged right, work tree wrong")
    assert taken.returncode == 0, taken.stderr


@pytest.mark.parametrize("how", [["--all"], ["--only", "customers"], ["--include", "customers"]])
def test_a_commit_that_stages_by_itself_is_checked_as_it_will_be(
    punchcard: RunPunchcard, ledger: WrittenLedger, how: list[str]
) -> None:
    punchcard(ledger.root, "hook", "install")
    ledger.log("09-1", 20)
    options, paths = how[:1], how[1:]
    refused = try_git(ledger.root, "commit", *options, "--message=Wrong", "--", *paths)
    assert refused.returncode != 0
    assert "20 minutes is not a multiple of 15" in refused.stderr
    ledger.replace(TIME_FILE, "minutes: 20", "minutes: 15")
    taken = try_git(ledger.root, "commit", *options, "--message=Right", "--", *paths)
    assert taken.returncode == 0, taken.stderr


def test_the_hook_works_in_a_linked_work_tree_and_from_a_folder_below(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    ledger.git("worktree", "add", "--quiet", "-b", "side", str(linked))
    ran = punchcard(linked, "hook", "install")
    assert ran.status == 0
    path = linked / "customers" / "acme" / "purchases.yml"
    path.write_text("- {id: P1}\n", encoding="utf-8")
    refused = try_git(linked / "customers" / "acme", "commit", "--all", "--message=Wrong")
    assert (refused.returncode != 0, "error[schema]" in refused.stderr) == (True, True)


def test_the_hook_knows_a_ledger_that_is_elsewhere_in_its_repository(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    ledger.git("mv", "customers", "our books")
    ledger.commit()
    assert punchcard(ledger.root, "--ledger", "our books", "hook", "install").status == 0
    path = ledger.root / "our books" / "acme" / "purchases.yml"
    path.write_text("- {id: P1}\n", encoding="utf-8")
    refused = try_git(ledger.root, "commit", "--all", "--message=Wrong")
    assert (refused.returncode != 0, "error[schema]" in refused.stderr) == (True, True)


def test_an_own_hook_is_renewed_and_a_foreign_one_kept_unless_forced(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    file = ledger.root / ".git" / "hooks" / "pre-commit"
    assert punchcard(ledger.root, "hook", "install").status == 0
    assert punchcard(ledger.root, "hook", "install").status == 0
    assert os.access(file, os.X_OK)
    foreign = "#!/bin/sh\nexit 0\n"
    file.write_text(foreign, encoding="utf-8")
    ran = punchcard(ledger.root, "hook", "install")
    assert (ran.status, "there is a pre-commit hook already" in ran.stderr) == (2, True)
    assert file.read_text(encoding="utf-8") == foreign
    assert punchcard(ledger.root, "hook", "install", "--force").status == 0
    assert "hook pre-commit" in file.read_text(encoding="utf-8")


def test_hooks_that_are_kept_elsewhere_are_not_written(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.git("config", "core.hooksPath", str(tmp_path / "shared-hooks"))
    ran = punchcard(ledger.root, "hook", "install")
    assert ran.status == 2
    assert f"hooks are kept in {tmp_path / 'shared-hooks'} (core.hooksPath)" in ran.stderr
    assert not (tmp_path / "shared-hooks").exists()


def test_a_folder_called_ledger_in_the_repository_is_not_run(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    punchcard(ledger.root, "hook", "install")
    planted = ledger.root / "ledger" / "cli"
    planted.mkdir(parents=True)
    for name in ("../__init__.py", "__init__.py", "__main__.py"):
        (planted / name).write_text(f"open({str(tmp_path / 'marker')!r}, 'w')\n", encoding="utf-8")
    taken = try_git(ledger.root, "commit", "--allow-empty", "--message=Nothing")
    assert (taken.returncode, (tmp_path / "marker").exists()) == (0, False)


def test_a_bare_repository_says_where_its_ledger_is(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.git("mv", "customers", "data")
    ledger.commit()
    bare = tmp_path / "server.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(ledger.root), str(bare))
    refused = punchcard(bare, "hook", "install")
    assert refused.status == 2
    assert "the pre-receive hook could not work here: there is no customers in " in refused.stderr
    assert "`git config punchcard.ledger FOLDER`" in refused.stderr
    assert list((bare / "hooks").glob("pre-receive*")) == [bare / "hooks/pre-receive.sample"]
    git(bare, "config", "punchcard.ledger", "data")
    for named in ([], ["--ledger", bare]):
        assert punchcard(bare, *named, "hook", "install").status == 0
        assert punchcard(bare, *named, "balance", "--format", "json").status == 0
    ledger.replace(TIME_FILE.replace("customers", "data"), "minutes: 60", "minutes: 20")
    ledger.commit()
    pushed = try_git(ledger.root, "push", str(bare), "main")
    assert (pushed.returncode != 0, "not a multiple of 15" in pushed.stderr) == (True, True)


def test_a_work_tree_says_where_its_ledger_is(
    punchcard: RunPunchcard, ledger: WrittenLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.git("mv", "customers", "data")
    ledger.commit()
    refused = punchcard(ledger.root, "hook", "install")
    assert (refused.status, "could not work here" in refused.stderr) == (2, True)
    monkeypatch.setenv("PUNCHCARD_LEDGER", "data")
    below = ledger.root / "data" / "acme" / "time"
    assert punchcard(below, "balance").status == 0
    monkeypatch.delenv("PUNCHCARD_LEDGER")
    for wrong in ("../data", "/data"):
        ledger.git("config", "punchcard.ledger", wrong)
        ran = punchcard(ledger.root, "balance")
        assert (ran.status, "is no folder of the repository" in ran.stderr) == (2, True)
    ledger.git("config", "punchcard.ledger", "data/")
    for folder in (ledger.root, below):
        assert punchcard(folder, "balance").status == 0
        assert punchcard(folder, "check", "--rev", "HEAD").status == 0
    assert punchcard(ledger.root, "hook", "install").status == 0
    assert (ledger.root / ".gitattributes").read_text("utf-8") == "data/**/*.yml merge=punchcard\n"


@pytest.mark.parametrize(("program", "reason"), [("false", "status 1"), ("ls /no", "ls: ")])
def test_a_hook_that_cannot_run_is_not_set_up(
    punchcard: RunPunchcard,
    ledger: WrittenLedger,
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    reason: str,
) -> None:
    monkeypatch.setattr("ledger.history.hooks._PROGRAM", tuple(program.split()))
    ran = punchcard(ledger.root, "hook", "install")
    assert (ran.status, f"could not work here: {reason}" in ran.stderr) == (2, True), ran.stderr
    assert not (ledger.root / ".git/hooks/pre-commit").exists()


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("customers", "customers/**/*.yml merge=punchcard"),
        ("our [books]", r'"our \\[books\\]/**/*.yml" merge=punchcard'),
    ],
)
def test_files_of_the_ledger_are_merged_record_by_record(
    punchcard: RunPunchcard, ledger: WrittenLedger, folder: str, line: str
) -> None:
    if folder != "customers":
        ledger.git("mv", "customers", folder)
        ledger.commit()
    attributes = ledger.root / ".gitattributes"
    attributes.write_text("*.png binary", encoding="utf-8")
    for said in (f"{attributes} says how the ledger is merged: commit it\n", ""):
        ran = punchcard(ledger.root, "--ledger", folder, "hook", "install")
        assert (ran.status, ran.stdout.partition("\n")[2]) == (0, said)
        assert attributes.read_text(encoding="utf-8") == f"*.png binary\n{line}\n"
    driver = ledger.git("config", "merge.punchcard.driver")
    assert driver.endswith(" -P -m ledger.cli merge-driver %O %A %B %P")
    for name in ("terms.yml", "acme/time/2024-11-alice.yml"):
        found = ledger.git("check-attr", "merge", f"{folder}/{name}")
        assert found.endswith("merge: punchcard")


def test_branches_that_log_at_the_same_place_merge_and_both_entries_are_kept(
    punchcard: RunPunchcard, ledger: WrittenLedger
) -> None:
    assert punchcard(ledger.root, "hook", "install").status == 0
    base = ledger.commit("Merge records")
    for branch, entry in (("monday", "09-1-abc"), ("tuesday", "10-1-xyz")):
        ledger.git("checkout", "--quiet", "-b", branch, base)
        ledger.log(entry)
        ledger.commit()
    merged = try_git(ledger.root, "merge", "--no-edit", "monday")
    assert merged.returncode == 0, merged.stdout
    text = ledger.find(TIME_FILE).read_text(encoding="utf-8")
    assert all(text.count(f"id: {entry}") == 1 for entry in ("09-1-abc", "10-1-xyz"))
    assert punchcard(ledger.root, "check", "--since", base).status == 0


def test_a_ledger_with_errors_gets_its_hook_all_the_same(
    punchcard: RunPunchcard, ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.log("09-1", 20)
    ledger.commit()
    git(tmp_path, "clone", "--quiet", "--bare", str(ledger.root), "server.git")
    for folder in (ledger.root, tmp_path / "server.git"):
        assert punchcard(folder, "hook", "install").status == 0


def test_a_merge_that_loses_an_entry_is_refused_before_it_is_committed_and_pushed(
    punchcard: RunPunchcard, ledger: WrittenLedger, server: Path
) -> None:
    assert punchcard(ledger.root, "hook", "install").status == 0
    base = ledger.git("rev-parse", "HEAD")
    ledger.git("config", "--unset", "merge.punchcard.driver")
    for branch, entry in (("work", "09-1"), ("main", "10-1")):
        ledger.git("checkout", "--quiet", "-B", branch, base)
        ledger.log(entry)
        ledger.git("commit", "--quiet", "--all", "--message=Log")
    assert try_git(ledger.root, "merge", "work").returncode != 0
    ledger.git("checkout", "--ours", TIME_FILE.replace("2026", YEAR))
    refused = try_git(ledger.root, "commit", "--all", "--message=Merge")
    assert refused.returncode != 0
    assert f"entry {YEAR}-11-alice/09-1 was removed; it stood at" in refused.stderr
    ledger.git("commit", "--all", "--message=Merge", "--no-verify")
    pushed = try_git(ledger.root, "push", "origin", "main")
    assert pushed.returncode != 0
    assert f"entry {YEAR}-11-alice/09-1 was removed; it stood at" in pushed.stderr
    ledger.log("09-1")
    ledger.git("commit", "--all", "--message=Put it back")
    assert try_git(ledger.root, "push", "origin", "main").returncode == 0
