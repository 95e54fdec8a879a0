"""Which keys the records of a file have and which values a key takes, by the path in the file."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import cache
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic.fields import FieldInfo

from ledger import models
from ledger.models.fields import Form, find_parts
from ledger.reading.yaml_text import Path

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
        form: the form in which its value is written, if it has one.
        example: a value, as one would write it; empty if none is given.
    """

    is_required: bool
    choices: tuple[str, ...]
    form: Form | None
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
        for name, field in model.list_fields().items():
            here = _describe(field, is_of_request=kind == "request")
            known = facts.get(name, here)
            choices = tuple(dict.fromkeys((*known.choices, *here.choices)))
            facts[name] = known._replace(choices=choices)
    return facts


def _find_models(kind: str, key: str | None) -> tuple[type[models.Record], ...]:
    if key is not None:
        model = _RECORD_OF_KEY.get(key)
        return () if model is None else (model,)
    return _ADJUSTMENTS if kind == "adjustments" else (_RECORD_OF_KIND[kind],)


def _describe(field: FieldInfo, *, is_of_request: bool) -> FieldFacts:
    parts = [part for each in (field.annotation, *field.metadata) for part in find_parts(each)]
    choices = next(filter(None, map(_list_choices, parts)), ())
    if is_of_request:
        # A request is charged; that its time is support is said by its channel.
        choices = tuple(choice for choice in choices if choice != models.Category.TECHNICAL_SUPPORT)
    example = (field.examples or [""])[0]
    return FieldFacts(
        is_required=field.is_required(),
        choices=choices,
        form=next((part for part in parts if isinstance(part, Form)), None),
        example=example if isinstance(example, str) else "",
    )


def _list_choices(part: Any) -> tuple[str, ...]:
    if isinstance(part, type) and issubclass(part, Enum):
        return tuple(str(choice.value) for choice in part)
    return get_args(part) if get_origin(part) is Literal else ()
