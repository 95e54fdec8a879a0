"""Many forms at once, while service and worker are killed: none is lost, none comes twice."""

import logging
import os
import random
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from json import loads
from pathlib import Path
from urllib.parse import urlencode

from ledger.intake.mailboxes import Spool
from tests.conftest import RunPunchcard, commit_all, git, start_repository
from tests.site_builder.intake.conftest import PROGRAM
from tests.site_builder.small_ledgers import ORGANIZATION, write_ledger
from tests.web.web_server import HOST, find_free_port

IS_ENDURANCE = os.environ.get("PUNCHCARD_ENDURANCE", "") not in {"", "0"}
COUNT = 400 if IS_ENDURANCE else 40
SLUGS = [f"customer-{number}" for number in range(7)]
PEOPLE = [(slug, f"p{number}@{slug}.example") for slug in SLUGS for number in range(3)][:20]


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
            answered = f"C{person[0][-1]}-1" if number % 4 == 0 else ""
            said = {"title": f"Number {number}", "text": f"Please {number}."}
            form = urlencode({**given, **said, "request": answered})
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


def wait_for(port: int, end: float) -> None:
    """Wait until the service takes forms."""
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)


def write_customer(slug: str, key: str) -> dict[str, str]:
    """Return the files of a customer with its accounts and a request."""
    emails = [email for owner, email in PEOPLE if owner == slug]
    return {
        f"{slug}/customer.yml": f"{{name: {key} Ltd, key: {key}, currency: USD}}\n",
        f"{slug}/purchases.yml": "[{id: P1, date: 2026-11-02, punchcards: 2, amount: 2000.00}]\n",
        f"{slug}/accounts.yml": "".join(
            f"- {{email: {each}, name: {each}, created: 2026-11-02}}\n" for each in emails
        ),
        f"{slug}/requests/{key}-1.yml": f"""\
            title: The first
            category: detailed-qa
            opened: 2026-11-03
            opened_by: {emails[0]}
            channel: punchcard
            """,
    }


def test_every_form_that_is_answered_is_on_record_once(
    tmp_path: Path, punchcard: RunPunchcard
) -> None:
    repository = start_repository(tmp_path / "ledger")
    customers = [write_customer(slug, f"C{number}") for number, slug in enumerate(SLUGS)]
    write_ledger(repository / "customers", ORGANIZATION, *customers)
    commit_all(repository)
    rng, port, folder = random.Random(3), find_free_port(), tmp_path / "spool"
    commands = (
        ("serve", "--spool", str(folder), "--listen", f"{HOST}:{port}"),
        ("work", "--spool", str(folder), "--as-of", "2026-11-28"),
    )

    def start(number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*PROGRAM, "intake", *commands[number]],
            cwd=repository,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    running, kills, begun = [start(0), start(1)], [0, 0], time.monotonic()
    try:
        with ThreadPoolExecutor(COUNT) as pool:
            end = begun + (1200 if IS_ENDURANCE else 240)
            sent = [
                pool.submit(send, port, number, PEOPLE[number % len(PEOPLE)], end)
                for number in range(COUNT)
            ]
            while time.monotonic() < end:
                is_sent = all(each.done() for each in sent)
                if is_sent and not (IS_ENDURANCE and Spool(folder).list_waiting()):
                    break
                wait_for(port, end)
                time.sleep(rng.uniform(4, 10) if is_sent else rng.uniform(0.2, 1))
                which = 1 if is_sent or rng.randrange(4) == 0 else 0
                running[which].send_signal(signal.SIGKILL)
                running[which].wait()
                running[which] = start(which)
                kills[which] += 1
        ids = {each.result() for each in sent}
        seconds = time.monotonic() - begun
    finally:
        for process in running:
            process.kill()
            process.wait()
    ran = punchcard(repository, "intake", "work", "--spool", folder, "--once", *commands[1][-2:])
    assert ran.status == 0, ran.stderr
    assert list(Spool(folder).quarantine.list_kept()) == []
    found = git(repository, "grep", "-h", "message_id: ", "intake", "--", "customers")
    kept = [line.partition("<")[2].partition("@")[0] for line in found.splitlines()]
    assert sorted(each for each in kept if each in ids) == sorted(ids)
    assert len(ids) == COUNT
    names = git(repository, "ls-tree", "-r", "--name-only", "intake", "customers").splitlines()
    opened = sum("/requests/" in name for name in names) - len(SLUGS)
    assert opened == COUNT - len(range(0, COUNT, 4))
    assert git(repository, "fsck", "--no-dangling") == ""
    assert punchcard(repository, "check", "--rev", "intake", *commands[1][-2:]).status == 0
    logging.getLogger(__name__).info(
        "%d forms in %.0f s; service and worker killed %s times", COUNT, seconds, kills
    )
