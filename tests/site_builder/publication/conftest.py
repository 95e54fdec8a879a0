"""A ledger to publish, and the commands that do it."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from site_builder.punchcard import run as run_punchcard
from tests.conftest import Ran, RunPunchcard
from tests.site_builder.publication.published_ledger import FIRST_WEEK, PublishedLedger

Publish = Callable[..., Ran]
RollBack = Callable[..., Ran]


class Week(NamedTuple):
    """A ledger and where it was published, once."""

    ledger: PublishedLedger
    answer: dict[str, Any]


@pytest.fixture
def ledger(tmp_path: Path) -> PublishedLedger:
    """A ledger of which nothing was published."""
    return PublishedLedger(tmp_path)


@pytest.fixture(scope="session")
def _cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def publish(
    punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch, ledger: PublishedLedger, _cache: Path
) -> Publish:
    """Publish the ledger as of a day; what other tests have computed is used again."""
    monkeypatch.setenv("PUNCHCARD_CACHE_DIR", str(_cache))

    def run(as_of: str, *options: object) -> Ran:
        line = ("portal", "publish", "--to", ledger.folder, "--as-of", as_of, "--jobs", "1")
        return punchcard(ledger.root, *line, *options)

    return run


@pytest.fixture
def roll_back(punchcard: RunPunchcard, ledger: PublishedLedger) -> RollBack:
    """Go back to an earlier publication."""
    return lambda *options: punchcard(
        ledger.root, "portal", "rollback", "--in", ledger.folder, *options
    )


@pytest.fixture(scope="session")
def _first_week_elsewhere(tmp_path_factory: pytest.TempPathFactory, _cache: Path) -> Week:
    """A ledger that was published once, to be copied."""
    said = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(said):
        patch.setenv("PUNCHCARD_CACHE_DIR", str(_cache))
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Alice Moreau")
            patch.setenv(f"GIT_{role}_EMAIL", "alice@example.com")
        ledger = PublishedLedger(tmp_path_factory.mktemp("first-week"))
        patch.chdir(ledger.root)
        line = ("portal", "publish", "--to", str(ledger.folder), "--as-of", FIRST_WEEK)
        assert run_punchcard([*line, "--format", "json"]) == 0
    return Week(ledger, json.loads(said.detach().getvalue()))


@pytest.fixture
def first_week(ledger: PublishedLedger, _first_week_elsewhere: Week) -> Week:
    """The ledger, published once."""
    original = _first_week_elsewhere.ledger
    shutil.rmtree(ledger.root)
    shutil.copytree(original.root, ledger.root)
    shutil.copytree(original.folder, ledger.folder, symlinks=True)
    return Week(ledger, _first_week_elsewhere.answer)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A folder for what has nothing to do with the ledger."""
    folder = tmp_path / "elsewhere"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder
