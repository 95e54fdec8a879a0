"""JSON Schema (2020-12) of every kind of file, for editors that complete and underline.

Made from the models. An editor sees a file after YAML has given its values types: minutes are
numbers, dates are text, an empty value is null, and a ticket that is written ``4411`` is a number
though the ledger reads it as text. So a key that may be left out may be null, and free text may be
a number. Everything is written out in place: editors follow references poorly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ledger.files.reader import find_adapter
from ledger.models.fields import HANDLE, RECORD_ID, TEXT

Schema = dict[str, Any]

FILE_GLOBS: Mapping[str, str] = {
    "provider": "provider.yml",
    "terms": "terms.yml",
    "consultants": "consultants.yml",
    "customer": "*/customer.yml",
    "accounts": "*/accounts.yml",
    "purchases": "*/purchases.yml",
    "adjustments": "*/adjustments.yml",
    "request": "*/requests/*.yml",
    "time": "*/time/*.yml",
}
"""Which files of a ledger's folder are of which kind."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TITLES = {
    "provider": "The provider (provider.yml)",
    "terms": "Terms of sale (terms.yml)",
    "consultants": "Consultants (consultants.yml)",
    "customer": "A customer (customer.yml)",
    "accounts": "Accounts (accounts.yml)",
    "purchases": "Purchases (purchases.yml)",
    "adjustments": "Refunds and goodwill (adjustments.yml)",
    "request": "A request (requests/KEY-NUMBER.yml)",
    "time": "Time entries (time/YYYY-MM-consultant.yml)",
}
_PATTERNS_THAT_HOLD_NUMBERS = {HANDLE.pattern, RECORD_ID.pattern, TEXT.pattern}
_KEPT_FOR_PYDANTIC = ("default", "discriminator")
_HOLDERS_OF_ONE = {"items", "anyOf", "oneOf"}
_HOLDERS_OF_MANY = {"properties", "patternProperties"}
_EVENT_KEYS = ("status", "moved_to", "category", "note")
_CONDITIONS: Mapping[str, Schema] = {
    # What the models say in code.
    "Request": {
        "if": {"required": ["channel"], "properties": {"channel": {"const": "punchcard"}}},
        "then": {"required": ["category"], "properties": {"category": {"type": "string"}}},
    },
    "RequestEvent": {
        "anyOf": [
            {"required": [key], "properties": {key: {"type": ["string", "number"]}}}
            for key in _EVENT_KEYS
        ]
    },
}


def make_schemas() -> dict[str, Schema]:
    """Return the schema of every kind of file by its name."""
    return {kind: make_schema(kind) for kind in FILE_GLOBS}


def make_schema(kind: str) -> Schema:
    """Return the schema of one kind of file."""
    raw = find_adapter(kind).json_schema(mode="validation")
    schema = _write_out(raw, raw.pop("$defs", {}))
    schema.pop("title", None)
    if schema.get("type") == "array":
        schema["type"] = ["array", "null"]  # A file without an item is empty.
    return {"$schema": _DIALECT, "title": _TITLES[kind], **schema}


def make_editor_settings(schema_folder: str, ledger_folder: str) -> dict[str, Any]:
    """Return what an editor's settings say: which schema is for which files.

    Args:
        schema_folder: where the schemas are: an absolute path, or one from the root of the
            repository that begins with ``./``.
        ledger_folder: the ledger's folder, from the root of the repository.
    """
    return {
        "yaml.schemas": {
            f"{schema_folder}/{kind}.json": [f"{ledger_folder}/{glob}"]
            for kind, glob in FILE_GLOBS.items()
        }
    }


def _write_out(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Return a schema with its references written out, as an editor wants it."""
    if isinstance(node, list):
        return [_write_out(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if reference := node.get("$ref"):
        target = definitions[reference.rpartition("/")[2]]
        rest = {key: value for key, value in node.items() if key != "$ref"}
        return _write_out({**target, **rest}, definitions)
    schema = {key: value for key, value in node.items() if key not in _KEPT_FOR_PYDANTIC}
    for key in _HOLDERS_OF_ONE & schema.keys():
        schema[key] = _write_out(schema[key], definitions)
    for key in _HOLDERS_OF_MANY & schema.keys():
        parts = schema[key].items()
        schema[key] = {name: _write_out(part, definitions) for name, part in parts}
    return _finish_record(_finish_value(schema))


def _finish_value(schema: Schema) -> Schema:
    if schema.get("pattern") in _PATTERNS_THAT_HOLD_NUMBERS:
        schema["type"] = ["string", "number"]
    if "patternProperties" in schema:
        schema["additionalProperties"] = False
    return _fold_choices(schema)


def _fold_choices(schema: Schema) -> Schema:
    """Write "this or null" as one schema: editors say more of it than of alternatives."""
    choices = schema.get("anyOf", [])
    others = [choice for choice in choices if choice != {"type": "null"}]
    if len(choices) != len(others) + 1 or len(others) != 1:
        return schema
    rest = {key: value for key, value in schema.items() if key != "anyOf"}
    return _allow_null({**others[0], **rest})


def _allow_null(schema: Schema) -> Schema:
    if "anyOf" in schema:
        has_null = {"type": "null"} in schema["anyOf"]
        return schema if has_null else {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "null" in types:
        return schema
    with_null = {**schema, "type": [*types, "null"]}
    if "enum" in schema:
        with_null["enum"] = [*schema["enum"], None]
    return with_null


def _finish_record(schema: Schema) -> Schema:
    if schema.get("type") != "object" or "properties" not in schema:
        return schema
    required = schema.get("required", [])
    schema["properties"] = {
        key: {**(value if key in required else _allow_null(value)), "title": _make_title(key)}
        for key, value in schema["properties"].items()
    }
    name = str(schema.get("title", ""))
    schema["title"] = _make_title(name)
    return {**schema, **_CONDITIONS.get(name, {})}


def _make_title(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])|_", " ", name).capitalize()
