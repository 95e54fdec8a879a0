"""Merges two versions of a ledger's file record by record, where Git merges lines.

A file is split into parts: the items of its list or the keys of its mapping, each with the lines up
to the next one, and so on inside of them. A part that one side alone changed is taken from that
side, so its comments and layout stay. Records are the same if they have one id. What both sides
added is there once from each; two records of one id that differ are a conflict of whole records.
"""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from ledger.files.durable_files import LOCK_NAME, hold_lock, replace_file
from ledger.files.yaml import PlainValue, YamlSyntaxError, parse_yaml
from ledger.git import GitRepository, literal_path
from ledger.writing.commit import update_index
from ledger.writing.yaml_edit import YamlText, is_block_scalar

_IDENTITIES = ("id", "email", "handle", "effective")
_MARKED = "<<<<<<< ours\n{}=======\n{}>>>>>>> theirs\n"
_CHANGED = "both sides changed it; keep what is right, and delete the marker lines"
_REMOVED = "one side changed it, and the other removed it; keep it or not"
_ADDED = "two records have this id; if both are facts, give one of them another id, else keep one"
_TWO_FILES = (
    "both sides made this file; give up the merge, rename what one of them made "
    "(`punchcard request renumber` does it for a request), and merge again"
)
_BY_HAND = "it has no marker lines any more; `git add` it if it is right"
_NO_RECORDS = "it holds no records; merge it by hand, and `git add` it"
_REMOVED_FILE = "one side removed this file, and the other changed it; `git add` or `git rm` it"


class Merged(NamedTuple):
    """What became of a file; ``conflicts`` say what was not merged, and how to mend it."""

    content: bytes
    conflicts: tuple[str, ...] = ()


def merge_files(base: bytes, ours: bytes, theirs: bytes) -> Merged:
    """Merge two versions of a file; ``base`` is what both were made from, empty if nothing is."""
    sides = [each.replace(b"\r\n", b"\n") for each in (_settle(base), ours, theirs)]
    conflicts, why = list[str](), ""
    try:
        files = [YamlText(side) for side in sides]
        was, mine, other = (_Part(file.text, file.root, file.value) for file in files)
        text, value = _merge(was if sides[0].strip() else None, mine, other, conflicts)
        content = files[1].encode(text)
        why = "" if conflicts or parse_yaml(content) == value else _CHANGED
    except YamlSyntaxError as error:
        why = f"it cannot be read: {error}"
    except _ConflictError as error:
        why = str(error)
    if why:
        texts = (f"{side.decode(errors='surrogateescape').rstrip()}\n" for side in sides[1:])
        content, conflicts = _MARKED.format(*texts).encode(errors="surrogateescape"), [why]
    return Merged(content.replace(b"\n", b"\r\n" if b"\r\n" in ours else b"\n"), tuple(conflicts))


def _settle(base: bytes) -> bytes:
    """Return a base with the first sides of its own conflicts, where branches merged before."""
    kept, sides = list[bytes](), list[bool]()
    for line in base.splitlines(keepends=True):
        sign = line[:7]
        if sign == b"<" * 7:
            sides.append(True)
        elif sides and sign in {b"|" * 7, b"=" * 7}:
            sides[-1] = False
        elif sides and sign == b">" * 7:
            sides.pop()
        elif all(sides):
            kept.append(line)
    return b"".join(kept)


class _ConflictError(Exception):
    """The two sides say different things."""


@dataclass(frozen=True)
class _Part:
    """A stretch of whole lines, and the node and the plain value that it holds."""

    text: str
    node: Any
    value: PlainValue
    offset: int = 0

    @property
    def is_list(self) -> bool:
        return isinstance(self.node, yaml.SequenceNode)

    @property
    def is_empty(self) -> bool:
        return self.value is None or self.value in ([], {})

    @property
    def can_be_split(self) -> bool:
        is_collection = isinstance(self.node, yaml.CollectionNode)
        return self.is_empty or (is_collection and not self.node.flow_style)

    def cut(self) -> tuple[str, str]:
        """Return the text without the blank lines and comments below it, and those."""
        if is_block_scalar(self.node):
            return self.text, ""
        end = len(self.text)
        for line in reversed(self.text.splitlines(keepends=True)):
            if line.strip() and not line.lstrip().startswith("#"):
                break
            end -= len(line)
        return self.text[:end], self.text[end:]

    def split(self) -> tuple[str, dict[str, _Part]]:
        """Return the lines before the first part, and the parts by their identity."""
        if self.is_empty:
            return self.text, {}
        if self.is_list:
            nodes, values = self.node.value, self.value
            names, starts = list(_identify(values)), [node.start_mark.index for node in nodes]
            # An item begins with its dash, which may stand on a line above.
            starts = [
                self.text.rindex("-", before - self.offset, start - self.offset)
                for before, start in zip([self.offset, *starts], starts, strict=False)
            ]
        else:
            names = [key.value for key, _ in self.node.value]
            nodes = [node for _, node in self.node.value]
            values = [self.value[name] for name in names]
            starts = [key.start_mark.index - self.offset for key, _ in self.node.value]
        if len({*names}) < len(names):
            raise _ConflictError("an id is there twice on one side; mend that first")
        starts = [self.text.rfind("\n", 0, start) + 1 for start in starts]
        return self.text[: starts[0]], {
            name: _Part(self.text[start:end], node, value, self.offset + start)
            for name, node, value, (start, end) in zip(
                names, nodes, values, pairwise((*starts, len(self.text))), strict=True
            )
        }


def _identify(items: list[PlainValue]) -> Iterator[str]:
    """Yield what tells each item of a list from the others; an item without an id is its value."""
    seen = Counter[str]()
    for item in items:
        named = [key for key in _IDENTITIES if isinstance(item, Mapping) and item.get(key)]
        text = str(item[named[0]]) if named else json.dumps(item, sort_keys=True)
        seen[text] += 1
        yield text if named else f"{text} {seen[text]}"


def _is_unnamed(name: str) -> bool:
    return name.startswith("{")


def _merge(
    base: _Part | None, ours: _Part, theirs: _Part, conflicts: list[str] | None = None
) -> tuple[str, PlainValue]:
    """Return the text and the value that come of two parts.

    If they are files, ``conflicts`` of records are added to these, and stand between markers; what
    else is in conflict raises a _ConflictError.
    """
    same = [(ours, theirs, ours), (base, ours, theirs), (base, theirs, ours)]
    for one, other, taken in same:
        if one is not None and one.text == other.text:
            return taken.text, taken.value
    sides = [side for side in (base, ours, theirs) if side is not None]
    kinds = {side.is_list for side in sides if not side.is_empty}
    if all(side.can_be_split for side in sides) and (kinds == {True} or (base and kinds)):
        try:
            return _merge_parts(base, ours, theirs, conflicts)
        except _ConflictError:
            if conflicts is not None:
                raise
    for one, other, taken in same:
        if one is not None and one.value == other.value:
            return taken.cut()[0] + _merge_tails(base, ours, theirs), taken.value
    raise _ConflictError(_CHANGED if base else _ADDED if conflicts is None else _TWO_FILES)


def _merge_parts(
    base: _Part | None, ours: _Part, theirs: _Part, conflicts: list[str] | None
) -> tuple[str, PlainValue]:
    was_head, was = base.split() if base else ("", {})
    (head, mine), (their_head, others) = ours.split(), theirs.split()
    if ours.is_empty or (head == was_head and not theirs.is_empty):
        head = their_head
    # What has no id and was replaced on both sides, each time by something else.
    rotated = ((was, mine, others), (mine, others, was), (others, was, mine))
    alone = (one.keys() - two.keys() - three.keys() for one, two, three in rotated)
    if all(any(map(_is_unnamed, names)) for names in alone):
        raise _ConflictError(_CHANGED)
    parts: dict[str, tuple[str, PlainValue]] = {}
    for name in mine | others:
        one, other = mine.get(name), others.get(name)
        try:
            if found := _merge_part(was.get(name), one, other):
                parts[name] = found
        except _ConflictError as error:
            if conflicts is None:
                raise
            conflicts.append(f"{name}: {error}")
            texts = (side.text if side else "" for side in (one, other))
            parts[name] = (_MARKED.format(*texts), None)
    is_list = ours.is_list or theirs.is_list
    names = [*parts] if is_list else _order_keys([*mine], [*others], parts)
    if is_list and all(map(_is_unnamed, names)):  # Events stand in the order of their days.
        names.sort(key=lambda name: str(parts[name][1].get("date")))
    text = head + "".join(parts[name][0] for name in names)
    values = {name: parts[name][1] for name in names}
    return text, [*values.values()] if is_list else values


def _merge_part(
    before: _Part | None, one: _Part | None, other: _Part | None
) -> tuple[str, PlainValue] | None:
    """Return what becomes of a part that not all sides have; None if it is gone."""
    if one and other:
        return _merge(before, one, other)
    side = one or other
    if before is None:
        return (side.text, side.value) if side else None
    if side and before.value != side.value:
        raise _ConflictError(_REMOVED)
    return None


def _order_keys(mine: list[str], others: list[str], kept: Container[str]) -> list[str]:
    """Return our keys and theirs that are kept; one that is theirs alone stands where it did."""
    order = [key for key in mine if key in kept]
    for before, key in pairwise(["", *others]):
        if key in kept and key not in order:
            order.insert(order.index(before) + 1 if before in order else 0, key)
    return order


def _merge_tails(base: _Part | None, ours: _Part, theirs: _Part) -> str:
    before, mine, other = (side.cut()[1] if side else "" for side in (base, ours, theirs))
    if mine == before or other in {before, mine}:
        return other if mine == before else mine
    lines = mine.splitlines(keepends=True)
    return mine + "".join(line for line in other.splitlines(keepends=True) if line not in lines)


class Resolved(NamedTuple):
    """What became of a file in conflict; it is merged if there are no ``conflicts`` any more."""

    path: str
    conflicts: tuple[str, ...]


def resolve_conflicts(repository: GitRepository, root: Path, folder: str) -> list[Resolved]:
    """Merge the files in conflict at or below a folder, record by record; stage what is merged.

    A file of which both sides' records stay in conflict gets them whole, between marker lines.

    Raises:
        LedgerError: a file cannot be written.
    """
    with hold_lock(repository.git_folder / LOCK_NAME):
        listing = repository.run("ls-files", "-z", "--unmerged", "--", literal_path(folder))
        sides: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        for line in filter(None, os.fsdecode(listing).split("\0")):
            description, _tab, path = line.partition("\t")
            mode, object_id, stage = description.split()
            sides[path][stage] = mode, object_id
        return [
            Resolved(path, _resolve(repository, root, path, stages))
            for path, stages in sorted(sides.items())
        ]


def _resolve(
    repository: GitRepository, root: Path, path: str, stages: dict[str, tuple[str, str]]
) -> tuple[str, ...]:
    if not path.endswith(".yml"):
        return (_NO_RECORDS,)
    if not {"2", "3"} <= stages.keys() or any(mode[:3] != "100" for mode, _ in stages.values()):
        return (_REMOVED_FILE,)
    there = (root / path).read_bytes() if (root / path).is_file() else None
    if there is not None and not any(line.startswith(b"<<<<<<<") for line in there.splitlines()):
        return (_BY_HAND,)
    contents = [
        repository.read_object(stages[stage][1]) if stage in stages else b"" for stage in "123"
    ]
    merged = merge_files(*contents)
    replace_file(root / path, merged.content, there)
    if not merged.conflicts:
        blob = repository.run("hash-object", "-w", "--stdin", stdin=merged.content).decode().strip()
        entry = f"{stages['2'][0]} {blob}\t{path}\0"
        update_index(repository.run, f"0 {'0' * len(blob)}\t{path}\0{entry}")
    return merged.conflicts
