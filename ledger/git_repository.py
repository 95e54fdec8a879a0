"""The Git repository that a ledger lives in. The only file that imports GitPython.

Git is asked through GitPython's command runner, with everything switched off that a repository's
own configuration could make it run. What a user typed is resolved to an object id first; from
then on only ids are passed.
"""

from __future__ import annotations

import errno
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from git import Repo
from git.exc import GitCommandError, GitCommandNotFound, InvalidGitRepositoryError, NoSuchPathError

from ledger.errors import LedgerError
from ledger.ledger_files import FileKind, LedgerFile
from ledger.yaml_source import MAX_FILE_BYTES

_SAFE_CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.untrackedCache=false",
    "log.showSignature=false",
)
_COMMAND_OPTIONS = [part for option in _SAFE_CONFIG for part in ("-c", option)]
_ENVIRONMENT = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
_OBJECT_ID = re.compile(rb"^[0-9a-f]{40}([0-9a-f]{24})?$")
_FILE_MODES = {b"100644": FileKind.FILE, b"100755": FileKind.FILE, b"120000": FileKind.LINK}


class GitError(LedgerError):
    """Git could not do what it was asked for."""


class GitRepository:
    """A repository: its work tree, if it has one, and its commits."""

    def __init__(self, repo: Repo) -> None:
        self._repo = repo

    @classmethod
    @contextmanager
    def open_around(cls, folder: Path) -> Iterator[GitRepository]:
        """Open the repository that ``folder`` is in; its processes end with the context.

        Raises:
            LedgerError: there is none, or Git cannot be run.
        """
        try:
            repo = Repo(folder, search_parent_directories=True, expand_vars=False)
        except (InvalidGitRepositoryError, NoSuchPathError) as error:
            raise LedgerError(
                f"{folder} is not in a Git repository",
                "run this inside a ledger's repository, or name its folder with --ledger",
            ) from error
        except GitCommandNotFound as error:
            raise LedgerError("git is not installed", "install git and try again") from error
        with repo:
            yield cls(repo)

    @property
    def root(self) -> Path | None:
        """The root of the work tree; None in a bare repository."""
        tree = self._repo.working_tree_dir
        return None if tree is None else Path(tree)

    def find_head(self) -> str | None:
        """Return the id of the commit that is checked out; None if there is none yet."""
        try:
            return self._run("rev-parse", "--verify", "--quiet", "HEAD^{commit}").strip().decode()
        except GitError:
            return None

    def resolve_commit(self, revision: str) -> str:
        """Return the id of the commit that ``revision`` names.

        Raises:
            LedgerError: there is no such commit.
        """
        try:
            found = self._run(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}"
            ).strip()
        except (GitError, ValueError) as error:
            raise LedgerError(
                f"{revision!r} is no commit of this repository",
                "name a branch, a tag or a commit; `git fetch --unshallow` brings older ones",
            ) from error
        if not _OBJECT_ID.fullmatch(found):
            raise LedgerError(f"{revision!r} is no commit of this repository")
        return found.decode()

    def has_changes(self, folder: str) -> bool:
        """Whether files at or below ``folder``, new ones too, differ from the last commit."""
        return bool(self._run("status", "--porcelain", "-z", "--", _literal(folder)))

    def list_work_tree(self, folder: str, under: Sequence[str] = ()) -> list[str]:
        """Return the paths, relative to ``folder``, of the files that Git does not ignore.

        Untracked files whose name, or a folder of whose path, begins with a dot are left out.
        """
        places = [_literal(f"{folder}{place}") for place in under] or [_literal(folder)]
        tracked = _split(self._run("ls-files", "-z", "--cached", "--", *places))
        others = _split(
            self._run("ls-files", "-z", "--others", "--exclude-standard", "--", *places)
        )
        names = {*tracked, *(name for name in others if not _is_dotted(name[len(folder) :]))}
        return sorted(name[len(folder) :] for name in names)

    def open_revision(self, revision: str, folder: str) -> RevisionFiles:
        """Return the files at or below ``folder`` as a commit has them.

        Raises:
            LedgerError: there is no such commit, or it has no such folder.
        """
        commit = self.resolve_commit(revision)
        listing = self._run("ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", folder or ".")
        objects = dict(_parse_tree(listing, folder))
        if not objects:
            raise LedgerError(
                f"there is no {folder.rstrip('/') or 'file'} in {revision}",
                "choose a revision that has the ledger, or name its folder with --ledger",
            )
        return RevisionFiles(self, folder, commit, objects)

    def read_objects(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the content of blobs by their id, read by one process."""
        wanted = sorted(set(ids))
        output = self._run(
            "cat-file",
            "--batch",
            "--buffer",
            stdin="".join(f"{item}\n" for item in wanted).encode(),
        )
        return dict(_parse_batch(output))

    def _run(self, *arguments: str, stdin: bytes = b"") -> bytes:
        try:
            with tempfile.TemporaryFile() as stream:
                stream.write(stdin)
                stream.seek(0)
                output: bytes = self._repo.git.execute(
                    ["git", *_COMMAND_OPTIONS, *arguments],
                    istream=stream,
                    strip_newline_in_stdout=False,
                    stdout_as_string=False,
                    env=_ENVIRONMENT,
                )
        except GitCommandError as error:
            raise GitError(_first_line(error)) from error
        return output


class RevisionFiles:
    """The files of a ledger as a commit has them; see ``ledger.ledger_files.LedgerFiles``.

    Attributes:
        commit: the commit's id.
    """

    def __init__(
        self, repository: GitRepository, prefix: str, commit: str, blobs: Mapping[str, Blob]
    ) -> None:
        self.prefix = prefix
        self.commit = commit
        self._repository = repository
        self._blobs = blobs
        self._folder: str | None = None
        self._contents: Mapping[str, bytes] = {}

    def list_files(self, under: Sequence[str] = ()) -> list[LedgerFile]:
        """See ``LedgerFiles``."""
        return sorted(
            blob.file
            for path, blob in self._blobs.items()
            if not under or any(path == place or path.startswith(place + "/") for place in under)
        )

    def read(self, path: str) -> bytes:
        """See ``LedgerFiles``."""
        blob = self._blobs.get(path)
        if blob is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        folder = path.partition("/")[0] if "/" in path else ""
        if folder != self._folder:
            # A customer's files are asked for together: one process brings them all.
            self._contents = self._repository.read_objects(self._list_readable_ids(folder))
            self._folder = folder
        return self._contents[blob.object_id]

    def _list_readable_ids(self, folder: str) -> Iterator[str]:
        for path, blob in self._blobs.items():
            is_inside = path.startswith(folder + "/") if folder else "/" not in path
            if is_inside and blob.file.kind is FileKind.FILE and blob.file.size <= MAX_FILE_BYTES:
                yield blob.object_id


class Blob(NamedTuple):
    """A file of a commit and the id of its content."""

    file: LedgerFile
    object_id: str


def _parse_tree(listing: bytes, folder: str) -> Iterator[tuple[str, Blob]]:
    for line in listing.split(b"\0"):
        if not line:
            continue
        description, _, name = line.partition(b"\t")
        mode, _kind, object_id, size = description.split()
        path = os.fsdecode(name)[len(folder) :]
        kind = _FILE_MODES.get(mode, FileKind.SUBMODULE)
        bytes_ = int(size) if size != b"-" else 0
        yield path, Blob(LedgerFile(path, kind, bytes_), object_id.decode())


def _parse_batch(output: bytes) -> Iterator[tuple[str, bytes]]:
    offset = 0
    while offset < len(output):
        end = output.index(b"\n", offset)
        object_id, _kind, size = output[offset:end].split()
        offset = end + 1 + int(size)
        yield object_id.decode(), output[end + 1 : offset]
        offset += 1


def _split(output: bytes) -> list[str]:
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def _first_line(error: GitCommandError) -> str:
    said = str(error.stderr).strip().removeprefix("stderr:").strip(" '\n")
    return said.partition("\n")[0] or f"git ended with status {error.status}"


def _literal(path: str) -> str:
    return f":(top,literal){path}" if path else ":(top)"


def _is_dotted(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
