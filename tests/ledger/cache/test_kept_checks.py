"""A check that uses the cache says what one without says, whatever was checked before."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.cache.kept_checks import KeptChecks
from ledger.cache.kept_files import KeptFiles
from ledger.check import CheckReport, check_ledger
from ledger.kept_results import open_kept_checks
from ledger.loader import open_ledger
from tests.conftest import SAMPLE_LEDGER, RunPunchcard, commit_all, git, start_repository

AS_OF = date(2026, 11, 20)
SAMPLE_FILES = sorted(SAMPLE_LEDGER.rglob("*.yml"))
PATHS = [file.relative_to(SAMPLE_LEDGER).as_posix() for file in SAMPLE_FILES]
CHANGES = [
    ("minutes: 30", "minutes: 20"),
    ("minutes: 60", "minutes: 600"),
    ("date: 2026-1", "date: 2027-1"),
    ("2026", "2025"),
    ("alice", "alicia"),
    ("- id:", "- idd:"),
    ("note: ", "note: !"),
    ("punchcards: 2", "punchcards: 1"),
    ("key: ", "key: X"),
    ("effective: 2026", "effective: 2027"),
    ("until:", "until: 2026-12-31 #"),
]

LATER_NS = time.time_ns() + 3600 * 10**9
"""Late enough for all names that are seen to be kept."""


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample ledger, committed; a test that changes it puts everything back."""
    root = tmp_path_factory.mktemp("kept") / "ledger"
    with pytest.MonkeyPatch.context() as patch:
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Alice")
            patch.setenv(f"GIT_{role}_EMAIL", "alice@example.com")
        shutil.copytree(SAMPLE_LEDGER, root / "customers")
        return commit_all(start_repository(root))


@pytest.fixture
def clean_root(shared_root: Path) -> Iterator[Path]:
    yield shared_root
    restore(shared_root)


def restore(root: Path) -> None:
    git(root, "reset", "--quiet", "--hard")
    git(root, "clean", "--quiet", "-d", "--force", "-x")


def check(
    root: Path, as_of: date = AS_OF, cache: Path | None = None, revision: str | None = None
) -> CheckReport:
    with open_ledger(root, revision) as ledger:
        kept = None if cache is None else open_kept_checks(ledger, cache, LATER_NS)
        return check_ledger(ledger, as_of, kept=kept)


def count_reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list to which every customer is added that is read from now on."""
    from ledger import customer_check

    read: list[str] = []
    right = customer_check.check_customer

    def check_customer(*arguments: object, **options: object) -> object:
        read.append(str(arguments[1]))
        return right(*arguments, **options)  # type: ignore[arg-type]  # passed on as they come

    monkeypatch.setattr(customer_check, "check_customer", check_customer)
    return read


def find_cache_file(cache: Path) -> Path:
    (file,) = (cache / "checks").iterdir()
    return file


def test_what_was_checked_is_not_read_again(
    clean_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = check(clean_root, cache=tmp_path)
    read = count_reads(monkeypatch)
    assert check(clean_root, cache=tmp_path) == first == check(clean_root)
    read.clear()
    assert check(clean_root, cache=tmp_path, revision="HEAD") == first
    assert read == []


def test_one_changed_file_makes_one_customer_read(
    clean_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(clean_root, cache=tmp_path)
    file = clean_root / "customers/acme/time/2026-11-alice.yml"
    file.write_text(file.read_text().replace("minutes: ", "minutes: 1"))
    expected = check(clean_root)
    read = count_reads(monkeypatch)
    assert check(clean_root, cache=tmp_path) == expected
    assert read == ["acme"]


def test_tomorrow_most_is_known_from_today(
    clean_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    check(clean_root, cache=tmp_path)
    expected = check(clean_root, AS_OF + timedelta(days=1))
    read = count_reads(monkeypatch)
    assert check(clean_root, AS_OF + timedelta(days=1), tmp_path) == expected
    assert len(read) <= 2


@settings(max_examples=15)
@given(st.data())
def test_after_random_edits_and_days_it_says_what_a_check_from_nothing_says(
    shared_root: Path, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    cache = tmp_path_factory.getbasetemp() / "one-cache-for-all-examples"
    try:
        for _ in range(data.draw(st.integers(0, 3))):
            edit(shared_root / "customers", data)
        first = AS_OF + timedelta(days=data.draw(st.integers(-500, 400)))
        for days in (0, *data.draw(st.lists(st.integers(0, 60), max_size=2))):
            as_of = first + timedelta(days=days)
            assert check(shared_root, as_of, cache) == check(shared_root, as_of)
    finally:
        restore(shared_root)


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
        file.with_name(data.draw(st.sampled_from([".x.yml", "customer.yml", "a.txt"]))).write_text(
            "a"
        )
    elif not (folder / "copy").exists():
        shutil.copytree(folder / data.draw(st.sampled_from(["acme"])), folder / "copy")


def test_a_second_customer_with_the_same_key_is_found_though_both_are_known(
    clean_root: Path, tmp_path: Path
) -> None:
    shutil.copytree(clean_root / "customers/acme", clean_root / "customers/zebra")
    expected = check(clean_root)
    assert any(problem.rule == "unique-id" for problem in expected.problems)
    for _ in range(2):
        assert check(clean_root, cache=tmp_path) == expected


def cut_off(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-10])


def turn_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def fill_with_another_form(file: Path) -> None:
    rewrite(file, [1, 2])


def nest_deeply(file: Path) -> None:
    file.write_bytes(b"[" * 200_000)


def put_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def poison_customers(file: Path) -> None:
    data = json.loads(file.read_bytes().partition(b"\n")[2])
    for entries in data["customers"].values():
        entries[0][3:] = [["key"], "many", None, [["rule", {}]]]
    data["organization"] = [1, 2, 3, [[]]]
    rewrite(file, data)


def poison_types(file: Path) -> None:
    data = json.loads(file.read_bytes().partition(b"\n")[2])
    data["customers"] = {slug: [None, 3, "x", {}] for slug in data["customers"]}
    rewrite(file, data)


def rewrite(file: Path, data: object) -> None:
    """Write data with a right digest, as somebody could who wants to do harm."""
    KeptFiles(file.parent).write(file.stem, data)


@pytest.mark.parametrize(
    "damage",
    [
        cut_off,
        turn_a_bit,
        empty,
        fill_with_another_form,
        nest_deeply,
        put_folder,
        poison_customers,
        poison_types,
    ],
)
def test_a_damaged_or_foreign_cache_is_a_miss(
    clean_root: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    expected = check(clean_root, cache=tmp_path)
    damage(find_cache_file(tmp_path))
    assert check(clean_root, cache=tmp_path) == expected
    assert check(clean_root, cache=tmp_path) == expected


def test_a_file_of_another_organization_is_not_taken_for_this_one(
    clean_root: Path, tmp_path: Path
) -> None:
    expected = check(clean_root, cache=tmp_path)
    file = find_cache_file(tmp_path)
    other = file.with_name(f"{'0' * 40}.kept")
    file.rename(other)
    assert KeptFiles(other.parent).read("0" * 40) is None
    assert check(clean_root, cache=tmp_path) == expected


@pytest.mark.parametrize("name", ["provider.yml", "terms.yml", "consultants.yml"])
def test_an_organization_s_file_that_git_ignores_by_now_counts_no_more(
    clean_root: Path, tmp_path: Path, name: str
) -> None:
    check(clean_root, cache=tmp_path)
    git(clean_root, "rm", "--quiet", "--cached", f"customers/{name}")
    (clean_root / ".gitignore").write_text(f"{name}\n")
    assert (clean_root / "customers" / name).exists()
    assert check(clean_root, cache=tmp_path) == check(clean_root)


def test_a_cache_that_cannot_be_written_is_done_without(clean_root: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    assert check(clean_root, cache=tmp_path / "file") == check(clean_root)


def test_of_a_customer_only_the_newest_results_are_kept(clean_root: Path, tmp_path: Path) -> None:
    for number in range(7):
        check(clean_root, AS_OF - timedelta(days=90 * number), tmp_path)
    data = json.loads(find_cache_file(tmp_path).read_bytes().partition(b"\n")[2])
    assert {len(entries) for entries in data["customers"].values()} <= {1, 2, 3, 4}


def test_files_of_no_use_make_room_for_newer_ones(tmp_path: Path) -> None:
    files = KeptFiles(tmp_path, limit_bytes=3000)
    for number in range(10):
        files.write(f"file-{number}", "x" * 700)
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 3000
    assert files.read("file-9") == "x" * 700
    assert files.read("file-0") is None


def write_results(folder: Path, start: int) -> None:
    for number in range(start, start + 20):
        kept = KeptChecks(KeptFiles(folder), "shared")
        random.seed(number)
        with open_ledger(SAMPLE_LEDGER) as ledger:
            from ledger.customer_check import check_customer

            result = check_customer(ledger, "acme", AS_OF, includes_future=True, hash_name="sha1")
        kept.add(result._replace(slug=f"customer-{number}"), AS_OF)
        kept.save()


def test_processes_that_save_at_once_leave_a_whole_file(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [
        context.Process(target=write_results, args=(tmp_path, start)) for start in (0, 100, 200)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
        assert worker.exitcode == 0
    data = KeptFiles(tmp_path).read("shared")
    assert set(data["customers"]) & {"customer-19", "customer-119", "customer-219"}
    assert [file.name for file in tmp_path.iterdir()] == ["shared.kept"]


def test_a_check_on_several_processes_finds_the_same(clean_root: Path) -> None:
    file = clean_root / "customers/acme/purchases.yml"
    file.write_text(file.read_text().replace("amount: ", "amount: 1"))
    with open_ledger(clean_root) as ledger:
        assert check_ledger(ledger, AS_OF, jobs=2) == check(clean_root)


def test_the_command_keeps_and_uses_what_it_found(
    clean_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, punchcard: RunPunchcard
) -> None:
    monkeypatch.setenv("PUNCHCARD_CACHE_DIR", str(tmp_path / "cache"))
    arguments = ("check", "--as-of", AS_OF, "--format", "json")
    first = punchcard(clean_root, *arguments)
    read = count_reads(monkeypatch)
    assert punchcard(clean_root, *arguments) == first
    assert read == []
    assert punchcard(clean_root, *arguments, "--no-cache", "--jobs", 1) == first
    assert len(read) == len(list((clean_root / "customers").glob("*/")))


def test_a_check_that_knows_all_loads_neither_pydantic_nor_a_yaml_parser(
    clean_root: Path,
) -> None:
    customer = clean_root / "customers/acme/customer.yml"
    customer.write_text(re.sub("name: .*", "name: '«Acme»'", customer.read_text(), count=1))
    assert _list_loaded(clean_root, "check", "--no-since", "--jobs", "1") == ["pydantic", "yaml"]
    assert _list_loaded(clean_root, "check", "--no-since", "--jobs", "1") == []


@pytest.mark.parametrize(
    "arguments",
    [["check", "--no-cache", "--jobs", "1"], ["balance"], ["statement", "acme"], ["expiries"]],
    ids=" ".join,
)
def test_plain_files_need_neither_pydantic_nor_a_yaml_parser(
    clean_root: Path, arguments: list[str]
) -> None:
    assert _list_loaded(clean_root, *arguments) == []


def _list_loaded(folder: Path, *arguments: str) -> list[str]:
    """Return which of the heavy libraries a command loads that finds nothing wrong."""
    code = (
        "import sys; from site_builder.punchcard import run; "
        "status = run(sys.argv[1:]); "
        "print(status, *sorted({'pydantic', 'yaml', 'mkdocs'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(SAMPLE_LEDGER.parent)},
        check=True,
        capture_output=True,
        text=True,
    )
    status, *loaded = done.stdout.splitlines()[-1].split()
    assert status == "0"
    return loaded
