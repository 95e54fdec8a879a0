"""A site in the browser of this machine, which is built anew whenever a watched file changes."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from pathlib import Path

from mkdocs.livereload import LiveReloadServer

from ledger.errors import LedgerError

_HOST = "127.0.0.1"


def serve_site(
    folder: Path,
    build: Callable[[], None],
    watched: Sequence[Path],
    port: int,
    on_start: Callable[[str], None],
) -> None:
    """Show ``folder`` at ``port`` until interrupted; ``build`` when something changes.

    Args:
        folder: the site.
        build: builds it anew; must not fail for what a person can mend.
        watched: the folders and files that it is made from.
        port: 0 takes one that is free.
        on_start: called with the address once it can be opened.

    Raises:
        LedgerError: the port is taken.
    """
    server = _Server(folder, build, port, on_start)
    try:
        for path in watched:
            server.watch(str(path))
        server.serve()  # type: ignore[no-untyped-call]  # MkDocs is typed in part
    except OSError as error:
        if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
            raise
        raise LedgerError(
            f"cannot serve at port {port}: {error.strerror}", "name another"
        ) from error
    finally:
        server.shutdown()


class _Server(LiveReloadServer):
    def __init__(
        self, folder: Path, build: Callable[[], None], port: int, on_start: Callable[[str], None]
    ) -> None:
        super().__init__(build, _HOST, port, str(folder))
        self._on_start = on_start

    def server_activate(self) -> None:
        super().server_activate()
        # With port 0, the system has chosen one by now.
        self.url = f"http://{_HOST}:{self.server_port}/"
        self._on_start(self.url)
