"""All fields of a record at once: a view is taken apart thousands of times in a build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import lru_cache
from operator import attrgetter
from typing import Any


@lru_cache(maxsize=64)
def find_getter(kind: type) -> Callable[[object], tuple[object, ...]]:
    """Return the function that takes the values of all fields from a record of this kind."""
    names = [each.name for each in fields(kind)]
    get: Any = attrgetter(*names)
    return (lambda value: (get(value),)) if len(names) == 1 else get
