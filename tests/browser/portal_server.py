"""A plain web server on this machine for one folder of files, which remembers what it was asked."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

HOST = "127.0.0.1"

_REPORTS = "/policy-reports"
_LOOKS_FOR_SHUTDOWN_EVERY = 0.05


@dataclass(frozen=True, slots=True)
class Answer:
    """What was sent for a path, in bytes: nothing is compressed."""

    path: str
    status: int
    size: int


@dataclass
class PortalServer:
    """A server that is running.

    Attributes:
        address: where its root is, without a slash at the end.
        answers: everything that was asked for, in order.
        violations: what browsers reported against the policy, workers included.
    """

    address: str
    answers: list[Answer] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        """Return the address of a file."""
        return f"{self.address}/{path}"


@contextmanager
def serve_folder(folder: Path, policies: Mapping[str, str] | None = None) -> Iterator[PortalServer]:
    """Serve ``folder`` until the end of the block.

    Args:
        folder: what lies at the server's root.
        policies: the Content-Security-Policy of each folder in it; none if it is not named.
    """
    with _Web(folder, policies or {}) as web:
        thread = threading.Thread(target=web.serve_forever, args=(_LOOKS_FOR_SHUTDOWN_EVERY,))
        thread.start()
        try:
            yield web.portal_server
        finally:
            web.shutdown()
            thread.join()


class _Web(ThreadingHTTPServer):
    def __init__(self, folder: Path, policies: Mapping[str, str]) -> None:
        super().__init__((HOST, 0), partial(_Handler, directory=str(folder)))
        self.policies = policies
        self.portal_server = PortalServer(f"http://{HOST}:{self.server_port}")


class _Handler(SimpleHTTPRequestHandler):
    _status = 0

    @property
    def _web(self) -> _Web:
        return cast("_Web", self.server)

    def do_POST(self) -> None:
        """Take a browser's report of a violation."""
        report = self.rfile.read(int(self.headers["Content-Length"]))
        self._web.portal_server.violations.append(report.decode("utf-8"))
        self.send_response(HTTPStatus.NO_CONTENT)
        self.end_headers()

    def send_response(self, code: int, message: str | None = None) -> None:
        self._status = int(code)
        super().send_response(code, message)

    def send_header(self, keyword: str, value: str) -> None:
        if keyword == "Content-Length":
            path = urlsplit(self.path).path
            self._web.portal_server.answers.append(Answer(path, self._status, int(value)))
        super().send_header(keyword, value)

    def end_headers(self) -> None:
        policy = self._web.policies.get(self.path.split("/")[1])
        if policy is not None:
            super().send_header("Content-Security-Policy", f"{policy}; report-uri {_REPORTS}")
        if "/assets/" in self.path:
            super().send_header("Cache-Control", "max-age=3600")
        else:
            super().send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
        del format, args
