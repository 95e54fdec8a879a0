from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.files.durable_files import replace_file


def test_the_mode_of_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"old")
    path.chmod(0o640)
    replace_file(path, b"new", b"old")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"new", 0o640)
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yml"]


def test_a_new_file_gets_the_mode_that_the_user_gives_new_files(tmp_path: Path) -> None:
    umask = os.umask(0o027)
    try:
        replace_file(tmp_path / "time/a.yml", b"new", None)
    finally:
        os.umask(umask)
    assert stat.S_IMODE((tmp_path / "time/a.yml").stat().st_mode) == 0o640


@pytest.mark.parametrize("before", [b"older", None])
def test_what_somebody_else_wrote_meanwhile_is_not_lost(
    tmp_path: Path, before: bytes | None
) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"theirs")
    with pytest.raises(LedgerError, match="changed just now"):
        replace_file(path, b"new", before)
    assert path.read_bytes() == b"theirs"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yml"]


def test_what_a_crash_left_behind_is_in_nobodys_way(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    path.write_bytes(b"old")
    (tmp_path / ".new-a.yml").write_bytes(b"half")
    replace_file(path, b"new", b"old")
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yml"]


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"old")
    path = tmp_path / "a.yml"
    path.symlink_to(target)
    with pytest.raises(LedgerError):
        replace_file(path, b"new", b"old")
    assert (target.read_bytes(), path.is_symlink()) == (b"old", True)


def test_a_failing_disk_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "a.yml"
    path.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(LedgerError, match="No space left"):
        replace_file(path, b"new", b"old")
    assert path.read_bytes() == b"old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.yml"]
