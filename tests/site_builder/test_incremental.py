"""What is not made again is as if it had been: an incremental build equals one from nothing."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from mkdocs.commands.build import build as run_mkdocs_build
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.utils import write_file

from ledger.errors import LedgerError
from ledger.ledger import open_ledger
from site_builder import fingerprint
from site_builder.build import build_portals
from site_builder.errors import LedgerHasErrorsError
from site_builder.mkdocs import builder
from site_builder.output import MANIFEST_NAME, lock_output, read_manifest
from site_builder.pages.site import PortalSite
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

PLAIN_MKDOCS_YML = """\
site_name: Own look
docs_dir: brand
use_directory_urls: false
theme: {name: material, font: false, favicon: assets/images/favicon.svg}
plugins:
  - search
  - punchcard
markdown_extensions: [attr_list]
extra: {generator: false}
"""
MKDOCS_YML = PLAIN_MKDOCS_YML.replace("font: false", "font: false, custom_dir: look").replace(
    "- punchcard", "- punchcard: {templates: templates}"
)
REQUEST = """\
title: {title}
category: product-training
opened: 2026-03-02
opened_by: Zephyrine@customer.example
channel: punchcard
"""
_MOST_ACCOUNTS = 3


class Workshop:
    """A ledger, a provider's own look and an output that a test changes and builds again."""

    def __init__(self, root: Path, settings: str = MKDOCS_YML) -> None:
        self.root = root
        self.ledger = root / "customers"
        self.output = root / "site"
        self.as_of = SAMPLE_DAY
        self.number = 0
        if self.ledger.is_dir():
            return
        write_ledger(
            self.ledger,
            ORGANIZATION,
            make_customer("first", "ONE", "Zephyrine"),
            make_customer("second", "TWO", "Quillfeather", consultant="ben"),
            make_customer("third", "THREE", "Marlow"),
        )
        write_ledger(
            root,
            {
                "mkdocs.yml": settings,
                "brand/assets/images/favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
                "look/partials/footer.html": "<footer>Foot</footer>",
                "templates/support.html": '<h1 id="top">Ours</h1>{{ view.name }}',
            },
        )

    def build(self, jobs: int = 1, *, rebuilds_all: bool = False) -> dict[str, bytes]:
        """Build what is needed, and return all files."""
        self._build(self.output, jobs, rebuilds_all=rebuilds_all)
        return read_all_files(self.output)

    def build_from_nothing(self) -> dict[str, bytes]:
        """Build everything elsewhere, and return all files."""
        output = self.root / "from-nothing"
        shutil.rmtree(output, ignore_errors=True)
        self._build(output, 1)
        return read_all_files(output)

    def _build(self, output: Path, jobs: int, *, rebuilds_all: bool = False) -> None:
        with open_ledger(self.ledger) as ledger:
            build_portals(
                ledger,
                output,
                self.as_of,
                configuration=self.root / "mkdocs.yml",
                jobs=jobs,
                rebuilds_all=rebuilds_all,
            )

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file, if it still says ``old``."""
        file = self.root / name
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(old, new, 1), encoding="utf-8")

    def next_number(self) -> int:
        """Return a number that has not been used."""
        self.number += 1
        return self.number


LOOKS = {"own": MKDOCS_YML, "plain": PLAIN_MKDOCS_YML}


@pytest.fixture(scope="session")
def built_workshops(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A ledger, built once with each look."""
    roots = {}
    for look, settings in LOOKS.items():
        roots[look] = tmp_path_factory.mktemp(f"workshop-{look}") / "root"
        Workshop(roots[look], settings).build()
    return roots


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    """A small ledger with a look of its own, which a test may change."""
    return Workshop(tmp_path)


CopyBuilt = Callable[[str], Workshop]


@pytest.fixture
def copy_built(built_workshops: dict[str, Path], tmp_path: Path) -> CopyBuilt:
    """Give the same, built already, with one of the looks."""
    return lambda look: Workshop(shutil.copytree(built_workshops[look], tmp_path / look))


@pytest.fixture
def built(copy_built: CopyBuilt) -> Workshop:
    """The same, built already."""
    return copy_built("own")


Edit = Callable[[Workshop], None]


def change(file: str, old: str, new: str) -> Edit:
    """Return the edit that puts ``new``, with a number of its own, in the place of ``old``."""
    return lambda shop: shop.edit(file, old, new.format(shop.next_number()))


edit_note = change("customers/first/time/2026-02-alice.yml", "Note", "Note {}")
edit_internal_note = change("customers/first/time/2026-02-alice.yml", "Internal-", "Internal-{}")
edit_theme = change("look/partials/footer.html", "Foot", "Foot {}")
edit_template = change("templates/support.html", "Ours", "Ours {}")
edit_picture = change("brand/assets/images/favicon.svg", "/>", " class='n{}'/>")
change_option = change("mkdocs.yml", "generator: false", "generator: false, number{}: 1")
change_terms = change("customers/terms.yml", "account_limit: ", "account_limit: 1")
rename_the_firm = change("customers/first/customer.yml", "name: Customer", "name: Customer {} & Co")


def add_account(shop: Workshop) -> None:
    number = shop.next_number()
    file = shop.ledger / "second" / "accounts.yml"
    account = f"- {{email: n{number}@customer.example, name: New, created: 2026-05-01}}\n"
    if file.is_file() and number < _MOST_ACCOUNTS:
        file.write_text(file.read_text(encoding="utf-8") + account, encoding="utf-8")


def add_request(shop: Workshop) -> None:
    number = shop.next_number() + 10
    text = REQUEST.format(title=f"Request {number}")
    (shop.ledger / "first" / "requests" / f"ONE-{number}.yml").write_text(text, encoding="utf-8")


def remove_request(shop: Workshop) -> None:
    for added in sorted((shop.ledger / "first" / "requests").glob("ONE-??.yml"))[:1]:
        added.unlink()


def rename_customer(shop: Workshop) -> None:
    names = sorted(folder.name for folder in shop.ledger.iterdir() if folder.is_dir())
    (shop.ledger / names[-1]).rename(shop.ledger / f"zz-{shop.next_number()}")


def let_a_week_pass(shop: Workshop) -> None:
    shop.as_of += timedelta(days=7)


def let_a_day_pass(shop: Workshop) -> None:
    shop.as_of += timedelta(days=1)


def go_back_in_time(shop: Workshop) -> None:
    shop.as_of = date(2026, 4, 1)


def delete_page(shop: Workshop) -> None:
    shop.output.joinpath("first", "terms.html").unlink(missing_ok=True)


def damage(name: str) -> Edit:
    """Return the edit that cuts a built file off."""

    def cut_off(shop: Workshop) -> None:
        if (file := shop.output / name).exists():
            # Not in place: the file may be linked to where it was before.
            content = file.read_bytes()[:-10]
            file.unlink()
            file.write_bytes(content)

    return cut_off


damage_page = damage("first/statement.html")
damage_asset = damage("first/assets/stylesheets/portal.css")


def put_a_page_there(shop: Workshop) -> None:
    if (shop.output / "first").is_dir():
        (shop.output / "first" / "left-over.html").write_text("old", encoding="utf-8")


def delete_output(shop: Workshop) -> None:
    shutil.rmtree(shop.output, ignore_errors=True)


EDITS: dict[str, Edit] = {
    "note": edit_note,
    "internal note": edit_internal_note,
    "theme": edit_theme,
    "template": edit_template,
    "picture": edit_picture,
    "option": change_option,
    "terms": change_terms,
    "account": add_account,
    "request": add_request,
    "no request": remove_request,
    "renamed customer": rename_customer,
    "renamed firm": rename_the_firm,
    "a week": let_a_week_pass,
    "a day": let_a_day_pass,
    "time back": go_back_in_time,
    "no page": delete_page,
    "damaged page": damage_page,
    "damaged asset": damage_asset,
    "another page": put_a_page_there,
    "no output": delete_output,
}
OF_ITS_OWN_LOOK = {edit_theme, edit_template, edit_picture, change_option, damage_asset}


@pytest.mark.parametrize("name", EDITS)
def test_after_one_edit(name: str, copy_built: CopyBuilt) -> None:
    """To the byte, files removed included."""
    edit = EDITS[name]
    shop = copy_built("own" if edit in OF_ITS_OWN_LOOK else "plain")
    edit(shop)
    assert shop.build() == shop.build_from_nothing()


@pytest.mark.parametrize("seed", range(int(os.environ.get("PUNCHCARD_EXAMPLES", "3"))))
def test_after_random_edits(seed: int, copy_built: CopyBuilt) -> None:
    """Whatever comes after whatever, a few at a time."""
    shop = copy_built("own" if seed % 3 == 1 else "plain")
    chance = random.Random(seed)
    for _ in range(4):
        names = chance.choices([*EDITS], k=chance.randint(1, 4))
        for name in names:
            EDITS[name](shop)
        built = shop.build()
        assert built == shop.build_from_nothing(), names


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose portals MkDocs builds from here on in this process, in order."""
    seen: list[str] = []

    def note(config: MkDocsConfig) -> None:
        seen.append(Path(config.site_dir).name)
        run_mkdocs_build(config)

    monkeypatch.setattr("site_builder.mkdocs.builder.run_mkdocs_build", note)
    return seen


def test_every_page_is_written_by_mkdocs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every portal of the sample ledger: no other way to make a page may come back."""
    written: dict[Path, bytes] = {}

    def note(content: bytes, path: str) -> None:
        written[Path(path)] = content
        write_file(content, path)

    monkeypatch.setattr("mkdocs.utils.write_file", note)
    with open_ledger(SAMPLE_LEDGER) as ledger:
        result = build_portals(ledger, tmp_path / "site", SAMPLE_DAY)
    by_mkdocs = {
        "/".join(path.parts[len(tmp_path.parts) + 1 :]): content
        for path, content in written.items()
        if path.suffix == ".html"
    }
    files = read_all_files(tmp_path / "site")
    downloads = {f"{slug}/statement-document.html" for slug in result.built}
    pages = {name for name in files if name.endswith(".html")} - downloads
    assert len(result.built) == 7
    assert {name: files[name] for name in pages} == by_mkdocs


def test_nothing_is_done_twice(built: Workshop, written: list[str]) -> None:
    """The same ledger on the same day: not even the folder changes its place."""
    before = read_all_files(built.output)
    place = built.output.stat().st_ino
    assert built.build() == before
    assert written == []
    assert built.output.stat().st_ino == place


def test_no_cache_builds_everything(built: Workshop, written: list[str]) -> None:
    before = read_all_files(built.output)
    assert built.build(rebuilds_all=True) == before
    assert written == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        (edit_note, ["first"]),
        (edit_internal_note, ["first"]),
        (add_account, ["second"]),
        (delete_page, ["first"]),
        (damage_page, ["first"]),
        (put_a_page_there, ["first"]),
        (change_terms, ["first", "second", "third"]),
        (let_a_day_pass, ["first", "second", "third"]),
        (edit_template, ["first", "second", "third"]),
    ],
)
def test_a_portal_is_built_if_what_it_is_made_from_has_changed(
    edit: Edit, expected: list[str], built: Workshop, written: list[str]
) -> None:
    """And the portals of other customers are linked."""
    page = built.output / "third" / "terms.html"
    inode = page.stat().st_ino
    edit(built)
    built.build()
    assert written == expected
    assert (page.stat().st_ino == inode) == ("third" not in expected)


def test_another_version_of_a_library_uses_nothing_again(
    built: Workshop, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The theme's next version may say everything otherwise."""
    monkeypatch.setattr(fingerprint, "hash_program", lambda: "the next one")
    built.build()
    assert len(written) == 3


@pytest.mark.parametrize(
    "line", ["hooks: [hook.py]", "INHERIT: base.yml", "copyright: !ENV [NAME, x]"]
)
def test_with_other_code_in_the_build_nothing_is_used_again(
    line: str, workshop: Workshop, written: list[str]
) -> None:
    """Nobody knows what that looks at."""
    write_ledger(workshop.root, {"hook.py": "", "base.yml": "strict: false"})
    workshop.edit("mkdocs.yml", "site_name", f"{line}\nsite_name")
    before = workshop.build()
    assert workshop.build() == before
    assert written == ["first", "second", "third"] * 2


def test_files_that_change_while_they_are_read_are_built_again(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows which of the two contents the portal shows."""
    build_site = builder.SiteBuilder.build

    def edit_meanwhile(self: builder.SiteBuilder, site: PortalSite, folder: Path) -> None:
        build_site(self, site, folder)
        edit_note(workshop)

    with monkeypatch.context() as patch:
        patch.setattr(builder.SiteBuilder, "build", edit_meanwhile)
        workshop.build()
    records = read_manifest(workshop.output).portals
    assert [slug for slug, record in records.items() if not record.fingerprint] == ["first"]
    assert workshop.build() == workshop.build_from_nothing()


def test_an_edit_at_the_same_second_and_size_is_seen(built: Workshop) -> None:
    """Contents count, time stamps do not."""
    file = built.ledger / "first" / "time" / "2026-02-alice.yml"
    status = file.stat()
    built.edit("customers/first/time/2026-02-alice.yml", "Note Zephyrine", "Note Zephyrina")
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert b"Note Zephyrina" in built.build()["first/requests/ONE-1.html"]


def test_an_error_is_found_although_its_customer_was_fine_before(built: Workshop) -> None:
    """What is known of the others does not hide it, nor a key that two have."""
    before = read_all_files(built.output)
    built.edit("customers/second/time/2026-02-ben.yml", "minutes: 90", "minutes: 20")
    with pytest.raises(LedgerHasErrorsError) as caught:
        built.build()
    assert {problem.rule for problem in caught.value.problems} >= {"time-increment"}
    built.edit("customers/second/time/2026-02-ben.yml", "minutes: 20", "minutes: 90")
    shutil.copytree(built.ledger / "first", built.ledger / "fourth")
    with pytest.raises(LedgerHasErrorsError) as caught:
        built.build()
    assert {problem.rule for problem in caught.value.problems} == {"unique-id"}
    assert read_all_files(built.output) == before


def test_many_processes_build_the_same(copy_built: CopyBuilt) -> None:
    """From nothing, and after a week."""
    shop = copy_built("plain")
    for number in range(7):
        files = make_customer(f"more-{number}", f"MORE{number}", f"Mark{number}")
        write_ledger(shop.ledger, files)
    expected = shop.build_from_nothing()
    assert shop.build(jobs=2) == expected
    delete_page(shop)
    let_a_week_pass(shop)
    assert shop.build(jobs=2) == shop.build_from_nothing()


def test_a_killed_worker_is_said_and_leaves_what_was_there(
    built: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system does when memory runs out."""
    before = read_all_files(built.output)
    for number in range(10):
        write_ledger(built.ledger, make_customer(f"more-{number}", f"MORE{number}", "Mark"))
    real, first = builder.SiteBuilder.build, os.getpid()

    def die(self: builder.SiteBuilder, *arguments: object) -> None:
        if os.getpid() != first:
            os.kill(os.getpid(), signal.SIGKILL)
        real(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(builder.SiteBuilder, "build", die)
    with pytest.raises(LedgerError, match="a worker process was killed"):
        built.build(jobs=2)
    assert read_all_files(built.output) == before
    assert [path.name for path in built.root.iterdir() if path.name.startswith(".")] == []


def test_a_full_disk_leaves_what_was_there(
    built: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the next build is right, whatever was written of the one that failed."""
    before = read_all_files(built.output)
    edit_note(built)

    def fail(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(os, "link", fail)
        broken.setattr(shutil, "copy2", fail)
        with pytest.raises(LedgerError, match="No space left on device"):
            built.build()
    assert read_all_files(built.output) == before
    assert built.build() == built.build_from_nothing()


def test_two_at_once_in_one_folder(workshop: Workshop) -> None:
    """The second one says so and touches nothing; afterwards it may."""
    with lock_output(workshop.output), pytest.raises(LedgerError, match="another build") as caught:
        workshop.build()
    assert caught.value.exit_status == 2
    assert not workshop.output.exists()
    assert MANIFEST_NAME in workshop.build()


def test_what_a_killed_build_left_is_cleared_away(workshop: Workshop) -> None:
    """Its lock ended with it, its folder is no use to anybody."""
    left = workshop.root / ".site.building-0badcafe"
    left.mkdir()
    (left / "page.html").touch()
    (workshop.root / ".site.lock").touch()
    workshop.build()
    assert [path.name for path in workshop.root.iterdir() if path.name.startswith(".")] == []
