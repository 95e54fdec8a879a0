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
from typing import TYPE_CHECKING

from ledger.expected_answers import ExpectedAnswers
from ledger.failed_operation import LedgerError
from ledger.git_process import (
    GitError,
    RunningGit,
    literal_path,
    run_git,
    split_names,
    start_git,
)
from ledger.repository_place import RepositoryPlace, find_place, list_foreign_variables

if TYPE_CHECKING:
    # Who only looks at the work tree does without.
    from ledger.revision_files import RevisionFiles

_FILTER_SETTING = r"^filter\..*\.(clean|smudge|process|required)$"
_FILTERS = ("config", "-z", "--name-only", "--get-regexp", _FILTER_SETTING)
FETCH_HINT = "older commits were not fetched: `git fetch --unshallow`, or `fetch-depth: 0` in CI"
_CHECKSUM_BYTES = 20
_COMPARE = ("-z", "--name-only", "--no-renames", "--no-ext-diff", "--ignore-submodules=dirty")
_OBJECT_ID = re.compile(rb"^[0-9a-f]{40}([0-9a-f]{24})?$")


class GitRepository:
    """A repository: its work tree, if it has one, and its commits.

    Attributes:
        root: the root of the work tree; None in a bare repository.
        git_folder: of what all work trees of the repository share: ``.git``, or the bare one.
    """

    def __init__(self, place: RepositoryPlace, foreign_variables: Sequence[str] = ()) -> None:
        self.root = place.root
        self.git_folder = place.common_folder
        self._index = place.git_folder / "index"
        self._foreign_variables = tuple(foreign_variables)
        self._expected = ExpectedAnswers()

    @classmethod
    @contextmanager
    def open_around(cls, folder: Path) -> Iterator[GitRepository]:
        """Open the repository that ``folder`` is in.

        Raises:
            LedgerError: there is none.
        """
        place = find_place(folder)
        repository = cls(place, tuple(list_foreign_variables(place)))
        try:
            yield repository
        finally:
            repository.end_expectations()

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
        with self._expected.take(("changes", folder)) or self._start_status(folder) as running:
            entries = split_names(running.finish())
        return any(
            not entry.startswith("?? ") or not _is_dotted(entry[len(f"?? {folder}") :])
            for entry in entries
        )

    def expect_changes(self, folder: str) -> None:
        """Let Git begin to look whether ``has_changes``."""
        self._expected.add(("changes", folder), self._start_status(folder))

    def list_work_tree(self, folder: str, under: Sequence[str] = ()) -> list[str]:
        """Return the paths, relative to ``folder``, of the files that Git does not ignore.

        Untracked files whose name, or a folder of whose path, begins with a dot are left out.
        """
        question = ("listing", folder, *under)
        with self._expected.take(question) or self._start_listing(folder, under) as running:
            marked = split_names(running.finish())
        start = len(f"? {folder}")
        return sorted(
            {entry[start:] for entry in marked if entry[0] != "?" or not _is_dotted(entry[start:])}
        )

    def expect_listing(self, folder: str) -> None:
        """Let Git begin to list what ``list_work_tree`` will want."""
        self._expected.add(("listing", folder), self._start_listing(folder))

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

    def start_differing(self, commit: str, place: str) -> RunningGit:
        """Start to look for what ``list_differing`` returns, and print it with NUL bytes between.

        Args:
            commit: see ``list_differing``.
            place: see ``list_differing``.
        """
        overrides = self.list_filter_overrides()
        return self.start(*overrides, "diff-index", *_COMPARE, commit, "--", place)

    def start_unstaged(self, place: str) -> RunningGit:
        """As ``start_differing``, but from the index, not from a commit."""
        return self.start(*self.list_filter_overrides(), "diff-files", *_COMPARE, "--", place)

    def start_staged(self, commit: str, place: str) -> RunningGit:
        """As ``start_differing``, but look at the index alone, not at the files."""
        return self.start("diff-index", "--cached", *_COMPARE, commit, "--", place)

    def identify_index(self) -> str:
        """Return what tells the index from others, and from itself before a change.

        That is the end of the checksum of its content, which comes last (gitformat-index(5)); of
        one that is split, the name of the other part is in the content. Empty if there is none: no
        index, or one that is written without (``index.skipHash``).
        """
        try:
            with self._index.open("rb") as index:
                start = index.seek(-_CHECKSUM_BYTES, os.SEEK_END)
                checksum = index.read()
        except OSError:
            return ""
        return f"{start} {checksum.hex()}" if any(checksum) else ""

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
        with self._expected.take(("filters",)) or self.start(*_FILTERS) as running:
            keys = running.answer() or b""
        values = ((key, "false" if key.endswith(".required") else "") for key in split_names(keys))
        return [part for key, value in values for part in ("-c", f"{key}={value}")]

    def expect_filters(self) -> None:
        """Let Git begin to look for what ``list_filter_overrides`` will want."""
        self._expected.add(("filters",), self.start(*_FILTERS))

    def end_expectations(self) -> None:
        """End what Git was asked ahead of time and nobody wanted in the end."""
        self._expected.end()

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

    def start(self, *arguments: str) -> RunningGit:
        """As ``run``, but go on while Git is at work."""
        return start_git(self.root or self.git_folder, arguments, self._foreign_variables)

    def _start_status(self, folder: str) -> RunningGit:
        return self.start(
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

    def _start_listing(self, folder: str, under: Sequence[str] = ()) -> RunningGit:
        places = [literal_path(f"{folder}{place}") for place in under] or [literal_path(folder)]
        options = ("-z", "-t", "--cached", "--others", "--exclude-standard")
        return self.start("ls-files", *options, "--", *places)

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
