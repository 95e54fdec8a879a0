"""A fast reader of the plainest YAML, the form in which this program writes files itself.

It takes a list of flat records, or one record with lists and records below its keys, a key a line,
with plain text, double-quoted text without escapes, blocks of text, one-line ``{…}`` and ``[…]``,
and comments. What it takes it reads as ``ledger.reading.yaml_source`` does; about anything else,
right or wrong, it has no opinion. The full reader stays the judge: a test holds the two against
each other.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from typing import Any

from ledger.ledger_files import MAX_FILE_BYTES

_ORDINARY_BYTES = bytes([0x0A, *range(0x20, 0x7F)])
_ODD_CHARACTER = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)
_LEADING_COMMENTS = re.compile("^(?:(?: *#[^\n]*)?\n)*")
_LINE_START = re.compile("(- |  - |    |  |)([A-Za-z_]{1,60})")
_PLAIN_STARTS = frozenset(string.ascii_letters + string.digits + "(/")
_DIGITS = frozenset(string.digits)
_BREAKS_RULE = re.compile(": (?!-[0-9]|[A-Za-z0-9(/])")
_FLOW_BREAKS_RULE = re.compile(r"[\[\]{}?#]|:(?![ \w])")
_BELOW = {"": "  ", "  ": "    ", "    ": "      ", "  - ": "      "}
_BLOCK_HEADERS = frozenset({"|", "|-", ">", ">-"})
_MOST_STARTS = 200

Record = dict[str, Any]


class _NotCanonicalError(Exception):
    """The text is not of the plain form; the full reader knows what it is."""


def parse_canonical(source: bytes) -> list[Record] | Record | None:
    """Return the value of a file, or None if it is not of the plain form."""
    text = _decode_plain(source) if _may_be_plain(source) else None
    if text is None:
        return None
    try:
        text = _LEADING_COMMENTS.sub("", text, count=1)
        if not text.startswith("- "):
            return _read_record(text)
        return _read_list(text) if _has_more_than_lines(text) else _read_list_lines(text)
    except _NotCanonicalError:
        return None


def join_plain(sources: Sequence[bytes], start: bytes) -> str | None:
    """Return the text of files in a row, if they are such as ``parse_canonical`` may take.

    Args:
        sources: the files' bytes.
        start: how each of them must begin.
    """
    for source in sources:
        if not source.startswith(start) or not _may_be_plain(source):
            return None
    # They end where lines do, and so no character and no line reaches from one into the next.
    return _decode_plain(b"".join(sources))


def _may_be_plain(source: bytes) -> bool:
    return len(source) <= MAX_FILE_BYTES and source.endswith(b"\n")


def _decode_plain(source: bytes) -> str | None:
    """Return a text that has nothing but printed characters and ends of lines."""
    if source.isascii():
        return None if source.translate(None, _ORDINARY_BYTES) else source.decode("ascii")
    try:
        text = source.decode()
    except UnicodeDecodeError:
        return None
    return None if _ODD_CHARACTER.search(text) else text


def _has_more_than_lines(text: str) -> bool:
    """Whether not every line is plainly ``key: value``, with nothing that could end a value."""
    return (
        " #" in text
        or " \n" in text
        or ":\n" in text
        or "\n\n" in text
        or "\n#" in text
        or "- {" in text
        or _BREAKS_RULE.search(text) is not None
    )


class _LineStarts(dict[str, tuple[str, str]]):
    """What stands before a value: the indent or the dash of an item, and the key."""

    def __missing__(self, start: str) -> tuple[str, str]:
        match = _LINE_START.fullmatch(start)
        if match is None:
            raise _NotCanonicalError
        found = (match[1], match[2])
        if len(self) < _MOST_STARTS:
            self[start] = found
        return found


_LINE_STARTS = _LineStarts()


def _read_list_lines(text: str) -> list[Record]:
    items: list[Record] = []
    item: Record = {}
    lines = text[:-1].split("\n")
    for line in lines:
        start, colon, value = line.partition(": ")
        indent, key = _LINE_STARTS[start]
        if indent == "- ":
            item = {}
            items.append(item)
        elif indent != "  ":
            raise _NotCanonicalError
        if not colon or ": " in value:
            raise _NotCanonicalError
        item[key] = value
    if sum(map(len, items)) != len(lines):
        raise _NotCanonicalError  # a key is there twice
    return items


def _read_list(text: str) -> list[Record]:
    items: list[Record] = []
    item: Record | None = None
    lines = _Lines(text)
    for line in lines:
        if line.startswith("- {"):
            items.append(_read_flow(line.removeprefix("- ")))
            item = None
            continue
        indent, key, value = _split(line)
        if indent == "- ":
            item = {}
            items.append(item)
        elif indent != "  " or item is None:
            raise _NotCanonicalError
        _set_new(item, key, None if value is None else _read_value(value, lines, "    "))
    return items


def _read_record(text: str) -> Record:
    record: Record = {}
    part = record  # what is below the last key: a record, or an item of a list
    open_key = ""  # below which something may follow
    lines = _Lines(text)
    for line in lines:
        if line.startswith("  - {"):
            _open_list(record, open_key).append(_read_flow(line.removeprefix("  - ")))
            part = record
            continue
        indent, key, value = _split(line)
        if indent == "":
            part, open_key = record, key if value is None else ""
        elif indent == "  ":
            part = _open_part(record, open_key)
        elif indent == "  - ":
            part = {}
            _open_list(record, open_key).append(part)
        elif indent == "- " or part is record or part is record[open_key]:
            raise _NotCanonicalError
        _set_new(part, key, None if value is None else _read_value(value, lines, _BELOW[indent]))
    if not record:
        raise _NotCanonicalError
    return record


def _open_list(record: Record, key: str) -> list[Record]:
    """Return the list below a key, which may begin here."""
    items = record.get(key, ()) if key else ()
    if items is None:
        items = record[key] = []
    if not isinstance(items, list):
        raise _NotCanonicalError
    return items


def _open_part(record: Record, key: str) -> Record:
    """Return the record below a key, which may begin here."""
    part = record.get(key, ()) if key else ()
    if part is None:
        part = record[key] = {}
    if not isinstance(part, dict):
        raise _NotCanonicalError
    return part


def _set_new(record: Record, key: str, value: Any) -> None:
    if key in record:
        raise _NotCanonicalError
    record[key] = value


class _Lines:
    """The lines of a text without comments; a block of text is taken at once, as it is."""

    def __init__(self, text: str) -> None:
        self._lines = text[:-1].split("\n")
        self._next = 0

    def __iter__(self) -> Iterator[str]:
        while self._next < len(self._lines):
            self._next += 1
            line = _cut_comment(self._lines[self._next - 1])
            if line:
                yield line

    def take_block(self, indent: str) -> list[str]:
        """Return the lines that follow with at least this indent, without it, and empty ones."""
        first = self._next
        while self._next < len(self._lines):
            line = self._lines[self._next]
            if line and not line.startswith(indent):
                break
            self._next += 1
        return [line.removeprefix(indent) for line in self._lines[first : self._next]]


def _cut_comment(line: str) -> str:
    if "#" not in line:
        return line
    if line.lstrip(" ").startswith("#"):
        return ""
    before = line.partition(" #")[0]
    if '"' not in before:
        return before.rstrip(" ")
    if line.endswith('"'):
        return line  # the sign is part of quoted text, or else it is found later
    raise _NotCanonicalError


def _split(line: str) -> tuple[str, str, str | None]:
    """Return what stands before the key of a line, the key, and the value if there is one."""
    start, colon, value = line.partition(": ")
    if colon:
        return *_LINE_STARTS[start], value
    if not line.endswith(":"):
        raise _NotCanonicalError
    return *_LINE_STARTS[line[:-1]], None


def _read_value(value: str, lines: _Lines, indent: str) -> str | Record | list[str]:
    if value in _BLOCK_HEADERS:
        return _join_block(value, lines.take_block(indent))
    if value.startswith('"'):
        return _unquote(value)
    if value.startswith("{"):
        return _read_flow(value)
    if value.startswith("["):
        return _read_flow_list(value)
    if not _starts_plain(value) or value[-1] in " :" or ": " in value or " #" in value:
        raise _NotCanonicalError
    return value


def _join_block(header: str, lines: list[str]) -> str:
    if not lines or not lines[0] or not lines[-1] or lines[0][0] == " ":
        raise _NotCanonicalError
    if any(line.endswith(" ") for line in lines):
        raise _NotCanonicalError
    end = "" if header.endswith("-") else "\n"
    if header.startswith("|"):
        return "\n".join(lines) + end
    if any(not line or line[0] == " " for line in lines):
        raise _NotCanonicalError
    return " ".join(lines) + end


def _read_flow(flow: str) -> Record:
    record: Record = {}
    for part in _split_flow(flow, "}"):
        start, _colon, value = part.partition(": ")
        indent, key = _LINE_STARTS[start]
        if indent:
            raise _NotCanonicalError
        _set_new(record, key, _read_flow_value(value))
    return record


def _read_flow_list(flow: str) -> list[str]:
    return [_read_flow_value(part) for part in _split_flow(flow, "]")]


def _split_flow(flow: str, end: str) -> list[str]:
    inside = flow[1:-1]
    parts = inside.split(", ")
    if flow[-1] != end or _FLOW_BREAKS_RULE.search(inside) or inside.count(",") >= len(parts):
        raise _NotCanonicalError
    return parts


def _read_flow_value(value: str) -> str:
    if ": " in value:
        raise _NotCanonicalError
    if value.startswith('"'):
        return _unquote(value)
    if not _starts_plain(value) or value[-1] == " ":
        raise _NotCanonicalError
    return value


def _starts_plain(value: str) -> bool:
    first = value[:1]
    if first == "-":
        return value[1:2] in _DIGITS
    return first in _PLAIN_STARTS or first.isalpha()


def _unquote(value: str) -> str:
    inside = value[1:-1]
    if len(value) == 1 or value[-1] != '"' or '"' in inside or "\\" in inside:
        raise _NotCanonicalError
    return inside
