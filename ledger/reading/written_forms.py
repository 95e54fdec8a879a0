"""The one form in which each kind of value is written, and what somebody meant by another one.

``1,000``, ``45.0``, ``1h15m`` and ``2026/11/3`` are all refused; here is what to write instead.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

from ledger.duration import format_minutes, parse_duration
from ledger.written_patterns import (
    CURRENCY_PATTERN,
    DATE_PATTERN,
    EMAIL_PATTERN,
    HANDLE_PATTERN,
    KEY_PATTERN,
    LINK_PATTERN,
    MONEY_PATTERN,
    RECORD_ID_PATTERN,
    TEXT_PATTERN,
    WHOLE_NUMBER_PATTERN,
)

_LONGEST_MEANT = 30
_LONG_NUMBER = re.compile("-?[0-9]{10,}", re.ASCII)
_HEXADECIMAL = re.compile("0x[0-9a-f]+", re.ASCII | re.IGNORECASE)
_GROUPED = re.compile("[+-]?[0-9]{1,3}(?:[ ,_'][0-9]{3})+(?:[.][0-9]+)?", re.ASCII)
_GROUPED_WITH_COMMA = re.compile("[0-9]{1,3}(?:[ .'][0-9]{3})*,[0-9]{1,2}", re.ASCII)
_CURRENCY_SIGNS = re.compile(r"^(?:[A-Z]{3}|[$€£¥])\s*|\s*(?:[A-Z]{3}|[$€£¥])$")
_LOOSE_DATE = re.compile(r"([0-9]{4})([-/.])([0-9]{1,2})\2([0-9]{1,2})(?:[T ].*)?", re.ASCII)
_COMPACT_DATE = re.compile("([0-9]{4})([0-9]{2})([0-9]{2})", re.ASCII)
_MONTHS = 12


class WrittenForm(NamedTuple):
    """How a kind of value is written.

    Attributes:
        what: what it is, with its article.
        hint: how to write it.
        example: a value of this form.
        find_meant: from a text of another form to the text of this form that it means, if any.
    """

    what: str
    hint: str
    example: str
    find_meant: Callable[[str], str | None] = lambda _text: None


def find_form(pattern: str | None) -> WrittenForm:
    """Return the form that ``pattern`` holds a text to."""
    other = WrittenForm("of the right form", f"it must match {pattern}", "…")
    return _FORMS[TEXT_PATTERN] if pattern is None else _FORMS.get(pattern, other)


def explain_other_form(pattern: str, text: str, key: str) -> tuple[str, str]:
    """Say what ``text``, the value of ``key``, is not, and what to write instead."""
    form = find_form(pattern)
    if pattern == WHOLE_NUMBER_PATTERN and _LONG_NUMBER.fullmatch(text):
        return "a number of at most 9 digits", "write a smaller number"
    stripped = text.strip()
    if len(stripped) > _LONGEST_MEANT:
        return form.what, form.hint
    meant = form.find_meant(stripped)
    if meant is not None and re.search(pattern, meant):
        return form.what, f"write {meant}"
    if pattern == WHOLE_NUMBER_PATTERN and "minutes" in key:
        return form.what, _find_meant_duration(stripped) or form.hint
    return form.what, form.hint


def explain_missing_day(text: str) -> str:
    """Say what to write instead of a day that no calendar has, like 2026-02-30."""
    year, month, _day = map(int, text.split("-"))
    if not 1 <= month <= _MONTHS:
        return "months go from 01 to 12"
    if not year:
        return "write a year from 0001 on"
    days = calendar.monthrange(year, month)[1]
    return f"{calendar.month_name[month]} {year} has {days} days"


def _find_meant_number(text: str) -> str | None:
    if _GROUPED.fullmatch(text):
        text = re.sub("[ ,_']", "", text)
    if _HEXADECIMAL.fullmatch(text):
        return str(int(text, 16))
    number = _read_decimal(text)
    return None if number is None or number != int(number) else str(int(number))


def _find_meant_amount(text: str) -> str | None:
    text = _CURRENCY_SIGNS.sub("", text)
    if _GROUPED_WITH_COMMA.fullmatch(text):
        text = re.sub("[ .']", "", text).replace(",", ".")
    elif _GROUPED.fullmatch(text):
        text = re.sub("[ ,_']", "", text)
    number = _read_decimal(text)
    if number is None or number != round(number, 2):
        return None
    return str(round(number, 2))


def _find_meant_day(text: str) -> str | None:
    if match := _LOOSE_DATE.fullmatch(text):
        year, month, day = match[1], match[3], match[4]
    elif match := _COMPACT_DATE.fullmatch(text):
        year, month, day = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _find_meant_duration(text: str) -> str | None:
    try:
        minutes = parse_duration(text)
    except ValueError:
        return None
    return f"write {minutes} for {format_minutes(minutes)}"


def _read_decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace("_", ""))
    except InvalidOperation:
        return None
    # A large exponent would be written out with as many zeros.
    return number if number.is_finite() and abs(number.adjusted()) < _LONGEST_MEANT else None


_FORMS: Mapping[str, WrittenForm] = {
    WHOLE_NUMBER_PATTERN: WrittenForm(
        "a whole number", "write it with digits alone, like 45", "45", _find_meant_number
    ),
    DATE_PATTERN: WrittenForm(
        "a date", "write it as YYYY-MM-DD, like 2026-11-03", "2026-11-03", _find_meant_day
    ),
    MONEY_PATTERN: WrittenForm(
        "an amount",
        "write it like 1000.00, without sign, currency or grouping",
        "1000.00",
        _find_meant_amount,
    ),
    EMAIL_PATTERN: WrittenForm(
        "an e-mail address", "write it like dana@acme.example", "dana@acme.example"
    ),
    LINK_PATTERN: WrittenForm(
        "a link or an e-mail address", "write https://… or name@host", "https://…"
    ),
    HANDLE_PATTERN: WrittenForm(
        "a handle", "use up to 39 of a-z, 0-9, dots, _ and -, like alice", "alice"
    ),
    KEY_PATTERN: WrittenForm("a customer's key", "use up to 10 of A-Z and 0-9, like ACME", "ACME"),
    RECORD_ID_PATTERN: WrittenForm(
        "an id", "use up to 39 letters, digits, dots, _ and -, like P1 or 03-1", "03-1"
    ),
    CURRENCY_PATTERN: WrittenForm("a currency", "write its ISO 4217 code, like USD", "USD"),
    TEXT_PATTERN: WrittenForm("text", "write something, or delete the key", "…"),
}
