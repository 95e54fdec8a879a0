"""Sends mails by SMTP, to ``smtp://USER@HOST:587`` (STARTTLS) or ``smtps://USER@HOST:465``.

The password stands in a variable or a file, and in the address only if that is in a variable, too.
Mails leave this machine encrypted or not at all. A chat program gets JSON.
"""

import json
import smtplib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from http.client import HTTPException
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import Request, urlopen

from ledger.errors import LedgerError

URL = "PUNCHCARD_SMTP"
PASSWORD, PASSWORD_FILE = "PUNCHCARD_SMTP_PASSWORD", "PUNCHCARD_SMTP_PASSWORD_FILE"
_PORTS = {"smtp": 587, "smtps": 465}
_HERE = {"127.0.0.1", "::1", "localhost"}
_SECONDS = 20
_AFTER_THIS = 500  # A server's answer from here on is for good.


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mails are given, and who gives them; ``is_tls``: encrypted from the beginning."""

    host: str
    port: int
    is_tls: bool
    user: str | None
    password: str = field(repr=False)


class Delivery(NamedTuple):
    """What became of a mail: ``reason`` is None if it was taken, ``is_final`` if that is all."""

    mail: EmailMessage
    reason: str | None = None
    is_final: bool = True


def find_mail_server(url: str, environment: Mapping[str, str]) -> MailServer:
    """Return the server of an address, its password from the environment; else a LedgerError."""
    try:
        parts = urlsplit(url)
        port, host = parts.port or _PORTS[parts.scheme], parts.hostname or ""
    except (ValueError, KeyError):
        port, host = 0, ""
    if not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise LedgerError("that is no mail server", "write it like smtp://user@mail.example:587")
    # What a command line says, others on this machine may read.
    if parts.password is not None and url != environment.get(URL):
        raise LedgerError("a password does not belong into an address", f"set {PASSWORD}")
    password = environment.get(PASSWORD) or unquote(parts.password or "")
    if file := environment.get(PASSWORD_FILE):
        try:
            password = Path(file).read_text("utf-8").rstrip("\r\n")
        except (OSError, ValueError) as error:
            raise LedgerError(f"cannot read {file}", f"{PASSWORD_FILE} names it") from error
    if parts.username and not password:
        hint = f"set {PASSWORD}, or {PASSWORD_FILE} to the name of a file with it"
        raise LedgerError(f"the password of {parts.username} at {host} is not known", hint)
    user = unquote(parts.username) if parts.username else None
    return MailServer(host, port, parts.scheme == "smtps", user, password)


def send_mails(mails: Iterable[EmailMessage], server: MailServer) -> Iterator[Delivery]:
    """Send mails over one connection, and yield what became of each.

    A mail is taken from ``mails`` when the server is ready for it, so the caller can note just
    before that it is on its way. One that is refused for now is not final, and may be tried again.

    Raises:
        LedgerError: the server cannot be reached, lets nobody in, or goes away.
    """
    context, place = ssl.create_default_context(), (server.host, server.port)
    make = partial(smtplib.SMTP_SSL, context=context) if server.is_tls else smtplib.SMTP
    try:
        with make(*place, timeout=_SECONDS) as client:
            try:
                is_private = server.is_tls or (server.host in _HERE and server.user is None)
                if not is_private:  # A server that offers no encryption is an error.
                    client.starttls(context=context)
                if server.user is not None:
                    client.login(server.user, server.password)
                for mail in mails:
                    yield _send(client, mail)
            except KeyboardInterrupt:
                client.close()  # A QUIT would wait, and take an earlier answer for its own.
                raise
    except (OSError, smtplib.SMTPException) as error:
        said = _describe(error)
        raise LedgerError(f"the mail server {server.host} takes no mails: {said}") from error


def _send(client: smtplib.SMTP, mail: EmailMessage) -> Delivery:
    try:
        client.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _said in error.recipients.values()]
        return Delivery(mail, _describe(error), min(codes) >= _AFTER_THIS)
    except smtplib.SMTPDataError as error:
        return Delivery(mail, _describe(error), error.smtp_code >= _AFTER_THIS)
    except (smtplib.SMTPNotSupportedError, UnicodeError, ValueError) as error:
        return Delivery(mail, _describe(error))
    return Delivery(mail)


def _describe(error: Exception) -> str:
    """Return what a server said."""
    said: object = error
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        said = "; ".join(text.decode(errors="replace") for _code, text in error.recipients.values())
    elif isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        said = text.decode(errors="replace") if isinstance(text, bytes) else text
    return " ".join(str(said).split()) or type(error).__name__


def post_json(url: str, value: Any) -> None:
    """Post a value to a secret address, named in no message; a LedgerError if it is not taken."""
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise LedgerError("that is no webhook", "write it like https://chat.example/hooks/…")
    body = json.dumps(value).encode()
    request = Request(url, body, {"Content-Type": "application/json"})  # noqa: S310  # see above
    try:
        with urlopen(request, timeout=_SECONDS):  # noqa: S310  # see above
            pass
    except (OSError, HTTPException) as error:
        raise LedgerError(f"{parts.hostname} does not take what is told: {error}") from error
