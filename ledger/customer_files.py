"""Customers' files by their names, looked at on disk when a customer is asked for.

Whoever shares the customers out reads the names alone: each file is looked at by the process that
reads it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ledger.ledger_files import FolderFiles, LedgerFile
from ledger.reading.file_layout import (
    Place,
    are_plain_names,
    find_plain_place,
    is_organization_file,
)


class GroupedNames(NamedTuple):
    """The names of the organization's files, and those of each customer's."""

    organization: list[str]
    customers: dict[str, list[str]]


class CustomerFiles(Mapping[str, "list[tuple[LedgerFile, Place]]"]):
    """The files of each customer with the place where each belongs, which it is known to be in."""

    def __init__(self, files: FolderFiles, names: Mapping[str, Sequence[str]]) -> None:
        """Take the names by customer; customers of whom nothing is there are left out."""
        self._files = files
        self._names = {slug: each for slug, each in names.items() if any(map(files.has, each))}

    def __getitem__(self, slug: str) -> list[tuple[LedgerFile, Place]]:
        found = self._files.look_at(self._names[slug])
        return [(file, find_plain_place(file.path)) for file in found]

    def __contains__(self, slug: object) -> bool:
        return slug in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def group_plain_names(names: Sequence[str]) -> GroupedNames | None:
    """Return paths by customer; None if some are not those of files in the right places."""
    organization: list[str] = []
    customers: dict[str, list[str]] = {}
    for name in names:
        customer, slash, _rest = name.partition("/")
        if slash:
            customers.setdefault(customer, []).append(name)
        else:
            organization.append(name)
    is_plain = all(map(is_organization_file, organization))
    if is_plain and all(map(are_plain_names, customers.values())):
        return GroupedNames(organization, customers)
    return None
