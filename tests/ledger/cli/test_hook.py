"""Git's hooks, run by Git itself: real commits and real pushes."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.conftest import Commands, RunPunchcard, git
from tests.ledger.git.written_ledger import TIME_FILE, WrittenLedger

YEAR = "2024"  # hooks look from today, and nothing may be of the future
CHECKOUT = Path(__file__).parents[3]
WRONG = "20 minutes is not a multiple of 15"


class HookedLedger(WrittenLedger):
    """A ledger of that year that commits and pushes as Git does, whether it is taken or refused."""

    def try_git(self, *arguments: str, folder: Path | None = None) -> tuple[bool, str]:
        """Return whether Git did it, and what it said on standard error."""
        command, where = ["git", *arguments], folder or self.root
        done = subprocess.run(command, cwd=where, check=False, capture_output=True, text=True)
        return done.returncode == 0, done.stderr

    def push(self, *arguments: str, to: Path | str = "origin") -> tuple[bool, str]:
        return self.try_git("push", str(to), *arguments)

    def commit_wrong(self) -> str:
        self.log("09-1", 20)
        return self.commit()

    def clone_bare(self) -> Path:
        self.git("clone", "--quiet", "--bare", ".", "../server.git")
        return self.root.parent / "server.git"


@pytest.fixture
def ledger(
    tmp_path: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> HookedLedger:
    monkeypatch.setenv("PYTHONPATH", str(CHECKOUT))  # for the hook, which is a program of its own
    ledger = HookedLedger(tmp_path / "ledger", YEAR)
    ledger.run = Commands(punchcard, ledger.root)
    return ledger


@pytest.fixture
def server(punchcard: RunPunchcard, ledger: HookedLedger) -> Path:
    """A bare repository with the hook; it is the ledger's ``origin``."""
    bare = ledger.clone_bare()
    ledger.git("remote", "add", "origin", str(bare))
    ran = punchcard(bare, "hook", "install")
    assert (ran.status, ran.stdout) == (0, f"{bare}/hooks/pre-receive is set up\n")
    return bare


@pytest.fixture
def hooked(ledger: HookedLedger) -> HookedLedger:
    """The ledger, with the hook of its work tree."""
    first, *_ = ledger.run.done("hook", "install").splitlines()
    assert first == f"{ledger.root}/.git/hooks/pre-commit is set up"
    return ledger


def read_ref(folder: Path, ref: str) -> str:
    command = ["git", "rev-parse", "--verify", "--quiet", ref]
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    return done.stdout.strip()


def test_good_commits_and_merges_are_taken(ledger: HookedLedger, server: Path) -> None:
    ledger.git("checkout", "--quiet", "-b", "side")
    ledger.log("09-1", consultant="ben")
    ledger.commit(author="Ben Okafor <ben@example.com>")
    ledger.git("checkout", "--quiet", "main")
    ledger.log("10-1")
    commit = ledger.commit()
    for merge in (False, True):
        if merge:
            ledger.git("merge", "--quiet", "--no-edit", "side")
            commit = ledger.git("rev-parse", "HEAD")
        is_taken, said = ledger.push("main")
        assert (is_taken, "warning" in said) == (True, False), said
        assert read_ref(server, "main") == commit


def test_a_commit_with_errors_is_refused_and_the_branch_has_not_moved(
    ledger: HookedLedger, server: Path
) -> None:
    ledger.commit_wrong()
    is_taken, stderr = ledger.push("main")
    assert (is_taken, read_ref(server, "main")) == (False, ledger.first)
    said = [line.removeprefix("remote: ").rstrip() for line in stderr.splitlines()]
    assert f"customers/acme/time/2024-11-alice.yml:8:58: error[time-increment]: {WRONG}" in said
    assert f"      |{'':58}^^ log 15 or 30" in said
    [verdict] = [line for line in said if line.startswith("punchcard: main: the push is refused")]
    assert "1 error, 0 warnings" in verdict
    assert not any("Traceback" in line for line in said)


def test_a_commit_that_alters_what_was_recorded_is_refused(
    ledger: HookedLedger, server: Path
) -> None:
    ledger.alter()
    is_taken, said = ledger.push("main")
    assert (is_taken, read_ref(server, "main")) == (False, ledger.first)
    assert "entry 2024-11-alice/03-1 was altered: minutes 45 -> 30" in said


def test_a_forced_push_and_a_deletion_are_refused(ledger: HookedLedger, server: Path) -> None:
    git(server, "config", "receive.denyDeleteCurrent", "ignore")
    ledger.git("commit", "--quiet", "--amend", "--message=Another beginning")
    for push, said in (
        (("--force", "main"), "main: refused: the branch is protected: it goes forward only"),
        ((":main",), "main: refused: the branch is protected: it is not deleted"),
    ):
        assert said in ledger.push(*push)[1]
    assert read_ref(server, "main") == ledger.first


def test_other_branches_are_nobodys_business_unless_they_are_said_to_be_protected(
    ledger: HookedLedger, server: Path
) -> None:
    commit = ledger.commit_wrong()
    assert ledger.push("HEAD:draft")[0]
    assert read_ref(server, "draft") == commit
    assert ledger.push(":draft")[0]
    git(server, "config", "--add", "punchcard.protected", "main")
    git(server, "config", "--add", "punchcard.protected", "release/*")
    assert not ledger.push("HEAD:release/1")[0]
    assert read_ref(server, "release/1") == ""
    # Of several branches none is taken if one is refused.
    assert not ledger.push("HEAD:main", "HEAD:draft")[0]
    assert read_ref(server, "draft") == ""
    assert ledger.push("HEAD:draft")[0]


def test_a_new_protected_branch_is_checked_without_a_base(
    ledger: HookedLedger, tmp_path: Path, punchcard: RunPunchcard
) -> None:
    bare = tmp_path / "empty.git"
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    assert punchcard(bare, "hook", "install").status == 0
    ledger.commit_wrong()
    assert not ledger.push("main", to=bare)[0]
    ledger.replace(TIME_FILE, "minutes: 20", "minutes: 15")
    commit = ledger.commit()
    assert ledger.push("main", to=bare)[0]
    assert read_ref(bare, "main") == commit


def test_the_tag_of_a_publication_is_neither_moved_nor_deleted(
    ledger: HookedLedger, server: Path
) -> None:
    tag = "published/2024-11-18"
    ledger.git("tag", "--annotate", "--message=Published", tag)
    assert ledger.push(tag)[0]
    before = read_ref(server, tag)
    ledger.git("tag", "--annotate", "--force", "--message=Again", tag)
    for push in (("--force", tag), (f":{tag}",)):
        is_taken, said = ledger.push(*push)
        assert not is_taken
        assert "a publication's tag is neither moved nor deleted" in said
    assert read_ref(server, tag) == before


def test_warnings_are_shown_to_who_pushes_and_the_push_is_taken(
    ledger: HookedLedger, server: Path
) -> None:
    ledger.log("09-1")
    commit = ledger.commit(author="Ben Okafor <ben@example.com>")
    is_taken, said = ledger.push("main")
    assert (is_taken, read_ref(server, "main")) == (True, commit)
    assert "warning[author-mismatch]" in said
    assert "the push is taken, with warnings" in said


def test_a_push_without_the_ledger_is_refused(ledger: HookedLedger, server: Path) -> None:
    ledger.git("rm", "--quiet", "-r", "customers")
    ledger.commit()
    is_taken, said = ledger.push("main")
    assert (is_taken, "there is no customers in" in said) == (False, True)


def test_nonsense_on_standard_input_is_said(
    punchcard: RunPunchcard, server: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "stdin").write_text("main\n", encoding="utf-8")
    with (tmp_path / "stdin").open(encoding="utf-8") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        ran = punchcard(server, "hook", "pre-receive")
    assert (ran.status, "is not what Git tells a pre-receive hook" in ran.stderr) == (2, True)


def test_before_a_commit_the_staged_state_is_checked_not_the_work_tree(
    hooked: HookedLedger,
) -> None:
    hooked.log("09-1", 20)
    hooked.git("add", "--all")
    hooked.replace(TIME_FILE, "minutes: 20", "minutes: 15")
    is_taken, said = hooked.try_git("commit", "--message=Staged wrong, work tree right")
    assert (is_taken, WRONG in said, "the commit is refused" in said) == (False, True, True)
    hooked.git("add", "--all")
    hooked.replace(TIME_FILE, "minutes: 15", "minutes: 20")
    is_taken, said = hooked.try_git("commit", "--message=Staged right, work tree wrong")
    assert is_taken, said


@pytest.mark.parametrize("how", [["--all"], ["--only", "customers"], ["--include", "customers"]])
def test_a_commit_that_stages_by_itself_is_checked_as_it_will_be(
    hooked: HookedLedger, how: list[str]
) -> None:
    hooked.log("09-1", 20)
    commit = ("commit", how[0], "--message=Log", "--", *how[1:])
    is_taken, said = hooked.try_git(*commit)
    assert (is_taken, WRONG in said) == (False, True)
    hooked.replace(TIME_FILE, "minutes: 20", "minutes: 15")
    is_taken, said = hooked.try_git(*commit)
    assert is_taken, said


def test_the_hook_works_in_a_linked_work_tree_and_from_a_folder_below(
    punchcard: RunPunchcard, ledger: HookedLedger, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    ledger.git("worktree", "add", "--quiet", "-b", "side", str(linked))
    assert punchcard(linked, "hook", "install").status == 0
    below = linked / "customers" / "acme"
    (below / "purchases.yml").write_text("- {id: P1}\n", encoding="utf-8")
    is_taken, said = ledger.try_git("commit", "--all", "--message=Wrong", folder=below)
    assert (is_taken, "error[schema]" in said) == (False, True)


def test_the_hook_knows_a_ledger_that_is_elsewhere_in_its_repository(ledger: HookedLedger) -> None:
    ledger.git("mv", "customers", "our books")
    ledger.commit()
    assert ledger.run("--ledger", "our books", "hook", "install").status == 0
    ledger.write("our books/acme/purchases.yml", "- {id: P1}\n")
    is_taken, said = ledger.try_git("commit", "--all", "--message=Wrong")
    assert (is_taken, "error[schema]" in said) == (False, True)


def test_an_own_hook_is_renewed_and_a_foreign_one_kept_unless_forced(hooked: HookedLedger) -> None:
    file = hooked.root / ".git" / "hooks" / "pre-commit"
    assert hooked.run("hook", "install").status == 0
    assert os.access(file, os.X_OK)
    foreign = "#!/bin/sh\nexit 0\n"
    file.write_text(foreign, encoding="utf-8")
    assert "there is a pre-commit hook already" in hooked.run.refuse("hook", "install")
    assert file.read_text(encoding="utf-8") == foreign
    assert hooked.run("hook", "install", "--force").status == 0
    assert "hook pre-commit" in file.read_text(encoding="utf-8")


def test_hooks_that_are_kept_elsewhere_are_not_written(
    ledger: HookedLedger, tmp_path: Path
) -> None:
    ledger.git("config", "core.hooksPath", str(tmp_path / "shared-hooks"))
    said = f"hooks are kept in {tmp_path / 'shared-hooks'} (core.hooksPath)"
    assert said in ledger.run.refuse("hook", "install")
    assert not (tmp_path / "shared-hooks").exists()


def test_a_folder_called_ledger_in_the_repository_is_not_run(
    hooked: HookedLedger, tmp_path: Path
) -> None:
    for name in ("ledger/__init__.py", "ledger/cli/__init__.py", "ledger/cli/__main__.py"):
        hooked.write(name, f"open({str(tmp_path / 'marker')!r}, 'w')\n")
    is_taken, _said = hooked.try_git("commit", "--allow-empty", "--message=Nothing")
    assert (is_taken, (tmp_path / "marker").exists()) == (True, False)


def test_a_bare_repository_says_where_its_ledger_is(
    punchcard: RunPunchcard, ledger: HookedLedger
) -> None:
    ledger.git("mv", "customers", "data")
    ledger.commit()
    bare = ledger.clone_bare()
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
    is_taken, said = ledger.push("main", to=bare)
    assert (is_taken, WRONG in said) == (False, True)


def test_a_work_tree_says_where_its_ledger_is(
    punchcard: RunPunchcard, ledger: HookedLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.git("mv", "customers", "data")
    ledger.commit()
    assert "could not work here" in ledger.run.refuse("hook", "install")
    monkeypatch.setenv("PUNCHCARD_LEDGER", "data")
    below = ledger.root / "data" / "acme" / "time"
    assert punchcard(below, "balance").status == 0
    monkeypatch.delenv("PUNCHCARD_LEDGER")
    for wrong in ("../data", "/data"):
        ledger.git("config", "punchcard.ledger", wrong)
        assert "is no folder of the repository" in ledger.run.refuse("balance")
    ledger.git("config", "punchcard.ledger", "data/")
    for folder in (ledger.root, below):
        assert punchcard(folder, "balance").status == 0
        assert punchcard(folder, "check", "--rev", "HEAD").status == 0
    assert ledger.run("hook", "install").status == 0
    assert (ledger.root / ".gitattributes").read_text("utf-8") == "data/**/*.yml merge=punchcard\n"


@pytest.mark.parametrize(("program", "reason"), [("false", "status 1"), ("ls /no", "ls: ")])
def test_a_hook_that_cannot_run_is_not_set_up(
    ledger: HookedLedger, monkeypatch: pytest.MonkeyPatch,
    program: str, reason: str,
) -> None:  # fmt: skip
    monkeypatch.setattr("ledger.history.hooks._PROGRAM", tuple(program.split()))
    assert f"could not work here: {reason}" in ledger.run.refuse("hook", "install")
    assert not (ledger.root / ".git/hooks/pre-commit").exists()


@pytest.mark.parametrize(
    ("folder", "line"),
    [
        ("customers", "customers/**/*.yml merge=punchcard"),
        ("our [books]", r'"our \\[books\\]/**/*.yml" merge=punchcard'),
    ],
)
def test_files_of_the_ledger_are_merged_record_by_record(
    ledger: HookedLedger, folder: str, line: str
) -> None:
    if folder != "customers":
        ledger.git("mv", "customers", folder)
        ledger.commit()
    attributes = ledger.root / ".gitattributes"
    attributes.write_text("*.png binary", encoding="utf-8")
    for said in (f"{attributes} says how the ledger is merged: commit it\n", ""):
        text = ledger.run.done("--ledger", folder, "hook", "install")
        assert text.partition("\n")[2] == said
        assert attributes.read_text(encoding="utf-8") == f"*.png binary\n{line}\n"
    driver = ledger.git("config", "merge.punchcard.driver")
    assert driver.endswith(" -P -m ledger.cli merge-driver %O %A %B %P")
    for name in ("terms.yml", "acme/time/2024-11-alice.yml"):
        found = ledger.git("check-attr", "merge", f"{folder}/{name}")
        assert found.endswith("merge: punchcard")


def test_branches_that_log_at_the_same_place_merge_and_both_entries_are_kept(
    hooked: HookedLedger,
) -> None:
    base = hooked.commit("Merge records")
    for branch, entry in (("monday", "09-1-abc"), ("tuesday", "10-1-xyz")):
        hooked.git("checkout", "--quiet", "-b", branch, base)
        hooked.log(entry)
        hooked.commit()
    hooked.git("merge", "--quiet", "--no-edit", "monday")
    text = hooked.find(TIME_FILE).read_text(encoding="utf-8")
    assert all(text.count(f"id: {entry}") == 1 for entry in ("09-1-abc", "10-1-xyz"))
    assert hooked.run("check", "--since", base).status == 0


def test_a_ledger_with_errors_gets_its_hook_all_the_same(
    punchcard: RunPunchcard, ledger: HookedLedger
) -> None:
    ledger.commit_wrong()
    for folder in (ledger.root, ledger.clone_bare()):
        assert punchcard(folder, "hook", "install").status == 0


def test_a_merge_in_a_clone_too_shallow_to_judge_it_is_refused(
    punchcard: RunPunchcard, ledger: HookedLedger, tmp_path: Path
) -> None:
    for branch, entry in (("work", "09-1"), ("main", "10-1")):
        ledger.git("checkout", "--quiet", "-B", branch, ledger.first)
        ledger.log(entry)
        ledger.commit()
    copy, origin = tmp_path / "copy", f"file://{ledger.root}"
    ledger.git("clone", "--quiet", "--depth=1", "--no-single-branch", origin, str(copy))
    how = ("--no-commit", "--strategy=ours", "--allow-unrelated-histories")
    ledger.git("-C", str(copy), "merge", *how, "origin/work")
    ran = punchcard(copy, "hook", "pre-commit")
    assert (ran.status, "this clone is too shallow to find where" in ran.stderr) == (2, True)


def test_a_merge_that_loses_an_entry_is_refused_before_it_is_committed_and_pushed(
    hooked: HookedLedger, server: Path
) -> None:
    base = hooked.git("rev-parse", "HEAD")
    hooked.git("config", "--unset", "merge.punchcard.driver")
    for branch, entry in (("work", "09-1"), ("main", "10-1")):
        hooked.git("checkout", "--quiet", "-B", branch, base)
        hooked.log(entry)
        hooked.git("commit", "--quiet", "--all", "--message=Log")
    assert not hooked.try_git("merge", "work")[0]
    hooked.git("checkout", "--ours", TIME_FILE.replace("2026", YEAR))
    lost = f"entry {YEAR}-11-alice/09-1 was removed; it stood at"
    is_taken, said = hooked.try_git("commit", "--all", "--message=Merge")
    assert (is_taken, lost in said) == (False, True)
    hooked.git("commit", "--all", "--message=Merge", "--no-verify")
    is_taken, said = hooked.push("main")
    assert (is_taken, lost in said) == (False, True)
    hooked.log("09-1")
    hooked.git("commit", "--all", "--message=Put it back")
    assert hooked.push("main")[0]
