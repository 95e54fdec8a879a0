"""What the benchmarks measure with: a valid ledger, and journals that say the same."""

from __future__ import annotations

import re
import sys
from collections import Counter
from pathlib import Path

import pytest

from ledger.balance.summary import compute_balance
from ledger.check import check_ledger
from ledger.ledger import open_ledger
from tests.benchmarks.accounting_peers import Beancount, Hledger, Ledger, Peer
from tests.benchmarks.measure_checks import Row, format_rows, list_growth
from tests.benchmarks.measured_process import Cost, run
from tests.benchmarks.peer_journals import write_beancount_journal, write_plain_journal
from tests.benchmarks.synthetic_ledger import LAST_DAY, write_synthetic_ledger


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("synthetic")
    write_synthetic_ledger(root, 300, 3)
    with open_ledger(root / "customers") as ledger:
        write_plain_journal(ledger, LAST_DAY, root)
        write_beancount_journal(ledger, LAST_DAY, root)
    return root


@pytest.fixture(scope="module")
def balances(root: Path) -> dict[str, int]:
    with open_ledger(root / "customers") as ledger:
        terms = ledger.organization.terms
        return {
            folder.slug: compute_balance(folder.records, terms, LAST_DAY).balance_minutes
            for folder in ledger.read_customers()
        }


def test_a_check_finds_nothing_in_the_synthetic_ledger(root: Path) -> None:
    with open_ledger(root / "customers") as ledger:
        report = check_ledger(ledger, LAST_DAY)
    assert report.problems == ()
    assert report.record_count > 300


def test_the_same_ledger_is_written_every_time(root: Path, tmp_path: Path) -> None:
    write_synthetic_ledger(tmp_path, 300, 3)
    written = sorted(tmp_path.rglob("*.yml"))
    for file in written:
        assert file.read_bytes() == (root / file.relative_to(tmp_path)).read_bytes()
    assert len(written) == len(list(root.rglob("*.yml")))


def test_the_plain_journal_adds_up_to_our_balances(root: Path, balances: dict[str, int]) -> None:
    text = (root / "punchcards.journal").read_text()
    left = Counter[str]()
    for slug, minutes in re.findall(r"^    cards:(\S+)  (-?[0-9]+) min$", text, re.MULTILINE):
        left[slug] += int(minutes)
    assert left == balances


@pytest.mark.parametrize("peer", [Ledger(), Hledger(), Beancount()], ids=lambda peer: peer.name)
def test_peers_come_to_our_balances(peer: Peer, root: Path, balances: dict[str, int]) -> None:
    if peer.find_version() is None:
        pytest.skip(f"{peer.name} is not installed")
    assert peer.read_minutes(root, sorted(balances)) == balances
    run(peer.list_arguments(root))


def test_a_process_is_measured_with_its_children() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'sum(range(10**7))'])"
    cost, _said = run([sys.executable, "-c", code], watches_memory=True)
    assert cost.cpu_seconds > 0.05
    assert cost.wall_seconds > cost.cpu_seconds / 2
    assert cost.peak_bytes > 1_000_000


def test_a_process_that_fails_is_no_measurement() -> None:
    with pytest.raises(RuntimeError, match="said why"):
        run([sys.executable, "-c", "import sys; sys.exit('said why')"])


def test_a_peer_that_is_not_there_is_called_missing() -> None:
    row = Row(10, "check, cold", Cost(1, 2, 3), "hledger", None, None, 3, is_memory=False)
    assert "missing" in format_rows([row])


def test_growth_is_told_for_twice_the_entries() -> None:
    rows = [
        Row(size, "check, cold", Cost(seconds, seconds, 1), "ledger", None, None, None, False)
        for size, seconds in ((100, 1.0), (400, 9.0))
    ]
    (line,) = list_growth(rows)
    assert line.startswith("from 100 to 400 entries a cold check costs 3.00 times the CPU time")
