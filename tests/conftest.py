"""What tests everywhere need: the command line in this process, ledgers in real repositories."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

SAMPLE_LEDGER = Path(__file__).parents[1] / "customers"
SAMPLE_AS_OF = "2026-11-20"

settings.register_profile(
    "punchcards",
    deadline=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("punchcards")


IDENTITY = {
    f"GIT_{role}_{key}": value
    for role in ("AUTHOR", "COMMITTER")
    for key, value in (("NAME", "Alice Moreau"), ("EMAIL", "alice@example.com"))
}


class Ran(NamedTuple):
    """What a command did."""

    status: int
    stdout: str
    stderr: str

    def refused(self, *said: str, status: int = 2) -> None:
        """See that it ended with this status, and said all that on standard error."""
        assert (self.status, [each for each in said if each not in self.stderr]) == (status, []), (
            self
        )


RunPunchcard = Callable[..., Ran]

_WITHOUT_A_DAY = ("audit", "doctor", "explain", "hook", "init", "resolve", "schema", "verify")


class Commands:
    """Runs commands in one folder, as of one day, if there is one and no other is named."""

    def __init__(self, punchcard: RunPunchcard, root: Path, as_of: str = "") -> None:
        self.root = root
        self._punchcard, self._day = punchcard, ("--as-of", as_of) if as_of else ()

    def __call__(self, *arguments: object, at: Path | None = None) -> Ran:
        """Run a command there, or in another folder."""
        has_day = "--as-of" in arguments or arguments[0] in _WITHOUT_A_DAY
        return self._punchcard(at or self.root, *arguments, *(() if has_day else self._day))

    def done(self, *arguments: object) -> str:
        """Return what a command says that has nothing to complain of."""
        ran = self(*arguments)
        assert (ran.status, ran.stderr) == (0, ""), ran
        return ran.stdout

    def json(self, *arguments: object) -> Any:
        """Return what such a command tells a program."""
        return json.loads(self.done(*arguments, "--format", "json"))

    def refuse(self, *arguments: object, status: int = 2) -> str:
        """Return why a command is refused."""
        ran = self(*arguments)
        assert ran.status == status, ran
        return ran.stderr

    def read(self, path: str) -> str:
        """Return the text of a file there."""
        return (self.root / path).read_text(encoding="utf-8")

    def git(self, *arguments: str) -> str:
        """Run Git there."""
        return git(self.root, *arguments)


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's Git, CI and punchcard settings out of the tests, and chance, too."""
    foreign = ("GIT_", "PUNCHCARD_", "GITHUB_", "CI_")
    for name in [name for name in os.environ if name.startswith(foreign) or name == "CI"]:
        if name not in {"PUNCHCARD_EXAMPLES", "PUNCHCARD_FUZZ_EXAMPLES"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name, value in IDENTITY.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("ledger.writing.time_entries.draw_letters", lambda: "xyz")
    monkeypatch.setenv("PUNCHCARD_CACHE_DIR", str(tmp_path / "punchcard-cache"))
    monkeypatch.setenv("PUNCHCARD_STATE_DIR", str(tmp_path / "punchcard-state"))


@pytest.fixture
def punchcard(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> RunPunchcard:
    """Run the command line in this process, exit policy included."""
    from site_builder.punchcard import run

    def run_in(folder: Path, *arguments: object) -> Ran:
        monkeypatch.chdir(folder)
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return run_in


@pytest.fixture
def sample_repository(tmp_path: Path) -> Path:
    """A Git repository with a copy of the sample ledger, committed."""
    root = tmp_path / "sample"
    shutil.copytree(SAMPLE_LEDGER, root / "customers")
    return commit_all(start_repository(root))


@pytest.fixture
def sample(sample_repository: Path, punchcard: RunPunchcard) -> Commands:
    """The commands, run in a copy of the sample ledger as it was told."""
    return Commands(punchcard, sample_repository, SAMPLE_AS_OF)


def start_repository(root: Path) -> Path:
    """Make ``root`` a Git repository."""
    root.mkdir(parents=True, exist_ok=True)
    git(root, "init", "--quiet", "--initial-branch=main")
    return root


def commit_all(root: Path, message: str = "Record what happened") -> Path:
    """Commit everything in a repository's work tree."""
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--allow-empty", f"--message={message}")
    return root


def write_files(root: Path, files: Mapping[str, str]) -> Path:
    """Write text files below ``root``."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def git(root: Path, *arguments: str) -> str:
    """Run Git in a repository and return what it printed."""
    # Fixtures of a session run before those that say who commits.
    done = subprocess.run(
        ["git", *arguments],
        cwd=root,
        env={**IDENTITY, **os.environ},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()
