"""A check with the cache says what one without says, and reads only what may be different."""

import hashlib
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import cache as cache_module
from ledger import check as check_module
from ledger.cache import CheckCache, digest_program
from ledger.check import CheckReport, check_ledger
from ledger.ledger import open_ledger
from ledger.rules.context import RuleContext
from tests.conftest import SAMPLE_LEDGER, RunPunchcard, commit_all, git, start_repository

AS_OF = date(2026, 11, 20)
CUSTOMERS = sorted(file.parent.name for file in SAMPLE_LEDGER.glob("*/customer.yml"))
PATHS = sorted(file.relative_to(SAMPLE_LEDGER).as_posix() for file in SAMPLE_LEDGER.rglob("*.yml"))
CHANGES = [
    ("minutes: 30", "minutes: 20"),
    ("minutes: 60", "minutes: 600"),
    ("date: 2026-1", "date: 2027-1"),
    ("alice", "alicia"),
    ("- id:", "- idd:"),
    ("key: ", "key: X"),
    ("effective: 2026", "effective: 2027"),
]

Read = list[str]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> Read:
    """The customers that were checked and not taken from the cache."""
    read: Read = []
    right = RuleContext

    def note(*arguments: object) -> object:
        read.append(arguments[1].slug)  # type: ignore[attr-defined]  # the customer's folder
        return right(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(check_module, "RuleContext", note)
    return read


def check(
    root: Path, cache: Path | None = None, as_of: date = AS_OF, revision: str | None = None
) -> CheckReport:
    with open_ledger(root, revision) as ledger:
        return check_ledger(ledger, as_of, cache=None if cache is None else CheckCache(cache))


def test_what_was_checked_is_not_read_again(
    sample_repository: Path, tmp_path: Path, read: Read
) -> None:
    first = check(sample_repository, tmp_path)
    assert sorted(read) == CUSTOMERS
    read.clear()
    assert check(sample_repository, tmp_path) == first
    assert check(sample_repository, tmp_path, revision="HEAD") == first
    assert read == []


@pytest.mark.parametrize("is_committed", [False, True])
@pytest.mark.parametrize(
    ("name", "again"),
    [
        ("acme/time/2026-11-alice.yml", ["acme"]),
        *((name, CUSTOMERS) for name in ("provider.yml", "terms.yml", "consultants.yml")),
    ],
)
def test_what_a_change_of_a_file_may_touch_is_read(
    sample_repository: Path,
    tmp_path: Path,
    read: Read,
    name: str,
    again: list[str],
    is_committed: bool,
) -> None:
    check(sample_repository, tmp_path)
    file = sample_repository / "customers" / name
    file.write_text(file.read_text().replace("minutes: ", "minutes: 1") + "# a remark\n")
    if is_committed:
        commit_all(sample_repository)
    expected = check(sample_repository)
    read.clear()
    assert check(sample_repository, tmp_path) == expected
    assert sorted(read) == again


@pytest.mark.parametrize(("days", "program"), [(1, None), (0, "another")])
def test_another_day_or_program_reads_all(
    sample_repository: Path,
    tmp_path: Path,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    program: str | None,
) -> None:
    check(sample_repository, tmp_path)
    if program is not None:
        monkeypatch.setattr(cache_module, "digest_program", lambda: program)
    read.clear()
    check(sample_repository, tmp_path, AS_OF + timedelta(days=days))
    assert sorted(read) == CUSTOMERS


def test_every_file_of_the_package_makes_another_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "ledger"
    shutil.copytree(
        Path(cache_module.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__")
    )
    monkeypatch.setattr(cache_module, "_PACKAGE", package)
    digests = {digest_program.__wrapped__()}
    files = sorted(file for file in package.rglob("*") if file.is_file())
    for file in files:
        file.write_bytes(file.read_bytes() + b"\n")
        digests.add(digest_program.__wrapped__())
    (package / "rules" / "new").mkdir()
    (package / "rules" / "new" / "rule.py").touch()
    digests.add(digest_program.__wrapped__())
    monkeypatch.setattr(yaml, "__version__", "99")
    digests.add(digest_program.__wrapped__())
    assert len(digests) == len(files) + 3


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-10])


def turn_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def write_signed(file: Path, body: bytes) -> None:
    file.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def change_form(file: Path) -> None:
    write_signed(file, file.read_bytes().partition(b"\n")[2].replace(b'"ACME"', b"[1]"))


def nest_deeply(file: Path) -> None:
    write_signed(file, b"[" * 200_000)


def put_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("damage", [cut_off, turn_a_bit, change_form, nest_deeply, put_folder])
def test_a_damaged_file_is_a_miss(
    sample_repository: Path, tmp_path: Path, read: Read, damage: Callable[[Path], None]
) -> None:
    expected = check(sample_repository, tmp_path)
    damage(tmp_path / "checks.json")
    read.clear()
    assert check(sample_repository, tmp_path) == expected
    assert sorted(read) == CUSTOMERS
    assert check(sample_repository, tmp_path) == expected


def test_a_cache_that_cannot_be_written_is_done_without(
    sample_repository: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    assert check(sample_repository, tmp_path / "file") == check(sample_repository)


def test_what_changes_while_it_is_checked_is_not_stored(
    sample_repository: Path, tmp_path: Path
) -> None:
    with open_ledger(sample_repository) as ledger:
        assert set(ledger.tree_ids) == set(CUSTOMERS)
        (sample_repository / "customers/acme/accounts.yml").unlink()
        check_ledger(ledger, AS_OF, cache=CheckCache(tmp_path))
    assert list(tmp_path.glob("*.json")) == []


def test_a_second_customer_with_the_same_key_is_found_though_both_are_known(
    sample_repository: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample_repository / "customers/acme", sample_repository / "customers/zebra")
    commit_all(sample_repository)
    expected = check(sample_repository)
    assert any(problem.rule == "unique-id" for problem in expected.problems)
    for _ in range(2):
        assert check(sample_repository, tmp_path) == expected


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample ledger, committed; each example puts everything back."""
    root = tmp_path_factory.mktemp("cache") / "ledger"
    shutil.copytree(SAMPLE_LEDGER, root / "customers")
    start_repository(root)
    git(root, "add", "--all")
    identity = ("-c", "user.name=Alice", "-c", "user.email=alice@example.com")
    git(root, *identity, "commit", "--quiet", "--message=All")
    return root


@settings(max_examples=15)
@given(st.data())
def test_after_random_edits_and_days_it_says_what_a_check_from_nothing_says(
    shared_root: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    cache = tmp_path_factory.getbasetemp() / "one-cache-for-all-examples"
    try:
        for _ in range(data.draw(st.integers(0, 3))):
            edit(shared_root / "customers", data)
        for days in data.draw(st.lists(st.integers(-500, 60), min_size=1, max_size=2)):
            as_of = AS_OF + timedelta(days=days)
            assert check(shared_root, cache, as_of) == check(shared_root, as_of=as_of)
    finally:
        git(shared_root, "reset", "--quiet", "--hard")
        git(shared_root, "clean", "--quiet", "-d", "--force", "-x")


def edit(folder: Path, data: st.DataObject) -> None:
    file = folder / data.draw(st.sampled_from(PATHS))
    kind = data.draw(st.sampled_from(["replace", "replace", "remove", "move", "add", "customer"]))
    if not file.exists():
        return
    if kind == "replace":
        old, new = data.draw(st.sampled_from(CHANGES))
        file.write_text(file.read_text().replace(old, new, data.draw(st.integers(1, 3))))
    elif kind == "remove":
        file.unlink()
    elif kind == "move":
        file.rename(file.with_name(data.draw(st.sampled_from(["2026-11-zoe.yml", "Notes.yml"]))))
    elif kind == "add":
        name = data.draw(st.sampled_from([".x.yml", "customer.yml", "a.txt"]))
        file.with_name(name).write_text("a")
    elif not (folder / "copy").exists():
        shutil.copytree(folder / "acme", folder / "copy")


def test_the_command_uses_the_cache_unless_told_not_to(
    sample_repository: Path, read: Read, punchcard: RunPunchcard
) -> None:
    arguments = ("check", "--as-of", AS_OF, "--format", "json", "--jobs", "1")
    first = punchcard(sample_repository, *arguments)
    read.clear()
    assert punchcard(sample_repository, *arguments) == first
    assert read == []
    assert punchcard(sample_repository, *arguments, "--no-cache") == first
    assert sorted(read) == CUSTOMERS
