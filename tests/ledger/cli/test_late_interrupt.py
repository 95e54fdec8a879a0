"""Ctrl-C while the process is on its way out changes nothing: its exit status is settled."""

import subprocess
import sys
from pathlib import Path

import pytest

# Who started the tests may have SIGINT ignored.
PROGRAM = """
import atexit, os, signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))
"""
DOORS = {
    "installed": "from site_builder.punchcard import main; main()",
    "module": "import runpy; runpy.run_module('ledger.cli', run_name='__main__')",
}


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize(("arguments", "status"), [(["--version"], 0), (["nonsense"], 2)])
def test_a_late_interrupt_changes_no_status(door: str, arguments: list[str], status: int) -> None:
    command = [sys.executable, "-c", PROGRAM + DOORS[door], *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (status, False)


def test_an_interrupt_while_another_is_told_is_one(tmp_path: Path) -> None:
    twice = """
from ledger.cli import main as program
def interrupted(*_arguments): raise KeyboardInterrupt
program.run_command = interrupted
"""
    command = [sys.executable, "-c", PROGRAM + twice + DOORS["installed"], "check"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")
