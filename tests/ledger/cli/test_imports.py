"""Help and completion are quick: they import neither pydantic, Git nor MkDocs."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import sys
from site_builder.punchcard import run
status = run(sys.argv[1:])
heavy = {"pydantic", "git", "mkdocs", "yaml", "jinja2"} & set(sys.modules)
assert not heavy, heavy
sys.exit(status)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["check", "--help"],
        ["check", "--list-rules"],
        ["explain", "overdrawn"],
        ["schema", "--help"],
        ["audit", "--help"],
        ["show", "--help"],
        ["changes", "--help"],
        ["verify", "--help"],
        ["hook", "--help"],
    ],
    ids=" ".join,
)
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout
