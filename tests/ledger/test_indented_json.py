"""Indented JSON is what Python's own encoder would write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.reporters.indented_json import enclose_items, format_item

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


def format_object(items: dict[str, Any]) -> str:
    return enclose_items({key: format_item(value) for key, value in items.items()})


@given(st.dictionaries(st.text(), _VALUES))
def test_it_is_what_python_would_write(items: dict[str, Any]) -> None:
    assert format_object(items) == json.dumps(items, indent=2, ensure_ascii=False)


@pytest.mark.parametrize(
    "value", [(), (1, ("a",)), [[], {}], {"a": {}, "b": ()}, '\u2028\x7f"\\\ud800', -0.0]
)
def test_what_is_empty_or_odd(value: Any) -> None:
    expected = json.dumps({"key": value}, indent=2, ensure_ascii=False)
    assert format_object({"key": value}) == expected
