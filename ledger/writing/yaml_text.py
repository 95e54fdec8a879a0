"""The text of a record's fields, as YAML has it, and texts that somebody typed.

Fields are written plain where that is safe, in quotes where it is not. The value of a field is
text, a whole number, a date, an amount of money, or a list of texts or of records. A field that is
None is not written.
"""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from ledger.errors import LedgerError

Scalar = str | int | date | Decimal
Field = Scalar | Sequence[Scalar] | Sequence[Mapping[str, Any]]
Fields = Mapping[str, Field | None]

LINE_WIDTH = 100
INDENT = 2
_TEXT_TAG = "tag:yaml.org,2002:str"
_RESOLVER: Any = yaml.resolver.Resolver()  # its stubs say nothing of its methods
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff"
CONTROLS = re.compile(f"[{_CONTROL}]")
_NOT_PLAIN = re.compile(rf"^[-?:,\[\]{{}}#&*!|>'\"%@`<=\s]|: | #|[:\s]\Z|[\t\n{_CONTROL}]")
_NOT_PLAIN_IN_FLOW = re.compile(r"[,\[\]{}]|:\?")


def read_line(what: str, text: str) -> str:
    """As ``read_text``, and refuse a text of several lines."""
    line = read_text(what, text)
    if "\n" in line:
        raise LedgerError(f"the {what} has more than one line")
    return line


def read_text(what: str, text: str) -> str:
    """Return what was typed, without spaces at line ends; a LedgerError if no file may hold it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cleaned = "\n".join(line.rstrip() for line in lines).strip()
    if not cleaned:
        raise LedgerError(f"the {what} is empty")
    if found := CONTROLS.search(cleaned):
        raise LedgerError(f"the {what} holds a character that no file may (U+{ord(found[0]):04X})")
    return cleaned


def to_plain(value: Any) -> Any:
    """Return a value or a record as the YAML reader reads it back: mappings, lists and text."""
    if isinstance(value, Mapping):
        return {key: to_plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, (list, tuple)):
        return [to_plain(item) for item in value]
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool):
        return str(value).lower()
    return value.isoformat() if isinstance(value, date) else str(value)


def format_flow(value: Field | Fields, *, in_flow: bool = True) -> str:
    """Return a value or record on one line, ``{id: 17-1}``; ``in_flow``, commas are quoted."""
    if isinstance(value, Mapping):
        pairs = (f"{key}: {format_flow(item)}" for key, item in value.items() if item is not None)
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(format_flow, value)) + "]"
    text: str = to_plain(value)
    if not isinstance(value, str) or _is_plain(text, in_flow=in_flow):
        return text
    quoted = json.dumps(text, ensure_ascii=False)  # YAML has all of JSON's escapes, and needs more.
    return CONTROLS.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def format_block(fields: Fields, column: int = 0) -> list[str]:
    """Return a record as lines, a field a line or more, each indented to ``column``."""
    return [
        line
        for key, value in fields.items()
        if value is not None
        for line in _format_field(f"{' ' * column}{key}:", value, " " * (column + INDENT))
    ]


def _format_field(start: str, value: Field, indent: str) -> list[str]:
    if isinstance(value, (list, tuple)) and value and isinstance(value[0], Mapping):
        return [start, *(f"{indent}- {format_flow(item)}" for item in value)]
    line = f"{start} {format_flow(value, in_flow=False)}"
    if not isinstance(value, str) or CONTROLS.search(value):
        return [line]
    if "\n" in value and value.strip() and not value.endswith("\n\n"):
        lines = value.removesuffix("\n").split("\n")
        if not any(part.isspace() for part in lines):
            header = "|" if value.endswith("\n") else "|-"
            if next(part for part in lines if part)[0] in " \t":
                header = f"|{INDENT}{header[1:]}"
            return [f"{start} {header}", *(f"{indent}{part}" if part else "" for part in lines)]
    is_foldable = value == value.strip() and not re.search("  |[\t\n]", value)
    if len(line) <= LINE_WIDTH or not is_foldable:
        return [line]
    width = LINE_WIDTH - len(indent)
    wrapped = textwrap.wrap(value, width, break_long_words=False, break_on_hyphens=False)
    return [f"{start} >-", *(f"{indent}{part}" for part in wrapped)]


def _is_plain(text: str, *, in_flow: bool) -> bool:
    """Whether a text means itself without quotes, to us and to readers that guess types."""
    if not text or _NOT_PLAIN.search(text) or (in_flow and _NOT_PLAIN_IN_FLOW.search(text)):
        return False
    return bool(_RESOLVER.resolve(yaml.ScalarNode, text, (True, False)) == _TEXT_TAG)
