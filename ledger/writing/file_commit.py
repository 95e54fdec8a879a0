"""Commits the change of one file or of several, whatever else is staged or changed.

The commit is made of Git's objects, beside the work tree and its index. The index then gets the
same change, so that what was staged is still staged, and nothing else.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.git_process import GitError
from ledger.git_repository import GitRepository
from ledger.writing.draft import Edit

_NEW_FILE_MODE = "100644"
_INDEX_TRIES = 100
_SECONDS_BETWEEN_TRIES = 0.05


@dataclass(frozen=True, slots=True)
class CommitPlace:
    """Where a commit goes.

    Attributes:
        reference: ``HEAD``, or a branch's full name.
        parent: the commit it comes after.
        tip: what the reference points at now; None if it is not there yet.
        is_checked_out: whether the work tree's index is to follow.
    """

    reference: str
    parent: str
    tip: str | None
    is_checked_out: bool

    @property
    def name(self) -> str:
        """What people call the place."""
        return self.reference.removeprefix("refs/heads/")


class StoredFile(NamedTuple):
    """A file as a commit or the index has it: its mode, and the id of its content."""

    mode: str
    object_id: str


def find_current_place(repository: GitRepository) -> CommitPlace:
    """Return the place of a commit on what is checked out.

    Raises:
        LedgerError: there is nothing yet that it could come after.
    """
    head = repository.find_head()
    if head is None or repository.root is None:
        raise LedgerError(
            "there is nothing yet that a commit could come after",
            "commit the ledger once with git, or leave out --commit",
        )
    return CommitPlace("HEAD", head, head, is_checked_out=True)


def find_branch_place(repository: GitRepository, name: str) -> CommitPlace:
    """Return the place of a commit on the branch ``name``; a new one begins at what is checked out.

    Raises:
        LedgerError: it is no name for a branch, or a work tree has it checked out.
    """
    reference = f"refs/heads/{name}"
    if name.startswith("-") or name == "HEAD" or not _is_reference(repository, reference):
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
        return CommitPlace(reference, commit, commit, is_checked_out=False)
    head = repository.find_head()
    if head is None:
        raise LedgerError("there is nothing yet that a branch could begin at", "commit once first")
    return CommitPlace(reference, head, None, is_checked_out=False)


def find_current_branch(repository: GitRepository) -> str | None:
    """Return the name of the branch that is checked out; None if a commit is."""
    found = repository.ask("symbolic-ref", "--quiet", "--short", "HEAD")
    return None if found is None else found.decode(errors="replace").strip()


def commit_edit(
    repository: GitRepository, place: CommitPlace, path: str, edit: Edit, message: str
) -> str:
    """Commit what ``edit`` makes of the file at ``path``, and return the commit's id.

    Args:
        repository: the repository.
        place: where the commit goes.
        path: the file, from the root of the work tree.
        edit: from a file's content (None if it is not there) to the new one.
        message: the commit's message.

    Raises:
        LedgerError: Git refused; nothing refers to what was made.
    """
    return commit_edits(repository, place, {path: edit}, message)


def commit_edits(
    repository: GitRepository, place: CommitPlace, edits: Mapping[str, Edit], message: str
) -> str:
    """Commit what is made of several files, as one commit; see ``commit_edit``.

    Raises:
        LedgerError: Git refused; nothing refers to what was made.
    """
    before = {path: _find_in_commit(repository, place.parent, path) for path in edits}
    after = {path: _store_edited(repository, before[path], edit) for path, edit in edits.items()}
    commit = _make_commit(repository, place.parent, after, message)
    if place.is_checked_out:
        # Before the branch moves: whoever is interrupted here finds the change staged, not undone.
        for path, edit in edits.items():
            _follow_in_index(repository, path, before[path], after[path], edit)
    _move_reference(repository, place, commit, message)
    return commit


def check_can_commit(repository: GitRepository, place: CommitPlace, path: str, edit: Edit) -> bytes:
    """Return the content that the file would have in the commit.

    Raises:
        LedgerError: Git does not know who commits, or the index cannot follow.
        UneditableError: the commit's or the index's version has no place for the change.
    """
    _check_identity(repository)
    if place.is_checked_out:
        staged = find_staged(repository, path)
        if staged is not None:
            edit(_read(repository, staged))
    return edit(_read(repository, _find_in_commit(repository, place.parent, path)))


def find_staged(repository: GitRepository, path: str) -> StoredFile | None:
    """Return a file as the index has it; None if it has no such file.

    Raises:
        LedgerError: a merge has left it undecided.
    """
    listing = repository.run("ls-files", "-z", "--stage", "--", f":(top,literal){path}")
    entries = [line.partition(b"\t")[0].decode().split() for line in listing.split(b"\0") if line]
    if any(stage != "0" for _mode, _blob, stage in entries):
        raise LedgerError(f"{path} is in the middle of a merge", "finish the merge first")
    return StoredFile(entries[0][0], entries[0][1]) if entries else None


def _check_identity(repository: GitRepository) -> None:
    for role in ("GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"):
        try:
            repository.run("var", role)
        except GitError as error:
            raise LedgerError(
                "Git does not know who you are, so it cannot commit",
                "git config user.name NAME, git config user.email ADDRESS",
            ) from error


def _is_reference(repository: GitRepository, reference: str) -> bool:
    return reference.isprintable() and repository.ask("check-ref-format", reference) is not None


def _find_in_commit(repository: GitRepository, commit: str, path: str) -> StoredFile | None:
    listing = repository.run("ls-tree", "-z", "--full-tree", commit, "--", path)
    if not listing:
        return None
    mode, _kind, object_id = listing.partition(b"\t")[0].decode().split()
    return StoredFile(mode, object_id)


def _read(repository: GitRepository, file: StoredFile | None) -> bytes | None:
    return None if file is None else repository.read_objects([file.object_id])[file.object_id]


def _store(repository: GitRepository, content: bytes) -> str:
    return repository.run("hash-object", "-w", "--stdin", stdin=content).strip().decode()


def _store_edited(repository: GitRepository, before: StoredFile | None, edit: Edit) -> StoredFile:
    mode = before.mode if before is not None else _NEW_FILE_MODE
    return StoredFile(mode, _store(repository, edit(_read(repository, before))))


def _make_commit(
    repository: GitRepository, parent: str, files: Mapping[str, StoredFile], message: str
) -> str:
    with tempfile.TemporaryDirectory(prefix="punchcard-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        repository.run("read-tree", parent, environment=index)
        entries = b"".join(_format_index_entry(path, file) for path, file in files.items())
        repository.run("update-index", "-z", "--index-info", stdin=entries, environment=index)
        tree = repository.run("write-tree", environment=index).strip().decode()
    text = message.encode("utf-8", "replace")
    return repository.run("commit-tree", tree, "-p", parent, stdin=text).strip().decode()


def _move_reference(
    repository: GitRepository, place: CommitPlace, commit: str, message: str
) -> None:
    log = f"punchcard: {message}"
    try:
        repository.run("update-ref", "-m", log, place.reference, commit, place.tip or "")
    except GitError as error:
        hint = "it is staged: commit it with git" if place.is_checked_out else "try again"
        raise LedgerError(f"{place.name} did not take the commit: {error.message}", hint) from error


def _follow_in_index(
    repository: GitRepository,
    path: str,
    before: StoredFile | None,
    after: StoredFile,
    edit: Edit,
) -> None:
    """Put the same change into the index; what was staged of the file stays staged."""
    staged = find_staged(repository, path)
    if staged is None and before is not None:
        return  # Its deletion is staged.
    if staged is None or staged == before:
        file = after
    else:
        file = StoredFile(staged.mode, _store(repository, edit(_read(repository, staged))))
    _update_index(repository, _format_index_entry(path, file))


def _update_index(repository: GitRepository, entry: bytes) -> None:
    # An editor may be refreshing the index just now.
    for _try in range(_INDEX_TRIES):
        try:
            repository.run("update-index", "--add", "-z", "--index-info", stdin=entry)
        except GitError as error:
            if "index.lock" not in error.said:
                raise
            time.sleep(_SECONDS_BETWEEN_TRIES)
        else:
            return
    raise LedgerError(
        "another program holds Git's index (index.lock)", "close it, or delete what it left"
    )


def _format_index_entry(path: str, file: StoredFile) -> bytes:
    return f"{file.mode} {file.object_id}\t{path}".encode("utf-8", "surrogateescape") + b"\0"
