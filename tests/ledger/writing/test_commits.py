import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ledger.writing.commit import find_place
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
PLACES = pytest.mark.parametrize("place", [("--commit",), ("--branch", "time")])
ReadAll = Callable[[], tuple[str, ...]]


def read_at(repository: Path, revision: str, name: str = SHEET) -> str:
    return git(repository, "show", f"{revision}:{name}") + "\n"


@pytest.fixture
def read_all(repository: Path) -> ReadAll:
    """What a failed commit leaves as it was: files, index, commits, work trees."""

    def read() -> tuple[str, ...]:
        files = git(repository, "ls-files", "--others", "--stage", "customers")
        commits = git(repository, "for-each-ref"), git(repository, "rev-parse", "HEAD")
        work_trees = git(repository, "worktree", "list")
        return (repository / SHEET).read_text(), files, *commits, work_trees

    return read


def test_a_commit_holds_the_record_and_says_what_and_for_whom(
    repository: Path, run: RunPunchcard
) -> None:
    before = (repository / SHEET).read_text()
    ran = run(*LOG, "--commit")
    assert (ran.status, ran.stderr) == (0, "")
    assert (repository / SHEET).read_text() == before + RECORD == read_at(repository, "HEAD")
    said = git(repository, "log", "-1", "--format=%s|%an")
    assert said == "acme: log 45m on ACME-1 (alice)|Alice Moreau"
    assert git(repository, "diff", "--name-only", "HEAD~1", "HEAD") == SHEET
    assert f"{SHEET}:7, commit {git(repository, 'rev-parse', 'HEAD')[:10]} on main" in ran.stdout
    assert run(*LOG, "--as", "ben", "--commit").status == 0
    assert read_at(repository, "HEAD", SHEET.replace("alice", "ben")) == RECORD
    assert git(repository, "status", "--porcelain") == ""


def test_what_is_staged_and_dirty_stays_so(repository: Path, run: RunPunchcard) -> None:
    customer, sheet = repository / "customers/acme/customer.yml", repository / SHEET
    customer.write_text(customer.read_text() + "# staged\n")
    sheet.write_text(sheet.read_text().replace("# June", "# June, staged"))
    (repository / "new.txt").write_text("new")
    git(repository, "add", "--all")
    customer.write_text(customer.read_text() + "# dirty\n")
    sheet.write_text(sheet.read_text().replace("by phone", "by telephone"))

    def read_changes(*how: str) -> list[str]:
        return [line for line in git(repository, "diff", *how).splitlines() if line[:1] in "+-"]

    before = read_changes("--cached"), read_changes()
    assert run(*LOG, "--commit").status == 0
    assert (read_changes("--cached"), read_changes()) == before
    assert git(repository, "diff", "--numstat", "HEAD~1", "HEAD").split() == ["5", "0", SHEET]
    assert read_at(repository, "HEAD").endswith(RECORD)
    assert sheet.read_text().endswith(RECORD)


def test_records_written_before_without_a_commit_are_not_committed_along(
    repository: Path, run: RunPunchcard
) -> None:
    assert run(*LOG).status == 0
    assert run(*LOG, "--commit").status == 0
    assert run(*LOG, "--branch", "time").status == 0
    assert read_at(repository, "HEAD").count("- id:") == 2
    assert "- id: 30-2" in read_at(repository, "HEAD")
    assert "- id: 30-3" in read_at(repository, "time")  # Ids keep clear of those in the work tree.
    assert (repository / SHEET).read_text().count("- id: 30-") == 2
    assert git(repository, "diff", "--numstat").split()[:2] == ["5", "0"]


def test_a_commit_is_judged_by_itself(
    repository: Path, run: RunPunchcard, read_all: ReadAll
) -> None:
    assert run("request", "open", "acme", "New", "--category", "onboarding").status == 0
    assert run("request", "move", "acme", "1", "support").status == 0
    before, log = read_all(), ("log", "acme", "ACME-2", "45m", "-m", "x")
    ran = run(*log, "--commit")
    assert ran.status == 1
    assert "there is no request 'ACME-2'" in ran.stderr
    assert "commit first what it builds on" in ran.stderr
    assert read_all() == before
    assert "acme has 8h 30m left on 2 cards" in run(*LOG, "--commit").stdout
    assert "acme has 9h 15m left" in run(*LOG).stdout  # In the work tree it is support.
    assert run(*log).status == 0


def test_a_clone_that_lacks_commits_of_its_upstream_branch_is_remarked_on(
    repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "--quiet", str(repository), str(clone))
    assert "git pull" not in punchcard(clone, *LOG).stdout
    for lacks, how in (("1 commit", ()), ("2 commits", ("--commit",))):
        git(repository, "commit", "--quiet", "--allow-empty", "--message", "More")
        git(clone, "fetch", "--quiet")
        said = punchcard(clone, *LOG, "--date", "2026-05-04", *how).stdout
        assert f"note: this branch lacks {lacks} of its upstream: git pull\n" in said


def test_a_branch_gets_the_record_and_the_work_tree_does_not(
    repository: Path, run: RunPunchcard, read_all: ReadAll
) -> None:
    head, before = git(repository, "rev-parse", "HEAD"), read_all()[0]
    for _ in range(2):
        ran = run(*LOG, "--branch", "time/june")
        assert (ran.status, "on time/june" in ran.stdout) == (0, True)
    assert git(repository, "rev-parse", "HEAD", "time/june~2").split() == [head, head]
    assert git(repository, "status", "--porcelain") == ""
    assert read_at(repository, "time/june") == before + RECORD + RECORD.replace("30-1", "30-2")
    said = git(repository, "log", "-1", "--format=%s", "time/june")
    assert said == "acme: log 45m on ACME-1 (alice)"


@pytest.mark.parametrize("name", ["-x", "HEAD", "a..b", "a b", "", "x.lock", "--output=x"])
def test_what_is_no_name_for_a_branch_is_refused(run: RunPunchcard, name: str) -> None:
    ran = run(*LOG, f"--branch={name}")
    assert (ran.status, "is no name for a branch" in ran.stderr) == (2, True)


def test_a_branch_that_is_checked_out_is_refused(
    repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    git(repository, "worktree", "add", "--quiet", "-b", "other", str(tmp_path / "other"))
    for branch in ("main", "other"):
        ran = punchcard(repository, *LOG, "--branch", branch)
        assert (ran.status, "is checked out" in ran.stderr) == (2, True)
    assert "on other" in punchcard(tmp_path / "other", *LOG, "--commit").stdout


def test_a_detached_head_moves_and_no_branch_does(repository: Path, run: RunPunchcard) -> None:
    git(repository, "checkout", "--quiet", "--detach")
    main = git(repository, "rev-parse", "main")
    ran, said = run(*LOG, "--commit"), "note: HEAD is on no branch, and so is the commit"
    assert (ran.status, said in ran.stdout) == (0, True)
    assert git(repository, "rev-parse", "main", "HEAD~1").split() == [main, main]


def test_a_bare_repository_takes_records_on_a_branch_only(
    repository: Path, punchcard: RunPunchcard
) -> None:
    bare = repository / ".git"
    git(repository, "config", "core.bare", "true")
    assert "no work tree" in punchcard(bare, *LOG).stderr
    assert punchcard(bare, *LOG, "--branch", "time").status == 0
    assert "- id: 30-1" in read_at(bare, "time")


def add_hook(repository: Path, name: str, script: str) -> None:
    hook = repository / ".git/hooks" / name
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


@PLACES
def test_hooks_of_the_repository_see_the_change_and_are_heard(
    repository: Path, run: RunPunchcard, place: tuple[str, ...], tmp_path: Path
) -> None:
    (repository / "seal").write_text("Sealed-by: us\n")
    shutil.copytree(repository / "customers/acme", repository / "customers/other")
    commit_all(repository)
    git(repository, "config", "core.fsmonitor", f"touch {tmp_path}/ran-fsmonitor")
    look = f"git diff --cached > {tmp_path}/seen; git diff --exit-code && cat {SHEET} > /dev/null"
    add_hook(repository, "pre-commit", look)
    add_hook(repository, "commit-msg", 'cat seal >> "$1"')
    assert run(*LOG, *place).status == 0
    seen = [line for line in (tmp_path / "seen").read_text().splitlines() if line[:1] in "+-"]
    assert seen[2:] == [f"+{line}" for line in RECORD.splitlines()]
    commit = "HEAD" if place == ("--commit",) else "time"
    assert git(repository, "log", "-1", "--format=%B", commit).endswith("Sealed-by: us")
    assert not (tmp_path / "ran-fsmonitor").exists()
    git(repository, "config", "--unset", "core.fsmonitor")
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "worktree", "list").count("\n") == 0


@PLACES
@pytest.mark.parametrize("hook", ["pre-commit", "commit-msg", "reference-transaction"])
@pytest.mark.parametrize("consultant", ["alice", "ben"])
def test_what_a_hook_refuses_is_not_written(
    repository: Path,
    run: RunPunchcard,
    read_all: ReadAll,
    place: tuple[str, ...],
    hook: str,
    consultant: str,
) -> None:
    add_hook(repository, hook, "echo nothing on Fridays >&2; exit 1")
    before, ran = read_all(), run(*LOG, "--as", consultant, *place)
    assert (ran.status, ran.stdout) == (2, "")
    assert "did not take the commit: nothing on Fridays" in ran.stderr
    assert read_all() == before


@pytest.mark.parametrize("is_made", [False, True])
def test_ctrl_c_leaves_a_commit_whole_or_nothing(
    repository: Path, read_all: ReadAll, is_made: bool
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
    repository: Path, run: RunPunchcard, read_all: ReadAll
) -> None:
    git(repository, "config", "commit.gpgsign", "true")
    git(repository, "config", "gpg.program", "false")
    before = read_all()
    ran = run(*LOG, "--commit")
    assert (ran.status, "gpg failed to sign" in ran.stderr) == (2, True)
    assert read_all() == before
    says = r"cat > /dev/null; printf '\n[GNUPG:] SIG_CREATED ' >&2; echo a signature"
    add_hook(repository, "signer", says)
    git(repository, "config", "gpg.program", str(repository / ".git/hooks/signer"))
    for place, commit in ((("--commit",), "HEAD"), (("--branch", "time"), "time")):
        assert run(*LOG, *place).status == 0
        assert "gpgsig a signature" in git(repository, "cat-file", "commit", commit)


@PLACES
def test_content_filters_are_not_run(
    repository: Path, run: RunPunchcard, place: tuple[str, ...], tmp_path: Path
) -> None:
    (repository / ".gitattributes").write_text("*.yml filter=evil\n")
    commit_all(repository)
    for kind in ("clean", "smudge", "process"):
        git(repository, "config", f"filter.evil.{kind}", f"touch {tmp_path}/ran-{kind}; cat")
    git(repository, "config", "filter.evil.required", "true")
    for path in (repository / "customers").rglob("*.yml"):
        path.touch()
    add_hook(repository, "pre-commit", "true")
    assert run(*LOG, *place).status == 0
    assert list(tmp_path.glob("ran-*")) == []


def test_a_commit_that_comes_in_between_is_not_undone(
    repository: Path, run: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "other.txt").write_text("theirs")

    def commit_meanwhile(*arguments: Any) -> Any:
        found = find_place(*arguments)
        commit_all(repository, "Theirs")
        return found

    monkeypatch.setattr("ledger.writing.commit.find_place", commit_meanwhile)
    before = (repository / SHEET).read_text()
    ran, said = run(*LOG, "--commit"), "HEAD was moved just now (run the command again)"
    assert (ran.status, said in ran.stderr) == (2, True)
    assert git(repository, "log", "-1", "--format=%s") == "Theirs"
    assert git(repository, "status", "--porcelain") == ""
    assert (repository / SHEET).read_text() == before


@pytest.mark.parametrize(
    "commands",
    [
        *(["merge side"], ["rebase side"], ["cherry-pick side"], ["revert main~1"]),
        ["bisect start", "bisect bad main", "bisect good main~2"],
    ],
)
def test_no_commit_gets_into_what_git_is_in_the_middle_of(
    repository: Path, run: RunPunchcard, read_all: ReadAll, commands: list[str]
) -> None:
    for branch, texts in (("side", ["side"]), ("main", ["one", "two"])):
        git(repository, "checkout", "--quiet", *(["-b"] if branch == "side" else []), branch)
        for text in texts:
            (repository / "other.txt").write_text(text)
            commit_all(repository)
    for command in commands:
        subprocess.run(["git", *command.split()], cwd=repository, check=False, capture_output=True)
    before, ran = read_all(), run(*LOG, "--commit")
    assert (ran.status, f"a {commands[0].split()[0]} is under way" in ran.stderr) == (2, True)
    ran = run(*LOG, "--branch", "main")
    assert "is checked out" in ran.stderr or "is being rebased or bisected" in ran.stderr
    assert read_all() == before
    assert run(*LOG, "--branch", "time").status == 0
    assert (repository / SHEET).read_text() == before[0]
    assert run(*LOG).status == 0


def test_line_ends_that_git_converts_stay_converted(repository: Path, run: RunPunchcard) -> None:
    (repository / ".gitattributes").write_text("*.yml text eol=crlf\n")
    commit_all(repository)
    sheet = repository / SHEET
    sheet.write_bytes(sheet.read_bytes().replace(b"\n", b"\r\n"))
    assert run(*LOG, "--commit").status == 0
    assert b"\r" not in git(repository, "show", f"HEAD:{SHEET}").encode()
    assert sheet.read_bytes().count(b"\n") == sheet.read_bytes().count(b"\r\n") == 11
    assert git(repository, "status", "--porcelain") == ""


def test_a_merge_in_the_file_is_finished_first(repository: Path, run: RunPunchcard) -> None:
    sheet = repository / SHEET
    before = sheet.read_text()
    git(repository, "branch", "side")
    for branch in ("side", "main"):
        git(repository, "checkout", "--quiet", branch)
        sheet.write_text(before.replace("# June", f"# June, {branch}"))
        commit_all(repository)
    with pytest.raises(Exception, match="returned non-zero"):
        git(repository, "merge", "side")
    (repository / ".git/MERGE_HEAD").unlink()
    ran = run(*LOG, "--commit")
    assert (ran.status, "a merge conflict is not resolved" in ran.stderr) == (1, True)
    git(repository, "checkout", "--ours", SHEET)
    before = sheet.read_text()
    ran = run(*LOG, "--commit")
    assert (ran.status, "in the middle of a merge" in ran.stderr) == (2, True)
    assert sheet.read_text() == before


@pytest.mark.parametrize("held", ["index.lock", "HEAD.lock", "refs/heads/main.lock"])
def test_a_commit_that_fails_leaves_everything_as_it_was(
    repository: Path,
    run: RunPunchcard,
    monkeypatch: pytest.MonkeyPatch,
    read_all: ReadAll,
    held: str,
) -> None:
    monkeypatch.setattr("ledger.writing.commit._INDEX_TRIES", 2)
    before, lock = read_all(), repository / ".git" / held
    lock.touch()
    ran = run(*LOG, "--commit")
    assert (ran.status, held in ran.stderr) == (2, True)
    assert "File exists" in ran.stderr or "close it, or delete what it left" in ran.stderr
    lock.unlink()
    assert read_all() == before
    assert run(*LOG, "--commit").status == 0
    assert (repository / SHEET).read_text() == before[0] + RECORD


def test_nothing_is_committed_where_nothing_was(
    punchcard: RunPunchcard, tmp_path: Path, repository: Path
) -> None:
    plain = tmp_path / "plain"
    (repository / "customers").rename(plain)
    log = ("--ledger", plain, *LOG, "--as", "alice")
    assert "in no Git repository" in punchcard(tmp_path, *log, "--commit").stderr
    assert punchcard(tmp_path, *log).status == 0
    assert (plain / SHEET.partition("/")[2]).read_text().endswith(RECORD)
    git(tmp_path, "init", "--quiet", "fresh")
    plain.rename(tmp_path / "fresh/customers")
    ran = punchcard(tmp_path / "fresh", *LOG, "--commit")
    said = "nothing yet that a commit could come after"
    assert (ran.status, said in ran.stderr) == (2, True)


def test_without_an_identity_nothing_is_written(
    repository: Path, run: RunPunchcard, monkeypatch: pytest.MonkeyPatch, read_all: ReadAll
) -> None:
    for name in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        monkeypatch.delenv(f"GIT_{name}")
    git(repository, "config", "user.useConfigOnly", "true")
    before = read_all()
    assert "who did this?" in run(*LOG).stderr
    ran = run(*LOG, "--as", "alice", "--commit")
    assert (ran.status, "Git does not know who you are" in ran.stderr) == (2, True)
    assert read_all() == before
