"""The text of a file before it is YAML: size, encoding, lines, and what may not stand in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from ledger.files.source import MAX_FILE_BYTES

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_CONFLICT_MARKER = re.compile(rb"^(<{7}|>{7}|\|{7})( |\r?$)", re.MULTILINE)
_MARKER_LENGTH = 7
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
# All but those that YAML allows, and the byte order mark; these are named, because to compile a
# pattern of the others, which are many more, takes every command 8 ms.
_FORBIDDEN_CHARACTER = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]"
)
Path = tuple[str | int, ...]
"""Where a value stands in a file: keys and places in lists."""

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
    if source.startswith(UTF_16_MARKS):
        raise YamlSyntaxError("the file is UTF-16, not UTF-8", Span(1, 1), "save it as UTF-8")
    source = source.removeprefix(BYTE_ORDER_MARK)
    text = _decode_utf_8(source)
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


def split_lines(text: str) -> list[str]:
    """Return the lines, ended as YAML ends them: ``str.splitlines`` knows more line ends."""
    return _LINE_END.split(text)


def find_span(text: str, offset: int, width: int = 1) -> Span:
    """Return where the character at ``offset`` stands."""
    before = split_lines(text[:offset])
    return Span(len(before), len(before[-1]) + 1, width)


def _decode_utf_8(source: bytes) -> str:
    try:
        return source.decode()
    except UnicodeDecodeError as error:
        before = source[: error.start].decode()
        raise YamlSyntaxError(
            f"the byte 0x{source[error.start]:02X} is not UTF-8",
            find_span(before, len(before)),
            "save the file as UTF-8",
        ) from None
