"""Measures checks and balances against plain-text accounting programs, on the same facts.

Whole processes, in turn: each of our commands has the peers run right beside it, so that whatever
else the machine does meets both. The times are medians of several rounds; memory is watched in a
round of its own before them. Before anything is measured our check must find nothing in the ledger,
and every peer must come to our balances. A peer that is not there is said to be missing.

    python -m tests.benchmarks.measure_checks --sizes 10000 100000 --json checks.json
"""

from __future__ import annotations

import argparse
import json
import math
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from ledger.ledger import open_ledger
from ledger.output.tabular import format_table
from tests.benchmarks.accounting_peers import Beancount, Hledger, Ledger, Peer
from tests.benchmarks.measured_process import Cost, compile_program, run
from tests.benchmarks.peer_journals import write_beancount_journal, write_plain_journal
from tests.benchmarks.synthetic_ledger import LAST_DAY, write_synthetic_ledger

SIZES = (10_000, 100_000, 1_000_000)
CUSTOMERS = 1_000
LARGEST_FOR = {"bean-check": 100_000}
"""The largest ledger that a peer is given: the next would take it a quarter of an hour a round."""

_PUNCHCARD = (sys.executable, "-c", "from site_builder.punchcard import main; main()")
_START = (sys.executable, "-c", "import click, yaml, pydantic")
_START_NAME = "python -c 'import click, yaml, pydantic'"
_ONE = "customer-000007"
_HEADERS = ("entries", "work", "s", "CPU s", "MB", "peer", "s", "CPU s", "MB", "ratio", "to reach")


@dataclass(frozen=True, slots=True)
class Goal:
    """What a piece of work is to reach against a peer.

    Attributes:
        entries: in the ledger of this size.
        is_memory: whether peak memory is compared instead of wall time.
        at_least: the peer's cost, divided by ours.
    """

    entries: int
    work: str
    peer: str
    at_least: float
    is_memory: bool = False


GOALS = (
    Goal(100_000, "check, cold", "bean-check", 12),
    Goal(100_000, "check, cold", "hledger", 3),
    Goal(100_000, "check, cold", "ledger", 1),
    Goal(1_000_000, "check, nothing changed", "ledger", 40),
    Goal(1_000_000, "check, one pull request", "ledger", 20),
    Goal(1_000_000, "balance of one, no cache", _START_NAME, 1 / 2.5),
    Goal(1_000_000, "check, cold", "hledger", 20, is_memory=True),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: our work and a peer's; ``ratio`` is the peer's cost divided by ours."""

    entries: int
    work: str
    cost: Cost
    peer: str
    peer_cost: Cost | None
    ratio: float | None
    at_least: float | None
    is_memory: bool


class Bench:
    """A ledger in a repository, and the journals of its peers, below a folder."""

    def __init__(self, root: Path, entries: int, customers: int, peers: Sequence[Peer]) -> None:
        self.entries = entries
        self._root = root
        self._customers = customers
        self._peers = [p for p in peers if entries <= LARGEST_FOR.get(p.name, entries)]
        self._ledger = root / "ledger"
        self._journals = root / "journals"
        self._cache = root / "cache"
        self._kept_cache = root / "kept-cache"
        self._watches_memory = False

    def prepare(self) -> None:
        """Write everything, unless it is there from another run; see that all figures agree."""
        if not (self._ledger / ".git").exists():
            write_synthetic_ledger(self._ledger, self.entries, self._customers)
            self._git("init", "--quiet", "--initial-branch=main")
            self._git("add", "--all")
            self._git("commit", "--quiet", "--message=All of it")
        self._log_time_on_a_branch()
        self._git("checkout", "--quiet", "main")
        self._punchcard("check", "--no-since", "--strict")
        shutil.rmtree(self._kept_cache, ignore_errors=True)
        shutil.copytree(self._cache, self._kept_cache)
        self._write_journals()
        self._require_agreement()

    def measure(self, *, watches_memory: bool = False) -> Iterator[tuple[str, Cost]]:
        """Yield what each piece of work took in one round, each peer's included."""
        self._watches_memory = watches_memory
        yield "check, cold", self._punchcard("check", "--no-since", "--no-cache")
        for peer in self._peers:
            yield peer.name, self._run(peer.list_arguments(self._journals))
        self._restore_cache()
        # The one before: since that of the cache another branch was checked out, and this again.
        self._punchcard("check", "--no-since")
        yield "check, nothing changed", self._punchcard("check", "--no-since")
        self._git("checkout", "--quiet", "work")
        yield "check, one pull request", self._punchcard("check", "--since", "main")
        self._git("checkout", "--quiet", "main")
        shutil.rmtree(self._cache)
        yield "balance of one, no cache", self._punchcard("balance", _ONE)
        yield _START_NAME, self._run(_START)

    def _log_time_on_a_branch(self) -> None:
        """Commit one more entry on the branch ``work``, as a pull request would."""
        self._git("checkout", "--quiet", "-B", "work", "main")
        sheet = max((self._ledger / "customers" / _ONE / "time").iterdir())
        text = sheet.read_text(encoding="utf-8")
        entries = re.split("^(?=- id: )", text, flags=re.MULTILINE)
        last = next(entry for entry in reversed(entries) if "corrects:" not in entry)
        one_more = re.sub("id: ([0-9]+)-[0-9]+", r"id: \1-9999", last)
        one_more = re.sub("minutes: [0-9]+", "minutes: 15", one_more)
        sheet.write_text(text + one_more, encoding="utf-8")
        self._git("commit", "--quiet", "--all", "--message=One more")

    def _restore_cache(self) -> None:
        shutil.rmtree(self._cache, ignore_errors=True)
        shutil.copytree(self._kept_cache, self._cache)

    def _write_journals(self) -> None:
        self._journals.mkdir(exist_ok=True)
        with open_ledger(self._ledger) as ledger:
            write_plain_journal(ledger, LAST_DAY, self._journals)
            if any(peer.name == "bean-check" for peer in self._peers):
                write_beancount_journal(ledger, LAST_DAY, self._journals)

    def _require_agreement(self) -> None:
        """See that every peer comes to our balances.

        Raises:
            RuntimeError: one does not.
        """
        command = (*_PUNCHCARD, "balance", "--as-of", LAST_DAY.isoformat(), "--format", "json")
        done = subprocess.run(command, cwd=self._ledger, check=True, capture_output=True)
        ours = {row["customer"]: row["balance_minutes"] for row in json.loads(done.stdout)}
        for peer in self._peers:
            theirs = peer.read_minutes(self._journals, sorted(ours))
            if theirs != ours:
                raise RuntimeError(f"{peer.name} comes to other balances: {theirs}")

    def _punchcard(self, *arguments: str) -> Cost:
        environment = {"PUNCHCARD_CACHE_DIR": str(self._cache)}
        command = (*_PUNCHCARD, *arguments, "--as-of", LAST_DAY.isoformat())
        return self._run(command, self._ledger, environment)

    def _run(
        self,
        command: Sequence[str | Path],
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> Cost:
        return run(command, folder, environment, watches_memory=self._watches_memory)[0]

    def _git(self, *arguments: str) -> None:
        identity = ("-c", "user.name=Bench", "-c", "user.email=alice@provider.example")
        settings = (*identity, "-c", "gc.auto=0")
        subprocess.run(["git", *settings, *arguments], cwd=self._ledger, check=True)


def measure_size(bench: Bench, rounds: int) -> list[Row]:
    """Return the rows of one ledger."""
    peaks = {work: cost.peak_bytes for work, cost in bench.measure(watches_memory=True)}
    costs: dict[str, list[Cost]] = {}
    for _ in range(rounds):
        for work, cost in bench.measure():
            costs.setdefault(work, []).append(cost)
            sys.stderr.write(
                f"{bench.entries:>9,}  {work:<40} {cost.wall_seconds:.2f} {cost.cpu_seconds:.2f}\n"
            )
    medians = {work: _find_median(all_, peaks[work]) for work, all_ in costs.items()}
    return list(_make_rows(bench.entries, medians))


def _make_rows(entries: int, costs: Mapping[str, Cost]) -> Iterator[Row]:
    pairs = {
        "check, cold": ("ledger", "hledger", "bean-check"),
        "check, nothing changed": ("ledger",),
        "check, one pull request": ("ledger",),
        "balance of one, no cache": (_START_NAME,),
    }
    for work, peers in pairs.items():
        for peer in peers:
            for is_memory in (False, True):
                goals = [
                    g for g in GOALS if (g.work, g.peer, g.is_memory) == (work, peer, is_memory)
                ]
                if not is_memory or goals:
                    yield _make_row(entries, work, peer, costs, is_memory, goals)


def _make_row(
    entries: int,
    work: str,
    peer: str,
    costs: Mapping[str, Cost],
    is_memory: bool,
    goals: Sequence[Goal],
) -> Row:
    ours, theirs = costs[work], costs.get(peer)
    ratio = None
    if theirs is not None:
        ratio = (
            theirs.peak_bytes / ours.peak_bytes
            if is_memory
            else theirs.wall_seconds / ours.wall_seconds
        )
    at_least = next((goal.at_least for goal in goals if goal.entries == entries), None)
    return Row(entries, work, ours, peer, theirs, ratio, at_least, is_memory)


def _find_median(costs: Sequence[Cost], peak_bytes: int) -> Cost:
    return Cost(
        median(cost.wall_seconds for cost in costs),
        median(cost.cpu_seconds for cost in costs),
        peak_bytes,
    )


def _list_cells(cost: Cost | None) -> list[str]:
    if cost is None:
        return ["-", "-", "-"]
    return [f"{cost.wall_seconds:.2f}", f"{cost.cpu_seconds:.2f}", f"{cost.peak_bytes / 1e6:.0f}"]


def format_rows(rows: Sequence[Row]) -> str:
    """Return the table."""
    cells = []
    for row in rows:
        reach = "" if row.at_least is None else f"{row.at_least:.3g} x"
        ratio = "missing" if row.ratio is None else f"{row.ratio:.2f} x"
        what = f"{row.work} (memory)" if row.is_memory else row.work
        cells.append(
            [
                f"{row.entries:,}",
                what,
                *_list_cells(row.cost),
                row.peer,
                *_list_cells(row.peer_cost),
                ratio,
                reach,
            ]
        )
    return format_table(_HEADERS, cells, right=set(_HEADERS) - {"work", "peer"})


def list_growth(rows: Sequence[Row]) -> list[str]:
    """Return what twice the entries cost, worked out from ledgers of different sizes."""
    cold = {row.entries: row.cost for row in rows if row.work == "check, cold"}
    sizes = sorted(cold)
    lines = []
    for smaller, larger in pairwise(sizes):
        doublings = math.log2(larger / smaller)
        times = (cold[larger].cpu_seconds / cold[smaller].cpu_seconds) ** (1 / doublings)
        lines.append(
            f"from {smaller:,} to {larger:,} entries a cold check costs {times:.2f} times the CPU "
            "time whenever the entries double"
        )
    return lines


def main() -> None:
    """Measure what the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--customers", type=int, default=CUSTOMERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures to this file, too")
    parser.add_argument("--keep", type=Path, help="keep the ledgers in this folder for other runs")
    options = parser.parse_args()
    peers: list[Peer] = [Ledger(), Hledger(), Beancount()]
    versions = {peer.name: peer.find_version() for peer in peers}
    there = [peer for peer in peers if versions[peer.name] is not None]
    rows: list[Row] = []
    compile_program()
    with tempfile.TemporaryDirectory() as scratch:
        for entries in options.sizes:
            root = (options.keep or Path(scratch)) / f"{entries}-{options.customers}"
            root.mkdir(parents=True, exist_ok=True)
            bench = Bench(root, entries, options.customers, there)
            bench.prepare()
            rows += measure_size(bench, options.rounds)
    found = (
        f"{name}: {version or 'missing on this machine'}" for name, version in versions.items()
    )
    sys.stdout.write("\n".join([format_rows(rows), *list_growth(rows), *found, ""]))
    if options.json is not None:
        options.json.write_text(json.dumps(_to_json(rows, versions), indent=2) + "\n")


def _to_json(rows: Sequence[Row], versions: Mapping[str, str | None]) -> dict[str, Any]:
    return {
        "machine": {"python": platform.python_version(), "system": platform.platform()},
        "peers": dict(versions),
        "rows": [asdict(row) for row in rows],
    }


if __name__ == "__main__":
    main()
