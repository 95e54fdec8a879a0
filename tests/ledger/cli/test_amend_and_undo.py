"""``amend`` and ``undo``: what is on no protected branch yet is changed, the rest is corrected."""

import json
import os
import shlex
from pathlib import Path
from typing import Any

import pytest

from ledger.files.yaml import parse_yaml
from tests.conftest import Commands, RunPunchcard, commit_all, git

SHEET = "customers/acme/time/2026-06-alice.yml"
MAY = SHEET.replace("06", "05")


def entries(run: Commands, sheet: str = SHEET) -> list[dict[str, str]]:
    found: Any = parse_yaml(run.read(sheet).encode())
    return [*found]


@pytest.fixture
def remote(repository: Path, tmp_path: Path) -> Path:
    """A bare repository that has what is committed, on main."""
    folder = tmp_path / "remote.git"
    git(repository, "clone", "--quiet", "--bare", ".", str(folder))
    git(repository, "remote", "add", "origin", str(folder))
    git(repository, "fetch", "--quiet", "origin")
    return folder


@pytest.fixture
def log(remote: Path, run: Commands) -> RunPunchcard:
    """Log 15 minutes of Alice's."""
    del remote

    def log_a_quarter(*more: str) -> Any:
        ran = run("log", "ACME-1", "15m", "Call.", *more)
        assert (ran.status, ran.stderr) == (0, "")
        return ran

    return log_a_quarter


def test_an_uncommitted_entry_is_changed_and_taken_away_in_its_file(
    run: Commands, log: RunPunchcard
) -> None:
    before = run.read(SHEET)
    log()
    ran = run("amend", "-t", "1h", "-m", "Two\nlines.", "-d", "mon", "--internal-note", "Hm.")
    assert (ran.status, ran.stderr) == (0, "")
    assert ran.stdout.startswith("amend 2026-06-alice/30-1-xyz: 1h on ACME-1 (alice)\n  Single")
    assert "acme has 8h 15m left on 2 cards" in ran.stdout
    assert run.read(SHEET) == (
        f"{before}- id: 30-1-xyz\n  date: 2026-06-29\n  request: ACME-1\n  minutes: 60\n"
        "  note: |-\n    Two\n    lines.\n  internal_note: Hm.\n"
    )
    assert "says so already" in run("amend", "30-1", "--duration", "60").stdout
    assert "says so already" in run("amend", "xyz", "--duration", "60").stdout
    ran = run("amend", "30-1-xyz", "--category", "technical-support", "--internal-note", "")
    assert "acme has 9h 15m left" in ran.stdout
    assert f"  would be taken out of {SHEET}\n" in run("undo", "--dry-run").stdout
    assert run("undo").status == 0
    assert run.read(SHEET) == before


@pytest.mark.parametrize("place", [("--commit",), ("--branch", "time/alice")])
def test_the_commit_that_brought_it_is_rewritten_and_taken_away(
    run: Commands, log: RunPunchcard, place: tuple[str, ...]
) -> None:
    branch = place[-1] if len(place) > 1 else "main"
    start = run.git("rev-parse", "HEAD")
    (run.root / "staged").write_text("mine")
    run.git("add", "staged")
    log(*place)
    first = run.git("rev-parse", branch)
    run.git("config", "user.name", "Somebody")
    hook = run.root / ".git/hooks/commit-msg"
    hook.write_text('#!/bin/sh\necho "Hooked: yes" >> "$1"\n')
    hook.chmod(0o755)
    ran = run("amend", "--duration", "30m", *place)
    assert f"note: commit {first[:10]} is rewritten: it had nothing else" in ran.stdout
    message = run.git("log", "-1", "--format=%B", branch)
    assert message == "acme: log 30m on ACME-1 (alice)\nHooked: yes"
    assert run.git("rev-parse", f"{branch}~1") == start
    shown = run.git("show", f"{branch}:{SHEET}")
    assert shown.endswith("minutes: 30\n  note: Call.")
    ran = run("undo", *place, "--format", "json")
    answer = json.loads(ran.stdout)
    assert (answer["commit"], answer["branch"]) == (None, branch)
    assert "is taken away: it had nothing else" in answer["remarks"][-1]
    assert answer["balance"]["remaining_minutes"] == 555
    assert run.git("rev-parse", branch) == start
    assert run.git("status", "--porcelain") == "A  staged"


def test_a_commit_that_has_more_or_is_elsewhere_gets_one_on_top(
    run: Commands, log: RunPunchcard
) -> None:
    log()
    (run.root / "README.md").write_text("More.\n")
    commit_all(run.root, "Two things")
    first = run.git("rev-parse", "HEAD")
    assert "note: squash or merge the branch" in run("amend", "-t", "30m", "--commit").stdout
    assert run.git("rev-parse", "HEAD~1") == first
    log("--branch", "side")
    run.git("push", "--quiet", "origin", "side")
    tip = run.git("rev-parse", "side")
    assert run("amend", "30-2", "--duration", "1h", "--branch", "side").status == 0
    assert run("undo", "--branch", "side").status == 0
    assert run.git("rev-parse", "side~2") == tip
    assert run.git("log", "--format=%s", "-2", "side").splitlines() == [
        "acme: undo 2026-06-alice/30-2-xyz: log 1h on ACME-1 (alice)",
        "acme: amend 2026-06-alice/30-2-xyz: 1h on ACME-1 (alice)",
    ]
    assert run("check", "--since", "origin/main").status == 0


def test_another_month_is_another_file(run: Commands, log: RunPunchcard) -> None:
    log("--commit")
    ran = run("amend", "-d", "2026-05-12", "--commit")
    assert list(entries(run, MAY)[0]) == ["id", "date", "request", "minutes", "note"]
    assert ran.stdout.startswith("amend 2026-05-alice/12-1-xyz: 15m")
    assert [each["id"] for each in entries(run)] == ["03-1"]
    assert [each["date"] for each in entries(run, MAY)] == ["2026-05-12"]
    changed = run.git("diff", "--name-only", "origin/main", "HEAD").split()
    assert (changed, run.git("status", "--porcelain")) == ([MAY], "")
    assert run("undo").status == 0
    assert not (run.root / MAY).exists()


def test_the_last_one_is_found_over_customers_months_and_commits(
    run: Commands, log: RunPunchcard
) -> None:
    log("-d", "2026-05-04", "--commit")
    log("-d", "2026-06-05", "--commit")
    log("-d", "2026-05-06")
    log("-d", "2026-05-07", "--as", "ben")
    for sheet, seconds in ((MAY, 2_000_000_000), (MAY.replace("alice", "ben"), 2_100_000_000)):
        os.utime(run.root / sheet, (seconds, seconds))
    for name in ("2026-05-alice/06-1", "2026-06-alice/05-1", "2026-05-alice/04-1"):
        assert run("undo").stdout.startswith(f"undo {name}-xyz: log 15m on ACME-1 (alice)")
    ran = run("undo")
    assert (ran.status, ran.stdout) == (2, "")
    assert "all that alice logged is on origin/main (punchcard correct takes it" in ran.stderr
    assert run("undo", "--as", "ben").status == 0


@pytest.mark.parametrize(
    ("command", "offered"),
    [
        (("undo",), "correct acme 2026-06-alice/03-1 45m -m 'Taken back.'"),
        (("amend", "-t", "30m"), "correct acme 2026-06-alice/03-1 15m -m '15m too much.'"),
        (("amend", "-t", "1h"), "log acme ACME-1 15m -m Kick-off. --date 2026-06-03"),
        (
            ("amend", "-m", "O'Neill."),
            "correct acme 2026-06-alice/03-1 45m -m 'Taken back.'",
        ),
    ],
)
def test_what_is_on_the_protected_branch_is_corrected(
    remote: Path, run: Commands, command: tuple[str, ...], offered: str
) -> None:
    del remote
    before = run.read(SHEET)
    ran = run(command[0], "2026-06-alice/03-1", *command[1:])
    assert ran.status == 2
    said, _newline, shown = ran.stderr.rstrip().partition("\n  ")
    assert "03-1 is on origin/main, where nothing is changed; " in said
    assert said.endswith("and log it anew:") == ("-m" in command)
    assert shown == f"punchcard {offered}"
    assert run.read(SHEET) == before
    assert run(*shlex.split(offered)).status == 0
    assert run("check").status == 0
    if command == ("undo",):
        assert "all of it is taken back already" in run("undo", "03-1").stderr
        name = "2026-06-alice/30-1-xyz"
        taken = f"undo {name}: take back 45m of 2026-06-alice/03-1 on ACME-1 (alice)\n"
        assert run("undo", "--dry-run").stdout.startswith(taken)
        assert run("amend", name, "-t", "30m").stdout.startswith(f"amend {name}: -30m on ACME-1")
        commit_all(run.root)
        run.git("push", "--quiet", "origin", "HEAD:main")
        assert "if it took back too much, log on ACME-1 again" in run("undo", name).stderr


def test_which_branches_are_protected(run: Commands, log: RunPunchcard) -> None:
    log("--commit")
    run.git("push", "--quiet", "origin", "HEAD:release")
    assert run("amend", "-t", "30m", "--dry-run").status == 0
    run.git("config", "punchcard.protected", "rel*")
    assert "is on origin/release" in run("amend", "30-1", "-t", "30m").stderr
    run.git("remote", "remove", "origin")
    assert run("undo", "--dry-run").status == 0
    run.git("config", "--unset", "punchcard.protected")
    assert "all that alice logged is on main" in run("undo").stderr


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("amend",), "say what to change: --duration"),
        (("amend", "04-1", "-t", "1h"), "there is no time entry '04-1'"),
        (("amend", "-t", "20m"), "write 15m or 30m"),
        (("amend", "--request", "9"), "acme has no request '9'"),
        (("undo", "--commit"), "leave out --commit"),
        (("undo", "-d", "mon"), "No such option"),
        (("undo", "../acme/2026-06-alice/30-1"), "there is no time entry"),
        (("undo", "*/2026-06-alice/30-1"), "there is no time entry"),
    ],
)
def test_what_cannot_be_amended(
    run: Commands, log: RunPunchcard, command: tuple[str, ...], said: str
) -> None:
    log()
    before = run.read(SHEET)
    run(*command).refused(said)
    assert run.read(SHEET) == before


def test_nothing_is_rewritten_while_git_is_in_the_middle_of_something(
    run: Commands, log: RunPunchcard
) -> None:
    log("--commit")
    head = run.git("rev-parse", "HEAD")
    (run.root / ".git/MERGE_HEAD").write_text(f"{head}\n")
    run("undo", "--commit").refused("a merge is under way")
    (run.root / ".git/MERGE_HEAD").unlink()
    hook = run.root / ".git/hooks/pre-commit"
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    run("amend", "-t", "30m", "--commit").refused("did not take the commit")
    assert run.git("rev-parse", "HEAD") == head
    assert run.git("status", "--porcelain") == ""


def test_a_ledger_without_git_has_no_protected_branch(
    tmp_path: Path, repository: Path, punchcard: RunPunchcard
) -> None:
    plain = (repository / "customers").rename(tmp_path / "plain")
    ran = punchcard(tmp_path, "--ledger", plain, "undo", "--as", "alice", "--as-of", "2026-06-30")
    assert (ran.status, "untriaged" in ran.stderr) == (0, True)
    assert (plain / "acme/time/2026-06-alice.yml").read_text() == "# June\n"
    assert punchcard(tmp_path, "--ledger", plain, "check").status == 0


def test_a_folder_with_spaces_is_looked_into(run: Commands) -> None:
    run.git("mv", "customers", "our customers")
    run.git("config", "punchcard.ledger", "our customers")
    commit_all(run.root)
    assert run("log", "ACME-1", "15m", "May.", "-d", "2026-05-04").status == 0
    run.done("amend", "-t", "30m")
    assert run.json("status")["uncommitted"][0]["minutes"] == 30
    assert "is on main, where nothing is changed" in run("undo", "03-1").stderr
