"""Publishes again and again in processes that start warm, so that they can be killed early.

A process of its own publishes once, and then forks for each publication that it is asked for. A
step of one is whenever it touches a file of the publication folder, or runs Git. With ``kill_at``
the fork kills itself before that step, as ``kill -9`` would.
"""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

from site_builder.mkdocs import plugin  # noqa: F401  # the forks have it then
from site_builder.publish import publish  # noqa: F401  # as above
from site_builder.punchcard import run

_TOUCHING = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link"})


class Ended(NamedTuple):
    """How a publication ended: a negative status if it was killed; steps if it was not."""

    status: int
    steps: int


class WarmPublisher:
    """The process, which publishes from ``folder``; ``rehearsal`` is what it does first."""

    def __init__(self, folder: Path, rehearsal: Sequence[object]) -> None:
        self._connection, theirs = get_context("spawn").Pipe()
        first = [*map(str, rehearsal)]
        self._process = get_context("spawn").Process(target=_serve, args=(theirs, folder, first))
        self._process.start()
        theirs.close()

    def start(self, arguments: Sequence[object], kill_at: int | None = None) -> int:
        """Start a publication and return its process's id."""
        self._connection.send(([*map(str, arguments)], kill_at))
        pid: int = self._connection.recv()
        return pid

    def wait(self) -> Ended:
        """Return how the publication ended."""
        return Ended(*self._connection.recv())

    def stop(self) -> None:
        """End the process."""
        self._connection.close()
        self._process.join(30)


def _serve(connection: Connection, folder: Path, rehearsal: list[str]) -> None:
    os.chdir(folder)
    with redirect_stdout(sys.stderr):
        assert run(rehearsal) == 0
        while True:
            try:
                arguments, kill_at = connection.recv()
            except EOFError:
                return
            reading, writing = os.pipe()
            if (child := os.fork()) == 0:
                steps = _Steps(kill_at, arguments[arguments.index("--to") + 1])
                status = run(arguments)
                os.write(writing, str(steps.taken).encode())
                os._exit(status)
            os.close(writing)
            connection.send(child)
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
            with os.fdopen(reading) as taken:
                connection.send((status, int(taken.read() or 0)))


class _Steps:
    def __init__(self, kill_at: int | None, folder: str) -> None:
        self.taken = 0
        self._kill_at = kill_at
        self._folder = folder
        sys.addaudithook(self._count)

    def _count(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not _touches(event, arguments, self._folder):
            return
        if self.taken == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.taken += 1


def _touches(event: str, arguments: tuple[Any, ...], folder: str) -> bool:
    if event == "subprocess.Popen":
        return True
    if event == "open":
        path, _mode, flags = arguments
        is_written = isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR)
        return bool(is_written) and str(path).startswith(folder)
    return event in _TOUCHING and any(str(part).startswith(folder) for part in arguments[:2])
