"""The same work for many names: each is done once, whoever does it and whatever goes wrong."""

import multiprocessing
import os
import signal
from concurrent.futures import ProcessPoolExecutor

import pytest

from ledger import workers
from ledger.errors import LedgerError
from ledger.workers import run_on_all_cores

NAMES = [f"name-{number}" for number in range(200)]


def tell(name: str) -> tuple[str, int]:
    return name, os.getpid()


@pytest.mark.parametrize("jobs", [1, 2, 3])
@pytest.mark.parametrize("chunk", [1, 7, 500])
@pytest.mark.parametrize("count", [0, 1, 7, 8, 200])
def test_each_name_is_worked_on_once(jobs: int, chunk: int, count: int) -> None:
    """In this process if there is little to do or one job, in others if not."""
    found = list(run_on_all_cores(tell, NAMES[:count], jobs, chunk))
    assert [name for name, _process in found] == NAMES[:count]
    is_here = os.getpid() in {process for _name, process in found}
    assert is_here == (count > 0 and (jobs == 1 or count < 8))


def test_what_goes_wrong_in_a_worker_ends_the_work() -> None:
    def fail(name: str) -> None:
        raise LedgerError(f"no such luck, {name}")

    with pytest.raises(LedgerError, match="no such luck, name-0"):
        list(run_on_all_cores(fail, NAMES, 2))
    assert multiprocessing.active_children() == []


def test_a_worker_that_is_killed_is_an_error() -> None:
    def die(_name: str) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    with pytest.raises(LedgerError, match="a worker process was killed"):
        list(run_on_all_cores(die, NAMES, 2))
    assert multiprocessing.active_children() == []


def test_ctrl_c_reaches_the_first_process_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are born with it held back, and ignore it from then on; here nothing changes."""
    start = workers._start_worker  # noqa: SLF001 - what a worker does first
    held_at_birth: list[bool] = []

    def note() -> None:
        held_at_birth.append(is_held_back())
        start()

    def look(_name: str) -> tuple[list[bool], bool, bool]:
        is_ignored = signal.getsignal(signal.SIGINT) is signal.SIG_IGN
        return held_at_birth, is_ignored, is_held_back()

    monkeypatch.setattr(workers, "_start_worker", note)
    before = is_held_back(), signal.getsignal(signal.SIGINT)
    for found in run_on_all_cores(look, NAMES, 2):
        assert found == ([True], True, False)
    assert (is_held_back(), signal.getsignal(signal.SIGINT)) == before


def test_one_more_ctrl_c_waits_until_the_workers_are_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    shut_down, was_held_back = ProcessPoolExecutor.shutdown, []

    def interrupt(executor: ProcessPoolExecutor, **options: bool) -> None:
        signal.raise_signal(signal.SIGINT)
        was_held_back.append(is_held_back())
        shut_down(executor, **options)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    monkeypatch.setattr(ProcessPoolExecutor, "shutdown", interrupt)
    try:
        with pytest.raises(KeyboardInterrupt):
            list(run_on_all_cores(tell, NAMES, 2))
    finally:
        signal.signal(signal.SIGINT, before)
    assert was_held_back == [True]
    assert multiprocessing.active_children() == []
    assert not is_held_back()


def test_who_leaves_before_the_end_and_closes_it_leaves_nobody_at_work() -> None:
    work = run_on_all_cores(tell, NAMES, 2)
    next(work)
    assert multiprocessing.active_children()
    work.close()
    assert multiprocessing.active_children() == []


def is_held_back() -> bool:
    return signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
