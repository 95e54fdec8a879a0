"""Which ``mkdocs.yml`` portals are built with."""

from pathlib import Path

import pytest

from ledger.errors import LedgerError
from site_builder.look import find_configuration, list_look_files, read_style
from site_builder.pages.environment import PageStyle


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
    ("text", "is_known"),
    [
        ("theme: {name: material}\nplugins: [search, {punchcard: {}}]\n", True),
        ("theme: material\nmarkdown_extensions: {toc: {}, pymdownx.tilde: }\n", True),
        ("theme: material\nplugins: [blog]\n", False),
        ("theme: material\nmarkdown_extensions: [theirs]\n", False),
        ("theme: material\nextra: !ENV [NAME, x]\n", False),
        ("theme: material\nx: !!python/name:os.getcwd\n", False),
        ("theme: !!python/object/apply:os.getcwd []\n", False),
        ("theme: !relative $docs_dir\n", False),
        ("- 1\n", False),
        ("", False),
        ("a: [", False),
    ],
)
def test_it_is_known_whether_code_of_others_takes_part(
    text: str, is_known: bool, tmp_path: Path
) -> None:
    """Nothing is taken from MkDocs's own tags, nothing is run."""
    file = tmp_path / "mkdocs.yml"
    file.write_text(text)
    assert list_look_files(file) == ([file] if is_known else None)
    if text != "a: [":
        assert read_style(file) == PageStyle()


@pytest.mark.parametrize("content", [b"a: [", b"a: \xff", b"--- 1\n--- 2\n", b"a: 2026-02-30"])
def test_what_is_no_yaml_is_an_error_of_one_kind(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "mkdocs.yml").write_bytes(content)
    with pytest.raises(LedgerError, match=r"mkdocs\.yml cannot be read"):
        read_style(tmp_path / "mkdocs.yml")
