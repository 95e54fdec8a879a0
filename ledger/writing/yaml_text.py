"""The text of a YAML file, with its nodes and its plain value, and its change piece by piece.

A record's fields are written plain where that is safe, in quotes where it is not. The value of a
field is text, a whole number, a date, an amount of money, or a list of texts or of records. A field
that is None is not written.

The parser's marks are exact for values on a line and for what stands in brackets; where a block
ends they include the blank lines and comments below it, so that is worked out here.
"""

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import yaml
from yaml.cyaml import CBaseLoader

from ledger.errors import LedgerError
from ledger.files.yaml import (
    BYTE_ORDER_MARK,
    PlainValue,
    YamlSyntaxError,
    decode_source,
    parse_yaml,
)

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
BLANKS = " \t\r\n\x85\u2028\u2029"
LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_DOCUMENT_END = re.compile("^[.]{3}(?=[ \t\r\n]|$)", re.MULTILINE)

Splice = tuple[int, int, str]
"""From where to where (mostly nothing is between) a text is put."""

Node = Any
"""A ``yaml.Node``; the stubs say nothing of what is in it."""


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


class UneditableError(Exception):
    """A file is written in a way that it cannot be changed without changing the rest."""


class YamlText:
    """A file: its text, whose last line gets an end, node tree (None if empty) and plain value.

    Who edits it puts what the file is to say into ``value``, too.
    """

    def __init__(self, source: bytes | None) -> None:
        if source is None:
            raise UneditableError("the file is not there")
        self.text = decode_source(source)
        self._mark = BYTE_ORDER_MARK if source.startswith(BYTE_ORDER_MARK) else b""
        found = LINE_END.search(self.text)
        self.line_end = found[0] if found and found[0] in {"\r\n", "\r"} else "\n"
        if self.text and not LINE_END.fullmatch(self.text[-1]):
            self.text += self.line_end
        self.value: PlainValue = parse_yaml(self.text.encode())
        self.root: Node = None if self.value is None else yaml.compose(self.text, CBaseLoader)
        end = _DOCUMENT_END.search(self.text)
        self.end = end.start() if end else len(self.text)  # before its ``...`` line

    def apply(self, splices: Sequence[Splice]) -> bytes:
        """Return the edited file, which must say what ``value`` says now."""
        text = self.text
        for start, end, new in sorted(splices, reverse=True):
            text = text[:start] + new + text[end:]
        return confirm(self.encode(text), self.value)

    def encode(self, text: str) -> bytes:
        """Return the bytes of a text that takes the place of the file's."""
        return self._mark + text.encode("utf-8", "surrogatepass")

    def end_lines(self, lines: Sequence[str]) -> str:
        """Return lines as the file ends them."""
        return "".join(f"{line}{self.line_end}" for line in lines)

    def find_content_end(self, node: Node) -> int:
        """Return where the last word of ``node`` ends."""
        leaf, keeps_blank_lines = self._find_last_leaf(node)
        start, end = leaf.start_mark.index, leaf.end_mark.index
        if not is_block_scalar(leaf):
            return int(end)
        if keeps_blank_lines:
            return int(end) - 1
        return int(start) + len(self.text[start:end].rstrip(BLANKS))

    def find_line_end(self, offset: int) -> tuple[int, int]:
        """Return where the line that ``offset`` is in ends, and where the next one begins."""
        found = LINE_END.search(self.text, offset)
        return found.span() if found else (len(self.text), len(self.text))

    def wants_blank_line(self, items: Sequence[Node]) -> bool:
        """Whether an empty line stands between the last two items of a list."""
        if len(items) < 2 or self._find_last_leaf(items[-1])[1]:  # noqa: PLR2004  # no between
            return False
        between = self.text[self.find_content_end(items[-2]) : items[-1].start_mark.index]
        return any(not line.strip() for line in LINE_END.split(between)[1:-1])

    def _find_last_leaf(self, node: Node) -> tuple[Node, bool]:
        """Return what stands last in ``node``, and if blank lines belong to it, as to ``|+``."""
        while isinstance(node, yaml.CollectionNode) and not node.flow_style:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        header = LINE_END.split(self.text[node.start_mark.index :], maxsplit=1)[0]
        return node, is_block_scalar(node) and "+" in header.partition("#")[0]


def confirm(source: bytes, expected: PlainValue) -> bytes:
    """Return a file's bytes; an UneditableError says that they do not read as expected."""
    try:
        found = parse_yaml(source)
    except YamlSyntaxError as error:
        raise UneditableError(error.message) from error
    if found != expected:
        raise UneditableError("what is there would read differently")
    return source


def is_block_scalar(node: Node) -> bool:
    """Whether a value is a text of whole lines, below a ``|`` or ``>``."""
    return isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
