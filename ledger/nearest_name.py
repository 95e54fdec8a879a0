"""The name somebody probably meant."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def find_nearest_name(wrong: str, names: Iterable[str]) -> str | None:
    """Return the one of ``names`` that is most like ``wrong``, or None if none is like it."""
    by_folded = {name.casefold(): name for name in sorted(names, reverse=True)}
    matches = difflib.get_close_matches(wrong.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def suggest_name(wrong: str, names: Iterable[str]) -> str:
    """Return ``did you mean X?``, or an empty text if nothing is near."""
    nearest = find_nearest_name(wrong, names)
    return f"did you mean {nearest}?" if nearest else ""
