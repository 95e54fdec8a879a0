"""Runs Git, with everything switched off that a repository's own settings could make it run.

No Git is left at work by whoever is interrupted: from the instant in which it is there, there is
somebody who ends it.
"""

from __future__ import annotations

import atexit
import os
import signal
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO, Self

from ledger.errors import LedgerError

GIT_IS_MISSING = ("git is not installed", "install git and try again")

_SAFE_CONFIG = (
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.untrackedCache=false",
    "log.showSignature=false",
)
_PROGRAM = ("git", *(part for option in _SAFE_CONFIG for part in ("-c", option)))
_ENVIRONMENT = {
    # A partial clone would run what its configuration fetches with.
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
    "LANGUAGE": "C",
}


class GitError(LedgerError):
    """Git could not do what it was asked for.

    Attributes:
        status: what Git ended with.
        said: what it printed on standard error.
    """

    def __init__(self, message: str, hint: str = "", status: int = -1, said: str = "") -> None:
        super().__init__(message, hint)
        self.status = status
        self.said = said

    @property
    def is_no(self) -> bool:
        """Whether Git only said no: it has status 1 for that, and prints nothing."""
        return self.status == 1 and not self.said


class RunningGit:
    """Git at work beside us. What it says is kept in memory, so that it never waits for us.

    Whoever leaves it, with whatever error, ends it; of what it may have started itself it knows.
    """

    def __init__(
        self,
        folder: Path,
        command: Sequence[str],
        environment: Mapping[str, str],
        given: IO[bytes] | None = None,
    ) -> None:
        """Start it; see ``start_git``. It reads what is ``given``, if anything is."""
        with ExitStack() as stack:
            self._output, self._errors = (stack.enter_context(_open_memory()) for _ in range(2))
            with _holding_back_interrupts():  # Until there is somebody who ends it.
                self._process = subprocess.Popen(  # noqa: S603 - Git; what it is told is ours
                    command,
                    cwd=folder,
                    env=environment,
                    stdin=subprocess.DEVNULL if given is None else given,
                    stdout=self._output,
                    stderr=self._errors,
                )
                _at_work.add(self._process)
                stack.callback(self._kill)
            self._stack = stack.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_why: object) -> None:
        self.end()

    def end(self) -> None:
        """End it, if it has not come to its end, and forget what it said."""
        self._stack.close()

    def finish(self) -> bytes:
        """Wait for its end and return what it printed.

        Raises:
            GitError: Git failed.
        """
        # Where both are interrupted, this leaves Git a moment to put its files away.
        status = self._process.wait()
        if status:
            raise _explain_failure(status, _read(self._errors))
        return _read(self._output)

    def answer(self) -> bytes | None:
        """As ``finish``, but None where Git says no without a word."""
        try:
            return self.finish()
        except GitError as error:
            if error.is_no:
                return None
            raise

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()
        _at_work.discard(self._process)


_at_work: set[subprocess.Popen[bytes]] = set()


@atexit.register
def _end_all() -> None:
    """End what somebody was interrupted with who had no time to look after it."""
    for process in _at_work:
        with suppress(OSError):
            process.kill()
    # Waited for: else it may outlive us, or be there for good where nobody looks after orphans.
    while _at_work:
        _at_work.pop().wait()


def run_git(
    folder: Path,
    arguments: Sequence[str],
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    unset: Iterable[str] = (),
) -> bytes:
    """Run Git in a folder; return what it prints.

    Args:
        folder: of the work tree, or of a bare repository.
        arguments: options and ids; nothing that a user typed, but after ``--end-of-options``.
        stdin: what Git reads.
        environment: variables for this one run.
        unset: variables of the environment that Git must not see.

    Raises:
        GitError: Git failed.
        LedgerError: Git is not there.
    """
    with ExitStack() as stack:
        given = stack.enter_context(_open_memory()) if stdin else None
        if given is not None:
            # All of it is there before Git starts: of a pipe Git would see the end if we were
            # killed, and would make a tag of half a message.
            _write(given, stdin)
        with _explained(folder):
            running = stack.enter_context(
                RunningGit(
                    folder,
                    [*_PROGRAM, *arguments],
                    _make_environment(environment, unset),
                    given,
                )
            )
        return running.finish()


def split_names(output: bytes) -> list[str]:
    """Return the paths that Git printed with ``-z``."""
    return [name for name in os.fsdecode(output).split("\0") if name]


def literal_path(path: str) -> str:
    """Return the pathspec of a path from the root of the work tree, empty for the root."""
    return f":(top,literal){path}" if path else ":(top)"


def _make_environment(
    environment: Mapping[str, str] | None, unset: Iterable[str]
) -> dict[str, str]:
    left_out = set(unset)
    inherited = {name: value for name, value in os.environ.items() if name not in left_out}
    return {**inherited, **_ENVIRONMENT, **(environment or {})}


@contextmanager
def _holding_back_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait, by a handler: a mask, as workers are given, Git would keep."""
    handler = signal.getsignal(signal.SIGINT)
    if not callable(handler) or threading.current_thread() is not threading.main_thread():
        yield  # Nobody is interrupted.
        return
    held_back: list[object] = []
    signal.signal(signal.SIGINT, lambda *_signal: held_back.append(None))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if held_back:
            signal.raise_signal(signal.SIGINT)


@contextmanager
def _explained(folder: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        if not folder.is_dir():
            raise LedgerError(f"there is no folder {folder} any more") from error
        raise LedgerError(*GIT_IS_MISSING) from error


def _write(memory: IO[bytes], content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[memory.write(left) :]
    memory.seek(0)


def _read(memory: IO[bytes]) -> bytes:
    memory.seek(0)
    return memory.read()


def _open_memory() -> IO[bytes]:
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("git"), "w+b", buffering=0)
    import tempfile  # Not at the top: it takes 10 ms to load.

    return tempfile.TemporaryFile(buffering=0)


def _explain_failure(status: int, errors: bytes) -> GitError:
    said = errors.decode("utf-8", "replace").strip()
    if "dubious ownership" in said:
        return GitError(
            "the repository belongs to somebody else, so Git does not trust it",
            "git config --global --add safe.directory FOLDER, if you do",
            status,
            said,
        )
    line = said.partition("\n")[0].removeprefix("fatal: ")
    return GitError(line or f"git ended with status {status}", "", status, said)
