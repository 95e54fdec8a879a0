"""The order of ids: runs of digits compare as numbers, so that P2 comes before P10."""

from __future__ import annotations

import re
from functools import lru_cache

_DIGITS = re.compile(r"([0-9]+)")

NaturalKey = tuple[tuple[tuple[int, int, str], ...], str]


@lru_cache(maxsize=65_536)
def natural_key(text: str) -> NaturalKey:
    """Return a key that sorts ``text`` with its runs of digits as numbers.

    Texts that differ only in leading zeros are still told apart, so that the order is total.
    """
    parts = tuple(
        (0, int(part), "") if part[0] in "0123456789" else (1, 0, part)
        for part in _DIGITS.split(text)
        if part
    )
    return parts, text
