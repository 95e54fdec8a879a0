"""The synthetic ledger is valid, and other programs come to our balances from their journals."""

import json
from pathlib import Path

from tests.benchmarks.peers import read_minutes, write_journals
from tests.benchmarks.synthetic_ledger import LAST_DAY, write_synthetic_ledger
from tests.conftest import RunPunchcard, start_repository


def test_a_synthetic_ledger_is_valid_and_its_journals_agree(
    tmp_path: Path, punchcard: RunPunchcard
) -> None:
    write_synthetic_ledger(tmp_path, 300, 3)
    start_repository(tmp_path)
    as_of = ("--as-of", LAST_DAY)
    checked = punchcard(tmp_path, "check", "--strict", *as_of)
    assert checked.status == 0, checked
    rows = json.loads(punchcard(tmp_path, "balance", "--format", "json", *as_of).stdout)
    ours = {row["customer"]: row["balance_minutes"] for row in rows}
    assert len(ours) == 3
    for peer in write_journals(tmp_path, 300, 3):
        assert read_minutes(peer, tmp_path) == ours


def test_the_same_ledger_is_written_every_time(tmp_path: Path) -> None:
    for name in ("one", "other"):
        write_synthetic_ledger(tmp_path / name, 300, 3)
    written = sorted((tmp_path / "one").rglob("*.yml"))
    for file in written:
        twin = tmp_path / "other" / file.relative_to(tmp_path / "one")
        assert file.read_bytes() == twin.read_bytes()
    assert len(written) > 3
