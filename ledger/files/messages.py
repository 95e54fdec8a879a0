"""What pydantic finds wrong with a file, in the words of the people who write the files.

Each kind of value has one form: ``1,000``, ``45.0``, ``1h15m`` and ``2026/11/3`` are all refused,
and it is said what to write instead.
"""

import calendar
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import reduce
from itertools import islice
from operator import getitem
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from ledger.dates import MONTHS_IN_YEAR
from ledger.duration import format_minutes, parse_duration
from ledger.files.yaml import Path, PlainValue
from ledger.models import FILE_TYPES, Record
from ledger.models.fields import CURRENCY, DAY, KEY, MONEY, NUMBER, TEXT, Form, find_parts
from ledger.text import NameGuesser, quote_value

_LICENCE_KEY = re.compile(
    "licen[cs]|lizenz|(^|[^a-z])(products?|skus?|subscriptions?|seats?|add[-_]?ons?|apps?|software|"
    "editions?|tiers?|plans?|renewals?|marketplace)([^a-z]|$)"
)
_LICENCE_TEXT = re.compile(
    "licen[cs]e|lizenz|subscription|marketplace|add-on|(^|[^a-z])sku([^a-z]|$)"
)
_CAMEL_HUMP = re.compile("(?<=[a-z])(?=[A-Z])")
_MOST_KEYS = 40
_MAPPING = "a mapping (`key: value` lines)"
_NOUNS = {"moved_to": "channel", "type": "type", "status": "status"}
_LONGEST_MEANT = 30
_MOST_DIGITS = 20
_GROUPED = re.compile("[+-]?[0-9]{1,3}(?:[ ,_'][0-9]{3})+(?:[.][0-9]+)?", re.ASCII)
_GROUPED_WITH_COMMA = re.compile("[0-9]{1,3}(?:[ .'][0-9]{3})*,[0-9]{1,2}", re.ASCII)
_CURRENCY_SIGNS = re.compile(r"^(?:[A-Z]{3}|[$€£¥])\s*|\s*(?:[A-Z]{3}|[$€£¥])$")
_LOOSE_DATE = re.compile(
    r"(?P<y>[0-9]{4})([-/.])(?P<m>[0-9]{1,2})\2(?P<d>[0-9]{1,2})(?:[T ].*)?", re.ASCII
)
_COMPACT_DATE = re.compile("(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})", re.ASCII)


class Finding(NamedTuple):
    """Something wrong in a file: the path of the value (or of its key), what, and the remedy."""

    path: Path
    message: str
    hint: str
    at_key: bool = False
    rule: str = "schema"


def explain_errors(
    errors: Iterable[Any], kind: str, data: PlainValue, marketplace: str = ""
) -> Iterator[Finding]:
    """Say what pydantic found wrong with a file of a kind of ``models.FILE_TYPES``.

    ``data`` is what the file holds, ``marketplace`` where licences are bought; empty if unknown.
    """
    guesser, all_records = NameGuesser(), _list_records(FILE_TYPES[kind].content)
    for details in errors:
        location, records = details["loc"], all_records
        if kind == "adjustments" and location[1:2] in {("refund",), ("goodwill",)}:
            # Pydantic says which of the two it is; that is no part of the path in the file.
            records = tuple(each for each in records if each.__name__.lower() == location[1])
            location = (location[0], *location[2:])
        path = tuple(part for part in location if part != "[key]")
        mistake = _Mistake(details, path, kind, records, data, marketplace, guesser)
        explain = getattr(mistake, f"explain_{details['type']}", mistake.explain_refusal)
        if (finding := explain()) is not None:
            yield finding


@dataclass(frozen=True)
class _Mistake:
    """An error of pydantic at a path of a file; ``records`` are the classes its records may have.

    Each type of error is explained by the method of its name; None if another mistake says it.
    """

    details: Any
    path: Path
    kind: str
    records: tuple[type[Record], ...]
    data: PlainValue
    marketplace: str
    guesser: NameGuesser

    @property
    def value(self) -> Any:
        return self.details["input"]

    @property
    def key(self) -> str:
        return str(self.path[-1])

    @property
    def around(self) -> Any:
        """The record, or the list, that the value is in."""
        return reduce(getitem, self.path[:-1], self.data)

    @property
    def fields(self) -> dict[str, FieldInfo]:
        """The keys that the record around may have."""
        return self.list_fields(self.path[:-1])

    @property
    def name(self) -> str:
        """What is wrong, as a message begins: a key, an item, or the file."""
        if not self.path or isinstance(self.path[-1], str):
            return repr(self.path[-1]) if self.path else "the file"
        keys = [part for part in self.path if isinstance(part, str)]
        return f"item {self.path[-1] + 1}" + (f" of {keys[-1]!r}" if keys else "")

    def say(self, message: str, hint: str, **how: Any) -> Finding:
        return Finding(self.path, message, hint, **how)

    def explain_missing(self) -> Finding | None:
        # A misspelt key is a mistake of its own, which says the key that it is meant to be; of a
        # licence among the purchases all has to go.
        if self.find_misspelling() or (self.kind == "purchases" and self.is_licence_alone()):
            return None
        field = self.fields[self.key]
        if choices := [choice for part in find_parts(field) for choice in _list_choices(part)]:
            hint = f"add `{self.key}:` with one of {', '.join(choices)}"
        elif nested := self.list_required():
            hint = f"add `{self.key}:` with {nested}"
        else:
            examples = (each for each in field.examples or () if isinstance(each, str | int))
            hint = f"add it, like `{self.key}: {next(examples, _find_form(field).example)}`"
        return Finding(self.path[:-1], f"the key {self.key!r} is missing", hint)

    def explain_extra_forbidden(self) -> Finding:
        key, known = self.key, list(self.fields)
        if self.kind == "purchases" and means_licence(key, self.around[key]):
            what = "the purchase" if self.is_licence_alone() else "it"
            where = f"at {self.marketplace}" if self.marketplace else "through the marketplace"
            is_none = "a purchase is punchcards alone, software licences are no part of it"
            hint = f"delete {what}; licences are bought {where}"
            return self.say(f"{key!r}: {is_none}", hint, at_key=True, rule="licence-in-purchase")
        hint = f"known keys: {', '.join(known)}"
        if meant := self.find_meant_key(key):
            hint = f"did you mean {meant}?"
        elif there := self.guesser.find(key, known):
            hint = f"delete it; {there!r} is there already"
        return self.say(f"unknown key {quote_value(key)}", hint, at_key=True)

    def explain_form(self) -> Finding:
        form, text, at_key = self.details["ctx"]["form"], self.value, "[key]" in self.details["loc"]
        hint, field = form.hint, self.fields.get(self.key)
        if form is TEXT and field is not None and not field.is_required():
            hint += ", or delete the key"
        if not isinstance(text, str):
            return self.explain_shape(form.what, hint)
        if form.longest and len(text) > form.longest:
            message = f"{self.name} is {len(text)} characters long"
            return self.say(message, f"write at most {form.longest}")
        if not text.strip():
            return self.say(f"{self.name} is empty", hint, at_key=at_key)
        what, hint = _explain_other_form(form, text, self.key)
        return self.say(f"{quote_value(text)} is not {what}", hint, at_key=at_key)

    def explain_shape(self, wanted: str, hint: str) -> Finding:
        value = self.value
        if value is None:
            is_key = bool(self.path) and isinstance(self.path[-1], str)
            return self.say(f"{self.name} is empty", hint, at_key=is_key)
        found = f"the text {quote_value(value)}"
        if isinstance(value, dict | list):
            found = "a mapping" if isinstance(value, dict) else "a list"
        return self.say(f"{self.name} must be {wanted}, not {found}", hint)

    def explain_model_type(self) -> Finding:
        return self.explain_shape(_MAPPING, f"write its keys: {self.list_required()}")

    explain_model_attributes_type = explain_model_type

    def explain_list_type(self) -> Finding:
        return self.explain_shape("a list (`- ` items)", "put `- ` before each item")

    explain_tuple_type = explain_list_type

    def explain_dict_type(self) -> Finding:
        example = "{en: Contract review}" if self.key == "name" else "{USD: 1000.00}"
        return self.explain_shape(_MAPPING, f"write it like {example}")

    def explain_greater_than_equal(self) -> Finding:
        limit = self.details["ctx"]["ge"]
        return self.say(f"{self.name} is {self.value}, less than {limit}", f"write {limit} or more")

    def explain_date_parsing(self) -> Finding:
        message = f"{quote_value(self.value)} is not a day of the calendar"
        return self.say(message, _explain_missing_day(self.value))

    explain_date_from_datetime_parsing = explain_date_parsing

    def explain_too_short(self) -> Finding | None:
        if self.value:  # All that is there is wrong, and said to be.
            return None
        example = _find_form(self.fields[self.key]).example
        return self.say(f"{self.name} is empty", f"write at least one, like {example}")

    def explain_refusal(self) -> Finding:
        context = self.details.get("ctx", {})
        path = (*self.path, *context.get("path", ()))
        return Finding(path, str(self.details["msg"]), context.get("hint", ""))

    def explain_enum(self) -> Finding:
        context, value = self.details["ctx"], self.value
        choices = re.findall("'([^']+)'", context.get("expected") or context["expected_tags"])
        hint = f"write one of {', '.join(choices)}"
        if not isinstance(value, str):
            return self.explain_shape("text", hint)
        if not value.strip():
            return self.say(f"{self.name} is empty", hint)
        noun = _NOUNS.get(self.key)
        message = f"is no {noun}" if noun else f"cannot be the value of {self.name}"
        hint = self.guesser.suggest(value, choices) or hint
        return self.say(f"{quote_value(value)} {message}", hint)

    explain_literal_error = explain_enum

    def explain_union_tag_invalid(self) -> Finding:
        details = {**self.details, "input": self.value["type"]}
        return replace(self, details=details, path=(*self.path, "type")).explain_enum()

    def explain_union_tag_not_found(self) -> Finding:
        if wrong := replace(self, path=(*self.path, "type")).find_misspelling():
            message = f"unknown key {quote_value(wrong)}"
            return Finding((*self.path, wrong), message, "did you mean type?", at_key=True)
        return self.say("the key 'type' is missing", "add `type:` with refund or goodwill")

    def list_required(self) -> str:
        """Return the keys that the record at the path must have; empty if it is no record."""
        fields = self.list_fields(self.path).items()
        return ", ".join(key for key, each in fields if each.is_required())

    def list_fields(self, place: Path) -> dict[str, FieldInfo]:
        """Return the keys that the record at ``place`` may have."""
        records = self.records
        for key in (part for part in place if isinstance(part, str)):
            fields = (record.list_fields().get(key) for record in records)
            records = tuple(inner for each in fields for inner in _list_records(each))
        return {key: each for record in records for key, each in record.list_fields().items()}

    def list_unknown_keys(self) -> list[str]:
        known = self.fields
        return [key for key in islice(self.around, _MOST_KEYS) if key not in known]

    def is_licence_alone(self) -> bool:
        """Whether the item of purchases.yml sells a licence and no punchcards."""
        unknown, record = self.list_unknown_keys(), self.around
        return "punchcards" not in record and any(means_licence(k, record[k]) for k in unknown)

    def find_misspelling(self) -> str | None:
        """Return the key of the record that is meant to be the key at the path."""
        unknown = self.list_unknown_keys()
        return next((each for each in unknown if self.find_meant_key(each) == self.key), None)

    def find_meant_key(self, wrong: str) -> str | None:
        """Return the key that ``wrong`` is a misspelling of: one that is not there yet."""
        around = self.around
        return self.guesser.find(wrong, [key for key in self.fields if key not in around])


def _list_records(annotation: Any) -> tuple[type[Record], ...]:
    parts = find_parts(annotation)
    return tuple(part for part in parts if isinstance(part, type) and issubclass(part, Record))


def _list_choices(part: Any) -> tuple[str, ...]:
    if isinstance(part, type) and issubclass(part, Enum):
        return tuple(str(choice.value) for choice in part)
    return get_args(part) if get_origin(part) is Literal else ()


def _find_form(field: FieldInfo) -> Form:
    return next(part for part in find_parts(field) if isinstance(part, Form))


def means_licence(key: str, value: PlainValue) -> bool:
    """Whether a key or the texts of its value speak of a licence or a product."""
    if _LICENCE_KEY.search(_CAMEL_HUMP.sub("_", key).casefold()):
        return True
    if isinstance(value, str):
        return _LICENCE_TEXT.search(value.casefold()) is not None
    inner = value.items() if isinstance(value, dict) else (("", each) for each in value or ())
    return any(means_licence(*each) for each in inner)


def _explain_other_form(form: Form, text: str, key: str) -> tuple[str, str]:
    """Say what ``text``, the value of ``key``, is not, and what to write instead."""
    if form is NUMBER and re.fullmatch("-?[0-9]{10,}", text):
        return "a number of at most 9 digits", "write a smaller number"
    stripped, hint = text.strip(), form.hint
    if len(stripped) > _LONGEST_MEANT:
        return form.what, hint
    meant = _FIND_MEANT[form](stripped) if form in _FIND_MEANT else None
    if meant is not None and re.search(form.pattern, meant):
        hint = f"write {meant}"
    elif form is NUMBER and "minutes" in key:
        with suppress(ValueError):
            minutes = parse_duration(stripped)
            hint = f"write {minutes} for {format_minutes(minutes)}"
    return form.what, hint


def _explain_missing_day(text: str) -> str:
    """Say what to write instead of a day that no calendar has, like 2026-02-30."""
    year, month, _day = map(int, text.split("-"))
    if not 1 <= month <= MONTHS_IN_YEAR:
        return "months go from 01 to 12"
    if not year:
        return "write a year from 0001 on"
    days = calendar.monthrange(year, month)[1]
    return f"{calendar.month_name[month]} {year} has {days} days"


def _find_meant_number(text: str) -> str | None:
    if re.fullmatch("0[xX][0-9a-fA-F]+", text):
        return str(int(text, 16))
    return _read_number(text, None)


def _find_meant_amount(text: str) -> str | None:
    text = _CURRENCY_SIGNS.sub("", text)
    if _GROUPED_WITH_COMMA.fullmatch(text):
        text = re.sub("[ .']", "", text).replace(",", ".")
    return _read_number(text, 2)


def _read_number(text: str, digits: int | None) -> str | None:
    """Return a number written with at most so many digits, grouped or not, as files have it."""
    if _GROUPED.fullmatch(text):
        text = re.sub("[ ,_']", "", text)
    with suppress(InvalidOperation):
        number = Decimal(text.replace("_", ""))
        # A large exponent would be written out with as many zeros; of many digits none are rounded.
        is_short = number.is_finite() and abs(number.adjusted()) < _MOST_DIGITS
        return str(round(number, digits)) if is_short and number == round(number, digits) else None
    return None


def _find_meant_day(text: str) -> str | None:
    if match := _LOOSE_DATE.fullmatch(text) or _COMPACT_DATE.fullmatch(text):
        with suppress(ValueError):
            return date(*map(int, match.group("y", "m", "d"))).isoformat()
    return None


_FIND_MEANT: Mapping[Form, Callable[[str], str | None]] = {
    NUMBER: _find_meant_number,
    MONEY: _find_meant_amount,
    DAY: _find_meant_day,
    CURRENCY: str.upper,
    KEY: str.upper,
}
