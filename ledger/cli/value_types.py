"""Values that people type: dates, durations, amounts of money, names of rules, and fixed words."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import click

from ledger.dates import WEEKDAYS
from ledger.duration import parse_duration
from ledger.text import suggest_name

# The words that options choose from are those of ``ledger.models``. They are written out here so
# that help and completion need not import pydantic; a test compares the two.
STATUSES = ("open", "in-progress", "waiting-for-customer", "resolved", "closed")
CHANNELS = ("punchcard", "support")
LICENCE_TYPES = ("commercial", "academic", "evaluation")
NOTICES = ("all", "important", "none")
ROUNDINGS = ("up", "down", "nearest")

_SHORTEST_WEEKDAY = 3
_MONEY = re.compile(r"(0|[1-9][0-9]{0,11})([.][0-9]{2,4})?")


class ParsedType(click.ParamType[Any]):
    """What ``parse`` makes of a text, or refuses with a ``ValueError`` that says why."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self.parse = parse

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        """Return what ``value`` means."""
        try:
            return self.parse(value) if isinstance(value, str) else value
        except ValueError as error:
            self.fail(str(error), param, ctx)


def _parse_day(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise ValueError(f"{text!r} is not a date; write it as YYYY-MM-DD") from error


def _parse_past_day(text: str) -> Callable[[date], date]:
    """Return what finds the day that a word means, from the day that is today."""
    word = text.strip().lower()
    days = {"today": 0, "yesterday": 1}.get(word)
    if days is None and re.fullmatch("-[0-9]{1,4}", word):
        days = -int(word)
    if days is not None:
        return lambda today: today - timedelta(days)
    for number, name in enumerate(WEEKDAYS):
        if len(word) >= _SHORTEST_WEEKDAY and name.startswith(word):
            return lambda today: today - timedelta((today.weekday() - number) % len(WEEKDAYS))
    try:
        day = _parse_day(word)
    except ValueError as error:
        raise ValueError(f"{error}, or as yesterday, mon or -1") from error
    return lambda _today: day


def _parse_period(part: str, months: int, example: str, text: str) -> tuple[str, date, date]:
    """Return a period's name, its first and its last day; ``part`` is what follows the year."""
    from ledger.dates import ONE_DAY, add_months

    if found := re.fullmatch(f"(?P<year>[0-9]{{4}}){part}", text):
        year, number = int(found["year"]), int(found.groupdict().get("part", 1))
        with suppress(ValueError):
            first = date(year, months * (number - 1) + 1, 1)
            return text, first, add_months(first, months) - ONE_DAY
    raise ValueError(f"{text!r} is no such period; write it like {example}")


def _parse_money(text: str) -> Decimal:
    if not _MONEY.fullmatch(text):
        raise ValueError(f"{text!r} is not an amount; write it like 2000 or 2000.00")
    return Decimal(text)


def _parse_price(text: str) -> tuple[str, Decimal]:
    currency, equals, amount = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} is no price; write it like EUR=980")
    return currency, _parse_money(amount)


def _parse_setting(text: str) -> tuple[str, int | str | None]:
    key, equals, value = text.partition("=")
    if not (key and equals and value):
        raise ValueError(f"write KEY=VALUE, or KEY={NONE}")
    return key, None if value == NONE else int(value) if value.isdecimal() else value


def _parse_form(form: str, text: str) -> str:
    """Return a text that has one of the forms of ``ledger.models.fields``."""
    from ledger.models import fields

    known = getattr(fields, form)
    if not re.search(known.pattern, text):
        raise ValueError(f"{text!r} is not {known.what}; {known.hint}")
    return text


def _parse_zone(text: str) -> str:
    from zoneinfo import available_timezones

    zones = available_timezones()
    if text not in zones:
        hint = suggest_name(text, zones) or "write an IANA name, like Europe/Berlin"
        raise ValueError(f"{text!r} is not a time zone; {hint}")
    return text


def _parse_person(text: str) -> tuple[str, str]:
    from email.utils import parseaddr

    name, email = parseaddr(text)
    if not (name and "@" in email):
        raise ValueError(f"{text!r} is nobody; write it like 'Alex Kim <alex@tools.example>'")
    return name, email


def _parse_rule(name: str) -> str:
    from ledger.rules.explain import load_rule_texts

    names = load_rule_texts()
    if name not in names:
        hint = suggest_name(name, names) or "`punchcard explain` lists them"
        raise ValueError(f"there is no rule {name!r}; {hint}")
    return name


NONE = "-"
"""What is typed to say that there is no value."""

DAY = ParsedType("date", _parse_day)
PAST_DAY = ParsedType("date", _parse_past_day)
DAY_OR_NONE = ParsedType("date", lambda text: None if text == NONE else _parse_day(text))
DURATION = ParsedType("duration", parse_duration)
DURATION_OR_NONE = ParsedType(
    "duration", lambda text: text if text == NONE else DURATION.parse(text)
)
MONEY = ParsedType("amount", _parse_money)
CURRENCY = ParsedType("currency", partial(_parse_form, "CURRENCY"))
DOMAIN = ParsedType("domain", partial(_parse_form, "DOMAIN"))
ZONE = ParsedType("zone", _parse_zone)
PERSON = ParsedType("person", _parse_person)
PRICE = ParsedType("price", _parse_price)
SETTING = ParsedType("setting", _parse_setting)
RULE = ParsedType("rule", _parse_rule)
MONTH = ParsedType("month", partial(_parse_period, "-(?P<part>[0-9]{2})", 1, "2026-10"))
QUARTER = ParsedType("quarter", partial(_parse_period, "-Q(?P<part>[1-4])", 3, "2026-Q3"))
YEAR = ParsedType("year", partial(_parse_period, "", 12, "2026"))
