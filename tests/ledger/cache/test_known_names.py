"""Names that were seen before are not read again, and none that changed is taken for them."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.cache import known_names
from ledger.cache.folder_ids import FolderIds, list_work_tree_ids
from ledger.cache.folder_times import tells_of_changes
from ledger.cache.kept_files import KeptFiles
from ledger.cache.known_names import KnownNames
from ledger.git_process import RunningGit
from ledger.git_repository import GitRepository
from tests.conftest import commit_all, git, start_repository, write_files
from tests.ledger.cache.test_folder_ids import (
    ACME,
    EDITS,
    FILES,
    ODD_EDITS,
    append,
    edit_anything,
    list_as_git_would,
)

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
    assert found.touched >= expected.touched
    # What was added to the index alone, and is gone, differs from the index, not from the commit.
    more = found.touched - expected.touched
    assert not any(os.path.lexists(root / "customers" / path) for path in more)
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
    "data",
    [
        [],
        {"acme": [0, "", {}]},
        *(
            {"customers": {"acme": names}, "listing": ["INDEX", "", {}]}
            for names in (None, [1, 2, 3], [0, "", {}], [1, "", []])
        ),
    ],
)
def test_what_is_of_another_form_is_not_known(root: Path, reads: Reads, data: object) -> None:
    list_ids(root)
    (kept,) = (root.parent / "cache").iterdir()
    with GitRepository.open_around(root) as repository:
        known = json.dumps(data).replace("INDEX", repository.identify_index())
    KeptFiles(kept.parent).write(kept.stem, json.loads(known))
    reads.take()
    assert_is_as_without(root)
    assert reads.take() == KNOWN


class Questions:
    """What Git was asked about its index."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[str] = []
        start = RunningGit.__init__

        def note(running: RunningGit, folder: Path, command: Sequence[str], *more: Any) -> None:
            self.asked += [" ".join(command)]
            start(running, folder, command, *more)

        monkeypatch.setattr(RunningGit, "__init__", note)

    def take(self) -> list[str]:
        """Return the names of the questions: the listing, the files' state, the index's."""
        asked, self.asked = self.asked, []
        names = {
            "listing": "ls-files -z -v --cached",
            "unstaged": "diff-files",
            "staged": "diff-index --cached",
            "differing": "diff-index -z",
        }
        return sorted(name for name, words in names.items() if any(words in each for each in asked))


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> Questions:
    return Questions(monkeypatch)


def test_of_an_index_that_is_known_git_is_not_asked_again(root: Path, questions: Questions) -> None:
    list_ids(root)
    assert questions.take() == ["listing", "staged", "unstaged"]
    found = list_ids(root)
    assert questions.take() == ["unstaged"]
    assert found is not None
    assert found.listing is not None
    assert [*found.listing.list_names(["provider.yml"])] == ["provider.yml"]
    assert questions.take() == []
    assert len([*found.listing.list_names()]) == len(FILES) - 1
    assert questions.take() == ["listing"]


def test_in_another_index_all_is_looked_up_again(root: Path, questions: Questions) -> None:
    list_ids(root)
    append(root)
    questions.take()
    list_ids(root)
    # A customer that may differ is listed, but that the index is that of the commit is known.
    assert questions.take() == ["listing", "unstaged"]
    git(root, "add", "--all")
    for _ in range(2):
        found = list_ids(root)
        assert found is not None
        assert found.touched == {"acme/customer.yml"}
        assert questions.take() == ["listing", "staged", "unstaged"]
    git(root, "commit", "--quiet", "--message", "x")
    list_ids(root)
    questions.take()
    list_ids(root)
    assert questions.take() == ["unstaged"]


def test_of_another_commit_only_what_is_staged_is_asked(root: Path, questions: Questions) -> None:
    append(root)
    git(root, "commit", "--quiet", "--all", "--message", "x")
    list_ids(root)
    git(root, "reset", "--quiet", "--soft", "HEAD~")
    questions.take()
    found = list_ids(root)
    assert "staged" in questions.take()
    assert found is not None
    assert found.touched == {"acme/customer.yml"}
    assert_is_as_without(root)


def test_an_index_that_changes_meanwhile_is_not_trusted(
    root: Path, questions: Questions, monkeypatch: pytest.MonkeyPatch
) -> None:
    list_ids(root)
    append(root)
    identify = GitRepository.identify_index
    calls: list[None] = []

    def identify_and_stage(repository: GitRepository) -> str:
        calls.append(None)
        if len(calls) == 2:
            git(root, "add", "--all")
        return identify(repository)

    monkeypatch.setattr(GitRepository, "identify_index", identify_and_stage)
    found = list_ids(root)
    assert questions.take()[0] == "differing"
    assert found is not None
    assert found.touched == {"acme/customer.yml"}
    monkeypatch.setattr(GitRepository, "identify_index", identify)
    assert list_ids(root) is not None
    assert questions.take() == ["listing", "staged", "unstaged"]


def test_an_index_without_a_checksum_is_never_known(root: Path, questions: Questions) -> None:
    index = root / ".git/index"
    content = index.read_bytes()
    with GitRepository.open_around(root) as repository:
        assert repository.identify_index()
        index.write_bytes(content[:-20] + bytes(20))
        assert not repository.identify_index()
        index.write_bytes(b"DIRC")
        assert not repository.identify_index()
        index.unlink()
        assert not repository.identify_index()
    questions.take()
    found = list_ids(root)
    assert questions.take() == ["differing", "listing"]
    assert found is not None
    assert "acme/customer.yml" in found.touched


@pytest.mark.parametrize("option", ["--assume-unchanged", "--skip-worktree"])
def test_an_index_in_which_git_does_not_look_at_all_is_never_known(
    root: Path, questions: Questions, option: str
) -> None:
    list_ids(root)
    git(root, "update-index", option, ACME)
    for _ in range(2):
        questions.take()
        list_ids(root)
        assert "listing" in questions.take()
    append(root)
    assert_is_as_without(root)


@pytest.mark.parametrize("setting", ["core.sparseCheckout", "sparse.expectFilesOutsideOfPatterns"])
def test_where_git_looks_at_what_is_there_after_all_it_is_not_relied_upon(
    root: Path, setting: str
) -> None:
    git(root, "config", "core.sparseCheckout", "true")
    git(root, "update-index", "--skip-worktree", ACME)
    for _ in range(2):
        list_ids(root)
    if setting == "core.sparseCheckout":
        (root / ACME).unlink()
    else:
        append(root)
        git(root, "config", setting, "true")
    assert git(root, "diff-files") == ""
    found = list_ids(root)
    assert found is not None
    assert found.touched == {"acme/customer.yml"}
    assert found.customers["acme"] == list_as_git_would(root)["acme"]


def test_an_index_with_attributes_is_never_known(root: Path, questions: Questions) -> None:
    commit_all(write_files(root, {"customers/acme/.gitattributes": "*.txt text\n"}))
    for _ in range(2):
        questions.take()
        found = list_ids(root)
        assert "listing" in questions.take()
        assert found is not None
        assert "birch/customer.yml" in found.touched


def test_an_index_with_open_conflicts_is_never_known(root: Path, questions: Questions) -> None:
    git(root, "checkout", "--quiet", "-b", "other")
    (root / ACME).write_text("name: One\n")
    git(root, "commit", "--quiet", "--all", "--message", "x")
    git(root, "checkout", "--quiet", "main")
    (root / ACME).write_text("name: Other\n")
    git(root, "commit", "--quiet", "--all", "--message", "y")
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "merge", "other")
    for _ in range(2):
        questions.take()
        found = list_ids(root)
        assert "listing" in questions.take()
        assert found is not None
        assert found.touched == {"acme/customer.yml"}
    assert_is_as_without(root)


def spoil_commit(listing: list[Any]) -> None:
    listing[1] = 1


def spoil_index(listing: list[Any]) -> None:
    listing[0] = [listing[0]]


def spoil_name(listing: list[Any]) -> None:
    listing[2]["terms.yml"] = [1]


def spoil_places(listing: list[Any]) -> None:
    listing[2] = [*listing[2]]


@pytest.mark.parametrize("spoil", [spoil_commit, spoil_index, spoil_name, spoil_places, list.pop])
def test_a_listing_of_another_form_is_not_known(
    root: Path, questions: Questions, spoil: Callable[[list[Any]], object]
) -> None:
    list_ids(root)
    (kept,) = (root.parent / "cache").iterdir()
    files = KeptFiles(kept.parent)
    data = files.read(kept.stem)
    spoil(data["listing"])
    files.write(kept.stem, data)
    questions.take()
    list_ids(root)
    assert questions.take() == ["listing", "staged", "unstaged"]
    list_ids(root)
    assert questions.take() == ["unstaged"]


def test_whose_names_were_read_again_does_not_push_others_out(root: Path, reads: Reads) -> None:
    list_ids(root)
    place = root / "customers/acme/new.yml"
    place.touch()
    place.unlink()
    reads.take()
    list_ids(root)
    assert reads.take() == {"acme"}
    list_ids(root)
    assert reads.take() == set()


def test_a_linked_work_tree_has_an_index_of_its_own(root: Path, questions: Questions) -> None:
    linked = root.parent / "linked"
    git(root, "worktree", "add", "--quiet", str(linked))
    for place in (root, linked):
        list_ids(place)
        questions.take()
        list_ids(place)
        assert questions.take() == ["unstaged"]
    append(root)
    git(root, "add", "--all")
    for place, touched in ((root, {"acme/customer.yml"}), (linked, set())):
        found = list_ids(place)
        assert found is not None
        assert found.touched == touched


def test_who_left_is_forgotten(root: Path) -> None:
    list_ids(root)
    shutil.rmtree(root / "customers/birch")
    write_files(root, {"customers/acme/time/2026-12-ben.yml": "- id: 2\n"})
    commit_all(root)
    list_ids(root)
    (kept,) = (root.parent / "cache").iterdir()
    assert KeptFiles(kept.parent).read(kept.stem)["customers"].keys() == {"acme", "birch-2"}


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
