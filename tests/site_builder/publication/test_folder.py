"""The folder on the disk: who may read it, where it is written to, and what is left in it."""

import os
from pathlib import Path
from stat import S_IMODE
from types import SimpleNamespace
from typing import Any

import pytest

from ledger.errors import LedgerError
from site_builder.publish.folder import PublicationFolder
from site_builder.publish.portals import check_out_look
from tests.conftest import write_files
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    LOOK,
    SECOND_WEEK,
    PublishedLedger,
)

OWN_LOOK = LOOK + "  - punchcard\n"


class Killed(BaseException):
    """The end of a process, as far as it can be had in one."""


def kill(*_arguments: object) -> None:
    raise Killed


@pytest.mark.parametrize("umask", [0o077, 0o000], ids=oct)
def test_a_web_server_can_read_it_and_nobody_else_write_whatever_the_umask_is(
    ledger: PublishedLedger, umask: int
) -> None:
    before = os.umask(umask)
    try:
        assert ledger.publish(FIRST_WEEK).status == 0
    finally:
        os.umask(before)
    for path in (ledger.folder, *ledger.folder.rglob("*")):
        if path.name != "lock" and not path.is_symlink():
            wanted = 0o755 if path.is_dir() else 0o644
            assert S_IMODE(path.stat().st_mode) == wanted, path


def test_a_folder_that_was_there_keeps_its_mode(ledger: PublishedLedger) -> None:
    ledger.folder.mkdir(mode=0o750)
    assert ledger.publish(FIRST_WEEK).status == 0
    assert S_IMODE(ledger.folder.stat().st_mode) == 0o750


def test_a_link_in_the_store_is_not_followed(published: PublishedLedger, elsewhere: Path) -> None:
    generations = published.folder / ".generations" / "first"
    generations.rename(elsewhere / "first")
    generations.symlink_to(elsewhere / "first")
    published.refuse(SECOND_WEEK, said=f"{generations} is a link")
    assert len([*(elsewhere / "first").iterdir()]) == 1


def test_no_generation_too_many_stays_after_a_kill(
    published: PublishedLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert published.publish("2026-11-17", "--keep", "2").status == 0

    with monkeypatch.context() as patch:
        patch.setattr(PublicationFolder, "prune", kill)
        with pytest.raises(Killed):
            published.publish("2026-11-18", "--keep", "2")
    assert len(published.list_generations("first")) == 3
    assert published.publish("2026-11-18", "--keep", "2").status == 0  # nothing to do
    assert len(published.list_generations("first")) == 2
    published.require_tidy()


def test_all_that_is_made_lies_in_the_folder_where_the_next_one_clears_it_away(
    ledger: PublishedLedger, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Also the checkout of the look."""
    temporary, looks = tmp_path / "temporary", list[Path]()
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    write_files(ledger.root, {"mkdocs.yml": OWN_LOOK, "look/mark.txt": "1"})
    ledger.commit()

    def look(*_arguments: object) -> None:
        looks.extend((ledger.folder / ".generations").glob(".making-*/look/look/mark.txt"))
        assert not [*temporary.glob("punchcard*")]
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr("site_builder.publish.portals.make_portals", look)
        with pytest.raises(Killed):
            ledger.publish(SECOND_WEEK)
    assert len(looks) == 1
    write_files(ledger.folder / ".generations", {".making-killed/look/mkdocs.yml": ""})
    assert ledger.publish(SECOND_WEEK).status == 0
    ledger.require_tidy()


@pytest.mark.parametrize("path", ["../escaped.txt", "docs/../../escaped.txt", "/tmp/escaped.txt"])
def test_no_path_of_a_commit_leads_out_of_the_folder_it_is_written_to(
    tmp_path: Path, path: str
) -> None:
    names: dict[str, Any] = {"mkdocs.yml": OWN_LOOK, path: "out"}
    blobs = {name: SimpleNamespace(is_file=True, object_id=name) for name in names}
    repository: Any = SimpleNamespace(
        open_commit=lambda *_commit: SimpleNamespace(blobs=blobs),
        read_object=lambda name: names[name].encode(),
    )
    with pytest.raises(LedgerError, match="is no path of a file"):
        check_out_look(repository, "HEAD", "customers/", tmp_path / "look")
    assert [each.name for each in tmp_path.iterdir()] == ["look"]
