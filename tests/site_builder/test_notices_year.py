"""A year of weekly publications of the sample: everything that crosses is told exactly once.

``PUNCHCARD_ENDURANCE=1`` kills 200 runs instead of a few.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Thread

import pytest

from ledger.history.publications import read_publications
from ledger.ledger import open_ledger
from ledger.notices.facts import name_notice
from ledger.notices.letters import Letter, list_letters
from site_builder.pages.mails import make_key
from tests.conftest import IDENTITY, SAMPLE_LEDGER, commit_all, start_repository
from tests.ledger.notices.mail_server import KeptMails, run_mail_server
from tests.site_builder.test_notices import publish

IS_LONG = os.environ.get("PUNCHCARD_ENDURANCE") == "1"
KILLS = 200 if IS_LONG else 4
LAST = date(2026, 11, 23)
MONDAYS = [LAST - timedelta(7 * week) for week in range(52 if IS_LONG else 8)][::-1]
RANDOM = random.Random(21)


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample with all of its publications; one Monday was skipped."""
    root = start_repository(tmp_path_factory.mktemp("year") / "sample")
    subprocess.run(["cp", "-r", str(SAMPLE_LEDGER), str(root)], check=True)
    for file in root.glob("customers/*/accounts.yml"):
        file.write_text(file.read_text().replace("\n\n", "\n  notices: all\n\n"))
    commit_all(root)
    with pytest.MonkeyPatch.context() as patch:  # made before the plain surroundings of each test
        for name, value in IDENTITY.items():
            patch.setenv(name, value)
        publish(root, *(day.isoformat() for day in MONDAYS if day != MONDAYS[3]))
    return root


def list_expected(root: Path, tags: list[str]) -> Iterator[Letter]:
    """Yield what is to be told by a run after each of these publications."""
    with open_ledger(root / "customers") as ledger:
        assert ledger.repository is not None
        known = {each.tag: each for each in read_publications(ledger.repository)}
        for before, now in pairwise(tags):
            step = (known[before], known[now], known[now].as_of)
            yield from list_letters(ledger, list(known.values()), *step)


class Runner:
    """Runs the program against a server, and kills it if it is told to."""

    def __init__(self, root: Path, port: int) -> None:
        self.root = root
        self.command = [
            *(sys.executable, "-c", "from site_builder.punchcard import main; main()", "notices"),
            *("--smtp", f"smtp://127.0.0.1:{port}"),
        ]

    def run(self, tag: str, kill_after: float | None = None, **options: str) -> float:
        """Run up to a publication; return how long it took."""
        given = [part for name, value in options.items() for part in (f"--{name}", value)]
        start = time.monotonic()
        as_of = tag.removeprefix("published/")[:10]
        process = subprocess.Popen(
            [*self.command, "--until", tag, "--as-of", as_of, *given],
            cwd=self.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            _, said = process.communicate(timeout=kill_after)
            assert process.returncode == 0, said
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        return time.monotonic() - start


def test_a_year_is_told_once(year: Path) -> None:
    with open_ledger(year / "customers") as ledger:
        assert ledger.repository is not None
        tags = [each.tag for each in read_publications(ledger.repository)]
    told = [tag for tag in tags if tag != tags[5]]  # After one of them nobody was told.
    with run_mail_server(KeptMails()) as (kept, port):
        runner = Runner(year, port)
        runner.run(told[0])
        kept.mails.clear()
        usual, left = 2.0, KILLS
        for index, tag in enumerate(told[1:], start=1):
            kills = -(-left // (len(told) - index))
            for _ in range(kills):
                runner.run(tag, kill_after=RANDOM.uniform(0.3, 1.0) * usual)
            left -= kills
            usual = max(0.5, 0.5 * usual + 0.5 * runner.run(tag)) if not kills else usual
            both = [Thread(target=runner.run, args=(tag,)) for _ in range(2)]
            for run in both:
                run.start()
            for run in both:
                run.join()
            if index % 3 == 0:  # Again, out of order, and after a rollback to the one before.
                runner.run(tag)
                runner.run(told[index - 1], since=told[0])
                runner.run(tag, since=told[0])
        ids = Counter(mail["Message-ID"] for mail in kept.mails)
    again = sum(ids.values()) - len(ids)
    # A mail comes again if a run is killed between the server's yes and the note of it.
    assert again <= KILLS // 20 + 1
    expected = list(list_expected(year, told))
    keys = {f"<{make_key(each)[:32]}" for each in expected}
    assert {each.partition("@")[0] for each in ids} == keys
    crossings = Counter(
        (letter.address, *name_notice(notice)) for letter in expected for notice in letter.notices
    )
    assert set(crossings.values()) == {1}
    assert len(crossings) >= len(expected) > 10
