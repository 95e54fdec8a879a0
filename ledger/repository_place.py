"""Where a Git repository is, and how one is made. The only file that imports GitPython.

GitPython finds repositories and makes them. To import it would take every command 75 ms, so the
one case that nearly everybody has, a ``.git`` folder in a folder around, is recognized without it.
Variables of the environment that point Git at another repository, as a hook's do, are found here.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.git_process import GIT_IS_MISSING

_MISLEADING_VARIABLES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_COMMON_DIR",
    "GIT_INDEX_FILE",
    "GIT_PREFIX",
    "GIT_NAMESPACE",
    "GIT_GRAFT_FILE",
    "GIT_EXTERNAL_DIFF",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
)
_QUARANTINE_VARIABLES = (
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_SHALLOW_FILE",
)


class RepositoryPlace(NamedTuple):
    """Where a repository is: its work tree, if any, its own folder, and that of all work trees."""

    root: Path | None
    git_folder: Path
    common_folder: Path


def find_place(folder: Path) -> RepositoryPlace:
    """Return where the repository is that ``folder`` is in.

    Raises:
        LedgerError: there is none.
    """
    around = Path(os.path.abspath(folder))  # noqa: PTH100 - takes `..` out, as GitPython does
    return _find_ordinary(around) or _find_any(folder)


def list_foreign_variables(place: RepositoryPlace) -> Iterator[str]:
    """Yield the variables around us that would mislead Git about a repository."""
    for name in _MISLEADING_VARIABLES:
        if name in os.environ and not (name == "GIT_DIR" and _is_same(name, place.git_folder)):
            yield name
    if not _is_in_quarantine(place.common_folder):
        yield from (name for name in _QUARANTINE_VARIABLES if name in os.environ)


def start_repository(folder: Path) -> None:
    """Make ``folder`` a repository whose first branch is ``main``."""
    from git import Repo
    from git.exc import GitCommandNotFound

    try:
        Repo.init(folder, initial_branch="main", expand_vars=False).close()
    except GitCommandNotFound as error:
        raise LedgerError(*GIT_IS_MISSING) from error


def _find_ordinary(folder: Path) -> RepositoryPlace | None:
    """Return the repository around ``folder`` if it is of the usual kind: not linked, not bare."""
    if any(name in os.environ for name in (*_MISLEADING_VARIABLES, *_QUARANTINE_VARIABLES)):
        return None
    if not folder.is_dir():
        return None
    for around in (folder, *folder.parents):
        git_folder = around / ".git"
        if git_folder.is_dir() and not git_folder.is_symlink():
            is_ordinary = _is_ordinary(git_folder)
            return RepositoryPlace(around, git_folder, git_folder) if is_ordinary else None
        if (around / "HEAD").exists() or os.path.lexists(git_folder):
            return None  # A bare repository, or a link to one: GitPython knows.
    return None


def _is_ordinary(git_folder: Path) -> bool:
    try:
        settings = (git_folder / "config").read_bytes().lower()
    except OSError:
        return False
    parts = all((git_folder / name).is_dir() for name in ("objects", "refs"))
    has_more = any(word in settings for word in (b"worktree", b"include"))
    is_plain = b"bare = false" in settings and not has_more
    return parts and is_plain and (git_folder / "HEAD").is_file()


def _find_any(folder: Path) -> RepositoryPlace:
    """Return the repository around ``folder``, as GitPython finds it.

    Raises:
        LedgerError: there is none.
    """
    from git import Repo
    from git.exc import GitCommandNotFound, InvalidGitRepositoryError, NoSuchPathError

    try:
        with _without_variables(_MISLEADING_VARIABLES):
            repo = Repo(folder, search_parent_directories=True, expand_vars=False)
    except (InvalidGitRepositoryError, NoSuchPathError) as error:
        raise LedgerError(
            f"{folder} is not in a Git repository",
            "run this inside a ledger's repository, or name its folder with --ledger",
        ) from error
    except GitCommandNotFound as error:
        raise LedgerError(*GIT_IS_MISSING) from error
    with repo:
        tree = repo.working_tree_dir
        root = None if tree is None else Path(tree)
        return RepositoryPlace(root, Path(repo.git_dir), Path(repo.common_dir))


@contextmanager
def _without_variables(names: Sequence[str]) -> Iterator[None]:
    # GitPython reads the environment while it looks for a repository, whatever folder it is given.
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _is_same(variable: str, folder: str | os.PathLike[str]) -> bool:
    return Path(os.environ[variable]).resolve() == Path(folder).resolve()


def _is_in_quarantine(git_folder: Path) -> bool:
    """Whether Git runs us as a hook of this very repository, on objects it has not taken yet."""
    place = os.environ.get("GIT_QUARANTINE_PATH")
    return place is not None and Path(place).resolve().is_relative_to(git_folder.resolve())
