"""One file of a ledger to its records, and to the problems that stand in their way.

A list with a bad item still gives its good ones: the whole ledger is read even when some of it
is bad, and a record that is missing for that reason is remembered, so that what refers to it is
not called wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from pydantic import ValidationError

from ledger.errors import Problem
from ledger.ledger_files import FileKind, LedgerFile, LedgerFiles
from ledger.models import FILE_ADAPTERS
from ledger.reading.file_layout import describe_special_file
from ledger.reading.schema_problems import explain_validation_error
from ledger.reading.source_texts import SourceTexts
from ledger.reading.yaml_source import parse_yaml
from ledger.reading.yaml_text import MAX_FILE_BYTES, Path, PlainValue, Span, YamlSyntaxError

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
        try:
            data = parse_yaml(source)
        except YamlSyntaxError as error:
            self._add(SYNTAX_RULE, file.path, error.span, error.message, error.hint)
            return FileRecords(file.path, kind, is_whole=False)
        read = _read_list if kind in LIST_KINDS else _read_mapping
        if data is None and kind in LIST_KINDS:
            data = []
        records, invalid = read(file.path, kind, data)
        for part in invalid:
            self._explain(part, file.path, kind)
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

    def _explain(self, invalid: _Invalid, file: str, kind: str) -> None:
        findings = explain_validation_error(invalid.error, kind, invalid.data, self._marketplace)
        for finding in findings:
            self.problems.append(
                self.texts.make_problem(
                    finding.rule,
                    file,
                    invalid.find_path(finding.path),
                    finding.message,
                    finding.hint,
                    at_key=finding.at_key,
                )
            )

    def _add(self, rule: str, file: str, span: Span | None, message: str, hint: str) -> None:
        self.problems.append(self.texts.make_problem(rule, file, span, message, hint))


class _Invalid(NamedTuple):
    """What was wrong with a value; ``indices`` says where its items stand in the file's list."""

    error: ValidationError
    data: PlainValue
    indices: Sequence[int] | None = None

    def find_path(self, path: Path) -> Path:
        """Return the path in the file of a path in the value."""
        if self.indices is None or not path or not isinstance(path[0], int):
            return path
        return (self.indices[path[0]], *path[1:])


_ReadValue = tuple[FileRecords, Sequence[_Invalid]]


def _read_mapping(file: str, kind: str, data: PlainValue) -> _ReadValue:
    try:
        record = FILE_ADAPTERS[kind].validate_python(data)
    except ValidationError as error:
        return FileRecords(file, kind, is_whole=False), [_Invalid(error, data)]
    return FileRecords(file, kind, (record,), (0,)), ()


def _read_list(file: str, kind: str, data: PlainValue) -> _ReadValue:
    try:
        records = FILE_ADAPTERS[kind].validate_python(data)
    except ValidationError as error:
        return _read_good_items(file, kind, data, error)
    return FileRecords(file, kind, tuple(records), tuple(range(len(records)))), ()


def _read_good_items(file: str, kind: str, data: PlainValue, error: ValidationError) -> _ReadValue:
    invalid = [_Invalid(error, data)]
    if not isinstance(data, list):
        return FileRecords(file, kind, is_whole=False), invalid
    bad = {details["loc"][0] for details in error.errors() if details["loc"]}
    good = [index for index in range(len(data)) if index not in bad] if bad else []
    items = [data[index] for index in good]
    try:
        records = FILE_ADAPTERS[kind].validate_python(items)
    except ValidationError as later:
        # What is asked of the list as a whole is asked only when no item is bad.
        invalid.append(_Invalid(later, items, good))
        records, good = [], []
    dropped = frozenset(_list_raw_ids(data, set(good)))
    return FileRecords(file, kind, tuple(records), tuple(good), dropped, is_whole=False), invalid


def _list_raw_ids(data: list[PlainValue], good: set[int]) -> list[str]:
    dropped = (item for index, item in enumerate(data) if index not in good)
    ids = (item.get("id") for item in dropped if isinstance(item, dict))
    return [found for found in ids if isinstance(found, str)]
