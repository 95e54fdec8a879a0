"""The output folder: whose it is, and how a new one takes its place."""

import errno
import json
import os
import shutil
import stat
from datetime import date
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from site_builder import output as output_module
from site_builder.errors import LedgerHasErrorsError
from site_builder.mkdocs.plugin import SiteBuilder
from site_builder.output import MANIFEST_NAME, read_manifest
from site_builder.pages.site import PortalSite
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.conftest import build_all
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_ledger(
        tmp_path / "customers",
        ORGANIZATION,
        make_customer("first", "ONE", "Zephyrine"),
        make_customer("second", "TWO", "Quillfeather"),
    )


def list_names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def test_builds_into_a_missing_and_an_empty_folder(small: Path, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    for output in (tmp_path / "deep" / "down" / "site", empty):
        result = build_all(small, output)
        assert result.built == ("first", "second")
        assert (output / "first" / "index.html").is_file()
    assert list_names(tmp_path) == ["customers", "deep", "empty"]


def test_a_disk_that_is_full_while_a_folder_is_linked_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(*_paths: Path, **_how: bool) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    (tmp_path / "old" / "below").mkdir(parents=True)
    (tmp_path / "old" / "below" / "file").write_text("kept", encoding="utf-8")
    monkeypatch.setattr(os, "link", write)
    monkeypatch.setattr(shutil, "copy2", write)
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)) as caught:
        output_module.link_tree(tmp_path / "old", tmp_path / "new")
    assert output_module.is_write_error(caught.value)


def test_what_somebody_put_beside_the_portals_is_neither_followed_nor_waited_for(
    small: Path, tmp_path: Path
) -> None:
    """A pipe would be waited for without an end, and a link leads elsewhere."""
    output = tmp_path / "site"
    build_all(small, output)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "below").mkdir(parents=True)
    (elsewhere / "below" / "file").write_text("kept", encoding="utf-8")
    os.mkfifo(output / "pipe")
    (output / "link").symlink_to(elsewhere)
    build_all(small, output)
    assert list_names(output) == ["first", "link", "pipe", MANIFEST_NAME, "second"]
    assert (elsewhere / "below" / "file").read_text(encoding="utf-8") == "kept"
    assert list_names(tmp_path) == ["customers", "elsewhere", "site"]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("site", "not a folder"),
        ("site/thesis.txt", "neither empty nor"),
        (f"site/{MANIFEST_NAME}", "cannot be read"),
        ("site/.generations/lock", "was published into"),
    ],
)
def test_refuses_a_folder_that_is_not_ours(
    name: str, says: str, small: Path, tmp_path: Path
) -> None:
    write_ledger(tmp_path, {name: '{"portals": []}'})
    with pytest.raises(LedgerError, match=says):
        build_all(small, tmp_path / "site")
    assert (tmp_path / name).read_text(encoding="utf-8") == '{"portals": []}'
    assert list_names(tmp_path) == ["customers", "site"]


def test_refuses_to_replace_what_it_did_not_build(small: Path, tmp_path: Path) -> None:
    output = tmp_path / "site"
    build_all(small, output, ("first",))
    (output / "second").mkdir()
    (output / "second" / "notes.txt").write_text("mine", encoding="utf-8")
    before = read_all_files(output)
    with pytest.raises(LedgerError, match="not built by us"):
        build_all(small, output)
    assert read_all_files(output) == before


def test_naming_a_customer_leaves_the_others_alone(small: Path, tmp_path: Path) -> None:
    """Their portals stay to the byte, and so does what somebody put beside them."""
    output = tmp_path / "site"
    build_all(small, output)
    (output / "robots.txt").write_text("Disallow: /", encoding="utf-8")
    (output / "second" / "index.html").write_text("as it was", encoding="utf-8")
    (output / "first" / "left-over.html").write_text("old", encoding="utf-8")
    build_all(small, output, ("first",))
    assert (output / "second" / "index.html").read_text(encoding="utf-8") == "as it was"
    assert (output / "robots.txt").is_file()
    assert not (output / "first" / "left-over.html").exists()
    assert set(read_manifest(output).portals) == {"first", "second"}


def test_a_closed_portal_is_taken_away_and_said_so(small: Path, tmp_path: Path) -> None:
    """Once all is completed and the year is over, there is none, and the result tells."""
    output = tmp_path / "site"
    build_all(small, output)
    write_ledger(
        small,
        {
            "second/adjustments.yml": """\
                - {id: A9, type: refund, date: 2026-03-01, purchase: P1, minutes: 525,
                   amount: 1750.00, reason: Cancelled}
                """
        },
    )
    later = date(2027, 3, 2)
    result = build_all(small, output, (), later)
    (missing,) = result.missing
    assert (missing.slug, missing.reason) == ("second", "closed after 2027-03-01")
    assert result.taken_away == {"second"}
    assert list_names(output) == ["first", MANIFEST_NAME]


def test_refuses_a_ledger_with_errors(small: Path, tmp_path: Path) -> None:
    """All errors are named, and the output stays as it was, whoever was asked for."""
    output = tmp_path / "site"
    build_all(small, output)
    before = read_all_files(output)
    (small / "second" / "time" / "2026-02-alice.yml").write_text(
        "- {id: 1, date: 2026-02-03, request: TWO-1, minutes: 20, note: x}\n", encoding="utf-8"
    )
    (small / "second" / "customer.yml").write_text("name: [", encoding="utf-8")
    with pytest.raises(LedgerHasErrorsError) as caught:
        build_all(small, output, ("first",))
    assert {problem.rule for problem in caught.value.problems} >= {"yaml-syntax", "time-increment"}
    assert caught.value.exit_status == 1
    assert read_all_files(output) == before
    assert list_names(tmp_path) == ["customers", "site"]


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError, RuntimeError])
def test_whatever_fails_leaves_what_was_there(
    failure: type[BaseException],
    small: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = tmp_path / "site"
    build_all(small, output)
    before = read_all_files(output)
    for slug in ("first", "second"):
        with (small / slug / "customer.yml").open("a", encoding="utf-8") as customer:
            customer.write("# edited\n")
    real = SiteBuilder.build

    def fail_on_second(self: SiteBuilder, site: PortalSite, folder: Path) -> None:
        if folder.name == "second":
            raise failure
        real(self, site, folder)

    monkeypatch.setattr(SiteBuilder, "build", fail_on_second)
    with pytest.raises(failure):
        build_all(small, output)
    assert read_all_files(output) == before
    assert list_names(tmp_path) == ["customers", "site"]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_new_folder_takes_the_place_of_the_old(
    can_exchange: bool, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the system can do; with the same permissions, and nothing is left beside it."""
    if not can_exchange:
        monkeypatch.setattr(output_module, "_exchange", lambda _one, _other: False)
    output = tmp_path / "site"
    output.mkdir(mode=0o750)
    build_all(small, output, ("first",))
    build_all(small, output)
    assert list_names(output) == ["first", MANIFEST_NAME, "second"]
    assert output.stat().st_mode & 0o777 == 0o750
    assert list_names(tmp_path) == ["customers", "site"]


@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_a_web_server_can_read_portals_and_nobody_else_can_write_them(
    umask: int, small: Path, tmp_path: Path
) -> None:
    """Whatever the umask; those that are kept from an earlier build, too."""
    output = tmp_path / "site"
    before = os.umask(umask)
    try:
        build_all(small, output, ("first",))
        (output / "first" / "index.html").chmod(0o600)
        (output / "first" / "assets").chmod(0o700)
        build_all(small, output)
    finally:
        os.umask(before)
    found = (output, *output.glob("first/**/*"), *output.glob("second/**/*"))
    modes = {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in found}
    assert modes == {(True, 0o755), (False, 0o644)}


def test_manifest_is_the_same_whatever_the_order(small: Path, tmp_path: Path) -> None:
    build_all(small, tmp_path / "one")
    build_all(small, tmp_path / "two", ("second",))
    build_all(small, tmp_path / "two", ("first",))
    one, two = (
        (tmp_path / name / MANIFEST_NAME).read_text(encoding="utf-8") for name in ("one", "two")
    )
    assert one == two
    first = json.loads(one)["portals"]["first"]
    assert (first["as_of"], first["revision"]) == ("2026-11-20", None)
