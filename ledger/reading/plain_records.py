"""Records from plain values that are plainly right, without pydantic.

What it takes it converts as pydantic's schema of the record does (``models.record_schema``); about
anything else, right or wrong, it has no opinion. Pydantic stays the judge, and says what is wrong;
a test holds the two against each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache, partial
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from ledger.models import FILE_TYPES, Record, RecordError
from ledger.models.field_forms import Check, OneOf, Several
from ledger.reading.yaml_text import PlainValue
from ledger.scalars import ScalarForm
from ledger.written_patterns import TEXT_PATTERN

_MOST_REMEMBERED = 5000

_Read = Callable[[Any], Any]


class OddError(Exception):
    """Not plainly right; pydantic knows what it is."""


def read_plain_records(kind: str, data: PlainValue) -> Any:
    """Return the record of a file, or the list of its records; None if pydantic is to judge.

    Args:
        kind: what the file holds, a key of ``models.FILE_TYPES``.
        data: the file's plain value.
    """
    try:
        return _find_reader(kind)(data)
    except (OddError, RecordError):
        return None


def make_reader(annotation: Any) -> _Read:
    """Return what reads a value of a type, as annotated in a record; it raises ``OddError``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        kind, *inner, form = get_args(annotation)
        return _make_reader_of_form(Annotated[kind, *inner] if inner else kind, form)
    if origin in {Union, UnionType}:
        return _make_reader_of_optional(get_args(annotation))
    if origin in {list, tuple}:
        return partial(_read_items, make_reader(get_args(annotation)[0]), origin)
    if origin is dict:
        return partial(_read_pairs, *map(make_reader, get_args(annotation)))
    if origin is Literal or issubclass(annotation, Enum):
        choices = get_args(annotation) or annotation
        return _Choices({str(choice): choice for choice in choices}).find
    return _RecordReader(annotation).read


def make_text_reader(annotation: Any) -> _Read:
    """As ``make_reader``, for what is text in any case."""
    read = make_reader(annotation)
    remembered = getattr(read, "__self__", None)
    return remembered.__getitem__ if isinstance(remembered, _Remembered) else read


@cache
def _find_reader(kind: str) -> _Read:
    return make_reader(FILE_TYPES[kind])


def _make_reader_of_form(kind: Any, form: Any) -> _Read:
    match form:
        case ScalarForm():
            return _make_reader_of_scalar(form)
        case Check():
            return _make_tested_reader(form.test, kind)
        case Several():
            return _SeveralReader(form, make_reader(kind)).read
        case OneOf():
            return _ChoiceReader(form.key, get_args(kind)).read
    raise TypeError(form)


def _make_tested_reader(test: Callable[[Any], Any], kind: Any) -> _Read:
    read = make_reader(kind)
    return lambda value: test(read(value))


def _make_reader_of_optional(kinds: tuple[Any, ...]) -> _Read:
    (kind,) = (each for each in kinds if each is not type(None))
    read = make_reader(kind)
    return lambda value: None if value is None else read(value)


def _make_reader_of_scalar(form: ScalarForm) -> _Read:
    if form.pattern == TEXT_PATTERN:
        return _read_text
    matches = re.compile(form.pattern).fullmatch
    if form.target == "text":
        return partial(_read_name, matches, form.longest)
    convert: Mapping[str, _Read] = {
        "number": partial(_convert_number, form.least),
        "date": date.fromisoformat,
        "money": Decimal,
    }
    return _Remembered(matches, convert[form.target]).find


def _read_text(value: Any) -> str:
    # That something is said is sure when it begins with a letter, a digit or a sign.
    if value.__class__ is str and (("!" <= value[:1] <= "~") or value[:1].isalnum()):
        return value if value.isascii() else _check_characters(value)
    raise OddError


def _check_characters(text: str) -> str:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise OddError from None
    return text


def _read_name(matches: Callable[[str], object], longest: int | None, value: Any) -> str:
    # What is a space, beyond ASCII, is not the same for all who read patterns.
    if value.__class__ is not str or not (value.isascii() and value.isprintable()):
        raise OddError
    if matches(value) is None or (longest is not None and len(value) > longest):
        raise OddError
    return value


def _convert_number(least: int | None, text: str) -> int:
    number = int(text)
    if least is not None and number < least:
        raise OddError
    return number


class _Remembered(dict[Any, Any]):
    """What texts were converted to: dates and numbers come again and again."""

    def __init__(self, matches: Callable[[str], object], convert: _Read) -> None:
        super().__init__()
        self._matches = matches
        self._convert = convert

    def __missing__(self, text: str) -> Any:
        if text.__class__ is not str or self._matches(text) is None:
            raise OddError
        try:
            value = self._convert(text)
        except ValueError:
            raise OddError from None
        if len(self) < _MOST_REMEMBERED:
            self[text] = value
        return value

    def find(self, value: Any) -> Any:
        """Return what a value is converted to, which need be no text."""
        try:
            return self[value]
        except TypeError:  # a list, or a mapping
            raise OddError from None


class _Choices(dict[str, Any]):
    """The values that a text may stand for."""

    def find(self, value: Any) -> Any:
        """Return what a text stands for."""
        if value.__class__ is not str or value not in self:
            raise OddError
        return self[value]


def _read_items(read: _Read, make: Callable[[list[Any]], Any], value: Any) -> Any:
    if value.__class__ is not list:
        raise OddError
    items = [read(item) for item in value]
    return items if make is list else make(items)


def _read_pairs(read_key: _Read, read: _Read, value: Any) -> dict[Any, Any]:
    if value.__class__ is not dict:
        raise OddError
    return {read_key(key): read(item) for key, item in value.items()}


class _SeveralReader:
    """Reads several values, however they may be written."""

    def __init__(self, form: Several, read: _Read) -> None:
        self._form = form
        self._read = read

    def read(self, value: Any) -> Any:
        """Return the values."""
        values = self._read(self._form.write_out(value))
        if len(values) < self._form.least:
            raise OddError
        return values


class _ChoiceReader:
    """Reads one of several records."""

    def __init__(self, key: str, records: tuple[type[Record], ...]) -> None:
        self._key = key
        self._readers = {
            choice: _RecordReader(record).read
            for record in records
            for choice in get_args(record.find_annotations()[key])
        }

    def read(self, value: Any) -> Record:
        """Return the record."""
        choice = value.get(self._key) if value.__class__ is dict else None
        if choice.__class__ is not str or choice not in self._readers:
            raise OddError
        return self._readers[choice](value)


class _FieldReaders(dict[str, _Read]):
    def __missing__(self, key: str) -> _Read:
        raise OddError


class _RecordReader:
    """Reads the records of one class."""

    def __init__(self, record: type[Record]) -> None:
        annotations = record.find_annotations()
        fields = record.FIELDS.items()
        self._record = record
        self._count = len(fields)
        self._defaults = {name: each.default for name, each in fields if not each.is_required}
        self._readers = _FieldReaders(
            {each.key or name: make_reader(annotations[name]) for name, each in fields}
        )
        self._names = {each.key: name for name, each in fields if each.key is not None}
        self._has_check = record.check is not Record.check

    def read(self, value: Any) -> Record:
        """Return the record."""
        if value.__class__ is not dict:
            raise OddError
        readers = self._readers
        values = self._defaults.copy()
        for key, item in value.items():
            values[key] = readers[key](item)
        for key, name in self._names.items():
            if key in values:
                values[name] = values.pop(key)
        if len(values) != self._count:
            raise OddError
        record = self._record.from_fields(values)
        if self._has_check:
            record.check()
        return record
