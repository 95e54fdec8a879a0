from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


def test_the_figure_is_that_of_the_commit(repository: Path, punchcard: RunPunchcard) -> None:
    day = ("--as-of", AS_OF)
    punchcard(repository, "request", "move", "acme", "1", "support", *day)
    ran = punchcard(repository, *LOG, "--commit")
    assert "acme has 8h 30m left on 2 cards" in ran.stdout  # In the work tree it is 9h 15m.
    assert "acme has 9h 15m left" in punchcard(repository, *LOG, "--date", "2026-06-30").stdout


def test_a_clone_that_lacks_commits_of_its_upstream_branch_is_remarked_on(
    repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    log = ("log", "acme", "1", "15m", "-m", "x", "--as-of", AS_OF)
    assert "git pull" not in punchcard(clone, *log).stdout
    for lacks, how in (("1 commit", ()), ("2 commits", ("--commit",))):
        git(repository, "commit", "--quiet", "--allow-empty", "--message", "More")
        git(clone, "fetch", "--quiet")
        said = punchcard(clone, *log, "--date", "2026-05-04", *how).stdout
        assert f"note: this branch lacks {lacks} of its upstream: git pull\n" in said


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
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 0
    assert "note: HEAD is on no branch, and so is the commit" in ran.stdout
    assert git(repository, "rev-parse", "main") == main == git(repository, "rev-parse", "HEAD~1")


def test_a_bare_repository_takes_records_on_a_branch_only(
    repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(repository), str(bare))
    assert "no work tree" in punchcard(bare, *LOG).stderr
    assert punchcard(bare, *LOG, "--branch", "time").status == 0
    assert "- id: 30-1" in read_at(bare, "time")


@pytest.fixture
def read_all(repository: Path) -> Callable[[], tuple[str, ...]]:
    """What a failed commit leaves as it was: files, index, commits, work trees."""

    def read() -> tuple[str, ...]:
        files = git(repository, "ls-files", "--others", "--stage", "customers")
        commits = git(repository, "for-each-ref"), git(repository, "rev-parse", "HEAD")
        work_trees = git(repository, "worktree", "list")
        return (repository / SHEET).read_text(), files, *commits, work_trees

    return read


def add_hook(repository: Path, name: str, script: str) -> None:
    hook = repository / ".git/hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


@pytest.mark.parametrize("place", [("--commit",), ("--branch", "time")])
def test_hooks_of_the_repository_see_the_change_and_are_heard(
    repository: Path, punchcard: RunPunchcard, place: tuple[str, ...], tmp_path: Path
) -> None:
    (repository / "seal").write_text("Sealed-by: us\n")
    shutil.copytree(repository / "customers/acme", repository / "customers/other")
    commit_all(repository)
    git(repository, "config", "core.fsmonitor", f"touch {tmp_path}/ran-fsmonitor")
    look = f"git diff --cached > {tmp_path}/seen; git diff --exit-code && cat {SHEET} > /dev/null"
    add_hook(repository, "pre-commit", look)
    add_hook(repository, "commit-msg", 'cat seal >> "$1"')
    assert punchcard(repository, *LOG, *place).status == 0
    assert [line for line in (tmp_path / "seen").read_text().splitlines() if line[:1] in "+-"][
        2:
    ] == [f"+{line}" for line in RECORD.splitlines()]
    commit = "HEAD" if place == ("--commit",) else "time"
    assert git(repository, "log", "-1", "--format=%B", commit).endswith("Sealed-by: us")
    assert not (tmp_path / "ran-fsmonitor").exists()
    git(repository, "config", "--unset", "core.fsmonitor")
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "worktree", "list").count("\n") == 0


@pytest.mark.parametrize("place", [("--commit",), ("--branch", "time")])
@pytest.mark.parametrize("hook", ["pre-commit", "commit-msg", "reference-transaction"])
@pytest.mark.parametrize("consultant", ["alice", "ben"])
def test_what_a_hook_refuses_is_not_written(
    repository: Path,
    punchcard: RunPunchcard,
    read_all: Callable[[], tuple[str, ...]],
    place: tuple[str, ...],
    hook: str,
    consultant: str,
) -> None:
    add_hook(repository, hook, "echo nothing on Fridays >&2; exit 1")
    before = read_all()
    ran = punchcard(repository, *LOG, "--as", consultant, *place)
    assert (ran.status, ran.stdout) == (2, "")
    assert "did not take the commit: nothing on Fridays" in ran.stderr
    assert read_all() == before


@pytest.mark.parametrize("is_made", [False, True])
def test_ctrl_c_leaves_a_commit_whole_or_nothing(
    repository: Path, read_all: Callable[[], tuple[str, ...]], is_made: bool
) -> None:
    add_hook(repository, "post-commit" if is_made else "pre-commit", "kill -INT 0; sleep 1")
    before = read_all()
    ran = subprocess.run(
        [sys.executable, "-m", "ledger.cli", *LOG, "--commit"],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        start_new_session=True,
        check=False,
        capture_output=True,
        text=True,
    )
    assert "Traceback" not in ran.stderr
    if is_made:
        assert ran.returncode == 0
        assert read_at(repository, "HEAD") == (repository / SHEET).read_text() != before[0]
        assert git(repository, "status", "--porcelain") == ""
    else:
        assert ran.returncode == 130
        assert read_all() == before


def test_commits_are_signed_where_git_is_set_to_sign(
    repository: Path, punchcard: RunPunchcard, read_all: Callable[[], tuple[str, ...]]
) -> None:
    git(repository, "config", "commit.gpgsign", "true")
    git(repository, "config", "gpg.program", "false")
    before = read_all()
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 2
    assert "gpg failed to sign" in ran.stderr
    assert read_all() == before
    signer = repository / ".git/signer"
    signer.write_text(
        "#!/bin/sh\ncat > /dev/null\nprintf '\\n[GNUPG:] SIG_CREATED ' >&2\necho a signature\n"
    )
    signer.chmod(0o755)
    git(repository, "config", "gpg.program", str(signer))
    assert punchcard(repository, *LOG, "--commit").status == 0
    assert punchcard(repository, *LOG, "--branch", "time").status == 0
    for commit in ("HEAD", "time"):
        assert "gpgsig a signature" in git(repository, "cat-file", "commit", commit)


def test_content_filters_are_not_run(
    repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    (repository / ".gitattributes").write_text("*.yml filter=evil\n")
    commit_all(repository)
    for kind in ("clean", "smudge", "process"):
        git(repository, "config", f"filter.evil.{kind}", f"touch {tmp_path}/ran-{kind}; cat")
    git(repository, "config", "filter.evil.required", "true")
    for path in (repository / "customers").rglob("*.yml"):
        path.touch()
    add_hook(repository, "pre-commit", "true")
    assert punchcard(repository, *LOG, "--commit").status == 0
    assert punchcard(repository, *LOG, "--branch", "time").status == 0
    assert list(tmp_path.glob("ran-*")) == []


def test_a_commit_that_comes_in_between_is_not_undone(
    repository: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    from ledger.writing import commit

    find_place = commit.find_place
    (repository / "other.txt").write_text("theirs")

    def commit_meanwhile(*arguments: Any) -> Any:
        found = find_place(*arguments)
        git(repository, "add", "other.txt")
        git(repository, "commit", "--quiet", "--message=Theirs")
        return found

    monkeypatch.setattr("ledger.writing.write.find_place", commit_meanwhile)
    before = (repository / SHEET).read_text()
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 2
    assert "HEAD was moved just now (run the command again)" in ran.stderr
    assert git(repository, "log", "-1", "--format=%s") == "Theirs"
    assert git(repository, "status", "--porcelain") == ""
    assert (repository / SHEET).read_text() == before


UNDER_WAY = {
    "merge": ("merge side",),
    "rebase": ("rebase side",),
    "cherry-pick": ("cherry-pick side",),
    "revert": ("revert main~1",),
    "bisect": ("bisect start", "bisect bad main", "bisect good main~2"),
}


@pytest.mark.parametrize("what", UNDER_WAY)
def test_no_commit_gets_into_what_git_is_in_the_middle_of(
    repository: Path,
    punchcard: RunPunchcard,
    read_all: Callable[[], tuple[str, ...]],
    what: str,
) -> None:
    other = repository / "other.txt"
    for branch, texts in (("side", ["side"]), ("main", ["one", "two"])):
        git(repository, "checkout", "--quiet", *(["-b"] if branch == "side" else []), branch)
        for text in texts:
            other.write_text(text)
            commit_all(repository)
    for command in UNDER_WAY[what]:
        subprocess.run(["git", *command.split()], cwd=repository, check=False, capture_output=True)
    before = read_all()
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 2
    assert f"a {what} is under way" in ran.stderr
    ran = punchcard(repository, *LOG, "--branch", "main")
    assert "is checked out" in ran.stderr or "is being rebased or bisected" in ran.stderr
    assert read_all() == before
    assert punchcard(repository, *LOG, "--branch", "time").status == 0
    assert (repository / SHEET).read_text() == before[0]
    assert punchcard(repository, *LOG).status == 0


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
    assert "a merge is under way" in punchcard(repository, *LOG, "--commit").stderr
    (repository / ".git/MERGE_HEAD").unlink()
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 1
    assert "a merge conflict is not resolved" in ran.stderr
    git(repository, "checkout", "--ours", SHEET)
    before = sheet.read_text()
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 2
    assert "in the middle of a merge" in ran.stderr
    assert sheet.read_text() == before


@pytest.mark.parametrize("held", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
def test_a_commit_that_fails_leaves_everything_as_it_was(
    repository: Path,
    punchcard: RunPunchcard,
    monkeypatch: pytest.MonkeyPatch,
    read_all: Callable[[], tuple[str, ...]],
    held: str,
) -> None:
    monkeypatch.setattr("ledger.writing.commit._INDEX_TRIES", 2)
    before = read_all()
    lock = repository / ".git" / held
    lock.touch()
    ran = punchcard(repository, *LOG, "--commit")
    assert ran.status == 2
    assert held in ran.stderr
    assert "File exists" in ran.stderr or "close it, or delete what it left" in ran.stderr
    lock.unlink()
    assert read_all() == before
    assert punchcard(repository, *LOG, "--commit").status == 0
    assert (repository / SHEET).read_text() == before[0] + RECORD


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
    assert "who did this?" in punchcard(repository, *LOG).stderr
    ran = punchcard(repository, *LOG, "--as", "alice", "--commit")
    assert ran.status == 2
    assert "Git does not know who you are" in ran.stderr
    assert (repository / SHEET).read_text() == before
