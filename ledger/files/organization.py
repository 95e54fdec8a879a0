"""The organization's own files: who sells, on which terms, and who may log time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from ledger.files.layout import ORGANIZATION_FILES
from ledger.files.reader import FileReader, ReadFiles
from ledger.files.source import LedgerFile, LedgerFiles
from ledger.models import Consultant, Provider, TermsHistory


@dataclass(frozen=True, kw_only=True)
class Organization(ReadFiles):
    """What all customers share; ``provider`` is None if provider.yml could not be read."""

    provider: Provider | None
    terms: TermsHistory
    consultants: tuple[Consultant, ...]

    @cached_property
    def by_handle(self) -> Mapping[str, Consultant]:
        """The consultants by their handles."""
        return {consultant.handle: consultant for consultant in reversed(self.consultants)}


def read_organization(files: LedgerFiles, found: Mapping[str, LedgerFile]) -> Organization:
    """Read the organization's files; ``found`` has those that are there, by kind."""
    reader = FileReader(files)
    read = {kind: reader.read(found[kind], kind) for kind in ORGANIZATION_FILES if kind in found}
    records = {kind: file.records for kind, file in read.items()}
    return Organization(
        files=tuple(read.values()),
        problems=tuple(reader.problems),
        texts=reader.texts,
        provider=next(iter(records.get("provider", ())), None),
        terms=TermsHistory(records.get("terms", ())),
        consultants=records.get("consultants", ()),
    )
