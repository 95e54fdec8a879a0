from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, commit_all, git
from tests.ledger.writing.small_ledger import AS_OF

SHEET = "customers/acme/time/2026-06-alice.yml"
LOG = ("log", "acme", "ACME-1", "45m", "-m", "Set up the sandbox.", "--as-of", AS_OF)
RECORD = """\
- id: 30-1-xyz
  date: 2026-06-30
  request: ACME-1
  minutes: 45
  note: Set up the sandbox.
"""


def read_at(repository: Path, revision: str, name: str = SHEET) -> str:
    return git(repository, "show", f"{revision}:{name}") + "\n"


def test_a_commit_holds_the_record_and_says_what_and_for_whom(
    repository: Path, punchcard: RunPunchcard
) -> None:
    before = (repository / SHEET).read_text()
    ran = punchcard(repository, *LOG, "--commit")
    assert (ran.status, ran.stderr) == (0, "")
    assert (repository / SHEET).read_text() == before + RECORD == read_at(repository, "HEAD")
    assert git(repository, "log", "-1", "--format=%s|%an") == (
        "acme: log 45m on ACME-1 (alice)|Alice Moreau"
    )
    assert git(repository, "diff", "--name-only", "HEAD~1", "HEAD") == SHEET
    assert git(repository, "status", "--porcelain") == ""
    assert f"{SHEET}:7, commit {git(repository, 'rev-parse', 'HEAD')[:10]} on main" in ran.stdout


def test_what_is_staged_and_dirty_stays_so(repository: Path, punchcard: RunPunchcard) -> None:
    customer = repository / "customers/acme/customer.yml"
    customer.write_text(customer.read_text() + "# staged\n")
    git(repository, "add", "customers/acme/customer.yml")
    customer.write_text(customer.read_text() + "# dirty\n")
    sheet = repository / SHEET
    sheet.write_text(sheet.read_text().replace("# June", "# June, staged"))
    git(repository, "add", SHEET)
    sheet.write_text(sheet.read_text().replace("by phone", "by telephone"))
    (repository / "new.txt").write_text("new")
    git(repository, "add", "new.txt")
    staged_before = git(repository, "diff", "--cached")
    dirty_before = git(repository, "diff")

    assert punchcard(repository, *LOG, "--commit").status == 0

    assert git(repository, "diff", "--stat", "--numstat", "HEAD~1", "HEAD").split()[:3] == [
        "5",
        "0",
        SHEET,
    ]
    assert read_at(repository, "HEAD").endswith(RECORD)
    assert "staged" not in read_at(repository, "HEAD")
    without_ids = [line for line in staged_before.splitlines() if not line.startswith("index")]
    for line in without_ids:
        assert line in git(repository, "diff", "--cached")
    assert RECORD.splitlines()[0] not in git(repository, "diff", "--cached").replace(" -", "")
    changed = [line for line in git(repository, "diff").splitlines() if line[:1] in "+-"]
    assert changed == [line for line in dirty_before.splitlines() if line[:1] in "+-"]
    assert (repository / SHEET).read_text().endswith(RECORD)


def test_records_written_before_without_a_commit_are_not_committed_along(
    repository: Path, punchcard: RunPunchcard
) -> None:
    assert punchcard(repository, *LOG).status == 0
    assert punchcard(repository, *LOG, "--commit").status == 0
    assert read_at(repository, "HEAD").count("- id:") == 2
    assert "- id: 30-2" in read_at(repository, "HEAD")
    assert (repository / SHEET).read_text().count("- id: 30-") == 2
    assert git(repository, "diff", "--numstat").split()[:2] == ["5", "0"]


def test_a_new_file_is_committed_alone(repository: Path, punchcard: RunPunchcard) -> None:
    ran = punchcard(repository, *LOG, "--as", "ben", "--commit")
    assert ran.status == 0
    assert read_at(repository, "HEAD", "customers/acme/time/2026-06-ben.yml") == RECORD
    assert git(repository, "status", "--porcelain") == ""


def test_a_change_that_needs_something_uncommitted_is_not_committed(
    repository: Path, punchcard: RunPunchcard
) -> None:
    opened = ("request", "open", "acme", "New", "--category", "onboarding", "--as-of", AS_OF)
    assert punchcard(repository, *opened).status == 0
    head = git(repository, "rev-parse", "HEAD")
    before = (repository / SHEET).read_text()
    log = ("log", "acme", "ACME-2", "45m", "-m", "x", "--as-of", AS_OF)
    ran = punchcard(repository, *log, "--commit")
    assert ran.status == 1
    assert "there is no request 'ACME-2'" in ran.stderr
    assert "commit first what it builds on" in ran.stderr
    assert (git(repository, "rev-parse", "HEAD"), (repository / SHEET).read_text()) == (
        head,
        before,
    )
    assert punchcard(repository, *log).status == 0


def test_a_branch_gets_the_record_and_the_work_tree_does_not(
    repository: Path, punchcard: RunPunchcard
) -> None:
    head = git(repository, "rev-parse", "HEAD")
    before = (repository / SHEET).read_text()
    first = punchcard(repository, *LOG, "--branch", "time/june")
    second = punchcard(repository, *LOG, "--branch", "time/june")
    assert (first.status, second.status) == (0, 0)
    assert "on time/june" in first.stdout
    assert git(repository, "rev-parse", "HEAD") == head
    assert git(repository, "rev-parse", "time/june~2") == head
    assert git(repository, "status", "--porcelain") == ""
    assert (repository / SHEET).read_text() == before
    assert read_at(repository, "time/june") == before + RECORD + RECORD.replace("30-1", "30-2")
    assert git(repository, "log", "-1", "--format=%s", "time/june") == (
        "acme: log 45m on ACME-1 (alice)"
    )


def test_ids_on_a_branch_keep_clear_of_those_in_the_work_tree(
    repository: Path, punchcard: RunPunchcard
) -> None:
    assert punchcard(repository, *LOG).status == 0
    assert punchcard(repository, *LOG, "--branch", "time").status == 0
    assert "- id: 30-2" in read_at(repository, "time")


@pytest.mark.parametrize("name", ["-x", "HEAD", "a..b", "a b", "", "x.lock", "--output=x"])
def test_what_is_no_name_for_a_branch_is_refused(
    repository: Path, punchcard: RunPunchcard, name: str
) -> None:
    ran = punchcard(repository, *LOG, f"--branch={name}")
    assert ran.status == 2
    assert "is no name for a branch" in ran.stderr


def test_a_branch_that_is_checked_out_is_refused(
    repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    assert "is checked out" in punchcard(repository, *LOG, "--branch", "main").stderr
    git(repository, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    ran = punchcard(repository, *LOG, "--branch", "other")
    assert ran.status == 2
    assert "is checked out" in ran.stderr
    assert punchcard(tmp_path / "other", *LOG, "--commit").status == 0
    assert "on other" in punchcard(tmp_path / "other", *LOG, "--commit").stdout


def test_a_detached_head_moves_and_no_branch_does(
    repository: Path, punchcard: RunPunchcard
) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    main = git(repository, "rev-parse", "main")
    assert punchcard(repository, *LOG, "--commit").status == 0
    assert git(repository, "rev-parse", "main") == main == git(repository, "rev-parse", "HEAD~1")


def test_a_bare_repository_takes_records_on_a_branch_only(
    repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(bare))
    assert "no work tree" in punchcard(bare, *LOG).stderr
    assert punchcard(bare, *LOG, "--branch", "time").status == 0
    assert "- id: 30-1" in read_at(bare, "time")


def test_hooks_and_signing_of_the_repository_are_not_run(
    repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    for name in ("pre-commit", "post-commit", "commit-msg", "reference-transaction"):
        hook = repository / ".git/hooks" / name
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-{name}\nexit 1\n")
        hook.chmod(0o755)
    git(repository, "config", "core.fsmonitor", f"touch {tmp_path}/ran-fsmonitor")
    assert punchcard(repository, *LOG, "--commit").status == 0
    assert list(tmp_path.glob("ran-*")) == []


def test_line_ends_that_git_converts_stay_converted(
    repository: Path, punchcard: RunPunchcard
) -> None:
    (repository / ".gitattributes").write_text("*.yml text eol=crlf\n")
    commit_all(repository)
    sheet = repository / SHEET
    sheet.write_bytes(sheet.read_bytes().replace(b"\n", b"\r\n"))
    assert punchcard(repository, *LOG, "--commit").status == 0
    assert b"\r" not in git(repository, "show", f"HEAD:{SHEET}").encode()
    assert sheet.read_bytes().count(b"\n") == sheet.read_bytes().count(b"\r\n") == 11
    assert git(repository, "status", "--porcelain") == ""


def test_a_merge_in_the_file_is_finished_first(repository: Path, punchcard: RunPunchcard) -> None:
    git(repository, "checkout", "--quiet", "-b", "side")
    sheet = repository / SHEET
    sheet.write_text(sheet.read_text().replace("# June", "# June, side"))
    commit_all(repository)
    git(repository, "checkout", "--quiet", "main")
    sheet.write_text(sheet.read_text().replace("# June", "# June, main"))
    commit_all(repository)
    with pytest.raises(Exception, match="returned non-zero"):
        git(repository, "merge", "side")
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 1
    assert "a merge conflict is not resolved" in ran.stderr
    git(repository, "checkout", "--ours", SHEET)
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 2
    assert "in the middle of a merge" in ran.stderr


def test_an_index_that_somebody_holds_loses_nothing(
    repository: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.writing.commit._INDEX_TRIES", 2)
    lock = repository / ".git/index.lock"
    lock.touch()
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 2
    assert "written to" in ran.stderr
    assert "but not committed" in ran.stderr
    assert "index.lock" in ran.stderr
    assert (repository / SHEET).read_text().endswith(RECORD)
    lock.unlink()
    assert git(repository, "status", "--porcelain") == f"M {SHEET}"


def test_nothing_is_committed_where_nothing_was(
    punchcard: RunPunchcard, tmp_path: Path, repository: Path
) -> None:
    plain = tmp_path / "plain"
    (repository / "customers").rename(plain)
    log = ("--ledger", plain, *LOG, "--as", "alice")
    assert "in no Git repository" in punchcard(tmp_path, *log, "--commit").stderr
    ran = punchcard(tmp_path, *log)
    assert ran.status == 0
    assert (plain / "acme/time/2026-06-alice.yml").read_text().endswith(RECORD)
    assert punchcard(tmp_path, "--ledger", plain, "check", "--as-of", AS_OF).status == 0
    git(tmp_path, "init", "--quiet", "fresh")
    plain.rename(tmp_path / "fresh/customers")
    ran = punchcard(tmp_path / "fresh", *LOG, "--commit")
    assert ran.status == 2
    assert "nothing yet that a commit could come after" in ran.stderr


def test_without_an_identity_nothing_is_written(
    repository: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    git(repository, "config", "user.useConfigOnly", "true")
    before = (repository / SHEET).read_text()
    assert "who did this?" in punchcard(repository, *LOG, "--commit").stderr
    ran = punchcard(repository, *LOG, "--as", "alice", "--commit")
    assert ran.status == 2
    assert "Git does not know who you are" in ran.stderr
    assert (repository / SHEET).read_text() == before
