"""The organization's own files: who sells, on which terms, and who may log time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.errors import Problem
from ledger.files.source import LedgerFile, LedgerFiles
from ledger.models import Consultant, Provider, Record, TermsHistory
from ledger.reading.file_layout import ORGANIZATION_FILES
from ledger.reading.file_reader import FileReader, FileRecords
from ledger.reading.source_texts import SourceTexts
from ledger.reading.yaml_text import Path


@dataclass(frozen=True, slots=True)
class Organization:
    """What all customers share.

    Attributes:
        provider: None if provider.yml is not there or cannot be read.
        incomplete_kinds: the files of which something could not be read.
        problems: what is wrong with the files.
    """

    provider: Provider | None
    terms: TermsHistory
    consultants: tuple[Consultant, ...]
    incomplete_kinds: frozenset[str]
    problems: tuple[Problem, ...]
    file_count: int
    record_count: int
    _texts: SourceTexts
    _files: tuple[FileRecords, ...]
    by_handle: Mapping[str, Consultant] = field(default_factory=dict)

    def list_contents(self) -> Mapping[str, bytes]:
        """Return what was read, by path in the ledger."""
        return self._texts.sources

    def make_problem(
        self, rule: str, record: Record, key: str | Path | None, message: str, hint: str = ""
    ) -> Problem:
        """Return a problem that points at the value of ``key`` of a consultant or of terms."""
        for file in self._files:
            for index, candidate in zip(file.indices, file.records, strict=True):
                if candidate is record:
                    keys = (key,) if isinstance(key, str) else key or ()
                    place = (index, *keys)
                    return self._texts.make_problem(rule, file.file, place, message, hint)
        raise LookupError(record)

    def make_file_problem(self, rule: str, file: str, message: str, hint: str = "") -> Problem:
        """Return a problem that points at one of the files as a whole."""
        return self._texts.make_problem(rule, file, None, message, hint)


def read_organization(files: LedgerFiles, found: Mapping[str, LedgerFile]) -> Organization:
    """Read the organization's files; ``found`` has those that are there, by kind."""
    reader = FileReader(files)
    read = {kind: reader.read(found[kind], kind) for kind in ORGANIZATION_FILES if kind in found}
    consultants = read["consultants"].records if "consultants" in read else ()
    provider = read["provider"].records if "provider" in read else ()
    return Organization(
        provider=provider[0] if provider else None,
        terms=TermsHistory(read["terms"].records if "terms" in read else ()),
        consultants=consultants,
        incomplete_kinds=frozenset(kind for kind, file in read.items() if not file.is_whole),
        problems=tuple(reader.problems),
        file_count=reader.file_count,
        record_count=reader.record_count,
        _texts=reader.texts,
        _files=tuple(read.values()),
        by_handle={consultant.handle: consultant for consultant in reversed(consultants)},
    )
