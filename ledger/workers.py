"""The same work for many names, on all cores.

Workers are forks of this process: they begin with all that it has loaded, compiled and warmed up.
"""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from ledger.errors import LedgerError

if TYPE_CHECKING:
    # What starts processes takes long to load, and little work is done without.
    from concurrent.futures import Future

_Result = TypeVar("_Result")

_END_WITH_PARENT = 1  # PR_SET_PDEATHSIG
_FEWEST_A_WORKER = 4
_IN_FLIGHT = 4
_RARELY = 100_000
_work: Callable[[str], Any] | None = None


def run_on_all_cores(
    work: Callable[[str], _Result],
    names: Sequence[str],
    jobs: int,
    chunk: int = 1,
    meanwhile: Callable[[], None] | None = None,
) -> Generator[_Result]:
    """Yield what ``work`` returns for each name, in whatever order it is done.

    Who may leave before the end closes it: until then workers go on.

    Args:
        work: called in a fork of this process; what it returns is sent back.
        names: what to call it with.
        jobs: how many at a time; in this process if it is one, or if there is little to do.
        chunk: how many names to send to a worker at once.
        meanwhile: called in this process once the others have begun, if there are others: what it
            gets ready need not be waited for later.

    Raises:
        LedgerError: a worker was killed, as the system does when memory runs out.
    """
    jobs = min(jobs, len(names) // _FEWEST_A_WORKER)
    if jobs <= 1:
        yield from map(work, names)
        return
    from concurrent.futures.process import BrokenProcessPool

    # Forks leave alone what is there now. To look for what of it is no use any more would take
    # longer than a small piece of work, and find little.
    gc.freeze()
    try:
        yield from _run_in_forks(work, names, jobs, chunk, meanwhile)
    except BrokenProcessPool as error:
        raise LedgerError(
            "a worker process was killed, so the work is not done",
            "there may be too little memory",
        ) from error
    finally:
        gc.unfreeze()


def _run_in_forks(
    work: Callable[[str], _Result],
    names: Sequence[str],
    jobs: int,
    chunk: int,
    meanwhile: Callable[[], None] | None,
) -> Generator[_Result]:
    import multiprocessing
    from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait

    global _work  # noqa: PLW0603 - forks find it there; it need not be sent to them
    _work = work
    context = multiprocessing.get_context("fork")
    executor = ProcessPoolExecutor(jobs, context, initializer=_start_worker)
    chunks = (names[start : start + chunk] for start in range(0, len(names), chunk))
    submitted = (executor.submit(_work_on, some) for some in chunks)
    try:
        with _holding_back_interrupts():  # Until each worker ignores them.
            pending: set[Future[list[Any]]] = {*islice(submitted, jobs * _IN_FLIGHT)}
        if meanwhile is not None:
            meanwhile()
        while pending:
            done, pending = wait(pending, return_when=FIRST_COMPLETED)
            pending |= {*islice(submitted, len(done))}
            yield from _take(done)
    finally:
        with _holding_back_interrupts():  # One more would leave the workers to themselves.
            executor.shutdown(wait=True, cancel_futures=True)
        _work = None


def _take(done: set[Future[list[Any]]]) -> Iterator[Any]:
    for future in done:
        yield from future.result()


@contextmanager
def _holding_back_interrupts() -> Iterator[None]:
    """Let Ctrl-C wait: processes that are started here begin with it held back, too."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start_worker() -> None:
    import ctypes

    # Ctrl-C reaches the whole group: the first process ends the others in an orderly way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    # The work makes many objects and few circles: looking for those more rarely saves time.
    gc.set_threshold(_RARELY)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    try:
        ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGTERM)
    except (AttributeError, OSError):
        return


def _work_on(names: Sequence[str]) -> list[Any]:
    if _work is None:
        raise RuntimeError("the work is there when a worker is forked")
    return [_work(name) for name in names]
