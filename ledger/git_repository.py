"""The Git repository that a ledger lives in. The only file that imports GitPython.

Git is asked through GitPython's command runner, with everything switched off that a repository's
own configuration could make it run. What a user typed is resolved to an object id first; from
then on only ids are passed. Variables of the environment that point Git at another repository, as
a hook's do, are left out unless they mean this one.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from git import Git, Repo
from git.exc import GitCommandError, GitCommandNotFound, InvalidGitRepositoryError, NoSuchPathError

from ledger.errors import LedgerError
from ledger.revision_files import RevisionFiles, parse_tree

_SAFE_CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.untrackedCache=false",
    "log.showSignature=false",
)
_COMMAND_OPTIONS = [part for option in _SAFE_CONFIG for part in ("-c", option)]
_ENVIRONMENT = {
    # A partial clone would run what its configuration fetches with.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}
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
_OBJECT_ID = re.compile(rb"^[0-9a-f]{40}([0-9a-f]{24})?$")


class GitError(LedgerError):
    """Git could not do what it was asked for.

    Attributes:
        status: what Git ended with.
        said: what it printed on standard error.
    """

    def __init__(self, message: str, hint: str = "", status: int = -1, said: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.said = said


class GitRepository:
    """A repository: its work tree, if it has one, and its commits."""

    def __init__(self, repo: Repo, foreign_variables: Sequence[str] = ()) -> None:
        self._repo = repo
        self._foreign_variables = tuple(foreign_variables)

    @classmethod
    @contextmanager
    def open_around(cls, folder: Path) -> Iterator[GitRepository]:
        """Open the repository that ``folder`` is in; its processes end with the context.

        Raises:
            LedgerError: there is none, or Git cannot be run.
        """
        try:
            with _without_variables(_MISLEADING_VARIABLES):
                repo = Repo(folder, search_parent_directories=True, expand_vars=False)
        except (InvalidGitRepositoryError, NoSuchPathError) as error:
            raise LedgerError(
                f"{folder} is not in a Git repository",
                "run this inside a ledger's repository, or name its folder with --ledger",
            ) from error
        except GitCommandNotFound as error:
            raise LedgerError("git is not installed", "install git and try again") from error
        with repo:
            yield cls(repo, tuple(_list_foreign_variables(repo)))

    @property
    def root(self) -> Path | None:
        """The root of the work tree; None in a bare repository."""
        tree = self._repo.working_tree_dir
        return None if tree is None else Path(tree)

    @property
    def git_folder(self) -> Path:
        """The folder of what all work trees of the repository share: ``.git``, or the bare one."""
        return Path(self._repo.common_dir)

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
            _literal(folder),
        )
        return any(
            not entry.startswith("?? ") or not _is_dotted(entry[len(f"?? {folder}") :])
            for entry in _split(status)
        )

    def list_work_tree(self, folder: str, under: Sequence[str] = ()) -> list[str]:
        """Return the paths, relative to ``folder``, of the files that Git does not ignore.

        Untracked files whose name, or a folder of whose path, begins with a dot are left out.
        """
        places = [_literal(f"{folder}{place}") for place in under] or [_literal(folder)]
        options = ("-z", "-t", "--cached", "--others", "--exclude-standard")
        marked = _split(self.run("ls-files", *options, "--", *places))
        names = {(entry[0] == "?", entry[len(f"? {folder}") :]) for entry in marked}
        return sorted({name for is_new, name in names if not (is_new and _is_dotted(name))})

    def find_differences(self, commit: str, folder: str) -> set[str]:
        """Return the paths, relative to ``folder``, of files that differ from those of a commit.

        A file that was touched, but has the same content, may be among them.
        """
        place = _literal(folder)
        changed = _split(
            self.run(
                *self.list_filter_overrides(),
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
        )
        return {name[len(folder) :] for name in (*changed, *self._list_untracked(folder, [place]))}

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
        places = [f"{folder}{place}" for place in under] or [folder or "."]
        listing = self.run("ls-tree", "-r", "-z", "-l", "--full-tree", commit, "--", *places)
        return RevisionFiles(self, folder, commit, dict(parse_tree(listing, folder)))

    def open_staged(self, folder: str, index: Path | None = None) -> RevisionFiles:
        """Return the files at or below ``folder`` as the next commit will have them.

        Args:
            folder: see ``open_revision``.
            index: the index file to take; the repository's own if None.
        """
        environment = None if index is None else {"GIT_INDEX_FILE": str(index)}
        tree = self.run("write-tree", environment=environment).strip().decode()
        return RevisionFiles(self, folder, None, self.open_commit(tree, folder).blobs)

    def read_objects(self, ids: Iterable[str]) -> Mapping[str, bytes]:
        """Return the content of blobs by their id, read by one process."""
        wanted = sorted(set(ids))
        output = self.run(
            "cat-file",
            "--batch",
            "--buffer",
            stdin="".join(f"{item}\n" for item in wanted).encode(),
        )
        return dict(_parse_batch(output))

    def list_filter_overrides(self) -> list[str]:
        """Return options that switch off the content filters which the repository configures.

        Whatever compares files of the work tree would run them.
        """
        keys = self.ask("config", "-z", "--name-only", "--get-regexp", _FILTER_SETTING) or b""
        values = ((key, "false" if key.endswith(".required") else "") for key in _split(keys))
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
        variables = {**_ENVIRONMENT, **(environment or {})}
        unset = [name for name in self._foreign_variables if name not in variables]
        program = ["env", *(part for name in unset for part in ("-u", name))] if unset else []
        try:
            with tempfile.TemporaryFile() as stream:
                stream.write(stdin)
                stream.seek(0)
                output: bytes = self._repo.git.execute(
                    [*program, "git", *_COMMAND_OPTIONS, *arguments],
                    istream=stream,
                    strip_newline_in_stdout=False,
                    stdout_as_string=False,
                    env=variables,
                )
        except GitCommandError as error:
            raise _explain_failure(error) from error
        return output

    def _list_untracked(self, folder: str, places: Sequence[str]) -> Iterator[str]:
        listed = self.run("ls-files", "-z", "--others", "--exclude-standard", "--", *places)
        return (name for name in _split(listed) if not _is_dotted(name[len(folder) :]))

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
    try:
        Repo.init(folder, initial_branch="main", expand_vars=False).close()
    except GitCommandNotFound as error:
        raise LedgerError("git is not installed", "install git and try again") from error
    except GitCommandError as error:
        raise _explain_failure(error) from error


def find_identity(folder: Path) -> tuple[str | None, str | None]:
    """Return the name and the address that Git would put into commits made in ``folder``."""
    found: list[str | None] = []
    for variable, key in (("GIT_AUTHOR_NAME", "user.name"), ("GIT_AUTHOR_EMAIL", "user.email")):
        try:
            found.append(os.environ.get(variable) or Git(folder).config("--get", key))
        except GitCommandError:
            found.append(None)
    return found[0], found[1]


def _explain_failure(error: GitCommandError) -> GitError:
    said = str(error.stderr).strip().removeprefix("stderr:").strip(" '\n")
    status = error.status if isinstance(error.status, int) else -1
    if "dubious ownership" in said:
        return GitError(
            "the repository belongs to somebody else, so Git does not trust it",
            "git config --global --add safe.directory FOLDER, if you do",
            status,
            said,
        )
    line = said.partition("\n")[0].removeprefix("fatal: ")
    return GitError(line or f"git ended with status {status}", "", status, said)


@contextmanager
def _without_variables(names: Sequence[str]) -> Iterator[None]:
    # GitPython reads the environment while it looks for a repository, whatever folder it is given.
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _list_foreign_variables(repo: Repo) -> Iterator[str]:
    """Yield the variables around us that would mislead Git about ``repo``."""
    for name in _MISLEADING_VARIABLES:
        if name in os.environ and not (name == "GIT_DIR" and _is_same(name, repo.git_dir)):
            yield name
    if not _is_in_quarantine(Path(repo.common_dir)):
        yield from (name for name in _QUARANTINE_VARIABLES if name in os.environ)


def _is_same(variable: str, folder: str | os.PathLike[str]) -> bool:
    return Path(os.environ[variable]).resolve() == Path(folder).resolve()


def _is_in_quarantine(git_folder: Path) -> bool:
    """Whether Git runs us as a hook of this very repository, on objects it has not taken yet."""
    place = os.environ.get("GIT_QUARANTINE_PATH")
    return place is not None and Path(place).resolve().is_relative_to(git_folder.resolve())


def _parse_batch(output: bytes) -> Iterator[tuple[str, bytes]]:
    offset = 0
    while offset < len(output):
        end = output.index(b"\n", offset)
        object_id, *description = output[offset:end].split()
        if description == [b"missing"]:
            raise LedgerError(
                f"the repository has no object {object_id.decode()}",
                "it is damaged, or a partial clone: `git fetch --refetch --no-filter` mends that",
            )
        size = description[1]
        offset = end + 1 + int(size)
        yield object_id.decode(), output[end + 1 : offset]
        offset += 1


def _split(output: bytes) -> list[str]:
    return [os.fsdecode(name) for name in output.split(b"\0") if name]


def _literal(path: str) -> str:
    return f":(top,literal){path}" if path else ":(top)"


def _is_dotted(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
