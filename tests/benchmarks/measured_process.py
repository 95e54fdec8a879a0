"""Runs a whole process, its children included, and says what it took."""

from __future__ import annotations

import compileall
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_SAMPLED_EVERY_SECONDS = 0.05
_KIB = 1024
_KEEPS_NO_BYTECODE = "PYTHONDONTWRITEBYTECODE"


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process took.

    Attributes:
        cpu_seconds: of all its processes together.
        peak_bytes: the most memory that all its processes held at once, what they share counted
            once; sampled, but never less than the largest of them held when looked at last. 0 if
            nobody watched.
    """

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def compile_program() -> None:
    """Write our own bytecode, as pip does when it installs a program; the peers' is there."""
    root = Path(__file__).parents[2]
    for package in ("ledger", "site_builder"):
        compileall.compile_dir(root / package, quiet=1)


def run(
    command: Sequence[str | Path],
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    *,
    watches_memory: bool = False,
) -> tuple[Cost, str]:
    """Run a program to its end; return what it took and what it printed.

    Args:
        command: the program and its arguments.
        folder: where to run it.
        environment: variables in addition to ours.
        watches_memory: whether to measure memory. That keeps a core busy, so the time of such a
            run says little about a program that would use all cores.

    Raises:
        RuntimeError: it failed.
    """
    with tempfile.TemporaryFile() as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            [os.fspath(part) for part in command],
            cwd=folder,
            env={**_find_environment(), **(environment or {})},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        sampler = _MemorySampler(process.pid)
        with sampler if watches_memory else nullcontext():
            _pid, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().decode("utf-8", "replace")
    if process.returncode:
        raise RuntimeError(
            f"{' '.join(map(str, command))} ended with {process.returncode}:\n{said}"
        )
    peak = 0
    if watches_memory:
        # What wait4 says begins with the memory of this very process, so it is the last resort.
        peak = sampler.peak_bytes or usage.ru_maxrss * _KIB
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak), said


def _find_environment() -> dict[str, str]:
    """Return our variables, with which programs keep what they compile, as they do by default."""
    return {name: value for name, value in os.environ.items() if name != _KEEPS_NO_BYTECODE}


class _MemorySampler(threading.Thread):
    """Adds up the memory of a process and all below it, again and again."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid = pid
        self._has_ended = threading.Event()
        self.peak_bytes = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._has_ended.set()
        self.join()

    def run(self) -> None:
        while not self._has_ended.wait(_SAMPLED_EVERY_SECONDS):
            processes = list(_list_processes(self._pid))
            held = sum(_read_kib(pid, "smaps_rollup", "Pss:") for pid in processes)
            largest = max(_read_kib(pid, "status", "VmHWM:") for pid in processes)
            self.peak_bytes = max(self.peak_bytes, held * _KIB, largest * _KIB)


def _list_processes(pid: int) -> Iterator[int]:
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return
    for child in children:
        yield from _list_processes(int(child))


def _read_kib(pid: int, file: str, key: str) -> int:
    """Return a figure that the kernel tells of a process; 0 if it has ended."""
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(key)), 0)
