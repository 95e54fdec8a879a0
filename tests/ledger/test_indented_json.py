"""Indented JSON is what Python's own encoder would write."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.reporters.indented_json import format_json

_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(_VALUES)
def test_it_is_what_python_would_write(value: Any) -> None:
    assert format_json(value) == json.dumps(value, indent=2, ensure_ascii=False)


@pytest.mark.parametrize(
    "value", [(), (1, ("a",)), [[], {}], {"a": {}, "b": ()}, '\u2028\x7f"\\\ud800', -0.0]
)
def test_what_is_empty_or_odd(value: Any) -> None:
    assert format_json(value) == json.dumps(value, indent=2, ensure_ascii=False)
