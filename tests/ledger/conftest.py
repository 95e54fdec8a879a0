"""A ledger with some history."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ledger.git.written_ledger import WrittenLedger


@pytest.fixture
def ledger(tmp_path: Path) -> WrittenLedger:
    return WrittenLedger(tmp_path / "ledger")
