"""Next week's build: which files stay, and what happens when it is cut short."""

from __future__ import annotations

import multiprocessing
import os
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledger import check
from ledger.loader import Ledger, open_ledger
from site_builder.build import build_portals
from site_builder.errors import LedgerHasErrorsError
from site_builder.portal_work import PortalWork
from site_builder.portal_writer import PortalWriter
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.conftest import SAMPLE_DAY
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

NEXT_WEEK = SAMPLE_DAY + timedelta(days=7)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Three customers, whose portals were built."""
    names = {"first": "ONE", "second": "TWO", "third": "THREE"}
    customers = (make_customer(slug, key, f"Mark{key}") for slug, key in names.items())
    write_ledger(tmp_path / "customers", ORGANIZATION, *customers)
    build(tmp_path, SAMPLE_DAY)
    return tmp_path


def build(root: Path, as_of: date, jobs: int = 1) -> dict[str, bytes]:
    with open_ledger(root / "customers") as ledger:
        build_portals(ledger, root / "site", as_of, cache_folder=root / "cache", jobs=jobs)
    return read_all_files(root / "site")


def build_from_nothing(root: Path, as_of: date) -> dict[str, bytes]:
    with open_ledger(root / "customers") as ledger:
        build_portals(ledger, root / "anew", as_of)
    return read_all_files(root / "anew")


def test_no_record_is_read_where_none_has_changed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("nothing is to be read")

    with monkeypatch.context() as blind:
        blind.setattr(Ledger, "read_customer", refuse)
        blind.setattr(check, "find_customer_problems", refuse)
        built = build(root, NEXT_WEEK)
    assert built == build_from_nothing(root, NEXT_WEEK)


def test_a_page_that_stays_is_the_same_file_and_lies_in_one_place(root: Path) -> None:
    """Nobody who edits it afterwards edits anything else."""
    page, overview = root / "site/first/terms.html", root / "site/first/index.html"
    before = page.stat().st_ino, overview.stat().st_ino
    build(root, NEXT_WEEK)
    assert page.stat().st_ino == before[0]
    assert overview.stat().st_ino != before[1]
    assert page.stat().st_nlink == overview.stat().st_nlink == 1


@pytest.mark.parametrize("path", ["first", "first/requests", "first/assets/stylesheets"])
def test_nothing_is_linked_from_elsewhere(path: str, root: Path) -> None:
    """Somebody has put a link where a folder was: its files are somebody else's."""
    elsewhere = root / "elsewhere"
    root.joinpath("site", path).rename(elsewhere)
    root.joinpath("site", path).symlink_to(elsewhere)
    foreign = {*elsewhere.rglob("*.html"), *elsewhere.rglob("portal.css")}
    links = {file: file.stat().st_nlink for file in foreign}
    assert build(root, NEXT_WEEK) == build_from_nothing(root, NEXT_WEEK)
    assert not root.joinpath("site", path).is_symlink()
    assert all(file.stat().st_nlink <= links[file] for file in foreign)


def test_where_nothing_can_be_linked_it_is_written(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: object, **_options: object) -> None:
        raise OSError(1, "Operation not permitted")

    with monkeypatch.context() as other:
        other.setattr(os, "link", refuse)
        built = build(root, NEXT_WEEK)
    assert built == build_from_nothing(root, NEXT_WEEK)


@pytest.mark.parametrize("number", [0, 1, 2])
def test_what_is_cut_short_leaves_what_was_there(
    number: int, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what was kept of the portals that were done is right when it is used."""
    before = read_all_files(root / "site")
    calls, renew = iter(range(3)), PortalWriter.renew

    def stop(self: PortalWriter, *arguments: object) -> object:
        made = renew(self, *arguments)  # type: ignore[arg-type]
        if next(calls) == number:
            raise KeyboardInterrupt
        return made

    with monkeypatch.context() as short:
        short.setattr(PortalWriter, "renew", stop)
        with pytest.raises(KeyboardInterrupt):
            build(root, NEXT_WEEK)
    assert read_all_files(root / "site") == before
    assert [path.name for path in root.iterdir() if path.name.startswith(".site.b")] == []
    assert build(root, NEXT_WEEK) == build_from_nothing(root, NEXT_WEEK)


def test_what_is_known_of_a_day_is_of_one_portal_alone(root: Path) -> None:
    """Not of the one that took its place in the cache since."""
    build(root, NEXT_WEEK)
    days = {file.name: file.read_bytes() for file in (root / "cache/portals").glob("*.day")}
    assert len(days) == 3
    sheet = root / "customers/first/time/2026-02-alice.yml"
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("Note", "Word"), encoding="utf-8")
    build(root, SAMPLE_DAY)
    for name, content in days.items():
        root.joinpath("cache/portals", name).write_bytes(content)
    assert build(root, NEXT_WEEK) == build_from_nothing(root, NEXT_WEEK)


def test_an_edit_while_files_are_read_is_not_taken_for_what_was_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = root / "customers/first/time/2026-02-alice.yml"
    text, read = sheet.read_text(encoding="utf-8"), Ledger.read_customer
    sheet.write_text(text.replace("Note", "Word"), encoding="utf-8")

    def edit_after(self: Ledger, slug: str) -> object:
        folder = read(self, slug)
        sheet.write_text(text.replace("Note", "Later"), encoding="utf-8")
        return folder

    with monkeypatch.context() as busy:
        busy.setattr(Ledger, "read_customer", edit_after)
        assert b"Word" in build(root, SAMPLE_DAY)["first/requests/ONE-1.html"]
    assert build(root, SAMPLE_DAY) == build_from_nothing(root, SAMPLE_DAY)


@pytest.fixture
def many(root: Path) -> Path:
    """Twelve customers: enough for more than one process."""
    slugs = [f"more-{number}" for number in range(9)]
    customers = (make_customer(slug, f"MORE{slug[-1]}", f"Mark{slug[-1]}") for slug in slugs)
    write_ledger(root / "customers", *customers)
    build(root, SAMPLE_DAY, jobs=2)
    return root


def edit(root: Path, slug: str, old: str, new: str) -> None:
    sheet = root / f"customers/{slug}/time/2026-02-alice.yml"
    text = sheet.read_text(encoding="utf-8")
    assert old in text
    sheet.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.parametrize("changed", [("more-4",), ("first", "more-8", "third")])
@pytest.mark.parametrize("day", [SAMPLE_DAY, NEXT_WEEK])
def test_what_changed_is_made_beside_what_is_renewed(
    many: Path, changed: tuple[str, ...], day: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_here: list[str] = []
    make, here = PortalWork._make, os.getpid()

    def note(self: PortalWork, slug: str) -> object:
        if os.getpid() == here:
            made_here.append(slug)
        return make(self, slug)

    for slug in changed:
        edit(many, slug, "Note", "Word")
    with monkeypatch.context() as noted:
        noted.setattr(PortalWork, "_make", note)
        built = build(many, day, jobs=2)
    assert made_here[:1] == [changed[0]]
    assert built == build_from_nothing(many, day)


def test_an_error_in_what_changed_leaves_what_was_there(many: Path) -> None:
    before = read_all_files(many / "site")
    edit(many, "more-4", "2026-02", "2027-02")
    with pytest.raises(LedgerHasErrorsError):
        build(many, NEXT_WEEK, jobs=2)
    assert read_all_files(many / "site") == before
    assert [path.name for path in many.iterdir() if path.name.startswith(".site.b")] == []
    edit(many, "more-4", "2027-02", "2026-02")
    assert build(many, NEXT_WEEK, jobs=2) == build_from_nothing(many, NEXT_WEEK)


def test_after_an_error_nobody_goes_on_writing(root: Path) -> None:
    """The folder that they would write into is removed."""
    slugs = [f"more-{number}" for number in range(9)]
    customers = [make_customer(slug, f"MORE{slug[-1]}", f"Mark{slug[-1]}") for slug in slugs]
    write_ledger(root / "customers", *customers)
    edit(root, "more-4", "2026-02", "2027-02")
    with open_ledger(root / "customers") as ledger:
        try:
            build_portals(ledger, root / "anew", SAMPLE_DAY, jobs=2)
        except LedgerHasErrorsError:
            # What was raised still knows of whoever was at work.
            assert multiprocessing.active_children() == []
        else:
            pytest.fail("a ledger with errors was built")


def test_an_interrupt_beside_others_leaves_what_was_there(
    many: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, here = read_all_files(many / "site"), os.getpid()

    def stop(_work: PortalWork, _slug: str) -> None:
        assert os.getpid() == here
        raise KeyboardInterrupt

    edit(many, "more-4", "Note", "Word")
    with monkeypatch.context() as short:
        short.setattr(PortalWork, "_make", stop)
        with pytest.raises(KeyboardInterrupt):
            build(many, NEXT_WEEK, jobs=2)
    assert read_all_files(many / "site") == before
    assert build(many, NEXT_WEEK, jobs=2) == build_from_nothing(many, NEXT_WEEK)
