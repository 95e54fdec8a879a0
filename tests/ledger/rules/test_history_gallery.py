"""Every example of altered history is reported to the letter, compared with what was there."""

import re
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard
from tests.ledger.rules.gallery import Example, check, expect_text, list_invalid


@pytest.mark.parametrize(
    "example", [each for each in list_invalid() if each.base.exists()], ids=str
)
def test_altered_history_is_reported_to_the_letter(
    example: Example, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    ran = check(example, punchcard, tmp_path / "ledger")
    said = "compared with [0-9a-f]{10}, where this parted from HEAD~1\n"
    assert re.fullmatch(said, ran.stderr)
    expect_text(example, ran.stdout, ran.status)
