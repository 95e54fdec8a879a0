"""Receipts by mail, from a real SMTP server: each once, and never in the way of a request."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledger.intake.mailboxes import Spool
from tests.conftest import RunPunchcard
from tests.ledger.notices.mail_server import KeptMails, run_mail_server
from tests.site_builder.intake.test_intake_work import DAY, RUN, count_messages, keep

DANA = "dana@acme.example"


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", owes_receipts=True)


def work(spool: Spool, port: int, *options: object) -> tuple[object, ...]:
    where = ("--spool", spool.waiting.parent, "--smtp", f"smtp://127.0.0.1:{port}")
    return ("intake", "work", *where, "--once", *options, *DAY)


def test_a_receipt_says_the_number_and_can_be_answered(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    keep(spool, 1, account="Dana@acme.example", title="Export\u2028Bcc: eve@evil.example")
    keep(spool, 2, request="ACME-2")
    keep(spool, 3, account="eve@acme.example")  # is refused
    with run_mail_server() as (kept, port):
        ran = punchcard(sample_repository, *work(spool, port, "--domain", "portals.example.com"))
        assert (ran.status, ran.stderr) == (1, "")
        assert punchcard(sample_repository, *work(spool, port)).status == 0
    opened, answered = kept.mails
    assert opened["To"] == f"Dana Whitfield <{DANA}>"
    assert opened["Subject"] == "[ACME-15] We have received your request"
    assert opened["From"].addresses[0].addr_spec == "help@tracewell.example"
    assert opened["Auto-Submitted"] == "auto-generated"
    assert opened["In-Reply-To"] == "<form-id-number-001@intake.acme>"
    assert opened["Bcc"] is None
    text = opened.get_content().replace("\r\n", "\n")
    assert "Hello Dana Whitfield,\n\nWe have received your request. Its number is ACME-15:" in text
    assert "portal: https://acme.portals.example.com/\n" in text
    assert answered["Subject"] == "[ACME-2] We have received your answer"
    # An answer to it is an answer to the request; a machine's is none.
    reply = "From: dana@acme.example\nMessage-ID: <a1@acme.example>\nSubject: AW: thanks\n"
    reply += f"References: {opened['References']} {opened['Message-ID']}\n"
    mail = spool.waiting / "reply.eml"
    for by_machine, status in (("Auto-Submitted: auto-replied\n", 1), ("", 0)):
        mail.write_text(f"{by_machine}{reply}\nIt is urgent now.\n")
        given = punchcard(sample_repository, "request", "receive", mail, "--branch", "intake", *DAY)
        assert (given.status, "ACME-15 answered" in given.stdout) == (status, not status)


def test_a_receipt_is_in_the_language_of_its_reader(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    file = sample_repository / "customers/acme/customer.yml"
    file.write_text(f"{file.read_text()}language: de\n")
    keep(spool, 1)
    with run_mail_server() as (kept, port):
        assert punchcard(sample_repository, *work(spool, port, "--commit")).status == 0
    assert "Wir haben Ihre Anfrage erhalten" in kept.mails[0]["Subject"]
    assert "Guten Tag Dana Whitfield," in kept.mails[0].get_content()


def test_a_mail_that_fails_is_tried_again_and_the_request_does_not_wait(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    kept = KeptMails({DANA: "452 full", "tomas@acme.example": "550 gone"})
    keep(spool, 1)
    keep(spool, 2, account="tomas@acme.example")
    with run_mail_server(kept) as (_kept, port):
        ran = punchcard(sample_repository, *work(spool, port))
        assert "no receipt for Dana Whitfield <dana@acme.example>: full" in ran.stderr
        assert "<tomas@acme.example>: gone" in ran.stderr
    assert (ran.status, spool.list_waiting(), kept.mails) == (2, [], [])
    assert len(count_messages(sample_repository, "intake")) == 2
    ran = punchcard(sample_repository, *work(spool, port))  # nobody is there
    assert (ran.status, "mail server 127.0.0.1 takes no mails" in ran.stderr) == (2, True)
    kept.refusals.clear()
    with run_mail_server(kept) as (_kept, port):
        for _again in range(2):
            assert punchcard(sample_repository, *work(spool, port)).status == 0
    assert [mail["To"].addresses[0].addr_spec for mail in kept.mails] == [DANA]


def test_forms_of_before_and_without_a_server_owe_none(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard
) -> None:
    keep(spool, 1)
    plain = ("intake", "work", "--spool", spool.waiting.parent, "--once", *DAY)
    assert punchcard(sample_repository, *plain).status == 0
    with run_mail_server() as (kept, port):
        assert punchcard(sample_repository, *work(spool, port)).status == 0
    assert kept.mails == []


def test_killed_at_any_time_nobody_gets_two(sample_repository: Path, spool: Spool) -> None:
    for number in range(10):
        keep(spool, number)
    with run_mail_server() as (kept, port):
        command = [sys.executable, "-c", RUN, *map(str, work(spool, port))]
        for seconds in (1.2, 1.7, 2.3, 1.4, 2.0):
            workers = [
                subprocess.Popen(
                    command,
                    cwd=sample_repository,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
                for _worker in range(2)
            ]
            time.sleep(seconds)
            for worker in workers:
                worker.send_signal(signal.SIGKILL)
                worker.wait()
        subprocess.run(command, cwd=sample_repository, check=True, timeout=120)
    told = [mail["Message-ID"] for mail in kept.mails]
    assert len(told) == len(set(told))
    assert len(told) >= 8  # one may be lost by a kill in the moment in which it is sent
    assert len(count_messages(sample_repository, "intake")) == 10


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("smtp://us:secret@mail.example", "does not belong into an address"),
        ("mail.example", "no mail server"),
    ],
)
def test_a_server_that_will_not_do_is_said_at_once(
    sample_repository: Path, spool: Spool, punchcard: RunPunchcard, url: str, said: str
) -> None:
    ran = punchcard(
        sample_repository, "intake", "work", "--spool", spool.waiting.parent, "--smtp", url
    )
    assert (ran.status, said in ran.stderr, "secret" in ran.stderr) == (2, True, False)
