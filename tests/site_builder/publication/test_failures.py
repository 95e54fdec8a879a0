"""A publication that cannot go on: customers see what they saw before, and somebody reads why."""

import errno
import fcntl
import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_builder.mkdocs.plugin import SiteBuilder
from tests.conftest import RunPunchcard
from tests.site_builder.publication.published_ledger import (
    FIRST_WEEK,
    SECOND_WEEK,
    PublishedLedger,
)

RENAMES = 11
"""At least so many renames a publication of two portals has; each of them may fail."""


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 12 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(place)],
        capture_output=True,
        check=False,
    )
    if done.returncode:
        pytest.skip("no file system can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_leaves_everything_as_it_was(ledger: PublishedLedger, small_disk: Path) -> None:
    ledger.folder = small_disk / "published"
    assert ledger.publish(FIRST_WEEK).status == 0
    free = count_free_bytes(small_disk)
    with (small_disk / "ballast").open("wb") as ballast:
        ballast.write(b"x" * (free - 300_000))
    ledger.change()
    ledger.refuse(SECOND_WEEK, said=os.strerror(errno.ENOSPC))
    assert "customers see what they saw before" in ledger.ran.stderr
    assert count_free_bytes(small_disk) > 200_000  # what was begun is gone again
    (small_disk / "ballast").unlink()
    assert ledger.publish(SECOND_WEEK).status == 0
    ledger.require_tidy()


def test_a_folder_that_can_only_be_read_leaves_everything_as_it_was(
    ledger: PublishedLedger, small_disk: Path
) -> None:
    ledger.folder = small_disk / "published"
    assert ledger.publish(FIRST_WEEK).status == 0
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    ledger.refuse(SECOND_WEEK, said=os.strerror(errno.EROFS))


@pytest.mark.parametrize("number", range(RENAMES))
def test_a_rename_that_fails_leaves_everything_as_it_was(
    published: PublishedLedger, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    before = published.read_all()
    published.change()
    with monkeypatch.context() as patch:
        failing = fail_at(patch, number)
        ran = published.publish(SECOND_WEEK)
    assert failing == [True]
    assert ran.status == 2
    assert os.strerror(errno.EIO) in ran.stderr
    published.require_whole()
    if "but the portals are published" in ran.stderr:
        assert f"published/{SECOND_WEEK}" in published.tags
    else:
        assert published.read_all() == before
        assert published.tags == [f"published/{FIRST_WEEK}"]
    assert published.publish(SECOND_WEEK).status == 0
    assert published.tags == [f"published/{FIRST_WEEK}", f"published/{SECOND_WEEK}"]
    published.require_tidy()


def test_ctrl_c_while_building_leaves_everything_as_it_was(
    published: PublishedLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(SiteBuilder, "build", interrupt)
        published.refuse(SECOND_WEEK, said="interrupted", status=130)
    published.require_tidy()


def test_ctrl_c_while_switching_comes_too_late(
    published: PublishedLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is half: what is begun is finished, its tag included."""
    with monkeypatch.context() as patch:
        real = Path.replace

        def replace(path: Path, target: Path) -> Path:
            if path.name == ".next":  # the link that is to be shown
                os.kill(os.getpid(), signal.SIGINT)
            return real(path, target)

        patch.setattr(Path, "replace", replace)
        ran = published.publish(SECOND_WEEK)
    assert ran.status == 0, ran.stderr
    assert f"published/{SECOND_WEEK}" in published.tags
    published.require_whole()


def test_the_tag_is_made_up_for_if_it_cannot_be_made(published: PublishedLedger) -> None:
    commit = published.git("rev-parse", "HEAD")
    lock = published.root / ".git" / "refs" / "tags" / "published" / f"{SECOND_WEEK}.lock"
    lock.write_text("", encoding="utf-8")
    ran = published.publish(SECOND_WEEK)
    lock.unlink()
    assert ran.status == 2
    assert "the portals are published, but" in ran.stderr
    assert published.manifest["publication"]["tag"] is None
    assert published.manifest["publication"]["as_of"] == SECOND_WEEK
    published.change()
    ran = published.publish("2026-11-24")
    assert ran.status == 0
    assert f"published/{SECOND_WEEK}, which was cut short, is complete now" in ran.stderr
    assert published.tags == [f"published/{day}" for day in (FIRST_WEEK, SECOND_WEEK, "2026-11-24")]
    assert published.git("rev-parse", f"published/{SECOND_WEEK}^{{commit}}") == commit
    published.require_tidy()


def test_two_do_not_publish_at_once(published: PublishedLedger) -> None:
    before = published.read_all()
    with (published.folder / ".generations" / "lock").open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for ran in (published.publish(SECOND_WEEK), published.roll_back()):
            assert ran.status == 3
            assert f"somebody else is publishing into {published.folder}" in ran.stderr
            assert f"process {os.getpid()} on " in ran.stderr  # who had it last: ourselves
            assert " UTC" in ran.stderr
    assert published.read_all() == before
    assert published.publish(SECOND_WEEK).status == 0


def test_a_damaged_journal_is_not_guessed_at(published: PublishedLedger) -> None:
    (published.folder / ".generations" / "publications.json").write_text("{}", encoding="utf-8")
    published.refuse(SECOND_WEEK, said="cannot be read")


def test_a_folder_in_no_repository_cannot_be_published(
    ledger: PublishedLedger, elsewhere: Path, punchcard: RunPunchcard
) -> None:
    (ledger.root / "customers").rename(elsewhere / "customers")
    line = ("--ledger", "customers", "portal", "publish", "--to", "x")
    punchcard(elsewhere, *line).refused("is not in a Git repository")
    assert not (elsewhere / "x").exists()


@pytest.mark.parametrize(
    ("code", "hint"), [(errno.EMFILE, "ulimit -n"), (errno.ENOSPC, "make room")]
)
def test_what_the_machine_lacks_is_an_error_with_a_hint(
    published: PublishedLedger, monkeypatch: pytest.MonkeyPatch, code: int, hint: str
) -> None:
    def refuse(*_arguments: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr("tempfile.TemporaryFile", refuse)
        published.refuse(SECOND_WEEK, "--format", "json", said=hint)
    assert json.loads(published.ran.stdout)["error"] == os.strerror(code)


def count_free_bytes(place: Path) -> int:
    status = os.statvfs(place)
    return status.f_bavail * status.f_frsize


def fail_at(patch: pytest.MonkeyPatch, number: int) -> list[bool]:
    """Let the n-th rename fail, and only that; what comes back is filled when it has failed."""
    failed: list[bool] = []
    counted = 0

    def make(real: object) -> object:
        def rename(path: Path, target: Path) -> Path:
            nonlocal counted
            counted += "/published/" in str(path)
            if counted == number + 1 and not failed:
                failed.append(True)
                raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
            return real(path, target)  # type: ignore[no-any-return, operator]  # one of Path's own

        return rename

    for name in ("replace", "rename"):
        patch.setattr(Path, name, make(getattr(Path, name)))
    return failed


def interrupt(*_arguments: object) -> None:
    raise KeyboardInterrupt
