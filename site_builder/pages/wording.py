"""The words of the portals: fixed texts by name, and how dates, minutes and money are written.

The texts of a language are one file in ``texts/``; nothing else in this package has words.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from ledger.duration import format_minutes

TEXTS_FOLDER = Path(__file__).parent / "texts"
_MINUS = "\N{MINUS SIGN}"
_HUNDREDTH = Decimal("0.01")


class Wording:
    """The texts of one language."""

    def __init__(self, texts: Mapping[str, Any]) -> None:
        self._texts = texts
        self.language: str = texts["language"]

    def text(self, name: str, /, **values: object) -> str:
        """Return the text called ``name`` (``section.key``), with ``values`` filled in.

        Raises:
            KeyError: there is no such text, or it needs a value that was not given.
        """
        found = self._find(name)
        if isinstance(found, Mapping):
            found = found["one" if values.get("count") == 1 else "other"]
        return str(found).format(**values) if values else str(found)

    def section(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the names and texts of a whole section."""
        return tuple((key, str(value)) for key, value in self._find(name).items())

    def label(self, section: str, value: str | None) -> str:
        """Return the word for one of a fixed set of values, such as a status."""
        return self.text(f"{section}.{'none' if value is None else value}")

    def day(self, day: date) -> str:
        """Return a date as people write it."""
        return self.text(
            "day", day=day.day, month=self._texts["months"][day.month - 1], year=day.year
        )

    def short_day(self, day: date) -> str:
        """Return a date with a short name of the month, for tables."""
        return self.text(
            "day", day=day.day, month=self._texts["short_months"][day.month - 1], year=day.year
        )

    def month(self, day: date) -> str:
        """Return the month that ``day`` lies in."""
        return self.text("month", month=self._texts["months"][day.month - 1], year=day.year)

    def minutes(self, minutes: int) -> str:
        """Return minutes as hours and minutes."""
        return format_minutes(minutes).replace("-", _MINUS)

    def signed_minutes(self, minutes: int) -> str:
        """Return minutes with a sign, as a movement has it."""
        return ("+" if minutes > 0 else "") + self.minutes(minutes)

    def money(self, amount: Decimal, currency: str) -> str:
        """Return an amount with its currency."""
        return self.text("money", amount=f"{amount:,.2f}", currency=currency)

    def cards(self, minutes: int, card_minutes: int) -> str:
        """Return how many punchcards ``minutes`` are, rounded down to a hundredth."""
        number = (Decimal(minutes) / card_minutes).quantize(_HUNDREDTH, ROUND_DOWN).normalize()
        return self.text("cards", count=number, number=f"{number:f}")

    def _find(self, name: str) -> Any:
        found: Any = self._texts
        for key in name.split("."):
            found = found[key]
        return found


@lru_cache(maxsize=8)
def load_wording(language: str = "en") -> Wording:
    """Return the texts of ``language``."""
    file = TEXTS_FOLDER / f"{language}.toml"
    return Wording(tomllib.loads(file.read_text(encoding="utf-8")))
