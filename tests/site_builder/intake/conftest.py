"""A folder of forms, and the worker that puts them on record, in this process or others."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.intake.mailboxes import Form, Spool
from tests.conftest import Ran, RunPunchcard, git

DAY = ("--as-of", "2026-11-28")
PROGRAM = (sys.executable, "-c", "from site_builder.punchcard import main; main()")


@dataclass(frozen=True)
class Work:
    """The sample, and forms of its customers."""

    repository: Path
    spool: Spool
    punchcard: RunPunchcard

    def keep(
        self, *numbers: int, account: str = "dana@acme.example", text: str = "", **fields: str
    ) -> None:
        """Keep forms; at half past midnight of the 28th, where the provider is."""
        for number in numbers:
            form = Form(
                f"form-id-number-{number:03}",
                fields.get("customer", "acme"),
                account,
                request=fields.get("request"),
                title=fields.get("title", f"Title {number}"),
                category="",
                urgency="",
                text=text or f"Text {number}",
            )
            self.spool.keep(form, form.to_mail(datetime(2026, 11, 27, 23, 30, tzinfo=UTC)))

    def list_arguments(self, *options: object) -> tuple[str, ...]:
        where = ("intake", "work", "--spool", self.spool.waiting.parent, *options, *DAY)
        return tuple(map(str, where))

    def run(self, *options: object, status: int = 0) -> Ran:
        """Put what waits on record."""
        ran = self.punchcard(self.repository, *self.list_arguments("--once", *options))
        assert ran.status == status, ran
        return ran

    def run_killed(self, seconds: Iterable[float], *options: object) -> None:
        """Run two workers at once, and kill them after so many seconds; then let one finish."""
        command = [*PROGRAM, *self.list_arguments(*options)]
        quiet: Any = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        for each in seconds:
            workers = [subprocess.Popen(command, cwd=self.repository, **quiet) for _ in range(2)]
            time.sleep(each)
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
        done = subprocess.run(
            [*command, "--once"], cwd=self.repository, check=True, capture_output=True, timeout=120
        )
        assert done.stderr == b""


def count_messages(repository: Path, revision: str = "intake") -> dict[int, int]:
    """Return how often each form, by its number, is on record."""
    found = git(
        repository, "grep", "-h", "-o", "form-id-number-[0-9]*", revision, "--", "customers"
    )
    numbers = [int(line.rpartition("-")[2]) for line in found.splitlines()]
    return {number: numbers.count(number) for number in numbers}


@pytest.fixture
def work(sample_repository: Path, tmp_path: Path, punchcard: RunPunchcard) -> Work:
    return Work(sample_repository, Spool(tmp_path / "spool"), punchcard)
