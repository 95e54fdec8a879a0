"""Git: the repository that a ledger lives in, its work tree, index and commits.

This is the only file that imports GitPython, and all of Git is run through it. Everything is
switched off that a repository's settings could make Git run, and variables of the environment that
point Git at another repository are removed while a repository is open. What a user typed is
resolved to an object id first; from then on only ids are passed to Git.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from subprocess import PIPE

from ledger.errors import LedgerError
from ledger.files.source import CONVERSIONS, LedgerFile, RevisionFiles, parse_attributes, parse_tree

os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")  # Else the import fails where Git is missing.

import git
from git.exc import GitCommandNotFound, InvalidGitRepositoryError, NoSuchPathError

FETCH_HINT = "older commits were not fetched: `git fetch --unshallow`, or `fetch-depth: 0` in CI"

_GIT_IS_MISSING = ("git is not installed", "install git and try again")
_SAFE_CONFIG = (
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.untrackedCache=false",
    "log.showSignature=false",
)
_PROGRAM = ("git", *(part for option in _SAFE_CONFIG for part in ("-c", option)))
_NO_HOOKS = ("-c", "core.hooksPath=/dev/null")
_ENVIRONMENT = {
    # A partial clone would run what its configuration fetches with.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
}
_MISLEADING_VARIABLES = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"),
    *("GIT_NAMESPACE", "GIT_GRAFT_FILE", "GIT_EXTERNAL_DIFF", "GIT_LITERAL_PATHSPECS"),
    *("GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS", "GIT_ICASE_PATHSPECS"),
)
_QUARANTINE_VARIABLES = (
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
    *("GIT_QUARANTINE_PATH", "GIT_SHALLOW_FILE"),
)
_NOTHING = "PUNCHCARD_NOTHING"  # the empty variable, since -c would cut a key at its first "="
_SETTINGS = r"^(punchcard\.ledger|filter\..*\.(clean|smudge|process|required))$"
_LEFT_OUT = (
    "is left out of the work tree",
    "`git sparse-checkout disable`, or `git update-index --no-skip-worktree FILE`",
)
_ASSUMED = ("is assumed to be unchanged", "`git update-index --no-assume-unchanged FILE`")
_HIDING = {"S": _LEFT_OUT, "s": _LEFT_OUT, "h": _ASSUMED}  # by the marks of `git ls-files -v`
_OBJECT_ID = re.compile(rb"^[0-9a-f]{40}([0-9a-f]{24})?$")
_CHUNK = 64 * 1024


class GitError(LedgerError):
    """Git failed: its exit status, and what it printed on standard error."""

    def __init__(self, message: str, hint: str, status: int, said: str) -> None:
        super().__init__(message, hint)
        self.status = status
        self.said = said


class GitRepository:
    """A repository: ``root`` of its work tree, None if it is bare, and its commits.

    All work trees of a repository share what is in its ``git_folder``. Git runs in ``folder``.
    """

    def __init__(self, repo: git.Repo) -> None:
        self.root = None if repo.working_tree_dir is None else Path(repo.working_tree_dir)
        self.git_folder = Path(repo.common_dir)
        self.folder = self.root or self.git_folder
        self._options: tuple[str, ...] = ()
        self.ledger_folder: str | None = None  # as `git config punchcard.ledger` says
        settings = self.ask("config", "-z", "--get-regexp", _SETTINGS) or b""
        for key, _end, value in (each.partition("\n") for each in _split_names(settings)):
            if key == "punchcard.ledger":
                self.ledger_folder = value
            else:  # Whatever looks at files of the work tree would run a filter.
                self._options += (f"--config-env={key}={_NOTHING}",)
        self._reader: tuple[int, git.Git.AutoInterrupt] | None = None

    @classmethod
    @contextmanager
    def open_around(cls, folder: Path) -> Iterator[GitRepository]:
        """Open the repository that ``folder`` is in; a LedgerError is raised if it is in none."""
        try:
            # GitPython reads the environment while it looks for a repository.
            with _without_variables(_MISLEADING_VARIABLES):
                repo = git.Repo(folder, search_parent_directories=True, expand_vars=False)
        except (InvalidGitRepositoryError, NoSuchPathError) as error:
            raise LedgerError(
                f"{folder} is not in a Git repository",
                "run this inside a ledger's repository, or name its folder with --ledger",
            ) from error
        with repo, _without_variables(_list_foreign_variables(repo)):
            repository = cls(repo)
            try:
                yield repository
            finally:
                if repository._reader is not None and repository._reader[0] == os.getpid():
                    _end(repository._reader[1])
                repository._reader = None

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
        runs_hooks: bool = False,
    ) -> bytes:
        """Run Git in a folder, the repository's own if None; return what it prints.

        The arguments are options and ids; what a user typed comes after ``--end-of-options``. A
        GitError is raised if Git failed.
        """
        command = (*self._options, *arguments)
        return _finish(_start(folder or self.folder, command, stdin, environment, runs_hooks))

    def stream(self, *arguments: str, stdin: bytes = b"") -> Generator[str, None, None]:
        """As ``run``, but yield the texts that Git prints with ``-z``, as they come."""
        process = _start(self.folder, (*self._options, *arguments), stdin)
        rest = b""
        try:
            while chunk := process.stdout.read(_CHUNK):
                *whole, rest = (rest + chunk).split(b"\0")
                yield from map(os.fsdecode, whole)
            _finish(process)
        finally:
            _end(process)

    def ask(self, *arguments: str, stdin: bytes = b"") -> bytes | None:
        """As ``run``, but None where Git says no without a word: status 1, nothing printed."""
        try:
            return self.run(*arguments, stdin=stdin)
        except GitError as error:
            if error.status == 1 and not error.said:
                return None
            raise

    def find_head(self) -> str | None:
        """Return the id of the commit that is checked out; None if there is none yet."""
        return self.find_commit("HEAD")

    def find_commit(self, name: str) -> str | None:
        """Return the id of the commit that ``name`` names, or None; a tree is a GitError."""
        how = ("--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        found = (self.ask("rev-parse", *how) or b"").strip()
        return found.decode() if _OBJECT_ID.fullmatch(found) else None

    def resolve_commit(self, revision: str) -> str:
        """Return the id of the commit that ``revision`` names; raise a LedgerError if none is."""
        try:
            found = self.find_commit(revision) if revision.isprintable() else None
        except GitError as error:
            if f"{revision}^{{commit}}" not in error.said:  # else it is a tree or a file
                raise
            found = None
        if found is not None:
            return found
        message = f"{revision!r} is no commit of this repository"
        if self.find_head() is None:
            raise LedgerError(message, "nothing is committed yet; commit the ledger first")
        hint = "name a branch, a tag or a commit"
        raise LedgerError(message, f"{hint}; {FETCH_HINT}" if self.is_shallow() else hint)

    def is_shallow(self) -> bool:
        """Whether older commits were left out when the repository was cloned."""
        return self.run("rev-parse", "--is-shallow-repository").strip() == b"true"

    def list_changes(self, folder: str) -> set[str]:
        """Return the paths, relative to ``folder``, of files that Git says differ from the commit.

        Untracked files whose name, or a folder of whose path, begins with a dot are left out.
        """
        how = ("--porcelain", "--no-renames", "--untracked-files=all", "--ignore-submodules=dirty")
        output = self.run("status", *how, "-z", "--", literal_path(folder))
        entries = ((entry[:2], entry[3 + len(folder) :]) for entry in _split_names(output))
        return {path for status, path in entries if status != "??" or not _is_dotted(path)}

    def find_hidden(self, folder: str) -> Mapping[str, tuple[str, str]]:
        """Return the files that may differ from the commit though Git calls them unchanged.

        By path, relative to ``folder``: what Git does with the file, and how to stop that.
        """
        place = literal_path(folder.rstrip("/"))
        marked = _split_names(self.run("ls-files", "-v", "-z", "--", place))
        hidden = {entry[2:]: _HIDING[entry[0]] for entry in marked if entry[0] in _HIDING}
        # All but those of which Git says that no such attribute is set.
        unset = " ".join(f"!{attribute}" for attribute in CONVERSIONS)
        names = self.run("ls-files", "-z", "--", place, f":(top,exclude,attr:{unset})")
        hidden |= parse_attributes(
            self.run("check-attr", "-z", "--stdin", *CONVERSIONS, stdin=names)
        )
        return {path[len(folder) :]: why for path, why in hidden.items()}

    def list_work_tree(self, folder: str, under: Sequence[str] = ()) -> list[str]:
        """Return the files below ``folder`` that Git does not ignore, as ``list_changes`` does."""
        places = [literal_path(f"{folder}{place}") for place in under or [""]]
        options = ("-z", "-t", "--cached", "--others", "--exclude-standard")
        entries = _split_names(self.run("ls-files", *options, "--", *places))
        marked = {(entry[0], entry[len(f"? {folder}") :]) for entry in entries}
        return sorted({path for mark, path in marked if mark != "?" or not _is_dotted(path)})

    def list_entries(self, commit: str, folder: str) -> Mapping[str, LedgerFile]:
        """Return the files and folders in a folder of a commit by name; none if it is not there."""
        return self._list_tree(commit, folder, [folder or "."])

    def open_revision(self, revision: str, folder: str, under: Sequence[str] = ()) -> RevisionFiles:
        """As ``open_commit``; a LedgerError is raised if there is no such commit or folder."""
        files = self.open_commit(self.resolve_commit(revision), folder, under)
        if not files.blobs:
            raise LedgerError(
                f"there is no {folder.rstrip('/') or 'file'} in {revision}",
                "commit it, choose a revision that has it, or name its folder: --ledger, or "
                "`git config punchcard.ledger FOLDER`",
            )
        return files

    def open_commit(self, commit: str, folder: str, under: Sequence[str] = ()) -> RevisionFiles:
        """Return the files at or below ``folder``, or those ``under`` it, as a commit has them.

        A LedgerError is raised if they are too many, or if one has a name that no file can have.
        """
        places = [f"{folder}{place}" for place in under] or [folder or "."]
        blobs = self._list_tree(commit, folder, places, "-r")
        return RevisionFiles(self.read_object, folder, commit, blobs)

    def _list_tree(
        self, commit: str, folder: str, places: Sequence[str], *options: str
    ) -> dict[str, LedgerFile]:
        command = ("ls-tree", "-z", "--full-tree", *options, commit, "--", *places)
        with closing(self.stream(*command)) as listing:
            return parse_tree(listing, folder)

    def open_staged(self, folder: str, index: Path | None = None) -> RevisionFiles:
        """Return the files as the next commit has them; the index is Git's own if none is given."""
        tree = self.write_tree(index)
        return RevisionFiles(self.read_object, folder, None, self.open_commit(tree, folder).blobs)

    def write_tree(self, index: Path | None = None) -> str:
        """Return the id of the tree that the next commit has, by Git's own index or another."""
        environment = None if index is None else {"GIT_INDEX_FILE": str(index)}
        return self.run("write-tree", environment=environment).strip().decode()

    def read_object(self, object_id: str, longest: int | None = None) -> bytes:
        """Return the content of an object, or its first bytes; a LedgerError says it is missing."""
        if self._reader is None or self._reader[0] != os.getpid():
            # A worker process has a reading process of its own.
            self._reader = (os.getpid(), _start(self.folder, ("cat-file", "--batch")))
        process = self._reader[1]
        process.stdin.write(f"{object_id}\n".encode())
        process.stdin.flush()
        description = process.stdout.readline().split()
        if description[-1:] == [b"missing"]:  # A path may have spaces.
            raise LedgerError(
                f"the repository has no object {object_id}",
                "it is damaged, or a partial clone: `git fetch --refetch --no-filter` mends that",
            )
        if not description:
            _finish(process)
        size = int(description[2])
        if longest is not None and size > longest:
            content: bytes = process.stdout.read(longest)
            self._reader = None
            _end(process)  # which has more to say
            return content
        content = process.stdout.read(size + 1)
        return content[:-1]


def start_repository(folder: Path) -> None:
    """Make ``folder`` a repository whose first branch is ``main``."""
    try:
        git.Repo.init(folder, initial_branch="main", expand_vars=False).close()
    except GitCommandNotFound as error:
        raise LedgerError(*_GIT_IS_MISSING) from error


def find_identity(folder: Path) -> tuple[str | None, str | None]:
    """Return the name and the address that Git would put into commits made in ``folder``."""
    setting = r"^(author|user)\.(name|email)$"
    try:
        output = _finish(_start(folder, ("config", "-z", "--get-regexp", setting), b""))
    except GitError:
        output = b""
    known = dict(each.partition("\n")[::2] for each in _split_names(output))
    for key in ("name", "email"):
        if value := os.environ.get(f"GIT_AUTHOR_{key.upper()}"):
            known[f"author.{key}"] = value
    name, email = (known.get(f"author.{x}") or known.get(f"user.{x}") for x in ("name", "email"))
    return name, email


def _split_names(output: bytes) -> list[str]:
    """Return the paths that Git printed with ``-z``."""
    return [name for name in os.fsdecode(output).split("\0") if name]


def literal_path(path: str) -> str:
    """Return the pathspec of a path from the root of the work tree, empty for the root."""
    return f":(top,literal){path}" if path else ":(top)"


def _start(
    folder: Path,
    arguments: Sequence[str],
    stdin: bytes | None = None,
    environment: Mapping[str, str] | None = None,
    runs_hooks: bool = False,
) -> git.Git.AutoInterrupt:
    """Start Git; the process ends when nothing refers to it any more, as after an interrupt.

    All of its input is there before it starts: if this process were killed, Git would take the end
    of a pipe for the end of the input, and would make a tag of half a message. None is a pipe.
    """
    if not folder.is_dir():
        raise LedgerError(f"there is no folder {folder} any more")
    command, variables = [*_PROGRAM, *arguments], {_NOTHING: "", **(environment or {})}
    if not runs_hooks:  # Else all is as if a user typed the command, but for content filters.
        command, variables = [*_PROGRAM, *_NO_HOOKS, *arguments], {**_ENVIRONMENT, **variables}
    with tempfile.TemporaryFile() as given:
        given.write(stdin or b"")
        given.seek(0)
        source = PIPE if stdin is None else given.fileno()
        try:
            return git.Git(folder).execute(command, istream=source, as_process=True, env=variables)
        except GitCommandNotFound as error:
            raise LedgerError(*_GIT_IS_MISSING) from error


def _end(process: git.Git.AutoInterrupt) -> None:
    """End a process that may have more to say, at once."""
    process._terminate()  # noqa: SLF001  # it has no public name for that


def _finish(process: git.Git.AutoInterrupt) -> bytes:
    """Return what is left of a process's output; raise a GitError if it failed."""
    output, errors = process.communicate()
    if not process.returncode:
        return bytes(output)
    said = errors.decode("utf-8", "replace").strip()
    line, hint = said.partition("\n")[0].removeprefix("fatal: ").removeprefix("error: "), ""
    if "dubious ownership" in said:
        line = "the repository belongs to somebody else, so Git does not trust it"
        hint = "git config --global --add safe.directory FOLDER, if you do"
    message = line or f"git ended with status {process.returncode}"
    raise GitError(message, hint, process.returncode, said)


def _list_foreign_variables(repo: git.Repo) -> list[str]:
    """Return the variables of the environment that would point Git at another repository.

    A hook's are kept: it is run on this very repository, on objects that it has not taken yet.
    """
    git_dir, quarantine = os.environ.get("GIT_DIR"), os.environ.get("GIT_QUARANTINE_PATH")
    is_same = git_dir is not None and Path(git_dir).resolve() == Path(repo.git_dir).resolve()
    names = [name for name in _MISLEADING_VARIABLES if name != "GIT_DIR" or not is_same]
    common = Path(repo.common_dir).resolve()
    if quarantine is None or not Path(quarantine).resolve().is_relative_to(common):
        names += _QUARANTINE_VARIABLES
    return names


@contextmanager
def _without_variables(names: Sequence[str]) -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)


def _is_dotted(path: str) -> bool:
    return any(part.startswith(".") for part in path.split("/"))
