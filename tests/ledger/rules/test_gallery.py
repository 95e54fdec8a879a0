"""Every example ledger is reported to the letter, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from ledger.rules.catalogue import RULE_NAMES
from tests.conftest import RunPunchcard
from tests.ledger.rules.gallery import (
    IS_UPDATING,
    NEEDS_TWO_REVISIONS,
    Example,
    check,
    list_invalid,
    list_valid,
)

WARNINGS = {"support-entitlement", "account-inactive"}
WARNING_CASES = {"correction/other-category"}


@pytest.mark.parametrize("example", list_invalid(), ids=str)
def test_a_broken_ledger_is_reported_to_the_letter(
    example: Example, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = check(example, punchcard, tmp_path / "ledger")
    if IS_UPDATING:
        example.expected.write_text(ran.stdout, encoding="utf-8")
    is_warning = example.rule in WARNINGS or str(example) in WARNING_CASES
    assert f"{'warning' if is_warning else 'error'}[{example.rule}]" in ran.stdout
    assert (ran.status, ran.stderr) == (0 if is_warning else 1, "")
    assert ran.stdout == example.expected.read_text(encoding="utf-8")


@pytest.mark.parametrize("example", list_valid(), ids=str)
def test_a_valid_ledger_has_not_even_a_warning(
    example: Example, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = check(example, punchcard, tmp_path / "ledger", "--strict")
    assert ran.stdout.endswith(": 0 errors, 0 warnings\n"), ran.stdout
    assert (ran.status, ran.stderr) == (0, "")


def test_every_rule_has_an_example() -> None:
    shown = {example.rule for example in list_invalid()}
    assert shown == set(RULE_NAMES) - NEEDS_TWO_REVISIONS
