"""Puts a record into a YAML file; every byte that was there stays as it is.

The new lines follow the style of the file: block or bracket items, indentation, blank lines
between items, line ends. What comes out is read back before it is returned: it must say what was
there before and the new record, and nothing else.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import NamedTuple

import yaml

from ledger.reading.yaml_source import parse_yaml
from ledger.reading.yaml_text import PlainValue, YamlSyntaxError
from ledger.writing.field_text import (
    Fields,
    Scalar,
    format_block,
    format_flow,
    format_scalar,
    to_plain,
    to_text,
)
from ledger.writing.yaml_shape import (
    YamlShape,
    column_of,
    end_of,
    find_pair,
    is_block_list,
    is_block_mapping,
    is_block_scalar,
    is_empty,
    is_flow_list,
    read_shape,
    start_of,
)

LONGEST_FLOW_LINE = 120
_INDENT = 2


class UneditableError(Exception):
    """A file is written in a way that nothing can be added to without changing the rest."""


class Splice(NamedTuple):
    """Puts ``text`` in place of the stretch from ``start`` to ``end``, which is mostly empty."""

    start: int
    end: int
    text: str


def make_file(fields: Fields) -> bytes:
    """Return a file that holds one record.

    Raises:
        UneditableError: the record cannot be written so that it reads back the same.
    """
    source = _join(format_block(fields), "\n").encode()
    return _confirm(source, to_plain(fields))


def add_item(source: bytes | None, fields: Fields) -> bytes:
    """Return a file's text with one more item at the end of its list.

    Args:
        source: the file's text; None if there is no such file yet.
        fields: the new item.

    Raises:
        UneditableError: the file is not a list, or nothing can be added to it.
    """
    shape = read_shape(source or b"")
    if shape.root is None:
        splices = [_append_block_item(shape, shape.end, None, 0, fields)]
    elif is_flow_list(shape.root) and not shape.root.value:
        splices = _replace_empty_list(shape, shape.root, fields)
    elif is_flow_list(shape.root):
        splices = _add_to_brackets(shape, shape.root, format_flow(fields))
    elif is_block_list(shape.root):
        column = column_of(shape.root)
        splices = [_append_block_item(shape, shape.end, shape.root, column, fields)]
    else:
        raise UneditableError("the file does not hold a list")
    return _apply(shape, splices, lambda value: [*(value or []), to_plain(fields)])


def add_to_list(source: bytes, key: str, fields: Fields) -> bytes:
    """Return a file's text with one more item at the end of the list under ``key``.

    Raises:
        UneditableError: the file is not a mapping, or nothing can be added to the list.
    """
    shape = read_shape(source)
    if not isinstance(shape.root, yaml.MappingNode):
        raise UneditableError("the file does not hold keys and values")
    pair = find_pair(shape.root, key)
    if pair is None:
        splices = _add_list_key(shape, shape.root, key, fields)
    else:
        splices = _add_to_key(shape, shape.root, pair[1], fields)
    return _apply(
        shape, splices, lambda value: {**value, key: [*(value.get(key) or []), to_plain(fields)]}
    )


def set_value(
    source: bytes, where: tuple[str, str], key: str, value: Scalar, order: Sequence[str]
) -> bytes:
    """Return a file's text in which an item of its list has ``value`` under ``key``.

    Args:
        source: the file's text.
        where: a key of the item and what it says there.
        key: the key to set.
        value: its value.
        order: the keys in the order in which people write them; a new one goes after those that
            come before it.

    Raises:
        UneditableError: there is no such item, or its value cannot be set.
    """
    shape = read_shape(source)
    index, item = _find_item(shape, where)
    pair = find_pair(item, key)
    if pair is None:
        splices = [_add_key(shape, item, key, value, order)]
    else:
        splices = [_replace_value(shape, pair[1], value)]
    return _apply(shape, splices, _setter(index, key, to_text(value)))


def add_value(
    source: bytes, where: tuple[str, str], key: str, value: Scalar, order: Sequence[str]
) -> bytes:
    """As ``set_value``, but a value that is there stays, and the two become a list.

    Raises:
        UneditableError: there is no such item, or nothing can be added to its value.
    """
    shape = read_shape(source)
    index, item = _find_item(shape, where)
    pair = find_pair(item, key)
    if pair is None or is_empty(pair[1]):
        return set_value(source, where, key, value, order)
    before = shape.value[index][key]
    after = [*(before if isinstance(before, list) else [before]), to_text(value)]
    return _apply(shape, _add_to_value(shape, pair[1], value), _setter(index, key, after))


def _apply(
    shape: YamlShape, splices: Sequence[Splice], change: Callable[[PlainValue], PlainValue]
) -> bytes:
    text = shape.text
    for splice in sorted(splices, reverse=True):
        text = text[: splice.start] + splice.text + text[splice.end :]
    source = shape.mark + text.encode("utf-8", "surrogatepass")
    try:
        return _confirm(source, change(shape.value))
    except UneditableError:
        if shape.ends_its_last_line:
            raise
        # A text that ends with the file gets its line end, as it would in any editor.
        whole = parse_yaml((shape.text + shape.line_end).encode())
        return _confirm(source, change(whole))


def _confirm(source: bytes, expected: PlainValue) -> bytes:
    try:
        found = parse_yaml(source)
    except YamlSyntaxError as error:
        raise UneditableError(error.message) from error
    if found != expected:
        raise UneditableError("what is there would read differently")
    return source


def _append_block_item(
    shape: YamlShape, at: int, node: yaml.SequenceNode | None, column: int, fields: Fields
) -> Splice:
    """Put an item at ``at``, the start of a line or the end of the text."""
    items = node.value if node is not None else []
    lines = _format_item(items, column, fields)
    start = "" if at < len(shape.text) or shape.ends_its_last_line else shape.line_end
    if _has_blank_lines_between(shape, items) and (start or not shape.ends_blank(at)):
        start += shape.line_end
    return Splice(at, at, start + _join(lines, shape.line_end))


def _format_item(items: Sequence[yaml.Node], column: int, fields: Fields) -> list[str]:
    indent = " " * column
    flow_line = f"{indent}- {format_flow(fields)}"
    if _prefers_flow(items, fields) and len(flow_line) <= LONGEST_FLOW_LINE:
        return [flow_line]
    offset = _find_key_offset(items, column)
    first, *rest = format_block(fields, column + offset)
    return [f"{indent}-{first[column + 1 :]}", *rest]


def _prefers_flow(items: Sequence[yaml.Node], fields: Fields) -> bool:
    if any(isinstance(value, str) and "\n" in value for value in fields.values()):
        return False
    in_flow = [bool(item.flow_style) for item in items if isinstance(item, yaml.MappingNode)]
    if not in_flow:
        return "by" in fields  # Events of a request are short; other records have a line a field.
    return in_flow.count(True) * 2 > len(in_flow) - in_flow[-1]


def _find_key_offset(items: Sequence[yaml.Node], column: int) -> int:
    for item in reversed(items):
        if is_block_mapping(item):
            return max(column_of(item) - column, _INDENT)
    return _INDENT


def _has_blank_lines_between(shape: YamlShape, items: Sequence[yaml.Node]) -> bool:
    if len(items) < 2 or shape.keeps_blank_lines(items[-1]):  # noqa: PLR2004  # no between
        return False
    return shape.has_blank_line(shape.find_content_end(items[-2]), start_of(items[-1]))


def _replace_empty_list(shape: YamlShape, node: yaml.Node, fields: Fields) -> list[Splice]:
    """Put a block item in the place of a file's ``[]``."""
    item = _append_block_item(shape, shape.end, None, 0, fields)
    end = end_of(node)
    while shape.text[end : end + 1] in {" ", "\t"}:
        end += 1
    is_alone = shape.find_line_start(start_of(node)) == start_of(node)
    if is_alone and end == shape.find_line_end(end):
        end = shape.find_next_line(end)
    if end >= item.start:
        start = item.text if not is_alone else item.text.removeprefix(shape.line_end)
        return [Splice(start_of(node), end, start)]
    return [Splice(start_of(node), end, ""), item]


def _add_to_brackets(shape: YamlShape, node: yaml.CollectionNode, entry: str) -> list[Splice]:
    """Put an entry behind the last one of a list in [ ] or a mapping in { }."""
    last = node.value[-1]
    first_part, last_part = last if isinstance(last, tuple) else (last, last)
    last_end, closing = end_of(last_part), end_of(node) - 1
    line_start = shape.find_line_start(closing)
    if line_start <= last_end or shape.text[line_start:closing].strip():
        return [Splice(last_end, last_end, f", {entry}")]
    has_comma = shape.has_comma(last_end, closing)
    begins_line = not shape.text[shape.find_line_start(start_of(first_part)) :][
        : column_of(first_part)
    ].strip()
    indent = column_of(first_part) if begins_line else column_of(node) + _INDENT
    line = f"{' ' * indent}{entry}{',' if has_comma else ''}{shape.line_end}"
    comma = [] if has_comma else [Splice(last_end, last_end, ",")]
    return [*comma, Splice(line_start, line_start, line)]


def _add_list_key(
    shape: YamlShape, root: yaml.MappingNode, key: str, fields: Fields
) -> list[Splice]:
    if root.flow_style:
        return _add_to_brackets(shape, root, f"{key}: [{format_flow(fields)}]")
    column = column_of(root)
    lines = [f"{' ' * column}{key}:", *_format_item((), column + _INDENT, fields)]
    start = "" if shape.ends_its_last_line else shape.line_end
    return [Splice(shape.end, shape.end, start + _join(lines, shape.line_end))]


def _add_to_key(
    shape: YamlShape, root: yaml.MappingNode, value: yaml.Node, fields: Fields
) -> list[Splice]:
    if is_block_list(value):
        is_last = root.value[-1][1] is value and not root.flow_style
        content_end = shape.find_content_end(value)
        at = shape.end if is_last else shape.find_next_line(content_end)
        return [_append_block_item(shape, at, value, column_of(value), fields)]
    if is_flow_list(value) and value.value:
        return _add_to_brackets(shape, value, format_flow(fields))
    if root.flow_style:
        if is_flow_list(value):
            return [Splice(start_of(value) + 1, start_of(value) + 1, format_flow(fields))]
        return [_fill_in(shape, end_of(value), f"[{format_flow(fields)}]")]
    if not (is_flow_list(value) or is_empty(value)):
        raise UneditableError("what stands there is no list")
    return _start_list(shape, root, value, fields)


def _start_list(
    shape: YamlShape, root: yaml.MappingNode, value: yaml.Node, fields: Fields
) -> list[Splice]:
    """Put a first item under a key that has nothing, or ``[]``."""
    at = shape.find_next_line(end_of(value))
    item = _append_block_item(shape, at, None, column_of(root) + _INDENT, fields)
    start = start_of(value)
    while shape.text[start - 1] in " \t":
        start -= 1
    return [item] if is_empty(value) else [Splice(start, end_of(value), ""), item]


def _find_item(shape: YamlShape, where: tuple[str, str]) -> tuple[int, yaml.MappingNode]:
    key, wanted = where
    items = shape.value if isinstance(shape.value, list) else []
    for index, item in enumerate(items):
        if isinstance(item, dict) and str(item.get(key)).casefold() == wanted.casefold():
            root: yaml.SequenceNode = shape.root  # type: ignore[assignment]  # as the value is
            return index, root.value[index]
    raise UneditableError(f"it has no item with {key}: {wanted}")


def _setter(index: int, key: str, value: PlainValue) -> Callable[[PlainValue], PlainValue]:
    def change(items: PlainValue) -> PlainValue:
        changed = copy.deepcopy(items)
        changed[index][key] = value
        return changed

    return change


def _replace_value(shape: YamlShape, node: yaml.Node, value: Scalar) -> Splice:
    if not isinstance(node, yaml.ScalarNode) or is_block_scalar(node):
        raise UneditableError("what stands there is not one value on a line")
    start, text = start_of(node), format_scalar(value)
    if not is_empty(node):
        return Splice(start, end_of(node), text)
    return _fill_in(shape, start, text)


def _fill_in(shape: YamlShape, at: int, text: str) -> Splice:
    """Put a value where there was none: behind the colon, or before what closes the brackets."""
    after = shape.text[at : at + 2].ljust(2)
    if after[0] == " " and after[1] not in " #":
        return Splice(at + 1, at + 1, text)
    return Splice(at, at, text if shape.text[at - 1] == " " else f" {text}")


def _add_key(
    shape: YamlShape, item: yaml.MappingNode, key: str, value: Scalar, order: Sequence[str]
) -> Splice:
    before = set(order[: order.index(key)])
    earlier = [pair for pair in item.value if pair[0].value in before] or item.value[:1]
    field = f"{key}: {format_scalar(value)}"
    if item.flow_style:
        at = end_of(earlier[-1][1])
        return Splice(at, at, f", {field}")
    at = shape.find_line_end(shape.find_content_end(earlier[-1][1]))
    return Splice(at, at, f"{shape.line_end}{' ' * column_of(item)}{field}")


def _add_to_value(shape: YamlShape, node: yaml.Node, value: Scalar) -> list[Splice]:
    text = format_scalar(value)
    if is_block_list(node):
        at = shape.find_line_end(shape.find_content_end(node))
        return [Splice(at, at, f"{shape.line_end}{' ' * column_of(node)}- {text}")]
    if is_flow_list(node):
        if node.value:
            return _add_to_brackets(shape, node, text)
        return [Splice(start_of(node) + 1, start_of(node) + 1, text)]
    start, end = start_of(node), end_of(node)
    return [Splice(start, start, "["), Splice(end, end, f", {text}]")]


def _join(lines: Sequence[str], line_end: str) -> str:
    return "".join(f"{part}{line_end}" for line in lines for part in line.split("\n"))
