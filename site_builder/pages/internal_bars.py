"""Lying bars with a name above and a figure at the end, for the provider's own pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from site_builder.provider_overview import OpenRequest

# Beside the longest bar there must be room for its figure, on the narrowest phone.
_LONGEST_BAR = 52
# Days that a request is open: the ends of the first three groups.
AGE_LIMITS = (7, 28, 91)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar; ``width`` in percent of the picture."""

    name: str
    figure: str
    width: float


def draw_bars(rows: Iterable[tuple[str, int, str]]) -> tuple[Bar, ...]:
    """Return a bar for each row: its name, its value, and the value in words."""
    kept = list(rows)
    longest = max((value for _, value, _ in kept), default=0)
    return tuple(
        Bar(name, figure, round(max(0, value) * _LONGEST_BAR / longest, 2) if longest > 0 else 0)
        for name, value, figure in kept
    )


def count_ages(requests: Sequence[OpenRequest]) -> tuple[int, ...]:
    """Return how many requests are open for less than each of the limits, and for longer."""
    counts = [0] * (len(AGE_LIMITS) + 1)
    for item in requests:
        counts[sum(item.days_open >= limit for limit in AGE_LIMITS)] += 1
    return tuple(counts)
