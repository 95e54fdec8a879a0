"""The plain-text accounting programs that a check is measured against.

Each reads a journal of the same facts. Before any time is measured, each is asked for the minutes
that every customer has left, which must be ours.
"""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.benchmarks.peer_journals import BEANCOUNT_NAME, PLAIN_NAME, name_beancount_account

_READ_BEANCOUNT = """\
import collections, json, sys
from beancount import loader
from beancount.core import data
entries, errors, _options = loader.load_file(sys.argv[1])
left = collections.Counter()
for entry in data.filter_txns(entries):
    for posting in entry.postings:
        if posting.units.currency == "MIN":
            left[posting.account] += int(posting.units.number)
print(json.dumps({"left": left, "errors": len(errors)}))
"""


class Peer(Protocol):
    """A program to measure against."""

    @property
    def name(self) -> str:
        """What it is called."""
        ...

    def find_version(self) -> str | None:
        """Return its version; None if it is not there."""
        ...

    def list_arguments(self, journals: Path) -> list[str]:
        """Return the command that reads and checks a journal."""
        ...

    def read_minutes(self, journals: Path, slugs: list[str]) -> Mapping[str, int]:
        """Return what each customer has left."""
        ...


@dataclass(frozen=True)
class Ledger:
    """John Wiegley's ``ledger``, which has no command that only checks."""

    name: str = "ledger"

    def find_version(self) -> str | None:
        """See ``Peer``."""
        return _ask_version("ledger")

    def list_arguments(self, journals: Path) -> list[str]:
        """See ``Peer``."""
        return ["ledger", "-f", str(journals / PLAIN_NAME), "balance", "^cards", "--depth", "1"]

    def read_minutes(self, journals: Path, slugs: list[str]) -> Mapping[str, int]:
        """See ``Peer``."""
        form = "%(account)\t%(quantity(scrub(total)))\n"
        command = ["ledger", "-f", str(journals / PLAIN_NAME), "balance", "^cards:", "--flat"]
        lines = _ask(*command, "--empty", "--no-total", "--format", form).splitlines()
        pairs = (line.split("\t") for line in lines)
        return {account.removeprefix("cards:"): int(minutes) for account, minutes in pairs}


@dataclass(frozen=True)
class Hledger:
    """``hledger check``."""

    name: str = "hledger"

    def find_version(self) -> str | None:
        """See ``Peer``."""
        return _ask_version("hledger")

    def list_arguments(self, journals: Path) -> list[str]:
        """See ``Peer``."""
        return ["hledger", "-f", str(journals / PLAIN_NAME), "check"]

    def read_minutes(self, journals: Path, slugs: list[str]) -> Mapping[str, int]:
        """See ``Peer``."""
        command = ["hledger", "-f", str(journals / PLAIN_NAME), "balance", "^cards:"]
        rows = csv.reader(io.StringIO(_ask(*command, "--flat", "-E", "-N", "-O", "csv")))
        return {
            account.removeprefix("cards:"): int(amount.removesuffix(" min"))
            for account, amount in rows
            if account.startswith("cards:")
        }


@dataclass(frozen=True)
class Beancount:
    """``bean-check`` with every punchcard as a lot, without its cache."""

    name: str = "bean-check"

    def find_version(self) -> str | None:
        """See ``Peer``."""
        return _ask_version(self._program) if self._program else None

    @property
    def _program(self) -> str:
        beside = Path(sys.executable).with_name("bean-check")
        return str(beside) if beside.exists() else shutil.which("bean-check") or ""

    def list_arguments(self, journals: Path) -> list[str]:
        """See ``Peer``."""
        return [self._program, "--no-cache", str(journals / BEANCOUNT_NAME)]

    def read_minutes(self, journals: Path, slugs: list[str]) -> Mapping[str, int]:
        """See ``Peer``."""
        python = str(Path(self._program).with_name("python"))
        answer = json.loads(_ask(python, "-c", _READ_BEANCOUNT, str(journals / BEANCOUNT_NAME)))
        if answer["errors"]:
            raise RuntimeError(f"Beancount finds {answer['errors']} errors in {journals}")
        return {slug: answer["left"][name_beancount_account(slug)] for slug in slugs}


def _ask_version(program: str) -> str | None:
    if shutil.which(program) is None:
        return None
    return _ask(program, "--version").splitlines()[0].strip()


def _ask(*command: str) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return done.stdout
