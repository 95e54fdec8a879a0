"""Mails reach a real SMTP server: encrypted where they leave the machine, refused or put off."""

import smtplib
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from ledger.errors import LedgerError
from ledger.notices.delivery import PASSWORD, PASSWORD_FILE, Delivery, find_mail_server, send_mails
from tests.ledger.notices.mail_server import KeptMails, run_mail_server
from tests.web.web_server import make_certificate

KEY = {PASSWORD: "horse battery"}


def make_mail(to: str = "dana@acme.example", text: str = "Hello") -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "help@example.com", to, "Äh"
    mail.set_content(text)
    return mail


def send(mails: list[EmailMessage], url: str, **environment: str) -> list[Delivery]:
    return list(send_mails(mails, find_mail_server(url, environment)))


def test_mails_are_given_to_this_machine_as_they_are() -> None:
    with run_mail_server() as (kept, port):
        sent = send([make_mail(), make_mail("tomas@acme.example")], f"smtp://127.0.0.1:{port}")
    assert [(each.reason, each.is_final) for each in sent] == [(None, True)] * 2
    assert [mail["To"] for mail in kept.mails] == ["dana@acme.example", "tomas@acme.example"]


def test_one_that_is_refused_does_not_stop_the_others() -> None:
    kept = KeptMails({"no@acme.example": "550 no such mailbox", "full@acme.example": "452 full"})
    names = ("no", "full", "dana")
    with run_mail_server(kept) as (_kept, port):
        sent = send([make_mail(f"{x}@acme.example") for x in names], f"smtp://127.0.0.1:{port}")
    assert [(each.reason, each.is_final) for each in sent] == [
        ("no such mailbox", True),
        ("full", False),
        (None, True),
    ]
    assert [mail["To"] for mail in kept.mails] == ["dana@acme.example"]


def test_a_mail_is_taken_when_the_server_is_ready_for_it() -> None:
    taken: list[str] = []

    def make() -> Iterator[EmailMessage]:
        for name in ("a", "b"):
            taken.append(name)
            yield make_mail(f"{name}@acme.example")

    with run_mail_server() as (kept, port):
        server = find_mail_server(f"smtp://127.0.0.1:{port}", {})
        for count, _delivery in enumerate(send_mails(make(), server), start=1):
            assert (len(taken), len(kept.mails)) == (count, count)
    with pytest.raises(LedgerError, match="takes no mails"):
        list(send_mails(make(), server))
    assert len(taken) == 2


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificate(tmp_path_factory.mktemp("tls"), "IP:127.0.0.1")


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
def test_whoever_signs_in_does_it_encrypted(
    certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, scheme: str
) -> None:
    def let_in(
        _server: object, _session: object, _envelope: object, _how: str, who: object
    ) -> AuthResult:
        right = LoginPassword(b"us@example.com", KEY[PASSWORD].encode())
        return AuthResult(success=who == right, handled=False)

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(*certificate)
    options: dict[str, Any] = {"authenticator": let_in, "auth_require_tls": scheme == "smtp"}
    options |= {"ssl_context": context} if scheme == "smtps" else {"tls_context": context}
    with run_mail_server(**options) as (kept, port):
        url = f"{scheme}://us%40example.com@127.0.0.1:{port}"
        with pytest.raises(LedgerError, match="certificate"):
            send([make_mail()], url, **KEY)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        with pytest.raises(LedgerError, match="credentials"):
            send([make_mail()], url, **{PASSWORD: "wrong"})
        assert kept.mails == []
        assert send([make_mail()], url, **KEY)[0].reason is None
    assert len(kept.mails) == 1


def test_a_password_never_travels_in_the_clear() -> None:
    with (
        run_mail_server() as (_kept, port),
        pytest.raises(LedgerError, match="STARTTLS"),
    ):
        send([make_mail()], f"smtp://us@127.0.0.1:{port}", **KEY)


def test_an_interrupt_is_no_failure_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(client: smtplib.SMTP, **_options: object) -> None:
        client.putcmd("noop")  # whose answer nobody waits for any more
        raise KeyboardInterrupt

    monkeypatch.setattr(smtplib.SMTP, "starttls", interrupt)
    with run_mail_server() as (_kept, port), pytest.raises(KeyboardInterrupt):
        send([make_mail()], f"smtp://us@127.0.0.1:{port}", **KEY)


def test_a_password_is_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("from a file\n")
    server = find_mail_server("smtps://us@mail.example", {PASSWORD_FILE: str(tmp_path / "key")})
    assert (server.host, server.port, server.password) == ("mail.example", 465, "from a file")
    assert "from a file" not in repr(server)


def test_a_variable_may_hold_all_of_it() -> None:
    url = "smtp://us:horse%20battery@mail.example"
    assert find_mail_server(url, {"PUNCHCARD_SMTP": url}).password == "horse battery"
    with pytest.raises(LedgerError, match="does not belong"):
        find_mail_server(url, {"PUNCHCARD_SMTP": "smtp://mail.example"})


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mail.example", "no mail server"),
        ("http://mail.example", "no mail server"),
        ("smtp://mail.example:no", "no mail server"),
        ("smtp://mail.example/path", "no mail server"),
        ("smtp://us:secret@mail.example", "does not belong"),
        ("smtp://us@mail.example", "is not known"),
    ],
)
def test_an_address_that_will_not_do_is_refused(url: str, said: str) -> None:
    with pytest.raises(LedgerError, match=said) as caught:
        find_mail_server(url, {})
    assert "secret" not in caught.value.message
