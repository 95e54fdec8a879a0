"""What Git was asked ahead of time is answered as if it were asked now; nothing is left over."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.expected_answers import ExpectedAnswers
from ledger.git_process import RunningGit
from ledger.git_repository import GitRepository
from ledger.workers import run_on_all_cores


class Running(RunningGit):
    """Stands for Git at work; says whether it was ended."""

    def __init__(self) -> None:
        self.was_ended = False

    def end(self) -> None:
        """See ``RunningGit``."""
        self.was_ended = True


def run_git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a repository with one committed file in ``customers/``."""
    run_git(tmp_path, "init", "-b", "main")
    (tmp_path / "customers").mkdir()
    (tmp_path / "customers" / "one.yml").write_text("a\n")
    run_git(tmp_path, "add", ".")
    run_git(tmp_path, "commit", "-m", "one")
    return tmp_path


def leave(folder: Path) -> None:
    assert folder.is_dir()


def edit(folder: Path) -> None:
    (folder / "customers" / "one.yml").write_text("b\n")


def add(folder: Path) -> None:
    (folder / "customers" / "two.yml").write_text("b\n")


def hide(folder: Path) -> None:
    (folder / "customers" / ".two.yml").write_text("b\n")


def filter_(folder: Path) -> None:
    run_git(folder, "config", "filter.x.clean", "false")
    run_git(folder, "config", "filter.x.required", "true")
    (folder / ".gitattributes").write_text("*.yml filter=x\n")
    edit(folder)


@pytest.mark.parametrize("change", [leave, edit, add, hide, filter_])
def test_the_answers_are_the_same(change: Callable[[Path], None], folder: Path) -> None:
    """Whatever there is to see, and however often it is asked."""
    change(folder)
    with GitRepository.open_around(folder) as repository:
        expected = (
            repository.list_filter_overrides(),
            repository.has_changes("customers/"),
            repository.list_work_tree("customers/"),
        )
        repository.expect_filters()
        repository.expect_listing("customers/")
        repository.expect_changes("customers/")
        for _ in range(2):
            assert repository.list_work_tree("customers/") == expected[2]
            assert repository.list_filter_overrides() == expected[0]
            assert repository.has_changes("customers/") is expected[1]


def test_what_goes_wrong_is_said_to_whoever_asks(folder: Path) -> None:
    """And not where the question was asked ahead of time."""
    (folder / ".git" / "index").write_bytes(b"no index")
    with GitRepository.open_around(folder) as repository:
        repository.expect_listing("customers/")
        with pytest.raises(LedgerError, match="index"):
            repository.list_work_tree("customers/")


def test_nothing_is_left_over() -> None:
    """What nobody took is ended; so is what was asked again; what was taken is its taker's."""
    first, second, taken = Running(), Running(), Running()
    answers = ExpectedAnswers()
    answers.add(("one",), first)
    answers.add(("one",), second)
    answers.add(("two",), taken)
    assert (first.was_ended, second.was_ended) == (True, False)
    assert answers.take(("two",)) is taken
    assert answers.take(("two",)) is None
    answers.end()
    assert second.was_ended
    assert not taken.was_ended


def test_a_copy_of_the_process_asks_for_itself() -> None:
    """It could not wait for what another process has started, and would take half an answer."""
    running = Running()
    answers = ExpectedAnswers()
    answers.add(("one",), running)

    def look(_name: str) -> tuple[bool, bool]:
        is_there = answers.take(("one",)) is not None
        answers.end()
        return is_there, running.was_ended

    assert {*run_on_all_cores(look, [str(number) for number in range(8)], 2)} == {(False, False)}
    assert answers.take(("one",)) is running
