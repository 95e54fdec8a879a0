"""What is not made again is as if it had been: an incremental build equals one from nothing."""

import os
import random
import shutil
import signal
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest
from mkdocs.commands.build import build as run_mkdocs_build
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.utils import write_file

from ledger.errors import LedgerError
from ledger.ledger import open_ledger
from site_builder import output
from site_builder.build import build_portals
from site_builder.errors import LedgerHasErrorsError
from site_builder.mkdocs import plugin
from site_builder.output import read_manifest, stage_folder
from site_builder.pages.site import PortalSite
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

LOOK = {
    "mkdocs.yml": """\
        site_name: Own look
        docs_dir: brand
        use_directory_urls: false
        theme: {name: material, font: false, custom_dir: look}
        plugins:
          - search
          - punchcard: {templates: templates}
        markdown_extensions: [attr_list]
        extra: {generator: false}
        """,
    "brand/assets/images/favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "look/partials/footer.html": "<footer>Foot</footer>",
    "templates/support.html": '<h1 id="top">Ours</h1>{{ view.name }}',
}
REQUEST = """\
title: Request {0}
category: product-training
opened: 2026-03-02
opened_by: First@customer.example
channel: punchcard
"""
ALL = ("first", "second", "third")


class Workshop:
    """A ledger, a provider's own look and an output that a test changes and builds again."""

    def __init__(self, root: Path) -> None:
        self.root, self.ledger, self.output = root, root / "customers", root / "site"
        self.as_of = SAMPLE_DAY
        self.number = 0
        if not root.is_dir():
            customers = [make_customer(slug, slug.upper(), slug.title()) for slug in ALL]
            write_ledger(self.ledger, ORGANIZATION, *customers)
            write_ledger(root, LOOK)

    def build(self, jobs: int = 1, *, rebuilds_all: bool = False) -> dict[str, bytes]:
        return self._build(self.output, jobs, rebuilds_all=rebuilds_all)

    def build_from_nothing(self) -> dict[str, bytes]:
        shutil.rmtree(self.root / "anew", ignore_errors=True)
        return self._build(self.root / "anew", 1)

    def _build(self, output: Path, jobs: int, *, rebuilds_all: bool = False) -> dict[str, bytes]:
        look = self.root / "mkdocs.yml"
        with open_ledger(self.ledger) as ledger:
            build_portals(
                ledger,
                output,
                self.as_of,
                configuration=look,
                jobs=jobs,
                rebuilds_all=rebuilds_all,
            )
        return read_all_files(output)

    def edit(self, name: str, old: str, new: str) -> None:
        """Put ``new``, with a number of its own, in the place of ``old``, if that is there."""
        self.number += 1
        file = self.root / name
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            file.write_text(text.replace(old, new.format(self.number), 1), encoding="utf-8")


Edit = Callable[[Workshop], None]
NOTES = "customers/first/time/2026-02-alice.yml"


def change(file: str, old: str, new: str) -> Edit:
    return lambda shop: shop.edit(file, old, new)


def add_request(shop: Workshop) -> None:
    shop.number += 1
    file = shop.ledger / "first" / "requests" / f"FIRST-{shop.number + 10}.yml"
    file.write_text(REQUEST.format(shop.number), encoding="utf-8")


def remove_request(shop: Workshop) -> None:
    for added in sorted((shop.ledger / "first" / "requests").glob("FIRST-??.yml"))[:1]:
        added.unlink()


def rename_customer(shop: Workshop) -> None:
    shop.number += 1
    last = max(folder for folder in shop.ledger.iterdir() if folder.is_dir())
    last.rename(shop.ledger / f"zz-{shop.number}")


def let_days_pass(days: int) -> Edit:
    def pass_by(shop: Workshop) -> None:
        shop.as_of += timedelta(days=days)

    return pass_by


def go_back_in_time(shop: Workshop) -> None:
    shop.as_of = date(2026, 4, 1)


def damage(name: str) -> Edit:
    def cut_off(shop: Workshop) -> None:
        if (file := shop.output / name).exists():
            # Not in place: the file may be linked to where it was before.
            content = file.read_bytes()[:-10]
            file.unlink()
            file.write_bytes(content)

    return cut_off


def delete_page(shop: Workshop) -> None:
    shop.output.joinpath("first", "terms.html").unlink(missing_ok=True)


def put_a_page_there(shop: Workshop) -> None:
    if (shop.output / "first").is_dir():
        (shop.output / "first" / "left-over.html").write_text("old", encoding="utf-8")


def delete_output(shop: Workshop) -> None:
    shutil.rmtree(shop.output, ignore_errors=True)


edit_note = change(NOTES, "Note", "Note {}")
# What is changed, how, and whose portals have to be built anew.
EDITS: dict[str, tuple[Edit, Sequence[str]]] = {
    "note": (edit_note, ALL[:1]),
    "internal note": (change(NOTES, "Internal-", "Internal-{}"), ALL[:1]),
    "firm": (change("customers/first/customer.yml", "Customer", "Customer {} & Co"), ALL[:1]),
    "account": (change("customers/second/accounts.yml", "Person", "Person {}"), ALL[1:2]),
    "terms": (change("customers/terms.yml", "account_limit: ", "account_limit: 1"), ALL),
    "theme": (change("look/partials/footer.html", "Foot", "Foot {}"), ALL),
    "template": (change("templates/support.html", "Ours", "Ours {}"), ALL),
    "picture": (change("brand/assets/images/favicon.svg", "/>", " class='n{}'/>"), ALL),
    "option": (change("mkdocs.yml", "generator: false", "generator: false, n{}: 1"), ALL),
    "request": (add_request, ALL[:1]),
    "no request": (remove_request, ()),
    "renamed customer": (rename_customer, ("zz-1",)),
    "a day": (let_days_pass(1), ALL),
    "a week": (let_days_pass(7), ALL),
    "time back": (go_back_in_time, ALL),
    "no page": (delete_page, ALL[:1]),
    "damaged page": (damage("first/statement.html"), ALL[:1]),
    "damaged asset": (damage("first/assets/stylesheets/portal.css"), ALL[:1]),
    "another page": (put_a_page_there, ALL[:1]),
    "no output": (delete_output, ALL),
}


@pytest.fixture(scope="session")
def built_workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("workshop") / "root"
    Workshop(root).build()
    return root


@pytest.fixture
def built(built_workshop: Path, tmp_path: Path) -> Workshop:
    return Workshop(shutil.copytree(built_workshop, tmp_path / "root"))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Whose portals MkDocs builds from here on in this process, in order."""
    seen: list[str] = []

    def note(config: MkDocsConfig) -> None:
        seen.append(Path(config.site_dir).name)
        run_mkdocs_build(config)

    monkeypatch.setattr("site_builder.mkdocs.plugin.run_mkdocs_build", note)
    return seen


@pytest.mark.parametrize("name", EDITS)
def test_after_one_edit(name: str, built: Workshop, written: list[str]) -> None:
    """To the byte, files removed included; and the portals of other customers are linked."""
    edit, expected = EDITS[name]
    page = built.output / "third" / "terms.html"
    inode = page.stat().st_ino
    edit(built)
    after = built.build()
    assert written == [*expected]
    if page.exists():
        assert (page.stat().st_ino == inode) == ("third" not in expected)
    assert after == built.build_from_nothing()


@pytest.mark.parametrize("seed", range(int(os.environ.get("PUNCHCARD_EXAMPLES", "3"))))
def test_after_random_edits(seed: int, built: Workshop) -> None:
    chance = random.Random(seed)
    for _ in range(4):
        names = chance.choices([*EDITS], k=chance.randint(1, 4))
        for name in names:
            EDITS[name][0](built)
        assert built.build() == built.build_from_nothing(), names


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


def test_nothing_is_done_twice_unless_it_is_asked_for(built: Workshop, written: list[str]) -> None:
    """The same ledger on the same day: not even the folder changes its place."""
    before, place = read_all_files(built.output), built.output.stat().st_ino
    assert built.build() == before
    assert written == []
    assert built.output.stat().st_ino == place
    assert built.build(rebuilds_all=True) == before
    assert written == [*ALL]


def test_another_version_of_a_library_uses_nothing_again(
    built: Workshop, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The theme's next version may say everything otherwise."""
    monkeypatch.setattr(output, "hash_program", lambda: "the next one")
    built.build()
    assert written == [*ALL]


@pytest.mark.parametrize(
    "line", ["hooks: [hook.py]", "INHERIT: base.yml", "copyright: !ENV [NAME, x]"]
)
def test_with_other_code_in_the_build_nothing_is_used_again(
    line: str, built: Workshop, written: list[str]
) -> None:
    write_ledger(built.root, {"hook.py": "", "base.yml": "strict: false"})
    built.edit("mkdocs.yml", "site_name", f"{line}\nsite_name")
    assert built.build() == built.build()
    assert written == [*ALL] * 2


def test_files_that_change_while_they_are_read_are_built_again(
    built: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_site = plugin.SiteBuilder.build

    def edit_meanwhile(self: plugin.SiteBuilder, site: PortalSite, folder: Path) -> None:
        build_site(self, site, folder)
        edit_note(built)

    with monkeypatch.context() as patch:
        patch.setattr(plugin.SiteBuilder, "build", edit_meanwhile)
        built.build(rebuilds_all=True)
    records = read_manifest(built.output).portals
    assert [slug for slug, record in records.items() if not record.fingerprint] == ["first"]
    assert built.build() == built.build_from_nothing()


def test_an_edit_at_the_same_second_and_size_is_seen(built: Workshop) -> None:
    status = (built.root / NOTES).stat()
    built.edit(NOTES, "Note First", "Note Other")
    os.utime(built.root / NOTES, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert b"Note Other" in built.build()["first/requests/FIRST-1.html"]


def test_an_error_is_found_although_its_customer_was_fine_before(built: Workshop) -> None:
    """What is known of the others does not hide it, nor a key that two have."""
    before, file = read_all_files(built.output), NOTES.replace("first", "second")
    built.edit(file, "minutes: 90", "minutes: 20")
    with pytest.raises(LedgerHasErrorsError) as caught:
        built.build()
    assert {problem.rule for problem in caught.value.problems} >= {"time-increment"}
    built.edit(file, "minutes: 20", "minutes: 90")
    shutil.copytree(built.ledger / "first", built.ledger / "fourth")
    with pytest.raises(LedgerHasErrorsError) as caught:
        built.build()
    assert {problem.rule for problem in caught.value.problems} == {"unique-id"}
    assert read_all_files(built.output) == before


def add_customers(shop: Workshop) -> None:
    more = [make_customer(f"more-{at}", f"MORE{at}", f"Mark{at}") for at in range(7)]
    write_ledger(shop.ledger, *more)


def test_many_processes_build_the_same(built: Workshop) -> None:
    add_customers(built)
    assert built.build(jobs=2) == built.build_from_nothing()
    delete_page(built)
    built.as_of += timedelta(days=7)
    assert built.build(jobs=2) == built.build_from_nothing()


def test_a_killed_worker_is_said_and_leaves_what_was_there(
    built: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the system does when memory runs out."""
    before = read_all_files(built.output)
    add_customers(built)
    real, first = plugin.SiteBuilder.build, os.getpid()

    def die(self: plugin.SiteBuilder, *arguments: object) -> None:
        if os.getpid() != first:
            os.kill(os.getpid(), signal.SIGKILL)
        real(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(plugin.SiteBuilder, "build", die)
    with pytest.raises(LedgerError, match="a worker process was killed"):
        built.build(jobs=2, rebuilds_all=True)
    assert read_all_files(built.output) == before
    assert [path.name for path in built.root.iterdir() if path.name.startswith(".")] == []


def test_two_at_once_in_one_folder(built: Workshop) -> None:
    """The second one says so and touches nothing."""
    delete_output(built)
    with stage_folder(built.output), pytest.raises(LedgerError, match="another build") as caught:
        built.build()
    assert caught.value.exit_status == 2
    assert not built.output.exists()
