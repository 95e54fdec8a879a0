"""What pydantic found wrong with a file, in the words of the people who write the files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from pydantic import ValidationError

from ledger.models.fields import FORMS, TEXT, Form
from ledger.reading.record_fields import find_field, list_keys, list_required_keys
from ledger.reading.written_forms import explain_missing_day, explain_other_form
from ledger.reading.yaml_text import Path, PlainValue
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
_LIST = "a list (`- ` items)"
_NOUNS = {"moved_to": "channel", "type": "type", "category": "category", "status": "status"}


class SchemaFinding(NamedTuple):
    """Something wrong in a file: where (the key, or the value), which rule, what, the mend."""

    path: Path
    at_key: bool
    rule: str
    message: str
    hint: str


class _Source(NamedTuple):
    """The file that the findings are about: its kind, its plain value, where licences are sold."""

    kind: str
    data: PlainValue
    marketplace: str
    guesser: NameGuesser

    def find_meant_key(
        self, wrong: str, record: Mapping[str, PlainValue], place: Path
    ) -> str | None:
        """Return the key that ``wrong`` is a misspelling of: one that is not there yet."""
        absent = [key for key in list_keys(self.kind, place) if key not in record]
        return self.guesser.find(wrong, absent)

    def find_choices(self, path: Path) -> tuple[str, ...]:
        """Return the values that the key at ``path`` takes; none if it is free."""
        field = find_field(self.kind, path)
        return () if field is None else field.choices

    def find_form(self, path: Path) -> Form:
        """Return the form that the value at ``path`` is to have."""
        field = find_field(self.kind, path)
        return TEXT if field is None or field.form is None else field.form


def explain_validation_error(
    error: ValidationError, kind: str, data: PlainValue, marketplace: str = ""
) -> Iterator[SchemaFinding]:
    """Say what is wrong with a file.

    Args:
        error: what pydantic found.
        kind: what the file holds, a key of ``models.FILE_TYPES``.
        data: the plain value of the file.
        marketplace: where licences are bought; empty if nobody says.
    """
    guesser = NameGuesser()
    for details in error.errors(include_url=False):
        path, record_kind = _drop_union_tag(details["loc"], kind)
        finding = _explain(details, path, _Source(record_kind, data, marketplace, guesser))
        if finding is not None:
            yield finding


def _explain(details: Any, path: Path, source: _Source) -> SchemaFinding | None:
    explain = _EXPLANATIONS.get(details["type"], _explain_own_words)
    return explain(details, path, source)


def _say(path: Path, message: str, hint: str, *, at_key: bool = False) -> SchemaFinding:
    return SchemaFinding(path, at_key, SCHEMA_RULE, message, hint)


def _explain_missing(_details: Any, path: Path, source: _Source) -> SchemaFinding | None:
    place, key = path[:-1], str(path[-1])
    record = _value_at(source.data, place)
    unknown = _list_unknown_keys(record, source.kind, place)
    if any(source.find_meant_key(wrong, record, place) == key for wrong in unknown):
        # The misspelt key is a finding of its own, and says which key it is meant to be.
        return None
    if source.kind == "purchases" and _is_licence_alone(record, unknown):
        # All of the item goes; it needs no more keys.
        return None
    field = find_field(source.kind, path)
    example = (field and field.example) or source.find_form(path).example
    hint = f"add it, like `{key}: {example}`"
    if choices := source.find_choices(path):
        hint = f"add `{key}:` with one of {', '.join(choices)}"
    elif nested := list_required_keys(source.kind, path):
        hint = f"add `{key}:` with {', '.join(nested)}"
    return _say(place, f"the key {key!r} is missing", hint)


def _explain_unknown_key(_details: Any, path: Path, source: _Source) -> SchemaFinding:
    place, key = path[:-1], str(path[-1])
    record = _value_at(source.data, place)
    known = list_keys(source.kind, place)
    if source.kind == "purchases" and _means_licence(key, record[key]):
        is_alone = _is_licence_alone(record, [key])
        return _explain_licence(path, is_alone, source.marketplace)
    hint = f"known keys: {', '.join(known)}"
    if meant := source.find_meant_key(key, record, place):
        hint = f"did you mean {meant}?"
    elif there := source.guesser.find(key, known):
        hint = f"delete it; {there!r} is there already"
    return _say(path, f"unknown key {quote_value(key)}", hint, at_key=True)


def _explain_licence(path: Path, is_alone: bool, marketplace: str) -> SchemaFinding:
    where = f"at {marketplace}" if marketplace else "through the marketplace"
    return SchemaFinding(
        path,
        True,
        LICENCE_RULE,
        f"{str(path[-1])!r}: a purchase is punchcards alone, software licences are no part of it",
        f"delete {'the purchase' if is_alone else 'it'}; licences are bought {where}",
    )


def _explain_form(details: Any, path: Path, source: _Source) -> SchemaFinding:
    text = str(details["input"])
    at_key = details["loc"][-1] == "[key]"
    what, hint = explain_other_form(FORMS[details["ctx"]["pattern"]], text, str(path[-1]))
    if not text.strip():
        return _say(path, f"{_name(path)} is empty", _hint_for(path, source), at_key=at_key)
    return _say(path, f"{quote_value(text)} is not {what}", hint, at_key=at_key)


def _explain_day(details: Any, path: Path, _source: _Source) -> SchemaFinding:
    text = str(details["input"])
    message = f"{quote_value(text)} is not a day of the calendar"
    return _say(path, message, explain_missing_day(text))


def _explain_scalar(details: Any, path: Path, source: _Source) -> SchemaFinding:
    what = source.find_form(path).what
    return _explain_shape(details["input"], path, what, _hint_for(path, source))


def _explain_record(details: Any, path: Path, source: _Source) -> SchemaFinding:
    keys = list_required_keys(source.kind, path)
    return _explain_shape(details["input"], path, _MAPPING, f"write its keys: {', '.join(keys)}")


def _explain_prices(details: Any, path: Path, _source: _Source) -> SchemaFinding:
    return _explain_shape(details["input"], path, _MAPPING, "write it like {USD: 1000.00}")


def _explain_list(details: Any, path: Path, _source: _Source) -> SchemaFinding:
    return _explain_shape(details["input"], path, _LIST, "put `- ` before each item")


def _explain_shape(value: object, path: Path, wanted: str, hint: str) -> SchemaFinding:
    if value is None:
        is_key = bool(path) and isinstance(path[-1], str)
        return _say(path, f"{_name(path)} is empty", hint, at_key=is_key)
    return _say(path, f"{_name(path)} must be {wanted}, not {_describe(value)}", hint)


def _describe(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else f"the text {quote_value(value)}"


def _explain_choice(details: Any, path: Path, source: _Source) -> SchemaFinding:
    choices = source.find_choices(path)
    value = details["input"]
    hint = f"write one of {', '.join(choices)}"
    if not isinstance(value, str):
        return _explain_shape(value, path, "text", hint)
    if not value.strip():
        return _say(path, f"{_name(path)} is empty", hint)
    noun = _NOUNS.get(str(path[-1]))
    message = f"is no {noun}" if noun else f"cannot be the value of {_name(path)}"
    nearest = source.guesser.suggest(value, choices)
    return _say(path, f"{quote_value(value)} {message}", nearest or hint)


def _explain_adjustment_type(details: Any, path: Path, source: _Source) -> SchemaFinding:
    record = details["input"]
    if not isinstance(record, dict):
        return _explain_shape(record, path, _MAPPING, "write its keys: id, type, date, minutes, …")
    if "type" not in record:
        for wrong in _list_unknown_keys(record, source.kind, path):
            if source.find_meant_key(wrong, record, path) == "type":
                message = f"unknown key {quote_value(wrong)}"
                return _say((*path, wrong), message, "did you mean type?", at_key=True)
        return _say(path, "the key 'type' is missing", "add `type:` with refund or goodwill")
    return _explain_choice({"input": record["type"]}, (*path, "type"), source)


def _explain_minimum(details: Any, path: Path, _source: _Source) -> SchemaFinding:
    least = details["ctx"]["ge"]
    message = f"{_name(path)} is {details['input']}, less than {least}"
    return _say(path, message, f"write {least} or more")


def _explain_too_few(details: Any, path: Path, source: _Source) -> SchemaFinding | None:
    if details["input"]:
        # All that is there is wrong, and said to be.
        return None
    example = source.find_form(path).example
    return _say(path, f"{_name(path)} is empty", f"write at least one, like {example}")


def _explain_too_long(details: Any, path: Path, _source: _Source) -> SchemaFinding:
    most = details["ctx"]["max_length"]
    length = len(details["input"])
    return _say(path, f"{_name(path)} is {length} characters long", f"write at most {most}")


def _explain_own_words(details: Any, path: Path, _source: _Source) -> SchemaFinding:
    context = details.get("ctx", {})
    deeper: Path = tuple(context.get("path", ()))
    return _say((*path, *deeper), str(details["msg"]), context.get("hint", ""))


_EXPLANATIONS = {
    "missing": _explain_missing,
    "extra_forbidden": _explain_unknown_key,
    "string_pattern_mismatch": _explain_form,
    "date_from_datetime_parsing": _explain_day,
    "date_parsing": _explain_day,
    "date_from_datetime_inexact": _explain_day,
    "string_type": _explain_scalar,
    "model_type": _explain_record,
    "model_attributes_type": _explain_record,
    "dict_type": _explain_prices,
    "list_type": _explain_list,
    "tuple_type": _explain_list,
    "enum": _explain_choice,
    "literal_error": _explain_choice,
    "union_tag_invalid": _explain_adjustment_type,
    "union_tag_not_found": _explain_adjustment_type,
    "greater_than_equal": _explain_minimum,
    "too_short": _explain_too_few,
    "string_too_short": _explain_too_few,
    "string_too_long": _explain_too_long,
}


def _name(path: Path) -> str:
    """Return what is wrong, as a message begins: a key, an item, or the file."""
    if path and isinstance(path[-1], int):
        keys = [part for part in path if isinstance(part, str)]
        return f"item {path[-1] + 1}" + (f" of {keys[-1]!r}" if keys else "")
    return repr(path[-1]) if path else "the file"


def _hint_for(path: Path, source: _Source) -> str:
    choices = source.find_choices(path)
    return f"write one of {', '.join(choices)}" if choices else source.find_form(path).hint


def _drop_union_tag(location: tuple[str | int, ...], kind: str) -> tuple[Path, str]:
    """Return the path in the file, and the kind of record if the file has several."""
    path: Path = tuple(part for part in location if part != "[key]")
    if kind == "adjustments" and path[1:2] in {("refund",), ("goodwill",)}:
        return (path[0], *path[2:]), str(path[1])
    return path, kind


def _value_at(data: PlainValue, path: Path) -> PlainValue:
    for part in path:
        data = data[part]
    return data


def _list_unknown_keys(record: Mapping[str, PlainValue], kind: str, place: Path) -> list[str]:
    known = list_keys(kind, place)
    return [key for key in islice(record, _MOST_KEYS) if key not in known]


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
