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
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from site_builder.field_values import find_getter
from site_builder.portal_view import PortalView

_ABSENT = "absent"
_FIELDS = frozenset(each.name for each in fields(PortalView))


class ViewDigests:
    """The digests of a view's values, by their name.

    Args:
        view: the view.
        others: those of a view that has some of the very same values.
    """

    def __init__(self, view: PortalView, others: ViewDigests | None = None) -> None:
        self._view = view
        self._others = others
        self._digests: dict[str, str] = {}

    def digest(self, name: str) -> str:
        """Return the digest of the value called ``name``."""
        if name not in self._digests:
            shared = self._others if self._is_shared(name) else None
            found = self._compute(name) if shared is None else shared.digest(name)
            self._digests[name] = found
        return self._digests[name]

    def still_hold(self, needs: Mapping[str, str]) -> bool:
        """Whether all these values are what they were."""
        return all(self.digest(name) == digest for name, digest in needs.items())

    def _is_shared(self, name: str) -> bool:
        if self._others is None:
            return False
        # An object of the one view that is an object of the other, and not only equal to it.
        mine = getattr(self._view, name, _ABSENT)
        return mine is not _ABSENT and mine is getattr(self._others._view, name, None)  # noqa: SLF001 - one of us

    def _compute(self, name: str) -> str:
        if name not in _FIELDS:
            return _ABSENT
        value = getattr(self._view, name)
        return hashlib.blake2b(_write_down(value), digest_size=16).hexdigest()


class _Pickler(pickle.Pickler):
    """Writes values of a view: equal ones always alike, and others never."""

    def reducer_override(self, value: Any) -> Any:
        """Write a record as its fields; the usual way takes twice as long."""
        kind = type(value)
        return (kind, find_getter(kind)(value)) if is_dataclass(kind) else NotImplemented


def _write_down(value: object) -> bytes:
    written = io.BytesIO()
    pickler = _Pickler(written, protocol=5)
    # Without a memory of what was written before, it makes no difference whether equal texts are
    # the same object.
    pickler.fast = True
    pickler.dump(value)
    return written.getvalue()


class NeedsRecorder:
    """Gives a view to a function, and knows afterwards which of its values it asked for."""

    def __init__(self, view: PortalView) -> None:
        self._asked: set[str] = set()
        self.view = cast("PortalView", _Tracked(view, self._asked))

    def list_needs(self, digests: ViewDigests) -> Mapping[str, str]:
        """Return the values that were asked for, and their digests."""
        return {name: digests.digest(name) for name in sorted(self._asked)}


class _Tracked:
    """Looks like a view, and notes the fields that are read from it."""

    def __init__(self, view: PortalView, asked: set[str]) -> None:
        self._view = view
        self._asked = asked

    def __getattr__(self, name: str) -> Any:
        if name not in _FIELDS:
            # A method would read fields past us.
            raise AttributeError(f"a view has no field {name!r}")
        self._asked.add(name)
        return getattr(self._view, name)
