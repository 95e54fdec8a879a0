"""One file of a ledger to its records, and to the problems that stand in their way.

A list with a bad item still gives its good ones: the whole ledger is read even when some of it
is bad, and a record that is missing for that reason is remembered, so that what refers to it is
not called wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ledger.errors import Problem
from ledger.ledger_files import FileKind, LedgerFile, LedgerFiles
from ledger.reading.file_layout import describe_special_file
from ledger.reading.plain_lists import read_plain_list
from ledger.reading.plain_records import read_plain_records
from ledger.reading.source_texts import SourceTexts
from ledger.reading.yaml_source import parse_yaml
from ledger.reading.yaml_text import MAX_FILE_BYTES, PlainValue, Span, YamlSyntaxError

if TYPE_CHECKING:
    # Asked only about what is not plainly right.
    from ledger.reading.judged_records import Mistake

SYNTAX_RULE = "yaml-syntax"
FILE_NAME_RULE = "file-name"
LIST_KINDS = frozenset({"terms", "consultants", "accounts", "purchases", "adjustments", "time"})


@dataclass(frozen=True, slots=True)
class FileRecords:
    """The records of one file.

    Attributes:
        file: its path in the ledger.
        kind: what it holds, a key of ``models.FILE_TYPES``.
        records: the good records; for a file that holds one mapping, that one.
        indices: where each of ``records`` stands in the file's list.
        dropped_ids: ids of records that are there but not good.
        is_whole: nothing was left out.
    """

    file: str
    kind: str
    records: tuple[Any, ...] = ()
    indices: tuple[int, ...] = ()
    dropped_ids: frozenset[str] = frozenset()
    is_whole: bool = True


class FileReader:
    """Reads files and collects what is wrong with them."""

    def __init__(self, files: LedgerFiles, marketplace: str = "") -> None:
        """Take the files, and where licences are bought, for those who record one."""
        self._files = files
        self._marketplace = marketplace
        self.texts = SourceTexts(files.prefix)
        self.problems: list[Problem] = []
        self.file_count = 0
        self.record_count = 0

    def read(self, file: LedgerFile, kind: str) -> FileRecords:
        """Return the records of ``file``; problems are added to ``problems``."""
        self.file_count += 1
        source = self._read_source(file)
        if source is None:
            return FileRecords(file.path, kind, is_whole=False)
        self.texts.add(file.path, source)
        plain = read_plain_list(kind, source)
        if plain is not None:
            self.record_count += len(plain)
            return _hold_records(file.path, kind, plain)
        try:
            data = parse_yaml(source)
        except YamlSyntaxError as error:
            self._add(SYNTAX_RULE, file.path, error.span, error.message, error.hint)
            return FileRecords(file.path, kind, is_whole=False)
        records, mistakes = _read_records(file.path, kind, data)
        for mistake in mistakes:
            self._explain(mistake, file.path, kind)
        self.record_count += len(records.records) + len(records.dropped_ids)
        return records

    def report_misplaced(self, path: str, message: str, hint: str) -> None:
        """Add a problem with the name or the kind of a file."""
        self._add(FILE_NAME_RULE, path, None, message, hint)

    def _read_source(self, file: LedgerFile) -> bytes | None:
        if file.kind is not FileKind.FILE:
            self.report_misplaced(*describe_special_file(file))
            return None
        if file.size > MAX_FILE_BYTES:
            self._add(
                SYNTAX_RULE,
                file.path,
                None,
                f"the file is larger than {MAX_FILE_BYTES // 1024} KiB ({file.size:,} bytes)",
                "split it; no file of a ledger needs that much",
            )
            return None
        try:
            return self._files.read(file.path)
        except FileNotFoundError:
            message = "the file is not there any more"
            self._add(SYNTAX_RULE, file.path, None, message, "check again when nobody changes it")
            return None
        except OSError as error:
            message = f"cannot be read: {error.strerror or type(error).__name__}"
            self._add(SYNTAX_RULE, file.path, None, message, "make it a file that you may read")
            return None

    def _explain(self, mistake: Mistake, file: str, kind: str) -> None:
        for finding in mistake.explain(kind, self._marketplace):
            self.problems.append(
                self.texts.make_problem(
                    finding.rule,
                    file,
                    finding.path,
                    finding.message,
                    finding.hint,
                    at_key=finding.at_key,
                )
            )

    def _add(self, rule: str, file: str, span: Span | None, message: str, hint: str) -> None:
        self.problems.append(self.texts.make_problem(rule, file, span, message, hint))


def _hold_records(file: str, kind: str, records: Sequence[Any]) -> FileRecords:
    return FileRecords(file, kind, tuple(records), tuple(range(len(records))))


def _read_records(file: str, kind: str, data: PlainValue) -> tuple[FileRecords, Sequence[Mistake]]:
    is_list = kind in LIST_KINDS
    if data is None and is_list:
        data = []
    plain = read_plain_records(kind, data)
    if plain is not None:
        return _hold_records(file, kind, plain if is_list else [plain]), ()
    # What is not plainly right needs pydantic, which plain ledgers do without.
    from ledger.reading.judged_records import judge_list, judge_record

    judged = (judge_list if is_list else judge_record)(kind, data)
    is_whole = not judged.mistakes
    found = FileRecords(file, kind, judged.records, judged.indices, judged.dropped_ids, is_whole)
    return found, judged.mistakes
