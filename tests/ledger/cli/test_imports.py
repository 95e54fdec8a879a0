"""Help and completion are quick: they import neither pydantic, Git nor MkDocs."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.cli import lazy

PROGRAM = """
import sys
from site_builder.punchcard import run
status = run(sys.argv[1:])
heavy = {"pydantic", "git", "mkdocs", "yaml", "jinja2", "babel", "reportlab"} & set(sys.modules)
assert not heavy, heavy
sys.exit(status)
"""

# One process for all of them, because starting one is what takes the time.
EVERY_COMMAND = """
import contextlib, io, json, sys
import click
from site_builder.punchcard import punchcard, run

HEAVY = {"pydantic", "git", "mkdocs", "yaml", "jinja2", "babel", "reportlab"}

def walk(command, path):
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from walk(command.resolve_command(context, [name])[1], [*path, name])

seen, imported = {}, set()
for path in walk(punchcard, []):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = run([*path, "--help"])
    new = (HEAVY & set(sys.modules)) - imported
    imported |= new
    seen[" ".join(path)] = {"status": status, "heavy": sorted(new), "said": said.getvalue()}
print(json.dumps(seen))
"""


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["check", "--list-rules"], ["explain", "overdrawn"]],
    ids=" ".join,
)
def test_what_only_shows_words_imports_nothing_heavy(arguments: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_the_help_of_every_command_imports_nothing_heavy_and_has_examples() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_COMMAND], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    seen = json.loads(done.stdout)
    assert {"balance", "statement", "expiries", "request open", "portal build"} <= seen.keys()
    assert {path: each["heavy"] for path, each in seen.items() if each["heavy"]} == {}
    assert [path for path, each in seen.items() if each["status"] or not each["said"]] == []
    leaves = [path for path in seen if not any(other.startswith(f"{path} ") for other in seen)]
    assert [path for path in leaves if path and "Examples:" not in seen[path]["said"]] == []
    cut = [line for each in seen.values() for line in each["said"].splitlines()[1:]]
    assert [line for line in cut if line.endswith("...")] == []
    no_answer = {"", "export", "hook pre-commit", "hook pre-receive", "portal serve", "schema"}
    no_answer |= {"merge-driver", "intake serve", "intake work"}  # Git, and services that go on.
    assert {path for path in leaves if "--format" not in seen[path]["said"]} <= no_answer


def test_a_lazy_module_is_the_one_that_the_type_checker_sees() -> None:
    tree = ast.parse(Path(lazy.__file__).read_text())
    seen = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    ours = [node for node in seen if str(node.module).startswith("ledger")]
    for node in ours:
        for alias in node.names:
            assert getattr(lazy, alias.name).__name__ == f"{node.module}.{alias.name}"
    with pytest.raises(AttributeError, match="nothing"):
        _ = lazy.nothing  # type: ignore[attr-defined]  # there is no such module
