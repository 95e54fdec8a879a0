"""JSON as people read it: what ``json.dumps(value, indent=2, ensure_ascii=False)`` says.

Python's own encoder is quick only without indentation, and every portal has a statement of its
own to write each week.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from json.encoder import encode_basestring as quote
from typing import Any

_STEP = "  "


def format_item(value: Any) -> str:
    """Return a value as it stands in an object that stands in nothing else.

    It is made of texts, numbers, truths, None, lists, and objects with texts as keys.
    """
    return _format(value, f"\n{_STEP}")


def enclose_items(items: Mapping[str, str]) -> str:
    """Return such an object, given its values as ``format_item`` writes them."""
    return _enclose("{", [f"{quote(key)}: {text}" for key, text in items.items()], "}", "\n")


def _format(value: Any, line: str) -> str:
    kind = type(value)
    if kind is str:
        return quote(value)
    if kind is dict:
        deeper = line + _STEP
        items = [f"{quote(key)}: {_format(item, deeper)}" for key, item in value.items()]
        return _enclose("{", items, "}", line)
    if kind is list or kind is tuple:
        deeper = line + _STEP
        return _enclose("[", [_format(item, deeper) for item in value], "]", line)
    return str(value) if kind is int else json.dumps(value, ensure_ascii=False)


def _enclose(start: str, items: Iterable[str], end: str, line: str) -> str:
    if not items:
        return start + end
    return f"{start}{line}{_STEP}{f',{line}{_STEP}'.join(items)}{line}{end}"
