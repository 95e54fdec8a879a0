"""JSON Schema (2020-12) of every kind of file, for editors that complete and underline.

Made from the models. An editor sees a file after YAML has given its values types: minutes are
numbers, dates are text, an empty value is null, and a ticket that is written ``4411`` is a number
though the ledger reads it as text. So a key that may be left out may be null, and free text may be
a number. Everything is written out in place: editors follow references poorly.
"""

import re
from collections.abc import Mapping
from typing import Any

from ledger.files.reader import find_adapter
from ledger.models import FILE_TYPES
from ledger.models.fields import HANDLE, RECORD_ID, TEXT

Schema = dict[str, Any]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PATTERNS_THAT_HOLD_NUMBERS = {HANDLE.pattern, RECORD_ID.pattern, TEXT.pattern}
_NULL = {"type": "null"}
_CONDITIONS: Mapping[str, Schema] = {
    # What the models say in code.
    "RequestEvent": {
        "anyOf": [
            {"required": [key], "properties": {key: {"type": ["string", "number"]}}}
            for key in (
                *("status", "moved_to", "category", "note"),
                *("estimate_minutes", "approved_minutes"),
            )
        ]
    },
}


def make_schemas() -> dict[str, Schema]:
    """Return the schema of every kind of file by its name."""
    schemas = {}
    for kind, (_content, _glob, title) in FILE_TYPES.items():
        raw = find_adapter(kind).json_schema(mode="validation")
        schema = _write_out(raw, raw.pop("$defs", {}))
        if schema.get("type") == "array":
            schema["type"] = ["array", "null"]  # A file without an item is empty.
        rest = {key: value for key, value in schema.items() if key != "title"}
        schemas[kind] = {"$schema": _DIALECT, "title": title, **rest}
    return schemas


def make_editor_settings(schema_folder: str, ledger_folder: str) -> dict[str, Any]:
    """Return what an editor's settings say: which schema is for which files.

    ``schema_folder`` is an absolute path, or one from the root of the repository that begins with
    ``./``; ``ledger_folder`` is from there too.
    """
    return {
        "yaml.schemas": {
            f"{schema_folder}/{kind}.json": [
                glob[1:] if glob.startswith("/") else f"{ledger_folder}/{glob}"
            ]
            for kind, (_content, glob, _title) in FILE_TYPES.items()
        }
    }


def _write_out(node: Schema, definitions: Mapping[str, Schema]) -> Schema:
    """Return a schema with its references written out, as an editor wants it."""
    node = {**definitions.get(node.get("$ref", "").rpartition("/")[2], {}), **node}
    schema: Schema = {}
    for key, value in node.items():
        if key in {"anyOf", "oneOf"}:
            schema[key] = [_write_out(part, definitions) for part in value]
        elif key in {"properties", "patternProperties"}:
            schema[key] = {name: _write_out(part, definitions) for name, part in value.items()}
        elif key == "items":
            schema[key] = _write_out(value, definitions)
        elif key not in {"$ref", "default", "discriminator"}:  # These are for pydantic.
            schema[key] = value
    if schema.get("pattern") in _PATTERNS_THAT_HOLD_NUMBERS:
        schema["type"] = ["string", "number"]
    if "patternProperties" in schema:
        schema["additionalProperties"] = False
    match schema.get("anyOf", []):
        case [other, null] if null == _NULL:
            # As one schema: editors say more of it than of alternatives.
            del schema["anyOf"]
            schema = _allow_null({**other, **schema})
    if "properties" in schema:
        required, name = schema.get("required", []), str(schema.get("title", ""))
        schema["properties"] = {
            key: {**(value if key in required else _allow_null(value)), "title": _make_title(key)}
            for key, value in schema["properties"].items()
        }
        schema = {**schema, "title": _make_title(name), **_CONDITIONS.get(name, {})}
    return schema


def _allow_null(schema: Schema) -> Schema:
    if choices := schema.get("anyOf"):
        return schema if _NULL in choices else {**schema, "anyOf": [*choices, _NULL]}
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if "null" in types:
        return schema
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*types, "null"], **enum}


def _make_title(name: str) -> str:
    return re.sub("(?<=[a-z])(?=[A-Z])|_", " ", name).capitalize()
