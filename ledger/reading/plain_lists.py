"""Lists of flat records from text in the very form in which this program writes them, in one step.

Every field is a line, in the order of the fields of the record, and every value plain text. That is
nearly every file of time entries, of which a ledger has the most. What it takes it reads as
``reading.yaml_source`` and ``reading.plain_records`` do; about anything else it has no opinion. A
test holds it against the full way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from ledger.models import Account, Purchase, Record, TimeEntry
from ledger.reading.canonical_yaml import decode_lines
from ledger.reading.plain_records import OddError, make_reader
from ledger.scalars import ScalarForm
from ledger.written_patterns import TEXT_PATTERN

_RECORDS: Mapping[str, type[Record]] = {
    "accounts": Account,
    "purchases": Purchase,
    "time": TimeEntry,
}

_ANY_TEXT = "[^\n]+"

_Read = Callable[[Any], Any]


def read_plain_list(kind: str, source: bytes) -> list[Any] | None:
    """Return the records of a file that holds a list; None if it is not of that form.

    Args:
        kind: what the file holds, a key of ``models.FILE_TYPES``.
        source: the file's bytes.
    """
    text = decode_lines(source) if kind in _RECORDS else None
    # Were there more of them, some value would be another mapping.
    if text is None or text.count(": ") != text.count("\n"):
        return None
    form = _find_form(kind)
    items = form.pattern.findall(text)
    # Each item is whole lines, so all that is there is in them if there are as many.
    if sum(map(form.count_lines, items)) != text.count("\n"):
        return None
    try:
        return [form.make_record(item) for item in items]
    except OddError:
        return None


class _Form:
    """The form of a record: its lines, whose values are the groups of the pattern."""

    def __init__(self, record: type[Record]) -> None:
        self._record = record
        self._names = tuple(record.FIELDS)
        annotations = record.find_annotations()
        lines: list[str] = []
        required: list[tuple[str, _Read]] = []
        optional: list[tuple[str, _Read, Any]] = []
        for name, each in record.FIELDS.items():
            value, read = _find_value_form(annotations[name])
            line = f"{'  ' if lines else '- '}{each.key or name}: ({value})\n"
            lines.append(line if each.is_required else f"(?:{line})?")
            if not each.is_required:
                optional.append((name, read or str, each.default))
            elif read is not None:
                required.append((name, read))
        self.pattern = re.compile("^" + "".join(lines), re.MULTILINE)
        self._required = tuple(required)
        self._optional = tuple(optional)

    def count_lines(self, item: tuple[str, ...]) -> int:
        """Return how many lines an item has: a key that is left out has no value."""
        return len(item) - item.count("")

    def make_record(self, item: tuple[str, ...]) -> Record:
        """Return the record of an item's values.

        Raises:
            OddError: some value is not plainly right.
        """
        values: dict[str, Any] = dict(zip(self._names, item, strict=True))
        for name, read in self._required:
            values[name] = read(values[name])
        for name, read, default in self._optional:
            text = values[name]
            values[name] = read(text) if text else default
        return self._record.from_fields(values)


@cache
def _find_form(kind: str) -> _Form:
    return _Form(_RECORDS[kind])


def _find_value_form(annotation: Any) -> tuple[str, _Read | None]:
    """Return the pattern of a field's text, and how that is read; None if it is the value."""
    form = _find_text_form(annotation)
    if form is None:
        return _ANY_TEXT, make_reader(annotation)
    if form.pattern == TEXT_PATTERN:
        return _ANY_TEXT, None
    # What a class like `\\s` has in it is not the same for all who read patterns.
    if set("\\(") & set(form.pattern) or form.longest is not None:
        return _ANY_TEXT, make_reader(annotation)
    return form.pattern.removeprefix("^").removesuffix("$"), None


def _find_text_form(annotation: Any) -> ScalarForm | None:
    if get_origin(annotation) is Annotated:
        form = get_args(annotation)[1]
        return form if isinstance(form, ScalarForm) and form.target == "text" else None
    kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
    return _find_text_form(kinds[0]) if len(kinds) == 1 else None
