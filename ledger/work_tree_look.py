"""Git's look at every file of the work tree that it knows: which may differ from the last commit.

Of all that a check of a large ledger does this takes longest, and Git does it by itself. So who
knows early that it will be wanted starts it ahead, before the rest of the program is loaded.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple, Protocol

from ledger.git_process import RunningGit, literal_path


class WorkTreeGit(Protocol):
    """A repository; see ``ledger.git_repository.GitRepository``."""

    @property
    def root(self) -> Path | None:
        """The root of the work tree."""
        ...

    def find_head(self) -> str | None:
        """Return the id of the commit that is checked out."""
        ...

    def expect_filters(self) -> None:
        """Let Git begin with what ``start_differing`` has to know."""
        ...

    def start_differing(self, commit: str, place: str) -> RunningGit:
        """Start to print the tracked paths at a pathspec that may differ from a commit."""
        ...


class WorkTreeLook(NamedTuple):
    """The commit that is checked out, and what prints the paths that may differ from it."""

    head: str
    differing: RunningGit


_ahead: dict[tuple[Path | None, str], WorkTreeLook] = {}


def start_look(git: WorkTreeGit, prefix: str) -> WorkTreeLook | None:
    """Start to look at a folder, or take over what was started ahead; None without a commit."""
    look = _ahead.pop((git.root, prefix), None)
    if look is not None:
        return look
    git.expect_filters()
    head = git.find_head()
    if head is None:
        return None
    return WorkTreeLook(head, git.start_differing(head, literal_path(prefix)))


def look_ahead(git: WorkTreeGit, prefix: str) -> None:
    """Start to look at a folder for whoever will want it; see ``end_looks``."""
    look = start_look(git, prefix)
    if look is not None:
        _ahead[git.root, prefix] = look


def end_looks() -> None:
    """End what was started ahead and nobody wanted."""
    while _ahead:
        _, look = _ahead.popitem()
        look.differing.end()
