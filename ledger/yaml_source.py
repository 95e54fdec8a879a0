"""YAML text to plain values, and the exact place of every value when one is wrong.

``parse_yaml`` turns a file into mappings, lists and text: every scalar stays the text it is
written as, an empty plain one is None. It is made of the parser's events, because the usual
constructors read ``12:30`` as 750, take the last of two equal keys and expand aliases.
``SourcePlaces`` goes through the text once more, and only when there is something to point at.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out

MAX_FILE_BYTES = 256 * 1024
MAX_DEPTH = 20

Path = tuple[str | int, ...]
PlainValue = Any
"""A mapping with text keys, a list, text or None, nested."""

_CONFLICT_MARKER = re.compile(rb"^(<{7}|>{7}|\|{7})( |\r?$)", re.MULTILINE)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FORBIDDEN_CHARACTER = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line: line and column from 1, width in characters (at least 1)."""

    line: int
    column: int
    width: int = 1


class YamlSyntaxError(Exception):
    """The text is not what a ledger file may be."""

    def __init__(self, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.span = span
        self.hint = hint


def parse_yaml(source: bytes) -> PlainValue:
    """Return the value of a file's one document; None if it has none.

    Raises:
        YamlSyntaxError: it is not YAML, or uses what ledger files do without.
    """
    text = _decode(source)
    try:
        value = _EventReader(text).read_document()
    except yaml.YAMLError as error:
        raise _explain_parser_error(error, text) from None
    if "\t" in text:
        _reject_tabs(text)
    return value


class SourcePlaces:
    """Where everything in a file stands; made once a file, and only if something is wrong."""

    def __init__(self, source: bytes) -> None:
        self._lines = _split_lines(
            source.removeprefix(_BYTE_ORDER_MARK).decode("utf-8", errors="replace")
        )
        self._values: dict[Path, Span] = {}
        self._keys: dict[Path, Span] = {}
        try:
            reader = _PlaceReader(_decode(source))
            self._values, self._keys = reader.value_places, reader.key_places
            reader.read_document()
        except (YamlSyntaxError, yaml.YAMLError):
            pass  # What was read up to there is what can be pointed at.

    def find(self, path: Path, *, key: bool = False) -> Span:
        """Return where the value at ``path`` stands, or its key if ``key``.

        Where the path leads nowhere, the nearest key or value on the way is the answer.
        """
        wanted = self._keys if key else self._values
        if path in wanted:
            return wanted[path]
        for length in range(len(path), -1, -1):
            shorter = path[:length]
            if shorter in self._keys:
                return self._keys[shorter]
            if shorter in self._values:
                return self._values[shorter]
        return Span(1, 1)

    def get_line(self, number: int) -> str:
        """Return line ``number`` (from 1) without its end; empty if there is no such line."""
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""


def _split_lines(text: str) -> list[str]:
    # The line ends that YAML knows; str.splitlines knows more of them.
    return re.split("\r\n|[\n\r\x85\u2028\u2029]", text)


def _decode(source: bytes) -> str:
    if len(source) > MAX_FILE_BYTES:
        raise YamlSyntaxError(
            f"the file is larger than {MAX_FILE_BYTES // 1024} KiB",
            Span(1, 1),
            "split it; no file of a ledger needs that much",
        )
    if source[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise YamlSyntaxError("the file is UTF-16, not UTF-8", Span(1, 1), "save it as UTF-8")
    source = source.removeprefix(_BYTE_ORDER_MARK)
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        raise YamlSyntaxError(
            f"byte 0x{source[error.start]:02x} is not UTF-8",
            _span_at(source[: error.start].decode("utf-8"), error.start),
            "save the file as UTF-8",
        ) from None
    if conflict := _CONFLICT_MARKER.search(source):
        offset = len(source[: conflict.start()].decode("utf-8"))
        raise YamlSyntaxError(
            "a merge conflict is not resolved",
            _span_at(text, offset, 7),
            "decide for one side and delete the marker lines",
        )
    if match := _FORBIDDEN_CHARACTER.search(text):
        raise YamlSyntaxError(
            f"the character U+{ord(match[0]):04X} may not stand in YAML",
            _span_at(text, match.start()),
            "delete it",
        )
    return text


def _span_at(text: str, offset: int, width: int = 1) -> Span:
    before = _split_lines(text[:offset])
    return Span(len(before), len(before[-1]) + 1, width)


_PARSER_WORDS = (
    # What libyaml says, what we say, and the mend.
    (
        "found character that cannot start any token",
        "this character cannot stand here",
        "put the text in quotes",
    ),
    (
        "mapping values are not allowed",
        "a second `: ` in one line",
        "put text that has a colon in quotes",
    ),
    (
        "did not find expected key",
        "here should be a key, indented like those above",
        "line the keys up",
    ),
    (
        "did not find expected '-' indicator",
        "here should be a `- `, indented like those above",
        "line the items up",
    ),
    (
        "could not find expected ':'",
        "a key without its `: `",
        "write `key: value`, with a space after the colon",
    ),
    (
        "did not find expected ',' or ']'",
        "a list in [ ] is not closed",
        "add the missing `,` or `]`",
    ),
    (
        "did not find expected ',' or '}'",
        "a mapping in { } is not closed",
        "add the missing `,` or `}`",
    ),
    (
        "found unexpected end of stream",
        "a quoted text is not closed",
        "add the missing quote",
    ),
    (
        "found unknown escape character",
        "not an escape that double quotes know",
        r"write \\ for a backslash, or use single quotes",
    ),
    (
        "did not find expected <document start>",
        "here the file should have ended",
        "indent the line like those above",
    ),
)


def _explain_parser_error(error: yaml.YAMLError, text: str) -> YamlSyntaxError:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    said = getattr(error, "problem", None) or str(error)
    span = Span(mark.line + 1, mark.column + 1) if mark is not None else Span(1, 1)
    line = (_split_lines(text) + [""] * span.line)[span.line - 1]
    if "\t" in line[: span.column]:
        tab = line.index("\t") + 1
        return YamlSyntaxError(
            "a tab stands where spaces belong", Span(span.line, tab), "indent with spaces"
        )
    for words, message, hint in _PARSER_WORDS:
        if words in said:
            return YamlSyntaxError(f"not YAML: {message}", span, hint)
    return YamlSyntaxError(f"not YAML: {said}", span)


class _EventReader:
    """Builds the plain value of a document from the parser's events."""

    def __init__(self, text: str) -> None:
        self._next = CParser(text).get_event
        self._depth = 0

    def read_document(self) -> PlainValue:
        self._next()
        event: Any = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        if event.version or event.tags:
            raise YamlSyntaxError(
                "YAML directives are not used here", _span_of(event), "delete the line"
            )
        value = self._read_value(self._next(), ())
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise YamlSyntaxError(
                "a second document in one file",
                _span_of(event),
                "delete the `---` line, or make it a file of its own",
            )
        return value

    def _read_value(self, event: Any, path: Path) -> PlainValue:
        kind = type(event)
        if kind is yaml.AliasEvent:
            raise YamlSyntaxError(
                f"an alias (*{event.anchor})", _span_of(event), "write the value out"
            )
        if event.anchor is not None or event.tag is not None:
            raise _explain_property(event)
        if kind is yaml.ScalarEvent:
            return _read_scalar(event)
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise YamlSyntaxError(
                f"nested deeper than {MAX_DEPTH} levels", _span_of(event), "make it flatter"
            )
        read = self._read_mapping if kind is yaml.MappingStartEvent else self._read_list
        value = read(path)
        self._depth -= 1
        return value

    def _read_list(self, path: Path) -> list[PlainValue]:
        items: list[PlainValue] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._read_value(event, path))
        return items

    def _read_mapping(self, path: Path) -> dict[str, PlainValue]:
        mapping: dict[str, PlainValue] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            key = self._read_key(event, mapping)
            mapping[key] = self._read_value(self._next(), path)
        return mapping

    def _read_key(self, event: Any, mapping: dict[str, PlainValue]) -> str:
        if type(event) is not yaml.ScalarEvent:
            if type(event) is yaml.AliasEvent:
                self._read_value(event, ())
            raise YamlSyntaxError("a key that is not text", _span_of(event), "write `key: value`")
        if event.anchor is not None or event.tag is not None:
            raise _explain_property(event)
        key: str = event.value
        if key in mapping:
            raise YamlSyntaxError(
                f"the key {key!r} stands here twice", _span_of(event), "delete one of the two"
            )
        if key == "<<" and not event.style:
            raise YamlSyntaxError("a merge key (<<)", _span_of(event), "write the keys out")
        return key


class _PlaceReader(_EventReader):
    """As ``_EventReader``, and keeps the place of every key and value by its path."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.value_places: dict[Path, Span] = {}
        self.key_places: dict[Path, Span] = {}

    def _read_value(self, event: Any, path: Path) -> PlainValue:
        self.value_places[path] = _span_of(event)
        return super()._read_value(event, path)

    def _read_list(self, path: Path) -> list[PlainValue]:
        items: list[PlainValue] = []
        while type(event := self._next()) is not yaml.SequenceEndEvent:
            items.append(self._read_value(event, (*path, len(items))))
        return items

    def _read_mapping(self, path: Path) -> dict[str, PlainValue]:
        mapping: dict[str, PlainValue] = {}
        while type(event := self._next()) is not yaml.MappingEndEvent:
            key = self._read_key(event, mapping)
            self.key_places[*path, key] = _span_of(event)
            mapping[key] = self._read_value(self._next(), (*path, key))
        return mapping


def _read_scalar(event: Any) -> str | None:
    value: str = event.value
    return None if not value and not event.style else value


def _explain_property(event: Any) -> YamlSyntaxError:
    if event.anchor is not None:
        return YamlSyntaxError(
            f"an anchor (&{event.anchor})", _span_of(event), "delete it, and write values out"
        )
    return YamlSyntaxError(
        f"a tag ({event.tag})", _span_of(event), "delete it; every value is plain text"
    )


def _span_of(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Span(start.line + 1, start.column + 1, max(width, 1))


def _reject_tabs(text: str) -> None:
    """Refuse a tab that stands between values; inside a text it is a character like others."""
    inside = _find_scalar_stretches(text)
    offset = text.find("\t")
    while offset >= 0:
        if not any(start <= offset < end for start, end in inside) and not _is_in_comment(
            text, offset
        ):
            raise YamlSyntaxError(
                "a tab stands where spaces belong", _span_at(text, offset), "use spaces"
            )
        offset = text.find("\t", offset + 1)


def _find_scalar_stretches(text: str) -> list[tuple[int, int]]:
    parser = CParser(text)
    stretches = []
    while parser.check_event():
        event: Any = parser.get_event()
        if type(event) is yaml.ScalarEvent:
            marks: Any = event
            stretches.append((marks.start_mark.index, marks.end_mark.index))
    return stretches


def _is_in_comment(text: str, offset: int) -> bool:
    # Good enough once the stretches of text are out: what is left of a line is structure.
    line_start = max(text.rfind(end, 0, offset) for end in "\n\r") + 1
    return bool(re.search(r"(^|[ \t])#", text[line_start:offset]))
