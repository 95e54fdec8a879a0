"""``start``, ``stop`` and ``status``: one timer a user, and how the day stands."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ledger.files.yaml import parse_yaml
from tests.conftest import Commands, RunPunchcard, commit_all, start_repository
from tests.ledger.cli.test_log_questions import WHAT, Terminal
from tests.ledger.writing.small_ledger import write_small_ledger

SHEET = "customers/acme/time/2026-06-alice.yml"
REQUEST = "customers/acme/requests/ACME-1.yml"


class Clock:
    """A clock that a test puts forward."""

    def __init__(self) -> None:
        self.now = datetime(2026, 6, 30, 9, 0, tzinfo=UTC)

    def pass_by(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("ledger.cli.options.read_clock", lambda: clock.now)
    return clock


def last_entry(run: Commands) -> dict[str, str]:
    entries: Any = parse_yaml(run.read(SHEET).encode())
    found: dict[str, str] = entries[-1]
    return found


@pytest.fixture
def start(repository: Path, punchcard: RunPunchcard, clock: Clock) -> RunPunchcard:
    """Start the timer at nine, or whatever the clock says."""
    del clock
    return lambda *more: punchcard(repository, "start", "acme-1", *more)


def test_stop_logs_what_the_timer_measured_in_whole_steps(
    start: RunPunchcard, run: Commands, clock: Clock
) -> None:
    assert start().stdout == "the timer runs: ACME-1 since 09:00, 0m: Single sign-on\n"
    clock.pass_by(37.1)
    start().refused("runs already: ACME-1 since 09:00, 38m")
    assert "missing: -m NOTE" in run("stop").stderr
    assert run("stop", "-m", "Call.", "--dry-run").status == 0
    assert "log 45m on ACME-1 (alice)\n  Single sign-on\n  note: 38m rounded to 45m" in run.done(
        "stop", "-m", "Call.", "--commit"
    )
    assert last_entry(run)["note"] == "Call. (38m rounded to 45m)"
    run("stop", "-m", "Call.").refused("no timer runs")


@pytest.mark.parametrize(
    ("passed", "words", "minutes", "note"),
    [
        (60, (), "60", "Noted."),
        (60, ("-m", "Other."), "60", "Other."),
        (900, ("30m",), "30", "Noted."),
        (-5, ("30m",), "30", "Noted."),
        (0, (), "15", "Noted. (1m rounded to 15m)"),
    ],
)
def test_what_is_logged_can_be_said(
    start: RunPunchcard,
    run: Commands,
    clock: Clock,
    passed: int,
    words: tuple[str, ...],
    minutes: str,
    note: str,
) -> None:
    start("-m", "Noted.")
    clock.pass_by(passed)
    run.done("stop", *words)
    assert (last_entry(run)["minutes"], last_entry(run)["note"]) == (minutes, note)


@pytest.mark.parametrize(
    ("passed", "said"), [(721, "has run for 12 hours: forgotten?"), (-2, "the clock was put back")]
)
def test_a_time_that_cannot_be_right_is_not_logged(
    start: RunPunchcard, run: Commands, clock: Clock, passed: int, said: str
) -> None:
    start()
    clock.pass_by(passed)
    run("stop", "-m", "Call.").refused(said)
    assert "forgotten: ACME-1 since" in run("stop", "--discard", "--dry-run").stdout
    assert run.json("stop", "--discard")["request"] == "ACME-1"
    assert "no timer runs" in run("stop").stderr


def test_the_time_is_that_of_the_day_of_the_start_and_a_refusal_keeps_the_timer(
    start: RunPunchcard, run: Commands, clock: Clock
) -> None:
    start()
    clock.pass_by(-60 * 10)
    start_day = run.json("stop", "--discard")["started"]
    assert start_day.startswith("2026-06-30T09:00")
    start()
    clock.pass_by(60)
    ran = run("stop", "600h", "-m", "Too much.")
    assert ran.status == 1
    assert run("stop", "-m", "Late.").status == 0
    assert last_entry(run)["date"] == "2026-06-29"


def test_no_timer_runs_for_a_request_that_was_closed_before(
    start: RunPunchcard, repository: Path, punchcard: RunPunchcard
) -> None:
    update = ("request", "update", "acme", "ACME-1", "--status", "closed", "--note", "Done.")
    assert punchcard(repository, *update, "--date", "2026-06-29").status == 0
    ran = start()
    assert (ran.status, ran.stdout) == (2, "")
    assert "ACME-1 was closed on 2026-06-29, so it takes no time" in ran.stderr


def test_a_timer_knows_its_ledger_and_a_damaged_file_is_told(
    start: RunPunchcard, repository: Path, punchcard: RunPunchcard, clock: Clock, tmp_path: Path
) -> None:
    start()
    other = commit_all(write_small_ledger(start_repository(tmp_path / "other")))
    ran = punchcard(other, "stop", "-m", "Call.")
    assert f"punchcard --ledger {repository}/customers stop" in ran.stderr
    ran = punchcard(other, "--ledger", f"{repository}/customers/", "stop", "-m", "x", "--dry-run")
    assert ran.status == 0
    (tmp_path / "punchcard-state/timer.json").write_text("{")
    assert "cannot read the timer in" in punchcard(repository, "stop").stderr
    (tmp_path / "punchcard-state/timer.json").unlink()
    assert "'acme' is no request" in punchcard(other, "start", "acme").stderr


@pytest.fixture
def read(run: Commands) -> Any:
    def read_status(*more: str) -> Any:
        return json.loads(run.done("status", *more, "--format", "json"))

    return read_status


def test_status_of_a_day(
    start: RunPunchcard, run: Commands, read: Any, clock: Clock, tmp_path: Path
) -> None:
    empty = {"entries": 0, "minutes": 0}
    assert read() == {
        "consultant": "alice",
        "as_of": "2026-06-30",
        "today": empty,
        "uncommitted": [],
        "unpushed": None,
        "requests": [],
        "timer": None,
    }
    run.git("clone", "--quiet", "--bare", ".", str(tmp_path / "remote.git"))
    run.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    run.git("fetch", "--quiet", "origin")
    assert read()["unpushed"] == {}
    run("log", "ACME-1", "15m", "Committed.", "--commit")
    run("log", "ACME-1", "30m", "On a branch.", "--branch", "time/alice")
    run("log", "ACME-1", "45m", "Yesterday.", "-d", "yesterday")
    run("log", "ACME-1", "1h", "Ben's.", "--as", "ben")
    start()
    clock.pass_by(12)
    found = read()
    assert found["today"] == {"entries": 2, "minutes": 45}
    assert [each["note"] for each in found["uncommitted"]] == ["Yesterday."]
    assert found["uncommitted"][0]["customer"] == "acme"
    assert (found["unpushed"], found["timer"]["minutes"]) == ({"main": 1, "time/alice": 1}, 12)
    run("amend", "30-1", "-m", "Changed.")
    assert [each["note"] for each in read()["uncommitted"]] == ["Changed.", "Yesterday."]
    assert run("status").stdout == (
        "alice, Tuesday 2026-06-30\n"
        "timer          ACME-1 since 09:00, 12m: Single sign-on\n"
        "today          45m in 2 entries\n"
        "not committed  2026-06-30 15m on ACME-1 (acme): Changed.\n"
        "               2026-06-29 45m on ACME-1 (acme): Yesterday.\n"
        "not pushed     1 commit on main\n"
        "               1 commit on time/alice\n"
    )
    assert read("--as", "ben")["today"] == {"entries": 1, "minutes": 60}


@pytest.mark.parametrize(
    ("events", "answered"),
    [
        ([], None),
        (["by: alice, status: in-progress"], False),
        (["by: alice, note: Hm.", "by: dana@acme.example, note: Yes."], True),
        (["by: alice, note: Hm.", "by: ben, note: Mine."], None),
        (["by: ben, note: Hm.", "by: 'alice', note: Mine."], False),
        (["by: alice, status: waiting-for-customer"], None),
        (["by: alice, status: resolved", "by: dana@acme.example, note: Thanks."], None),
        (["by: alice, moved_to: support, ticket: S-1"], None),
    ],
)
@pytest.mark.parametrize("has_git", [True, False])
def test_what_waits_for_me(
    run: Commands, events: list[str], answered: bool | None, has_git: bool
) -> None:
    lines = "".join(f"  - {{date: 2026-06-2{day}, {each}}}\n" for day, each in enumerate(events))
    request = run.root / REQUEST
    request.write_text(request.read_text() + f"history:\n{lines}" * bool(events))
    if not has_git:
        (run.root / ".git").rename(run.root / "git")
    ran = run("--ledger", run.root / "customers", "status", "--as", "alice", "--format", "json")
    found = json.loads(ran.stdout)["requests"]
    assert [each["is_answered"] for each in found] == ([] if answered is None else [answered])
    if found:
        assert (found[0]["id"], found[0]["title"]) == ("ACME-1", "Single sign-on")
    shown = run("--ledger", run.root / "customers", "status", "--as", "alice").stdout
    assert ("waits for you  ACME-1" in shown) == bool(found)


def test_stop_asks_for_the_note_on_a_terminal(
    repository: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)
    assert punchcard(repository, "start", "acme-1").status == 0
    terminal = Terminal(repository, "stop")
    assert terminal.converse((WHAT, "Set it up."))[0].strip() == ""
    terminal.wait_for(" rounded to 15m")
    assert terminal.finish() == 0
    assert "no timer runs" in punchcard(repository, "stop").stderr
