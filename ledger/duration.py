"""Minutes, as people write them and as people read them.

Every duration in the ledger is a whole number of minutes; only this file turns minutes into text
and text into minutes.
"""

import re
from fractions import Fraction

_HOURS_AND_MINUTES = re.compile(r"(?:(\d+)\s*h)?\s*(?:(\d+)\s*m(?:in)?)?", re.ASCII)
_CLOCK = re.compile(r"(\d+)(?::|\s*h\s*)([0-5]\d)", re.ASCII)
_DECIMAL_HOURS = re.compile(r"(\d+[.,]\d+|\d+|[.,]\d+)\s*h", re.ASCII)
_MINUTES = re.compile(r"\d+", re.ASCII)
_LONGEST_TEXT = 12
MINUTES_IN_HOUR = 60
ROUNDINGS = ("up", "down", "nearest")
"""What may become of a duration that is no multiple of the step."""


def parse_duration(text: str) -> int:
    """Return the minutes that ``text`` means.

    Understood: ``45m``, ``1h``, ``1h15m``, ``1h15``, ``1:15``, ``1.25h``, ``75`` (minutes); of
    anything else, and of what is no whole number of minutes, a ValueError is raised.
    """
    stripped = text.strip().lower()
    minutes = _read_duration(stripped) if 0 < len(stripped) <= _LONGEST_TEXT else None
    if minutes is None:
        msg = f"{text!r} is not a duration; write it like 45m, 1h15m, 1:15, 1.25h or 75"
        raise ValueError(msg)
    if minutes.denominator != 1:
        msg = f"{text!r} is not a whole number of minutes"
        raise ValueError(msg)
    return int(minutes)


def format_minutes(minutes: int) -> str:
    """Return minutes as people read them: ``1h 30m``, ``45m``, ``-2h``, ``0m``."""
    hours, rest = divmod(abs(minutes), MINUTES_IN_HOUR)
    parts = [f"{hours}h"] if hours else []
    if rest or not hours:
        parts.append(f"{rest}m")
    return ("-" if minutes < 0 else "") + " ".join(parts)


def find_nearest_multiples(minutes: int, increment: int) -> tuple[int, int]:
    """Return the multiples of ``increment`` just below and just above ``minutes``."""
    below = minutes // increment * increment
    return below, below + increment


def round_to_multiple(amount: int, step: int, how: str) -> int:
    """Return the multiple of ``step`` that an amount is rounded to: one of ``ROUNDINGS``."""
    below, above = find_nearest_multiples(amount, step)
    is_nearer_below = how == "nearest" and amount - below < above - amount
    return below if amount == below or how == "down" or is_nearer_below else above


def _read_duration(text: str) -> Fraction | None:
    if _MINUTES.fullmatch(text):
        return Fraction(int(text))
    if match := _CLOCK.fullmatch(text):
        return Fraction(int(match[1]) * MINUTES_IN_HOUR + int(match[2]))
    if match := _DECIMAL_HOURS.fullmatch(text):
        return Fraction(match[1].replace(",", ".")) * MINUTES_IN_HOUR
    if match := _HOURS_AND_MINUTES.fullmatch(text):
        return Fraction(int(match[1] or 0) * MINUTES_IN_HOUR + int(match[2] or 0))
    return None
