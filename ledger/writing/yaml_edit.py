"""Puts a record into a YAML file; every byte that was there stays as it is.

The new lines follow the style of the file: block or bracket items, indentation, blank lines
between items, line ends. The result is read back before it is returned: it must say what was
there before and the new record, and nothing else. What cannot be done raises an UneditableError.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from yaml.cyaml import CBaseLoader

from ledger.files.yaml import BYTE_ORDER_MARK, YamlSyntaxError, decode_source, parse_yaml
from ledger.models import Record
from ledger.writing.yaml_text import INDENT, Fields, Scalar, format_block, format_flow, to_plain

LONGEST_FLOW_LINE = 120
_BLANKS = " \t\r\n\x85\u2028\u2029"
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")
_DOCUMENT_END = re.compile("^[.]{3}(?=[ \t\r\n]|$)", re.MULTILINE)
_BLANKS_AND_COMMENTS = re.compile(f"(?:[{_BLANKS}]|#[^\r\n\x85\u2028\u2029]*)*")

_Splice = tuple[int, int, str]
"""From where to where (mostly nothing is between) a text is put."""

_Node = Any
"""A ``yaml.Node``; the stubs say nothing of what is in it."""

Where = tuple[str, str | int] | None
"""Which record of a file: the item of its list with a value under a key; the item of the list under
a key with an index; or, None, its mapping itself."""


class UneditableError(Exception):
    """A file is written in a way that it cannot be changed without changing the rest."""


class YamlText:
    """A file: its text, whose last line gets an end, node tree (None if empty) and plain value.

    Who edits it puts what the file is to say into ``value``, too. The parser's marks are exact for
    values on a line and for what stands in brackets; where a block ends they include the blank
    lines and comments below it, so that is worked out here.
    """

    def __init__(self, source: bytes | None) -> None:
        if source is None:
            raise UneditableError("the file is not there")
        self.text = decode_source(source)
        self._mark = BYTE_ORDER_MARK if source.startswith(BYTE_ORDER_MARK) else b""
        found = _LINE_END.search(self.text)
        self.line_end = found[0] if found and found[0] in {"\r\n", "\r"} else "\n"
        if self.text and not _LINE_END.fullmatch(self.text[-1]):
            self.text += self.line_end
        self.value: Any = parse_yaml(self.text.encode())
        self.root: _Node = None if self.value is None else yaml.compose(self.text, CBaseLoader)
        end = _DOCUMENT_END.search(self.text)
        self.end = end.start() if end else len(self.text)  # before its ``...`` line

    def apply(self, splices: Sequence[_Splice]) -> bytes:
        """Return the edited file, which must say what ``value`` says now."""
        text = self.text
        for start, end, new in sorted(splices, reverse=True):
            text = text[:start] + new + text[end:]
        return _confirm(self.encode(text), self.value)

    def encode(self, text: str) -> bytes:
        """Return the bytes of a text that takes the place of the file's."""
        return self._mark + text.encode("utf-8", "surrogatepass")

    def end_lines(self, lines: Sequence[str]) -> str:
        """Return lines as the file ends them."""
        return "".join(f"{line}{self.line_end}" for line in lines)

    def find_content_end(self, node: _Node) -> int:
        """Return where the last word of ``node`` ends."""
        leaf, keeps_blank_lines = self._find_last_leaf(node)
        start, end = leaf.start_mark.index, leaf.end_mark.index
        if not is_block_scalar(leaf):
            return int(end)
        if keeps_blank_lines:
            return int(end) - 1
        return int(start) + len(self.text[start:end].rstrip(_BLANKS))

    def find_line_end(self, offset: int) -> tuple[int, int]:
        """Return where the line that ``offset`` is in ends, and where the next one begins."""
        found = _LINE_END.search(self.text, offset)
        return found.span() if found else (len(self.text), len(self.text))

    def wants_blank_line(self, items: Sequence[_Node]) -> bool:
        """Whether an empty line stands between the last two items of a list."""
        if len(items) < 2 or self._find_last_leaf(items[-1])[1]:  # noqa: PLR2004  # no between
            return False
        between = self.text[self.find_content_end(items[-2]) : items[-1].start_mark.index]
        return any(not line.strip() for line in _LINE_END.split(between)[1:-1])

    def _find_last_leaf(self, node: _Node) -> tuple[_Node, bool]:
        """Return what stands last in ``node``, and if blank lines belong to it, as to ``|+``."""
        while isinstance(node, yaml.CollectionNode) and not node.flow_style:
            last = node.value[-1]
            node = last[1] if isinstance(last, tuple) else last
        header = _LINE_END.split(self.text[node.start_mark.index :], maxsplit=1)[0]
        return node, is_block_scalar(node) and "+" in header.partition("#")[0]


def _confirm(source: bytes, expected: Any) -> bytes:
    """Return a file's bytes; an UneditableError says that they do not read as expected."""
    try:
        found = parse_yaml(source)
    except YamlSyntaxError as error:
        raise UneditableError(error.message) from error
    if found != expected:
        raise UneditableError("what is there would read differently")
    return source


def is_block_scalar(node: _Node) -> bool:
    """Whether a value is a text of whole lines, below a ``|`` or ``>``."""
    return isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")


def make_file(fields: Fields, source: bytes | None = None) -> bytes:
    """Return a file that holds one record; there must be none yet."""
    if source is not None:
        raise UneditableError("there is such a file already")
    text = "".join(f"{line}\n" for line in format_block(fields))
    return _confirm(text.encode(), to_plain(fields))


def add_items(source: bytes | None, items: Sequence[Fields], key: str = "") -> bytes:
    """Return a file's text (None: no file) with more items in its list, or that under ``key``.

    Under a key they come before the first item that has a later date, mostly at the end.
    """
    file = YamlText(source if key else source or b"")
    root, value = file.root, file.value
    if key and not isinstance(root, yaml.MappingNode):
        raise UneditableError("the file does not hold keys and values")
    if not key and not (root is None or isinstance(root, yaml.SequenceNode)):
        raise UneditableError("the file does not hold a list")
    node, there = (_find_value(root, key), value.get(key)) if key else (root, value)
    if not (node is None or isinstance(node, yaml.SequenceNode) or _is_empty(node)):
        raise UneditableError("what stands there is no list")
    there, plain = there or [], [to_plain(item) for item in items]
    index, day = len(there), plain[0].get("date")
    if key and day:
        dates = (isinstance(each, dict) and each.get("date") for each in there)
        index = next((at for at, other in enumerate(dates) if other and other > day), index)
    if index < len(there):
        splices = [_insert(file, node, index, items)]
    elif there:
        is_last = not key or (not root.flow_style and root.value[-1][1] is node)
        splices = _extend(file, node, items, is_last=is_last)
    else:
        splices = _start_list(file, node, key, items)
    there[index:index] = plain
    file.value = {**value, key: there} if key else there
    return file.apply(splices)


def set_value(
    source: bytes | None,
    where: Where,
    key: str,
    value: Scalar | Sequence[Scalar] | None,
    model: type[Record],
    *,
    keeps_others: bool = False,
) -> bytes:
    """Return a file's text in which a record, one of a ``model``, has another value, or none.

    A new key goes after those that come before it in the model. ``keeps_others``: a value that is
    there stays, and the two become a list.
    """
    file = YamlText(source)
    item, record = _find_record(file, where)
    node, text, after, is_block = _find_value(item, key), "", None, not item.flow_style
    if value is not None:
        text, after = format_flow(value, in_flow=not is_block), to_plain(value)
    added: Sequence[Any] = value if isinstance(value, (list, tuple)) else [value]
    if node is None:
        splices = [_add_key(file, item, key, text, [*model.list_fields()])]
    elif _is_empty(node):
        splices = [_fill_in(file, node.start_mark.index, text)]
    elif isinstance(node, yaml.SequenceNode) and keeps_others:
        splices, after = _extend(file, node, added), [*record[key], *map(to_plain, added)]
    elif not isinstance(node, yaml.ScalarNode) or (is_block_scalar(node) and keeps_others):
        raise UneditableError("what stands there is not one value")
    elif keeps_others:
        start, end = node.start_mark.index, node.end_mark.index
        splices = [(start, start, "["), (end, end, f", {text}]")]
        after = [record[key], after]
    else:
        start, end = node.start_mark.index, file.find_content_end(node)
        if value is None and is_block:
            start -= 1  # nothing, not even a space
        elif is_block and not file.text[end : file.find_line_end(end)[0]].strip():
            column = item.start_mark.column
            lines = file.line_end.join(format_block({key: value}, column))
            text = lines[column + len(f"{key}: ") :]
        splices = [(start, end, text)]
    record[key] = after
    return file.apply(splices)


def remove_item(source: bytes | None, where: Where) -> bytes | None:
    """Return a file's text without an item of its list; None if nothing else is in the file.

    Comments above and below the item stay.
    """
    file = YamlText(source)
    node, _record = _find_record(file, where)
    items, root = file.root.value, file.root
    index = items.index(node)
    del file.value[index]
    start, end = node.start_mark.index, file.find_content_end(node)
    if root.flow_style:
        if index:
            start = items[index - 1].end_mark.index
        elif len(items) > 1:
            end = items[1].start_mark.index
        return file.apply([(start, end, "")])
    above = file.find_content_end(items[index - 1]) if index else root.start_mark.index
    start = file.text.rindex("-", above, start)  # The dash may stand on a line above.
    start, end = start - root.start_mark.column, file.find_line_end(end)[1]
    before, below = file.text[:start], file.text[end:]
    if not (before + below).strip():
        return None
    if not _LINE_END.split(before)[-2:][0].strip():  # One of two blank lines is enough.
        if below.strip():
            end += len(below) - len(below.lstrip("\r\n"))
        else:
            start = file.find_line_end(len(before.rstrip()))[1]
    file.value = file.value or None
    return file.apply([(start, end, "")])


def _extend(
    file: YamlText, node: _Node, items: Sequence[Fields | Scalar], *, is_last: bool = False
) -> list[_Splice]:
    """Put items behind the last one of a list; ``is_last``: nothing but comments is below it."""
    if node.flow_style:
        return _add_to_brackets(file, node, ", ".join(map(format_flow, items)))
    at = file.end if is_last else file.find_line_end(file.find_content_end(node))[1]
    gap = []
    if file.wants_blank_line(node.value) and _LINE_END.split(file.text[:at])[-2].strip():
        gap = [""]
    lines = _format_items(node.value, node.start_mark.column, items, gap)
    return [(at, at, file.end_lines(lines))]


def _start_list(file: YamlText, node: _Node, key: str, items: Sequence[Fields]) -> list[_Splice]:
    """Put the first items into the file's list, or into that under a key, which may be missing."""
    root, at, lines, column = file.root, file.end, list[str](), 0
    entries = ", ".join(map(format_flow, items))
    if key and root.flow_style:
        if node is None:
            return _add_to_brackets(file, root, f"{key}: [{entries}]")
        if _is_empty(node):
            return [_fill_in(file, node.end_mark.index, f"[{entries}]")]
        return _add_to_brackets(file, node, entries)
    if key:
        column = root.start_mark.column + INDENT
        lines = [f"{' ' * root.start_mark.column}{key}:"] if node is None else []
    cut = []
    if node is not None:  # Block items take the place of ``[]``.
        start, end = node.start_mark.index, node.end_mark.index
        if key:
            at = file.find_line_end(end)[1]
            start = len(file.text[:start].rstrip(" \t"))
        else:
            end += len(file.text[end:]) - len(file.text[end:].lstrip(" \t"))
            if node.start_mark.column == 0 and end == file.find_line_end(end)[0]:
                end = file.find_line_end(end)[1]
        cut = [] if _is_empty(node) else [(start, end, "")]
    return [*cut, (at, at, file.end_lines([*lines, *_format_items((), column, items)]))]


def _insert(file: YamlText, node: _Node, index: int, items: Sequence[Fields]) -> _Splice:
    """Put items before one of a list."""
    at = node.value[index].start_mark
    if node.flow_style:
        return (at.index, at.index, "".join(f"{format_flow(item)}, " for item in items))
    start = at.index - at.column
    return (start, start, file.end_lines(_format_items(node.value, node.start_mark.column, items)))


def _format_items(
    others: Sequence[_Node],
    column: int,
    items: Sequence[Fields | Scalar],
    gap: Sequence[str] = (),
) -> list[str]:
    """Return the lines of new items in the style of the list's others, each after the ``gap``."""
    lines, indent = list[str](), " " * column
    mappings = [each for each in others if isinstance(each, yaml.MappingNode)]
    blocks = [each.start_mark.column - column for each in mappings if not each.flow_style]
    for item in items:
        line = f"{indent}- {format_flow(item)}"
        is_short = len(line) <= LONGEST_FLOW_LINE and _prefers_flow(mappings, item)
        if not is_short and isinstance(item, Mapping):
            first, *rest = format_block(item, column + max([*blocks[-1:], INDENT]))
            lines += [*gap, f"{indent}-{first[column + 1 :]}", *rest]
        else:
            lines += [*gap, line]
    return lines


def _prefers_flow(mappings: Sequence[_Node], item: Fields | Scalar) -> bool:
    if not isinstance(item, Mapping):
        return True
    if any(isinstance(value, str) and "\n" in value for value in item.values()):
        return False
    if not mappings:
        return "by" in item  # Events of a request are short; other records have a line a field.
    in_flow = [bool(each.flow_style) for each in mappings]
    return in_flow.count(True) * 2 > len(in_flow) - in_flow[-1]


def _add_to_brackets(file: YamlText, node: _Node, entry: str) -> list[_Splice]:
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


def _add_key(file: YamlText, item: _Node, key: str, text: str, order: Sequence[str]) -> _Splice:
    """Put a key and its value into a mapping, behind the last of those keys that come before."""
    before = order[: order.index(key)]
    last = [*item.value[:1], *(pair for pair in item.value if pair[0].value in before)][-1][1]
    if item.flow_style:
        return (last.end_mark.index, last.end_mark.index, f", {key}: {text}")
    at = file.find_line_end(file.find_content_end(last))[1]
    return (at, at, f"{' ' * item.start_mark.column}{key}: {text}{file.line_end}")


def _fill_in(file: YamlText, at: int, text: str) -> _Splice:
    """Put a value where there was none: behind the colon, or before what closes the brackets."""
    after = file.text[at : at + 2].ljust(2)
    if after[0] == " " and after[1] not in " #":
        return (at + 1, at + 1, text)
    return (at, at, text if file.text[at - 1] == " " else f" {text}")


def _find_record(file: YamlText, where: Where) -> tuple[_Node, Any]:
    """Return the node and the plain value of a record."""
    if where is None:
        return file.root, file.value
    key, wanted = where
    if isinstance(wanted, int):
        node: _Node = _find_value(file.root, key)
        return node.value[wanted], file.value[key][wanted]
    nodes = file.root.value if isinstance(file.value, list) else ()
    for node, item in zip(nodes, file.value or (), strict=False):
        if isinstance(item, dict) and str(item.get(key)).casefold() == wanted.casefold():
            return node, item
    raise UneditableError(f"it has no item with {key}: {wanted}")


def _find_value(node: _Node, key: str) -> _Node | None:
    return next((value for found, value in node.value if found.value == key), None)


def _is_empty(node: _Node) -> bool:
    """Whether a value is not written."""
    return isinstance(node, yaml.ScalarNode) and not node.value and not node.style
