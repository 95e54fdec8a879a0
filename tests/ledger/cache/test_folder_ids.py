"""The ids of folders are those that Git would give, whatever is in the work tree."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from ledger.cache.folder_ids import FolderIds, list_commit_ids, list_work_tree_ids
from ledger.git_repository import GitRepository
from tests.conftest import commit_all, git, start_repository, write_files

FILES = {
    "customers/provider.yml": "name: Example\n",
    "customers/acme/customer.yml": "name: Acme\n",
    "customers/acme/time/2026-11-alice.yml": "- id: 1\n",
    "customers/acme/requests/ACME-1.yml": "title: One\n",
    "customers/birch/customer.yml": "name: Birch\n",
    "customers/birch-2/customer.yml": "name: Birch 2\n",
    "README.md": "A ledger.\n",
}
ACME = "customers/acme/customer.yml"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return commit_all(write_files(start_repository(tmp_path / "ledger"), FILES))


def list_ids(root: Path) -> FolderIds:
    with GitRepository.open_around(root) as repository:
        found = list_work_tree_ids(repository, "customers/")
    assert found is not None
    return found


def list_as_git_would(root: Path) -> dict[str, str]:
    """Return the ids that the folders would have if all of it were committed."""
    index = root / ".git" / "other-index"
    environment = {**os.environ, "GIT_INDEX_FILE": str(index)}
    for arguments in (["read-tree", "HEAD"], ["add", "--all"]):
        subprocess.run(["git", *arguments], cwd=root, env=environment, check=True)
    done = subprocess.run(
        ["git", "write-tree"], cwd=root, env=environment, check=True, capture_output=True, text=True
    )
    index.unlink()
    listed = git(root, "ls-tree", f"{done.stdout.strip()}:customers").splitlines()
    entries = (line.replace("\t", " ").split(" ", 3) for line in listed)
    return {name: object_id for _mode, kind, object_id, name in entries if kind == "tree"}


def append(root: Path) -> None:
    (root / ACME).write_text("name: Another\n")


def add(root: Path) -> None:
    write_files(root, {"customers/acme/time/2026-12-ben.yml": "- id: 2\n"})


def stage(root: Path) -> None:
    append(root)
    git(root, "add", "--all")


def remove(root: Path) -> None:
    (root / "customers/acme/requests/ACME-1.yml").unlink()


def remove_folder(root: Path) -> None:
    (root / "customers/birch/customer.yml").unlink()


def add_folder(root: Path) -> None:
    write_files(root, {"customers/cedar/customer.yml": "name: Cedar\n"})


def rename_folder(root: Path) -> None:
    (root / "customers/birch").rename(root / "customers/beech")


def make_executable(root: Path) -> None:
    (root / ACME).chmod(0o755)


def put_link(root: Path) -> None:
    (root / ACME).unlink()
    (root / ACME).symlink_to("../birch/customer.yml")


def ignore(root: Path) -> None:
    write_files(root, {".gitignore": "*.bak\n", "customers/acme/customer.yml.bak": "x"})


def touch(root: Path) -> None:
    os.utime(root / ACME, (1, 1))


def unstage_removed(root: Path) -> None:
    git(root, "rm", "--quiet", "--cached", ACME)


def put_folder_for_a_file(root: Path) -> None:
    (root / ACME).unlink()
    write_files(root, {f"{ACME}/2026-12-ben.yml": "- id: 2\n"})


def put_folder_for_a_file_not_looked_at(root: Path) -> None:
    git(root, "update-index", "--assume-unchanged", ACME)
    put_folder_for_a_file(root)


def put_file_for_a_folder(root: Path) -> None:
    shutil.rmtree(root / "customers/acme/time")
    write_files(root, {"customers/acme/time": "x"})


def put_linked_customer(root: Path) -> None:
    (root / "customers/acme").rename(root / "customers/birch-3")
    (root / "customers/acme").symlink_to("birch-3")


def put_linked_folder(root: Path) -> None:
    (root / "customers/acme/time").rename(root / "elsewhere")
    (root / "customers/acme/time").symlink_to(root / "elsewhere")


def add_empty_folders(root: Path) -> None:
    (root / "customers/acme/requests/empty").mkdir()
    (root / "customers/zebra/time").mkdir(parents=True)


def add_odd_names(root: Path) -> None:
    names = (
        "two\nlines.yml",
        " customers/birch/customer.yml",
        "\udcff.yml",
        "a/b/c/d.yml",
        "time.yml",
    )
    write_files(root, {f"customers/acme/{name}": "x" for name in names})
    git(root, "add", "--all")
    write_files(root, {"customers/birch/ customers/acme/time.yml": "x", "customers/birch-/x": "y"})


def intend_to_add(root: Path) -> None:
    add(root)
    git(root, "add", "--intent-to-add", "--all")


def swap_names(root: Path) -> None:
    """Leave as many files as there were."""
    (root / "customers/acme/time/2026-11-alice.yml").rename(root / "customers/acme/time/ben.yml")


EDITS = [
    add_empty_folders,
    intend_to_add,
    swap_names,
    append,
    add,
    stage,
    remove,
    remove_folder,
    add_folder,
    rename_folder,
    make_executable,
    put_link,
    ignore,
    touch,
    unstage_removed,
]


ODD_EDITS = [
    put_folder_for_a_file,
    put_folder_for_a_file_not_looked_at,
    put_file_for_a_folder,
    put_linked_folder,
    put_linked_customer,
    add_odd_names,
]


@pytest.mark.parametrize("edit", EDITS)
def test_ids_are_those_of_the_trees_that_git_would_make(
    root: Path, edit: Callable[[Path], None]
) -> None:
    edit(root)
    found = list_ids(root)
    assert found.customers == list_as_git_would(root)
    assert found.has_only_known
    assert list_names(root) == list_names_as_git_does(root)


@pytest.mark.parametrize("edit", ODD_EDITS)
def test_what_is_no_ordinary_folder_has_no_id_of_one(
    root: Path, edit: Callable[[Path], None]
) -> None:
    before = list_ids(root).customers
    edit(root)
    assert list_ids(root).customers.get("acme") != before["acme"]
    assert_is_sound(root, before)


@pytest.mark.parametrize("seed", range(12))
def test_after_any_edits_nothing_is_taken_for_what_it_was(root: Path, seed: int) -> None:
    chosen = random.Random(seed)
    before = list_ids(root).customers
    for _ in range(4):
        edit_anything(root, chosen)
        assert_is_sound(root, before)


def assert_is_sound(root: Path, before: Mapping[str, str | None]) -> None:
    """See that only what is as before has its id from then, and that no file is left out."""
    found, now = list_ids(root).customers, list_as_git_would(root)
    same = {name for name in found if found[name] == before.get(name)}
    assert {name: found[name] for name in same} == {name: now.get(name) for name in same}
    assert list_names(root) == list_names_as_git_does(root)


def edit_anything(root: Path, chosen: random.Random) -> None:
    """Put something at a place, or take away what is there."""
    folder = chosen.choice(["acme", "acme/time", "acme/time/deep", "birch", "birch-2", "a", ""])
    name = chosen.choice(["customer.yml", "x.yml", "time", "2026-11-alice.yml", "o.bak"])
    path = root / "customers" / folder / name
    if not folder and name != "time":
        return  # What stands beside the customers has tests of its own.
    if os.path.lexists(path):
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    elif all(not place.is_file() for place in path.parents):
        path.parent.mkdir(parents=True, exist_ok=True)
        makers: list[Callable[[Path], None]] = [Path.touch, Path.mkdir, Path.touch, _link]
        chosen.choice(makers)(path)
    todo = chosen.choice([["add", "--all"], ["add", "--intent-to-add", "--all"], ["status"], []])
    if todo:
        git(root, *todo)


def _link(path: Path) -> None:
    path.symlink_to("../birch")


def list_names(root: Path) -> list[str]:
    listing = list_ids(root).listing
    assert listing is not None
    assert [*listing.list_names(["acme"])] == [
        name for name in listing.list_names() if name == "acme" or name.startswith("acme/")
    ]
    return sorted({*listing.list_names()})


def list_names_as_git_does(root: Path) -> list[str]:
    with GitRepository.open_around(root) as repository:
        return repository.list_work_tree("customers/")


def test_unmerged_files_are_looked_at(root: Path) -> None:
    git(root, "checkout", "--quiet", "-b", "other")
    append(root)
    commit_all(root)
    git(root, "checkout", "--quiet", "main")
    (root / ACME).write_text("name: A third\n")
    commit_all(root)
    with pytest.raises(subprocess.CalledProcessError):
        git(root, "merge", "--quiet", "other")
    assert "customer.yml" in git(root, "ls-files", "--unmerged")
    assert list_ids(root).customers == list_as_git_would(root)
    assert list_names(root) == list_names_as_git_does(root)


def test_new_files_in_many_customers_are_found(root: Path) -> None:
    write_files(root, {f"customers/c{number}/customer.yml": "x" for number in range(20)})
    found = list_ids(root)
    assert found.customers == list_as_git_would(root)
    assert list_names(root) == list_names_as_git_does(root)


def test_a_ledger_that_is_the_root_of_its_repository_has_ids(tmp_path: Path) -> None:
    files = {name.removeprefix("customers/"): text for name, text in FILES.items()}
    del files["README.md"]
    root = commit_all(write_files(start_repository(tmp_path / "ledger"), files))
    write_files(root, {"acme/time/2026-12-ben.yml": "- id: 2\n"})
    with GitRepository.open_around(root) as repository:
        found = list_work_tree_ids(repository, "")
        assert found is not None
        assert found.has_only_known
        assert found.touched == {"acme/time/2026-12-ben.yml"}
        head = repository.find_head()
        assert head is not None
        before = list_commit_ids(repository, head, "").customers
    assert {name for name in before if before[name] != found.customers[name]} == {"acme"}


def test_in_a_clean_work_tree_they_are_those_of_the_commit(root: Path) -> None:
    found = list_ids(root)
    assert not found.touched
    with GitRepository.open_around(root) as repository:
        head = repository.find_head()
        assert head is not None
        assert found.customers == list_commit_ids(repository, head, "customers/").customers


def test_a_repository_without_a_commit_has_no_ids(tmp_path: Path) -> None:
    root = write_files(start_repository(tmp_path / "new"), FILES)
    with GitRepository.open_around(root) as repository:
        assert list_work_tree_ids(repository, "customers/") is None


def test_an_untracked_dot_file_is_not_looked_at(root: Path) -> None:
    before = list_ids(root).customers
    write_files(root, {"customers/acme/.note.yml.swp": "x", "customers/.trash/x.yml": "y"})
    found = list_ids(root)
    assert (found.customers, found.has_only_known, found.touched) == (before, True, frozenset())


@pytest.mark.parametrize("option", ["--assume-unchanged", "--skip-worktree"])
def test_a_file_that_git_was_told_not_to_look_at_is_looked_at(root: Path, option: str) -> None:
    before = list_ids(root).customers
    git(root, "update-index", option, ACME)
    assert list_ids(root).customers == before
    append(root)
    assert git(root, "status", "--porcelain") == ""
    after = list_ids(root).customers
    assert {name for name in before if before[name] != after[name]} == {"acme"}


@pytest.mark.parametrize("place", [".gitattributes", ".git/info/attributes"])
def test_where_git_converts_contents_the_ids_are_those_of_what_is_read(
    root: Path, place: str
) -> None:
    clean = list_ids(root).customers
    write_files(root, {place: "*.yml text eol=crlf\n"})
    if place == ".gitattributes":
        commit_all(root)
    (root / ACME).unlink()
    git(root, "checkout", "--", ACME)
    assert b"\r\n" in (root / ACME).read_bytes()
    assert git(root, "status", "--porcelain") == ""
    found = list_ids(root).customers
    assert {name for name in clean if clean[name] != found[name]} == {"acme"}


def test_what_stands_beside_the_customers_is_told(root: Path) -> None:
    write_files(root, {"customers/notes.txt": "x"})
    assert not list_ids(root).has_only_known
    git(root, "clean", "--quiet", "--force")
    assert list_ids(root).has_only_known
    write_files(root, {"customers/Cedar/customer.yml": "x"})
    assert not list_ids(root).has_only_known


def test_a_link_in_the_place_of_an_organization_file_is_told(root: Path) -> None:
    (root / "customers/provider.yml").unlink()
    (root / "customers/provider.yml").symlink_to("../README.md")
    assert not list_ids(root).has_only_known


def test_a_nested_repository_leaves_the_id_unknown(root: Path) -> None:
    nested = start_repository(root / "customers/acme/nested")
    commit_all(write_files(nested, {"x.yml": "a: b\n"}))
    assert list_ids(root).customers["acme"] is None


def test_a_repository_that_hashes_with_sha_256_has_its_own_ids(tmp_path: Path) -> None:
    root = tmp_path / "modern"
    root.mkdir()
    git(root, "init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    commit_all(write_files(root, FILES))
    append(root)
    found = list_ids(root)
    assert found.hash_name == "sha256"
    assert found.customers == list_as_git_would(root)


ENCODED = "working-tree-encoding=UTF-16LE"
"""Of a file with this, what is on disk is not what is in the commit, and Git sees no difference."""


def encode(root: Path) -> None:
    """Write a customer's file as Git would with such attributes, and let it look."""
    (root / ACME).write_bytes(FILES[ACME].encode("utf-16-le"))
    git(root, "add", "--all")
    assert git(root, "diff", "HEAD", "--name-only") == ""


def test_attributes_that_git_ignores_convert_all_the_same(root: Path) -> None:
    write_files(root, {".git/info/exclude": ".gitattributes\n"})
    before = list_ids(root).customers["acme"]
    write_files(root, {"customers/acme/.gitattributes": f"customer.yml {ENCODED}\n"})
    encode(root)
    assert list_ids(root).customers["acme"] != before


def test_attributes_that_are_in_the_index_alone_convert_all_the_same(root: Path) -> None:
    write_files(root, {".gitattributes": f"{ACME} {ENCODED}\n"})
    git(root, "add", ".gitattributes")
    git(root, "commit", "--quiet", "--message", "x")
    before = list_ids(root).customers["acme"]
    encode(root)
    (root / ".gitattributes").unlink()
    assert list_ids(root).customers["acme"] != before


def test_attributes_are_not_looked_for_behind_links(root: Path, tmp_path: Path) -> None:
    write_files(tmp_path, {"elsewhere/.gitattributes": f"* {ENCODED}\n"})
    before = list_ids(root)
    (root / "customers" / "linked").symlink_to(tmp_path / "elsewhere")
    assert list_ids(root).touched == before.touched | {"linked"}


def test_what_is_in_a_folder_in_the_place_of_a_file_is_listed(root: Path) -> None:
    place = root / "customers/acme/time/2026-11-alice.yml"
    place.unlink()
    write_files(place, {"new.yml": "- id: 2\n"})
    found = list_ids(root).listing
    assert found is not None
    with GitRepository.open_around(root) as repository:
        assert {*found.list_names()} == {*repository.list_work_tree("customers/")}
