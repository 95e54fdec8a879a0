"""The small ledger in a repository of its own, and a ledger with some history."""

from datetime import date
from pathlib import Path

import pytest

from tests.conftest import Ran, RunPunchcard, commit_all, git, start_repository
from tests.ledger.git.written_ledger import WrittenLedger
from tests.ledger.writing.small_ledger import AS_OF, write_small_ledger


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no command look at the clock: a late day, so that tests may write on any other."""
    monkeypatch.setattr("ledger.cli.options.find_today", lambda _ledger: date(2030, 1, 1))


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with the small ledger, committed."""
    root = start_repository(tmp_path / "repository")
    return commit_all(write_small_ledger(root))


@pytest.fixture
def ledger(tmp_path: Path, punchcard: RunPunchcard) -> WrittenLedger:
    return WrittenLedger(tmp_path / "ledger", punchcard=punchcard)


class Runner:
    """Runs the command line in a repository, as of ``AS_OF`` where no other day is named."""

    def __init__(self, root: Path, punchcard: RunPunchcard) -> None:
        self.root = root
        self._punchcard = punchcard

    def __call__(self, *arguments: object) -> Ran:
        day = () if "--as-of" in arguments else ("--as-of", AS_OF)
        return self._punchcard(self.root, *arguments, *day)

    def read(self, path: str) -> str:
        """Return the text of a file."""
        return (self.root / path).read_text(encoding="utf-8")

    def git(self, *arguments: str) -> str:
        """Run Git there and return what it printed."""
        return git(self.root, *arguments)


@pytest.fixture
def run(repository: Path, punchcard: RunPunchcard) -> Runner:
    return Runner(repository, punchcard)
