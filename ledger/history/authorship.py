"""The rule ``author-mismatch``: consultants commit their time with one of their own addresses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ledger.errors import Problem, Severity
from ledger.files.customer import CustomerFolder
from ledger.files.layout import Place, place_file, sheet_path
from ledger.files.organization import Organization
from ledger.files.reader import SourceTexts
from ledger.git import GitRepository
from ledger.history.commits import Commit, describe_commits, walk_steps
from ledger.history.comparison import Comparison, read_customers
from ledger.history.provenance import read_records
from ledger.models import Consultant
from ledger.text import shorten_id

AUTHOR_MISMATCH = "author-mismatch"


class _AddedTime(NamedTuple):
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
    prefix = compared.head.prefix
    added = list(_find_added_time(repository, commits, prefix))
    authors = describe_commits(repository, (item.commit for item in added))
    foreign: list[tuple[_AddedTime, Consultant]] = []
    for item in added:
        consultant = organization.by_handle.get(item.consultant)
        emails = {} if consultant is None else {email.casefold() for email in consultant.emails}
        if consultant is not None and authors[item.commit].email.casefold() not in emails:
            foreign.append((item, consultant))
    folders = {now.slug: now for _then, now in read_customers(compared)} if foreign else {}
    for item, consultant in foreign:
        folder = folders.get(item.customer)
        yield _make_problem(item, authors[item.commit], consultant, folder, prefix)


def _find_added_time(
    repository: GitRepository, commits: Sequence[str], prefix: str
) -> Iterator[_AddedTime]:
    for step in walk_steps(repository, commits, prefix):
        for change in step.changes:
            place = place_file(change.path)
            if not isinstance(place, Place) or place.kind != "time" or place.customer is None:
                continue
            before = {name for blob in change.before for name in read_records(repository, blob)}
            after = read_records(repository, change.after)
            ids = tuple(name.partition("/")[2] for name in after if name not in before)
            if ids:
                yield _AddedTime(step.commit, place.customer, place.name, ids)


def _make_problem(
    item: _AddedTime,
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
    entries = () if folder is None else folder.records.sheet_entries
    for sheet, entry in entries:
        if folder is not None and sheet.name == item.sheet and entry.id in item.entries:
            return folder.make_problem(
                AUTHOR_MISMATCH, entry, "id", message, hint, Severity.WARNING
            )
    file = sheet_path(item.customer, item.sheet)
    return SourceTexts(prefix).make_problem(
        AUTHOR_MISMATCH, file, None, message, hint, severity=Severity.WARNING
    )
