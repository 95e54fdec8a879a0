"""A folder's names are held against Git's listing: what is the same is seen without asking Git."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.cache.file_listing import FileListing, OtherNames
from tests.conftest import commit_all, git, start_repository, write_files

# Names whose order changes with the `/` after a folder's.
NAMES = (
    "provider.yml",
    "a/customer.yml",
    "a/time/2026-11-alice.yml",
    "a/time.yml",
    "a/time-2/x.yml",
    "a-b/customer.yml",
    "a.b/customer.yml",
    "a0/deep/er/and/deeper.yml",
    "a0/deep/er.yml",
    "b/ customers/a/time.yml",
    "b/two\nlines.yml",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    files = {f"customers/{name}": "x" for name in NAMES}
    return commit_all(write_files(start_repository(tmp_path / "ledger"), files))


def list_files(root: Path, *options: str, prefix: str = "customers/") -> FileListing:
    command = ["git", "ls-files", "-z", "-v", *options, "--", f":(top,literal){prefix}"]
    done = subprocess.run(command, cwd=root, check=True, capture_output=True)
    return FileListing(done.stdout, prefix)


def test_what_is_as_listed_is_seen_at_once(root: Path) -> None:
    assert list_files(root).compare(root) == OtherNames([], is_none=True)
    (root / "customers/b").rename(root / os.fsdecode(b"customers/\xff"))
    commit_all(root)
    assert list_files(root).compare(root) == OtherNames([], is_none=True)


def test_the_root_of_a_repository_is_a_ledger_too(tmp_path: Path) -> None:
    root = commit_all(write_files(start_repository(tmp_path / "top"), dict.fromkeys(NAMES, "x")))
    done = subprocess.run(
        ["git", "ls-files", "-z", "-v"], cwd=root, check=True, capture_output=True
    )
    assert FileListing(done.stdout, "").compare(root) == OtherNames([], is_none=True)
    git(root, "worktree", "add", "--quiet", "../linked")
    assert (root / "../linked/.git").is_file()
    assert FileListing(done.stdout, "").compare(root / "../linked").is_none


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("a/new.yml", "a"),
        ("a/time/new.yml", "a"),
        ("a/time-2/.hidden", "a"),
        ("a-", "a-"),
        ("a0/deep/er/and/x/y.yml", "a0"),
        ("zebra/customer.yml", "zebra"),
        ("0.yml", "0.yml"),
    ],
)
def test_another_name_is_found_and_no_other_place_suspected(
    root: Path, name: str, place: str
) -> None:
    write_files(root, {f"customers/{name}": "x"})
    assert list_files(root).compare(root) == OtherNames([place])


def test_an_unlisted_folder_is_another_name(root: Path) -> None:
    (root / "customers/a/time/empty").mkdir()
    (root / "customers/zebra").mkdir()
    assert list_files(root).compare(root) == OtherNames(["a", "zebra"])


def test_what_is_not_there_any_more_is_told_from_what_is_as_listed(root: Path) -> None:
    for name in ("a-b", "b"):
        shutil.rmtree(root / "customers" / name)
    assert list_files(root).compare(root) == OtherNames([])
    (root / "customers/a/time.yml").unlink()
    assert list_files(root).compare(root) == OtherNames(["a"])


@pytest.mark.parametrize("option", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_does_not_look_at_is_never_as_listed(root: Path, option: str) -> None:
    git(root, "update-index", option, "customers/a/time/2026-11-alice.yml")
    listing = list_files(root)
    assert listing.compare(root) == OtherNames(["a"])
    assert listing.unsure == ("a/time/2026-11-alice.yml",)


def test_a_link_is_no_folder(root: Path) -> None:
    (root / "customers/a/time-2").rename(root / "elsewhere")
    (root / "customers/a/time-2").symlink_to(root / "elsewhere")
    assert list_files(root).compare(root) == OtherNames(["a"])


def test_names_are_found_by_entry(root: Path) -> None:
    listing = list_files(root)
    assert sorted(listing.list_names()) == sorted(NAMES)
    assert [*listing.list_names(["a"])] == sorted(name for name in NAMES if name[:2] == "a/")
    assert [*listing.list_names(["provider.yml", "nobody"])] == ["provider.yml"]
    many = [*"abcdefghijk", "a0"]
    assert {*listing.list_names(many)} == {n for n in NAMES if n.partition("/")[0] in many}


def test_hidden_new_files_are_left_out(root: Path) -> None:
    write_files(root, {"customers/a/.x.swp": "x", "customers/.y/z.yml": "x", "customers/c/x": "x"})
    assert list_files(root, "--others").unsure == ("c/x",)


def test_a_folder_that_cannot_be_listed_is_an_error(root: Path) -> None:
    listing = list_files(root)
    shutil.rmtree(root / "customers")
    with pytest.raises(OSError, match="customers"):
        listing.compare(root)
