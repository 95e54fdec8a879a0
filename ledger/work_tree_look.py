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

    def start_unstaged(self, place: str) -> RunningGit:
        """As ``start_differing``, but from the index, not from a commit."""
        ...

    def identify_index(self) -> str:
        """Return what tells the index from others; empty if nothing does."""
        ...


class WorkTreeLook(NamedTuple):
    """The commit that is checked out, and what prints the paths that may differ.

    Attributes:
        head: the commit.
        index_id: the index that the files are held against; empty if they are against the commit.
        differing: prints the paths.
    """

    head: str
    index_id: str
    differing: RunningGit


_ahead: dict[tuple[Path | None, str], WorkTreeLook] = {}


def start_look(git: WorkTreeGit, prefix: str, *, by_index: bool = False) -> WorkTreeLook | None:
    """Start to look at a folder, or take over what was started ahead; None without a commit.

    Args:
        git: the repository.
        prefix: from the root of the work tree to the folder, with a ``/`` at its end.
        by_index: hold the files against the index, if that can be told from others. That takes less
            time, for who knows already, or finds out, how the index differs from the commit.
    """
    look = _ahead.pop((git.root, prefix), None)
    return _start(git, prefix, by_index=by_index) if look is None else look


def _start(git: WorkTreeGit, prefix: str, *, by_index: bool) -> WorkTreeLook | None:
    git.expect_filters()
    index_id = git.identify_index() if by_index else ""
    head = git.find_head()
    if head is None:
        return None
    place = literal_path(prefix)
    differing = git.start_unstaged(place) if index_id else git.start_differing(head, place)
    return WorkTreeLook(head, index_id, differing)


def look_ahead(git: WorkTreeGit, prefix: str) -> None:
    """Start to look at a folder for whoever will want it; see ``end_looks``."""
    look = start_look(git, prefix, by_index=True)
    if look is not None:
        _ahead[git.root, prefix] = look


def end_looks() -> None:
    """End what was started ahead and nobody wanted."""
    while _ahead:
        _, look = _ahead.popitem()
        look.differing.end()
