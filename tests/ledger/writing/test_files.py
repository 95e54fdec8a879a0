import os
from pathlib import Path
from stat import S_IMODE

import pytest

from ledger.errors import LedgerError
from ledger.files.durable_files import replace_file


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file with the mode that somebody gave it, and what a crash left beside it."""
    file = tmp_path / "a.yml"
    file.write_bytes(b"old")
    file.chmod(0o640)
    (tmp_path / ".new-a.yml").write_bytes(b"half")
    return file


def test_a_file_is_replaced_whole_and_its_mode_stays(path: Path) -> None:
    replace_file(path, b"new", b"old")
    assert (path.read_bytes(), S_IMODE(path.stat().st_mode)) == (b"new", 0o640)
    assert [entry.name for entry in path.parent.iterdir()] == ["a.yml"]


def test_a_new_file_gets_the_mode_that_the_user_gives_new_files(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        replace_file(tmp_path / "time/a.yml", b"new", None)
    finally:
        os.umask(umask)
    assert S_IMODE((tmp_path / "time/a.yml").stat().st_mode) == 0o640


@pytest.mark.parametrize("before", [b"older", None])
def test_what_somebody_else_wrote_meanwhile_is_not_lost(path: Path, before: bytes | None) -> None:
    with pytest.raises(LedgerError, match="changed just now"):
        replace_file(path, b"new", before)
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.yml"]


def test_a_link_is_not_followed(path: Path) -> None:
    link = path.with_name("link.yml")
    link.symlink_to(path)
    with pytest.raises(LedgerError):
        replace_file(link, b"new", b"old")
    assert (path.read_bytes(), link.is_symlink()) == (b"old", True)


def test_a_failing_disk_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(LedgerError, match="No space left"):
        replace_file(path, b"new", b"old")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in path.parent.iterdir()] == ["a.yml"]
