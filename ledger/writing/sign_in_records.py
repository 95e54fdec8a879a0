"""Writes the last days on which accounts were there: many files, one commit, or nothing at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import reduce
from itertools import groupby
from pathlib import Path

from ledger.errors import LedgerError
from ledger.git_repository import GitRepository
from ledger.ledger_files import FolderFiles
from ledger.loader import Ledger, open_ledger
from ledger.models import Account
from ledger.reading.file_layout import record_path
from ledger.reading.yaml_text import YamlSyntaxError
from ledger.sign_ins import FoundSignIns, SignIn
from ledger.writing.change_check import check_change
from ledger.writing.changed_files import change_ledger, read_file
from ledger.writing.draft import Edit
from ledger.writing.file_commit import (
    CommitPlace,
    check_can_commit,
    commit_edits,
    find_branch_place,
    find_current_branch,
    find_current_place,
)
from ledger.writing.file_replacement import FileChangedError, replace_file
from ledger.writing.ledger_lock import hold_lock
from ledger.writing.record_writer import Target, find_lock
from ledger.writing.yaml_edit import UneditableError, set_value

_KEYS = tuple(Account.list_fields())
_COMMIT_FIRST = "commit first what it builds on, or leave the commit to git"


@dataclass(frozen=True, slots=True)
class RecordedSignIns:
    """What was recorded.

    Attributes:
        commit: the commit's id, if there is one.
        branch: the branch that has it; None if none has.
    """

    found: FoundSignIns
    commit: str | None = None
    branch: str | None = None


def record_sign_ins(
    find: Callable[[Ledger], FoundSignIns],
    target: Target,
    *,
    folder: Path | None,
    find_today: Callable[[Ledger], date],
    on_wait: Callable[[], None] | None = None,
) -> RecordedSignIns:
    """Record the sign-ins that ``find`` finds.

    Args:
        find: looks for them; called while nobody else writes.
        target: where they go.
        folder: the ledger's, as the user named it; see ``ledger.loader.open_ledger``.
        find_today: says what day it is.
        on_wait: called if somebody else is writing just now.

    Raises:
        RefusedError: the ledger would have errors; nothing was written.
        LedgerError: nothing was written, or not committed; the message says which.
    """
    with open_ledger(folder) as ledger:
        lock = find_lock(ledger)
    with hold_lock(lock, on_wait), open_ledger(folder) as ledger:
        return _record(ledger, find, target, find_today(ledger))


def _record(
    ledger: Ledger, find: Callable[[Ledger], FoundSignIns], target: Target, as_of: date
) -> RecordedSignIns:
    place = _find_place(ledger, target)
    committed = None if place is None else _open_commit(ledger, place)
    base = ledger if target.branch is None or committed is None else committed
    found = find(base)
    if not found.sign_ins:
        return RecordedSignIns(found)
    edits = _make_edits(found.sign_ins)
    contents = _check(base, edits, as_of)
    if place is not None and committed is not None:
        _check_commit(committed, place, edits, as_of)
    if target.branch is None:
        _replace(ledger, contents)
    if place is None:
        return RecordedSignIns(found)
    repository = _require_repository(ledger)
    paths = {ledger.files.prefix + path: edit for path, edit in edits.items()}
    commit = commit_edits(repository, place, paths, _describe(found.sign_ins))
    return RecordedSignIns(found, commit, target.branch or find_current_branch(repository))


def _find_place(ledger: Ledger, target: Target) -> CommitPlace | None:
    if target.branch is not None:
        return find_branch_place(_require_repository(ledger), target.branch)
    return find_current_place(_require_repository(ledger)) if target.is_committed else None


def _open_commit(ledger: Ledger, place: CommitPlace) -> Ledger:
    repository = _require_repository(ledger)
    files = repository.open_revision(place.parent, ledger.files.prefix)
    return Ledger(files, files.list_files(), repository, ledger.root)


def _make_edits(sign_ins: Iterable[SignIn]) -> dict[str, Edit]:
    """Return what to do to the file of each customer."""
    by_customer = groupby(sorted(sign_ins), key=lambda item: item.customer)
    return {record_path(slug, "accounts"): _make_edit(tuple(items)) for slug, items in by_customer}


def _make_edit(sign_ins: tuple[SignIn, ...]) -> Edit:
    def set_day(source: bytes, item: SignIn) -> bytes:
        return set_value(source, ("email", item.email), "last_sign_in", item.day, _KEYS)

    def edit(before: bytes | None) -> bytes:
        if before is None:
            raise UneditableError("the accounts are not there")
        return reduce(set_day, sign_ins, before)

    return edit


def _check(
    ledger: Ledger, edits: Mapping[str, Edit], as_of: date
) -> dict[str, tuple[bytes | None, bytes]]:
    """Return each file before and after; refuse what would make errors."""
    contents = {}
    for path, edit in edits.items():
        slug = path.partition("/")[0]
        try:
            before = read_file(ledger, path)
            after = edit(before)
        except (UneditableError, YamlSyntaxError) as error:
            name = ledger.files.prefix + path
            raise LedgerError(f"cannot change {name}: {error}", "edit it by hand") from error
        except OSError as error:
            raise LedgerError(f"cannot read {path}: {error.strerror}") from error
        check_change(ledger, change_ledger(ledger, slug, path, after), slug, as_of)
        contents[path] = (before, after)
    return contents


def _check_commit(
    committed: Ledger, place: CommitPlace, edits: Mapping[str, Edit], as_of: date
) -> None:
    """Refuse a commit that would not check clean by itself."""
    repository = _require_repository(committed)
    for path, edit in edits.items():
        name, slug = committed.files.prefix + path, path.partition("/")[0]
        try:
            content = check_can_commit(repository, place, name, edit)
        except (UneditableError, YamlSyntaxError) as error:
            message = f"cannot commit this change of {name} alone: {error}"
            raise LedgerError(message, _COMMIT_FIRST) from error
        check_change(committed, change_ledger(committed, slug, path, content), slug, as_of)


def _replace(ledger: Ledger, contents: Mapping[str, tuple[bytes | None, bytes]]) -> None:
    if not isinstance(ledger.files, FolderFiles):
        raise LedgerError("this repository has no work tree to write to", "write to a --branch")
    for path, (before, after) in contents.items():
        try:
            replace_file(ledger.files.folder / path, after, before)
        except FileChangedError as error:
            raise LedgerError(f"{error} was changed just now", "run the command again") from error


def _require_repository(ledger: Ledger) -> GitRepository:
    if ledger.repository is None:
        raise LedgerError("this ledger is in no Git repository", "leave out --commit and --branch")
    return ledger.repository


def _describe(sign_ins: tuple[SignIn, ...]) -> str:
    count, last = len(sign_ins), max(item.day for item in sign_ins)
    noun = "account was" if count == 1 else "accounts were"
    people = "\n".join(f"{item.customer}: {item.email}, {item.day}" for item in sign_ins)
    return f"{count} {noun} there, last on {last}\n\n{people}\n"
