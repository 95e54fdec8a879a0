"""What Git is let do before the command line is read is used or ended, and changes no answer."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

import pytest

from ledger.cli.early_look import looking_ahead
from ledger.errors import LedgerError
from ledger.git_process import RunningGit
from ledger.git_repository import GitRepository
from ledger.work_tree_look import start_look
from tests.conftest import commit_all, git, start_repository, write_files

FILES = {"customers/provider.yml": "name: Example\n", "customers/acme/customer.yml": "name: A\n"}
PROGRAM = "from site_builder.punchcard import main; main()"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = commit_all(write_files(start_repository(tmp_path / "ledger"), FILES))
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[RunningGit]]:
    """The looks that were started; in the end no Git at all may be at work."""
    all_: list[RunningGit] = []
    looks: list[RunningGit] = []
    start = RunningGit.__init__

    def note(
        running: RunningGit,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        given: IO[bytes] | None = None,
    ) -> None:
        start(running, folder, command, environment, given)
        all_.append(running)
        if {"diff-index", "diff-files"} & {*command}:
            looks.append(running)

    monkeypatch.setattr(RunningGit, "__init__", note)
    yield looks
    ends = [running._process.returncode for running in all_]  # noqa: SLF001 - nobody else asks
    assert None not in ends


def test_what_was_started_is_taken_over_once(root: Path, started: list[RunningGit]) -> None:
    (root / "customers/acme/customer.yml").write_text("name: B\n")
    with looking_ahead(["check"]):
        assert len(started) == 1
        with GitRepository.open_around(root) as repository:
            look = start_look(repository, "customers/")
            assert look is not None
            assert look.differing is started[0]
            with look.differing:
                assert look.differing.finish() == b"customers/acme/customer.yml\0"
            other = start_look(repository, "customers/")
            assert other is not None
            other.differing.end()
    assert len(started) == 2


def test_another_folder_does_not_get_it(root: Path, started: list[RunningGit]) -> None:
    with looking_ahead(["check"]), GitRepository.open_around(root) as repository:
        look = start_look(repository, "")
        assert look is not None
        assert look.differing is not started[0]
        look.differing.end()


def test_what_nobody_wants_is_ended_whatever_happens(started: list[RunningGit], root: Path) -> None:
    with pytest.raises(KeyboardInterrupt), looking_ahead(["check"]):
        raise KeyboardInterrupt
    assert len(started) == 1
    assert root.is_dir()


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["balance"],
        ["check", "--rev", "main"],
        ["check", "--rev=main"],
        ["check", "--no-cache"],
        ["check", "--help"],
        ["--ledger", "elsewhere", "check"],
    ],
    ids=" ".join,
)
@pytest.mark.usefixtures("root")
def test_other_commands_start_nothing(arguments: list[str], started: list[RunningGit]) -> None:
    with looking_ahead(arguments):
        assert not started


@pytest.mark.usefixtures("root")
def test_where_the_ledger_is_named_nothing_is_started(
    started: list[RunningGit], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PUNCHCARD_LEDGER", "elsewhere")
    with looking_ahead(["check"]):
        assert not started


def test_where_there_is_nothing_to_look_at_nothing_is_started(
    tmp_path: Path, started: list[RunningGit], monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = start_repository(tmp_path / "linked")
    (tmp_path / "elsewhere").mkdir()
    (linked / "customers").symlink_to(tmp_path / "elsewhere")
    for folder in (tmp_path, start_repository(tmp_path / "empty"), commit_all(linked)):
        monkeypatch.chdir(folder)
        with looking_ahead(["check"]):
            assert not started
    monkeypatch.chdir(write_files(start_repository(tmp_path / "new"), FILES))
    with looking_ahead(["check"]):
        assert not started


@pytest.mark.usefixtures("root")
def test_who_interrupts_it_is_told_so_as_later_on(tmp_path: Path) -> None:
    interrupting = tmp_path / "git"
    # Of several that are asked at once, one alone: a person presses a key once.
    once = 'mkdir "$0.once" 2>/dev/null && kill -INT $PPID'
    interrupting.write_text(f"#!/bin/sh\n{once}\nexec sleep 60\n")
    interrupting.chmod(0o755)
    # Who started the tests may have SIGINT ignored.
    hearing = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    done = subprocess.run(
        [sys.executable, "-c", hearing + PROGRAM, "check"],
        env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "\npunchcard: interrupted\n"


@pytest.mark.parametrize("has_memory_files", [True, False])
def test_git_that_is_started_says_all_or_why_not(
    root: Path, monkeypatch: pytest.MonkeyPatch, has_memory_files: bool
) -> None:
    if not has_memory_files:
        monkeypatch.delattr(os, "memfd_create", raising=False)
    write_files(root, {f"customers/acme/{number:0100}": "" for number in range(2000)})
    with GitRepository.open_around(root) as repository:
        with repository.start("ls-files", "--others") as running:
            assert running.finish() == repository.run("ls-files", "--others")
        assert len(repository.list_work_tree("customers/")) == 2000 + len(FILES)
        running = repository.start("ls-files", "--no-such-option")
        with running, pytest.raises(LedgerError, match="unknown option"):
            running.finish()


def test_the_program_says_the_same_with_and_without(root: Path, tmp_path: Path) -> None:
    git(root, "update-index", "--assume-unchanged", "customers/provider.yml")
    environment = {**os.environ, "PUNCHCARD_CACHE_DIR": str(tmp_path / "cache")}
    said = set()
    for arguments in (["check"], ["--ledger", "customers", "check"], ["check", "--no-cache"]):
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM, *arguments, "--format", "json"],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (1, "")
        said.add(done.stdout)
    assert len(said) == 1
