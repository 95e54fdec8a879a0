"""The Git repository that a ledger lives in. The only file that imports GitPython.

What a user typed is resolved to an object id first; from then on only ids are passed to Git.
Variables of the environment that point Git at another repository, as a hook's do, are left out
unless they mean this one.

GitPython finds repositories and makes them. To import it would take every command 75 ms, so the
one case that nearly everybody has, a ``.git`` folder in a folder around, is recognized without it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ledger.cores import count_cores
from ledger.failed_operation import LedgerError
from ledger.git_process import (
    GIT_IS_MISSING,
    GitError,
    RunningGit,
    literal_path,
    run_git,
    split_names,
    start_git,
)

if TYPE_CHECKING:
    # Who only looks at the work tree does without.
    from ledger.revision_files import RevisionFiles

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
_FILTER_SETTING = r"^filter\..*\.(clean|smudge|process|required)$"
FETCH_HINT = "older commits were not fetched: `git fetch --unshallow`, or `fetch-depth: 0` in CI"
_FEW_CORES = 2
_OBJECT_ID = re.compile(rb"^[0-9a-f]{40}([0-9a-f]{24})?$")


class _Place(NamedTuple):
    """Where a repository is: its work tree, if any, its own folder, and that of all work trees."""

    root: Path | None
    git_folder: Path
    common_folder: Path


class GitRepository:
    """A repository: its work tree, if it has one, and its commits.

    Attributes:
        root: the root of the work tree; None in a bare repository.
        git_folder: of what all work trees of the repository share: ``.git``, or the bare one.
    """

    def __init__(self, place: _Place, foreign_variables: Sequence[str] = ()) -> None:
        self.root = place.root
        self.git_folder = place.common_folder
        self._foreign_variables = tuple(foreign_variables)

    @classmethod
    @contextmanager
    def open_around(cls, folder: Path) -> Iterator[GitRepository]:
        """Open the repository that ``folder`` is in.

        Raises:
            LedgerError: there is none.
        """
        around = Path(os.path.abspath(folder))  # noqa: PTH100 - takes `..` out, as GitPython does
        place = _find_ordinary(around) or _find_any(folder)
        yield cls(place, tuple(_list_foreign_variables(place)))

    def find_head(self) -> str | None:
        """Return the id of the commit that is checked out; None if there is none yet."""
        found = self.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        return None if found is None else found.strip().decode()

    def resolve_commit(self, revision: str) -> str:
        """Return the id of the commit that ``revision`` names.

        Raises:
            LedgerError: there is no such commit.
        """
        name = f"{revision}^{{commit}}"
        found = None
        if revision.isprintable():
            found = self.ask("rev-parse", "--verify", "--quiet", "--end-of-options", name)
        if found is None or not _OBJECT_ID.fullmatch(found.strip()):
            raise self._explain_unknown_revision(revision)
        return found.strip().decode()

    def has_changes(self, folder: str) -> bool:
        """Whether files at or below ``folder``, new ones too, differ from the last commit."""
        status = self.run(
            *self.list_filter_overrides(),
            "status",
            "--porcelain",
            "--no-renames",
            "--untracked-files=all",
            "--ignore-submodules=dirty",
            "-z",
            "--",
            literal_path(folder),
        )
        return any(
            not entry.startswith("?? ") or not _is_dotted(entry[len(f"?? {folder}") :])
            for entry in split_names(status)
        )

    def list_work_tree(self, folder: str, under: Sequence[str] = ()) -> list[str]:
        """Return the paths, relative to ``folder``, of the files that Git does not ignore.

        Untracked files whose name, or a folder of whose path, begins with a dot are left out.
        """
        places = [literal_path(f"{folder}{place}") for place in under] or [literal_path(folder)]
        options = ("-z", "-t", "--cached", "--others", "--exclude-standard")
        marked = split_names(self.run("ls-files", *options, "--", *places))
        start = len(f"? {folder}")
        return sorted(
            {entry[start:] for entry in marked if entry[0] != "?" or not _is_dotted(entry[start:])}
        )

    def find_differences(self, commit: str, folder: str) -> set[str]:
        """Return the paths, relative to ``folder``, of files that differ from those of a commit.

        A file that was touched, but has the same content, may be among them.
        """
        place = literal_path(folder)
        changed = self.list_differing(commit, place)
        return {name[len(folder) :] for name in (*changed, *self._list_untracked(folder, [place]))}

    def list_differing(self, commit: str, place: str) -> list[str]:
        """Return the tracked paths at a pathspec that differ from a commit, or were touched."""
        with self.start_differing(commit, place) as running:
            return split_names(running.finish())

    def start_differing(
        self, commit: str, place: str, *, is_beside_others: bool = False
    ) -> RunningGit:
        """Start to look for what ``list_differing`` returns, and print it with NUL bytes between.

        Args:
            commit: see ``list_differing``.
            place: see ``list_differing``.
            is_beside_others: whether other work is done meanwhile that takes about as long.
        """
        # Git looks at files in twenty threads, which leave nothing of two cores to anybody else.
        is_one_thread = is_beside_others and count_cores() <= _FEW_CORES
        return self.start(
            *self.list_filter_overrides(),
            *(("-c", "core.preloadIndex=false") if is_one_thread else ()),
            "diff-index",
            "-z",
            "--name-only",
            "--no-renames",
            "--no-ext-diff",
            "--ignore-submodules=dirty",
            commit,
            "--",
            place,
        )

    def open_revision(self, revision: str, folder: str, under: Sequence[str] = ()) -> RevisionFiles:
        """Return the files at or below ``folder``, or those ``under`` it, as a commit has them.

        Raises:
            LedgerError: there is no such commit, or it has no such folder.
        """
        files = self.open_commit(self.resolve_commit(revision), folder, under)
        if not files.blobs:
            raise LedgerError(
                f"there is no {folder.rstrip('/') or 'file'} in {revision}",
                "commit it, choose a revision that has it, or name its folder with --ledger",
            )
        return files

    def open_commit(self, commit: str, folder: str, under: Sequence[str] = ()) -> RevisionFiles:
        """As ``open_revision``, by the commit's id; there may be no file."""
        from ledger.revision_files import RevisionFiles, parse_tree

        places = [f"{folder}{place}" for place in under] or [folder or "."]
        listing = self.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *places)
        return RevisionFiles(self, folder, commit, dict(parse_tree(listing, folder)))

    def open_staged(self, folder: str, index: Path | None = None) -> RevisionFiles:
        """Return the files at or below ``folder`` as the next commit will have them.

        Args:
            folder: see ``open_revision``.
            index: the index file to take; the repository's own if None.
        """
        from ledger.revision_files import RevisionFiles

        environment = None if index is None else {"GIT_INDEX_FILE": str(index)}
        tree = self.run("write-tree", environment=environment).strip().decode()
        return RevisionFiles(self, folder, None, self.open_commit(tree, folder).blobs)

    def read_objects(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the content of blobs by their id, read by one process."""
        from ledger.revision_files import parse_objects

        wanted = sorted(set(ids))
        output = self.run(
            "cat-file",
            "--batch",
            "--buffer",
            stdin="".join(f"{item}\n" for item in wanted).encode(),
        )
        return dict(parse_objects(output))

    def list_filter_overrides(self) -> list[str]:
        """Return options that switch off the content filters which the repository configures.

        Whatever compares files of the work tree would run them.
        """
        keys = self.ask("config", "-z", "--name-only", "--get-regexp", _FILTER_SETTING) or b""
        values = ((key, "false" if key.endswith(".required") else "") for key in split_names(keys))
        return [part for key, value in values for part in ("-c", f"{key}={value}")]

    def ask(
        self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> bytes | None:
        """As ``run``, but None where Git says no without a word: status 1, nothing printed."""
        try:
            return self.run(*arguments, stdin=stdin, environment=environment)
        except GitError as error:
            if error.status == 1 and not error.said:
                return None
            raise

    def run(
        self, *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
    ) -> bytes:
        """Run Git with everything switched off that the repository could make it run.

        Args:
            arguments: options and ids; nothing that a user typed, but after ``--end-of-options``.
            stdin: what Git reads.
            environment: variables for this one run.

        Raises:
            GitError: Git failed.
        """
        unset = [name for name in self._foreign_variables if name not in (environment or {})]
        return run_git(self.root or self.git_folder, arguments, stdin, environment, unset)

    def run_without_index(self, *arguments: str, stdin: bytes = b"") -> bytes:
        """As ``run``, for what looks at commits alone but would read the index, which is large."""
        nowhere = self.git_folder / "no-such-index"
        return self.run(*arguments, stdin=stdin, environment={"GIT_INDEX_FILE": str(nowhere)})

    def start(self, *arguments: str) -> RunningGit:
        """As ``run``, but go on while Git is at work."""
        return start_git(self.root or self.git_folder, arguments, self._foreign_variables)

    def _list_untracked(self, folder: str, places: Sequence[str]) -> Iterator[str]:
        listed = self.run("ls-files", "-z", "--others", "--exclude-standard", "--", *places)
        return (name for name in split_names(listed) if not _is_dotted(name[len(folder) :]))

    def _explain_unknown_revision(self, revision: str) -> LedgerError:
        message = f"{revision!r} is no commit of this repository"
        if self.find_head() is None:
            return LedgerError(message, "nothing is committed yet; commit the ledger first")
        hint = "name a branch, a tag or a commit"
        return LedgerError(message, f"{hint}; {FETCH_HINT}" if self.is_shallow() else hint)

    def is_shallow(self) -> bool:
        """Whether older commits were left out when the repository was cloned."""
        return self.run("rev-parse", "--is-shallow-repository").strip() == b"true"


def start_repository(folder: Path) -> None:
    """Make ``folder`` a repository whose first branch is ``main``."""
    from git import Repo
    from git.exc import GitCommandNotFound

    try:
        Repo.init(folder, initial_branch="main", expand_vars=False).close()
    except GitCommandNotFound as error:
        raise LedgerError(*GIT_IS_MISSING) from error


def find_identity(folder: Path) -> tuple[str | None, str | None]:
    """Return the name and the address that Git would put into commits made in ``folder``."""
    found: list[str | None] = []
    for variable, key in (("GIT_AUTHOR_NAME", "user.name"), ("GIT_AUTHOR_EMAIL", "user.email")):
        value = os.environ.get(variable)
        try:
            found.append(value or run_git(folder, ("config", "--get", key)).decode().strip())
        except GitError:
            found.append(None)
    return found[0], found[1]


def _find_ordinary(folder: Path) -> _Place | None:
    """Return the repository around ``folder`` if it is of the usual kind: not linked, not bare."""
    if any(name in os.environ for name in (*_MISLEADING_VARIABLES, *_QUARANTINE_VARIABLES)):
        return None
    if not folder.is_dir():
        return None
    for around in (folder, *folder.parents):
        git_folder = around / ".git"
        if git_folder.is_dir() and not git_folder.is_symlink():
            is_ordinary = _is_ordinary(git_folder)
            return _Place(around, git_folder, git_folder) if is_ordinary else None
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


def _find_any(folder: Path) -> _Place:
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
        return _Place(root, Path(repo.git_dir), Path(repo.common_dir))


@contextmanager
def _without_variables(names: Sequence[str]) -> Iterator[None]:
    # GitPython reads the environment while it looks for a repository, whatever folder it is given.
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _list_foreign_variables(place: _Place) -> Iterator[str]:
    """Yield the variables around us that would mislead Git about a repository."""
    for name in _MISLEADING_VARIABLES:
        if name in os.environ and not (name == "GIT_DIR" and _is_same(name, place.git_folder)):
            yield name
    if not _is_in_quarantine(place.common_folder):
        yield from (name for name in _QUARANTINE_VARIABLES if name in os.environ)


def _is_same(variable: str, folder: str | os.PathLike[str]) -> bool:
    return Path(os.environ[variable]).resolve() == Path(folder).resolve()


def _is_in_quarantine(git_folder: Path) -> bool:
    """Whether Git runs us as a hook of this very repository, on objects it has not taken yet."""
    place = os.environ.get("GIT_QUARANTINE_PATH")
    return place is not None and Path(place).resolve().is_relative_to(git_folder.resolve())


def _is_dotted(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
