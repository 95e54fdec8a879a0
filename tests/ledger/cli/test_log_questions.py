"""On a terminal ``punchcard log`` asks; a real one is used here."""

import os
import pty
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, commit_all, start_repository
from tests.ledger.writing.small_ledger import AS_OF, write_small_ledger

PROGRAM = "from site_builder.punchcard import main; main()"
SECONDS = 60
HOW_LONG, WHAT = "How long (45m, 1h15m): ", "What was done (the customer reads this): "


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, *arguments],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3]), "TERM": "xterm"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self.shown = ""

    def wait_for(self, text: str) -> str:
        """Read until ``text`` is shown, and return all that was shown since the last time."""
        end = time.monotonic() + SECONDS
        while text not in self.shown:
            assert time.monotonic() < end, self.shown
            assert self._read(), self.shown
        before, _, self.shown = self.shown.partition(text)
        return before

    def answer(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def converse(self, *exchange: tuple[str, str]) -> list[str]:
        """Give each answer when its question is shown; return what was shown before each."""
        shown = []
        for question, answer in exchange:
            shown.append(self.wait_for(question))
            self.answer(f"{answer}\n")
        return shown

    def interrupt(self) -> None:
        """Send SIGINT until it is heard.

        Python's line editor does not see one that comes between its prompt and its waiting.
        """
        end = time.monotonic() + SECONDS
        while self.process.poll() is None:
            assert time.monotonic() < end, "is SIGINT ignored where the tests were started?"
            self.process.send_signal(signal.SIGINT)
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(3)

    def finish(self) -> int:
        while self._read():
            pass
        os.close(self._ours)
        return self.process.wait(SECONDS)

    def _read(self) -> bool:
        ready, _, _ = select.select([self._ours], [], [], SECONDS)
        try:
            new = os.read(self._ours, 4096) if ready else b""
        except OSError:  # Linux says so when nobody holds the other side any more.
            new = b""
        self.shown += new.decode().replace("\r\n", "\n")
        return bool(new)


@pytest.fixture(autouse=True)
def _no_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VISUAL", "EDITOR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = write_small_ledger(start_repository(tmp_path / "repository"))
    closed = root / "customers/acme/requests/ACME-2.yml"
    closed.write_text(
        (root / "customers/acme/requests/ACME-1.yml").read_text().replace("sign-on", "done")
        + "history:\n  - {date: 2026-06-01, by: ben, status: closed}\n"
    )
    return root


def test_log_asks_for_everything_and_shows_what_there_is(repository: Path) -> None:
    terminal = Terminal(repository, "log", "--as-of", AS_OF)
    who, unknown, offered, _, wrong, odd, _ = terminal.converse(
        *(("Customer: ", "acmee"), ("Customer: ", "ac"), ("Request: ", "ACME-1")),
        *((HOW_LONG, "soon"), (HOW_LONG, "20m"), (HOW_LONG, "1h15m"), (WHAT, "Set it up.")),
    )
    assert "  acme" in who
    assert "did you mean acme?" in unknown
    assert "  ACME-1  Single sign-on" in offered
    assert "ACME-2" not in offered
    assert "is not a duration" in wrong
    assert "write 15m or 30m" in odd
    terminal.wait_for("  Single sign-on")
    terminal.wait_for("acme has 8h left on 2 cards")
    assert terminal.finish() == 0
    text = (repository / "customers/acme/time/2026-06-alice.yml").read_text()
    assert text.endswith("  request: ACME-1\n  minutes: 75\n  note: Set it up.\n")


@pytest.mark.parametrize(
    ("open_ids", "answers", "booked"),
    [
        (("ACME-2", "ACME-3"), ["2"], "ACME-2"),
        (("ACME-10", "ACME-11"), ["ACME-1"], "ACME-1"),
        (("ACME-10",), ["ACME-9", "acme-10"], "ACME-10"),
    ],
)
def test_an_answer_is_the_request_of_that_number(
    repository: Path, open_ids: tuple[str, ...], answers: list[str], booked: str
) -> None:
    requests = repository / "customers/acme/requests"
    for name in open_ids:
        text = "title: Open\ncategory: onboarding\nopened: 2026-01-13\nopened_by: alice\n"
        (requests / f"{name}.yml").write_text(f"{text}channel: punchcard\n")
    resolved = "history:\n  - {date: 2026-06-30, by: ben, status: resolved}\n"
    (requests / "ACME-1.yml").write_text((requests / "ACME-1.yml").read_text() + resolved)
    terminal = Terminal(repository, "log", "acme", "--as-of", AS_OF)
    terminal.converse(*(("Request: ", answer) for answer in answers))
    terminal.converse((HOW_LONG, "15m"), (WHAT, "Set it up."))
    said = terminal.wait_for("acme has")
    assert ("ACME-1 is resolved; a status of" in said) == (booked == "ACME-1")
    assert terminal.finish() == 0
    text = (repository / "customers/acme/time/2026-06-alice.yml").read_text()
    assert text.endswith(f"  request: {booked}\n  minutes: 15\n  note: Set it up.\n")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("acne",), "did you mean acme?"),
        (("acme", "99"), "has no request '99'"),
        (("acme", "1", "20m"), "write 15m or 30m"),
        (("acme", "1", "15m", "--as", "alicia"), "did you mean alice?"),
    ],
)
def test_what_was_given_is_judged_before_the_rest_is_asked(
    repository: Path, given: tuple[str, ...], said: str
) -> None:
    terminal = Terminal(repository, "log", *given, "--as-of", AS_OF)
    assert "What was done" not in terminal.wait_for(said)
    assert terminal.finish() == 2


def test_a_request_on_the_branch_is_known(repository: Path, punchcard: RunPunchcard) -> None:
    commit_all(repository)
    opened = ("request", "open", "acme", "New", "--category", "onboarding", "--as-of", AS_OF)
    assert punchcard(repository, *opened, "--branch", "time").status == 0
    for branch, status in (("time", 0), ("new", 2)):
        log = ("log", "acme", "3", "15m", "--branch", branch, "--as-of", AS_OF)
        terminal = Terminal(repository, *log)
        if status == 0:
            terminal.converse((WHAT, "Set it up."))
        assert terminal.finish() == status


def test_log_asks_only_for_what_is_missing(repository: Path) -> None:
    terminal = Terminal(repository, "log", "acme", "1", "15m", "--as-of", AS_OF)
    [before] = terminal.converse((WHAT, "Set it up."))
    assert (before.strip(), terminal.finish()) == ("", 0)


@pytest.mark.parametrize(
    ("written", "status", "note"),
    [
        ("Two\nlines.", 0, "  note: |-\n    Two\n    lines.\n"),
        ("", 2, "  note: Kick-off.   # by phone\n"),
    ],
)
def test_the_editor_opens_for_a_note(
    repository: Path, monkeypatch: pytest.MonkeyPatch, written: str, status: int, note: str
) -> None:
    editor = repository / "editor"
    editor.write_text(
        f'#!/bin/sh\n{{ printf "{written}"; cat "$1"; }} > "$1.new"; mv "$1.new" "$1"\n'
    )
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    terminal = Terminal(repository, "log", "acme", "1", "15m", "--as-of", AS_OF)
    terminal.wait_for("acme has" if written else "the note is empty")
    assert terminal.finish() == status
    assert (repository / "customers/acme/time/2026-06-alice.yml").read_text().endswith(note)


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_whoever_changes_their_mind_writes_nothing(repository: Path, key: str) -> None:
    sheet = repository / "customers/acme/time/2026-06-alice.yml"
    before = sheet.read_text()
    terminal = Terminal(repository, "log", "--as-of", AS_OF)
    terminal.wait_for("Customer: ")
    if key == "\x03":
        terminal.interrupt()
    else:
        terminal.answer(key)
    assert terminal.finish() == 130
    assert sheet.read_text() == before


def test_without_a_terminal_nothing_is_asked(repository: Path) -> None:
    reading, writing = os.pipe()  # never written to, never closed: whoever reads waits for ever
    try:
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, "log", "acme"],
            cwd=repository,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            stdin=reading,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert done.returncode == 2
    assert "missing: REQUEST, DURATION, -m NOTE" in done.stderr
