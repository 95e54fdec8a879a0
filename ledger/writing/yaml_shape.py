"""Where the parts of a YAML file stand in its text, so that a record can be put among them.

The parser's own marks are exact for values on a line and for what stands in brackets; where a
block ends they include the blank lines and comments below it, so that is worked out here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeGuard

import yaml
from yaml.cyaml import CBaseLoader

from ledger.reading.yaml_source import parse_yaml
from ledger.reading.yaml_text import BYTE_ORDER_MARK, PlainValue, decode_source

_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_DOCUMENT_END = re.compile("^[.]{3}(?=[ \t\r\n]|$)", re.MULTILINE)
_BLANKS_AND_COMMENTS = re.compile("(?:[ \t\r\n\x85\u2028\u2029]|#[^\r\n\x85\u2028\u2029]*)*")


@dataclass(frozen=True, slots=True)
class YamlShape:
    """A file's text and the tree of what stands in it.

    Attributes:
        mark: the byte order mark, if the file has one.
        text: the text after it.
        root: the tree; None if the file holds nothing.
        value: the plain value; see ``ledger.reading.yaml_source``.
    """

    mark: bytes
    text: str
    root: yaml.Node | None
    value: PlainValue

    @property
    def line_end(self) -> str:
        """How the file ends its lines."""
        found = _LINE_END.search(self.text)
        return found[0] if found and found[0] in {"\r\n", "\r"} else "\n"

    @property
    def end(self) -> int:
        """Where the document ends: the end of the text, or before its ``...`` line."""
        found = _DOCUMENT_END.search(self.text)
        return found.start() if found else len(self.text)

    @property
    def ends_its_last_line(self) -> bool:
        """Whether the last line has a line end, as it should."""
        return not self.text or _LINE_END.fullmatch(self.text[-1]) is not None

    def find_content_end(self, node: yaml.Node) -> int:
        """Return where the last word of ``node`` ends."""
        leaf = _find_last_leaf(node)
        if not is_block_scalar(leaf):
            return end_of(leaf)
        if self.keeps_blank_lines(leaf):
            return end_of(leaf) - 1
        content = self.text[start_of(leaf) : end_of(leaf)]
        return start_of(leaf) + len(content.rstrip(" \t\r\n\x85\u2028\u2029"))

    def keeps_blank_lines(self, node: yaml.Node) -> bool:
        """Whether blank lines below ``node`` belong to its last text: it begins with ``|+``."""
        leaf = _find_last_leaf(node)
        header = self.text[start_of(leaf) : self.find_line_end(start_of(leaf))]
        return is_block_scalar(leaf) and "+" in header.partition("#")[0]

    def find_line_end(self, offset: int) -> int:
        """Return where the line that ``offset`` is in ends, before its line end."""
        found = _LINE_END.search(self.text, offset)
        return found.start() if found else len(self.text)

    def find_next_line(self, offset: int) -> int:
        """Return where the line after the one that ``offset`` is in begins."""
        found = _LINE_END.search(self.text, offset)
        return found.end() if found else len(self.text)

    def find_line_start(self, offset: int) -> int:
        """Return where the line that ``offset`` is in begins."""
        ends = [match.end() for match in _LINE_END.finditer(self.text, 0, offset)]
        return ends[-1] if ends else 0

    def has_blank_line(self, start: int, end: int) -> bool:
        """Whether there is an empty line between two places."""
        return any(not line.strip() for line in _LINE_END.split(self.text[start:end])[1:-1])

    def ends_blank(self, offset: int) -> bool:
        """Whether the line before the line start ``offset`` is empty."""
        lines = _LINE_END.split(self.text[:offset])
        return len(lines) < 3 or not lines[-2].strip()  # noqa: PLR2004  # the text begins there

    def has_comma(self, start: int, end: int) -> bool:
        """Whether a comma stands between two places of a bracket, comments left aside."""
        found = _BLANKS_AND_COMMENTS.match(self.text, start, end)
        return found is not None and self.text[found.end() : found.end() + 1] == ","


def read_shape(source: bytes) -> YamlShape:
    """Return the shape of a file.

    Raises:
        YamlSyntaxError: it is not YAML, or uses what ledger files do without.
    """
    value = parse_yaml(source)
    text = decode_source(source)
    mark = BYTE_ORDER_MARK if source.startswith(BYTE_ORDER_MARK) else b""
    root: yaml.Node | None = yaml.compose(text, CBaseLoader)
    return YamlShape(mark, text, None if value is None else root, value)


def is_block_list(node: yaml.Node | None) -> TypeGuard[yaml.SequenceNode]:
    """Whether ``node`` is a list with a ``-`` before each item."""
    return isinstance(node, yaml.SequenceNode) and not node.flow_style


def is_flow_list(node: yaml.Node | None) -> TypeGuard[yaml.SequenceNode]:
    """Whether ``node`` is a list in ``[ ]``."""
    return isinstance(node, yaml.SequenceNode) and bool(node.flow_style)


def is_block_mapping(node: yaml.Node | None) -> TypeGuard[yaml.MappingNode]:
    """Whether ``node`` is a mapping with a key a line."""
    return isinstance(node, yaml.MappingNode) and not node.flow_style


def is_block_scalar(node: yaml.Node) -> bool:
    """Whether ``node`` is a text under ``|`` or ``>``."""
    return isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")


def is_empty(node: yaml.Node) -> bool:
    """Whether ``node`` is a value that is not written."""
    return isinstance(node, yaml.ScalarNode) and not node.value and not node.style


def find_pair(node: yaml.Node | None, key: str) -> tuple[yaml.Node, yaml.Node] | None:
    """Return the key and the value of ``key`` in a mapping; None if it is not there."""
    if not isinstance(node, yaml.MappingNode):
        return None
    for found, value in node.value:
        if found.value == key:
            return found, value
    return None


def start_of(node: yaml.Node) -> int:
    """Return where ``node`` begins in the text."""
    return int(node.start_mark.index)


def end_of(node: yaml.Node) -> int:
    """Return where the parser says that ``node`` ends."""
    return int(node.end_mark.index)


def column_of(node: yaml.Node) -> int:
    """Return the column, from 0, in which ``node`` begins."""
    return int(node.start_mark.column)


def _find_last_leaf(node: yaml.Node) -> yaml.Node:
    """Return what stands last in ``node``: a value, or something in brackets."""
    if is_block_list(node):
        return _find_last_leaf(node.value[-1])
    if is_block_mapping(node):
        return _find_last_leaf(node.value[-1][1])
    return node
