"""What pydantic found wrong with a file, in the words of the people who write the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError

from ledger import models
from ledger.nearest_name import find_nearest_name, suggest_name
from ledger.scalars import (
    DATE_PATTERN,
    EMAIL_PATTERN,
    HANDLE_PATTERN,
    KEY_PATTERN,
    LINK_PATTERN,
    MONEY_PATTERN,
    RECORD_ID_PATTERN,
    WHOLE_NUMBER_PATTERN,
)
from ledger.yaml_source import Path, PlainValue

SCHEMA_RULE = "schema"
LICENCE_RULE = "licence-in-purchase"

_RECORD_OF_KIND: Mapping[str, type[BaseModel]] = {
    "provider": models.Provider,
    "terms": models.Terms,
    "consultants": models.Consultant,
    "customer": models.Customer,
    "accounts": models.Account,
    "purchases": models.Purchase,
    "request": models.Request,
    "time": models.TimeEntry,
}
_RECORD_OF_KEY: Mapping[str, type[BaseModel]] = {
    "contacts": models.Contacts,
    "links": models.Links,
    "licences": models.Licence,
    "services": models.Service,
    "history": models.RequestEvent,
}
_FORMS = {
    WHOLE_NUMBER_PATTERN: ("a whole number", "write it with digits alone, like 45"),
    DATE_PATTERN: ("a date", "write it as YYYY-MM-DD, like 2026-11-03"),
    MONEY_PATTERN: ("an amount", "write it like 1000.00, without currency and grouping"),
    EMAIL_PATTERN: ("an e-mail address", "write it like dana@acme.example"),
    LINK_PATTERN: ("a link or an e-mail address", "write https://… or name@host"),
    HANDLE_PATTERN: ("a handle", "use a-z, 0-9, dots, _ and -, at most 39"),
    KEY_PATTERN: ("a customer's key", "use up to 10 of A-Z and 0-9, like ACME"),
    RECORD_ID_PATTERN: ("an id", "use letters, digits, dots, _ and -, at most 39, like P1"),
    "^[A-Z]{3}$": ("a currency", "write its ISO 4217 code, like USD"),
    r"\S": ("text", "write something, or delete the key"),
}
_LICENCE_WORDS = re.compile(
    "(^|[^a-z])(licen[cs]es?|products?|skus?|subscriptions?|seats?|add-?ons?|apps?|software|"
    "editions?|tiers?|plans?)([^a-z]|$)"
)
_LONGEST_QUOTE = 40


class SchemaFinding(NamedTuple):
    """Something wrong in a file: where (the key, or the value), which rule, what, the mend."""

    path: Path
    at_key: bool
    rule: str
    message: str
    hint: str


def explain_validation_error(
    error: ValidationError, kind: str, data: PlainValue
) -> Iterator[SchemaFinding]:
    """Say what is wrong with a file of ``kind`` whose plain value is ``data``."""
    for details in error.errors(include_url=False):
        path = _drop_union_tag(details["loc"], kind)
        finding = _explain(details, path, kind, data)
        if finding is not None:
            yield finding


def _explain(details: Any, path: Path, kind: str, data: PlainValue) -> SchemaFinding | None:
    explain = _EXPLANATIONS.get(details["type"], _explain_own_words)
    return explain(details, path, kind, data)


def _explain_missing(
    _details: Any, path: Path, kind: str, data: PlainValue
) -> SchemaFinding | None:
    record, key = path[:-1], str(path[-1])
    unknown = _list_unknown_keys(_value_at(data, record), kind, record)
    if find_nearest_name(key, unknown):
        # The misspelt key is a finding of its own, and says which key it is meant to be.
        return None
    message = f"the key {key!r} is missing"
    return SchemaFinding(record, False, SCHEMA_RULE, message, f"add `{key}: …`")


def _explain_unknown_key(_details: Any, path: Path, kind: str, _data: PlainValue) -> SchemaFinding:
    key = str(path[-1])
    if kind == "purchases" and _means_licence(key):
        return SchemaFinding(
            path,
            True,
            LICENCE_RULE,
            f"{key!r}: software licences are never part of a purchase of punchcards",
            "delete it; licences are bought through the marketplace",
        )
    known = _list_keys(kind, path[:-1])
    hint = suggest_name(key, known) or f"known keys: {', '.join(known)}"
    return SchemaFinding(path, True, SCHEMA_RULE, f"unknown key {key!r}", hint)


def _explain_form(details: Any, path: Path, _kind: str, _data: PlainValue) -> SchemaFinding:
    pattern = details["ctx"]["pattern"]
    what, hint = _FORMS.get(pattern, ("of the right form", f"it must match {pattern}"))
    shown = quote_value(details["input"])
    if not str(details["input"]).strip():
        return SchemaFinding(path, False, SCHEMA_RULE, f"{path[-1]!r} is empty", hint)
    return SchemaFinding(path, False, SCHEMA_RULE, f"{shown} is not {what}", hint)


def _explain_day(details: Any, path: Path, _kind: str, _data: PlainValue) -> SchemaFinding:
    return SchemaFinding(
        path,
        False,
        SCHEMA_RULE,
        f"{quote_value(details['input'])} is not a day of the calendar",
        "write a day that exists, as YYYY-MM-DD",
    )


def _explain_text(details: Any, path: Path, _kind: str, _data: PlainValue) -> SchemaFinding:
    return _explain_shape(details["input"], path, "text")


def _explain_record(details: Any, path: Path, _kind: str, _data: PlainValue) -> SchemaFinding:
    return _explain_shape(details["input"], path, "a mapping (`key: value` lines)")


def _explain_list(details: Any, path: Path, _kind: str, _data: PlainValue) -> SchemaFinding:
    return _explain_shape(details["input"], path, "a list (`- ` items)")


def _explain_shape(value: object, path: Path, wanted: str) -> SchemaFinding:
    names = [part for part in path if isinstance(part, str)]
    subject = repr(names[-1]) if names else "the file"
    if value is None:
        empty = f"{subject} is empty"
        return SchemaFinding(path, bool(names), SCHEMA_RULE, empty, f"write {wanted}")
    got = (
        "a mapping" if isinstance(value, dict) else "a list" if isinstance(value, list) else "text"
    )
    message = f"{subject} must be {wanted}, not {got}"
    return SchemaFinding(path, False, SCHEMA_RULE, message, f"write {wanted}")


def _explain_choice(details: Any, path: Path, kind: str, _data: PlainValue) -> SchemaFinding:
    if not isinstance(details["input"], str):
        return _explain_shape(details["input"], path, "text")
    choices = _list_choices(kind, path)
    hint = suggest_name(details["input"], choices) or f"write one of {', '.join(choices)}"
    message = f"{quote_value(details['input'])} is no {str(path[-1]).replace('_', ' ')}"
    return SchemaFinding(path, False, SCHEMA_RULE, message, hint)


def _explain_adjustment_type(
    details: Any, path: Path, _kind: str, _data: PlainValue
) -> SchemaFinding:
    record = details["input"]
    if not isinstance(record, dict):
        return _explain_shape(record, path, "a mapping (`key: value` lines)")
    if "type" not in record:
        message = "the key 'type' is missing"
        return SchemaFinding(path, False, SCHEMA_RULE, message, "add `type: refund` or `goodwill`")
    choices = ("refund", "goodwill")
    shown = quote_value(record["type"])
    hint = suggest_name(str(record["type"]), choices) or "write refund or goodwill"
    return SchemaFinding((*path, "type"), False, SCHEMA_RULE, f"{shown} is no type", hint)


def _explain_minimum(details: Any, path: Path, _kind: str, _data: PlainValue) -> SchemaFinding:
    least = details["ctx"]["ge"]
    message = f"{details['input']} is less than {least}"
    return SchemaFinding(path, False, SCHEMA_RULE, message, f"write {least} or more")


def _explain_too_few(_details: Any, path: Path, _kind: str, _data: PlainValue) -> SchemaFinding:
    message = f"{path[-1]!r} is empty"
    return SchemaFinding(path, False, SCHEMA_RULE, message, "write at least one")


def _explain_own_words(
    details: Any, path: Path, _kind: str, _data: PlainValue
) -> SchemaFinding | None:
    context = details.get("ctx", {})
    deeper: Path = tuple(context.get("path", ()))
    message = str(details["msg"])
    return SchemaFinding((*path, *deeper), False, SCHEMA_RULE, message, context.get("hint", ""))


_EXPLANATIONS = {
    "missing": _explain_missing,
    "extra_forbidden": _explain_unknown_key,
    "string_pattern_mismatch": _explain_form,
    "date_from_datetime_parsing": _explain_day,
    "date_parsing": _explain_day,
    "date_from_datetime_inexact": _explain_day,
    "string_type": _explain_text,
    "model_type": _explain_record,
    "model_attributes_type": _explain_record,
    "dict_type": _explain_record,
    "list_type": _explain_list,
    "tuple_type": _explain_list,
    "enum": _explain_choice,
    "literal_error": _explain_choice,
    "union_tag_invalid": _explain_adjustment_type,
    "union_tag_not_found": _explain_adjustment_type,
    "greater_than_equal": _explain_minimum,
    "too_short": _explain_too_few,
    "string_too_short": _explain_too_few,
}


def quote_value(value: object) -> str:
    """Return a value as a message shows it: quoted, on one line, not too long."""
    text = repr(value)
    return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 2]}…{text[0]}"


def _drop_union_tag(location: tuple[str | int, ...], kind: str) -> Path:
    if kind == "adjustments" and location[1:2] in {("refund",), ("goodwill",)}:
        location = (location[0], *location[2:])
    return tuple(part for part in location if part != "[key]")


def _list_keys(kind: str, record: Path) -> tuple[str, ...]:
    model = _find_model(kind, record)
    models_ = (models.Refund, models.Goodwill) if model is None else (model,)
    return tuple(
        dict.fromkeys(
            field.alias or name for item in models_ for name, field in item.model_fields.items()
        )
    )


def _find_model(kind: str, record: Path) -> type[BaseModel] | None:
    names = [part for part in record if isinstance(part, str)]
    return _RECORD_OF_KEY.get(names[-1]) if names else _RECORD_OF_KIND.get(kind)


def _list_unknown_keys(record: PlainValue, kind: str, path: Path) -> list[str]:
    if not isinstance(record, dict):
        return []
    known = _list_keys(kind, path)
    return [key for key in record if key not in known]


def _value_at(data: PlainValue, path: Path) -> PlainValue:
    for part in path:
        data = data[part]
    return data


def _list_choices(kind: str, path: Path) -> tuple[str, ...]:
    model = _find_model(kind, path[:-1])
    fields = {} if model is None else model.model_fields
    for name, field in fields.items():
        if (field.alias or name) == path[-1]:
            return _choices_of(field.annotation)
    return ()


def _choices_of(annotation: Any) -> tuple[str, ...]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(choice.value) for choice in annotation)
    inner = getattr(annotation, "__args__", ())
    if inner and all(isinstance(choice, str) for choice in inner):
        return tuple(inner)
    return next((found for item in inner if (found := _choices_of(item))), ())


def _means_licence(key: str) -> bool:
    return _LICENCE_WORDS.search(key.casefold()) is not None
