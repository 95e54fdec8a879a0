"""Which ``mkdocs.yml`` portals are built with."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.look import (
    find_configuration,
    list_look_files,
    list_names,
    parse_settings,
)


@pytest.mark.parametrize(
    "text",
    [
        "plugins:\n  - search\n  - punchcard\n",
        "plugins: [search, punchcard]\n",
        "plugins: [search, {punchcard: {}}]\n",
        "plugins:\n- punchcard:\n    option: 1\n",
        "plugins:\n  punchcard: {}\n",
        "site_name: !ENV NAME\nplugins: [punchcard]\n",
        "plugins: punchcard\n",  # MkDocs is to say what is wrong with it,
        "plugins: [punchcard\n",  # as here,
        "since: 2026-02-30\nplugins: [punchcard]\n",  # and here
        "plugins: [punchcard, \xfc]\n",  # not UTF-8
        "plugins: [punchcard, !!python/name:a.b '']\n",
    ],
)
def test_a_file_that_names_our_plugin_is_used(tmp_path: Path, text: str) -> None:
    own = tmp_path / "mkdocs.yml"
    own.write_bytes(text.encode("latin-1"))
    assert find_configuration(tmp_path) == own


@pytest.mark.parametrize(
    "text",
    [
        "",
        "punchcard\n",
        "plugins:\n",
        "plugins: [search]\n",
        "site_name: punchcard\n",
        "plugins: [punchcards]\n",
        "plugins: !ENV punchcard\n",
        "plugins: [search: {punchcard: 1}]\n",
    ],
)
def test_a_file_for_something_else_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "mkdocs.yml").write_text(text)
    assert find_configuration(tmp_path) == find_configuration(None)


@pytest.mark.parametrize(
    ("text", "values", "is_known"),
    [
        ("theme: {name: material}\n", {"theme": {"name": "material"}}, True),
        ("theme: material\nextra: !ENV [NAME, x]\n", {"theme": "material", "extra": None}, False),
        ("theme: material\nx: !!python/name:os.getcwd\n", {"theme": "material", "x": None}, False),
        ("theme: !!python/object/apply:os.getcwd []\n", {"theme": None}, False),
        ("theme: !relative $docs_dir\n", {"theme": None}, False),
        ("- 1\n", {}, False),
        ("", {}, False),
    ],
)
def test_tags_of_mkdocs_are_no_hindrance(
    text: str, values: object, is_known: bool, tmp_path: Path
) -> None:
    """Nothing is taken from them, nothing is run; but it is known that they are there."""
    file = tmp_path / "mkdocs.yml"
    file.write_text(text)
    assert parse_settings(text.encode()) == values
    assert list_look_files(file) == ([file] if is_known else None)


@pytest.mark.parametrize(
    "content", [b"a: [", b"a: \xff", b"a: 1\na: {[b]: c}\n", b"--- 1\n--- 2\n"]
)
def test_what_is_no_yaml_is_an_error_of_one_kind(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        parse_settings(content)


@pytest.mark.parametrize(
    ("items", "names"),
    [
        (["a", {"b": {"c": 1}}, "d"], ["a", "b", "d"]),
        ({"a": {}, "b": None}, ["a", "b"]),
        ("a", ["a"]),
        (None, []),
        ([None], []),
    ],
)
def test_plugins_and_extensions_have_names_however_written(items: object, names: list[str]) -> None:
    assert list(list_names(items)) == names
