"""The one form in which each kind of value is written, and what somebody meant by another one.

``1,000``, ``45.0``, ``1h15m`` and ``2026/11/3`` are all refused; here is what to write instead.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal, InvalidOperation

from ledger.dates import MONTHS_IN_YEAR
from ledger.duration import format_minutes, parse_duration
from ledger.models.fields import CURRENCY, DAY, KEY, MONEY, NUMBER, Form

_LONGEST_MEANT = 30
_LONG_NUMBER = re.compile("-?[0-9]{10,}", re.ASCII)
_HEXADECIMAL = re.compile("0x[0-9a-f]+", re.ASCII | re.IGNORECASE)
_GROUPED = re.compile("[+-]?[0-9]{1,3}(?:[ ,_'][0-9]{3})+(?:[.][0-9]+)?", re.ASCII)
_GROUPED_WITH_COMMA = re.compile("[0-9]{1,3}(?:[ .'][0-9]{3})*,[0-9]{1,2}", re.ASCII)
_CURRENCY_SIGNS = re.compile(r"^(?:[A-Z]{3}|[$€£¥])\s*|\s*(?:[A-Z]{3}|[$€£¥])$")
_LOOSE_DATE = re.compile(
    r"(?P<y>[0-9]{4})([-/.])(?P<m>[0-9]{1,2})\2(?P<d>[0-9]{1,2})(?:[T ].*)?", re.ASCII
)
_COMPACT_DATE = re.compile("(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})", re.ASCII)


def explain_other_form(form: Form, text: str, key: str) -> tuple[str, str]:
    """Say what ``text``, the value of ``key``, is not, and what to write instead."""
    if form is NUMBER and _LONG_NUMBER.fullmatch(text):
        return "a number of at most 9 digits", "write a smaller number"
    stripped = text.strip()
    if len(stripped) > _LONGEST_MEANT:
        return form.what, form.hint
    meant = _FIND_MEANT[form](stripped) if form in _FIND_MEANT else None
    hint = form.hint
    if meant is not None and re.search(form.pattern, meant):
        hint = f"write {meant}"
    elif form is NUMBER and "minutes" in key:
        with suppress(ValueError):
            minutes = parse_duration(stripped)
            hint = f"write {minutes} for {format_minutes(minutes)}"
    return form.what, hint


def explain_missing_day(text: str) -> str:
    """Say what to write instead of a day that no calendar has, like 2026-02-30."""
    year, month, _day = map(int, text.split("-"))
    if not 1 <= month <= MONTHS_IN_YEAR:
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
    return None if number is None or number != round(number, 2) else str(round(number, 2))


def _find_meant_day(text: str) -> str | None:
    match = _LOOSE_DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text)
    try:
        return date(*map(int, match.group("y", "m", "d"))).isoformat() if match else None
    except ValueError:
        return None


def _read_decimal(text: str) -> Decimal | None:
    try:
        number = Decimal(text.replace("_", ""))
    except InvalidOperation:
        return None
    # A large exponent would be written out with as many zeros.
    return number if number.is_finite() and abs(number.adjusted()) < _LONGEST_MEANT else None


_FIND_MEANT: Mapping[Form, Callable[[str], str | None]] = {
    NUMBER: _find_meant_number,
    MONEY: _find_meant_amount,
    DAY: _find_meant_day,
    CURRENCY: str.upper,
    KEY: str.upper,
}
