"""The texts of portals, documents and mails by name, and how dates, minutes and money are written.

The texts of a language are one file in ``texts/``; no other module and no template has any words.
A provider's own file changes some of them, or adds a language. Dates, numbers and plurals follow
the locale that the file names; those of ``de-CH`` or ``en-US`` are that country's.
"""

import string
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache, lru_cache, partial
from itertools import product
from pathlib import Path
from types import MappingProxyType
from typing import Any

from babel import Locale, UnknownLocaleError, localedata
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal, format_percent
from babel.units import format_unit

from ledger.duration import format_minutes
from ledger.errors import LedgerError
from ledger.money import make_pattern
from ledger.text import suggest_name

DEFAULT_LANGUAGE = "en"
TEXTS_FOLDER = Path(__file__).parent / "texts"

_MINUS = "\N{MINUS SIGN}"
_PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})


class Wording:
    """How a language says things; ``texts`` are by ``section.key``, with plurals as mappings."""

    def __init__(self, texts: Mapping[str, Any]) -> None:
        self._texts = texts
        self.language: str = texts["language"]
        try:
            self._locale = Locale.parse(texts["locale"])
        except (ValueError, UnknownLocaleError) as error:
            message = f"there is no locale {texts['locale']!r}"
            raise LedgerError(message, "write one like en_GB or de") from error
        self.tag = str(self._locale).replace("_", "-")
        self.has_decimal_comma = format_decimal(Decimal("0.5"), locale=self._locale) == "0,5"
        # A date as people write it, with a short month for tables, and the names of its month.
        self.day = cache(partial(format_date, format="long", locale=self._locale))
        short = "en_US" if self._locale.language == "en" else self._locale  # "Sep", never "Sept"
        pattern = self._locale.date_formats["medium"].pattern
        self.short_day = cache(partial(format_date, format=pattern, locale=short))
        self.weekday = cache(partial(format_date, format="cccc", locale=self._locale))
        self.month = cache(partial(format_skeleton, "yMMMM", locale=self._locale))
        self.short_month = cache(partial(format_date, format="LLL", locale=short))
        self._number = lru_cache(10_000)(partial(format_decimal, locale=self._locale))
        self.join = partial(format_list, locale=self._locale)
        names = {"h": "hours", "m": "minutes", " ": "between"}
        units = {letter: texts[f"units.{name}"] for letter, name in names.items()}
        self._units = str.maketrans(units | {"-": _MINUS})

    def text(self, name: str, /, **values: object) -> str:
        """Return the text called ``name`` (``section.key``), with ``values`` filled in.

        Whole numbers are written as the language writes them: ``1,492``. The plural is that of
        the value called ``count``. A KeyError is raised if there is no such text, or value.
        """
        found = self._texts[name]
        if isinstance(found, Mapping):
            match values.get("count"):
                case int() | Decimal() as count:
                    found = found.get(self._locale.plural_form(count), found["other"])
                case _:
                    found = found["other"]
        if not values:
            return str(found)
        whole = ((key, each) for key, each in values.items() if type(each) is int)
        written = {key: self._number(each, "#,##0") for key, each in whole}
        return str(found).format(**values | written)

    def section(self, name: str) -> dict[str, str]:
        """Return the texts of a whole section by name."""
        texts, start = self._texts.items(), f"{name}."
        return {key.removeprefix(start): str(text) for key, text in texts if key.startswith(start)}

    def label(self, section: str, value: str | None) -> str:
        """Return the word for one of a fixed set of values, such as a status."""
        return self.text(f"{section}.{'none' if value is None else value}")

    def minutes(self, minutes: int) -> str:
        """Return minutes as hours and minutes."""
        return format_minutes(minutes).translate(self._units)

    def signed_minutes(self, minutes: int) -> str:
        """Return minutes with a sign, as a movement has it."""
        return ("+" if minutes > 0 else "") + self.minutes(minutes)

    def money(self, amount: Decimal, currency: str) -> str:
        """Return an amount with its currency."""
        return self.text("money", amount=self.amount(amount, currency), currency=currency)

    def amount(self, amount: Decimal, currency: str) -> str:
        """Return an amount with the decimals of its currency, which stands elsewhere."""
        return self._number(amount, make_pattern(currency)).replace("-", _MINUS)

    def percent(self, share: int) -> str:
        """Return a share that is given in percent."""
        return format_percent(Decimal(share) / 100, locale=self._locale)

    def size(self, count: int) -> str:
        """Return a number of bytes as people read the size of a file."""
        unit, bytes_a_unit = ("megabyte", 10**6) if count >= 10**6 else ("kilobyte", 10**3)
        number = round(count / bytes_a_unit, 1)
        return format_unit(max(number, 0.1), unit, length="short", locale=self._locale)


def load_wording(
    language: str = DEFAULT_LANGUAGE,
    folder: Path | None = None,
    categories: Mapping[str, str] = MappingProxyType({}),
    *,
    has_support: bool = True,
) -> Wording:
    """Return the texts of ``language``; ``folder`` has a provider's own files.

    A text that the provider's file does not have is taken from our file of that language, then
    from the English one. Without technical support, those of ``without_support`` take the place of
    others; ``categories`` are names of the terms. A LedgerError is raised if there is no such
    language, or if a text of the provider's cannot be used.
    """
    english = texts = _read_texts(TEXTS_FOLDER / f"{DEFAULT_LANGUAGE}.toml")
    files = _list_files(language, folder)
    country = language.replace("-", "_")
    for file in files:
        own = _read_texts(file)
        _check_texts(own, english, file)
        texts = {**texts, **own}
    if country != language and localedata.exists(country):
        texts = {**texts, "locale": country}
    if not files:
        raise LedgerError(
            f"there are no texts for the language {language!r}",
            f"write {language}.toml, or set theme.language to {DEFAULT_LANGUAGE}",
        )
    if not has_support:
        start = "without_support."
        instead = {name: text for name, text in texts.items() if name.startswith(start)}
        texts |= {name.removeprefix(start): text for name, text in instead.items()}
    return Wording(texts | {f"category.{id_}": name for id_, name in categories.items()})


def choose_language(own: str | None, usual: str, folder: Path | None = None) -> str:
    """Return a customer's own language if we or the provider have texts of it, else the usual."""
    return own if own and _list_files(own, folder) else usual


def find_missing_texts(language: str, folder: Path | None = None) -> tuple[str, ...]:
    """Return the names of texts that a language lacks, which stay English."""
    found = {name for file in _list_files(language, folder) for name in _read_texts(file)}
    english = _read_texts(TEXTS_FOLDER / f"{DEFAULT_LANGUAGE}.toml")
    return tuple(name for name in english if name not in found)


def _list_files(language: str, folder: Path | None) -> list[Path]:
    """Return our files of a language and the provider's; of de-AT those of de come first."""
    places = [TEXTS_FOLDER] if folder is None else [TEXTS_FOLDER, folder]
    names = dict.fromkeys((language.partition("-")[0], language))
    files = (place / f"{name}.toml" for name, place in product(names, places))
    return [file for file in files if file.is_file()]


@cache
def _read_texts(file: Path) -> dict[str, Any]:
    """Return the texts of a file by name."""
    try:
        return dict(_list_texts(tomllib.loads(file.read_text(encoding="utf-8"))))
    except (OSError, ValueError) as error:
        raise LedgerError(f"{file} cannot be read: {error}", "mend it") from error


def _list_texts(texts: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in texts.items():
        has_plurals = isinstance(value, Mapping) and "other" in value and value.keys() <= _PLURALS
        if isinstance(value, Mapping) and not has_plurals:
            yield from _list_texts(value, f"{section}{key}.")
        else:
            yield f"{section}{key}", value


def _check_texts(own: Mapping[str, Any], english: Mapping[str, Any], file: Path) -> None:
    """Refuse a text with an unknown name, or with a value that the English one does not have."""
    for name, text in own.items():
        if name not in english:
            hint = suggest_name(name, english) or "en.toml has all names"
            raise LedgerError(f"{file}: there is no text called {name}", hint)
        known = _join_plurals(english[name])
        unknown = _list_values(_join_plurals(text), name, file) - _list_values(known, name, file)
        if unknown:
            values = ", ".join(sorted(unknown))
            raise LedgerError(f"{file}: {name} has no value {values}", f"it reads: {known}")


def _join_plurals(text: Any) -> str:
    return " ".join(map(str, text.values())) if isinstance(text, Mapping) else str(text)


def _list_values(text: str, name: str, file: Path) -> set[str]:
    try:
        return {value for _, value, _, _ in string.Formatter().parse(text) if value is not None}
    except ValueError as error:
        raise LedgerError(f"{file}: {name} is no text to fill in: {error}", "mend it") from error
