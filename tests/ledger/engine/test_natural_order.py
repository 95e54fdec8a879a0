"""The order of ids: runs of digits compare as numbers."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.text import natural_key
from tests.ledger.engine.example_budget import explore


@pytest.mark.parametrize(
    "in_order",
    [
        ["P1", "P2", "P9", "P10", "P11", "P100"],
        ["A9", "A10", "P1", "P2"],
        ["P1/1", "P1/2", "P1/10", "P2/1", "P10/1"],
        ["03-1", "03-2", "03-10", "17-1"],
        ["2", "10", "P"],
        ["P", "P1", "P1-2", "P1-10"],
        ["E01", "E1", "E02", "E2"],
        ["2026-02-ben", "2026-11-alice", "2026-11-ben", "2026-11-ben2", "2026-11-ben10"],
        ["2026-11-ben", "2026-11-ben-2"],
    ],
)
def test_digits_compare_as_numbers(in_order: list[str]) -> None:
    for shuffled in list(permutations(in_order))[:720]:
        assert sorted(shuffled, key=natural_key) == in_order


@explore(300)
@given(st.lists(st.text("P0129-/é٤", max_size=6), unique=True))
def test_different_ids_are_never_equal(ids: list[str]) -> None:
    assert len({natural_key(text) for text in ids}) == len(ids)
