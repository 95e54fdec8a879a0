"""Real servers on this machine: of mail, which keeps what it takes or refuses it; of the web."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from threading import Thread
from typing import Any
from wsgiref.simple_server import make_server

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class KeptMails:
    """What was taken; ``refusals``: what is said to a mail for somebody instead."""

    refusals: dict[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # the server looks for this name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.refusals.get(address, "250 OK")

    async def handle_DATA(  # noqa: N802  # as above
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(message_from_bytes(content, policy=default))
        return "250 OK"


@contextmanager
def run_mail_server(
    kept: KeptMails | None = None, port: int = 0, **options: Any
) -> Iterator[tuple[KeptMails, int]]:
    """Run a server; yield what it keeps, and its port."""
    kept = kept or KeptMails()
    with run_handler(kept, port, **options) as found:
        yield kept, found


@contextmanager
def run_handler(handler: Any, port: int = 0, **options: Any) -> Iterator[int]:
    """Run a server that gives its mails to aiosmtpd's ``handler``; yield its port."""
    with socket.create_server(("127.0.0.1", port)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def run_web_server(application: Any) -> Iterator[int]:
    """Run a WSGI application; yield its port."""
    with make_server("127.0.0.1", 0, application) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()
