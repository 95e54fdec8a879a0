"""Which keys the records of a file have and which values a key takes, by the path in the file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, NamedTuple

from ledger import models
from ledger.models.record import Field
from ledger.reading.yaml_text import Path
from ledger.scalars import ScalarForm

_RECORD_OF_KIND: Mapping[str, type[models.Record]] = {
    "provider": models.Provider,
    "terms": models.Terms,
    "consultants": models.Consultant,
    "customer": models.Customer,
    "accounts": models.Account,
    "purchases": models.Purchase,
    "request": models.Request,
    "refund": models.Refund,
    "goodwill": models.Goodwill,
    "time": models.TimeEntry,
}
_RECORD_OF_KEY: Mapping[str, type[models.Record]] = {
    "contacts": models.Contacts,
    "links": models.Links,
    "licences": models.Licence,
    "services": models.Service,
    "history": models.RequestEvent,
}
_ADJUSTMENTS = (models.Refund, models.Goodwill)


class FieldFacts(NamedTuple):
    """A key of a record.

    Attributes:
        is_required: whether the record must have it.
        choices: the values it takes; none if it is free.
        pattern: the regular expression that its value is held to, if there is one.
        example: a value, as one would write it; empty if none is given.
    """

    is_required: bool
    choices: tuple[str, ...]
    pattern: str | None
    example: str


def list_keys(kind: str, record: Path) -> tuple[str, ...]:
    """Return the keys that the record at ``record`` may have."""
    return tuple(_list_fields(kind, _last_name(record)))


def list_required_keys(kind: str, record: Path) -> tuple[str, ...]:
    """Return the keys that the record at ``record`` must have."""
    fields = _list_fields(kind, _last_name(record))
    return tuple(name for name, field in fields.items() if field.is_required)


def find_field(kind: str, path: Path) -> FieldFacts | None:
    """Return what is known of the key that ``path`` leads to, or of that of the list it is in."""
    names = [part for part in path if isinstance(part, str)]
    if not names:
        return None
    return _list_fields(kind, _last_name(tuple(names[:-1]))).get(names[-1])


def _last_name(path: Path) -> str | None:
    return next((part for part in reversed(path) if isinstance(part, str)), None)


@cache
def _list_fields(kind: str, key: str | None) -> Mapping[str, FieldFacts]:
    """Return the keys of the records of a kind of file, or of those below one of its keys."""
    facts: dict[str, FieldFacts] = {}
    for model in _find_models(kind, key):
        annotations = model.find_annotations()
        for field_name, field in model.FIELDS.items():
            name = field.key or field_name
            here = _describe(field, annotations[field_name], is_of_request=kind == "request")
            known = facts.get(name, here)
            choices = tuple(dict.fromkeys((*known.choices, *here.choices)))
            facts[name] = known._replace(choices=choices)
    return facts


def _find_models(kind: str, key: str | None) -> tuple[type[models.Record], ...]:
    if key is not None:
        model = _RECORD_OF_KEY.get(key)
        return () if model is None else (model,)
    return _ADJUSTMENTS if kind == "adjustments" else (_RECORD_OF_KIND[kind],)


def _describe(field: Field, annotation: Any, *, is_of_request: bool) -> FieldFacts:
    choices = _find_choices(annotation)
    if is_of_request:
        # A request is charged; that its time is support is said by its channel.
        choices = tuple(choice for choice in choices if choice != models.Category.TECHNICAL_SUPPORT)
    example = (field.examples or ("",))[0]
    return FieldFacts(
        is_required=field.is_required,
        choices=choices,
        pattern=_find_pattern(annotation),
        example=example if isinstance(example, str) else "",
    )


def _find_choices(annotation: Any) -> tuple[str, ...]:
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return tuple(str(choice.value) for choice in annotation)
    inner = getattr(annotation, "__args__", ())
    if inner and all(isinstance(choice, str) for choice in inner):
        return tuple(inner)
    return next((found for item in inner if (found := _find_choices(item))), ())


def _find_pattern(annotation: Any) -> str | None:
    for form in getattr(annotation, "__metadata__", ()):
        if isinstance(form, ScalarForm):
            return form.pattern
    inner = getattr(annotation, "__args__", ())
    return next((found for item in inner if (found := _find_pattern(item))), None)
