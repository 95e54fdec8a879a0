"""Which repository a folder is in: as Git itself says."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.git import GitRepository
from tests.conftest import git


def _make(folder: Path, *options: str) -> Path:
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", *options)
    return folder


def _make_plain(root: Path) -> Path:
    return _make(root / "plain")


def _make_below(root: Path) -> Path:
    below = _make(root / "plain") / "customers" / "acme"
    below.mkdir(parents=True)
    return below


def _make_nested(root: Path) -> Path:
    return _make(_make(root / "outer") / "inner")


def _make_above_nested(root: Path) -> Path:
    return _make_nested(root) / ".."


def _make_linked(root: Path) -> Path:
    plain = _make(root / "plain")
    git(plain, "commit", "--quiet", "--allow-empty", "--message=One")
    git(plain, "worktree", "add", "--quiet", str(root / "linked"))
    return root / "linked"


def _make_separate(root: Path) -> Path:
    return _make(root / "plain", f"--separate-git-dir={root / 'elsewhere'}")


def _make_symbolic(root: Path) -> Path:
    plain = _make(root / "plain")
    (plain / ".git").rename(root / "moved")
    (plain / ".git").symlink_to(root / "moved")
    return plain


def _make_moved_tree(root: Path) -> Path:
    plain = _make(root / "plain")
    git(plain, "config", "core.worktree", str(root / "plain"))
    return plain


def _make_reached_by_link(root: Path) -> Path:
    _make(root / "plain")
    (root / "way").symlink_to(root / "plain")
    return root / "way"


@pytest.mark.parametrize(
    "make",
    [
        _make_plain,
        _make_below,
        _make_nested,
        _make_above_nested,
        _make_linked,
        _make_separate,
        _make_symbolic,
        _make_moved_tree,
        _make_reached_by_link,
    ],
)
def test_it_is_the_one_that_git_is_in(make: Callable[[Path], Path], tmp_path: Path) -> None:
    folder = make(tmp_path)
    with GitRepository.open_around(folder) as repository:
        assert repository.root is not None
        assert repository.root.resolve() == _ask(folder, "--show-toplevel")
        assert repository.git_folder.resolve() == _ask(folder, "--git-common-dir")


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    bare = _make(tmp_path / "bare.git", "--bare")
    with GitRepository.open_around(bare / "refs") as repository:
        assert repository.root is None
        assert repository.git_folder.resolve() == bare.resolve()


def test_a_folder_that_is_in_none(tmp_path: Path) -> None:
    with (
        pytest.raises(LedgerError, match="is not in a Git repository"),
        GitRepository.open_around(tmp_path),
    ):
        pass


def test_a_folder_above_a_repository_is_not_in_it(tmp_path: Path) -> None:
    above = _make(tmp_path / "plain") / ".."
    with (
        pytest.raises(LedgerError, match="is not in a Git repository"),
        GitRepository.open_around(above),
    ):
        pass


@pytest.mark.parametrize("broken", ["HEAD", "objects", "refs", "config"])
def test_a_damaged_repository_is_left_to_git_to_judge(broken: str, tmp_path: Path) -> None:
    plain = _make(tmp_path / "plain")
    (plain / ".git" / broken).rename(tmp_path / "taken away")
    asked = subprocess.run(["git", "rev-parse"], cwd=plain, check=False, capture_output=True)
    is_one = asked.returncode == 0
    try:
        with GitRepository.open_around(plain) as repository:
            found = repository.root == plain
    except LedgerError:
        found = False
    assert found == is_one


def _ask(folder: Path, question: str) -> Path:
    done = subprocess.run(
        ["git", "rev-parse", question], cwd=folder, check=True, capture_output=True, text=True
    )
    return (folder / done.stdout.strip()).resolve()
