"""The fields of a record as YAML text: plain where that is safe, in quotes where it is not.

A field's value is text, a whole number, a date, an amount of money, or a list of texts or of
records. What is left out (None) is not written.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, TypeGuard

import yaml

from ledger.text import format_money

Scalar = str | int | date | Decimal
Field = Scalar | Sequence[Scalar] | Sequence[Mapping[str, Any]]
Fields = Mapping[str, Field | None]

LINE_WIDTH = 100
_INDENT = 2
_TEXT_TAG = "tag:yaml.org,2002:str"
_RESOLVER: Any = yaml.resolver.Resolver()  # its stubs say nothing of its methods
_FIRST_INDICATORS = "-?:,[]{}#&*!|>'\"%@`<="
_FLOW_INDICATORS = re.compile(r"[,\[\]{}]|:\?")
_SHORT_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}
_NEEDS_ESCAPE = re.compile('[\\\\"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
_BREAKS_LINE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]"
)


def to_plain(fields: Fields) -> dict[str, Any]:
    """Return a record as our reader reads it back: mappings and lists of text."""
    return {key: _to_plain(value) for key, value in fields.items() if value is not None}


def format_flow(fields: Fields) -> str:
    """Return a record on one line: ``{id: 17-1, date: 2026-11-17}``."""
    parts = (f"{key}: {_format_flow_value(value)}" for key, value in _present(fields))
    return "{" + ", ".join(parts) + "}"


def format_block(fields: Fields, column: int = 0) -> list[str]:
    """Return a record as lines, a field a line or more, each indented to ``column``."""
    return [line for key, value in _present(fields) for line in format_field(key, value, column)]


def format_field(key: str, value: Field, column: int = 0) -> list[str]:
    """Return the lines of one field of a record in block style."""
    start = f"{' ' * column}{key}:"
    if _is_records(value):
        indent = " " * (column + _INDENT)
        return [start, *(f"{indent}- {format_flow(item)}" for item in value)]
    text = to_text(value) if isinstance(value, str) else ""
    if _is_lines(text):
        lines = text.removesuffix("\n").split("\n")
        return [f"{start} {_literal_header(text)}", *_indent(lines, column)]
    line = f"{start} {_format_flow_value(value, in_flow=False)}"
    if text and len(line) > LINE_WIDTH and _is_foldable(text):
        wrapped = textwrap.wrap(
            text, LINE_WIDTH - column - _INDENT, break_long_words=False, break_on_hyphens=False
        )
        return [f"{start} >-", *_indent(wrapped, column)]
    return [line]


def format_scalar(value: Scalar, *, in_flow: bool = True) -> str:
    """Return one value, in double quotes if it could be read as something else."""
    text = to_text(value)
    if not isinstance(value, str) or _is_plain(text, in_flow=in_flow):
        return text
    return '"' + _NEEDS_ESCAPE.sub(_escape, text) + '"'


def to_text(value: Scalar) -> str:
    """Return what a reader reads a value as."""
    if isinstance(value, Decimal):
        return format_money(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def _to_plain(value: Field) -> Any:
    if _is_records(value):
        return [to_plain(item) for item in value]
    if _is_list(value):
        return [to_text(item) for item in value]
    return to_text(value)  # type: ignore[arg-type]  # a list it is not


def _present(fields: Fields) -> Iterator[tuple[str, Field]]:
    return ((key, value) for key, value in fields.items() if value is not None)


def _format_flow_value(value: Field, *, in_flow: bool = True) -> str:
    if _is_records(value):
        return "[" + ", ".join(format_flow(item) for item in value) + "]"
    if _is_list(value):
        return "[" + ", ".join(format_scalar(item) for item in value) + "]"
    return format_scalar(value, in_flow=in_flow)  # type: ignore[arg-type]  # a list it is not


def _is_list(value: Field) -> TypeGuard[Sequence[Scalar]]:
    return isinstance(value, (list, tuple))


def _is_records(value: Field) -> TypeGuard[Sequence[Mapping[str, Any]]]:
    return _is_list(value) and len(value) > 0 and isinstance(value[0], Mapping)


def _is_plain(text: str, *, in_flow: bool) -> bool:
    """Whether a text means itself without quotes, to us and to readers that guess types."""
    if not text or text != text.strip() or text[0] in _FIRST_INDICATORS:
        return False
    if ": " in text or " #" in text or text[-1] == ":" or "\t" in text or _breaks_line(text):
        return False
    if in_flow and _FLOW_INDICATORS.search(text):
        return False
    tag = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))
    return bool(tag == _TEXT_TAG)


def _breaks_line(text: str) -> bool:
    return "\n" in text or _BREAKS_LINE.search(text) is not None


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[char]
    return f"\\x{ord(char):02x}" if ord(char) <= 0xFF else f"\\u{ord(char):04x}"  # noqa: PLR2004


def _is_lines(text: str) -> bool:
    """Whether a text can stand as it is, line by line, under ``|``."""
    if "\n" not in text or _BREAKS_LINE.search(text):
        return False
    lines = text.split("\n")
    has_odd_blank = any(line and not line.strip() for line in lines)
    return bool(text.strip()) and not has_odd_blank and not text.endswith("\n\n")


def _literal_header(text: str) -> str:
    first = next(line for line in text.split("\n") if line)
    indicator = str(_INDENT) if first[0] in " \t" else ""
    return f"|{indicator}" if text.endswith("\n") else f"|{indicator}-"


def _is_foldable(text: str) -> bool:
    has_single_spaces = text == text.strip() and "  " not in text and "\t" not in text
    return has_single_spaces and not _breaks_line(text)


def _indent(lines: Sequence[str], column: int) -> list[str]:
    return [f"{' ' * (column + _INDENT)}{line}" if line else "" for line in lines]
