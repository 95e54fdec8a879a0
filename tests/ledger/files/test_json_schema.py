"""The schemas accept what the ledger accepts, and underline what an editor can see is wrong."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from ledger.files.json_schema import make_editor_settings, make_schemas
from ledger.files.layout import Place, place_file
from ledger.models import FILE_TYPES
from tests.conftest import SAMPLE_LEDGER, RunPunchcard
from tests.ledger.rules.gallery import Example, list_invalid, list_valid

ROOT = Path(__file__).parents[3]
EDITOR_FILES = ROOT / ".vscode"
VALIDATORS = {
    kind: Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    for kind, schema in make_schemas().items()
}
CANNOT_BE_SEEN = {
    "decimals-of-currencies": "which currency it is stands in another file",
    "colour-too-light": "contrast is worked out",
    "misspelt-time-zone": "which zones there are is a matter of the machine",
    "taken-up-without-a-category": "which category held by then is a matter of order",
    "move-without-category": "which category held before a move is a matter of order",
    "terms-not-newest-last": "order",
    "category-not-in-force": "which categories there are stands in another file",
    "misspelt-category": "which categories there are stands in another file",
    "unknown-category": "which categories there are stands in another file",
    "support-as-category-of-a-request": "which categories are charged stands in another file",
}
CANNOT_BE_SEEN_IN_NUMBERS = {"45.0", "1e2", "0x2d", "+45", "045"}
"""YAML has made a plain whole number of these before a schema is asked."""
CANNOT_BE_SEEN_IN_AMOUNTS = {"1000.5", "1e3", "1000.00001", "9" * 29}


class EditorLoader(yaml.SafeLoader):
    """Reads as an editor does: the core schema of YAML 1.2, in which a date is text."""


EditorLoader.yaml_implicit_resolvers = {}

CORE_FORMS = (
    ("tag:yaml.org,2002:bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:int", "[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    (
        "tag:yaml.org,2002:float",
        r"[-+]?([.][0-9]+|[0-9]+([.][0-9]*)?)([eE][-+]?[0-9]+)?",
        "-+.0123456789",
    ),
    ("tag:yaml.org,2002:null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
)
for tag, form, first in CORE_FORMS:
    EditorLoader.add_implicit_resolver(tag, re.compile(f"^({form})$"), list(first))
EditorLoader.add_constructor(
    "tag:yaml.org,2002:int",
    lambda _loader, node: int(node.value.lstrip("+"), 16 if "x" in node.value else 10),
)
EditorLoader.add_constructor("tag:yaml.org,2002:float", lambda _loader, node: float(node.value))


def read_as_editor(file: Path) -> Any:
    return yaml.load(file.read_bytes().decode("utf-8-sig"), EditorLoader)


def list_ledger_files(folder: Path) -> Iterator[tuple[Path, str]]:
    for file in sorted(folder.rglob("*.yml")):
        place = place_file(file.relative_to(folder).as_posix())
        if isinstance(place, Place) and file.is_file():
            yield file, place.kind


def find_errors(file: Path, kind: str) -> list[Any]:
    return list(VALIDATORS[kind].iter_errors(read_as_editor(file)))


@pytest.mark.parametrize("kind", FILE_TYPES)
def test_each_schema_is_a_valid_schema(kind: str) -> None:
    Draft202012Validator.check_schema(VALIDATORS[kind].schema)


def test_every_sample_file_is_accepted() -> None:
    files = list(list_ledger_files(SAMPLE_LEDGER))
    assert {kind for _file, kind in files} == set(FILE_TYPES) - {"import"}  # Maps lie beside it.
    for file, kind in files:
        assert not find_errors(file, kind), file


@pytest.mark.parametrize("example", list_valid(), ids=str)
def test_every_file_of_a_valid_ledger_is_accepted(example: Example) -> None:
    for file, kind in list_ledger_files(example.folder / "customers"):
        assert not find_errors(file, kind), file


SHAPE_ERRORS = [example for example in list_invalid() if example.rule == "schema"]


@pytest.mark.parametrize("example", SHAPE_ERRORS, ids=str)
def test_a_shape_error_is_underlined(example: Example) -> None:
    files = list_ledger_files(example.folder / "customers")
    is_seen = any(find_errors(file, kind) for file, kind in files)
    assert is_seen == (example.name not in CANNOT_BE_SEEN)


@pytest.mark.parametrize(
    ("name", "file", "key", "unseen"),
    [
        ("numbers-in-other-forms", "time/2026-11-alice.yml", "minutes", CANNOT_BE_SEEN_IN_NUMBERS),
        ("dates-in-other-forms", "time/2026-11-alice.yml", "date", set()),
        ("amounts-in-other-forms", "purchases.yml", "amount", CANNOT_BE_SEEN_IN_AMOUNTS),
    ],
)
def test_each_wrong_form_is_underlined(name: str, file: str, key: str, unseen: set[str]) -> None:
    [example] = [example for example in SHAPE_ERRORS if example.name == name]
    path = example.folder / "customers" / "acme" / file
    lines = path.read_text(encoding="utf-8").splitlines()
    kind = "purchases" if key == "amount" else "time"
    wrong = {error.absolute_path[0] for error in find_errors(path, kind)}
    accepted = {index for index in range(len(lines)) if index not in wrong}
    assert accepted == {
        index
        for index, line in enumerate(lines)
        if any(re.search(f"{key}: {re.escape(value)}[,}}]", line) for value in unseen)
    }


@pytest.mark.parametrize("kind", FILE_TYPES)
def test_every_key_says_what_it_is_for_and_has_fitting_examples(kind: str) -> None:
    records = list(list_records(VALIDATORS[kind].schema))
    for record in records:
        assert record["title"]
        assert record["description"]
        assert record["additionalProperties"] is False
        for key, schema in record["properties"].items():
            assert schema["title"], key
            assert schema["description"], key
            is_valid = Draft202012Validator(schema).is_valid
            assert all(map(is_valid, schema.get("examples", ()))), key
            assert is_valid(None) or key in record["required"]  # What may be left out may be empty.
    assert any("examples" in schema for each in records for schema in each["properties"].values())


def list_records(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema of a record, however deep."""
    if "properties" in schema:
        yield schema
        for value in schema["properties"].values():
            yield from list_records(value)
    if "items" in schema:
        yield from list_records(schema["items"])
    for choice in schema.get("oneOf", ()):
        yield from list_records(choice)


def test_the_schemas_of_the_sample_ledger_are_up_to_date(
    punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = punchcard(tmp_path, "schema", "--output", ".vscode/schemas")
    assert ran.status == 0
    written = {file.name: file.read_text() for file in (tmp_path / ".vscode/schemas").iterdir()}
    kept = {file.name: file.read_text() for file in (EDITOR_FILES / "schemas").iterdir()}
    hint = "run `punchcard schema --output .vscode/schemas > .vscode/settings.json`"
    assert written == kept, hint
    assert (EDITOR_FILES / "settings.json").read_text() == ran.stdout, hint


def test_the_settings_name_every_sample_file_once() -> None:
    settings = make_editor_settings("./.vscode/schemas", "customers")["yaml.schemas"]
    named = {
        (file, Path(schema).stem)
        for schema, globs in settings.items()
        for glob in globs
        for file in ROOT.glob(glob)
    }
    assert named == set(list_ledger_files(SAMPLE_LEDGER))


def test_without_a_folder_all_schemas_are_printed(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ran = punchcard(tmp_path, "schema")
    assert (ran.status, ran.stderr) == (0, "")
    assert json.loads(ran.stdout) == make_schemas()
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_one_line(
    punchcard: RunPunchcard, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("a file\n")
    ran = punchcard(tmp_path, "schema", "--output", "taken")
    assert (ran.status, ran.stdout) == (2, "")
    assert ran.stderr.startswith("punchcard: error: cannot write to taken: ")
