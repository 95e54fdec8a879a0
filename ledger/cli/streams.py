"""Standard output and error, guarded: what cannot be told does not undo what was done.

A write that fails is remembered instead of raised, so that a command that has written a record
does not look as if it was refused; a character that the terminal lacks is replaced.
"""

from __future__ import annotations

import codecs
import errno
import io
import os
import re
import select
import sys
from typing import Any

from ledger.errors import LedgerError
from ledger.text import escape_controls


class GuardedText(io.TextIOWrapper):
    """Text for a terminal: plain colours are ours, any other control is data and escaped."""

    ours = re.compile(r"(\x1b\[(?:0|1|3[0-7])m)")

    def write(self, text: str, /) -> int:  # noqa: D102 - as io has it
        parts = self.ours.split(text)
        parts[::2] = map(escape_controls, parts[::2])
        super().write("".join(parts))
        return len(text)


class GuardedErrors(GuardedText):
    """Text for standard error, which shows progress bars, too."""

    ours = re.compile(r"(\x1b\[(?:0|1|3[0-7])m|\x1b\[\?25[hl]|\x1b\[K|\r)")


class GuardedFile(io.FileIO):
    """An open descriptor; ``error`` is the first failed write, after which nothing is written."""

    error: OSError | None = None

    def write(self, data: Any, /) -> int:  # noqa: D102 - as io has it
        while self.error is None:
            try:
                if (count := super().write(data)) is not None:
                    return count
                select.select([], [self], [])  # a pipe that does not block, and is full
            except OSError as error:
                self.error = error
        return memoryview(data).nbytes


def guard_streams() -> None:
    """Guard the standard streams of this process; one that is closed is there, but nothing else."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = getattr(sys, name)
        if stream is None:
            # No file that is opened later may get a number that others take for this stream.
            os.open(os.devnull, os.O_RDWR)
        if name == "stdin":
            sys.stdin = stream or io.TextIOWrapper(io.BytesIO())
            continue
        guarded = GuardedFile(number, "w", closefd=False)
        if stream is None:
            guarded.error = OSError(errno.EBADF, "it is closed")
        encoding = stream.encoding if stream else "utf-8"
        if codecs.lookup(encoding).name == "ascii":
            encoding = "utf-8"  # As Click has it, which would put a stream of its own around ours.
        file = io.BufferedWriter(guarded)
        if name == "stdout":
            sys.stdout = GuardedText(file, encoding, "replace", line_buffering=True)
        else:
            sys.stderr = GuardedErrors(file, encoding, "backslashreplace", line_buffering=True)


def describe_lost_output() -> str:
    """Say why standard output could not be written; nothing if it was, or if its reader left."""
    sys.stdout.flush()
    file = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    error = file.error if isinstance(file, GuardedFile) else None
    return "" if error is None or error.errno == errno.EPIPE else str(error.strerror)


def require_output() -> None:
    """Raise a LedgerError if standard output was lost: for commands that do nothing but print."""
    if reason := describe_lost_output():
        raise LedgerError(f"standard output cannot be written: {reason}")
