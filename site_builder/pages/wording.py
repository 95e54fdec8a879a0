"""The words of the portals: fixed texts by name, and how dates, minutes and money are written.

The texts of a language are one file in ``texts/``; nothing else in this package has words. A
provider's own file of the same name in a folder of its own says only what it wants otherwise, or
is a whole new language. Dates, numbers and plurals follow the file's locale.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import ROUND_DOWN, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal, format_percent

from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.text import suggest_name
from site_builder.pages.style import DEFAULT_LANGUAGE

TEXTS_FOLDER = Path(__file__).parent / "texts"

_MINUS = "\N{MINUS SIGN}"
_HUNDREDTH = Decimal("0.01")
_PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})


class Wording:
    """The texts of one language."""

    def __init__(self, texts: Mapping[str, Any]) -> None:
        self._texts = texts
        self.language: str = texts["language"]
        self._locale = _find_locale(texts["locale"])
        self._units = str.maketrans(
            {"h": texts["units"]["hours"], "m": texts["units"]["minutes"], "-": _MINUS}
        )
        # The same few days and durations stand on many pages.
        self.day = lru_cache(maxsize=4096)(self._write_day)
        self.short_day = lru_cache(maxsize=4096)(self._write_short_day)
        self.month = lru_cache(maxsize=4096)(self._write_month)
        self.short_month = lru_cache(maxsize=4096)(self._write_short_month)
        self._write_number = lru_cache(maxsize=4096)(self._format_number)
        self._plain_texts: dict[str, str] = {}

    def text(self, name: str, /, **values: object) -> str:
        """Return the text called ``name`` (``section.key``), with ``values`` filled in.

        Whole numbers are written as the language writes them: ``1,492``.

        Raises:
            KeyError: there is no such text, or it needs a value that was not given.
        """
        if not values and name in self._plain_texts:
            return self._plain_texts[name]
        found = self._find(name)
        if isinstance(found, Mapping):
            found = found.get(self._choose_plural(values.get("count")), found["other"])
        if values:
            return str(found).format(**{key: self._write(each) for key, each in values.items()})
        return self._plain_texts.setdefault(name, str(found))

    def section(self, name: str) -> tuple[tuple[str, str], ...]:
        """Return the names and texts of a whole section."""
        return tuple((key, str(value)) for key, value in self._find(name).items())

    def label(self, section: str, value: str | None) -> str:
        """Return the word for one of a fixed set of values, such as a status."""
        return self.text(f"{section}.{'none' if value is None else value}")

    def _write(self, value: object) -> object:
        return self._write_number(value) if type(value) is int else value

    def _format_number(self, number: int) -> str:
        return format_decimal(number, "#,##0", locale=self._locale)

    def _write_month(self, day: date) -> str:
        """Return the month that ``day`` lies in."""
        return str(format_skeleton("yMMMM", day, locale=self._locale))

    def _write_short_month(self, day: date) -> str:
        """Return the short name of the month that ``day`` lies in, without the year."""
        return format_date(day, "LLL", locale=self._locale)

    def minutes(self, minutes: int) -> str:
        """Return minutes as hours and minutes."""
        return format_minutes(minutes).translate(self._units)

    def signed_minutes(self, minutes: int) -> str:
        """Return minutes with a sign, as a movement has it."""
        return ("+" if minutes > 0 else "") + self.minutes(minutes)

    def money(self, amount: Decimal, currency: str) -> str:
        """Return an amount with its currency."""
        number = format_decimal(amount, "#,##0.00", locale=self._locale)
        return self.text("money", amount=number, currency=currency)

    def percent(self, share: int) -> str:
        """Return a share that is given in percent."""
        return format_percent(Decimal(share) / 100, locale=self._locale)

    def cards(self, minutes: int, card_minutes: int) -> str:
        """Return how many punchcards ``minutes`` are, rounded down to a hundredth."""
        number = (Decimal(minutes) / card_minutes).quantize(_HUNDREDTH, ROUND_DOWN).normalize()
        written = format_decimal(number, "#,##0.##", locale=self._locale)
        return self.text("cards", count=number, number=written)

    def _write_day(self, day: date) -> str:
        """Return a date as people write it."""
        return format_date(day, "long", locale=self._locale)

    def _write_short_day(self, day: date) -> str:
        """Return a date with a short name of the month, for tables."""
        return format_date(day, "medium", locale=self._locale)

    def _choose_plural(self, count: object) -> str:
        if not isinstance(count, (int, Decimal)):
            return "other"
        return str(self._locale.plural_form(count))

    def _find(self, name: str) -> Any:
        found: Any = self._texts
        for key in name.split("."):
            found = found[key]
        return found


@lru_cache(maxsize=8)
def load_wording(language: str = DEFAULT_LANGUAGE, folder: Path | None = None) -> Wording:
    """Return the texts of ``language``.

    Args:
        language: the name of a file of texts, without its ending.
        folder: a provider's own files. What its file leaves out is as in our file of that
            language, or in English.

    Raises:
        LedgerError: there is no such language, or a text of the provider's does not fit.
    """
    english = _read_texts(TEXTS_FOLDER / f"{DEFAULT_LANGUAGE}.toml")
    texts, is_known = english, False
    for place in (TEXTS_FOLDER, folder):
        file = None if place is None else place / f"{language}.toml"
        if file is not None and file.is_file():
            own = _read_texts(file)
            _check_texts(own, english, file)
            texts, is_known = _merge(texts, own), True
    if not is_known:
        raise LedgerError(
            f"there are no texts for the language {language!r}",
            f"write {language}.toml, or set theme.language to {DEFAULT_LANGUAGE}",
        )
    return Wording(texts)


def find_missing_texts(language: str, folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of the texts that a language does not have; they stay English.

    Args:
        language: the name of a file of texts, without its ending.
        folder: a provider's own files.

    Raises:
        LedgerError: a file cannot be read.
    """
    found: set[str] = set()
    for place in (TEXTS_FOLDER, folder):
        file = None if place is None else place / f"{language}.toml"
        if file is not None and file.is_file():
            found.update(name for name, _ in _list_texts(_read_texts(file)))
    english = _read_texts(TEXTS_FOLDER / f"{DEFAULT_LANGUAGE}.toml")
    return tuple(name for name, _ in _list_texts(english) if name not in found)


def _read_texts(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LedgerError(f"{file} cannot be read: {error}", "mend it") from error


def _merge(texts: Mapping[str, Any], own: Mapping[str, Any]) -> Mapping[str, Any]:
    merged = dict(texts)
    for key, value in own.items():
        is_section = isinstance(value, Mapping) and not _is_plural(value)
        merged[key] = _merge(texts[key], value) if is_section else value
    return merged


def _check_texts(own: Mapping[str, Any], english: Mapping[str, Any], file: Path) -> None:
    """Refuse a text that no page asks for, or that asks for a value that it is not given."""
    known = dict(_list_texts(english))
    for name, text in _list_texts(own):
        if name not in known:
            hint = suggest_name(name, known) or "en.toml has all names"
            raise LedgerError(f"{file}: there is no text called {name}", hint)
        unknown = _list_values(text, name, file) - _list_values(known[name], name, file)
        if unknown:
            values = ", ".join(sorted(unknown))
            raise LedgerError(f"{file}: {name} has no value {values}", f"it reads: {known[name]}")


def _list_texts(texts: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, str]]:
    """Yield all names with their texts; the forms of a plural as one text."""
    for key, value in texts.items():
        if not isinstance(value, Mapping):
            yield f"{section}{key}", str(value)
        elif _is_plural(value):
            yield f"{section}{key}", " ".join(map(str, value.values()))
        else:
            yield from _list_texts(value, f"{section}{key}.")


def _is_plural(value: Mapping[str, Any]) -> bool:
    return "other" in value and value.keys() <= _PLURALS


def _list_values(text: str, name: str, file: Path) -> set[str]:
    try:
        return {value for _, value, _, _ in string.Formatter().parse(text) if value is not None}
    except ValueError as error:
        raise LedgerError(f"{file}: {name} is no text to fill in: {error}", "mend it") from error


def _find_locale(name: str) -> Locale:
    try:
        return Locale.parse(name)
    except (ValueError, UnknownLocaleError) as error:
        raise LedgerError(f"there is no locale {name!r}", "write one like en_GB or de") from error
