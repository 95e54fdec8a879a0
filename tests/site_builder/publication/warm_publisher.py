"""Publishes again and again in processes that start warm, so that they can be killed early.

A program: reads the arguments of one publication a line, as JSON, forks, prints the child's id, and
then the status it ended with and how many steps it took: a step is whenever it touches a file of
the publication folder, or runs Git. With ``kill_at`` the child kills itself before that step, as
``kill -9`` would.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple

from site_builder.mkdocs import plugin  # noqa: F401  # the children have it then
from site_builder.publish import publish  # noqa: F401  # as above
from site_builder.punchcard import run

_BUG = 70
_TOUCHING = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link"})


class Ended(NamedTuple):
    """How a publication ended: a negative status if it was killed; steps if it was not."""

    status: int
    steps: int = 0


class WarmPublisher:
    """The program, run beside a test."""

    def __init__(self, errors: Path) -> None:
        self._errors = errors.open("w", encoding="utf-8")
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def warm_up(self, folder: Path, arguments: Sequence[object]) -> None:
        """Publish once in the program itself: the publications to come begin with what that has."""
        self._send(folder, arguments, None, is_forked=False)
        assert self._read().strip() == "0"

    def start(self, folder: Path, arguments: Sequence[object], kill_at: int | None = None) -> int:
        """Start a publication and return its process's id."""
        self._send(folder, arguments, kill_at)
        return int(self._read())

    def wait(self) -> Ended:
        """Return how the publication ended."""
        return Ended(*map(int, self._read().split()))

    def stop(self) -> None:
        """End the program."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()
        self._errors.close()

    def _send(
        self,
        folder: Path,
        arguments: Sequence[object],
        kill_at: int | None,
        *,
        is_forked: bool = True,
    ) -> None:
        order = {
            "folder": str(folder),
            "arguments": [str(argument) for argument in arguments],
            "kill_at": kill_at,
            "is_forked": is_forked,
        }
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


def _serve() -> None:
    for line in sys.stdin:
        order = json.loads(line)
        if not order["is_forked"]:
            _say(_run(order))
            continue
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            _publish(order, writing)
        os.close(writing)
        _say(child)
        _, status = os.waitpid(child, 0)
        with os.fdopen(reading) as steps:
            _say(os.waitstatus_to_exitcode(status), steps.read())


def _say(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def _publish(order: dict[str, Any], writing: int) -> None:
    arguments = order["arguments"]
    steps = _Steps(order["kill_at"], arguments[arguments.index("--to") + 1])
    status = _run(order)
    os.write(writing, str(steps.taken).encode())
    os._exit(status)


def _run(order: dict[str, Any]) -> int:
    os.chdir(order["folder"])
    try:
        with redirect_stdout(sys.stderr):
            return run(order["arguments"])
    except BaseException:  # noqa: BLE001  # whatever it was, the test is to see it
        sys.excepthook(*sys.exc_info())
        return _BUG
    finally:
        sys.stderr.flush()


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


if __name__ == "__main__":
    _serve()
