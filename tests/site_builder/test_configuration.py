"""Which ``mkdocs.yml`` portals are built with."""

from __future__ import annotations

from pathlib import Path

import pytest

from site_builder.configuration import find_configuration


@pytest.mark.parametrize(
    "text",
    [
        "plugins:\n  - search\n  - punchcard\n",
        "plugins: [search, punchcard]\n",
        "plugins: [search, {punchcard: {}}]\n",
        "plugins:\n- punchcard:\n    option: 1\n",
        "plugins:\n  punchcard: {}\n",
        "site_name: !ENV NAME\nplugins: [punchcard]\n",
        "plugins: [punchcard\n",  # MkDocs is to say what is wrong with it
    ],
)
def test_a_file_that_names_our_plugin_is_used(tmp_path: Path, text: str) -> None:
    own = tmp_path / "mkdocs.yml"
    own.write_text(text)
    assert find_configuration(tmp_path) == own


@pytest.mark.parametrize(
    "text",
    ["", "plugins:\n", "plugins: [search]\n", "site_name: punchcard\n", "plugins: [punchcards]\n"],
)
def test_a_file_for_something_else_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "mkdocs.yml").write_text(text)
    assert find_configuration(tmp_path) == find_configuration(None)
