"""What pydantic finds wrong with a file, in the words of the people who write the files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from itertools import islice
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import ValidationError
from pydantic.fields import FieldInfo

from ledger.files.written_forms import explain_missing_day, explain_other_form
from ledger.files.yaml import Path, PlainValue
from ledger.models import FILE_TYPES, Category, Record
from ledger.models.fields import FORMS, TEXT, Form, find_parts
from ledger.text import NameGuesser, quote_value

SCHEMA_RULE = "schema"
LICENCE_RULE = "licence-in-purchase"

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
_NOUNS = {"moved_to": "channel", "type": "type", "category": "category", "status": "status"}


class Finding(NamedTuple):
    """Something wrong in a file: the path of the value (or of its key), what, and the remedy."""

    path: Path
    message: str
    hint: str
    at_key: bool = False
    rule: str = SCHEMA_RULE


def explain_validation_error(
    error: ValidationError, kind: str, data: PlainValue, marketplace: str = ""
) -> Iterator[Finding]:
    """Say what is wrong with a file.

    Args:
        error: what pydantic found.
        kind: what the file holds, a key of ``models.FILE_TYPES``.
        data: the plain value of the file.
        marketplace: where licences are bought; empty if unknown.
    """
    guesser = NameGuesser()
    for details in error.errors(include_url=False):
        location = details["loc"]
        records = _list_records(FILE_TYPES[kind])
        if kind == "adjustments" and location[1:2] in {("refund",), ("goodwill",)}:
            # Pydantic says which of the two it is; that is no part of the path in the file.
            records = tuple(each for each in records if each.__name__.lower() == location[1])
            location = (location[0], *location[2:])
        path = tuple(part for part in location if part != "[key]")
        finding = _Mistake(details, path, kind, records, data, marketplace, guesser).explain()
        if finding is not None:
            yield finding


class _Mistake(NamedTuple):
    """An error of pydantic, and the file that it is about.

    Attributes:
        details: what pydantic says.
        path: where in the file.
        kind: what the file holds.
        records: the classes of its records; one if it is known which.
        data: the plain value of the file.
        marketplace: where licences are bought; empty if unknown.
    """

    details: Any
    path: Path
    kind: str
    records: tuple[type[Record], ...]
    data: PlainValue
    marketplace: str
    guesser: NameGuesser

    def explain(self) -> Finding | None:
        """Return what to tell the author of the file; None if another mistake says it."""
        return _EXPLANATIONS.get(self.details["type"], _Mistake.explain_own_words)(self)

    @property
    def _name(self) -> str:
        """What is wrong, as a message begins: a key, an item, or the file."""
        path = self.path
        if path and isinstance(path[-1], int):
            keys = [part for part in path if isinstance(part, str)]
            return f"item {path[-1] + 1}" + (f" of {keys[-1]!r}" if keys else "")
        return repr(path[-1]) if path else "the file"

    def explain_missing(self) -> Finding | None:
        place, key = self.path[:-1], str(self.path[-1])
        record = self._value_at(place)
        unknown = self._list_unknown_keys(record, place)
        if any(self._find_meant_key(wrong, record, place) == key for wrong in unknown):
            # The misspelt key is a finding of its own, and says which key it is meant to be.
            return None
        if self.kind == "purchases" and _is_licence_alone(record, unknown):
            # All of the item goes; it needs no more keys.
            return None
        examples = self._find_fields()[0].examples or [None]
        example = examples[0] if isinstance(examples[0], str) else self._find_form().example
        hint = f"add it, like `{key}: {example}`"
        if choices := self._find_choices():
            hint = f"add `{key}:` with one of {', '.join(choices)}"
        elif nested := self._list_required_keys():
            hint = f"add `{key}:` with {', '.join(nested)}"
        return Finding(place, f"the key {key!r} is missing", hint)

    def explain_unknown_key(self) -> Finding:
        place, key = self.path[:-1], str(self.path[-1])
        record = self._value_at(place)
        if self.kind == "purchases" and _means_licence(key, record[key]):
            return self.explain_licence(is_alone=_is_licence_alone(record, [key]))
        known = list(self._list_fields(place))
        hint = f"known keys: {', '.join(known)}"
        if meant := self._find_meant_key(key, record, place):
            hint = f"did you mean {meant}?"
        elif there := self.guesser.find(key, known):
            hint = f"delete it; {there!r} is there already"
        return Finding(self.path, f"unknown key {quote_value(key)}", hint, at_key=True)

    def explain_licence(self, *, is_alone: bool) -> Finding:
        key = f"{str(self.path[-1])!r}"
        where = f"at {self.marketplace}" if self.marketplace else "through the marketplace"
        return Finding(
            self.path,
            f"{key}: a purchase is punchcards alone, software licences are no part of it",
            f"delete {'the purchase' if is_alone else 'it'}; licences are bought {where}",
            at_key=True,
            rule=LICENCE_RULE,
        )

    def explain_form(self) -> Finding:
        text = str(self.details["input"])
        form = FORMS[self.details["ctx"]["pattern"]]
        at_key = self.details["loc"][-1] == "[key]"
        if not text.strip():
            return Finding(self.path, f"{self._name} is empty", self._make_hint(), at_key=at_key)
        what, hint = explain_other_form(form, text, str(self.path[-1]))
        return Finding(self.path, f"{quote_value(text)} is not {what}", hint, at_key=at_key)

    def explain_shape(self, wanted: str, hint: str) -> Finding:
        value = self.details["input"]
        if value is None:
            is_key = bool(self.path) and isinstance(self.path[-1], str)
            return Finding(self.path, f"{self._name} is empty", hint, at_key=is_key)
        found = f"the text {quote_value(value)}"
        if isinstance(value, dict | list):
            found = "a mapping" if isinstance(value, dict) else "a list"
        return Finding(self.path, f"{self._name} must be {wanted}, not {found}", hint)

    def explain_day(self) -> Finding:
        text = str(self.details["input"])
        message = f"{quote_value(text)} is not a day of the calendar"
        return Finding(self.path, message, explain_missing_day(text))

    def explain_scalar(self) -> Finding:
        return self.explain_shape(self._find_form().what, self._make_hint())

    def explain_record(self) -> Finding:
        keys = ", ".join(self._list_required_keys())
        return self.explain_shape(_MAPPING, f"write its keys: {keys}")

    def explain_prices(self) -> Finding:
        return self.explain_shape(_MAPPING, "write it like {USD: 1000.00}")

    def explain_list(self) -> Finding:
        return self.explain_shape("a list (`- ` items)", "put `- ` before each item")

    def explain_minimum(self) -> Finding:
        least = self.details["ctx"]["ge"]
        message = f"{self._name} is {self.details['input']}, less than {least}"
        return Finding(self.path, message, f"write {least} or more")

    def explain_too_few(self) -> Finding | None:
        if self.details["input"]:
            # All that is there is wrong, and said to be.
            return None
        hint = f"write at least one, like {self._find_form().example}"
        return Finding(self.path, f"{self._name} is empty", hint)

    def explain_too_long(self) -> Finding:
        message = f"{self._name} is {len(self.details['input'])} characters long"
        return Finding(self.path, message, f"write at most {self.details['ctx']['max_length']}")

    def explain_own_words(self) -> Finding:
        context = self.details.get("ctx", {})
        path = (*self.path, *context.get("path", ()))
        return Finding(path, str(self.details["msg"]), context.get("hint", ""))

    def explain_choice(self) -> Finding:
        value, choices = self.details["input"], self._find_choices()
        hint = f"write one of {', '.join(choices)}"
        if not isinstance(value, str):
            return self.explain_shape("text", hint)
        if not value.strip():
            return Finding(self.path, f"{self._name} is empty", hint)
        noun = _NOUNS.get(str(self.path[-1]))
        message = f"is no {noun}" if noun else f"cannot be the value of {self._name}"
        nearest = self.guesser.suggest(value, choices)
        return Finding(self.path, f"{quote_value(value)} {message}", nearest or hint)

    def explain_adjustment_type(self) -> Finding:
        record = self.details["input"]
        if not isinstance(record, dict):
            return self.explain_shape(_MAPPING, "write its keys: id, type, date, minutes, …")
        if "type" in record:
            details = {"input": record["type"]}
            return self._replace(details=details, path=(*self.path, "type")).explain_choice()
        for wrong in self._list_unknown_keys(record, self.path):
            if self._find_meant_key(wrong, record, self.path) == "type":
                message = f"unknown key {quote_value(wrong)}"
                return Finding((*self.path, wrong), message, "did you mean type?", at_key=True)
        hint = "add `type:` with refund or goodwill"
        return Finding(self.path, "the key 'type' is missing", hint)

    def _make_hint(self) -> str:
        choices = self._find_choices()
        return f"write one of {', '.join(choices)}" if choices else self._find_form().hint

    def _find_form(self) -> Form:
        """Return the form of the value at the path; that of any text if nothing says it."""
        parts = (part for field in self._find_fields() for part in find_parts(field))
        return next((part for part in parts if isinstance(part, Form)), TEXT)

    def _find_choices(self) -> tuple[str, ...]:
        """Return the values that the key at the path takes; none if it is free."""
        parts = (part for field in self._find_fields() for part in find_parts(field))
        choices = dict.fromkeys(choice for part in parts for choice in _list_choices(part))
        if self.kind == "request":
            # A request is charged; that its time is support is said by its channel.
            choices.pop(Category.TECHNICAL_SUPPORT, None)
        return tuple(choices)

    def _find_fields(self) -> list[FieldInfo]:
        """Return the fields that the last key of the path may be."""
        keys = [part for part in self.path if isinstance(part, str)]
        fields = (record.list_fields() for record in self._find_records(keys[:-1]))
        return [each[keys[-1]] for each in fields if keys and keys[-1] in each]

    def _list_fields(self, place: Path) -> dict[str, FieldInfo]:
        """Return the keys that the record at ``place`` may have."""
        fields: dict[str, FieldInfo] = {}
        for record in self._find_records(place):
            for key, field in record.list_fields().items():
                fields.setdefault(key, field)
        return fields

    def _list_required_keys(self) -> list[str]:
        """Return the keys that the record at the path must have."""
        return [key for key, each in self._list_fields(self.path).items() if each.is_required()]

    def _find_records(self, place: Sequence[str | int]) -> tuple[type[Record], ...]:
        """Return the classes that the record at ``place`` may be of."""
        records = self.records
        for key in place:
            if isinstance(key, str):
                fields = (record.list_fields().get(key) for record in records)
                records = tuple(inner for each in fields for inner in _list_records(each))
        return records

    def _value_at(self, path: Path) -> PlainValue:
        value = self.data
        for part in path:
            value = value[part]
        return value

    def _list_unknown_keys(self, record: Mapping[str, PlainValue], place: Path) -> list[str]:
        known = self._list_fields(place)
        return [key for key in islice(record, _MOST_KEYS) if key not in known]

    def _find_meant_key(
        self, wrong: str, record: Mapping[str, PlainValue], place: Path
    ) -> str | None:
        """Return the key that ``wrong`` is a misspelling of: one that is not there yet."""
        absent = [key for key in self._list_fields(place) if key not in record]
        return self.guesser.find(wrong, absent)


_EXPLANATIONS: Mapping[str, Callable[[_Mistake], Finding | None]] = {
    "missing": _Mistake.explain_missing,
    "extra_forbidden": _Mistake.explain_unknown_key,
    "string_pattern_mismatch": _Mistake.explain_form,
    "date_from_datetime_parsing": _Mistake.explain_day,
    "date_parsing": _Mistake.explain_day,
    "date_from_datetime_inexact": _Mistake.explain_day,
    "string_type": _Mistake.explain_scalar,
    "model_type": _Mistake.explain_record,
    "model_attributes_type": _Mistake.explain_record,
    "dict_type": _Mistake.explain_prices,
    "list_type": _Mistake.explain_list,
    "tuple_type": _Mistake.explain_list,
    "enum": _Mistake.explain_choice,
    "literal_error": _Mistake.explain_choice,
    "union_tag_invalid": _Mistake.explain_adjustment_type,
    "union_tag_not_found": _Mistake.explain_adjustment_type,
    "greater_than_equal": _Mistake.explain_minimum,
    "too_short": _Mistake.explain_too_few,
    "string_too_short": _Mistake.explain_too_few,
    "string_too_long": _Mistake.explain_too_long,
}


def _list_records(annotation: Any) -> tuple[type[Record], ...]:
    parts = find_parts(annotation)
    return tuple(part for part in parts if isinstance(part, type) and issubclass(part, Record))


def _list_choices(part: Any) -> tuple[str, ...]:
    if isinstance(part, type) and issubclass(part, Enum):
        return tuple(str(choice.value) for choice in part)
    return get_args(part) if get_origin(part) is Literal else ()


def _means_licence(key: str, value: PlainValue) -> bool:
    folded = _CAMEL_HUMP.sub("_", key).casefold()
    return _LICENCE_KEY.search(folded) is not None or _names_licence(value)


def _names_licence(value: PlainValue) -> bool:
    if isinstance(value, dict):
        return any(_means_licence(key, inner) for key, inner in value.items())
    if isinstance(value, list):
        return any(map(_names_licence, value))
    return isinstance(value, str) and _LICENCE_TEXT.search(value.casefold()) is not None


def _is_licence_alone(record: Mapping[str, PlainValue], unknown: list[str]) -> bool:
    """Whether an item of purchases.yml sells a licence and no punchcards."""
    return "punchcards" not in record and any(_means_licence(key, record[key]) for key in unknown)
