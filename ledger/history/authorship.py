"""The rule ``author-mismatch``: who logs time of a consultant commits it with their own address."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.errors import Problem, Severity
from ledger.files.customer import CustomerFolder
from ledger.files.layout import Place, place_file, sheet_path
from ledger.files.organization import Organization
from ledger.files.reader import SourceTexts
from ledger.git import GitRepository
from ledger.history.comparison import Comparison, read_customers
from ledger.history.git_history import (
    Commit,
    Step,
    describe_commits,
    shorten_id,
    walk_steps,
)
from ledger.history.record_versions import RecordVersions
from ledger.models import Consultant, TimeEntry

AUTHOR_MISMATCH = "author-mismatch"


class AddedTime(NamedTuple):
    """The entries that a commit adds to a time file; ``entries`` are their ids."""

    commit: str
    customer: str
    sheet: str
    entries: tuple[str, ...]

    @property
    def consultant(self) -> str:
        """The handle of the consultant whose time it is."""
        return self.sheet.split("-", 2)[2]


def find_author_mismatches(
    repository: GitRepository,
    compared: Comparison,
    commits: Sequence[str],
    organization: Organization,
) -> Iterator[Problem]:
    """Yield which of ``commits`` add time of a consultant who is not their author."""
    added = list(_find_added_time(repository, commits, compared.head.prefix))
    authors = describe_commits(repository, (item.commit for item in added))
    foreign = [
        item for item in added if _is_foreign(authors[item.commit], item.consultant, organization)
    ]
    if foreign:
        folders = {now.slug: now for _then, now in read_customers(compared)}
        for item in foreign:
            consultant = organization.by_handle[item.consultant]
            folder = folders.get(item.customer)
            yield _report(item, authors[item.commit], consultant, folder, compared.head.prefix)


def _find_added_time(
    repository: GitRepository, commits: Sequence[str], prefix: str
) -> Iterator[AddedTime]:
    versions = RecordVersions(repository)
    for step in walk_steps(repository, commits, prefix):
        yield from _list_added_time(step, versions)
        versions.forget()


def _list_added_time(step: Step, versions: RecordVersions) -> Iterator[AddedTime]:
    versions.fetch(blob for change in step.changes for blob in (*change.before, change.after))
    for change in step.changes:
        place = place_file(change.path)
        if not isinstance(place, Place) or place.kind != "time" or place.customer is None:
            continue
        before = {name for blob in change.before for name in versions.read(blob).records}
        names = [name for name in versions.read(change.after).records if name not in before]
        if names:
            ids = tuple(name.partition("/")[2] for name in names)
            yield AddedTime(step.commit, place.customer, place.name, ids)


def _is_foreign(commit: Commit, handle: str, organization: Organization) -> bool:
    consultant = organization.by_handle.get(handle)
    if consultant is None:
        return False
    return commit.email.casefold() not in {email.casefold() for email in consultant.emails}


def _report(
    item: AddedTime,
    commit: Commit,
    consultant: Consultant,
    folder: CustomerFolder | None,
    prefix: str,
) -> Problem:
    message = (
        f"commit {shorten_id(commit.id)} by {commit.author} <{commit.email}> adds time of "
        f"{consultant.handle}: {', '.join(item.entries)}"
    )
    hint = f"let {consultant.name} commit it, or add the address to consultants.yml"
    file = sheet_path(item.customer, item.sheet)
    entry = None if folder is None else _find_entry(folder, item)
    if folder is None or entry is None:
        texts = SourceTexts(prefix)
        return texts.make_problem(
            AUTHOR_MISMATCH, file, None, message, hint, severity=Severity.WARNING
        )
    return folder.make_problem(AUTHOR_MISMATCH, entry, "id", message, hint, Severity.WARNING)


def _find_entry(folder: CustomerFolder, item: AddedTime) -> TimeEntry | None:
    return next(
        (
            entry
            for sheet, entry in folder.records.sheet_entries
            if sheet.name == item.sheet and entry.id in item.entries
        ),
        None,
    )
