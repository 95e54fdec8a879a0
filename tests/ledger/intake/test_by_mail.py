"""A request by mail the whole way: an SMTP server, a Maildir, the ledger, the portal, and back."""

import random
import smtplib
import time
from datetime import date
from email.message import EmailMessage
from functools import partial
from pathlib import Path

from aiosmtpd.handlers import Mailbox
from aiosmtpd.smtp import SMTP, Envelope, Session

from ledger.intake.mail import read_request_mail
from ledger.intake.mailboxes import Quarantine
from ledger.intake.receive import Inbox
from ledger.ledger import open_ledger
from ledger.writing.draft import Drafter
from ledger.writing.write import Written
from tests.conftest import RunPunchcard, git
from tests.ledger.intake.conftest import DAY
from tests.ledger.notices.mail_server import run_handler

OUR_SERVER = "mx.tools.example"
READ = partial(read_request_mail, server=OUR_SERVER)
FORGERIES = 2_000
GONE = [("mueller-messtechnik", "soeren.brandt"), ("acme", "priya")]
"""Whose account is removed, and whose is disabled."""


class CheckingMailbox(Mailbox):
    """Puts mails into a Maildir, and says of each who sent it, as a mail server does."""

    async def handle_DATA(  # noqa: N802  # the server looks for this name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        said = f"Authentication-Results: {OUR_SERVER}; dmarc=pass header.from=acme.example\r\n"
        content = envelope.content
        assert isinstance(content, bytes)
        envelope.content = said.encode() + content
        return await super().handle_DATA(server, session, envelope)


def send(port: int, message_id: str, subject: str, text: str) -> None:
    message = EmailMessage()
    message["From"], message["To"] = "dana@acme.example", "help@tools.example"
    message["Subject"], message["Message-ID"] = subject, message_id
    message["Date"] = "Sat, 28 Nov 2026 09:00:00 +0100"
    message.set_content(text)
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(message)


def test_a_request_and_an_answer_go_the_whole_way(
    sample_repository: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    def run(*arguments: object) -> str:
        ran = punchcard(sample_repository, *arguments, *DAY)
        assert ran.status == 0, ran.stderr
        return ran.stdout

    box, name = tmp_path / "maildir", "ACME-15"
    receive = ("request", "receive", "--maildir", box, "--server", OUR_SERVER, "--commit")
    with run_handler(CheckingMailbox(box)) as port:
        send(port, "<a1@acme.example>", "Export of the trail", "How?\n")
        assert f"{name} opened for acme" in run(*receive)
        run("portal", "build", "acme", "--output", tmp_path / "site")
        page = tmp_path / f"site/acme/requests/{name}.html"
        assert "Export of the trail" in page.read_text(encoding="utf-8")
        run(
            *("request", "update", "acme", name, "--by", "alice", "--category", "detailed-qa"),
            *("--status", "waiting-for-customer", "-m", "Which format do you need?", "--commit"),
        )
        send(port, "<a2@acme.example>", f"[{name}] Export", "CSV is fine.\n")
        for _again in range(2):
            run(*receive)
    run("portal", "build", "acme", "--output", tmp_path / "site")
    text = page.read_text(encoding="utf-8")
    assert text.count("Which format do you need?") >= 1
    assert text.count("CSV is fine.") == 1
    request = (sample_repository / f"customers/acme/requests/{name}.yml").read_text("utf-8")
    assert request.count("<a2@acme.example>") == 1
    run("check")
    assert git(sample_repository, "status", "--porcelain") == ""
    assert git(sample_repository, "fsck", "--no-progress") == ""


def forge(chance: random.Random, number: int) -> bytes:
    """Return a mail that must not be taken: nobody's, forged, or damaged."""
    accounts = ("dana@acme.example", "tomas@acme.example")
    strangers = ("dana@acme.example.evil.example", "dana@acrne.example", "root@localhost", "", "@")
    passed = f"Authentication-Results: {OUR_SERVER}; dmarc=pass header.from=acme.example\n"
    foreign = "Authentication-Results: mx.evil.example; dmarc=pass header.from=acme.example\n"
    failed = f"Authentication-Results: {OUR_SERVER}; dkim=pass header.d=evil.example; dmarc=fail\n"
    body = "Subject: hello\nMessage-ID: <f@x.example>\n\nLet me in.\n"
    kinds = [
        f"{passed}From: {chance.choice(strangers)}\n{body}",
        f"{foreign}From: {chance.choice(accounts)}\n{body}",
        f"{failed}{passed}From: {chance.choice(accounts)}\n{body}",
        f"From: {chance.choice(accounts)}\n{body}",
        f"{passed}From: {accounts[0]}\nFrom: {chance.choice(strangers)}\n{body}",
        f"{passed}From: {accounts[0]}, {accounts[1]}\n{body}",
        f"{passed}From: {accounts[0]}\nSubject: [SKY-1] hello\n\nx\n",
        f"{passed}From: {accounts[0]}\nAuto-Submitted: auto-replied\n{body}",
        f"{passed}From: {accounts[0]}\n\nNo subject at all.\n",
        f"{passed}From: =?utf-8?q?{accounts[0]}?= <{chance.choice(strangers)}>\n{body}",
        f"{passed}Sender: {accounts[0]}\nReply-To: {accounts[0]}\n{body}",
        *(
            f"{passed.replace('acme', slug)}From: {who}@{slug}.example\n{body}"
            for slug, who in GONE
        ),
    ]
    source = kinds[number % len(kinds)].encode()
    if number % 3 == 0:
        noise = bytes(chance.randrange(256) for _ in range(200))
        at = chance.randrange(len(source))
        source = foreign.encode() + source[:at].replace(passed.encode(), b"") + noise + source[at:]
        source = source.replace(passed.encode(), b"")
    return source


def test_no_forged_or_damaged_mail_is_taken(sample_repository: Path, tmp_path: Path) -> None:
    def write(slug: str, draft: Drafter) -> Written:
        raise AssertionError(f"{slug} was about to get {draft}")

    chance, kept, given = random.Random(17), Quarantine(tmp_path / "kept"), set[bytes]()
    with open_ledger(sample_repository / "customers") as ledger:
        for number in range(FORGERIES):
            source, begun = forge(chance, number), time.process_time()
            received = Inbox(ledger, date(2026, 11, 28), write).receive(source, READ)
            assert time.process_time() - begun < 2
            assert received.outcome == "refused"
            kept.keep(source, received)
            given.add(source)
    assert all(each["reason"] for each in kept.list_kept())
    assert {Path(each["file"]).read_bytes() for each in kept.list_kept()} == given
