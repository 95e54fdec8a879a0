"""Writes a change of a ledger's files, or nothing at all.

Under the ledger's lock the change is drafted (a record's id is given then), the ledger as it would
be is checked, and only if it has no error each file is replaced as a whole. A commit holds exactly
the change: the same edits are made to the files as the last commit has them, and that ledger, too,
must check clean by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

from ledger.errors import LedgerError, Problem, SourcePosition
from ledger.figures.balance import Balance, compute_balance
from ledger.files.source import FolderFiles
from ledger.files.yaml_errors import YamlSyntaxError, split_lines
from ledger.git import GitRepository
from ledger.ledger import Ledger, list_places, open_ledger
from ledger.writing.change import RefusedError, change_ledger, check_change, refuse_unreadable
from ledger.writing.commit import (
    CommitPlace,
    check_can_commit,
    commit_edits,
    find_current_branch,
    find_place,
)
from ledger.writing.draft import Draft, Drafter, Edit, WritingDesk
from ledger.writing.files import LOCK_NAME, FileChangedError, hold_lock, replace_file
from ledger.writing.yaml_edit import UneditableError

_TRIES = 5
_COMMIT_FIRST = "commit first what it builds on, or leave the commit to git"


class Target(NamedTuple):
    """Where a change goes.

    Attributes:
        is_committed: the work tree's files are written, and their change committed.
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


class Change(NamedTuple):
    """Edits of files by their path, relative to the ledger's folder, and the commit's message."""

    edits: Mapping[str, Edit]
    message: str


class WrittenChange(NamedTuple):
    """A change that was written: each file's content before and after, and the commit's id."""

    contents: Mapping[str, tuple[bytes | None, bytes]]
    warnings: tuple[Problem, ...]
    commit: str | None
    branch: str | None


@contextmanager
def open_alone(
    folder: Path | None, customers: Sequence[str] = (), on_wait: Callable[[], None] | None = None
) -> Iterator[Ledger]:
    """Open the ledger while nobody else writes to it; see ``ledger.ledger.open_ledger``.

    Raises:
        LedgerError: there is no ledger, or no place for the lock.
    """
    with open_ledger(folder, None, customers) as ledger:
        if ledger.repository is not None:
            lock = ledger.repository.git_folder / LOCK_NAME
        else:
            lock = _require_work_tree(ledger).folder / f".{LOCK_NAME}"
    # Opened once more: what was listed before the lock was held may have changed.
    with hold_lock(lock, on_wait), open_ledger(folder, None, customers) as ledger:
        yield ledger


def write_record(  # what a command knows
    slug: str,
    draft: Drafter,
    target: Target,
    *,
    folder: Path | None,
    find_today: Callable[[Ledger], date],
    on_wait: Callable[[], None] | None = None,
    is_new: bool = False,
) -> Written:
    """Write the record of a customer (``is_new``: one without a folder) that ``draft`` makes.

    ``draft`` and ``find_today`` are called while nobody else writes; ``on_wait``, if somebody else
    is writing just now. ``folder``: see ``ledger.ledger.open_ledger``.

    Raises:
        RefusedError: the ledger would have errors; nothing was written.
        LedgerError: it was not written, or not committed; the message says which.
    """
    named = () if is_new else (slug,)
    with open_alone(folder, named, on_wait) as ledger:
        as_of = find_today(ledger)
        changed = None
        for _try in range(_TRIES):
            try:
                return _write_record(ledger, slug, named, draft, target, as_of)
            except FileChangedError as error:
                changed = error
    raise LedgerError(f"{changed} keeps changing", "close the program that writes it")


def _write_record(  # what a command knows
    ledger: Ledger,
    slug: str,
    named: Sequence[str],
    drafter: Drafter,
    target: Target,
    as_of: date,
) -> Written:
    drafts: list[Draft] = []

    def make_change(base: Ledger, other: Ledger | None) -> Change:
        records = base.read_customer(slug).records if named else None
        is_elsewhere = named and other is not None and slug in other.slugs
        elsewhere = (other.read_customer(slug).records,) if other and is_elsewhere else ()
        draft = drafter(WritingDesk(base, records, elsewhere, as_of))
        drafts.append(draft)
        return Change({draft.path: draft.edit}, f"{slug}: {draft.says}")

    written, base = write_change(ledger, make_change, target, as_of, named)
    draft = drafts[-1]
    before, after = written.contents[draft.path]
    records = change_ledger(base, draft.path, after).read_customer(slug).records
    return Written(
        draft,
        _find_position(base, draft.path, before, after),
        compute_balance(records, base.organization.terms, as_of),
        written.warnings,
        written.commit,
        written.branch,
    )


def write_change(
    ledger: Ledger,
    make_change: Callable[[Ledger, Ledger | None], Change],
    target: Target,
    as_of: date,
    customers: Sequence[str] = (),
) -> tuple[WrittenChange, Ledger]:
    """Write the change that ``make_change`` makes, and return it with the ledger it was made to.

    Args:
        ledger: the ledger, opened by ``open_alone``.
        make_change: gets the ledger that is changed (the work tree's, or the branch's) and the
            other one that matters (the last commit's, or the work tree's).
        target: where the change goes.
        as_of: today.
        customers: whose files of a commit to list; all if none are named.

    Raises:
        RefusedError: the ledger would have errors; nothing was written.
        FileChangedError: somebody else wrote one of the files just now.
        LedgerError: it was not written, or not committed; the message says which.
    """
    files = _require_work_tree(ledger) if target.branch is None else None
    base, other, place = ledger, None, None
    if target.is_committed or target.branch is not None:
        place = find_place(_require_repository(ledger), target.branch)
        other = _open_commit(ledger, place, customers)
    if target.branch is not None and other is not None:
        base, other = other, ledger
    change = make_change(base, other)
    if not change.edits:
        return WrittenChange({}, (), None, None), base
    contents = {path: _edit(base, path, edit, as_of) for path, edit in change.edits.items()}
    warnings = tuple(
        problem
        for path, (_before, after) in contents.items()
        for problem in check_change(base, path, after, as_of)
    )
    committed = base if files is None else other
    if place is not None and committed is not None:
        _check_commit(committed, place, change.edits, as_of)
    if files is not None:
        for path, (before, after) in contents.items():
            _replace(ledger, files, path, before, after)
    if place is None:
        return WrittenChange(contents, warnings, None, None), base
    repository = _require_repository(ledger)
    edits = {ledger.files.prefix + path: edit for path, edit in change.edits.items()}
    try:
        commit = commit_edits(repository, place, edits, change.message)
    except LedgerError as error:
        if files is None:
            raise
        places = [_find_position(base, path, *content) for path, content in contents.items()]
        where = ", ".join(map(str, places))
        message = f"written to {where}, but not committed: {error.message}"
        raise LedgerError(message, error.hint) from error
    branch = target.branch or find_current_branch(repository)
    return WrittenChange(contents, warnings, commit, branch), base


def _open_commit(ledger: Ledger, place: CommitPlace, customers: Sequence[str]) -> Ledger:
    repository = _require_repository(ledger)
    files = repository.open_revision(place.parent, ledger.files.prefix)
    return Ledger(files, files.list_files(list_places(customers)), repository, ledger.root)


def _edit(ledger: Ledger, path: str, edit: Edit, as_of: date) -> tuple[bytes | None, bytes]:
    """Return a file's content before and after an edit."""
    name = ledger.files.prefix + path
    try:
        before = _read(ledger, path)
        return before, edit(before)
    except YamlSyntaxError as error:
        raise refuse_unreadable(ledger, path, as_of) from error
    except UneditableError as error:
        raise LedgerError(f"cannot add to {name}: {error}", "edit it by hand") from error
    except OSError as error:
        raise LedgerError(f"cannot read {name}: {error.strerror}") from error


def _read(ledger: Ledger, path: str) -> bytes | None:
    try:
        return ledger.files.read(path)
    except FileNotFoundError:
        return None


def _check_commit(
    committed: Ledger, place: CommitPlace, edits: Mapping[str, Edit], as_of: date
) -> None:
    """Refuse a commit that would not check clean by itself."""
    repository = _require_repository(committed)
    for path, edit in edits.items():
        name = committed.files.prefix + path
        try:
            check_can_commit(repository, place, {name: edit})
            content = edit(_read(committed, path))
        except (UneditableError, YamlSyntaxError) as error:
            message = f"cannot commit this change of {name} alone: {error}"
            raise LedgerError(message, _COMMIT_FIRST) from error
        try:
            check_change(committed, path, content, as_of)
        except RefusedError as error:
            message = f"as a commit on {place.name} by itself: {error.message}"
            raise RefusedError(message, error.problems, _COMMIT_FIRST) from error


def _replace(
    ledger: Ledger, files: FolderFiles, name: str, before: bytes | None, after: bytes
) -> None:
    path, repository = files.folder / name, ledger.repository
    if path.parent.resolve() != files.folder.resolve() / Path(name).parent:
        raise LedgerError(f"{path.parent} is a symbolic link", "put the folder itself there")
    if before is None and repository is not None:
        full = files.prefix + name
        if repository.ask("check-ignore", "--quiet", "--", f"{repository.root}/{full}") is not None:
            raise LedgerError(
                f"Git ignores {full}, so the ledger would not see it", "see .gitignore"
            )
    replace_file(path, after, before)


def _require_repository(ledger: Ledger) -> GitRepository:
    if ledger.repository is None:
        raise LedgerError("this ledger is in no Git repository", "leave out --commit and --branch")
    return ledger.repository


def _require_work_tree(ledger: Ledger) -> FolderFiles:
    if not isinstance(ledger.files, FolderFiles):
        raise LedgerError("this repository has no work tree to write to", "write to a --branch")
    return ledger.files


def _find_position(ledger: Ledger, path: str, before: bytes | None, after: bytes) -> SourcePosition:
    """Return where the first line is that was not there before."""
    old, new = (split_lines(source.decode()) for source in (before or b"", after))
    numbers = (
        number
        for number, line in enumerate(new, start=1)
        if line.strip() and (number > len(old) or old[number - 1] != line)
    )
    return SourcePosition(ledger.files.prefix + path, next(numbers, 1))
