"""Whatever stops a run: every file is the old one or the new one, whole."""

from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from site_builder.access.writer import AccessState, hold_folder, write_access_files

OLD = {"users/a": "ann:1\n" * 500, "users/b": "ben:1\n", "pages/a.html": "a", "nginx.conf": "old"}
NEW = {"users/a": "", "users/c": "cleo:1\n" * 500, "pages/a.html": "b" * 9999, "nginx.conf": "new"}


class Killed(BaseException):
    """The end of a process, as far as it can be had in one."""


def read(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {".lock", "punchcard-access.json"}
    }


@pytest.mark.parametrize("call", ["os.fsync", "os.chmod", "Path.replace", "Path.unlink"])
@pytest.mark.parametrize("times", range(4))
def test_a_run_that_is_stopped_anywhere_leaves_whole_files_and_the_next_one_mends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, times: int
) -> None:
    folder = tmp_path / "to"
    with hold_folder(folder):
        AccessState(as_of=date(2026, 11, 20)).write(folder)
        write_access_files(folder, OLD, last="nginx.conf")
    assert read(folder) == OLD
    calls = 0

    def stop(*_arguments: object, **_more: object) -> None:
        nonlocal calls
        calls += 1
        if calls > times:
            raise Killed

    with monkeypatch.context() as patch, hold_folder(folder), suppress(Killed):
        patch.setattr(f"site_builder.access.writer.{call}", stop)
        write_access_files(folder, NEW, last="nginx.conf")
    assert calls > 0
    left = {name: text for name, text in read(folder).items() if "/.new-" not in f"/{name}"}
    for name, text in left.items():
        assert text in {OLD.get(name), NEW.get(name)}, name
    with hold_folder(folder):
        write_access_files(folder, NEW, last="nginx.conf")
        assert write_access_files(folder, NEW, last="nginx.conf") == ()
    assert read(folder) == NEW


def test_the_configuration_is_written_after_everybody(tmp_path: Path) -> None:
    with hold_folder(tmp_path / "to"):
        changed = write_access_files(tmp_path / "to", OLD, last="nginx.conf")
    assert changed[-1] == "nginx.conf"
