"""What the tests of reading share."""

from pathlib import Path

import pytest

from tests.conftest import start_repository
from tests.ledger.files.hostile_ledger import CUSTOMER, FILE


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with the smallest ledger."""
    folder = tmp_path / "ledger"
    (folder / "customers" / "acme").mkdir(parents=True)
    (folder / FILE).write_bytes(CUSTOMER)
    return start_repository(folder)
