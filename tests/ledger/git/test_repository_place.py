"""Which repository a folder is in: as Git itself says."""

import subprocess
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.git import GitRepository


def make(folder: Path, script: str) -> None:
    subprocess.run(["sh", "-ec", script], cwd=folder, check=True, capture_output=True)


def ask(folder: Path, question: str) -> Path:
    command = ["git", "rev-parse", question]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return (folder / done.stdout.strip()).resolve()


@pytest.mark.parametrize(
    ("script", "place"),
    [
        ("git init plain", "plain"),
        ("git init plain; mkdir -p plain/customers/acme", "plain/customers/acme"),
        ("git init outer; git init outer/inner", "outer/inner"),
        ("git init outer; git init outer/inner", "outer/inner/.."),
        (
            "git init plain; cd plain; git commit --allow-empty -m One; git worktree add ../linked",
            "linked",
        ),
        ("git init --separate-git-dir=elsewhere plain", "plain"),
        ("git init plain; mv plain/.git moved; ln -s ../moved plain/.git", "plain"),
        ('git init plain; cd plain; git config core.worktree "$PWD"', "plain"),
        ("git init plain; ln -s plain way", "way"),
    ],
    ids=["plain", "below", "nested", "above", "linked", "separate", "symbolic", "moved", "by-link"],
)
def test_it_is_the_one_that_git_is_in(script: str, place: str, tmp_path: Path) -> None:
    make(tmp_path, script)
    with GitRepository.open_around(tmp_path / place) as repository:
        assert repository.root is not None
        assert repository.root.resolve() == ask(tmp_path / place, "--show-toplevel")
        assert repository.git_folder.resolve() == ask(tmp_path / place, "--git-common-dir")


def test_a_bare_repository_has_no_work_tree(tmp_path: Path) -> None:
    make(tmp_path, "git init --bare bare.git")
    with GitRepository.open_around(tmp_path / "bare.git" / "refs") as repository:
        assert repository.root is None
        assert repository.git_folder.resolve() == (tmp_path / "bare.git").resolve()


@pytest.mark.parametrize("place", [".", "plain/.."])
def test_a_folder_that_is_in_none_though_one_is_below(place: str, tmp_path: Path) -> None:
    make(tmp_path, "git init plain")
    with (
        pytest.raises(LedgerError, match="is not in a Git repository"),
        GitRepository.open_around(tmp_path / place),
    ):
        pass


@pytest.mark.parametrize("broken", ["HEAD", "objects", "refs", "config"])
def test_a_damaged_repository_is_left_to_git_to_judge(broken: str, tmp_path: Path) -> None:
    make(tmp_path, f"git init plain; mv plain/.git/{broken} taken-away")
    plain = tmp_path / "plain"
    asked = subprocess.run(["git", "rev-parse"], cwd=plain, check=False, capture_output=True)
    try:
        with GitRepository.open_around(plain) as repository:
            found = repository.root == plain
    except LedgerError:
        found = False
    assert found == (asked.returncode == 0)
