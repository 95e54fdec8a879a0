"""A month of a consultant and three colleagues, two branches each a day, merged in any order."""

import os
import random
from collections import Counter
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from ledger.files.yaml import parse_yaml
from ledger.ledger import Ledger
from ledger.writing.draft import WritingDesk
from ledger.writing.time_entries import draft_entry
from tests.conftest import RunPunchcard, commit_all, git, start_repository, write_files
from tests.ledger.files.memory_files import MemoryFiles
from tests.ledger.writing.small_ledger import CUSTOMER, ORGANIZATION
from tests.ledger.writing.test_merged_branches import finish, run_git, use_driver

PEOPLE = ("alice", "ben", "cara", "dev")
DAYS = 30 if os.environ.get("PUNCHCARD_ENDURANCE") == "1" else 7
ENTRIES = 2000 * DAYS // 30
REQUEST = "customers/acme/requests/ACME-1.yml"
FILES = {
    **ORGANIZATION,
    "customers/consultants.yml": "".join(
        f"- {{handle: {each}, name: {each}, emails: [{each}@example.com]}}\n" for each in PEOPLE
    ),
    "customers/acme/customer.yml": CUSTOMER["customers/acme/customer.yml"],
    "customers/acme/accounts.yml": CUSTOMER["customers/acme/accounts.yml"],
    REQUEST: CUSTOMER[REQUEST],
    "customers/acme/purchases.yml": "- {id: P1, date: 2026-01-12, punchcards: 150, amount: 150000}",
}


def log(repository: Path, who: str, day: date, count: int, chance: random.Random) -> set[str]:
    """Log some time where the branch that is checked out has it; return the entries' names."""
    sheet = f"{day:%Y-%m}-{who}"
    path = repository / f"customers/acme/time/{sheet}.yml"
    names = set()
    for _ in range(count):
        files = {name: (repository / name).read_bytes() for name in FILES}
        if path.exists():
            files[f"customers/acme/time/{sheet}.yml"] = path.read_bytes()
        inside = {name.removeprefix("customers/"): content for name, content in files.items()}
        desk = WritingDesk((Ledger(MemoryFiles(inside)),), "acme", day, day)
        note, minutes = chance.choice(["A call.", "Mail."]), chance.choice([15, 15, 30])
        draft = draft_entry(
            desk, request="1", minutes=minutes, note=note, consultant=who, rounding=None
        )
        (edit,) = draft.edits.values()
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(edit(path.read_bytes() if path.exists() else None) or b"")
        names.add(draft.name)
    return names


def merge(repository: Path, punchcard: RunPunchcard, branch: str, how: str) -> None:
    if how == "rebase":
        finish(repository, punchcard, run_git(repository, "rebase", "main", branch))
        git(repository, "checkout", "--quiet", "main")
        git(repository, "merge", "--quiet", "--ff-only", branch)
        return
    git(repository, "checkout", "--quiet", "main")
    options = ["--squash"] if how == "squash" else ["--no-edit", "--no-ff"]
    finish(repository, punchcard, run_git(repository, "merge", *options, branch))
    if how == "squash":
        git(repository, "commit", "--quiet", "--allow-empty", f"--message=Squash {branch}")


def test_every_entry_of_a_month_of_branches_is_there_once(
    tmp_path: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(19)
    letters = "bcdfghjkmnpqrstvwxyz"
    monkeypatch.setattr(
        "ledger.writing.time_entries.draw_letters", lambda: "".join(chance.choices(letters, k=3))
    )
    repository = commit_all(write_files(start_repository(tmp_path / "repository"), FILES))
    use_driver(repository)
    expected, pending, last = set[str](), list[str](), dict[str, str]()
    branches = [*product(range(1, DAYS + 1), ("am", "pm"), PEOPLE)]
    for number, (day, half, who) in enumerate(branches):
        branch = f"time/{who}-{day}-{half}"
        # Some go on where they were, whatever became of it: merged, squashed or rebased.
        start = chance.choice(["main", last.get(who, "main")])
        git(repository, "checkout", "--quiet", "-b", branch, start)
        count = ENTRIES * (number + 1) // len(branches) - ENTRIES * number // len(branches)
        expected |= log(repository, who, date(2026, 6, day), count, chance)
        commit_all(repository, f"Time of {who}")
        last[who] = branch
        pending.append(branch)
        while len(pending) > chance.randrange(12):
            how = chance.choice(["squash", "merge", "rebase"])
            merge(repository, punchcard, pending.pop(chance.randrange(len(pending))), how)
    for branch in chance.sample(pending, len(pending)):
        merge(repository, punchcard, branch, chance.choice(["squash", "merge", "rebase"]))
    git(repository, "checkout", "--quiet", "main")
    assert git(repository, "status", "--porcelain") == ""
    found = Counter[str]()
    for sheet in repository.glob("customers/acme/time/*.yml"):
        items: Any = parse_yaml(sheet.read_bytes())
        found.update(f"{sheet.stem}/{item['id']}" for item in items)
    assert (len(expected), found) == (ENTRIES, Counter(expected))
    ran = punchcard(repository, "check", "--as-of", "2026-07-01")
    assert ran.status == 0, ran.stdout
