"""``punchcard portal serve``: the program itself, looked at as a browser would."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

PROGRAM = "from site_builder.punchcard import main; main()"
PATIENCE = 60


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    """A ledger that a test may change."""
    customer = make_customer("first", "ONE", "Zephyrine")
    return write_ledger(tmp_path / "customers", ORGANIZATION, customer)


class Preview:
    """A running preview."""

    def __init__(self, process: subprocess.Popen[str], errors: Path) -> None:
        self.process = process
        self._errors = errors
        assert process.stdout is not None
        self._address = process.stdout.readline().split()[1]
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/", self._address)

    def read(self, path: str) -> str:
        """Return a page."""
        with urllib.request.urlopen(f"{self._address}{path}", timeout=PATIENCE) as answer:
            content: bytes = answer.read()
        return content.decode()

    def wait_for(self, text: str, path: str = "") -> None:
        """Wait until a page, or standard error, has ``text``."""
        end = time.monotonic() + PATIENCE
        while text not in (self.read(path) if path else self._errors.read_text(encoding="utf-8")):
            assert time.monotonic() < end, f"{path} never said {text!r}"
            time.sleep(0.1)

    def end(self, number: signal.Signals) -> tuple[int, str]:
        """End the preview; return its status and what it still said."""
        self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, said


@contextmanager
def serving(ledger: Path, errors: Path) -> Iterator[Preview]:
    """Run the program until it is ended, or killed if a test fails."""
    environment = {
        **os.environ,
        "TMPDIR": str(ledger.parent / "temporary"),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "PYTHONUNBUFFERED": "1",
    }
    Path(environment["TMPDIR"]).mkdir(exist_ok=True)
    line = ["--ledger", str(ledger), "portal", "serve", "first", "--port", "0"]
    command = [sys.executable, "-c", PROGRAM, *line, "--as-of", "2026-11-20"]
    with (
        errors.open("w", encoding="utf-8") as stderr,
        subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=stderr, text=True, env=environment
        ) as process,
    ):
        try:
            yield Preview(process, errors)
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_follows_the_files_and_ends_cleanly(
    number: signal.Signals, ledger: Path, tmp_path: Path
) -> None:
    """An edit is shown; a mistake is said, and leaves the page as it was until it is mended."""
    request = ledger / "first" / "requests" / "ONE-1.yml"
    errors = tmp_path / "errors.txt"
    with serving(ledger, errors) as preview:
        assert "Title Zephyrine" in preview.read("requests.html")
        good = request.read_text(encoding="utf-8")
        request.write_text(good.replace("Title Zephyrine", "Title Wombat"), encoding="utf-8")
        preview.wait_for("Title Wombat", "requests.html")
        assert not errors.read_text(encoding="utf-8")
        request.write_text("title: [", encoding="utf-8")
        preview.wait_for("yaml-syntax")
        assert "Title Wombat" in preview.read("requests.html")
        request.write_text(good.replace("Title Zephyrine", "Title Quokka"), encoding="utf-8")
        preview.wait_for("Title Quokka", "requests.html")
        assert preview.end(number) == (0, "stopped\n")
    assert "Traceback" not in errors.read_text(encoding="utf-8")
    assert list((tmp_path / "temporary").iterdir()) == []


def test_what_cannot_be_served_is_said(
    ledger: Path, tmp_path: Path, punchcard: RunPunchcard
) -> None:
    """A port that is taken, a customer who is not there, a portal that is none, bad data."""
    serve = ("--ledger", ledger, "portal", "serve")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for words, said in (
            (("first", "--as-of", "2026-11-20", "--port", port), f"cannot serve at port {port}"),
            (("frist",), "did you mean first?"),
            (("first", "--as-of", "2025-01-01"), "has no portal on 2025-01-01"),
        ):
            ran = punchcard(tmp_path, *serve, *words)
            assert (ran.status, ran.stdout, said in ran.stderr) == (2, "", True), ran.stderr
    # An error is named with its place; the status is that of bad data.
    (ledger / "first" / "accounts.yml").write_text("- {email: x\n", encoding="utf-8")
    ran = punchcard(tmp_path, *serve, "first")
    assert (ran.status, "accounts.yml:" in ran.stderr) == (1, True)
