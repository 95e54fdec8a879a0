"""Commits the change of one file or of several, whatever else is staged or changed.

The commit is made beside the work tree and its index, in a temporary index. The repository's own
index then gets the same change, so that what was staged is still staged, and nothing else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.git import GitError, GitRepository
from ledger.writing.draft import Edit

_NEW_FILE_MODE = "100644"
_INDEX_TRIES = 100
_SECONDS_BETWEEN_TRIES = 0.05


class CommitPlace(NamedTuple):
    """Where a commit goes.

    Attributes:
        reference: ``HEAD``, or a branch's full name.
        parent: the commit it comes after.
        tip: what the reference points at now; None if it is not there yet.
    """

    reference: str
    parent: str
    tip: str | None

    @property
    def name(self) -> str:
        """What people call the place."""
        return self.reference.removeprefix("refs/heads/")

    @property
    def is_checked_out(self) -> bool:
        """Whether the work tree's index is to follow."""
        return self.reference == "HEAD"


def find_place(repository: GitRepository, branch: str | None) -> CommitPlace:
    """Return the place of a commit on a branch, which may be new, or on what is checked out.

    Raises:
        LedgerError: there is no commit to begin at, the branch's name is none, or it is checked
            out in a work tree.
    """
    head = repository.find_head()
    if branch is not None:
        return _find_branch_place(repository, branch, head)
    if head is None or repository.root is None:
        raise LedgerError(
            "there is nothing yet that a commit could come after",
            "commit the ledger once with git, or leave out --commit",
        )
    return CommitPlace("HEAD", head, head)


def find_current_branch(repository: GitRepository) -> str | None:
    """Return the name of the branch that is checked out; None if a commit is."""
    found = repository.ask("symbolic-ref", "--quiet", "--short", "HEAD")
    return None if found is None else found.decode(errors="replace").strip()


def check_can_commit(repository: GitRepository, place: CommitPlace, path: str, edit: Edit) -> None:
    """See whether Git knows who commits, and whether the index has a place for a file's change.

    Raises:
        LedgerError: it does not know, or a merge has left the file undecided.
        UneditableError, YamlSyntaxError: the staged file cannot be changed like that.
    """
    for role in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        try:
            repository.run("var", role)
        except GitError as error:
            raise LedgerError(
                "Git does not know who you are, so it cannot commit",
                "git config user.name NAME, git config user.email ADDRESS",
            ) from error
    if place.is_checked_out and (entry := _find_entry(repository, path)):
        edit(_read_blob(repository, entry))


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
        new = {path for path in edits if _find_entry(repository, path, index) is None}
        _edit_index(repository, edits, new, index)
        tree = repository.run("write-tree", environment=index).strip().decode()
    text = message.encode("utf-8", "replace")
    commit = repository.run("commit-tree", tree, "-p", place.parent, stdin=text).strip().decode()
    if place.is_checked_out:
        # Before the branch moves: whoever is interrupted here finds the change staged, not undone.
        _edit_index(repository, edits, new)
    log = f"punchcard: {message}"
    try:
        repository.run("update-ref", "-m", log, place.reference, commit, place.tip or "")
    except GitError as error:
        hint = "it is staged: commit it with git" if place.is_checked_out else "try again"
        raise LedgerError(f"{place.name} did not take the commit: {error.message}", hint) from error
    return commit


def _find_branch_place(repository: GitRepository, name: str, head: str | None) -> CommitPlace:
    reference = f"refs/heads/{name}"
    is_name = not name.startswith("-") and name != "HEAD" and reference.isprintable()
    if not is_name or repository.ask("check-ref-format", reference) is None:
        raise LedgerError(f"{name!r} is no name for a branch", "name it like time/2026-11-22")
    listing = repository.run("for-each-ref", "--format=%(refname) %(worktreepath)", reference)
    for line in listing.decode(errors="replace").splitlines():
        found, _, work_tree = line.partition(" ")
        if found == reference and work_tree:
            raise LedgerError(
                f"the branch {name} is checked out in {work_tree}",
                "use --commit there, or name another branch",
            )
    tip = repository.ask("rev-parse", "--verify", "--quiet", f"{reference}^{{commit}}")
    if tip is not None:
        commit = tip.strip().decode()
        return CommitPlace(reference, commit, commit)
    if head is None:
        raise LedgerError("there is nothing yet that a branch could begin at", "commit once first")
    return CommitPlace(reference, head, None)


class _IndexEntry(NamedTuple):
    mode: str
    object_id: str


def _find_entry(
    repository: GitRepository, path: str, index: Mapping[str, str] | None = None
) -> _IndexEntry | None:
    """Return a file's entry in an index, Git's own if None; None if it has no such file."""
    pathspec = f":(top,literal){path}"
    listing = repository.run("ls-files", "-z", "--stage", "--", pathspec, environment=index)
    entries = [line.partition(b"\t")[0].decode().split() for line in listing.split(b"\0") if line]
    if any(stage != "0" for _mode, _object_id, stage in entries):
        raise LedgerError(f"{path} is in the middle of a merge", "finish the merge first")
    return _IndexEntry(*entries[0][:2]) if entries else None


def _read_blob(repository: GitRepository, entry: _IndexEntry) -> bytes:
    return repository.read_object(entry.object_id)


def _edit_index(
    repository: GitRepository,
    edits: Mapping[str, Edit],
    new: Iterable[str],
    index: Mapping[str, str] | None = None,
) -> None:
    """Edit files in an index; one that is neither there nor new has its deletion staged."""
    for path, edit in edits.items():
        entry = _find_entry(repository, path, index)
        if entry is None and path not in new:
            continue
        content = edit(None if entry is None else _read_blob(repository, entry))
        blob = repository.run("hash-object", "-w", "--stdin", stdin=content).strip().decode()
        line = f"{entry.mode if entry else _NEW_FILE_MODE} {blob}\t{path}\0"
        _update_index(repository, line.encode("utf-8", "surrogateescape"), index)


def _update_index(repository: GitRepository, entry: bytes, index: Mapping[str, str] | None) -> None:
    for _try in range(_INDEX_TRIES):
        try:
            repository.run(
                "update-index", "--add", "-z", "--index-info", stdin=entry, environment=index
            )
        except GitError as error:
            if "index.lock" not in error.said:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)  # An editor may be refreshing the index just now.
        else:
            return
    raise LedgerError(
        "another program holds Git's index (index.lock)", "close it, or delete what it left"
    )
