"""Every example ledger is reported to the letter, or not at all."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ledger.rules.catalogue import RULE_NAMES
from ledger.rules.explain import load_rule_texts
from tests.conftest import RunPunchcard
from tests.ledger.rules.gallery import (
    EXAMPLES,
    IS_UPDATING,
    Example,
    check,
    list_invalid,
    list_valid,
)

WARNING_CASES = {"correction/other-category", "changed-history/note-of-an-entry"}
"""The warnings of rules that otherwise find errors."""


@pytest.mark.parametrize("example", list_invalid(), ids=str)
def test_a_broken_ledger_is_reported_to_the_letter(
    example: Example, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = check(example, punchcard, tmp_path / "ledger")
    if IS_UPDATING:
        example.expected.write_text(ran.stdout, encoding="utf-8")
    severity = load_rule_texts()[example.rule].severity
    is_warning = severity == "warning" or str(example) in WARNING_CASES
    assert f"{'warning' if is_warning else 'error'}[{example.rule}]" in ran.stdout
    assert ran.status == (0 if is_warning else 1)
    said = "compared with [0-9a-f]{10}, where this parted from HEAD~1\n"
    assert re.fullmatch(said if example.base.exists() else "", ran.stderr)
    assert ran.stdout == example.expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", list_valid(), ids=str)
def test_a_valid_ledger_has_not_even_a_warning(
    example: Example, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = check(example, punchcard, tmp_path / "ledger", "--strict")
    assert ran.stdout.endswith(": 0 errors, 0 warnings\n"), ran.stdout
    assert (ran.status, ran.stderr) == (0, "")


def test_every_rule_has_an_example() -> None:
    assert {example.rule for example in list_invalid()} == set(RULE_NAMES)


def test_no_folder_of_the_gallery_is_forgotten() -> None:
    """Each is checked above, against a text that it has."""
    listed = {example.folder for example in [*list_invalid(), *list_valid()]}
    found = {folder.parent for folder in EXAMPLES.rglob("customers")}
    assert found == listed | {example.base for example in list_invalid() if example.base.exists()}
    assert [str(example) for example in list_invalid() if not example.expected.is_file()] == []
