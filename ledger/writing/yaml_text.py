"""The text of a YAML file, with its nodes and its plain value, and its change piece by piece.

The parser's marks are exact for values on a line and for what stands in brackets; where a block
ends they include the blank lines and comments below it, so that is worked out here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import yaml
from yaml.cyaml import CBaseLoader

from ledger.files.yaml import (
    BYTE_ORDER_MARK,
    PlainValue,
    YamlSyntaxError,
    decode_source,
    parse_yaml,
)

BLANKS = " \t\r\n\x85\u2028\u2029"
LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_DOCUMENT_END = re.compile("^[.]{3}(?=[ \t\r\n]|$)", re.MULTILINE)

Splice = tuple[int, int, str]
"""From where to where (mostly nothing is between) a text is put."""

Node = Any
"""A ``yaml.Node``; the stubs say nothing of what is in it."""


class UneditableError(Exception):
    """A file is written in a way that it cannot be changed without changing the rest."""


class YamlText:
    """A file: the text, the node tree (None if nothing is there) and the plain value.

    A last line without an end gets one.
    """

    def __init__(self, source: bytes) -> None:
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

    def apply(self, splices: Sequence[Splice], change: Callable[[PlainValue], PlainValue]) -> bytes:
        """Return the edited file; its value must be what ``change`` makes of the value before."""
        text = self.text
        for start, end, new in sorted(splices, reverse=True):
            text = text[:start] + new + text[end:]
        return confirm(self.encode(text), change(self.value))

    def encode(self, text: str) -> bytes:
        """Return the bytes of a text that takes the place of the file's."""
        return self._mark + text.encode("utf-8", "surrogatepass")

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
        """Return what stands last in ``node``: a value, or something in brackets.

        And whether blank lines below belong to it, as to a text that begins with ``|+``.
        """
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
