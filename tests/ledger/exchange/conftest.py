"""The ledger that time is imported into."""

from pathlib import Path

import pytest

from tests.conftest import RunPunchcard
from tests.ledger.exchange.import_ledger import ImportLedger


@pytest.fixture
def ledger(tmp_path: Path, punchcard: RunPunchcard) -> ImportLedger:
    return ImportLedger(tmp_path / "repository", punchcard)
