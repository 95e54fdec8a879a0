"""Writes one record into one file of a ledger, or not at all.

Under the ledger's lock the record is drafted (its id is given then), the ledger as it would be is
checked, and only if it has no error the file is replaced as a whole. A commit holds exactly the
one change: the same edit is made to the file as the last commit has it, and that ledger, too, must
check clean by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError, Problem, SourcePosition
from ledger.figures.balance import Balance, compute_balance
from ledger.git_repository import GitRepository
from ledger.ledger_files import FolderFiles
from ledger.loader import Ledger, list_places, open_ledger
from ledger.reading.yaml_text import YamlSyntaxError, split_lines
from ledger.writing.change_check import RefusedError, check_change, refuse_unreadable
from ledger.writing.changed_files import change_ledger, read_file
from ledger.writing.draft import Draft, Drafter, WritingDesk
from ledger.writing.file_commit import (
    CommitPlace,
    check_can_commit,
    commit_edit,
    find_branch_place,
    find_current_branch,
    find_current_place,
)
from ledger.writing.file_replacement import FileChangedError, replace_file
from ledger.writing.ledger_lock import LOCK_NAME, hold_lock
from ledger.writing.yaml_edit import UneditableError

_TRIES = 5
_COMMIT_FIRST = "commit first what it builds on, or leave the commit to git"


class CustomerName(NamedTuple):
    """Whose record it is; a new customer has no folder yet."""

    slug: str
    is_new: bool = False


class Target(NamedTuple):
    """Where a record goes.

    Attributes:
        is_committed: the work tree's file is written, and its change committed.
        branch: not the work tree, but a commit on this branch.
    """

    is_committed: bool = False
    branch: str | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A record that was written.

    Attributes:
        place: where it stands.
        balance: what the customer has now.
        warnings: what the check says that it did not say before.
        commit: the commit's id, if there is one.
        branch: the branch that has the commit; None if none has.
    """

    draft: Draft
    place: SourcePosition
    balance: Balance
    warnings: tuple[Problem, ...]
    commit: str | None = None
    branch: str | None = None


class _Change(NamedTuple):
    """A file before and after, and what will have been written."""

    before: bytes | None
    after: bytes
    written: Written


def write_record(
    customer: CustomerName,
    draft: Drafter,
    target: Target,
    *,
    folder: Path | None,
    find_today: Callable[[Ledger], date],
    on_wait: Callable[[], None] | None = None,
) -> Written:
    """Write the record that ``draft`` makes.

    Args:
        customer: whose record it is.
        draft: makes it; called while nobody else writes.
        target: where it goes.
        folder: the ledger's, as the user named it; see ``ledger.loader.open_ledger``.
        find_today: says what day it is.
        on_wait: called if somebody else is writing just now.

    Raises:
        RefusedError: the ledger would have errors; nothing was written.
        LedgerError: it was not written, or not committed; the message says which.
    """
    named = () if customer.is_new else (customer.slug,)
    with _open_alone(folder, named, on_wait) as ledger:
        writer = _RecordWriter(ledger, customer.slug, named, find_today(ledger))
        return writer.write(draft, target)


@contextmanager
def _open_alone(
    folder: Path | None, named: Sequence[str], on_wait: Callable[[], None] | None
) -> Iterator[Ledger]:
    """Open the ledger while nobody else writes to it."""
    with open_ledger(folder, None, named) as ledger:
        lock = find_lock(ledger)
    # Opened once more: what was listed before the lock was held may have changed.
    with hold_lock(lock, on_wait), open_ledger(folder, None, named) as ledger:
        yield ledger


class _RecordWriter:
    """Writes a record while the ledger is locked."""

    def __init__(self, ledger: Ledger, slug: str, named: Sequence[str], as_of: date) -> None:
        self._ledger = ledger
        self._slug = slug
        self._named = tuple(named)
        self._as_of = as_of

    def write(self, draft: Drafter, target: Target) -> Written:
        if target.branch is not None:
            return self._write_to_branch(self._ledger, draft, target.branch)
        changed = None
        for _try in range(_TRIES):
            try:
                return self._write_to_work_tree(self._ledger, draft, target)
            except FileChangedError as error:
                changed = error
        raise LedgerError(f"{changed} keeps changing", "close the program that writes it")

    def _write_to_work_tree(self, ledger: Ledger, draft: Drafter, target: Target) -> Written:
        files = _require_work_tree(ledger)
        if not target.is_committed:
            change = self._prepare(ledger, draft, ())
            _replace(ledger, files, change)
            return change.written
        repository = _require_repository(ledger)
        place = find_current_place(repository)
        committed = self._open_commit(ledger, place)
        change = self._prepare(ledger, draft, (committed,))
        self._check_commit(committed, repository, change.written.draft, place)
        _replace(ledger, files, change)
        try:
            commit = self._commit(ledger, change.written.draft, place)
        except LedgerError as error:
            message = f"written to {change.written.place}, but not committed: {error.message}"
            raise LedgerError(message, error.hint) from error
        return replace(change.written, commit=commit, branch=find_current_branch(repository))

    def _write_to_branch(self, ledger: Ledger, draft: Drafter, branch: str) -> Written:
        repository = _require_repository(ledger)
        place = find_branch_place(repository, branch)
        committed = self._open_commit(ledger, place)
        change = self._prepare(committed, draft, (ledger,))
        self._check_commit(committed, repository, change.written.draft, place)
        commit = self._commit(committed, change.written.draft, place)
        return replace(change.written, commit=commit, branch=branch)

    def _open_commit(self, ledger: Ledger, place: CommitPlace) -> Ledger:
        repository = _require_repository(ledger)
        files = repository.open_revision(place.parent, ledger.files.prefix)
        listed = files.list_files(list_places(self._named))
        return Ledger(files, listed, repository, ledger.root)

    def _prepare(self, ledger: Ledger, drafter: Drafter, others: Sequence[Ledger]) -> _Change:
        """Draft the record and check the ledger as it would be."""
        draft = drafter(self._lay_desk(ledger, others))
        before, after = self._edit(ledger, draft)
        changed = change_ledger(ledger, self._slug, draft.path, after)
        warnings = check_change(ledger, changed, self._slug, self._as_of)
        records = changed.read_customer(self._slug).records
        written = Written(
            draft,
            SourcePosition(ledger.files.prefix + draft.path, _find_changed_line(before, after)),
            compute_balance(records, ledger.organization.terms, self._as_of),
            warnings,
        )
        return _Change(before, after, written)

    def _lay_desk(self, ledger: Ledger, others: Sequence[Ledger]) -> WritingDesk:
        if not self._named:
            return WritingDesk(ledger, None, (), self._as_of)
        records = ledger.read_customer(self._slug).records
        elsewhere = [
            other.read_customer(self._slug) for other in others if self._slug in other.slugs
        ]
        return WritingDesk(
            ledger, records, tuple(folder.records for folder in elsewhere), self._as_of
        )

    def _edit(self, ledger: Ledger, draft: Draft) -> tuple[bytes | None, bytes]:
        name = ledger.files.prefix + draft.path
        try:
            before = read_file(ledger, draft.path)
            return before, draft.edit(before)
        except YamlSyntaxError as error:
            raise refuse_unreadable(ledger, self._slug, self._as_of) from error
        except UneditableError as error:
            raise LedgerError(f"cannot add to {name}: {error}", "edit it by hand") from error
        except OSError as error:
            raise LedgerError(f"cannot read {name}: {error.strerror}") from error

    def _check_commit(
        self, committed: Ledger, repository: GitRepository, draft: Draft, place: CommitPlace
    ) -> None:
        """Refuse a commit that would not check clean by itself."""
        path = committed.files.prefix + draft.path
        try:
            content = check_can_commit(repository, place, path, draft.edit)
        except (UneditableError, YamlSyntaxError) as error:
            message = f"cannot commit this change of {path} alone: {error}"
            raise LedgerError(message, _COMMIT_FIRST) from error
        changed = change_ledger(committed, self._slug, draft.path, content)
        try:
            check_change(committed, changed, self._slug, self._as_of)
        except RefusedError as error:
            message = f"as a commit on {place.name} by itself: {error.message}"
            raise RefusedError(message, error.problems, _COMMIT_FIRST) from error

    def _commit(self, ledger: Ledger, draft: Draft, place: CommitPlace) -> str:
        path, message = ledger.files.prefix + draft.path, f"{self._slug}: {draft.says}"
        return commit_edit(_require_repository(ledger), place, path, draft.edit, message)


def find_lock(ledger: Ledger) -> Path:
    """Return the file that all writers of a ledger lock."""
    if ledger.repository is not None:
        return ledger.repository.git_folder / LOCK_NAME
    return _require_work_tree(ledger).folder / f".{LOCK_NAME}"


def _require_repository(ledger: Ledger) -> GitRepository:
    if ledger.repository is None:
        raise LedgerError("this ledger is in no Git repository", "leave out --commit and --branch")
    return ledger.repository


def _require_work_tree(ledger: Ledger) -> FolderFiles:
    if not isinstance(ledger.files, FolderFiles):
        raise LedgerError("this repository has no work tree to write to", "write to a --branch")
    return ledger.files


def _replace(ledger: Ledger, files: FolderFiles, change: _Change) -> None:
    draft = change.written.draft
    path = files.folder / draft.path
    if path.parent.resolve() != files.folder.resolve() / Path(draft.path).parent:
        raise LedgerError(f"{path.parent} is a symbolic link", "put the folder itself there")
    if change.before is None and ledger.repository is not None:
        _refuse_ignored(ledger.repository, files.prefix + draft.path)
    replace_file(path, change.after, change.before)


def _refuse_ignored(repository: GitRepository, path: str) -> None:
    if repository.ask("check-ignore", "--quiet", "--", f"{repository.root}/{path}") is not None:
        raise LedgerError(f"Git ignores {path}, so the ledger would not see it", "see .gitignore")


def _find_changed_line(before: bytes | None, after: bytes) -> int:
    """Return the number of the first line that was not there before."""
    old, new = (split_lines(source.decode()) for source in (before or b"", after))
    for number, line in enumerate(new, start=1):
        if line.strip() and (number > len(old) or old[number - 1] != line):
            return number
    return 1
