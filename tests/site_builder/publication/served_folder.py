"""A publication folder that a web server serves, and readers who look all the time."""

import http.client
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from tests.site_builder.publication.published_ledger import hash_bytes, read_portal

SLUGS = ("first", "second")
PATHS = (
    "index.html",
    "statement.json",
    "statement.csv",
    "requests.html",
    "terms.html",
    "search.html",
)


class Answer(NamedTuple):
    """What the server said."""

    slug: str
    path: str
    status: int
    sha256: str


class _Handler(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # named by its base
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64


class ServedFolder:
    """Readers note what they get; ``known`` are the files of all generations there ever were."""

    def __init__(self, folder: Path, pause: float = 0) -> None:
        self._folder = folder
        self._pause = pause
        self._server = _Server(("127.0.0.1", 0), partial(_Handler, directory=str(folder)))
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.known: dict[tuple[str, str], set[str]] = {}
        self.answers: set[Answer] = set()
        self.failures: list[str] = []
        self.count = 0

    @contextmanager
    def reading(self, readers: int) -> Iterator[None]:
        """Serve, and let readers read, while the context lasts."""
        threads = [threading.Thread(target=self._server.serve_forever, args=(0.05,))]
        threads += [threading.Thread(target=self._read, args=(seed,)) for seed in range(readers)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            self._server.shutdown()
            for thread in threads:
                thread.join()
            self._server.server_close()

    def learn(self) -> None:
        """Note the files of all generations that lie there now."""
        for slug in SLUGS:
            for generation in (self._folder / ".generations" / slug).iterdir():
                for path, content in read_portal(generation).items():
                    self.known.setdefault((slug, path), set()).add(hash_bytes(content))

    def list_unexpected(self) -> list[Answer | str]:
        """Return the answers that are not a file of some generation."""
        return self.failures + [
            answer
            for answer in self.answers
            if answer.status != http.HTTPStatus.OK
            or answer.sha256 not in self.known[answer.slug, answer.path]
        ]

    def _read(self, seed: int) -> None:
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", self._server.server_port, timeout=30)
        while not self._stopping.is_set():
            slug, path = chance.choice(SLUGS), chance.choice(PATHS)
            try:
                connection.request("GET", f"/{slug}/{path}")
                response = connection.getresponse()
                answer = Answer(slug, path, response.status, hash_bytes(response.read()))
            except (OSError, http.client.HTTPException) as error:
                if self._stopping.is_set():
                    break
                self.failures.append(repr(error))
                connection.close()
                continue
            with self._lock:
                self.answers.add(answer)
                self.count += 1
            time.sleep(self._pause)
        connection.close()
