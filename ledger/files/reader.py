"""Files to records: one file is read and judged, and every problem is given its place.

A list with a bad item still gives its good ones. The ids of bad records are kept, so that a
reference to one is not called wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any, NamedTuple

from pydantic import TypeAdapter, ValidationError

from ledger.errors import Problem, Severity, SourceExcerpt, SourcePosition
from ledger.files.layout import describe_special_file
from ledger.files.messages import Finding, explain_validation_error
from ledger.files.source import MAX_FILE_BYTES, FileKind, LedgerFile, LedgerFiles
from ledger.files.yaml import Path, PlainValue, SourcePlaces, parse_yaml
from ledger.files.yaml_errors import Span, YamlSyntaxError
from ledger.models import FILE_TYPES, Record
from ledger.text import make_printable

SYNTAX_RULE = "yaml-syntax"
FILE_NAME_RULE = "file-name"
SINGLE_KINDS = frozenset({"provider", "customer", "request"})
"""The kinds of files that hold one record; all others hold a list."""

_LONGEST_EXCERPT = 500


class FileRecords(NamedTuple):
    """The records of one file.

    Attributes:
        file: its path in the ledger.
        kind: what it holds, a key of ``models.FILE_TYPES``.
        records: the good records; for a file that holds one mapping, that one.
        indices: the index of each of ``records`` in the file's list.
        dropped_ids: ids of records that are there but not good.
        is_whole: nothing was left out.
    """

    file: str
    kind: str
    records: tuple[Any, ...] = ()
    indices: Sequence[int] = ()
    dropped_ids: frozenset[str] = frozenset()
    is_whole: bool = False


class SourceTexts:
    """The bytes of files by their path in the ledger, and problems that point into them."""

    def __init__(self, prefix: str) -> None:
        """``prefix``: the path from the work tree's root to the ledger's folder, with a ``/``."""
        self._prefix = prefix
        self.sources: dict[str, bytes] = {}
        self._places: dict[str, SourcePlaces] = {}

    def make_problem(
        self,
        rule: str,
        file: str,
        place: Path | Span | None,
        message: str,
        hint: str = "",
        *,
        at_key: bool = False,
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem that points into ``file``, or at the file if ``place`` is None."""
        name = make_printable(self._prefix + file)
        message, hint = make_printable(message), make_printable(hint)
        if place is None or file not in self.sources:
            return Problem(rule, SourcePosition(name), message, hint, severity)
        places = self._find_places(file)
        span = place if isinstance(place, Span) else places.find(place, key=at_key)
        position = SourcePosition(name, span.line, span.column)
        excerpt = _cut_excerpt(places.get_line(span.line), span)
        return Problem(rule, position, message, hint, severity, excerpt)

    def find_line(self, file: str, place: Path) -> int:
        """Return the line of a value."""
        return self._find_places(file).find(place).line

    def _find_places(self, file: str) -> SourcePlaces:
        if file not in self._places:
            self._places[file] = SourcePlaces(self.sources[file])
        return self._places[file]


class FileReader:
    """Reads files and collects what is wrong with them."""

    def __init__(self, files: LedgerFiles, marketplace: str = "") -> None:
        """Take the files, and where licences are bought, for those who record one."""
        self._files = files
        self._marketplace = marketplace
        self.texts = SourceTexts(files.prefix)
        self.problems: list[Problem] = []

    def read(self, file: LedgerFile, kind: str) -> FileRecords:
        """Return the records of ``file``; problems are added to ``problems``."""
        path = file.path
        source = self._read_source(file)
        if source is None:
            return FileRecords(path, kind)
        self.texts.sources[path] = source
        try:
            data = parse_yaml(source)
        except YamlSyntaxError as error:
            self._report(SYNTAX_RULE, path, error.span, error.message, error.hint)
            return FileRecords(path, kind)
        is_list = kind not in SINGLE_KINDS
        data = [] if data is None and is_list else data
        records, indices, findings = _judge(kind, data, self._marketplace)
        for each in findings:
            self._report(each.rule, path, each.path, each.message, each.hint, at_key=each.at_key)
        dropped = _list_dropped_ids(data, indices) if is_list else ()
        return FileRecords(path, kind, records, indices, frozenset(dropped), not findings)

    def report_misplaced(self, path: str, message: str, hint: str) -> None:
        """Add a problem with the name or the kind of a file."""
        self._report(FILE_NAME_RULE, path, None, message, hint)

    def _report(
        self,
        rule: str,
        file: str,
        place: Path | Span | None,
        message: str,
        hint: str,
        *,
        at_key: bool = False,
    ) -> None:
        problem = self.texts.make_problem(rule, file, place, message, hint, at_key=at_key)
        self.problems.append(problem)

    def _read_source(self, file: LedgerFile) -> bytes | None:
        """Return the bytes of a file; None, and a problem, if it cannot be read."""
        if file.kind is not FileKind.FILE:
            self.report_misplaced(*describe_special_file(file))
            return None
        if file.size > MAX_FILE_BYTES:
            message = f"the file is larger than {MAX_FILE_BYTES // 1024} KiB ({file.size:,} bytes)"
            hint = "split it; no file of a ledger needs that much"
        else:
            try:
                return self._files.read(file.path)
            except FileNotFoundError:
                message = "the file is not there any more"
                hint = "check again when nobody changes it"
            except OSError as error:
                message = f"cannot be read: {error.strerror or type(error).__name__}"
                hint = "make it a file that you may read"
        self._report(SYNTAX_RULE, file.path, None, message, hint)
        return None


@dataclass(frozen=True, kw_only=True)
class ReadFiles:
    """Files that were read, what is wrong with them, and where their records stand.

    Attributes:
        files: the records of each file.
        problems: what is wrong with the files.
        texts: what the files say.
    """

    files: tuple[FileRecords, ...]
    problems: tuple[Problem, ...]
    texts: SourceTexts

    @property
    def incomplete_kinds(self) -> frozenset[str]:
        """The kinds of files of which something could not be read."""
        return frozenset(file.kind for file in self.files if not file.is_whole)

    @property
    def partial_files(self) -> tuple[str, ...]:
        """The files of which something could not be read."""
        return tuple(file.file for file in self.files if not file.is_whole)

    @property
    def file_count(self) -> int:
        """How many files there are."""
        return len(self.files)

    @property
    def record_count(self) -> int:
        """How many records the files have, good or not."""
        return sum(len(file.records) + len(file.dropped_ids) for file in self.files)

    def locate(self, record: Record) -> tuple[str, Path]:
        """Return the file of a record that was read here and its path in there."""
        return self._places[id(record)]

    def make_problem(
        self,
        rule: str,
        record: Record,
        key: str | Path | None,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem that points at the value of ``key``, or at a path, in ``record``."""
        file, path = self.locate(record)
        place = (*path, key) if isinstance(key, str) else (*path, *(key or ()))
        return self.texts.make_problem(rule, file, place, message, hint, severity=severity)

    def make_file_problem(
        self,
        rule: str,
        file: str,
        message: str,
        hint: str = "",
        severity: Severity = Severity.ERROR,
    ) -> Problem:
        """Return a problem that points at a file as a whole."""
        return self.texts.make_problem(rule, file, None, message, hint, severity=severity)

    @cached_property
    def _places(self) -> dict[int, tuple[str, Path]]:
        """The file and path of each record, and of each record inside one, by its ``id()``."""
        places: dict[int, tuple[str, Path]] = {}
        for file in self.files:
            for index, record in zip(file.indices, file.records, strict=True):
                path: Path = () if file.kind in SINGLE_KINDS else (index,)
                for part, below in _list_parts(record):
                    places[id(part)] = (file.file, (*path, *below))
        return places


@cache
def find_adapter(kind: str) -> TypeAdapter[Any]:
    """Return what makes the records of a kind of file from its plain value."""
    return TypeAdapter(FILE_TYPES[kind])


def _judge(
    kind: str, data: PlainValue, marketplace: str
) -> tuple[tuple[Any, ...], tuple[int, ...], list[Finding]]:
    """Return the good records, where they stand in the file's list, and what is wrong."""
    try:
        made = find_adapter(kind).validate_python(data)
    except ValidationError as error:
        findings = list(explain_validation_error(error, kind, data, marketplace))
        bad = {details["loc"][0] for details in error.errors() if details["loc"]}
        if kind in SINGLE_KINDS or not bad:
            return (), (), findings
        good = [index for index in range(len(data)) if index not in bad]
        # What is asked of the list as a whole is asked only when no item is bad.
        records, indices, more = _judge(kind, [data[index] for index in good], marketplace)
        moved = (each._replace(path=(good[int(each.path[0])], *each.path[1:])) for each in more)
        return records, tuple(good[index] for index in indices), [*findings, *moved]
    records = (made,) if kind in SINGLE_KINDS else tuple(made)
    return records, tuple(range(len(records))), []


def _list_dropped_ids(data: PlainValue, good: Sequence[int]) -> Iterator[str]:
    for index, item in enumerate(data if isinstance(data, list) else ()):
        if index not in good and isinstance(item, dict) and isinstance(item.get("id"), str):
            yield item["id"]


def _list_parts(record: Record) -> Iterator[tuple[Record, Path]]:
    """Yield a record and the records in its lists, each with its path below the record."""
    yield record, ()
    for key, value in record:
        for index, part in enumerate(value if isinstance(value, tuple) else ()):
            if isinstance(part, Record):
                yield part, (key, index)


def _cut_excerpt(line: str, span: Span) -> SourceExcerpt | None:
    if not line.strip() or span.column > _LONGEST_EXCERPT:
        return None
    width = max(1, min(span.width, len(line) - span.column + 1, _LONGEST_EXCERPT))
    return SourceExcerpt(line[:_LONGEST_EXCERPT], width)
