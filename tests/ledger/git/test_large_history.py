"""A pull request to a large ledger: the one entry that it alters is named, the rest is not read.

``PUNCHCARD_LARGE=1`` makes it 100,000 entries; the usual tests have a tenth of that.
"""

import os
import re
from pathlib import Path

import pytest

from ledger.files.reader import ReadFiles
from ledger.files.source import LedgerFile
from ledger.git import GitRepository
from ledger.history.history_check import check_history
from ledger.ledger import open_ledger
from tests.benchmarks.synthetic_ledger import LAST_DAY, write_synthetic_ledger
from tests.conftest import RunPunchcard, commit_all, git, start_repository

ENTRIES = 100_000 if os.environ.get("PUNCHCARD_LARGE") else 10_000
ORGANIZATION = {"provider.yml", "terms.yml", "consultants.yml"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which ``work`` alters the first entry of a file that ``main`` has."""
    root = start_repository(tmp_path_factory.mktemp("large") / "ledger")
    write_synthetic_ledger(root, ENTRIES, 10)
    commit_all(root)
    git(root, "checkout", "--quiet", "-b", "work")
    sheet = find_sheet(root)
    text = sheet.read_text(encoding="utf-8")
    sheet.write_text(text.replace("minutes: ", "minutes: 1", 1), "utf-8")
    return commit_all(root)


def find_sheet(root: Path) -> Path:
    return min((root / "customers/customer-000007/time").iterdir())


class Reads:
    """What was read: ids of contents, and paths of files that were parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ids: set[str] = set()
        self.paths: set[str] = set()
        read_object, read_file = GitRepository.read_object, ReadFiles.read

        def note_id(repository: GitRepository, object_id: str, longest: int | None = None) -> bytes:
            self.ids.add(object_id)
            return read_object(repository, object_id, longest)

        def note_path(reader: ReadFiles, file: LedgerFile, kind: str) -> object:
            self.paths.add(file.path)
            return read_file(reader, file, kind)

        monkeypatch.setattr(GitRepository, "read_object", note_id)
        monkeypatch.setattr(ReadFiles, "read", note_path)


@pytest.mark.parametrize("revision", [None, "HEAD"])
def test_only_what_differs_is_read_to_find_the_one_entry_that_was_altered(
    root: Path, monkeypatch: pytest.MonkeyPatch, revision: str | None
) -> None:
    sheet = find_sheet(root)
    path = sheet.relative_to(root).as_posix()
    contents = {git(root, "rev-parse", f"{commit}:{path}") for commit in ("main", "work")}
    shared = {git(root, "rev-parse", f"HEAD:customers/{name}") for name in ORGANIZATION}
    reads = Reads(monkeypatch)
    with open_ledger(start=root, revision=revision) as ledger:
        [problem] = check_history(ledger, [git(root, "rev-parse", "main")], LAST_DAY)
    assert re.match(f"entry {sheet.stem}/[0-9-]+ was altered: minutes ", problem.message)
    assert reads.paths - ORGANIZATION == {path.removeprefix("customers/")}
    assert reads.ids - shared <= contents


def test_the_pull_request_is_refused_and_the_entry_named(
    punchcard: RunPunchcard, root: Path
) -> None:
    ran = punchcard(root, "check", "--since", "main", "--as-of", LAST_DAY)
    assert ran.status == 1
    assert ran.stdout.count("changed-history") == 1
    assert f"error[changed-history]: entry {find_sheet(root).stem}/" in ran.stdout
