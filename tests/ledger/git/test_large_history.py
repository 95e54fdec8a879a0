"""A pull request to a large ledger: the one entry that it alters is named, the rest is not read.

``PUNCHCARD_LARGE=1`` makes it 100,000 entries; the usual tests have a tenth of that.
"""

import os

import pytest

from ledger.files.reader import ReadFiles
from ledger.files.source import LedgerFile
from ledger.git import GitRepository
from ledger.history.history_check import check_history
from ledger.ledger import open_ledger
from tests.conftest import RunPunchcard
from tests.ledger.git.written_ledger import AS_OF, FILES, WrittenLedger

CUSTOMERS = 10
MONTHS = 50 if os.environ.get("PUNCHCARD_LARGE") else 5
CONSULTANTS = ("alice", "ben")
ENTRIES_A_FILE = 100
ENTRIES = CUSTOMERS * MONTHS * len(CONSULTANTS) * ENTRIES_A_FILE


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> WrittenLedger:
    environment = pytest.MonkeyPatch()
    for role in ("AUTHOR", "COMMITTER"):
        environment.setenv(f"GIT_{role}_NAME", "Alice Moreau")
        environment.setenv(f"GIT_{role}_EMAIL", "alice@example.com")
    ledger = WrittenLedger(tmp_path_factory.mktemp("large") / "ledger")
    ledger.replace("customers/terms.yml", "effective: 2026-01-01", "effective: 2020-01-01")
    for number in range(CUSTOMERS):
        write_customer(ledger, number)
    ledger.first = ledger.commit("A large ledger")
    environment.undo()
    return ledger


def write_customer(ledger: WrittenLedger, number: int) -> None:
    folder, key = f"customers/c{number}", f"C{number}"
    minutes = ENTRIES // CUSTOMERS * 15
    cards = minutes // 300 + 1
    files = {
        "customer.yml": f"name: Customer {number}\nkey: {key}\ncurrency: USD\n",
        "accounts.yml": "[]\n",
        "purchases.yml": f"- {{id: P1, date: 2022-01-01, punchcards: {cards}, "
        f"amount: {cards * 1000}.00}}\n",
        f"requests/{key}-1.yml": FILES["customers/acme/requests/ACME-1.yml"]
        .replace("2026-11-01", "2022-01-01")
        .replace("dana@acme.example", "alice"),
    }
    for month in list_months():
        for consultant in CONSULTANTS:
            files[f"time/{month}-{consultant}.yml"] = "".join(
                f"- {{id: {day}-{entry}, date: {month}-{day:02}, request: {key}-1, minutes: 15, "
                f"note: Work {entry} of the day.}}\n"
                for day in range(1, 21)
                for entry in range(ENTRIES_A_FILE // 20)
            )
    for name, text in files.items():
        ledger.write(f"{folder}/{name}", text)


def list_months() -> list[str]:
    return [f"{2022 + month // 12}-{month % 12 + 1:02}" for month in range(MONTHS)]


class Reads:
    """What was read: ids of contents, and paths of files that were parsed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ids: set[str] = set()
        self.paths: list[str] = []
        read_object, read_file = GitRepository.read_object, ReadFiles.read

        def note_id(repository: GitRepository, object_id: str, longest: int | None = None) -> bytes:
            self.ids.add(object_id)
            return read_object(repository, object_id, longest)

        def note_path(reader: ReadFiles, file: LedgerFile, kind: str) -> object:
            self.paths.append(file.path)
            return read_file(reader, file, kind)

        monkeypatch.setattr(GitRepository, "read_object", note_id)
        monkeypatch.setattr(ReadFiles, "read", note_path)


@pytest.fixture
def altered(large: WrittenLedger) -> WrittenLedger:
    large.git("checkout", "--quiet", "-B", "work", large.first)
    path = large.root / f"customers/c7/time/{list_months()[2]}-ben.yml"
    text = path.read_text(encoding="utf-8")
    old = "id: 9-3, date: 2022-03-09, request: C7-1, minutes: 15"
    assert text.count(old) == 1
    path.write_text(text.replace(old, old.replace("minutes: 15", "minutes: 30")), "utf-8")
    large.commit("Alter one entry", "Ben Okafor <ben@example.com>")
    return large


@pytest.mark.parametrize("revision", [None, "HEAD"])
def test_only_what_differs_is_read_to_find_the_one_entry_that_was_altered(
    altered: WrittenLedger, monkeypatch: pytest.MonkeyPatch, revision: str | None
) -> None:
    sheet = f"c7/time/{list_months()[2]}-ben.yml"
    contents = {
        altered.git("rev-parse", f"{commit}:customers/{sheet}") for commit in ("HEAD", "main")
    }
    reads = Reads(monkeypatch)
    with open_ledger(start=altered.root, revision=revision) as ledger:
        problems = check_history(
            ledger, [altered.first], ledger.organization.terms.terms[0].effective
        )
    [problem] = problems
    assert problem.message.startswith(
        f"entry {list_months()[2]}-ben/9-3 was altered: minutes 15 -> 30"
    )
    organization = {"provider.yml", "terms.yml", "consultants.yml"}
    assert set(reads.paths) - organization == {sheet}
    tree = altered.git("ls-tree", "HEAD:customers").splitlines()
    of_organization = {line.split()[2] for line in tree if line.endswith(".yml")}
    assert reads.ids - of_organization <= contents


def test_the_pull_request_is_refused_and_the_entry_named(
    punchcard: RunPunchcard, altered: WrittenLedger
) -> None:
    ran = punchcard(altered.root, "check", "--since", "main", "--as-of", AS_OF)
    assert ran.status == 1
    assert ran.stdout.count("changed-history") == 1
    assert f"entry {list_months()[2]}-ben/9-3 was altered: minutes 15 -> 30" in ran.stdout
