"""What lasts of a portal's view, as text to be kept, and taken back a value at a time.

Next week a page or two are made of it, which ask for few of its values: the others stay plain
data. Whatever is dated is left out, and comes with the day that is to be shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import NoneType, UnionType
from typing import Any, TypeAlias, cast, get_args, get_origin, get_type_hints

from site_builder.field_values import find_getter
from site_builder.last_update import LastUpdate, LateRecords
from site_builder.news import find_latest, list_news
from site_builder.portal_view import NewsView, PortalView
from site_builder.shown_day import DATED_FIELDS, show_day

# None where plain data is the value already.
_Reader: TypeAlias = Callable[[Any], Any] | None

_PLAIN = frozenset({str, int, bool, NoneType})
_LATEST = "latest news"
_LASTING = tuple(each.name for each in fields(PortalView) if each.name not in DATED_FIELDS)


def write_lasting(view: PortalView) -> dict[str, bytes]:
    """Return all of a view that is not dated, a text for each value, by the names to keep it."""
    values = {name: getattr(view, name) for name in _LASTING}
    values[_LATEST] = find_latest(view.requests, view.statement.list_movements())
    return {
        _name_text(name): json.dumps(value, default=_take_apart).encode()
        for name, value in values.items()
    }


class DamagedViewError(Exception):
    """A value of a view was kept, and is no longer there or no longer whole."""


class KeptValues:
    """The lasting values of a view, taken back when they are asked for.

    Args:
        get: returns a text that was kept under a name, None if it is not there.
    """

    def __init__(self, get: Callable[[str], bytes | None]) -> None:
        self._get = get

    def __getattr__(self, name: str) -> Any:
        if name not in _LASTING:
            raise AttributeError(name)
        read = _find_reader(name)
        plain = self._read(name)
        value = plain if read is None else read(plain)
        setattr(self, name, value)
        return value

    def show(self, as_of: date, revision: str | None, last_update: LastUpdate | None) -> PortalView:
        """Return what looks like the view of a day; see ``show_day``.

        Raises:
            DamagedViewError: something that is needed is damaged; also when a value is asked for.
        """
        published_on = self.provider.published_on
        self.__dict__.update(show_day(as_of, revision, published_on, self._find_news, last_update))
        return cast("PortalView", self)

    def _find_news(self, after: date, late: LateRecords) -> tuple[NewsView, ...]:
        if date.fromisoformat(self._read(_LATEST)) <= after and late == LateRecords():
            return ()
        return list_news(self.requests, self.statement.list_movements(), after, late)

    def _read(self, name: str) -> Any:
        text = self._get(_name_text(name))
        if text is None:
            raise DamagedViewError(name)
        return json.loads(text)


def _name_text(name: str) -> str:
    return f"view of {name}"


def _take_apart(value: Any) -> object:
    """Return a record as its fields; the encoder knows texts, numbers and tuples itself."""
    kind = type(value)
    if is_dataclass(kind):
        return find_getter(kind)(value)
    # A day may be one that is observed: to write it down binds all to this day.
    return value.isoformat() if isinstance(value, date) else str(value)


@lru_cache(maxsize=64)
def _find_reader(name: str) -> _Reader:
    return _make_reader(get_type_hints(PortalView)[name])


@lru_cache(maxsize=64)
def _make_reader(hint: Any) -> _Reader:
    """Return the function that makes a value of this type of plain data."""
    if hint in _PLAIN:
        return None
    if get_origin(hint) is tuple:
        return _make_tuple_reader(_make_reader(get_args(hint)[0]))
    if isinstance(hint, UnionType) or get_origin(hint) is not None:
        return _make_optional_reader(hint)
    if is_dataclass(hint):
        return _make_record_reader(hint)
    if hint is date:
        return date.fromisoformat
    if hint is Decimal or issubclass(hint, StrEnum):
        return cast("Callable[[Any], Any]", hint)
    raise TypeError(f"a view with values of {hint!r} cannot be kept")


def _make_tuple_reader(read: _Reader) -> _Reader:
    return tuple if read is None else (lambda plain: tuple(map(read, plain)))


def _make_optional_reader(hint: Any) -> _Reader:
    (read,) = {_make_reader(each) for each in get_args(hint) if each is not NoneType}
    return None if read is None else (lambda plain: None if plain is None else read(plain))


def _make_record_reader(kind: Any) -> _Reader:
    hints = get_type_hints(kind)
    readers = [(place, _make_reader(hints[each.name])) for place, each in enumerate(fields(kind))]
    needed: Mapping[int, Callable[[Any], Any]] = {
        place: read for place, read in readers if read is not None
    }

    def read_record(plain: list[Any]) -> Any:
        for place, read in needed.items():
            plain[place] = read(plain[place])
        return kind(*plain)

    return read_record
