"""A gateway that knows people by a cookie, as oauth2-proxy does; it remembers what it is asked."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import cast

from tests.web.web_server import HOST

_LOOKS_FOR_SHUTDOWN_EVERY = 0.02


@dataclass
class Gateway:
    """A gateway that is running.

    Attributes:
        people: the address of each session; None for one that is known but has no address.
        refusal: what it answers to others.
        asked: the headers of each request.
    """

    people: Mapping[str, str | None]
    refusal: int = 401
    port: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)


@contextmanager
def run_gateway(people: Mapping[str, str | None]) -> Iterator[Gateway]:
    """Run a gateway until the end of the block."""
    gateway = Gateway(people)
    with _Web(gateway) as web:
        gateway.port = web.server_port
        thread = threading.Thread(target=web.serve_forever, args=(_LOOKS_FOR_SHUTDOWN_EVERY,))
        thread.start()
        try:
            yield gateway
        finally:
            web.shutdown()
            thread.join()


class _Web(ThreadingHTTPServer):
    def __init__(self, gateway: Gateway) -> None:
        super().__init__((HOST, 0), _Handler)
        self.gateway = gateway


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Say who somebody is."""
        gateway = cast("_Web", self.server).gateway
        gateway.asked.append({name.lower(): value for name, value in self.headers.items()})
        cookies = (self.headers.get("Cookie") or "").split("; ")
        session = next((each[8:] for each in cookies if each.startswith("session=")), "")
        if self.path == "/oauth2/start":
            self.send_response(302)
            self.send_header("Location", "https://identity.example/")
        elif self.path == "/oauth2/auth" and session in gateway.people:
            self.send_response(202)
            address = gateway.people[session]
            if address is not None:
                self.send_header("X-Auth-Request-Email", address)
            self.send_header("Set-Cookie", "refreshed=yes")
        else:
            self.send_response(gateway.refusal)
            self.send_header("X-Auth-Request-Email", "ann@alpha.example")
            self.send_header("Location", "https://identity.example/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        del format, args
