"""Many forms at once, while service and worker are killed: none is lost, none comes twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from json import loads
from pathlib import Path
from urllib.parse import urlencode

from ledger.intake.spool import Spool
from tests.conftest import RunPunchcard, git
from tests.web.web_server import HOST, find_free_port

IS_ENDURANCE = os.environ.get("PUNCHCARD_ENDURANCE", "") not in {"", "0"}
COUNT = 400 if IS_ENDURANCE else 40
PEOPLE = (
    ("acme", "dana@acme.example"),
    ("acme", "tomas@acme.example"),
    ("nordlys-rail", "ingrid.sorbo@nordlys-rail.example"),
    ("savanna-sky", "wanjiru.kamau@savanna-sky.example"),
)
RUN = "from site_builder.punchcard import main; main()"


def send(port: int, number: int, person: tuple[str, str], end: float) -> str:
    """Send a form until it is answered; return its id."""
    host = f"{person[0]}.portals.example"
    headers = {
        "Host": host,
        "X-Punchcard-Customer": person[0],
        "X-Punchcard-Account": person[1],
        "Origin": f"https://{host}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    given: dict[str, str] = {}
    while time.monotonic() < end:
        connection = HTTPConnection(HOST, port, timeout=20)
        try:
            if not given:
                connection.request("GET", "/intake/", headers=headers)
                given = loads(connection.getresponse().read())
            form = urlencode({**given, "title": f"Number {number}", "text": "Please."})
            cookie = {"Cookie": f"punchcard-intake={given['token']}"}
            connection.request("POST", "/intake/", form, {**headers, **cookie})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 303:
                return given["form_id"]
            assert answer.status == 429, answer.status
        except (OSError, HTTPException, ValueError):
            time.sleep(0.1)  # It was killed just now.
        finally:
            connection.close()
        time.sleep(0.05)
    raise AssertionError(number)


def test_every_form_that_is_answered_is_on_record_once(
    sample_repository: Path, tmp_path: Path, punchcard: RunPunchcard
) -> None:
    rng, port, folder = random.Random(3), find_free_port(), tmp_path / "spool"
    commands = (
        ("serve", "--spool", str(folder), "--listen", f"{HOST}:{port}"),
        ("work", "--spool", str(folder), "--as-of", "2026-11-28"),
    )

    def start(number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", RUN, "intake", *commands[number]],
            cwd=sample_repository,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    running = [start(0), start(1)]
    try:
        with ThreadPoolExecutor(20) as pool:
            end = time.monotonic() + (1200 if IS_ENDURANCE else 240)
            sent = [
                pool.submit(send, port, number, PEOPLE[number % len(PEOPLE)], end)
                for number in range(COUNT)
            ]
            while not all(each.done() for each in sent):
                time.sleep(rng.uniform(1.5, 4))
                which = rng.randrange(2)
                running[which].send_signal(signal.SIGKILL)
                running[which].wait()
                running[which] = start(which)
        ids = {each.result() for each in sent}
    finally:
        for process in running:
            process.kill()
            process.wait()
    ran = punchcard(
        sample_repository, "intake", "work", "--spool", folder, "--once", "--as-of", "2026-11-28"
    )
    assert ran.status == 0, ran.stderr
    assert list(Spool(folder).quarantine.list_kept()) == []
    found = git(sample_repository, "grep", "-h", "^message_id: ", "intake", "--", "customers")
    kept = [line.partition("<")[2].partition("@")[0] for line in found.splitlines()]
    assert sorted(each for each in kept if each in ids) == sorted(ids)
    assert len(ids) == COUNT
    assert git(sample_repository, "fsck", "--no-dangling") == ""
