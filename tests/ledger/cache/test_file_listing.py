"""What Git lists is found by its place, and a folder's names are held against it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from ledger.cache.file_listing import FileListing
from ledger.cache.tracked_files import TrackedFiles
from ledger.cache.work_tree_names import WorkTreeNames
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


def list_files(root: Path, *options: str, prefix: str = "customers/") -> bytes:
    command = ["git", "ls-files", "-z", "-v", *options, "--", f":(top,literal){prefix}"]
    return subprocess.run(command, cwd=root, check=True, capture_output=True).stdout


def make_tracked(root: Path, prefix: str = "customers/") -> TrackedFiles:
    return TrackedFiles(prefix, lambda: list_files(root, prefix=prefix))


def make_listing(root: Path) -> FileListing:
    return FileListing(make_tracked(root))


def find_others(root: Path, prefix: str = "customers/") -> list[str]:
    return WorkTreeNames(make_tracked(root, prefix), root).find_others()


def test_what_is_as_listed_is_seen_at_once(root: Path) -> None:
    assert find_others(root) == []
    (root / "customers/b").rename(root / os.fsdecode(b"customers/\xff"))
    commit_all(root)
    assert find_others(root) == []


def test_the_root_of_a_repository_is_a_ledger_too(tmp_path: Path) -> None:
    root = commit_all(write_files(start_repository(tmp_path / "top"), dict.fromkeys(NAMES, "x")))
    tracked = make_tracked(root, "")
    assert WorkTreeNames(tracked, root).find_others() == []
    git(root, "worktree", "add", "--quiet", "../linked")
    assert (root / "../linked/.git").is_file()
    assert WorkTreeNames(tracked, root / "../linked").find_others() == []


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
    assert find_others(root) == [place]


def test_an_unlisted_folder_is_another_name(root: Path) -> None:
    (root / "customers/a/time/empty").mkdir()
    (root / "customers/zebra").mkdir()
    assert find_others(root) == ["a", "zebra"]


def test_what_is_not_there_any_more_is_told_from_what_is_as_listed(root: Path) -> None:
    for name in ("a-b", "b"):
        shutil.rmtree(root / "customers" / name)
    assert find_others(root) == []
    (root / "customers/a/time.yml").unlink()
    assert find_others(root) == ["a"]


@pytest.mark.parametrize("option", ["--assume-unchanged", "--skip-worktree"])
def test_what_git_does_not_look_at_is_never_as_listed(root: Path, option: str) -> None:
    git(root, "update-index", option, "customers/a/time/2026-11-alice.yml")
    assert find_others(root) == ["a"]
    listing = make_listing(root)
    assert listing.unsure == ("a/time/2026-11-alice.yml",)


def test_a_link_is_no_folder(root: Path) -> None:
    (root / "customers/a/time-2").rename(root / "elsewhere")
    (root / "customers/a/time-2").symlink_to(root / "elsewhere")
    assert find_others(root) == ["a"]


def test_names_are_found_by_entry(root: Path) -> None:
    listing = make_listing(root)
    assert listing.unsure == ()
    assert sorted(listing.list_names()) == sorted(NAMES)
    assert [*listing.list_names(["a"])] == sorted(name for name in NAMES if name[:2] == "a/")
    assert [*listing.list_names(["provider.yml", "nobody"])] == ["provider.yml"]
    many = [*"abcdefghijk", "a0"]
    assert {*listing.list_names(many)} == {n for n in NAMES if n.partition("/")[0] in many}


def test_hidden_new_files_are_left_out(root: Path) -> None:
    write_files(root, {"customers/a/.x.swp": "x", "customers/.y/z.yml": "x", "customers/c/x": "x"})
    listing = make_listing(root).add(list_files(root, "--others"))
    assert listing.unsure == ("c/x",)
    assert [*listing.list_names(["c"])] == ["c/x"]
    assert {*listing.list_names()} == {*NAMES, "c/x"}


def test_a_folder_that_cannot_be_listed_is_an_error(root: Path) -> None:
    names = WorkTreeNames(make_tracked(root), root)
    shutil.rmtree(root / "customers")
    with pytest.raises(OSError, match="customers"):
        names.find_others()
