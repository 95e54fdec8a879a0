"""Commits the change of one file or of several, whatever else is staged or changed.

The commit is made beside the work tree and its index, in a temporary index. The repository's own
index then gets the same change, so that what was staged is still staged, and nothing else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.files.yaml import YamlSyntaxError
from ledger.git import GitError, GitRepository
from ledger.writing.draft import Edit
from ledger.writing.yaml_edit import UneditableError

COMMIT_FIRST = "commit first what it builds on, or leave the commit to git"
_NEW_FILE_MODE = "100644"
_INDEX_TRIES = 100
_SECONDS_BETWEEN_TRIES = 0.05


class CommitPlace(NamedTuple):
    """Where a commit goes: to ``branch`` (HEAD if None) after ``parent``; ``tip``: see below.

    ``tip`` is the commit that the branch points at now; empty if there is no such branch yet.
    """

    branch: str | None
    parent: str
    tip: str

    @property
    def name(self) -> str:
        """What people call the place."""
        return self.branch or "HEAD"


def find_place(repository: GitRepository, branch: str | None) -> CommitPlace:
    """Return the place of a commit on a branch, which may be new, or on what is checked out.

    Raises:
        LedgerError: there is no commit to begin at, the branch's name is none, or it is checked
            out in a work tree.
    """
    head = repository.find_head()
    if branch is None:
        if head is None or repository.root is None:
            raise LedgerError(
                "there is nothing yet that a commit could come after",
                "commit the ledger once with git, or leave out --commit",
            )
        return CommitPlace(None, head, head)
    reference = f"refs/heads/{branch}"
    is_name = not branch.startswith("-") and branch != "HEAD" and reference.isprintable()
    if not is_name or repository.ask("check-ref-format", reference) is None:
        raise LedgerError(f"{branch!r} is no name for a branch", "name it like time/2026-11-22")
    listing = repository.run("for-each-ref", "--format=%(refname) %(worktreepath)", reference)
    for line in listing.decode(errors="replace").splitlines():
        found, _, work_tree = line.partition(" ")
        if found == reference and work_tree:
            raise LedgerError(
                f"the branch {branch} is checked out in {work_tree}",
                "use --commit there, or name another branch",
            )
    tip = repository.ask("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    if tip is not None:
        commit = tip.strip().decode()
        return CommitPlace(branch, commit, commit)
    if head is None:
        raise LedgerError("there is nothing yet that a branch could begin at", "commit once first")
    return CommitPlace(branch, head, "")


def edit_alone(path: str, edit: Edit) -> Edit:
    """Return an edit of a file that raises a LedgerError where the change needs others."""

    def change(before: bytes | None) -> bytes:
        try:
            return edit(before)
        except (UneditableError, YamlSyntaxError) as error:
            message = f"cannot commit this change of {path} alone: {error}"
            raise LedgerError(message, COMMIT_FIRST) from error

    return change


def check_can_commit(
    repository: GitRepository, place: CommitPlace, edits: Mapping[str, Edit]
) -> None:
    """See whether Git knows who commits, and whether the index has a place for the changes.

    Raises:
        LedgerError: it does not know, a merge has left a file undecided, or the staged file cannot
            be changed like that.
    """
    for role in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        try:
            repository.run("var", role)
        except GitError as error:
            raise LedgerError(
                "Git does not know who you are, so it cannot commit",
                "git config user.name NAME, git config user.email ADDRESS",
            ) from error
    for path, edit in edits.items():
        if place.branch is None and (entry := _find_entry(repository, path, {})):
            edit(repository.read_object(entry[1]))


def commit_edits(
    repository: GitRepository, place: CommitPlace, edits: Mapping[str, Edit], message: str
) -> str:
    """Commit what ``edits`` make of files, by their path from the root; return the commit's id.

    Raises:
        LedgerError: Git refused; nothing refers to what was made.
    """
    with tempfile.TemporaryDirectory(prefix="punchcard-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        repository.run("read-tree", place.parent, environment=index)
        new = _edit_index(repository, edits, edits.keys(), index)
        tree = repository.run("write-tree", environment=index).strip().decode()
    text = message.encode("utf-8", "replace")
    commit = repository.run("commit-tree", tree, "-p", place.parent, stdin=text).strip().decode()
    reference, hint = f"refs/heads/{place.branch}", "try again"
    if place.branch is None:
        # Before the branch moves: whoever is interrupted here finds the change staged, not undone.
        _edit_index(repository, edits, new, {})
        reference, hint = "HEAD", "it is staged: commit it with git"
    try:
        repository.run("update-ref", "-m", f"punchcard: {message}", reference, commit, place.tip)
    except GitError as error:
        raise LedgerError(f"{place.name} did not take the commit: {error.message}", hint) from error
    return commit


def _find_entry(
    repository: GitRepository, path: str, index: Mapping[str, str]
) -> tuple[str, str] | None:
    """Return a file's mode and object id in an index; None if it has no such file.

    ``index``: the variable that names the index, empty for Git's own.
    """
    pathspec = f":(top,literal){path}"
    listing = repository.run("ls-files", "-z", "--stage", "--", pathspec, environment=index)
    entries = [line.partition(b"\t")[0].decode().split() for line in listing.split(b"\0") if line]
    if any(stage != "0" for _mode, _object_id, stage in entries):
        raise LedgerError(f"{path} is in the middle of a merge", "finish the merge first")
    return (entries[0][0], entries[0][1]) if entries else None


def _edit_index(
    repository: GitRepository,
    edits: Mapping[str, Edit],
    addable: Collection[str],
    index: Mapping[str, str],
) -> set[str]:
    """Edit files in an index and return those that are new in it.

    A file that is neither there nor ``addable`` has its deletion staged, and is left out.
    """
    new = set()
    for path, edit in edits.items():
        entry = _find_entry(repository, path, index)
        if entry is None:
            if path not in addable:
                continue
            new.add(path)
        content = edit(None if entry is None else repository.read_object(entry[1]))
        blob = repository.run("hash-object", "-w", "--stdin", stdin=content).strip().decode()
        line = f"{entry[0] if entry else _NEW_FILE_MODE} {blob}\t{path}\0"
        _update_index(repository, line.encode("utf-8", "surrogateescape"), index)
    return new


def _update_index(repository: GitRepository, entry: bytes, index: Mapping[str, str]) -> None:
    command = ("update-index", "--add", "-z", "--index-info")
    for _try in range(_INDEX_TRIES):
        try:
            repository.run(*command, stdin=entry, environment=index)
        except GitError as error:
            if "index.lock" not in error.said:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)  # An editor may be refreshing the index just now.
        else:
            return
    raise LedgerError(
        "another program holds Git's index (index.lock)", "close it, or delete what it left"
    )
