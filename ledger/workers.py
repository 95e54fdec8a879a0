"""The same work for many names on all cores, in forks of this process where it can be forked."""

import concurrent.futures
import ctypes
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from ledger.errors import LedgerError

_Result = TypeVar("_Result")

_FEWEST_A_WORKER = 4
_PR_SET_PDEATHSIG = 1
_work: Callable[[str], Any]


def count_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_on_all_cores(
    work: Callable[[str], _Result], names: Sequence[str], jobs: int, chunk: int = 1
) -> Generator[_Result]:
    """Yield what ``work`` returns for each name, in order.

    It is called in up to ``jobs`` forks, with ``chunk`` names at once; in this process if there is
    one job or little to do, on Windows, and on macOS, whose libraries bear no fork. An error, an
    interrupt and closing the generator end the forks. A LedgerError is raised if a fork was killed,
    as the system does when memory runs out.
    """
    jobs = min(jobs, len(names) // _FEWEST_A_WORKER)
    if jobs <= 1 or not hasattr(os, "fork") or sys.platform == "darwin":
        yield from map(work, names)
        return
    global _work  # noqa: PLW0603 - forks find it there; it need not be sent to them
    _work = work
    fork = multiprocessing.get_context("fork")
    executor = concurrent.futures.ProcessPoolExecutor(jobs, fork, _start_worker)
    try:
        with _holding_back_interrupts():  # Until each fork ignores them.
            results = executor.map(_call, names, chunksize=chunk)
        yield from results
    except concurrent.futures.BrokenExecutor as error:
        raise LedgerError(
            "a worker process was killed, so the work is not done",
            "there may be too little memory",
        ) from error
    finally:
        with _holding_back_interrupts():  # One more would leave the forks to themselves.
            executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _holding_back_interrupts() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker() -> None:
    # Ctrl-C reaches the whole group: the first process ends the others in an orderly way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if hasattr(library := ctypes.CDLL(None), "prctl"):  # End with the first process.
        library.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _call(name: str) -> Any:
    return _work(name)
