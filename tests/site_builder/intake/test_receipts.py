"""Receipts by mail, from a real SMTP server: each once, and never in the way of a request."""

from tests.ledger.notices.mail_server import KeptMails, run_mail_server
from tests.site_builder.intake.conftest import DAY, Work, count_messages

DANA = "dana@acme.example"


def by_mail(port: int) -> tuple[str, str]:
    return "--smtp", f"smtp://127.0.0.1:{port}"


def test_a_receipt_says_the_number_and_can_be_answered(work: Work) -> None:
    work.keep(1, account="Dana@acme.example", title="Export\u2028Bcc: eve@evil.example")
    work.keep(2, request="ACME-2")
    work.keep(3, account="eve@acme.example")  # is refused
    with run_mail_server() as (kept, port):
        ran = work.run(*by_mail(port), "--domain", "portals.example.com", status=1)
        assert ran.stderr == ""
        work.run(*by_mail(port))
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
    mail = work.spool.waiting / "reply.eml"
    for by_machine, status in (("Auto-Submitted: auto-replied\n", 1), ("", 0)):
        mail.write_text(f"{by_machine}{reply}\nIt is urgent now.\n")
        receive = ("request", "receive", mail, "--branch", "intake", *DAY)
        given = work.punchcard(work.repository, *receive)
        assert (given.status, "ACME-15 answered" in given.stdout) == (status, not status)


def test_a_receipt_is_in_the_language_of_its_reader(work: Work) -> None:
    file = work.repository / "customers/acme/customer.yml"
    file.write_text(f"{file.read_text()}language: de\n")
    work.keep(1)
    with run_mail_server() as (kept, port):
        work.run(*by_mail(port), "--commit")
    assert "Wir haben Ihre Anfrage erhalten" in kept.mails[0]["Subject"]
    assert "Guten Tag Dana Whitfield," in kept.mails[0].get_content()


def test_a_mail_that_fails_is_tried_again_and_the_request_does_not_wait(work: Work) -> None:
    kept = KeptMails({DANA: "452 full", "tomas@acme.example": "550 gone"})
    work.keep(1)
    work.keep(2, account="tomas@acme.example")
    with run_mail_server(kept) as (_kept, port):
        ran = work.run(*by_mail(port), status=2)
        assert "no receipt for Dana Whitfield <dana@acme.example>: full" in ran.stderr
        assert "<tomas@acme.example>: gone" in ran.stderr
    assert (work.spool.list_waiting(), kept.mails) == ([], [])
    assert count_messages(work.repository) == {1: 1, 2: 1}
    ran = work.run(*by_mail(port), status=2)  # nobody is there
    assert "mail server 127.0.0.1 takes no mails" in ran.stderr
    kept.refusals.clear()
    with run_mail_server(kept) as (_kept, port):
        for _again in range(2):
            work.run(*by_mail(port))
    assert [mail["To"].addresses[0].addr_spec for mail in kept.mails] == [DANA]


def test_forms_of_before_and_without_a_server_owe_none(work: Work) -> None:
    work.keep(1)
    work.run()
    with run_mail_server() as (kept, port):
        work.run(*by_mail(port))
    assert kept.mails == []


def test_killed_at_any_time_nobody_gets_two(work: Work) -> None:
    work.keep(*range(10))
    with run_mail_server() as (kept, port):
        work.run_killed((1.2, 1.7, 2.3, 1.4, 2.0), *by_mail(port), "--once")
    told = [mail["Message-ID"] for mail in kept.mails]
    assert len(told) == len(set(told))
    assert len(told) >= 8  # one may be lost by a kill in the moment in which it is sent
    assert len(count_messages(work.repository)) == 10


def test_a_server_that_will_not_do_is_said_at_once(work: Work) -> None:
    ran = work.run("--smtp", "smtp://us:secret@mail.example", status=2)
    assert ("does not belong into" in ran.stderr, "secret" in ran.stderr) == (True, False)
