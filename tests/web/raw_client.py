"""A client that sends what it is told to, byte for byte, on one connection as long as that lives.

Ordinary clients refuse or mend what the tests are about: odd paths, headers that are there twice.
"""

import base64
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from tests.web.web_server import HOST

CLOSED = 0
"""The status of an answer that is none: the connection was closed."""

_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class RawClient:
    """A connection to a server; a new one is made when the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None
        self._buffer = b""
        self.connections = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the connection."""
        if self._socket is not None:
            self._socket.close()
        self._socket, self._buffer = None, b""

    def ask(
        self, host: str, target: bytes, headers: Sequence[bytes] = (), method: str = "GET"
    ) -> Answer:
        """Send a request and return the answer."""
        lines = [
            method.encode() + b" " + target + b" HTTP/1.1",
            b"Host: " + host.encode(),
            *headers,
        ]
        return self.send(b"\r\n".join(lines) + b"\r\n\r\n", has_body=method != "HEAD")

    def send(self, request: bytes, *, has_body: bool = True) -> Answer:
        """Send a request as it is and return the answer."""
        for is_last in (False, True):
            was_open = self._socket is not None
            try:
                self._connect().sendall(request)
                answer = self._read(has_body=has_body)
            except (BrokenPipeError, ConnectionResetError):
                answer = Answer(CLOSED)
            if answer.status == CLOSED or answer.headers.get("connection") == "close":
                self.close()
            # An idle connection may have been closed before this request: that is no answer to it.
            if answer.status != CLOSED or not was_open or is_last:
                return answer
        raise AssertionError

    def _connect(self) -> socket.socket:
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self._port), _TIMEOUT)
            self.connections += 1
        return self._socket

    def _read(self, *, has_body: bool) -> Answer:
        while b"\r\n\r\n" not in self._buffer:
            if not self._receive():
                return Answer(CLOSED, body=self._buffer)
        head, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (x.partition(":") for x in lines)
        }
        status = int(first.split()[1])
        body = self._read_body(headers) if has_body and status not in {204, 304} else b""
        return Answer(status, headers, body)

    def _read_body(self, headers: dict[str, str]) -> bytes:
        if headers.get("transfer-encoding") == "chunked":
            return self._read_chunks()
        if "content-length" not in headers:
            while self._receive():
                pass
            body, self._buffer = self._buffer, b""
            return body
        return self._take(int(headers["content-length"]))

    def _read_chunks(self) -> bytes:
        body = b""
        while True:
            while b"\r\n" not in self._buffer:
                self._receive()
            size, _, self._buffer = self._buffer.partition(b"\r\n")
            chunk = self._take(int(size, 16) + 2)
            if len(chunk) == 2:
                return body
            body += chunk[:-2]

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            if not self._receive():
                break
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _receive(self) -> bool:
        assert self._socket is not None
        received = self._socket.recv(65536)
        self._buffer += received
        return bool(received)


def sign_in(email: str, key: str) -> bytes:
    """Return the header that a browser sends with an address and a key."""
    return b"Authorization: Basic " + base64.b64encode(f"{email}:{key}".encode())
