from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.files.yaml import parse_yaml
from tests.conftest import RunPunchcard, git
from tests.ledger.writing.small_ledger import AS_OF

WRITERS = 50
# All but the work itself happens before the signal to begin, so that the writers really meet.
PROGRAM = """
import os, sys
from site_builder.punchcard import run
import ledger.writing.write, ledger.writing.time_entries, ledger.cli.record
import ledger.cli.printing
sys.stdin.buffer.read(1)
os._exit(run(sys.argv[1:]))
"""


def log_as(consultant: str, note: str, *more: str) -> list[str]:
    log = ["log", "acme", "ACME-1", "15m", "-m", note, "--as", consultant, "--as-of", AS_OF]
    return [sys.executable, "-c", PROGRAM, *log, *more]


def start(repository: Path, command: list[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def read_notes(repository: Path, consultant: str) -> list[str]:
    source = (repository / f"customers/acme/time/2026-06-{consultant}.yml").read_bytes()
    return [entry["note"] for entry in parse_yaml(source)]


@pytest.fixture
def rich_repository(repository: Path) -> Path:
    purchases = repository / "customers/acme/purchases.yml"
    more = "- {id: P2, date: 2026-02-01, punchcards: 20, amount: 20000.00}\n"
    purchases.write_text(purchases.read_text() + more)
    git(repository, "commit", "--quiet", "--all", "--message=Sell more")
    return repository


def test_fifty_at_once_in_two_files_are_all_there_once(
    rich_repository: Path, punchcard: RunPunchcard
) -> None:
    names = [("alice", "ben")[number % 2] for number in range(WRITERS)]
    writers = []
    for number, name in enumerate(names):
        more = ["--commit"] if number % 5 == 0 else []
        writers.append(start(rich_repository, log_as(name, f"note {number}", *more)))
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write(b"x")
        writer.stdin.flush()
    for writer in writers:
        _, said = writer.communicate(timeout=300)
        assert (writer.returncode, said) == (0, b"")
    found = [*read_notes(rich_repository, "alice")[1:], *read_notes(rich_repository, "ben")]
    assert sorted(found) == sorted(f"note {number}" for number in range(WRITERS))
    assert punchcard(rich_repository, "check", "--as-of", AS_OF).status == 0
    log = git(rich_repository, "log", "--format=%s").splitlines()
    assert len([line for line in log if line.startswith("acme: log 15m")]) == WRITERS // 5
    assert punchcard(rich_repository, "check", "--as-of", AS_OF, "--rev", "HEAD").status == 0
    assert git(rich_repository, "diff", "--cached") == ""


def test_whoever_is_killed_leaves_a_whole_file(
    rich_repository: Path, punchcard: RunPunchcard
) -> None:
    chance = random.Random(20260630)
    sheet = rich_repository / "customers/acme/time/2026-06-alice.yml"
    started = time.monotonic()
    whole = start(rich_repository, log_as("alice", "the first"))
    assert whole.stdin is not None
    whole.stdin.write(b"x")
    whole.communicate(timeout=60)
    longest = time.monotonic() - started
    known = len(read_notes(rich_repository, "alice"))
    killed = 0
    for number in range(20):
        writer = start(rich_repository, log_as("alice", f"note {number}", "--commit"))
        assert writer.stdin is not None
        writer.stdin.write(b"x")
        writer.stdin.flush()
        time.sleep(chance.uniform(0, longest))
        writer.send_signal(signal.SIGKILL)
        writer.communicate(timeout=60)
        killed += writer.returncode == -signal.SIGKILL
        assert sheet.read_bytes().endswith(b"\n")
        count = len(read_notes(rich_repository, "alice"))
        assert known <= count <= known + 1
        known = count
    assert killed > 0
    (rich_repository / ".git/index.lock").unlink(missing_ok=True)
    for lock in (rich_repository / ".git").rglob("*.lock"):
        if lock.name != "punchcard.lock":
            lock.unlink()
    last = log_as("alice", "the last", "--commit")[3:]
    assert punchcard(rich_repository, *last).status == 0
    assert read_notes(rich_repository, "alice")[-1] == "the last"
    assert punchcard(rich_repository, "check", "--as-of", AS_OF).status == 0
    assert punchcard(rich_repository, "check", "--as-of", AS_OF, "--rev", "HEAD").status == 0
    assert list(sheet.parent.glob(".new-*")) == []


def test_killed_at_every_step_of_the_replacement_the_old_file_or_the_new_is_there(
    tmp_path: Path,
) -> None:
    """The child kills itself before the n-th system call of the replacement, for every n."""
    program = """
import os, signal, sys
from pathlib import Path
from ledger.writing import files
left = int(sys.argv[2])
def step(call):
    def counted(*args, **kwargs):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **kwargs)
    return counted
for name in ("open", "fsync", "fchmod"):
    setattr(os, name, step(getattr(os, name)))
Path.replace = step(Path.replace)
Path.unlink = step(Path.unlink)
path = Path(sys.argv[1])
files.replace_file(path, b"new" * 30000, path.read_bytes())
"""
    path = tmp_path / "file.yml"
    seen = set()
    for steps in range(12):
        path.write_bytes(b"old")
        done = subprocess.run(
            [sys.executable, "-c", program, str(path), str(steps)],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
            check=False,
        )
        content = path.read_bytes()
        assert content in {b"old", b"new" * 30000}
        seen.add((done.returncode, content[:3]))
    assert seen >= {(-9, b"old"), (-9, b"new"), (0, b"new")}
