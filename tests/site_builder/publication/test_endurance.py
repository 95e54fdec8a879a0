"""Publications that are killed, over a folder that is served: old or new, and always whole.

With ``PUNCHCARD_ENDURANCE=1``, as in `nox -s endurance`, there are 1,000 kills at random moments,
and 100,000 requests during 200 publications; else about a twentieth of that.
"""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.site_builder.publication.published_ledger import PublishedLedger
from tests.site_builder.publication.served_folder import ServedFolder
from tests.site_builder.publication.warm_publisher import WarmPublisher

_IS_ENDURANCE = os.environ.get("PUNCHCARD_ENDURANCE") == "1"
KILLS = 1000 if _IS_ENDURANCE else 40
REQUESTS, PUBLICATIONS = (100_000, 200) if _IS_ENDURANCE else (4_000, 8)
_COMPLETED_EVERY = 10
PUBLISH = ("portal", "publish", "--as-of", "2026-11-16", "--jobs", "1")


class Publishing:
    """Publishes a ledger, in which something has happened each time."""

    def __init__(self, ledger: PublishedLedger, publisher: WarmPublisher) -> None:
        self.ledger = ledger
        self._publisher = publisher
        self._number = 0

    def begin(self, kill_at: int | None = None) -> int:
        """Start a publication and return its process's id."""
        self._number += 1
        person = f"Zephyrine@customer.example, name: Person {self._number}"
        account = f"- {{email: {person}, created: 2026-01-12}}\n"
        self.ledger.write({"first/accounts.yml": account})
        self.ledger.commit()
        return self._publisher.start((*PUBLISH, "--to", self.ledger.folder), kill_at)

    def end(self) -> int:
        """Return the status that it ended with."""
        return self._publisher.wait().status

    def complete(self) -> int:
        """Publish, see that all is in order, and return how many steps that took."""
        self.begin()
        ended = self._publisher.wait()
        assert ended.status == 0
        self.ledger.require_whole()
        self.ledger.require_tidy()
        return ended.steps


@pytest.fixture
def publishing(ledger: PublishedLedger, tmp_path: Path) -> Iterator[Publishing]:
    rehearsal = (*PUBLISH, "--to", tmp_path / "rehearsal", "--no-tag")
    publisher = WarmPublisher(ledger.root, rehearsal)
    try:
        yield Publishing(ledger, publisher)
    finally:
        publisher.stop()


def test_killed_at_any_moment_customers_see_the_old_portal_or_the_new_one(
    publishing: Publishing,
) -> None:
    ledger, chance = publishing.ledger, random.Random(4711)
    publishing.complete()
    started = time.perf_counter()
    steps = publishing.complete()
    duration = time.perf_counter() - started
    served = ServedFolder(ledger.folder, pause=0.005)
    killed = 0
    with served.reading(readers=2):
        for number in range(KILLS):
            if number % 2:
                pid = publishing.begin()
                time.sleep(chance.uniform(0, duration))
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            else:
                publishing.begin(kill_at=chance.randrange(steps))
            status = publishing.end()
            assert status in {0, -signal.SIGKILL}
            killed += status != 0
            ledger.require_whole()
            served.learn()
            if number % _COMPLETED_EVERY == 0:
                publishing.complete()
                served.learn()
        publishing.complete()
        served.learn()
    assert served.list_unexpected() == []
    assert killed > KILLS / 2
    assert served.count > KILLS


def test_killed_at_each_step_of_the_switch_the_next_publication_finishes(
    publishing: Publishing,
) -> None:
    """From the journal on, which is what publishes: every single step, one after the other."""
    ledger = publishing.ledger
    publishing.complete()
    last = publishing.complete()
    first_edition = ledger.journal["live"]
    switched = 0
    for step in range(last - 1, 0, -1):
        before = ledger.journal["live"]
        publishing.begin(kill_at=step)
        assert publishing.end() == -signal.SIGKILL
        ledger.require_whole()
        if ledger.journal["live"] == before:
            break
        switched += 1
    assert switched > 4  # two portals, what is said of them, the tag, old generations
    publishing.complete()
    assert ledger.journal["live"] > first_edition + switched
    assert len(ledger.tags) == len({*ledger.tags})


def test_requests_during_publications_are_answered_as_expected(publishing: Publishing) -> None:
    publishing.complete()
    served = ServedFolder(publishing.ledger.folder)
    served.learn()
    with served.reading(readers=2):
        for number in range(PUBLICATIONS):
            while served.count < REQUESTS * number / PUBLICATIONS:
                time.sleep(0.01)
            publishing.complete()
            served.learn()
        while served.count < REQUESTS:
            time.sleep(0.01)
    assert served.list_unexpected() == []
    assert len(served.answers) > PUBLICATIONS
