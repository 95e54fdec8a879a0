"""Puts a record into a YAML file; every byte that was there stays as it is.

The new lines follow the style of the file: block or bracket items, indentation, blank lines
between items, line ends. The result is read back before it is returned: it must say what was
there before and the new record, and nothing else.
"""

import re
from collections.abc import Collection, Mapping, Sequence

import yaml

from ledger.files.yaml import PlainValue
from ledger.writing.yaml_text import (
    BLANKS,
    INDENT,
    LINE_END,
    Fields,
    Node,
    Scalar,
    Splice,
    UneditableError,
    YamlText,
    confirm,
    format_block,
    format_flow,
    is_block_scalar,
    to_plain,
)

LONGEST_FLOW_LINE = 120
_BLANKS_AND_COMMENTS = re.compile(f"(?:[{BLANKS}]|#[^\r\n\x85\u2028\u2029]*)*")


def make_file(fields: Fields) -> bytes:
    """Return a file that holds one record; an UneditableError if it would not read the same."""
    source = "".join(f"{line}\n" for line in format_block(fields)).encode()
    return confirm(source, to_plain(fields))


def add_item(source: bytes | None, *items: Fields) -> bytes:
    """Return a file's text (None: no file) with more items in its list, or an UneditableError."""
    file, splices = YamlText(source or b""), list[Splice]()
    root = file.root
    if root is not None and not isinstance(root, yaml.SequenceNode):
        raise UneditableError("the file does not hold a list")
    if root is not None and not root.value:  # Block items take the place of the file's ``[]``.
        start, end = root.start_mark.index, root.end_mark.index
        while file.text[end] in " \t":
            end += 1
        if root.start_mark.column == 0 and end == file.find_line_end(end)[0]:
            end = file.find_line_end(end)[1]
        splices, root = [(start, end, "")], None
    if root is not None and root.flow_style:
        splices = _add_to_brackets(file, root, ", ".join(map(format_flow, items)))
    else:
        added = [_append_block_item(file, file.end, root, item)[2] for item in items]
        splices.append((file.end, file.end, "".join(added)))
    return file.apply(splices, lambda value: [*(value or []), *map(to_plain, items)])


def add_to_list(source: bytes, key: str, fields: Fields, order: str = "date") -> bytes:
    """Return a file's text with one more item in the list under ``key``.

    It comes before the first item that has more under the key ``order``, mostly at the end.

    Raises:
        UneditableError: the file is not a mapping, or nothing can be added to the list.
    """
    file = YamlText(source)
    if not isinstance(file.root, yaml.MappingNode):
        raise UneditableError("the file does not hold keys and values")
    item, found = to_plain(fields), file.value.get(key)
    items = found if isinstance(found, list) else []
    dates = (each.get(order) if isinstance(each, dict) else None for each in items)
    later = (at for at, day in enumerate(dates) if day and day > item[order])
    if (index := next(later, None)) is None:
        splices = _add_to_key(file, file.root, key, fields)
    else:
        splices = [_insert(file, _find_value(file.root, key), index, fields)]
    after = [*items[:index], item, *([] if index is None else items[index:])]
    return file.apply(splices, lambda value: {**value, key: after})


def add_value(source: bytes, key: str, value: Scalar, order: Sequence[str]) -> bytes:
    """Return a text with one more value under ``key`` (``order``: all keys); or UneditableError."""
    file = YamlText(source)
    node = _find_value(file.root, key)
    if node is None:
        field = f"{key}: [{format_flow(value)}]"
        splices = [_add_key(file, file.root, field, {*order[: order.index(key)]})]
    elif isinstance(node, yaml.SequenceNode):
        splices = _add_to_list(file, node, value)
    else:
        raise UneditableError("what stands there is no list")
    plain = to_plain(value)
    return file.apply(splices, lambda found: {**found, key: [*(found.get(key) or []), plain]})


def set_value(
    source: bytes,
    where: tuple[str, str] | tuple[str, int] | None,
    key: str,
    value: Scalar | None,
    order: Sequence[str],
    *,
    keeps_others: bool = False,
) -> bytes:
    """Return a file's text in which a record has ``value`` under ``key``, or none.

    ``where``: a key of an item of the file's list and its value there; the key of a list in the
    file's mapping and an item's index there; or None for the mapping itself. ``order``: all keys in
    the order in which people write them; a new one goes after those that come before it.
    ``keeps_others``: a value that is there stays, and the two become a list.

    Raises:
        UneditableError: there is no such item, or its value cannot be set.
    """
    file = YamlText(source)
    item, found, path = file.root, file.value, _find_path(file.value, where)
    for step in path:
        item = item.value[step] if isinstance(step, int) else _find_value(item, step)
        found = found[step]
    node, text, after = _find_value(item, key), "", None
    if value is not None:
        text, after = format_flow(value, in_flow=bool(item.flow_style)), to_plain(value)
    is_block = node is not None and is_block_scalar(node)
    if node is None:
        splices = [_add_key(file, item, f"{key}: {text}", {*order[: order.index(key)]})]
    elif _is_empty(node):
        splices = [_fill_in(file, node.start_mark.index, text)]
    elif isinstance(node, yaml.SequenceNode) and keeps_others and value is not None:
        splices = _add_to_list(file, node, value)
        after = [*found[key], after]
    elif not isinstance(node, yaml.ScalarNode) or (is_block and keeps_others):
        raise UneditableError("what stands there is not one value")
    elif keeps_others:
        start, end = node.start_mark.index, node.end_mark.index
        splices = [(start, start, "["), (end, end, f", {text}]")]
        after = [found[key], after]
    else:
        start, end = node.start_mark.index, file.find_content_end(node)
        if value is None and not item.flow_style:
            start -= 1  # nothing, not even a space
        elif not item.flow_style and not file.text[end : file.find_line_end(end)[0]].strip():
            column = item.start_mark.column
            lines = file.line_end.join(format_block({key: value}, column))
            text = lines[column + len(f"{key}: ") :]
        splices = [(start, end, text)]
    return file.apply(splices, lambda value: _put(value, path, {**found, key: after}))


def remove_item(source: bytes, where: tuple[str, str]) -> bytes | None:
    """Return a file's text without an item of its list; None if nothing else is in the file.

    ``where``: see ``set_value``. Comments above and below the item stay.

    Raises:
        UneditableError: there is no such item, or it cannot be taken out.
    """
    file = YamlText(source)
    index, items = int(_find_path(file.value, where)[0]), file.root.value
    node, after = items[index], [*file.value[:index], *file.value[index + 1 :]]
    start, end = node.start_mark.index, file.find_content_end(node)
    if file.root.flow_style:
        if index:
            start = items[index - 1].end_mark.index
        elif len(items) > 1:
            end = items[1].start_mark.index
        return file.apply([(start, end, "")], lambda _items: after)
    above = file.find_content_end(items[index - 1]) if index else file.root.start_mark.index
    start = file.text.rindex("-", above, start)  # The dash may stand on a line above.
    start, end = start - file.root.start_mark.column, file.find_line_end(end)[1]
    before, below = file.text[:start], file.text[end:]
    if not (before + below).strip():
        return None
    if not LINE_END.split(before)[-2:][0].strip():  # One of two blank lines is enough.
        if below.strip():
            end += len(below) - len(below.lstrip("\r\n"))
        else:
            start = file.find_line_end(len(before.rstrip()))[1]
    return file.apply([(start, end, "")], lambda _items: after or None)


def _add_to_list(
    file: YamlText, node: Node, item: Fields | Scalar, *, is_last: bool = False
) -> list[Splice]:
    """Put an item behind the last one of a list; ``is_last``: nothing but comments is below it."""
    if node.flow_style:
        return _add_to_brackets(file, node, format_flow(item))
    at = file.end if is_last else file.find_line_end(file.find_content_end(node))[1]
    return [_append_block_item(file, at, node, item)]


def _insert(file: YamlText, node: Node, index: int, item: Fields) -> Splice:
    """Put an item before one of a list."""
    at = node.value[index].start_mark
    if node.flow_style:
        return (at.index, at.index, f"{format_flow(item)}, ")
    lines = _format_item(node.value, node.start_mark.column, item)
    start = at.index - at.column
    return (start, start, "".join(f"{line}{file.line_end}" for line in lines))


def _append_block_item(
    file: YamlText, at: int, node: Node | None, item: Fields | Scalar, column: int = 0
) -> Splice:
    """Put an item at ``at``, the start of a line, below the list ``node``, or as the first one."""
    items, column = (node.value, node.start_mark.column) if node else ((), column)
    lines = _format_item(items, column, item)
    if file.wants_blank_line(items) and LINE_END.split(file.text[:at])[-2].strip():
        lines.insert(0, "")
    return (at, at, "".join(f"{line}{file.line_end}" for line in lines))


def _format_item(items: Sequence[Node], column: int, item: Fields | Scalar) -> list[str]:
    """Return the lines of a new item in the style of the other ``items`` of its list."""
    indent = " " * column
    flow_line = f"{indent}- {format_flow(item)}"
    if not isinstance(item, Mapping):
        return [flow_line]
    if _prefers_flow(items, item) and len(flow_line) <= LONGEST_FLOW_LINE:
        return [flow_line]
    blocks = [item for item in items if isinstance(item, yaml.MappingNode) and not item.flow_style]
    offset = max(blocks[-1].start_mark.column - column, INDENT) if blocks else INDENT
    first, *rest = format_block(item, column + offset)
    return [f"{indent}-{first[column + 1 :]}", *rest]


def _prefers_flow(items: Sequence[Node], fields: Fields) -> bool:
    if any(isinstance(value, str) and "\n" in value for value in fields.values()):
        return False
    in_flow = [bool(item.flow_style) for item in items if isinstance(item, yaml.MappingNode)]
    if not in_flow:
        return "by" in fields  # Events of a request are short; other records have a line a field.
    return in_flow.count(True) * 2 > len(in_flow) - in_flow[-1]


def _add_to_brackets(file: YamlText, node: Node, entry: str) -> list[Splice]:
    """Put an entry behind the last one of a list in [ ] or a mapping in { }."""
    if not node.value:
        at = node.start_mark.index + 1
        return [(at, at, entry)]
    last = node.value[-1]
    first_part, last_part = last if isinstance(last, tuple) else (last, last)
    last_end, closing = last_part.end_mark.index, node.end_mark.index - 1
    line_start = node.end_mark.index - node.end_mark.column
    if line_start <= last_end or file.text[line_start:closing].strip():
        return [(last_end, last_end, f", {entry}")]
    gap = _BLANKS_AND_COMMENTS.match(file.text, last_end, closing)
    has_comma = gap is not None and file.text[gap.end() : gap.end() + 1] == ","
    start, column = first_part.start_mark.index, first_part.start_mark.column
    begins_line = not file.text[start - column : start].strip()
    indent = column if begins_line else node.start_mark.column + INDENT
    line = f"{' ' * indent}{entry}{',' if has_comma else ''}{file.line_end}"
    comma = [] if has_comma else [(last_end, last_end, ",")]
    return [*comma, (line_start, line_start, line)]


def _add_to_key(file: YamlText, root: Node, key: str, fields: Fields) -> list[Splice]:
    """Put an item into the list under a key of a mapping."""
    value, entry, column = _find_value(root, key), format_flow(fields), root.start_mark.column
    if value is None and root.flow_style:
        return _add_to_brackets(file, root, f"{key}: [{entry}]")
    if value is None:
        lines = [f"{' ' * column}{key}:", *_format_item((), column + INDENT, fields)]
        return [(file.end, file.end, "".join(f"{line}{file.line_end}" for line in lines))]
    if isinstance(value, yaml.SequenceNode) and (value.value or root.flow_style):
        is_last = root.value[-1][1] is value and not root.flow_style
        return _add_to_list(file, value, fields, is_last=is_last)
    if root.flow_style:
        return [_fill_in(file, value.end_mark.index, f"[{entry}]")]
    if not (isinstance(value, yaml.SequenceNode) or _is_empty(value)):
        raise UneditableError("what stands there is no list")
    # The first item goes below a key that has nothing, or [].
    start, end = value.start_mark.index, value.end_mark.index
    item = _append_block_item(file, file.find_line_end(end)[1], None, fields, column + INDENT)
    while file.text[start - 1] in " \t":
        start -= 1
    return [item] if _is_empty(value) else [(start, end, ""), item]


def _add_key(file: YamlText, item: Node, field: str, before: Collection[str]) -> Splice:
    """Put a key and its value into a mapping, behind the last of those keys that come before."""
    earlier = [pair for pair in item.value if pair[0].value in before] or item.value[:1]
    last = earlier[-1][1]
    if item.flow_style:
        return (last.end_mark.index, last.end_mark.index, f", {field}")
    at = file.find_line_end(file.find_content_end(last))[1]
    return (at, at, f"{' ' * item.start_mark.column}{field}{file.line_end}")


def _fill_in(file: YamlText, at: int, text: str) -> Splice:
    """Put a value where there was none: behind the colon, or before what closes the brackets."""
    after = file.text[at : at + 2].ljust(2)
    if after[0] == " " and after[1] not in " #":
        return (at + 1, at + 1, text)
    return (at, at, text if file.text[at - 1] == " " else f" {text}")


def _find_path(
    value: PlainValue, where: tuple[str, str] | tuple[str, int] | None
) -> list[str | int]:
    """Return the keys and indexes that lead to a record; see ``set_value``."""
    if where is None:
        return []
    key, wanted = where
    if isinstance(wanted, int):
        return [key, wanted]
    for index, item in enumerate(value if isinstance(value, list) else []):
        if isinstance(item, dict) and str(item.get(key)).casefold() == wanted.casefold():
            return [index]
    raise UneditableError(f"it has no item with {key}: {wanted}")


def _put(value: PlainValue, path: Sequence[str | int], record: PlainValue) -> PlainValue:
    """Return a value in which ``record`` stands where ``path`` leads to."""
    if not path:
        return record
    pairs = enumerate(value) if isinstance(value, list) else value.items()
    copied = {
        step: _put(part, path[1:], record) if step == path[0] else part for step, part in pairs
    }
    return list(copied.values()) if isinstance(value, list) else copied


def _find_value(node: Node, key: str) -> Node | None:
    return next((value for found, value in node.value if found.value == key), None)


def _is_empty(node: Node) -> bool:
    """Whether a value is not written."""
    return isinstance(node, yaml.ScalarNode) and not node.value and not node.style
