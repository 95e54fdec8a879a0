"""What docs/files.md shows of each file is what the models say of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ledger.files.json_schema import make_schemas
from ledger.files.layout import Place, place_file
from ledger.files.reader import find_adapter
from ledger.files.yaml import PlainValue, parse_yaml

DOCUMENT = Path(__file__).parents[3] / "docs" / "files.md"
ORGANIZATION = ("provider.yml", "terms.yml", "consultants.yml")


def list_documented() -> Iterator[tuple[str, PlainValue]]:
    """Yield each file that the document shows: its kind and its value."""
    [block] = re.findall(
        "^```yaml\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    parts = re.split(r"^# (\S+\.yml).*\n", block, flags=re.MULTILINE)
    for name, text in zip(parts[1::2], parts[2::2], strict=True):
        place = place_file(name if name in ORGANIZATION else f"acme/{name}")
        kind = "import" if name == "imports/toggl.yml" else isinstance(place, Place) and place.kind
        assert kind
        yield kind, parse_yaml(text.encode())


DOCUMENTED = dict(list_documented())


def list_keys(schema: Any) -> Iterator[str]:
    for key, value in schema.get("properties", {}).items():
        yield key
        yield from list_keys(value)
    for part in (schema.get("items"), *schema.get("oneOf", ())):
        yield from list_keys(part) if part else ()


def list_used_keys(value: PlainValue) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield from item
            for inner in item.values():
                yield from list_used_keys(inner)


@pytest.mark.parametrize("kind", make_schemas())
def test_each_file_is_shown_with_values_that_it_may_hold(kind: str) -> None:
    find_adapter(kind).validate_python(DOCUMENTED[kind])


@pytest.mark.parametrize(("kind", "schema"), make_schemas().items())
def test_each_key_is_in_the_document(kind: str, schema: Any) -> None:
    text = DOCUMENT.read_text("utf-8")
    used = set(list_used_keys(DOCUMENTED[kind]))
    missing = [key for key in list_keys(schema) if key not in used and f"`{key}`" not in text]
    assert missing == []
