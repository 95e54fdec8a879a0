"""Builds that are killed, or run out of room, as whole processes: nothing wrong is kept."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.site_builder.built_pages import read_all_files
from tests.site_builder.conftest import SAMPLE_DAY, build_all
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

PROGRAM = "from site_builder.punchcard import main; main()"
SMALL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (12000, 12000)); "


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Path:
    customers = [make_customer(f"c-{at}", f"K{at}", f"Mark{at}") for at in range(12)]
    return write_ledger(tmp_path_factory.mktemp("many") / "customers", ORGANIZATION, *customers)


@pytest.fixture(scope="module")
def expected(ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return build(ledger, tmp_path_factory.mktemp("expected") / "site")


def build(ledger: Path, output: Path) -> dict[str, bytes]:
    build_all(ledger, output)
    return read_all_files(output)


def start(ledger: Path, output: Path, program: str = PROGRAM) -> subprocess.Popen[str]:
    """Start a build in a process of its own, with two workers."""
    arguments = ("portal", "build", "--as-of", SAMPLE_DAY.isoformat(), "--jobs", "2")
    return subprocess.Popen(
        [sys.executable, "-c", program, "--ledger", ledger, *arguments, "--output", output],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for_portals(process: subprocess.Popen[str], folder: Path, count: int) -> None:
    """Wait until so many portals have been begun, or the build is over."""
    while process.poll() is None and len(list(folder.glob(".site.building-*/c-*"))) < count:
        time.sleep(0.005)


@pytest.mark.parametrize(
    ("portals", "how"),
    [(1, signal.SIGKILL), (9, signal.SIGKILL), (4, signal.SIGINT), (6, signal.SIGTERM)],
)
def test_a_build_that_was_killed(
    portals: int,
    how: signal.Signals,
    ledger: Path,
    expected: dict[str, bytes],
    tmp_path: Path,
) -> None:
    """What was there stays as it was; the next build is right, and clears away what was left."""
    output = tmp_path / "site"
    output.mkdir()
    process = start(ledger, output)
    wait_for_portals(process, tmp_path, portals)
    os.killpg(process.pid, how)
    process.communicate()
    assert process.returncode != 0
    assert read_all_files(output) == {}
    assert build(ledger, output) == expected
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["site"]


def test_two_builds_at_once(ledger: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    """One of them is refused, whichever; what is there in the end is right."""
    output = tmp_path / "site"
    processes = [start(ledger, output) for _ in range(2)]
    said = [process.communicate()[1] for process in processes]
    statuses = [process.returncode for process in processes]
    assert sorted(statuses) in ([0, 0], [0, 2])
    for status, words in zip(statuses, said, strict=True):
        assert status == 0 or "another build is writing" in words
    assert read_all_files(output) == expected
    assert build(ledger, output) == expected


def test_a_disk_that_fills_up(ledger: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    """Pages that cannot be written whole are not written at all."""
    output = tmp_path / "site"
    shutil.copytree(build_before(ledger, tmp_path), output)
    before = read_all_files(output)

    process = start(ledger, output, SMALL_DISK + PROGRAM)
    _, words = process.communicate()
    assert process.returncode == 2, words
    assert "Traceback" not in words
    assert read_all_files(output) == before
    assert build(ledger, output) == expected


def build_before(ledger: Path, tmp_path: Path) -> Path:
    """Return a folder with the portal of one customer, built some time before."""
    build_all(ledger, tmp_path / "before", ("c-1",))
    return tmp_path / "before"
