"""Git that is at work ends with the command that started it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

# Who started the tests may have SIGINT ignored.
PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from site_builder.punchcard import main
main()
"""


@pytest.fixture
def slow_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Git that says its process id and takes its time, but for its version."""
    program, said = tmp_path / "slow" / "git", tmp_path / "said"
    program.parent.mkdir()
    program.write_text(
        f"#!/bin/sh\n[ $1 = version ] && echo git version 2.39.5 && exit\necho $$ > '{said}.new'\n"
        f"mv '{said}.new' '{said}'\nexec sleep 60\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    return said


def test_an_interrupt_ends_git(sample_repository: Path, slow_git: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, "check"]
    with subprocess.Popen(command, cwd=sample_repository, stderr=subprocess.PIPE) as process:
        while not slow_git.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _output, errors = process.communicate(timeout=20)
    assert (process.returncode, errors.strip()) == (130, b"punchcard: interrupted")
    with pytest.raises(ProcessLookupError):
        os.kill(int(slow_git.read_text()), 0)
