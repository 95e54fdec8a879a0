"""The YAML reader: PyYAML's events to plain values, and to the place of each value.

Values are mappings, lists and text: every scalar stays the text it is written as, an empty plain
one is None. PyYAML's own constructors read ``12:30`` as 750, take the last of two equal keys and
expand aliases, so values are made of events here. ``SourcePlaces`` reads the text once more, and
only when a problem has to point at something.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import count, islice
from typing import Any

import yaml

from ledger.errors import SourceExcerpt
from ledger.files.source import MAX_FILE_BYTES

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
MAX_DEPTH = 20
_LONGEST_EXCERPT = 500
_UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
CONFLICT_HINT = (
    "punchcard resolve merges record by record; or keep whole records, delete the markers"
)
_CONFLICT_MARKER = re.compile(r"^(<{7}|>{7}|\|{7})(?= |\r?$)", re.MULTILINE)
# All but those that YAML allows, and the byte order mark.
_FORBIDDEN_CHARACTER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
# What a value in double quotes may not spell by escapes: control characters, and those that turn
# the direction of a text and let it read as another one.
_SPELLED_CHARACTER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff\u202a-\u202e\u2066-\u2069]"
)
# A comment whose # is followed by a letter or digit at once, as in PR #12: behind a value, or (if
# it is indented deeper than the key) below one.
_LOST_TEXT = re.compile(r"[ \t]+(?P<text>#[^\s#].*)")
_LOST_LINE = re.compile(r"[ \t]*(?:\r\n|\r|\n)(?P<indent> +)(?P<text>#[^\s#].*)")
_LINE_START = re.compile("[ -]*")
_TAB_BEFORE_COMMENT = re.compile("(?:^|[\n\r\x85\u2028\u2029])[^#\t\n\r\x85\u2028\u2029]*(\t)")
_CORE_TAGS = "tag:yaml.org,2002:"
_Loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # Not every PyYAML has libyaml.

Path = tuple[str | int, ...]
"""The path of a value in a file: keys and indices of lists."""

PlainValue = Any
"""A mapping with text keys, a list, text or None, nested."""


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
    """Return the value of a file's one document, or None; a YamlSyntaxError says what is wrong."""
    return _read_text(decode_source(source))


def decode_source(source: bytes) -> str:
    """Return a file's text without byte order mark; a YamlSyntaxError if no YAML can be in it."""
    if len(source) > MAX_FILE_BYTES:
        message = f"the file is larger than {MAX_FILE_BYTES // 1024} KiB"
        raise YamlSyntaxError(message, Span(1, 1), "split it; no file of a ledger needs that much")
    if source.startswith(_UTF_16_MARKS):
        raise YamlSyntaxError("the file is UTF-16, not UTF-8", Span(1, 1), "save it as UTF-8")
    source = source.removeprefix(BYTE_ORDER_MARK)
    try:
        text = source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start].decode()
        message = f"the byte 0x{source[error.start]:02X} is not UTF-8"
        span = _find_span(before, len(before))
        raise YamlSyntaxError(message, span, "save the file as UTF-8") from None
    if conflict := _CONFLICT_MARKER.search(text):
        raise YamlSyntaxError(
            "a merge conflict is not resolved",
            _find_span(text, conflict.start(), len(conflict[0])),
            CONFLICT_HINT,
        )
    if match := _FORBIDDEN_CHARACTER.search(text):
        message = f"the character U+{ord(match[0]):04X} may not stand in YAML"
        span = _find_span(text, match.start())
        raise YamlSyntaxError(message, span, "delete it, or save the file as UTF-8")
    return text


def find_lost_texts(source: bytes) -> Iterator[tuple[Span, str, str]]:
    """Yield, of a source that was parsed, comments hardly meant as such: place, text, value."""
    text = source.decode("utf-8-sig")
    if not re.search(r"[ \t]#[^\s#]", text):
        return
    for event in (each for each in _list_scalars(text) if not each.style):
        start, end = event.start_mark, event.end_mark
        if lost := _LOST_TEXT.match(text, end.index):
            line, column = end.line + 1, end.column + 1 + lost.start("text") - end.index
        elif event.value and (lost := _LOST_LINE.match(text, end.index)):
            line, column = end.line + 2, len(lost["indent"]) + 1
            key = _LINE_START.match(text, start.index - start.column)
            lost = lost if key and len(key[0]) < len(lost["indent"]) else None
        if lost:
            said = lost["text"].rstrip()
            yield Span(line, column, len(said)), said, event.value


def split_lines(text: str) -> list[str]:
    """Return the lines, ended as YAML ends them: ``str.splitlines`` knows more line ends."""
    return _LINE_END.split(text)


class SourcePlaces:
    """The line and column of every key and value of a file; read once something is wrong."""

    def __init__(self, source: bytes) -> None:
        self._source = source
        self._found: dict[tuple[Path, bool], Span] = {}

    def find(self, path: Path, *, key: bool = False) -> Span:
        """Return where the value at ``path`` is, or its key if ``key``.

        Where the path leads nowhere, the nearest key or value on the way is the answer.
        """
        wanted = [(path, key)]
        for length in range(len(path), -1, -1):
            is_item = length < len(path) and isinstance(path[length], int)
            kinds = (False,) if is_item else (True, False)  # the key, then the value
            wanted += [(path[:length], is_key) for is_key in kinds]
        # No more is read than is asked for: what is wrong may be the first of very many.
        while wanted[0] not in self._found and (place := next(self._places, None)):
            self._found.update([place])
        return next((self._found[each] for each in wanted if each in self._found), Span(1, 1))

    def cut_excerpt(self, span: Span) -> SourceExcerpt | None:
        """Return the line of a span, and how much of it to mark; None if there is little to see."""
        line = self._lines[span.line - 1] if span.line <= len(self._lines) else ""
        if not line.strip() or span.column > _LONGEST_EXCERPT:
            return None
        width = max(1, min(span.width, len(line) - span.column + 1, _LONGEST_EXCERPT))
        return SourceExcerpt(line[:_LONGEST_EXCERPT], width)

    @cached_property
    def _lines(self) -> list[str]:
        is_readable = not self._source.startswith(_UTF_16_MARKS)
        return split_lines(self._source.decode("utf-8-sig", "replace")) if is_readable else []

    @cached_property
    def _places(self) -> Iterator[tuple[tuple[Path, bool], Span]]:
        events = islice(yaml.parse(decode_source(self._source), _Loader), 2, None)
        first = next(events, None)
        return _list_places(events, first) if first else iter(())


def _list_places(
    events: Iterator[Any], event: Any, path: Path = ()
) -> Iterator[tuple[tuple[Path, bool], Span]]:
    """Yield the path and the place of a value and all in it, and of keys (True)."""
    yield (path, False), _span_of(event)
    if isinstance(event, yaml.SequenceStartEvent):
        for number in count():
            if isinstance(item := next(events), yaml.SequenceEndEvent):
                return
            yield from _list_places(events, item, (*path, number))
    while isinstance(event, yaml.MappingStartEvent):
        if isinstance(key := next(events), yaml.MappingEndEvent):
            return
        yield ((*path, key.value), True), _span_of(key)
        yield from _list_places(events, next(events), (*path, key.value))


def _read_text(text: str) -> PlainValue:
    try:
        value = _DocumentReader(text).read()
    except yaml.YAMLError as error:
        if "exceeded maximum nesting depth" in str(error):
            # PyYAML 6.0.4 counts brackets before it hands out events: stop ahead of the one
            # that is too many, and our own lower limit is met.
            return _read_text(text[: error.problem_mark.index])  # type: ignore[attr-defined]
        raise _explain_parser_error(error, text) from None
    if "\t" in text:
        _reject_tabs(text)
    return value


class _DocumentReader:
    """Builds a document's value of the parser's events."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next = _Loader(text).get_event

    def read(self) -> PlainValue:
        self._next()
        event = self._next()
        if isinstance(event, yaml.StreamEndEvent):
            return None
        if event.version or event.tags:
            raise _refuse(event, "YAML directives are not used in a ledger", "delete the line")
        value = self._read_value(self._next())
        self._next()
        if not isinstance(event := self._next(), yaml.StreamEndEvent):
            hint = "delete the line, or move what follows to a file of its own"
            raise _refuse(event, "a second document begins here; a file has one", hint)
        return value

    def _read_value(self, event: Any, depth: int = 0) -> PlainValue:
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None or event.tag is not None:
            raise _refuse_property(event)
        if isinstance(event, yaml.ScalarEvent):
            if event.style == '"':
                self._reject_spelled_characters(event)
            return event.value if event.value or event.style else None
        if depth >= MAX_DEPTH:
            raise _refuse(event, f"nested deeper than {MAX_DEPTH} levels", "make it flatter")
        if isinstance(event, yaml.MappingStartEvent):
            return self._read_mapping(depth)
        items: list[PlainValue] = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._read_value(event, depth + 1))
        return items

    def _read_mapping(self, depth: int) -> dict[str, PlainValue]:
        mapping: dict[str, PlainValue] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            if isinstance(event, yaml.CollectionStartEvent):
                hint = "write `key: value`; put text that has [ or { in quotes"
                raise _refuse(event, "a list or mapping stands where a key belongs", hint)
            key = self._read_value(event) or ""
            if key in mapping:
                raise _refuse(event, f"the key {key!r} is there twice", "delete one of the two")
            if key == "<<" and not event.style:
                message = "the merge key <<: merge keys are not used in a ledger"
                raise _refuse(event, message, "write the keys out")
            mapping[key] = self._read_value(self._next(), depth + 1)
        return mapping

    def _reject_spelled_characters(self, event: Any) -> None:
        for found in dict.fromkeys(_SPELLED_CHARACTER.findall(event.value)):
            # A customer's own words may hold marks of direction, but nobody spells them.
            if found < "\u2000" or found not in self._text:
                message = f"the escape of U+{ord(found):04X}, a character that no text may have"
                raise _refuse(event, message, "delete it")


def _refuse(event: Any, message: str, hint: str) -> YamlSyntaxError:
    return YamlSyntaxError(message, _span_of(event), hint)


def _refuse_property(event: Any) -> YamlSyntaxError:
    """Return what to say of an alias, or of an event with an anchor or a tag."""
    if isinstance(event, yaml.AliasEvent):
        name, kind, hint = f"*{event.anchor}", "alias", "write the value out"
    elif event.anchor is not None:
        name, kind = f"&{event.anchor}", "anchor"
        hint = "delete it, and write the value out wherever it is wanted"
    else:
        name, kind = event.tag.replace(_CORE_TAGS, "!!"), "tag"
        hint = "delete it; put text that begins with ! in quotes"
    span, many = _span_of(event), "aliases" if kind == "alias" else f"{kind}s"
    narrow = Span(span.line, span.column, min(span.width, len(name)))
    return YamlSyntaxError(f"the {kind} {name}: {many} are not used in a ledger", narrow, hint)


def _reject_tabs(text: str) -> None:
    """Refuse a tab between values; inside a text or a comment it is a character like others."""
    outside = [*text]
    for event in _list_scalars(text):
        start, end = event.start_mark.index, event.end_mark.index
        outside[start:end] = "x" * (end - start)
    if match := _TAB_BEFORE_COMMENT.search("".join(outside)):
        span = _find_span(text, match.start(1))
        raise YamlSyntaxError("a tab stands where spaces belong", span, "use spaces")


def _list_scalars(text: str) -> Iterator[Any]:
    events = yaml.parse(text, _Loader)
    return (event for event in events if isinstance(event, yaml.ScalarEvent))


def _find_span(text: str, offset: int, width: int = 1) -> Span:
    """Return the place of the character at ``offset``."""
    before = split_lines(text[:offset])
    return Span(len(before), len(before[-1]) + 1, width)


def _span_of(event: Any) -> Span:
    start, end = event.start_mark, event.end_mark
    width = max(end.column - start.column, 1) if end.line == start.line else 1
    return Span(start.line + 1, start.column + 1, width)


def _explain_parser_error(error: yaml.YAMLError, text: str) -> YamlSyntaxError:
    """Return what to tell the author of ``text``."""
    said, span = str(getattr(error, "problem", None) or error), _find_error(error)
    line = (split_lines(text) + [""] * span.line)[span.line - 1]
    before = line[: span.column - 1]
    if "\t" in line[: span.column]:
        tab = Span(span.line, line.index("\t") + 1)
        return YamlSyntaxError("a tab stands where spaces belong", tab, "use spaces")
    if "mapping values are not allowed" in said and ": " not in before:
        start = Span(span.line, len(line) - len(line.lstrip()) + 1)
        return YamlSyntaxError("indented deeper than the line above", start, "line the keys up")
    if "did not find expected" in said and before.rstrip().endswith(("'", '"')):
        message = "text goes on after its closing quote"
        return YamlSyntaxError(message, span, "put all of it in quotes, or nothing")
    ours = (words for said_by_parser, *words in _WORDS if said_by_parser in said)
    message, hint = next(ours, (f"not YAML: {said}", "write it like the records beside it"))
    if "in { }" in message and " #" in line:  # It begins a comment, and hides the bracket.
        hint = "put text that has a ` #` in quotes"
    return YamlSyntaxError(message, span, hint)


def _find_error(error: Any) -> Span:
    problem, context = (getattr(error, f"{name}_mark", None) for name in ("problem", "context"))
    mark = problem or context
    if problem is not None and context is not None:
        # What has no end is best corrected where it begins, not where the parser gave up.
        begins = str(error.context).endswith(("quoted scalar", "simple key"))
        has_no_end = "flow" in str(error.context) and problem.line > context.line
        mark = context if begins or has_no_end else problem
    return Span(1, 1) if mark is None else Span(mark.line + 1, mark.column + 1)


_NO_QUOTE = ("a text in quotes has no end", "add the missing quote")
# What the parser says; our message, and our hint.
_WORDS = (
    ("cannot start any token", "this character cannot begin a value", "put the text in quotes"),
    ("mapping values are not", "a second `: ` on one line", "put text that has a colon in quotes"),
    (
        "did not find expected key",
        "here should be a key, indented like those above",
        "line the keys up; put text with quotes in it in quotes",
    ),
    ("'-' indicator", "here should be a `- `, indented like those above", "line the items up"),
    (
        "could not find expected ':'",
        "a line that is neither `key: value` nor indented text",
        "write `key: value`, with a space after the colon",
    ),
    ("']'", "a list in [ ] has no end, or a comma is missing", "add the missing `,` or `]`"),
    ("'}'", "a mapping in { } has no end, or a comma is missing", "add the missing `,` or `}`"),
    (
        "did not find expected node content",
        "a value is missing here",
        "write it, or delete the comma or bracket too many",
    ),
    ("found unexpected end of stream", *_NO_QUOTE),
    ("found unexpected document indicator", *_NO_QUOTE),
    (
        "found unknown escape character",
        "not an escape that double quotes know",
        r"write \\ for a backslash, or use single quotes",
    ),
    ("<document start>", "here the file should have ended", "indent the line like those above"),
    ("sequence entries", "a list cannot begin here", "put its first `- ` on a line of its own"),
)
