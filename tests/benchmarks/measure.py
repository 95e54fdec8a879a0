"""Measures what docs/performance.md promises, prints the table, and ends with 1 if a line fails.

Whole processes, all works of a table in turn, medians of several rounds: what else the machine
does meets ours and the peers alike. A program that is not installed is said to be missing.

    python -m tests.benchmarks.measure [--entries 100000] [--portals 200] [--rounds 3]
"""

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import NamedTuple

from tests.benchmarks.peers import write_journals
from tests.benchmarks.synthetic_ledger import LAST_DAY, CustomerLife, write_synthetic_ledger

PUNCHCARD = str(Path(sys.executable).with_name("punchcard"))
MKDOCS = (sys.executable, "-m", "mkdocs", "build", "--quiet")
AS_OF = ("--as-of", str(LAST_DAY))
ENTRIES_A_PORTAL = 48  # Four requests: with the pages of the menu twelve pages.
EXPORTED = 4


class Cost(NamedTuple):
    """What a process took, its children included.

    Attributes:
        wall: seconds.
        cpu: seconds, of all its processes together.
        mib: the most memory that one of its processes held.
    """

    wall: float
    cpu: float
    mib: float


class Row(NamedTuple):
    """A line of the table; ``holds`` is None where the program to compare with is missing."""

    work: str
    to_hold: str
    measured: str
    holds: bool | None


class Bench:
    """A synthetic ledger in a repository below a folder, and commands to measure on it."""

    def __init__(self, root: Path, entries: int, customers: int) -> None:
        self.root = root / f"{entries}-{customers}"
        self.entries_a_customer = entries // customers
        write_synthetic_ledger(self.root, entries, customers)
        who = ("-c", "user.name=Bench", "-c", "user.email=alice@provider.example")
        for command in (("init", "-q"), ("add", "--all"), ("commit", "-qm", "All of it")):
            subprocess.run(["git", *who, *command], cwd=self.root, check=True)

    def run(self, *arguments: str, **environment: str) -> Cost:
        """Measure a command of ours, with a cache of this ledger's own."""
        cache = {"PUNCHCARD_CACHE_DIR": str(self.root / "cache")}
        return run([PUNCHCARD, *arguments], self.root, **cache, **environment)

    def log(self) -> Cost:
        """Measure ``log``, and take the entry back."""
        entry = next(iter(CustomerLife(7, self.entries_a_customer).sheets.values()))[0]
        what = (entry.request, "15m", "Note", "--as", "alice")
        cost = self.run("log", *what, "--date", str(entry.day), *AS_OF)
        for git in (("checkout", "-q", "."), ("clean", "-qfd", "customers")):
            subprocess.run(["git", *git], cwd=self.root, check=True)
        return cost

    def build(self, *options: str, forgets: bool = False) -> Cost:
        """Measure a build of portals into ``site``."""
        if forgets:
            for folder in ("site", "cache"):
                shutil.rmtree(self.root / folder, ignore_errors=True)
        return self.run("portal", "build", *options, *AS_OF)


def run(command: Sequence[str], folder: Path, **environment: str) -> Cost:
    """Run a program to its end.

    Raises:
        RuntimeError: it failed.
    """
    variables = {**os.environ, **environment}
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # Programs run from what they compiled once.
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, env=variables, stdout=output, stderr=output)
        _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        if process.returncode:
            raise RuntimeError(f"{command} failed: {output.read().decode(errors='replace')}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(rounds: int, works: dict[str, Callable[[], Cost]]) -> dict[str, Cost]:
    """Run all works in turn, several times; return the median of what each took."""
    costs: dict[str, list[Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            costs[name].append(work())
            sys.stderr.write(f"{name:40} {costs[name][-1]}\n")
    return {name: Cost(*map(median, zip(*each, strict=True))) for name, each in costs.items()}


def measure_checks(root: Path, entries: int, customers: int, rounds: int) -> Iterator[Row]:
    """Measure single commands and checks, on a ledger and on one of half its size."""
    full, half = Bench(root, entries, customers), Bench(root, entries // 2, customers // 2)
    peers = write_journals(root, entries, customers)
    completion = {"_PUNCHCARD_COMPLETE": "bash_complete", "COMP_CWORD": "1"}
    balance = ("balance", "customer-000007", *AS_OF)
    check = ("check", "--no-since", *AS_OF)
    full.run(*check)
    took = measure(
        rounds,
        {
            "balance": lambda: full.run(*balance),
            "balance of half": lambda: half.run(*balance),
            "log": full.log,
            "status": lambda: full.run("status", "--as", "alice", *AS_OF),
            "help": lambda: full.run("--help"),
            "completion": lambda: full.run(COMP_WORDS="punchcard st", **completion),
            "unchanged": lambda: full.run(*check),
            "check": lambda: full.run(*check, "--no-cache"),
            "revenue": lambda: full.run("revenue", "--by", "month", *AS_OF),
            "check of half": lambda: half.run(*check, "--no-cache"),
            **{name: partial(run, each, root) for name, each in peers.items()},
        },
    )
    for work in ("balance", "log", "status"):
        yield at_most(f"`{work}`, one customer of {customers:,}", took[work].cpu, 0.5, " s CPU")
    grown = took["balance"].mib / took["balance of half"].mib
    yield at_most("its memory, twice the ledger", grown, 1.1, " times")
    yield at_most("`--help`", took["help"].cpu, 0.15, " s CPU")
    yield at_most("completion", took["completion"].cpu, 0.15, " s CPU")
    for peer, most in (("hledger check", 1), ("bean-check", 1), ("ledger", 4)):
        work = f"check of {entries:,} entries, no cache, against `{peer}`"
        if peer in peers:
            yield at_most(work, took["check"].wall / took[peer].wall, most, " of its time")
        else:
            yield Row(work, f"at most {most} of its time", "missing", None)
    work = f"`revenue --by month` of {entries:,} entries, against that check"
    yield at_most(work, took["revenue"].wall / took["check"].wall, 2, " of its time")
    yield at_most("the check again, nothing changed", took["unchanged"].cpu, 0.35, " s CPU")
    grown = took["check"].cpu / took["check of half"].cpu
    yield at_most("check, twice the entries and customers", grown, 2.2, " times the CPU")


def measure_portals(root: Path, portals: int, rounds: int) -> Iterator[Row]:
    """Measure builds of portals against ``mkdocs build`` on the same portals, exported."""
    full, half = (Bench(root, ENTRIES_A_PORTAL * count, count) for count in (portals, portals // 2))
    full.build()
    projects = []
    for number in range(EXPORTED):
        slug = f"customer-{number:06d}"
        projects.append(root / "projects" / slug)
        full.run("portal", "export", slug, str(projects[-1]), *AS_OF)
        run(MKDOCS, projects[-1])
        require_same_files(projects[-1] / "site", full.root / "site" / slug)
    works = {
        "one": lambda: full.build("customer-000000", forgets=True),
        "half": lambda: half.build(forgets=True),
        "all": lambda: full.build(forgets=True),
        "unchanged": full.build,
    }
    works |= {each.name: partial(run, MKDOCS, each) for each in projects}
    took = measure(rounds, works)
    mkdocs = Cost(*map(median, zip(*(took[each.name] for each in projects), strict=True)))
    ours = took["all"]
    one = took["one"].cpu / mkdocs.cpu
    yield Row("one portal from nothing", "–", f"{one:.3g} of its CPU", None)
    many = f"{portals} portals from nothing"
    yield at_most(many, ours.cpu / portals / mkdocs.cpu, 1 / 4, " of its CPU")
    yield at_most(many, ours.wall / portals / mkdocs.wall, 1 / 8, " of its time")
    unchanged = took["unchanged"].wall / portals / mkdocs.wall
    yield at_most("the same, nothing changed", unchanged, 1 / 100, " of its time")
    yield at_most("twice the portals", ours.cpu / took["half"].cpu, 2.2, " times the CPU")
    yield at_most("twice the portals", ours.mib / took["half"].mib, 1.2, " times the memory")


def at_most(work: str, measured: float, most: float, unit: str) -> Row:
    """Return a line for a figure that is not to exceed another."""
    return Row(work, f"at most {most:.3g}{unit}", f"{measured:.3g}", measured <= most)


def require_same_files(one: Path, other: Path) -> None:
    """Raise RuntimeError unless two folders have the same files."""
    compared = filecmp.dircmp(one, other)
    if compared.left_only or compared.right_only or compared.diff_files:
        raise RuntimeError(f"{one} and {other} are not the same portal")
    for folder in compared.common_dirs:
        require_same_files(one / folder, other / folder)


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--customers", type=int, default=1_000)
    parser.add_argument("--portals", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        rows = [
            *measure_checks(root, options.entries, options.customers, options.rounds),
            *measure_portals(root, options.portals, options.rounds),
        ]
    sys.stdout.write("| work | to hold | measured | |\n|---|---|---|---|\n")
    for row in rows:
        holds = {True: "holds", False: "FAILS", None: ""}[row.holds]
        sys.stdout.write(f"| {row.work} | {row.to_hold} | {row.measured} | {holds} |\n")
    sys.exit(any(row.holds is False for row in rows))


if __name__ == "__main__":
    main()
