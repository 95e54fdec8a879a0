"""What pydantic finds wrong with a file, in the words of the people who write the files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import reduce
from itertools import islice
from operator import getitem
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
    """Say what is wrong with a file of a kind of ``models.FILE_TYPES`` that holds ``data``.

    ``marketplace`` is where licences are bought; empty if unknown.
    """
    guesser, all_records = NameGuesser(), _list_records(FILE_TYPES[kind])
    for details in error.errors(include_url=False):
        location, records = details["loc"], all_records
        if kind == "adjustments" and location[1:2] in {("refund",), ("goodwill",)}:
            # Pydantic says which of the two it is; that is no part of the path in the file.
            records = tuple(each for each in records if each.__name__.lower() == location[1])
            location = (location[0], *location[2:])
        path = tuple(part for part in location if part != "[key]")
        mistake = _Mistake(details, path, kind, records, data, marketplace, guesser)
        if (finding := mistake.explain()) is not None:
            yield finding


@dataclass(frozen=True)
class _Mistake:
    """An error of pydantic at a path of a file; ``records`` are the classes its records may have.

    What explains it returns None if another mistake says it already.
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
    def limit(self) -> Any:
        """The number that the value is held against."""
        return next(iter(self.details["ctx"].values()))

    @property
    def name(self) -> str:
        """What is wrong, as a message begins: a key, an item, or the file."""
        if not self.path or isinstance(self.path[-1], str):
            return repr(self.path[-1]) if self.path else "the file"
        keys = [part for part in self.path if isinstance(part, str)]
        return f"item {self.path[-1] + 1}" + (f" of {keys[-1]!r}" if keys else "")

    def say(
        self, message: str, hint: str, *, at_key: bool = False, rule: str = SCHEMA_RULE
    ) -> Finding:
        return Finding(self.path, message, hint, at_key, rule)

    def explain(self) -> Finding | None:
        error = self.details["type"]
        if error in _SHAPES:
            wanted, hint = (words.format(self) for words in _SHAPES[error])
            return self.explain_shape(wanted, hint)
        return _EXPLANATIONS.get(error, _Mistake.explain_own_words)(self)

    def explain_missing(self) -> Finding | None:
        place, key = self.path[:-1], str(self.path[-1])
        record = reduce(getitem, place, self.data)
        # A misspelt key is a mistake of its own, which says the key that it is meant to be; of a
        # licence among the purchases all has to go.
        if self._find_misspelling(key, record, place) or (
            self.kind == "purchases"
            and _is_licence_alone(record, self._list_unknown_keys(record, place))
        ):
            return None
        examples = self._find_fields()[0].examples or [None]
        example = examples[0] if isinstance(examples[0], str) else self.form.example
        hint = f"add it, like `{key}: {example}`"
        if choices := self._find_choices():
            hint = f"add `{key}:` with one of {', '.join(choices)}"
        elif nested := self.required_keys:
            hint = f"add `{key}:` with {nested}"
        return Finding(place, f"the key {key!r} is missing", hint)

    def explain_unknown_key(self) -> Finding:
        place, key = self.path[:-1], str(self.path[-1])
        record = reduce(getitem, place, self.data)
        if self.kind == "purchases" and _means_licence(key, record[key]):
            what = "the purchase" if _is_licence_alone(record, [key]) else "it"
            where = f"at {self.marketplace}" if self.marketplace else "through the marketplace"
            is_none = "a purchase is punchcards alone, software licences are no part of it"
            hint = f"delete {what}; licences are bought {where}"
            return self.say(f"{key!r}: {is_none}", hint, at_key=True, rule=LICENCE_RULE)
        known = list(self._list_fields(place))
        hint = f"known keys: {', '.join(known)}"
        if meant := self._find_meant_key(key, record, place):
            hint = f"did you mean {meant}?"
        elif there := self.guesser.find(key, known):
            hint = f"delete it; {there!r} is there already"
        return self.say(f"unknown key {quote_value(key)}", hint, at_key=True)

    def explain_form(self) -> Finding:
        text, at_key = str(self.value), self.details["loc"][-1] == "[key]"
        if not text.strip():
            return self.say(f"{self.name} is empty", self.hint, at_key=at_key)
        what, hint = explain_other_form(FORMS[self.limit], text, str(self.path[-1]))
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

    def explain_minimum(self) -> Finding:
        message = f"{self.name} is {self.value}, less than {self.limit}"
        return self.say(message, f"write {self.limit} or more")

    def explain_too_long(self) -> Finding:
        message = f"{self.name} is {len(self.value)} characters long"
        return self.say(message, f"write at most {self.limit}")

    def explain_day(self) -> Finding:
        message = f"{quote_value(self.value)} is not a day of the calendar"
        return self.say(message, explain_missing_day(self.value))

    def explain_too_few(self) -> Finding | None:
        if self.value:  # All that is there is wrong, and said to be.
            return None
        return self.say(f"{self.name} is empty", f"write at least one, like {self.form.example}")

    def explain_own_words(self) -> Finding:
        context = self.details.get("ctx", {})
        path = (*self.path, *context.get("path", ()))
        return Finding(path, str(self.details["msg"]), context.get("hint", ""))

    def explain_choice(self) -> Finding:
        choices = self._find_choices()
        hint = f"write one of {', '.join(choices)}"
        if not isinstance(self.value, str):
            return self.explain_shape("text", hint)
        if not self.value.strip():
            return self.say(f"{self.name} is empty", hint)
        noun = _NOUNS.get(str(self.path[-1]))
        message = f"is no {noun}" if noun else f"cannot be the value of {self.name}"
        hint = self.guesser.suggest(self.value, choices) or hint
        return self.say(f"{quote_value(self.value)} {message}", hint)

    def explain_adjustment_type(self) -> Finding:
        record = self.value
        if not isinstance(record, dict):
            return self.explain_shape(_MAPPING, "write its keys: id, type, date, minutes, …")
        if "type" in record:
            details, path = {"input": record["type"]}, (*self.path, "type")
            return replace(self, details=details, path=path).explain_choice()
        if wrong := self._find_misspelling("type", record, self.path):
            message = f"unknown key {quote_value(wrong)}"
            return Finding((*self.path, wrong), message, "did you mean type?", at_key=True)
        return self.say("the key 'type' is missing", "add `type:` with refund or goodwill")

    @property
    def hint(self) -> str:
        """How to write the value."""
        choices = self._find_choices()
        return f"write one of {', '.join(choices)}" if choices else self.form.hint

    @property
    def form(self) -> Form:
        """The form of the value at the path; that of any text if nothing says it."""
        parts = (part for field in self._find_fields() for part in find_parts(field))
        return next((part for part in parts if isinstance(part, Form)), TEXT)

    @property
    def required_keys(self) -> str:
        """The keys that the record at the path must have; empty if it is no record."""
        fields = self._list_fields(self.path).items()
        return ", ".join(key for key, each in fields if each.is_required())

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
        records = self._find_records(place)
        return {key: each for record in records for key, each in record.list_fields().items()}

    def _find_records(self, place: Sequence[str | int]) -> tuple[type[Record], ...]:
        """Return the classes that the record at ``place`` may be of."""
        records = self.records
        for key in place:
            if isinstance(key, str):
                fields = (record.list_fields().get(key) for record in records)
                records = tuple(inner for each in fields for inner in _list_records(each))
        return records

    def _list_unknown_keys(self, record: Mapping[str, PlainValue], place: Path) -> list[str]:
        known = self._list_fields(place)
        return [key for key in islice(record, _MOST_KEYS) if key not in known]

    def _find_misspelling(
        self, key: str, record: Mapping[str, PlainValue], place: Path
    ) -> str | None:
        """Return the key of a record that is meant to be ``key``."""
        unknown = self._list_unknown_keys(record, place)
        meant = (wrong for wrong in unknown if self._find_meant_key(wrong, record, place) == key)
        return next(meant, None)

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
    "enum": _Mistake.explain_choice,
    "literal_error": _Mistake.explain_choice,
    "union_tag_invalid": _Mistake.explain_adjustment_type,
    "union_tag_not_found": _Mistake.explain_adjustment_type,
    "too_short": _Mistake.explain_too_few,
    "string_too_short": _Mistake.explain_too_few,
    "greater_than_equal": _Mistake.explain_minimum,
    "string_too_long": _Mistake.explain_too_long,
    "date_parsing": _Mistake.explain_day,
    "date_from_datetime_parsing": _Mistake.explain_day,
    "date_from_datetime_inexact": _Mistake.explain_day,
}
_SHAPES = {
    # What must be there, and how to write it, about a ``_Mistake``.
    "string_type": ("{0.form.what}", "{0.hint}"),
    "model_type": (_MAPPING, "write its keys: {0.required_keys}"),
    "model_attributes_type": (_MAPPING, "write its keys: {0.required_keys}"),
    "dict_type": (_MAPPING, "write it like {{USD: 1000.00}}"),
    "list_type": ("a list (`- ` items)", "put `- ` before each item"),
    "tuple_type": ("a list (`- ` items)", "put `- ` before each item"),
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
