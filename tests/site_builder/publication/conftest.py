"""A ledger to publish, and one that was published once."""

import io
import shutil
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from site_builder.punchcard import run as run_punchcard
from tests.conftest import Ran, RunPunchcard
from tests.site_builder.publication.published_ledger import FIRST_WEEK, PublishedLedger


@pytest.fixture(scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def ledger(
    tmp_path: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch, _cache: Path
) -> PublishedLedger:
    """A ledger of which nothing was published; what other tests have computed is used again."""
    monkeypatch.setenv("PUNCHCARD_CACHE_DIR", str(_cache))
    return PublishedLedger(tmp_path, punchcard)


@pytest.fixture(scope="session")
def _first_week(tmp_path_factory: pytest.TempPathFactory, _cache: Path) -> PublishedLedger:
    """A ledger that was published once, to be copied."""

    def run(folder: Path, *arguments: object) -> Ran:
        said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
            patch.setenv("PUNCHCARD_CACHE_DIR", str(_cache))
            for role in ("AUTHOR", "COMMITTER"):
                patch.setenv(f"GIT_{role}_NAME", "Alice Moreau")
                patch.setenv(f"GIT_{role}_EMAIL", "alice@example.com")
            patch.chdir(folder)
            status = run_punchcard([*map(str, arguments)])
        return Ran(status, said.detach().getvalue().decode(), "")

    ledger = PublishedLedger(tmp_path_factory.mktemp("first-week"), run)
    ledger.find_effects(FIRST_WEEK)
    return ledger


@pytest.fixture
def published(ledger: PublishedLedger, _first_week: PublishedLedger) -> PublishedLedger:
    """The ledger, published once."""
    shutil.rmtree(ledger.root)
    shutil.copytree(_first_week.root, ledger.root)
    shutil.copytree(_first_week.folder, ledger.folder, symlinks=True)
    ledger.ran = _first_week.ran
    return ledger


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder for what has nothing to do with the ledger."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return folder
