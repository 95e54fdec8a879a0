"""How many random ledgers a run looks at.

The usual run looks at the same ones every time. With PUNCHCARD_EXAMPLES=N it looks at N times as
many, different ones in every run.
"""

import os

from hypothesis import HealthCheck, settings

_SCALE = os.environ.get("PUNCHCARD_EXAMPLES", "")


def scale(examples: int) -> int:
    """Return how many to look at in this run, where the usual run looks at ``examples``."""
    return round(examples * float(_SCALE or 1))


def explore(examples: int) -> settings:
    """Return the settings of a test that looks at ``examples`` random inputs in the usual run."""
    return settings(
        max_examples=scale(examples),
        derandomize=not _SCALE,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
