"""The YAML reader: PyYAML's events to plain values, and to the place of each value.

Values are mappings, lists and text: every scalar stays the text it is written as, an empty plain
one is None. PyYAML's own constructors read ``12:30`` as 750, take the last of two equal keys and
expand aliases, so values are made of events here. ``SourcePlaces`` reads the text once more, and
only when a problem has to point at something.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from contextlib import suppress
from typing import Any

import yaml

from ledger.files.source import MAX_FILE_BYTES
from ledger.files.yaml_errors import (
    Span,
    YamlSyntaxError,
    explain_parser_error,
    explain_property,
    find_span,
    span_of,
    split_lines,
)

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_DEPTH = 20
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONFLICT_MARKER = re.compile(rb"^(<{7}|>{7}|\|{7})( |\r?$)", re.MULTILINE)
_MARKER_LENGTH = 7
# All but those that YAML allows, and the byte order mark.
_FORBIDDEN_CHARACTER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

Path = tuple[str | int, ...]
"""The path of a value in a file: keys and indices of lists."""

PlainValue = Any
"""A mapping with text keys, a list, text or None, nested."""


def parse_yaml(source: bytes) -> PlainValue:
    """Return the value of a file's one document; None if it has none.

    Raises:
        YamlSyntaxError: it is not YAML, or uses what ledger files do without.
    """
    return _read_text(decode_source(source))


def decode_source(source: bytes) -> str:
    """Return the text of a file, without a byte order mark.

    Raises:
        YamlSyntaxError: it is too large, not UTF-8, or has what no YAML file may have.
    """
    if len(source) > MAX_FILE_BYTES:
        raise YamlSyntaxError(
            f"the file is larger than {MAX_FILE_BYTES // 1024} KiB",
            Span(1, 1),
            "split it; no file of a ledger needs that much",
        )
    if source.startswith(_UTF_16_MARKS):
        raise YamlSyntaxError("the file is UTF-16, not UTF-8", Span(1, 1), "save it as UTF-8")
    source = source.removeprefix(BYTE_ORDER_MARK)
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start].decode()
        raise YamlSyntaxError(
            f"the byte 0x{source[error.start]:02X} is not UTF-8",
            find_span(before, len(before)),
            "save the file as UTF-8",
        ) from None
    if conflict := _CONFLICT_MARKER.search(source):
        offset = len(source[: conflict.start()].decode())
        raise YamlSyntaxError(
            "a merge conflict is not resolved",
            find_span(text, offset, _MARKER_LENGTH),
            "keep the lines that are right, delete the marker lines",
        )
    if match := _FORBIDDEN_CHARACTER.search(text):
        raise YamlSyntaxError(
            f"the character U+{ord(match[0]):04X} may not stand in YAML",
            find_span(text, match.start()),
            "delete it, or save the file as UTF-8",
        )
    return text


class SourcePlaces:
    """The line and column of every key and value of a file; made only if something is wrong."""

    def __init__(self, source: bytes) -> None:
        is_readable = not source.startswith(_UTF_16_MARKS)
        text = source.removeprefix(BYTE_ORDER_MARK).decode(errors="replace")
        self._lines = split_lines(text) if is_readable else []
        self._values: dict[Path, Span] = {}
        self._keys: dict[Path, Span] = {}
        # Of a file that is no YAML, what was read up to there is what can be pointed at.
        with suppress(YamlSyntaxError, yaml.YAMLError):
            _EventReader(decode_source(source), self._values, self._keys).read_document()

    def find(self, path: Path, *, key: bool = False) -> Span:
        """Return where the value at ``path`` is, or its key if ``key``.

        Where the path leads nowhere, the nearest key or value on the way is the answer.
        """
        wanted = self._keys if key else self._values
        if path in wanted:
            return wanted[path]
        for length in range(len(path), -1, -1):
            shorter = path[:length]
            is_item = length < len(path) and isinstance(path[length], int)
            if shorter in self._keys and not is_item:
                return self._keys[shorter]
            if shorter in self._values:
                return self._values[shorter]
        return Span(1, 1)

    def get_line(self, number: int) -> str:
        """Return line ``number`` (from 1) without its end; empty if there is no such line."""
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""


def _read_text(text: str) -> PlainValue:
    try:
        value = _EventReader(text).read_document()
    except yaml.YAMLError as error:
        if "exceeded maximum nesting depth" in str(error):
            # PyYAML 6.0.4 counts brackets before it hands out events: stop ahead of the one
            # that is too many, and our own lower limit is met.
            return _read_text(text[: error.problem_mark.index])  # type: ignore[attr-defined]
        raise explain_parser_error(error, text) from None
    if "\t" in text:
        _reject_tabs(text)
    return value


class _EventReader:
    """Builds the plain value of a document from the parser's events; notes places if asked to."""

    def __init__(
        self,
        text: str,
        value_places: dict[Path, Span] | None = None,
        key_places: dict[Path, Span] | None = None,
    ) -> None:
        self._next = _Parser(text).get_event
        self._value_places = value_places
        self._key_places = key_places

    def read_document(self) -> PlainValue:
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        if event.version or event.tags:
            raise YamlSyntaxError(
                "YAML directives are not used in a ledger", span_of(event), "delete the line"
            )
        value = self._read_value(self._next(), ())
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise YamlSyntaxError(
                "a second document begins here; a file has one",
                span_of(event),
                "delete the line, or move what follows to a file of its own",
            )
        return value

    def _read_value(self, event: Any, path: Path) -> PlainValue:
        if self._value_places is not None:
            self._value_places[path] = span_of(event)
        if isinstance(event, yaml.AliasEvent):
            raise YamlSyntaxError(
                f"the alias *{event.anchor}: aliases are not used in a ledger",
                span_of(event),
                "write the value out",
            )
        if event.anchor is not None or event.tag is not None:
            raise explain_property(event)
        if isinstance(event, yaml.ScalarEvent):
            return event.value if event.value or event.style else None
        if len(path) >= MAX_DEPTH:
            raise YamlSyntaxError(
                f"nested deeper than {MAX_DEPTH} levels", span_of(event), "make it flatter"
            )
        if isinstance(event, yaml.MappingStartEvent):
            return self._read_mapping(path)
        items: list[PlainValue] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._read_value(event, (*path, len(items))))
        return items

    def _read_mapping(self, path: Path) -> dict[str, PlainValue]:
        mapping: dict[str, PlainValue] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._read_key(event, mapping)
            if self._key_places is not None:
                self._key_places[*path, key] = span_of(event)
            mapping[key] = self._read_value(self._next(), (*path, key))
        return mapping

    def _read_key(self, event: Any, mapping: dict[str, PlainValue]) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            if isinstance(event, yaml.AliasEvent):
                self._read_value(event, ())
            raise YamlSyntaxError(
                "a list or mapping stands where a key belongs",
                span_of(event),
                "write `key: value`; put text that has [ or { in quotes",
            )
        if event.anchor is not None or event.tag is not None:
            raise explain_property(event)
        key: str = event.value
        if key in mapping:
            raise YamlSyntaxError(
                f"the key {key!r} is there twice", span_of(event), "delete one of the two"
            )
        if key == "<<" and not event.style:
            raise YamlSyntaxError(
                "the merge key <<: merge keys are not used in a ledger",
                span_of(event),
                "write the keys out",
            )
        return key


def _reject_tabs(text: str) -> None:
    """Refuse a tab between values; inside a text it is a character like others."""
    starts, ends = _find_scalars(text)
    begin = 0
    for line in text.splitlines(keepends=True):
        offset = line.find("\t")
        while offset >= 0:
            count = bisect_right(starts, begin + offset)
            end = ends[count - 1] if count else 0
            if begin + offset >= end:
                if "#" in text[max(begin, end) : begin + offset]:
                    break  # The rest of the line is a comment.
                raise YamlSyntaxError(
                    "a tab stands where spaces belong",
                    find_span(text, begin + offset),
                    "use spaces",
                )
            offset = line.find("\t", offset + 1)
        begin += len(line)


def _find_scalars(text: str) -> tuple[list[int], list[int]]:
    """Return where the scalars of a text start and end, as offsets that ascend."""
    parser = _Parser(text)
    starts: list[int] = []
    ends: list[int] = []
    while parser.check_event():
        event = parser.get_event()
        if isinstance(event, yaml.ScalarEvent):
            marks: Any = event  # the stubs say that these may be None
            starts.append(marks.start_mark.index)
            ends.append(marks.end_mark.index)
    return starts, ends
