"""The Git repository that a ledger lives in: its work tree, its commits, and what Git says of them.

What a user typed is resolved to an object id first; from then on only ids are passed to Git.
Variables of the environment that point Git at another repository are left out unless they mean
this one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ledger.errors import LedgerError
from ledger.git_process import (
    GitError,
    literal_path,
    run_git,
    split_names,
)
from ledger.repository_place import RepositoryPlace, find_place, list_foreign_variables

if TYPE_CHECKING:
    # Who only looks at the work tree does without.
    from ledger.revision_files import RevisionFiles

_FILTER_SETTING = r"^filter\..*\.(clean|smudge|process|required)$"
FETCH_HINT = "older commits were not fetched: `git fetch --unshallow`, or `fetch-depth: 0` in CI"
_OBJECT_ID = re.compile(rb"^[0-9a-f]{40}([0-9a-f]{24})?$")


class TreeEntry(NamedTuple):
    """What a commit has at a path."""

    mode: str
    object_id: str

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return self.mode == "040000"

    @property
    def is_file(self) -> bool:
        """Whether it is an ordinary file."""
        return self.mode in {"100644", "100755"}


class GitRepository:
    """A repository: its work tree, if it has one, and its commits.

    Attributes:
        root: the root of the work tree; None in a bare repository.
        git_folder: of what all work trees of the repository share: ``.git``, or the bare one.
    """

    def __init__(self, place: RepositoryPlace, foreign_variables: Sequence[str] = ()) -> None:
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
        place = find_place(folder)
        yield cls(place, tuple(list_foreign_variables(place)))

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
        return bool(self.list_changes(folder))

    def list_changes(self, folder: str) -> set[str]:
        """Return the paths, relative to ``folder``, of files that differ from the last commit.

        Untracked files whose name, or a folder of whose path, begins with a dot are left out.
        """
        output = self.run(
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
        entries = ((entry[:2], entry[3 + len(folder) :]) for entry in split_names(output))
        return {path for status, path in entries if status != "??" or not _is_dotted(path)}

    def list_entries(self, commit: str, folder: str) -> Mapping[str, TreeEntry]:
        """Return what a folder of a commit holds, by name; nothing if it is not there."""
        listing = self.run("ls-tree", "-z", "--full-tree", commit, "--", folder or ".")
        entries = {}
        for line in filter(None, listing.split(b"\0")):
            description, _, name = line.partition(b"\t")
            mode, _kind, object_id = description.decode().split()
            entries[os.fsdecode(name)[len(folder) :]] = TreeEntry(mode, object_id)
        return entries

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
            if error.is_no:
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

    def _explain_unknown_revision(self, revision: str) -> LedgerError:
        message = f"{revision!r} is no commit of this repository"
        if self.find_head() is None:
            return LedgerError(message, "nothing is committed yet; commit the ledger first")
        hint = "name a branch, a tag or a commit"
        return LedgerError(message, f"{hint}; {FETCH_HINT}" if self.is_shallow() else hint)

    def is_shallow(self) -> bool:
        """Whether older commits were left out when the repository was cloned."""
        return self.run("rev-parse", "--is-shallow-repository").strip() == b"true"


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


def _is_dotted(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
