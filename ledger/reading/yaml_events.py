"""The full reader of YAML: the parser's events to plain values, and to the place of each value.

The usual constructors read ``12:30`` as 750, take the last of two equal keys and expand aliases,
so values are made of events. ``SourcePlaces`` goes through the text once more, and only when there
is something to point at.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]  # the stubs leave it out

from ledger.reading.parser_words import explain_parser_error
from ledger.reading.yaml_text import (
    BYTE_ORDER_MARK,
    UTF_16_MARKS,
    Path,
    PlainValue,
    Span,
    YamlSyntaxError,
    decode_source,
    find_span,
    split_lines,
)

MAX_DEPTH = 20
_CORE_TAGS = "tag:yaml.org,2002:"


def read_events(text: str) -> PlainValue:
    """Return the value of a text's one document; None if it has none.

    Raises:
        YamlSyntaxError: it is not YAML, or uses what ledger files do without.
    """
    try:
        value = _EventReader(text).read_document()
    except yaml.YAMLError as error:
        if "exceeded maximum nesting depth" in str(error):
            # PyYAML 6.0.4 counts brackets before it hands out events: stop ahead of the one
            # that is too many, and our own lower limit is met.
            return read_events(text[: error.problem_mark.index])  # type: ignore[attr-defined]
        raise explain_parser_error(error, text) from None
    if "\t" in text:
        _reject_tabs(text)
    return value


class SourcePlaces:
    """Where everything in a file stands; made once a file, and only if something is wrong."""

    def __init__(self, source: bytes) -> None:
        is_readable = not source.startswith(UTF_16_MARKS)
        self._lines = (
            []
            if not is_readable
            else split_lines(source.removeprefix(BYTE_ORDER_MARK).decode(errors="replace"))
        )
        self._values: dict[Path, Span] = {}
        self._keys: dict[Path, Span] = {}
        try:
            reader = _PlaceReader(decode_source(source))
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
            is_item = length < len(path) and isinstance(path[length], int)
            if shorter in self._keys and not is_item:
                return self._keys[shorter]
            if shorter in self._values:
                return self._values[shorter]
        return Span(1, 1)

    def get_line(self, number: int) -> str:
        """Return line ``number`` (from 1) without its end; empty if there is no such line."""
        return self._lines[number - 1] if 0 < number <= len(self._lines) else ""


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
                "YAML directives are not used in a ledger", _span_of(event), "delete the line"
            )
        value = self._read_value(self._next(), ())
        self._next()
        event = self._next()
        if not isinstance(event, yaml.StreamEndEvent):
            raise YamlSyntaxError(
                "a second document begins here; a file has one",
                _span_of(event),
                "delete the line, or move what follows to a file of its own",
            )
        return value

    def _read_value(self, event: Any, path: Path) -> PlainValue:
        kind = type(event)
        if kind is yaml.AliasEvent:
            raise YamlSyntaxError(
                f"the alias *{event.anchor}: aliases are not used in a ledger",
                _span_of(event),
                "write the value out",
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
            raise YamlSyntaxError(
                "a list or mapping stands where a key belongs",
                _span_of(event),
                "write `key: value`; put text that has [ or { in quotes",
            )
        if event.anchor is not None or event.tag is not None:
            raise _explain_property(event)
        key: str = event.value
        if key in mapping:
            raise YamlSyntaxError(
                f"the key {key!r} is there twice", _span_of(event), "delete one of the two"
            )
        if key == "<<" and not event.style:
            raise YamlSyntaxError(
                "the merge key <<: merge keys are not used in a ledger",
                _span_of(event),
                "write the keys out",
            )
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
            f"the anchor &{event.anchor}: anchors are not used in a ledger",
            _narrow(_span_of(event), len(event.anchor) + 1),
            "delete it, and write the value out wherever it is wanted",
        )
    tag = event.tag.replace(_CORE_TAGS, "!!")
    return YamlSyntaxError(
        f"the tag {tag}: tags are not used in a ledger",
        _narrow(_span_of(event), len(tag)),
        "delete it; put text that begins with ! in quotes",
    )


def _narrow(span: Span, width: int) -> Span:
    return Span(span.line, span.column, min(span.width, width))


def _span_of(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    width = end.column - start.column if end.line == start.line else 1
    return Span(start.line + 1, start.column + 1, max(width, 1))


def _reject_tabs(text: str) -> None:
    """Refuse a tab that stands between values; inside a text it is a character like others."""
    starts, ends = _find_scalar_stretches(text)
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


def _find_scalar_stretches(text: str) -> tuple[list[int], list[int]]:
    """Return where the texts of a file start and end, as offsets that ascend."""
    parser = CParser(text)
    starts: list[int] = []
    ends: list[int] = []
    while parser.check_event():
        event: Any = parser.get_event()
        if type(event) is yaml.ScalarEvent:
            marks: Any = event
            starts.append(marks.start_mark.index)
            ends.append(marks.end_mark.index)
    return starts, ends
