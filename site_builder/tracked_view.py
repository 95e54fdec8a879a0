"""Finds out what a page is made from: a view that remembers which of its values were asked for.

A page is made by a function of the view, which always does the same with the same values. So if
all the values that it asked for when the page was made are as they were, it would ask for the
same ones again and make the same page: there is no need to. Nobody has to say, and to remember
to say, which page needs what.
"""

from __future__ import annotations

import hashlib
import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from operator import attrgetter
from types import FunctionType, MethodType
from typing import Any, cast

from site_builder.portal_view import PortalView

_ABSENT = "absent"
# Of these, single values are remembered: the day of the statement is of no concern to a page that
# shows its months.
_LOOKED_INTO = frozenset({"statement"})


class ViewDigests:
    """The digests of a view's values, by their path: ``statement.months``.

    Args:
        view: the view.
        others: those of a view that has some of the very same values.
    """

    def __init__(self, view: PortalView, others: ViewDigests | None = None) -> None:
        self._view = view
        self._others = others
        self._digests: dict[str, str] = {}

    def digest(self, path: str) -> str:
        """Return the digest of the value at ``path``."""
        if path not in self._digests:
            shared = self._others if self._is_shared(path) else None
            found = self._compute(path) if shared is None else shared.digest(path)
            self._digests[path] = found
        return self._digests[path]

    def still_hold(self, needs: Mapping[str, str]) -> bool:
        """Whether all these values are what they were."""
        return all(self.digest(path) == digest for path, digest in needs.items())

    def _is_shared(self, path: str) -> bool:
        if self._others is None:
            return False
        name = path.partition(".")[0]
        # An object of the one view that is an object of the other, and not only equal to it.
        mine = getattr(self._view, name, _ABSENT)
        return mine is not _ABSENT and mine is getattr(self._others._view, name, None)  # noqa: SLF001 - one of us

    def _compute(self, path: str) -> str:
        value: Any = self._view
        for name in path.split("."):
            if name not in _field_names(type(value)):
                return _ABSENT
            value = getattr(value, name)
        return hashlib.blake2b(_write_down(value), digest_size=16).hexdigest()


class _Pickler(pickle.Pickler):
    """Writes values of a view: equal ones always alike, and others never."""

    def reducer_override(self, value: Any) -> Any:
        """Write a record as its fields; the usual way takes twice as long."""
        kind = type(value)
        take = _field_getters.get(kind)
        if take is None:
            if not is_dataclass(kind):
                return NotImplemented
            take = _field_getters[kind] = _make_getter(kind)
        return kind, take(value)


def _write_down(value: object) -> bytes:
    written = io.BytesIO()
    pickler = _Pickler(written, protocol=5)
    # Without a memory of what was written before, it makes no difference whether equal texts are
    # the same object.
    pickler.fast = True
    pickler.dump(value)
    return written.getvalue()


def _make_getter(kind: type) -> Callable[[object], tuple[object, ...]]:
    names = [each.name for each in fields(kind)]
    if len(names) == 1:
        return lambda value: (getattr(value, names[0]),)
    return attrgetter(*names)


_field_getters: dict[type, Callable[[object], tuple[object, ...]]] = {}


class NeedsRecorder:
    """Gives a view to a function, and knows afterwards which of its values it asked for."""

    def __init__(self, view: PortalView) -> None:
        self._asked: set[str] = set()
        self.view = cast("PortalView", _Tracked(view, "", self._asked))

    def list_needs(self, digests: ViewDigests) -> Mapping[str, str]:
        """Return the values that were asked for, and their digests."""
        return {path: digests.digest(path) for path in sorted(self._asked)}


class _Tracked:
    """Looks like a value, and notes the fields that are read from it."""

    def __init__(self, value: object, path: str, asked: set[str]) -> None:
        self._value = value
        self._path = path
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        kind = type(self._value)
        if name in _field_names(kind):
            return self._read_field(name)
        # Methods and properties read fields: they are to read them from here, too.
        member = kind.__dict__.get(name)
        if isinstance(member, FunctionType):
            return MethodType(member, self)
        if isinstance(member, property) and member.fget is not None:
            return member.fget(self)
        raise AttributeError(f"{kind.__name__} has no field, method or property {name!r}")

    def _read_field(self, name: str) -> Any:
        path = f"{self._path}.{name}" if self._path else name
        value = getattr(self._value, name)
        if path in _LOOKED_INTO and is_dataclass(value):
            return _Tracked(value, path, self._asked)
        self._asked.add(path)
        return value


_names: dict[type, frozenset[str]] = {}


def _field_names(kind: type) -> frozenset[str]:
    if kind not in _names:
        _names[kind] = (
            frozenset(each.name for each in fields(kind)) if is_dataclass(kind) else frozenset()
        )
    return _names[kind]
