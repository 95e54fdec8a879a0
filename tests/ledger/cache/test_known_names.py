"""Names that were seen before are not read again, and none that changed is taken for them."""

from __future__ import annotations

import os
import random
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.cache import known_names
from ledger.cache.folder_ids import FolderIds, list_work_tree_ids
from ledger.cache.folder_times import tells_of_changes
from ledger.cache.kept_files import KeptFiles
from ledger.cache.known_names import KnownNames
from ledger.git_repository import GitRepository
from tests.conftest import commit_all, git, start_repository, write_files
from tests.ledger.cache.test_folder_ids import EDITS, FILES, ODD_EDITS, edit_anything

LATER_NS = 3600 * 10**9
KNOWN = {"acme", "birch", "birch-2"}


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    # Tests may lie on layers or on an image; nobody exchanges those beneath them.
    monkeypatch.setattr(known_names, "tells_of_changes", lambda _device: True)
    return commit_all(write_files(start_repository(tmp_path / "ledger"), FILES))


class Reads:
    """Of which customers names were read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.slugs: list[str] = []
        see = KnownNames.see

        def note(known: KnownNames, slug: str, folder: str) -> None:
            self.slugs.append(slug)
            see(known, slug, folder)

        monkeypatch.setattr(KnownNames, "see", note)

    def take(self) -> set[str]:
        taken = {*self.slugs}
        self.slugs.clear()
        return taken


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> Reads:
    return Reads(monkeypatch)


def list_ids(root: Path, *, knows: bool = True, later_ns: int = LATER_NS) -> FolderIds | None:
    known = None
    if knows:
        files = KeptFiles(root.parent / "cache")
        known = KnownNames(files, root / "customers", time.time_ns() + later_ns)
    with GitRepository.open_around(root) as repository:
        return list_work_tree_ids(repository, "customers/", known)


def assert_is_as_without(root: Path) -> None:
    found, expected = list_ids(root), list_ids(root, knows=False)
    assert found is not None
    assert expected is not None
    assert found.customers == expected.customers
    assert found.touched == expected.touched
    assert found.has_only_known == expected.has_only_known
    assert found.listing is not None
    assert expected.listing is not None
    assert {*found.listing.list_names()} == {*expected.listing.list_names()}


def test_names_are_read_once(root: Path, reads: Reads) -> None:
    list_ids(root)
    assert reads.take() == KNOWN
    list_ids(root)
    assert reads.take() == set()


def test_only_where_a_name_was_added_they_are_read_again(root: Path, reads: Reads) -> None:
    list_ids(root)
    write_files(root, {"customers/acme/time/2026-12-ben.yml": "- id: 2\n"})
    commit_all(root)
    reads.take()
    list_ids(root)
    assert reads.take() == {"acme"}
    list_ids(root)
    assert reads.take() == set()


def test_what_was_changed_just_now_is_not_kept(root: Path, reads: Reads) -> None:
    os.utime(root / "customers/birch", (1, 1))  # The time of its last change cannot be set.
    list_ids(root, later_ns=-60 * 10**9)
    reads.take()
    list_ids(root)
    assert reads.take() == KNOWN


def test_a_change_whose_time_was_set_back_is_seen(root: Path, reads: Reads) -> None:
    place = root / "customers/acme/time"
    before = place.stat()
    list_ids(root)
    write_files(place, {"new.yml": "- id: 2\n"})
    os.utime(place, ns=(before.st_atime_ns, before.st_mtime_ns))
    reads.take()
    assert_is_as_without(root)
    assert reads.take() == {"acme"}


def test_another_folder_of_the_same_times_is_read(root: Path, reads: Reads) -> None:
    place = root / "customers/acme"
    list_ids(root)
    place.rename(root / "elsewhere")
    shutil.copytree(root / "elsewhere", place)
    reads.take()
    assert_is_as_without(root)
    assert reads.take() == {"acme"}


@pytest.mark.parametrize("edit", [*EDITS, *ODD_EDITS])
def test_after_an_edit_all_is_as_without_what_was_known(
    root: Path, edit: Callable[[Path], None]
) -> None:
    list_ids(root)
    edit(root)
    assert_is_as_without(root)
    assert_is_as_without(root)
    git(root, "reset", "--quiet", "--hard")
    assert_is_as_without(root)


@pytest.mark.parametrize("seed", range(12))
def test_after_any_edits_all_is_as_without_what_was_known(root: Path, seed: int) -> None:
    chosen = random.Random(seed)
    list_ids(root)
    for _ in range(6):
        edit_anything(root, chosen)
        assert_is_as_without(root)


def test_a_name_that_git_forgot_is_new(root: Path) -> None:
    list_ids(root)
    git(root, "rm", "--quiet", "--cached", "customers/acme/customer.yml")
    git(root, "commit", "--quiet", "--message", "x")
    assert_is_as_without(root)
    found = list_ids(root)
    assert found is not None
    assert found.touched == {"acme/customer.yml"}


@pytest.mark.parametrize(
    "data", [[], {"acme": None}, {"acme": [1, 2, 3]}, {"acme": [0, "", {}]}, {"acme": [1, "", []]}]
)
def test_what_is_of_another_form_is_not_known(root: Path, reads: Reads, data: object) -> None:
    list_ids(root)
    (kept,) = (root.parent / "cache").iterdir()
    KeptFiles(kept.parent).write(kept.stem, data)
    reads.take()
    assert_is_as_without(root)
    assert reads.take() == KNOWN


def test_who_left_is_forgotten(root: Path) -> None:
    list_ids(root)
    shutil.rmtree(root / "customers/birch")
    write_files(root, {"customers/acme/time/2026-12-ben.yml": "- id: 2\n"})
    commit_all(root)
    list_ids(root)
    (kept,) = (root.parent / "cache").iterdir()
    assert KeptFiles(kept.parent).read(kept.stem).keys() == {"acme", "birch-2"}


def test_where_times_may_not_tell_nothing_is_known(
    root: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_names, "tells_of_changes", lambda _device: False)
    for _ in range(2):
        list_ids(root)
        assert reads.take() == KNOWN
    assert not (root.parent / "cache").exists()
    assert_is_as_without(root)


def test_what_is_mounted_further_down_is_read_each_time(
    root: Path, reads: Reads, monkeypatch: pytest.MonkeyPatch
) -> None:
    device = (root / "customers").lstat().st_dev
    lstat = os.lstat

    def mount(path: str, **options: Any) -> object:
        status = lstat(path, **options)
        if not str(path).endswith("customers/acme/time"):
            return status
        return SimpleNamespace(
            st_dev=device + 1,
            st_ino=status.st_ino,
            st_ctime_ns=status.st_ctime_ns,
            st_mtime_ns=status.st_mtime_ns,
        )

    monkeypatch.setattr(os, "lstat", mount)
    for _ in range(2):
        reads.take()
        list_ids(root)
    assert reads.take() == {"acme"}


MOUNTS = rb"""22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw,discard
31 27 0:33 / /home/share rw shared:2 master:1 - nfs4 server:/home rw
32 27 8:1 / /home/share/fast rw - xfs /dev/vdb rw
33 27 0:35 / /with\040space
and-return rw - fuse.sshfs host:/ rw
36 27 0:36 / /layers rw - overlay overlay rw,lowerdir=/a,upperdir=/b
37 27 0:37 / /tmp rw - tmpfs tmpfs rw
a line of another form

"""


@pytest.mark.parametrize(
    ("major", "minor", "tells"),
    [
        (254, 0, True),
        (8, 1, True),
        (0, 37, True),
        (0, 33, False),
        (0, 35, False),
        (0, 36, False),
        (8, 2, False),
        (0, 0, False),
    ],
)
def test_a_file_system_is_known_by_its_device(
    tmp_path: Path, major: int, minor: int, *, tells: bool
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_bytes(MOUNTS)
    assert tells_of_changes(os.makedev(major, minor), mounts) is tells


def test_where_mounts_are_not_known_nothing_is(tmp_path: Path) -> None:
    assert not tells_of_changes(os.makedev(254, 0), tmp_path / "mountinfo")
