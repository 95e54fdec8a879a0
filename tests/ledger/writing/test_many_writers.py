import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.files.durable_files import LOCK_NAME, hold_lock
from ledger.files.yaml import parse_yaml
from tests.conftest import RunPunchcard, git
from tests.ledger.writing.small_ledger import AS_OF

TERMINALS = 6
PROCESSES = 300 if os.environ.get("PUNCHCARD_ENDURANCE") == "1" else 36
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


def read_notes(repository: Path, consultant: str, revision: str | None = None) -> list[str]:
    name = f"customers/acme/time/2026-06-{consultant}.yml"
    if revision is None:
        source = (repository / name).read_text()
    else:
        source = git(repository, "show", f"{revision}:{name}")
    return [entry["note"] for entry in parse_yaml(source.encode())]


@pytest.fixture
def rich_repository(repository: Path) -> Path:
    purchases = repository / "customers/acme/purchases.yml"
    more = "- {id: P2, date: 2026-02-01, punchcards: 20, amount: 20000.00}\n"
    purchases.write_text(purchases.read_text() + more)
    git(repository, "commit", "--quiet", "--all", "--message=Sell more")
    return repository


class Outcome(NamedTuple):
    """What became of one run of ``log``: ``status`` is negative if it was killed."""

    note: str
    place: tuple[str, ...]
    status: int
    said: str


def run_terminal(repository: Path, terminal: int) -> list[Outcome]:
    """Log on one file, one process after the other, and kill some at any moment."""
    chance = random.Random(20260630 + terminal)
    outcomes = []
    for number in range(PROCESSES // TERMINALS):
        note = f"note {terminal}-{number}"
        place = chance.choice([(), (), ("--commit",), ("--commit",), ("--branch", f"t{terminal}")])
        writer = start(repository, log_as("alice", note, *place))
        assert writer.stdin is not None
        writer.stdin.write(b"x")
        writer.stdin.flush()
        if chance.random() < 1 / 3:
            time.sleep(chance.uniform(0.2, 2))
            writer.send_signal(signal.SIGKILL)
        said = writer.communicate(timeout=300)[1].decode()
        outcomes.append(Outcome(note, place, writer.returncode, said))
        with hold_lock(repository / ".git" / LOCK_NAME):
            # Whoever is killed holds no lock of ours, but Git's stay. Nobody of us holds one now;
            # what a killed one has started may still end by itself.
            for lock in (repository / ".git").rglob("*.lock"):
                if lock.name != LOCK_NAME and time.time() - lock.stat().st_mtime > 1:
                    lock.unlink(missing_ok=True)
    return outcomes


def test_many_on_one_file_lose_and_double_nothing_whoever_is_killed(
    rich_repository: Path, punchcard: RunPunchcard
) -> None:
    with ThreadPoolExecutor(TERMINALS) as pool:
        terminals = range(TERMINALS)
        ran = pool.map(run_terminal, [rich_repository] * TERMINALS, terminals)
        outcomes = [outcome for terminal in ran for outcome in terminal]
    for lock in (rich_repository / ".git").rglob("*.lock"):
        if lock.name != LOCK_NAME:
            lock.unlink()
    branches = git(rich_repository, "branch", "--list", "--format=%(refname:short)", "t*").split()
    for place in {outcome.place for outcome in outcomes}:
        here = [outcome for outcome in outcomes if outcome.place == place]
        notes = read_notes(rich_repository, "alice")
        if place[:1] == ("--branch",):
            notes = read_notes(rich_repository, "alice", place[1]) if place[1] in branches else []
        for outcome in here:
            assert notes.count(outcome.note) in {0: (1,), 2: (0,)}.get(outcome.status, (0, 1))
            assert (
                outcome.status in {0, -signal.SIGKILL}
                or "lock" in outcome.said
                or "moved" in outcome.said
            )
        if place == ("--commit",):
            notes = read_notes(rich_repository, "alice", "HEAD")
            assert all(notes.count(outcome.note) == 1 for outcome in here if outcome.status == 0)
    statuses = Counter(outcome.status for outcome in outcomes)
    assert statuses[0] > PROCESSES / 4
    assert statuses[-signal.SIGKILL] > 0
    assert punchcard(rich_repository, *log_as("alice", "the last", "--commit")[3:]).status == 0
    for revision in ((), ("--rev", "HEAD"), *(("--rev", branch) for branch in branches)):
        assert punchcard(rich_repository, "check", "--as-of", AS_OF, *revision).status == 0
    git(rich_repository, "fsck", "--strict", "--no-dangling")
    assert list((rich_repository / ".git").glob("punchcard-commit*")) == []
    assert list((rich_repository / "customers/acme/time").glob(".new-*")) == []


def test_killed_at_every_step_of_the_replacement_the_old_file_or_the_new_is_there(
    tmp_path: Path,
) -> None:
    """The child kills itself before the n-th system call of the replacement, for every n."""
    program = """
import os, signal, sys
from pathlib import Path
from ledger.files import durable_files
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
durable_files.replace_file(path, b"new" * 30000, path.read_bytes())
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
