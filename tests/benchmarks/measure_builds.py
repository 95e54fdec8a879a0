"""Measures builds of portals against ``mkdocs build`` in a loop, on the same portals.

Whole processes, in turn: each of our builds has the peers run right before it, on a sample of the
portals that were written out as ordinary MkDocs projects, so that whatever else the machine does
meets both. The figures are medians of several rounds. A peer that is not there is said to be
missing; one whose pages are not ours is not measured at all.

    python -m tests.benchmarks.measure_builds --customers 200 --json builds.json
"""

from __future__ import annotations

import argparse
import filecmp
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from statistics import median

from site_builder.fingerprint import list_versions
from tests.benchmarks.measured_process import Cost, compile_program, run
from tests.benchmarks.synthetic_ledger import LAST_DAY, write_synthetic_ledger

# Four requests, each with a page, beside the eight pages of the menu.
ENTRIES_A_CUSTOMER = 48
PAGES_A_PORTAL = 12
SAMPLE = 6

_PUNCHCARD = (sys.executable, "-c", "from site_builder.punchcard import main; main()")
_MKDOCS = (sys.executable, "-m", "mkdocs", "build", "--quiet")
_MKDOCS_SAYS_NOTHING = {"NO_MKDOCS_2_WARNING": "1"}
_CHECKOUT = str(Path(__file__).parents[2])
_ONE_IN = 10
_MIB = 1 << 20
_TIMES_AS_MANY = 10


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table.

    Attributes:
        times_faster: than the peer for as many portals, in wall time.
        at_least: what it is to be.
    """

    work: str
    cost: Cost
    peer: str
    peer_cost_a_portal: Cost
    times_faster: float
    at_least: float | None


@dataclass
class Bench:
    """A ledger, its portals, and a sample of them as projects for the peers."""

    root: Path
    customers: int
    day: date = LAST_DAY
    projects: list[Path] = field(default_factory=list)
    watches_memory: bool = False

    @property
    def ledger(self) -> Path:
        return self.root / "ledger"

    @property
    def output(self) -> Path:
        return self.root / "site"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    def write(self) -> None:
        """Write the ledger and commit it."""
        write_synthetic_ledger(self.ledger, ENTRIES_A_CUSTOMER * self.customers, self.customers)
        self.commit("init", "--quiet")
        self.commit("add", "--all")
        self.commit("commit", "--quiet", "--message=All of it")

    def prepare(self) -> None:
        """Write the ledger and the projects; see that all agree before any time is measured."""
        self.write()
        self._punchcard("check", "--no-since", "--strict")
        self.build()
        step = max(1, self.customers // SAMPLE)
        for number in range(0, self.customers, step)[:SAMPLE]:
            project = self.root / "projects" / f"{number:06d}"
            slug = f"customer-{number:06d}"
            self._punchcard("portal", "export", slug, str(project))
            run(_MKDOCS, project, _MKDOCS_SAYS_NOTHING)
            _require_same_files(project / "site", self.output / slug)
            _require_pages(project / "site")
            self.projects.append(project)

    def commit(self, *arguments: str) -> None:
        identity = ("-c", "user.name=Bench", "-c", "user.email=bench@provider.example")
        subprocess.run(["git", *identity, *arguments], cwd=self.ledger, check=True)

    def build(self, *options: str) -> Cost:
        return self._punchcard("portal", "build", "--output", str(self.output), *options)

    def forget(self) -> None:
        """Remove what was built, and what was kept."""
        for folder in (self.output, self.cache):
            shutil.rmtree(folder, ignore_errors=True)

    def change_one_in_ten(self) -> None:
        """Write a note otherwise for some customers, and commit that."""
        folders = sorted((self.ledger / "customers").glob("customer-*"))
        for folder in folders[::_ONE_IN]:
            sheet = max((folder / "time").iterdir())
            text = sheet.read_text(encoding="utf-8")
            changed = text.replace("note: ", f"note: As of {self.day}, ", 1)
            sheet.write_text(changed, encoding="utf-8")
        self.commit("commit", "--all", "--quiet", "--message=Some notes")

    def _punchcard(self, *arguments: str) -> Cost:
        as_of = ("--as-of", self.day.isoformat())
        environment = {"PUNCHCARD_CACHE_DIR": str(self.cache), "PYTHONPATH": _CHECKOUT}
        return self.run((*_PUNCHCARD, *arguments, *as_of), self.ledger, environment)

    def run(self, command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
        """Run a program; say what it took."""
        cost, _said = run(command, folder, environment, watches_memory=self.watches_memory)
        return cost


def build_from_nothing(bench: Bench) -> Cost:
    bench.forget()
    return bench.build("--no-cache")


def build_and_keep(bench: Bench) -> Cost:
    bench.forget()
    return bench.build()


def build_again(bench: Bench) -> Cost:
    return bench.build()


def build_next_week(bench: Bench) -> Cost:
    bench.day += timedelta(days=7)
    return bench.build()


def build_next_week_with_changes(bench: Bench) -> Cost:
    bench.day += timedelta(days=7)
    bench.change_one_in_ten()
    return bench.build()


Work = Callable[[Bench], Cost]
WORKS: dict[str, tuple[Work, float | None]] = {
    "from nothing": (build_from_nothing, 14),
    "from nothing, and kept for the next time": (build_and_keep, None),
    "same date, nothing changed": (build_again, 250),
    "next week's date, nothing changed": (build_next_week, 60),
    "next week's date, one in ten changed": (build_next_week_with_changes, 50),
}


def measure_peer(bench: Bench, command: Sequence[str]) -> Cost:
    """Return the median cost of building one portal of the sample."""
    costs = []
    for project in bench.projects:
        shutil.rmtree(project / "site", ignore_errors=True)
        costs.append(bench.run(command, project, _MKDOCS_SAYS_NOTHING))
    return take_median(costs)


def take_median(costs: Sequence[Cost]) -> Cost:
    """Return the medians of several costs."""
    return Cost(
        median(cost.wall_seconds for cost in costs),
        median(cost.cpu_seconds for cost in costs),
        round(median(cost.peak_bytes for cost in costs)),
    )


def measure(bench: Bench, rounds: int) -> list[Row]:
    """Measure all works against ``mkdocs build``, one after the other, several times."""
    costs: dict[str, list[Cost]] = {work: [] for work in WORKS}
    peers: dict[str, list[Cost]] = {work: [] for work in WORKS}
    bench.watches_memory = True
    peer_peak = measure_peer(bench, _MKDOCS).peak_bytes
    peaks = {name: work(bench).peak_bytes for name, (work, _at_least) in WORKS.items()}
    bench.watches_memory = False
    for _ in range(rounds):
        for name, (work, _at_least) in WORKS.items():
            peers[name].append(measure_peer(bench, _MKDOCS))
            costs[name].append(work(bench))
    rows = []
    for name, (_work, at_least) in WORKS.items():
        peer = replace(take_median(peers[name]), peak_bytes=peer_peak)
        ratios = [
            bench.customers * each.wall_seconds / cost.wall_seconds
            for each, cost in zip(peers[name], costs[name], strict=True)
        ]
        cost = replace(take_median(costs[name]), peak_bytes=peaks[name])
        rows.append(Row(name, cost, "mkdocs build", peer, median(ratios), at_least))
    return rows


def measure_zensical(bench: Bench, program: str | None) -> Cost | str:
    """Return what Zensical takes for a portal, or why that is not known."""
    found = shutil.which(program or "zensical")
    if found is None:
        return "missing: it is not installed"
    try:
        cost = measure_peer(bench, (found, "build"))
    except RuntimeError as error:
        return f"missing: it does not build them: {str(error).strip().splitlines()[-1]}"
    built = bench.projects[0] / "site"
    pages = {file.relative_to(built) for file in built.rglob("*.html")}
    ours = bench.output / f"customer-{int(bench.projects[0].name):06d}"
    lost = [file for file in ours.rglob("*.html") if file.relative_to(ours) not in pages]
    if lost:
        return f"missing: of {PAGES_A_PORTAL} pages it leaves out {len(lost)}"
    text = (built / "statement.html").read_text(encoding="utf-8")
    if "Closing balance" not in text:
        return "missing: it does not run the project's hooks, so its pages are empty"
    return cost


@dataclass(frozen=True, slots=True)
class Growth:
    """What ten times the customers cost, compared with a build from nothing of the few."""

    customers: int
    cost: Cost
    times_the_cpu: float
    times_the_memory: float


def measure_growth(root: Path, few: Cost, customers: int) -> Growth:
    """Build so many portals from nothing, once."""
    bench = Bench(root / "many", customers, watches_memory=True)
    bench.write()
    cost = build_from_nothing(bench)
    return Growth(
        customers,
        cost,
        cost.cpu_seconds / few.cpu_seconds,
        cost.peak_bytes / few.peak_bytes,
    )


def _require_same_files(one: Path, other: Path) -> None:
    mine, others = (
        {file.relative_to(root) for file in root.rglob("*") if file.is_file()}
        for root in (one, other)
    )
    _, different, failed = filecmp.cmpfiles(one, other, map(str, mine), shallow=False)
    if mine != others or different or failed:
        raise RuntimeError(
            f"{one} and {other} are not the same portal: {different or mine ^ others}"
        )


def _require_pages(portal: Path) -> None:
    pages = [file for file in portal.rglob("*.html") if file.name != "statement-document.html"]
    if len(pages) != PAGES_A_PORTAL:
        raise RuntimeError(f"{portal} has {len(pages)} pages, not {PAGES_A_PORTAL}")


def format_rows(rows: Sequence[Row], customers: int) -> str:
    """Return the table."""
    lines = [
        f"{customers} portals of {PAGES_A_PORTAL} pages",
        f"{'work':42} {'wall s':>8} {'CPU s':>8} {'peak MiB':>9} {'faster':>8} {'at least':>9}",
    ]
    for row in rows:
        at_least = "" if row.at_least is None else f"{row.at_least:g}"
        lines.append(
            f"{row.work:42} {row.cost.wall_seconds:8.2f} {row.cost.cpu_seconds:8.2f} "
            f"{row.cost.peak_bytes / _MIB:9.0f} {row.times_faster:7.1f}x {at_least:>9}"
        )
    peer = take_median([row.peer_cost_a_portal for row in rows])
    lines.append(
        f"mkdocs build, one portal: {peer.wall_seconds:.2f} s, CPU {peer.cpu_seconds:.2f} s, "
        f"{peer.peak_bytes / _MIB:.0f} MiB"
    )
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, write it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--zensical", help="the program, if it is not on the path")
    parser.add_argument("--growth", action=argparse.BooleanOptionalAction, default=True)
    options = parser.parse_args()
    compile_program()
    with tempfile.TemporaryDirectory(prefix="punchcard-builds-") as folder:
        bench = Bench(Path(folder), options.customers)
        bench.prepare()
        rows = measure(bench, options.rounds)
        zensical = measure_zensical(bench, options.zensical)
        growth = None
        if options.growth:
            many = _TIMES_AS_MANY * options.customers
            growth = measure_growth(Path(folder), rows[0].cost, many)
    print(format_rows(rows, options.customers))  # noqa: T201  # what the program is for
    print(f"zensical build, one portal: {zensical}")  # noqa: T201  # as above
    if growth is not None:
        print(  # noqa: T201  # as above
            f"{growth.customers} portals from nothing: {growth.cost.wall_seconds:.1f} s, "
            f"CPU {growth.times_the_cpu:.2f} times, memory {growth.times_the_memory:.2f} times"
        )
    if options.json is not None:
        document = {
            "cores": len(os.sched_getaffinity(0)),
            "machine": platform.machine(),
            "versions": list_versions(),
            "customers": options.customers,
            "pages_a_portal": PAGES_A_PORTAL,
            "rounds": options.rounds,
            "rows": [asdict(row) for row in rows],
            "growth": None if growth is None else asdict(growth),
            "zensical": zensical if isinstance(zensical, str) else asdict(zensical),
        }
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
