"""Commits the change of one file or of several, whatever else is staged or changed.

``git commit`` makes the commit, so hooks and signatures are as always, but with an index of its own
that holds the last commit and the change. Git's index gets the same change, so that what was staged
is still staged, and nothing else.
"""

import os
import secrets
import shutil
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.files.yaml import YamlSyntaxError
from ledger.git import GitError, GitRepository, literal_path
from ledger.history.commits import list_parents, read_items
from ledger.writing.draft import Amended, Edit
from ledger.writing.yaml_edit import UneditableError

COMMIT_FIRST = "commit first what it builds on, or leave out --commit and --branch"
_NEW_FILE_MODE = "100644"
_INDEX_TRIES = 100
_SECONDS_BETWEEN_TRIES = 0.05
_FOLDER = "punchcard-commit-"
_COMMIT = (
    *("-c", "i18n.commitEncoding=UTF-8"),
    *("commit", "--quiet", "--cleanup=whitespace", "--file=-"),
)
_UNDER_WAY = {
    "MERGE_HEAD": "merge",
    "rebase-merge": "rebase",
    "rebase-apply": "rebase",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
    "sequencer": "cherry-pick or revert",
    "BISECT_LOG": "bisect",
}
"""What Git is in the middle of, by the file or folder that it keeps meanwhile."""
_BRANCH_UNDER_WAY = ("rebase-merge/head-name", "rebase-apply/head-name", "BISECT_START")
"""The files that say which branch it will go back to."""


class CommitPlace(NamedTuple):
    """Where a commit goes: to ``branch`` (HEAD if None) after ``parent``."""

    repository: GitRepository
    prefix: str  # the path of the ledger's folder
    branch: str | None
    parent: str
    tip: str  # the commit that the branch points at now; empty if there is no such branch yet
    is_rewritten: bool = False  # whether the commit takes the place of the parent

    @property
    def name(self) -> str:
        """What people call the place."""
        return self.branch or "HEAD"

    def commit(self, edits: Mapping[str, Edit], message: str) -> str:
        """Commit what ``edits`` make of files, by their path in the ledger; return the id.

        Without a message, a commit that is to be rewritten is taken away; its parent's id is
        returned.

        Raises:
            LedgerError: Git or one of its hooks refused; the branch and the index are as they were.
            KeyboardInterrupt: Ctrl-C ended Git or a hook before there was a commit; so are they.
        """
        for pattern in (f"{_FOLDER}*", f"worktrees/{_FOLDER}*"):
            for left in self.repository.git_folder.glob(pattern):  # of a run that was killed
                shutil.rmtree(left, ignore_errors=True)
        folder = self.repository.git_folder / f"{_FOLDER}{secrets.token_hex(4)}"
        edits = {self.prefix + path: edit for path, edit in edits.items()}
        is_aside = self.branch is not None or self.is_rewritten
        commit = self._commit_aside if is_aside else self._commit_at_head
        with _leave_interrupts_to_git() as interrupts:
            try:
                return commit(folder, edits, message.encode("utf-8", "replace"))
            except GitError as error:
                if interrupts:
                    raise KeyboardInterrupt from error
                said = error.said or "a hook refused it without a word"
                refusal = f"{self.name} did not take the commit: {said}"
                raise LedgerError(refusal, "nothing was written") from error

    def _commit_at_head(self, folder: Path, edits: Mapping[str, Edit], message: bytes) -> str:
        """Commit in the user's work tree, with an index of its own in ``folder``."""
        repository, own = self.repository, folder / "index"
        folder.mkdir()
        try:
            # It knows when files were changed, so that Git need not read them all.
            with suppress(FileNotFoundError):
                shutil.copyfile(_find_git_files(repository, ("index",))[0], own)
            run = partial(repository.run, environment={"GIT_INDEX_FILE": str(own)})
            run("read-tree", "--reset", self.parent)
            new, _ = _edit_index(repository, run, edits)
            with _edit_shared_index(repository, edits, new):
                failure = LedgerError(f"{self.name} was moved just now", "run the command again")
                try:
                    run(*_COMMIT, stdin=message, runs_hooks=True)
                except GitError as error:  # The commit may be made, and a hook after it killed.
                    failure = error
                return self._find_made(run("write-tree").strip().decode(), failure)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _find_made(self, tree: str, failure: LedgerError) -> str:
        """Return the id of the commit that was made; undo it if somebody else's was there first.

        The ``failure`` is raised if there is none.
        """
        made = self.repository.run("log", "--format=%H %T %P", f"{self.parent}..HEAD").decode()
        for commit, found, *parents in map(str.split, made.splitlines()):
            if found == tree and parents == [self.parent]:
                return commit
            if found == tree:
                self.repository.run("update-ref", "HEAD", parents[0], commit)
        raise failure

    def _commit_aside(self, folder: Path, edits: Mapping[str, Edit], message: bytes) -> str:
        """Commit in a work tree of its own, in ``folder``; only hooks need to find files in it."""
        repository, run = self.repository, partial(self.repository.run, folder=folder)
        hooks = _find_git_files(repository, ("hooks",), runs_hooks=True)[0]
        has_hooks = hooks.is_dir() and any(hook.suffix != ".sample" for hook in hooks.iterdir())
        with ExitStack() as stack:
            if self.branch is None:
                stack.enter_context(_edit_shared_index(repository, edits))
            if not message:
                return self._move_to(list_parents(repository, self.tip)[0], "undo")
            stack.callback(_remove_work_tree, repository, folder)
            how = ("--quiet", "--force", "--detach", "--no-checkout")
            repository.run("worktree", "add", *how, str(folder), self.parent)
            run("read-tree", "--reset", self.parent)
            _edit_index(repository, run, edits)
            if has_hooks:
                _hide_other_customers(run, self.prefix, edits)
                run("checkout-index", "--all", "--force", "--quiet")
            amend = ["--amend"] if self.is_rewritten else []
            run(*_COMMIT, *amend, stdin=message, runs_hooks=True)
            commit = run("rev-parse", "HEAD").strip().decode()
            return self._move_to(commit, message.decode().partition("\n")[0])

    def _move_to(self, commit: str, what: str) -> str:
        """Let the branch, if it is where it was, point at a commit; return its id."""
        ref = "HEAD" if self.branch is None else f"refs/heads/{self.branch}"
        how = ("update-ref", "-m", f"punchcard: {what}", ref, commit, self.tip)
        self.repository.run(*how, runs_hooks=True)
        return commit


def find_place(repository: GitRepository, branch: str | None, prefix: str) -> CommitPlace:
    """Return the place of a commit on a branch, which may be new, or on what is checked out.

    Raises:
        LedgerError: there is no commit to begin at, the branch's name is none, it is checked out
            in a work tree, or a merge or the like is under way; or Git does not know who commits.
    """
    head = repository.find_head()
    if head is not None:
        require_identity(repository)
    if branch is not None:
        return _find_branch(repository, branch, head, prefix)
    if head is None or repository.root is None:
        message = "there is nothing yet that a commit could come after"
        raise LedgerError(message, "commit the ledger once with git, or leave out --commit")
    files = _find_git_files(repository, tuple(_UNDER_WAY))
    for file, what in zip(files, _UNDER_WAY.values(), strict=True):
        if os.path.lexists(file):
            raise LedgerError(
                f"a {what} is under way, and a commit would get into it or be lost with it",
                "finish it or give it up first; or leave out --commit, or name a --branch",
            )
    return CommitPlace(repository, prefix, None, head, head)


def require_identity(repository: GitRepository) -> None:
    """Raise a LedgerError if Git does not know who commits."""
    for role in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        try:
            repository.run("var", role)
        except GitError as error:
            hint = "git config user.name NAME, git config user.email ADDRESS"
            raise LedgerError("Git does not know who you are, so it cannot commit", hint) from error


def _find_branch(
    repository: GitRepository, branch: str, head: str | None, prefix: str
) -> CommitPlace:
    reference = f"refs/heads/{branch}"
    is_name = not branch.startswith("-") and branch != "HEAD" and reference.isprintable()
    if not is_name or repository.ask("check-ref-format", reference) is None:
        raise LedgerError(f"{branch!r} is no name for a branch", "name it like time/2026-11-22")
    listing = repository.run("for-each-ref", "--format=%(refname) %(worktreepath)", reference)
    for line in listing.decode(errors="replace").splitlines():
        found, _, work_tree = line.partition(" ")
        if found == reference and work_tree:
            message = f"the branch {branch} is checked out in {work_tree}"
            raise LedgerError(message, "use --commit there, or name another branch")
    folders = (repository.git_folder, *repository.git_folder.glob("worktrees/*"))
    for file in (folder / name for folder in folders for name in _BRANCH_UNDER_WAY):
        with suppress(OSError):
            if os.fsdecode(file.read_bytes()).strip() in {branch, reference}:
                message = f"the branch {branch} is being rebased or bisected, and may be reset"
                raise LedgerError(message, "finish that first, or name another branch")
    if tip := repository.find_commit(reference):
        return CommitPlace(repository, prefix, branch, tip, tip)
    if head is None:
        raise LedgerError("there is nothing yet that a branch could begin at", "commit once first")
    return CommitPlace(repository, prefix, branch, head, "")


def edit_alone(path: str, edit: Edit, before: bytes | None) -> bytes | None:
    """Return a file's new content; a LedgerError says that the change needs others."""
    try:
        return edit(before)
    except (UneditableError, YamlSyntaxError) as error:
        message = f"cannot commit this change of {path} alone: {error}"
        raise LedgerError(message, COMMIT_FIRST) from error


@contextmanager
def _leave_interrupts_to_git() -> Iterator[list[int]]:
    """Let Ctrl-C interrupt Git alone, which knows if it had committed; yield those that came."""
    interrupts, is_main = list[int](), threading.current_thread() is threading.main_thread()
    if not is_main:
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, lambda number, _frame: interrupts.append(number))
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


def _remove_work_tree(repository: GitRepository, folder: Path) -> None:
    with suppress(GitError):
        repository.run("worktree", "remove", "--force", str(folder))


@contextmanager
def _edit_shared_index(
    repository: GitRepository, edits: Mapping[str, Edit], addable: Collection[str] | None = None
) -> Iterator[None]:
    """Edit files in Git's own index; it is as it was if what is done meanwhile fails."""
    _, before = _edit_index(repository, repository.run, edits, addable)
    try:
        yield
    except BaseException:
        update_index(repository.run, before)
        raise


def find_rewriting(place: CommitPlace, amended: Amended) -> str | None:
    """Return what the commit that brought an entry is to say; empty if it is taken away.

    None if it may not be rewritten: it changed anything else, is a merge, or is in any other branch
    or tag than one.
    """
    repository, commit, path = place.repository, place.parent, place.prefix + amended.path
    parents = list_parents(repository, commit)
    refs = repository.run("for-each-ref", "--format=%(refname)", "--contains", commit).split()
    if not place.tip or len(parents) != 1 or len(refs) > 1:
        return None
    how = ("diff-tree", "-r", "-z", "--name-only", "--no-renames", *parents, commit)
    if os.fsdecode(repository.run(*how)).split("\0") != [path, ""]:
        return None
    before, after = (read_items(repository, each, path) for each in (parents[0], commit))
    others = {key: item for key, item in after.items() if key != amended.entry_id}
    if others != before or before == after:
        return None
    said = repository.run("log", "-1", "--format=%B", commit).decode("utf-8", "replace")
    return said.replace(amended.said, amended.says) if amended.says else ""


def _hide_other_customers(run: Callable[..., bytes], prefix: str, edits: Collection[str]) -> None:
    """Tell Git that other customers' files are not checked out: there may be very many."""
    if not prefix:
        return
    own = {path.removeprefix(prefix).partition("/")[0] for path in edits}
    listed = os.fsdecode(run("ls-files", "-z", "--", literal_path(prefix))).split("\0")
    parts = ((path, path.removeprefix(prefix).partition("/")) for path in listed)
    others = "\0".join(path for path, (slug, slash, _) in parts if slash and slug not in own)
    run("update-index", "-z", "--skip-worktree", "--stdin", stdin=os.fsencode(others))


def _find_git_files(
    repository: GitRepository, names: Sequence[str], *, runs_hooks: bool = False
) -> list[Path]:
    """Return where Git keeps some files of this work tree."""
    options = (option for name in names for option in ("--git-path", name))
    listed = repository.run("rev-parse", *options, runs_hooks=runs_hooks)
    return [repository.folder / path for path in os.fsdecode(listed).splitlines()]


def _edit_index(
    repository: GitRepository,
    run: Callable[..., bytes],
    edits: Mapping[str, Edit],
    addable: Collection[str] | None = None,
) -> tuple[set[str], str]:
    """Edit files in an index; return those that are new in it, and what takes the edits back.

    A file that is neither there nor ``addable`` has its deletion staged, and is left out.
    """
    there = dict[str, tuple[str, str]]()
    listing = run("ls-files", "-z", "--stage", "--", *map(literal_path, edits))
    for line in filter(None, os.fsdecode(listing).split("\0")):
        (mode, object_id, stage), path = line.partition("\t")[0].split(), line.partition("\t")[2]
        if stage != "0":
            raise LedgerError(f"{path} is in the middle of a merge", "finish the merge first")
        there[path] = (mode, object_id)
    nothing, before, after = f"0 {'0' * len(repository.find_head() or '')}", "", ""
    for path, edit in edits.items():
        if addable is not None and path not in addable and path not in there:
            continue
        mode, object_id = there.get(path, (_NEW_FILE_MODE, ""))
        before += f"{mode} {object_id}\t{path}\0" if object_id else f"{nothing}\t{path}\0"
        old = repository.read_object(object_id) if object_id else None
        content = edit_alone(path, edit, old)
        if content is None:
            after += f"{nothing}\t{path}\0"
        else:
            stored = run("hash-object", "-w", "--no-filters", "--stdin", stdin=content)
            after += f"{mode} {stored.decode().strip()}\t{path}\0"
    update_index(run, after)
    return edits.keys() - there.keys(), before


def update_index(run: Callable[..., bytes], entries: str) -> None:
    """Put entries into an index, as ``git update-index --index-info`` has them, each with a NUL."""
    given = entries.encode("utf-8", "surrogateescape")
    for _try in range(_INDEX_TRIES):
        try:
            run("update-index", "--add", "-z", "--index-info", stdin=given)
        except GitError as error:
            if "index.lock" not in error.said:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)  # An editor may be refreshing the index just now.
        else:
            return
    raise LedgerError(
        "another program holds Git's index (index.lock)", "close it, or delete what it left"
    )
