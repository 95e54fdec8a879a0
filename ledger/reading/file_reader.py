"""One file of a ledger to its records, and to the problems that stand in their way.

A list with a bad item still gives its good ones: the whole ledger is read even when some of it
is bad, and a record that is missing for that reason is remembered, so that what refers to it is
not called wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from ledger.errors import Problem
from ledger.files.source import MAX_FILE_BYTES, FileKind, LedgerFile, LedgerFiles
from ledger.reading.file_layout import describe_special_file
from ledger.reading.judged_records import Mistake, judge_list, judge_record
from ledger.reading.source_texts import SourceTexts
from ledger.reading.yaml_source import parse_yaml
from ledger.reading.yaml_text import PlainValue, Span, YamlSyntaxError

SYNTAX_RULE = "yaml-syntax"
FILE_NAME_RULE = "file-name"
# Python looks a member of an enumeration up by its name each time; there are many files.
_FILE = FileKind.FILE
LIST_KINDS = frozenset({"terms", "consultants", "accounts", "purchases", "adjustments", "time"})


class FileRecords(NamedTuple):
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
    indices: Sequence[int] = ()
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
        if isinstance(source, Problem):
            self.problems.append(source)
            return FileRecords(file.path, kind, is_whole=False)
        self.texts.add(file.path, source)
        return self._parse(file.path, kind, source)

    def _parse(self, file: str, kind: str, source: bytes) -> FileRecords:
        try:
            data = parse_yaml(source)
        except YamlSyntaxError as error:
            problem = self._make_problem(SYNTAX_RULE, file, error.message, error.hint, error.span)
            self.problems.append(problem)
            return FileRecords(file, kind, is_whole=False)
        records, mistakes = _read_records(file, kind, data)
        for mistake in mistakes:
            self._explain(mistake, file, kind)
        self.record_count += len(records.records) + len(records.dropped_ids)
        return records

    def report_misplaced(self, path: str, message: str, hint: str) -> None:
        """Add a problem with the name or the kind of a file."""
        self.problems.append(self._make_problem(FILE_NAME_RULE, path, message, hint))

    def _read_source(self, file: LedgerFile) -> bytes | Problem:
        if file.kind is not _FILE:
            return self._make_problem(FILE_NAME_RULE, *describe_special_file(file))
        if file.size > MAX_FILE_BYTES:
            return self._make_problem(
                SYNTAX_RULE,
                file.path,
                f"the file is larger than {MAX_FILE_BYTES // 1024} KiB ({file.size:,} bytes)",
                "split it; no file of a ledger needs that much",
            )
        try:
            return self._files.read(file.path)
        except FileNotFoundError:
            message, hint = "the file is not there any more", "check again when nobody changes it"
        except OSError as error:
            message = f"cannot be read: {error.strerror or type(error).__name__}"
            hint = "make it a file that you may read"
        return self._make_problem(SYNTAX_RULE, file.path, message, hint)

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

    def _make_problem(
        self, rule: str, file: str, message: str, hint: str, span: Span | None = None
    ) -> Problem:
        return self.texts.make_problem(rule, file, span, message, hint)


def _read_records(file: str, kind: str, data: PlainValue) -> tuple[FileRecords, Sequence[Mistake]]:
    is_list = kind in LIST_KINDS
    if data is None and is_list:
        data = []
    judged = (judge_list if is_list else judge_record)(kind, data)
    is_whole = not judged.mistakes
    return (
        FileRecords(file, kind, judged.records, judged.indices, judged.dropped_ids, is_whole),
        judged.mistakes,
    )
