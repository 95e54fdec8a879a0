"""The small ledger in a repository of its own, and a ledger with some history."""

from datetime import date
from pathlib import Path

import pytest

from tests.conftest import Commands, RunPunchcard, commit_all, start_repository
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


@pytest.fixture
def run(repository: Path, punchcard: RunPunchcard) -> Commands:
    """The commands, run in the repository."""
    return Commands(punchcard, repository, AS_OF)
