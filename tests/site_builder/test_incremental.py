"""What is not made again is as if it had been: an incremental build equals one from nothing."""

from __future__ import annotations

import os
import random
import shutil
import signal
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import mkdocs.commands.build as mkdocs_build
import pytest

from ledger.errors import LedgerError
from ledger.loader import open_ledger
from site_builder import input_digests
from site_builder.build import build_portals
from site_builder.errors import LedgerHasErrorsError
from site_builder.mkdocs_site import builder
from site_builder.output_folder import MANIFEST_NAME
from site_builder.output_lock import lock_output
from site_builder.pages import statement_page
from site_builder.pages.environment import PageRenderer
from site_builder.portal_cache import NOTHING_KEPT, PortalCache, StoredPortal
from tests.conftest import RunPunchcard
from tests.site_builder.built_pages import read_all_files
from tests.site_builder.conftest import SAMPLE_DAY
from tests.site_builder.small_ledgers import ORGANIZATION, make_customer, write_ledger

MKDOCS_YML = """\
site_name: Own look
docs_dir: brand
use_directory_urls: false
theme: {name: material, font: false, custom_dir: look, favicon: assets/images/favicon.svg}
plugins:
  - search
  - punchcard: {templates: templates}
markdown_extensions: [attr_list]
extra: {generator: false}
"""
REQUEST = """\
title: {title}
category: product-training
opened: 2026-03-02
opened_by: Zephyrine@customer.example
channel: punchcard
"""


_MOST_ACCOUNTS = 3


PLAIN_MKDOCS_YML = """\
site_name: Own look
docs_dir: brand
use_directory_urls: false
theme: {name: material, font: false, favicon: assets/images/favicon.svg}
plugins:
  - search: {lang: en}
  - punchcard
markdown_extensions: [attr_list]
extra: {generator: false}
"""


class Workshop:
    """A ledger, a look and an output that a test changes and builds again.

    The look is a provider's own with templates, or a plain one, whose frames are learnt.
    """

    def __init__(self, root: Path, settings: str = MKDOCS_YML) -> None:
        self.root = root
        self.ledger = root / "customers"
        self.output = root / "site"
        self.cache = root / "cache"
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

    def build(self, jobs: int = 1) -> dict[str, bytes]:
        """Build what is needed, and return all files."""
        self._build(self.output, self.cache, jobs)
        return read_all_files(self.output)

    def build_from_nothing(self) -> dict[str, bytes]:
        """Build everything elsewhere, and return all files."""
        output = self.root / "from-nothing"
        shutil.rmtree(output, ignore_errors=True)
        self._build(output, None, 1)
        return read_all_files(output)

    def _build(self, output: Path, cache: Path | None, jobs: int) -> None:
        with open_ledger(self.ledger) as ledger:
            build_portals(
                ledger,
                output,
                self.as_of,
                configuration=self.root / "mkdocs.yml",
                cache_folder=cache,
                jobs=jobs,
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

    def copy(look: str) -> Workshop:
        return Workshop(Path(shutil.copytree(built_workshops[look], tmp_path / look)))

    return copy


@pytest.fixture
def built(copy_built: CopyBuilt) -> Workshop:
    """The same, built already."""
    return copy_built("own")


def edit_note(shop: Workshop) -> None:
    shop.edit("customers/first/time/2026-02-alice.yml", "Note", f"Note {shop.next_number()}")


def edit_internal_note(shop: Workshop) -> None:
    shop.edit(
        "customers/first/time/2026-02-alice.yml", "Internal-", f"Internal-{shop.next_number()}"
    )


def edit_theme(shop: Workshop) -> None:
    shop.edit("look/partials/footer.html", "Foot", f"Foot {shop.next_number()}")


def edit_template(shop: Workshop) -> None:
    shop.edit("templates/support.html", "Ours", f"Ours {shop.next_number()}")


def edit_picture(shop: Workshop) -> None:
    shop.edit("brand/assets/images/favicon.svg", "/>", f" class='n{shop.next_number()}'/>")


def change_option(shop: Workshop) -> None:
    shop.edit("mkdocs.yml", "favicon:", f"features: [a{shop.next_number()}], favicon:")
    shop.edit("mkdocs.yml", f"features: [a{shop.number - 1}], ", "")


def change_terms(shop: Workshop) -> None:
    shop.edit("customers/terms.yml", "account_limit: ", "account_limit: 1")


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
    added = sorted((shop.ledger / "first" / "requests").glob("ONE-??.yml"))
    if added:
        added[0].unlink()


def rename_customer(shop: Workshop) -> None:
    names = sorted(folder.name for folder in shop.ledger.iterdir() if folder.is_dir())
    (shop.ledger / names[-1]).rename(shop.ledger / f"zz-{shop.next_number()}")


def rename_the_firm(shop: Workshop) -> None:
    shop.edit(
        "customers/first/customer.yml",
        "name: Customer",
        f"name: Customer {shop.next_number()} & Sons",
    )


def let_a_week_pass(shop: Workshop) -> None:
    shop.as_of += timedelta(days=7)


def go_back_in_time(shop: Workshop) -> None:
    shop.as_of = date(2026, 4, 1)


def let_a_day_pass(shop: Workshop) -> None:
    shop.as_of += timedelta(days=1)


def choose_a_day(shop: Workshop) -> None:
    """Go to where something begins or ends, or to the day before or after."""
    chance = random.Random(shop.next_number())
    shop.as_of = chance.choice(TURNS) + timedelta(days=chance.choice((-1, 0, 1, 1, 6)))


def announce_terms(shop: Workshop) -> None:
    """From next year on a balance is low much earlier, and cards that are bought expire."""
    file = shop.ledger / "terms.yml"
    terms = file.read_text(encoding="utf-8")
    if "2027-01-01" not in terms:
        coming = terms.replace("2024-01-01", "2027-01-01")
        coming = coming.replace("low_balance_minutes: 60", "low_balance_minutes: 600")
        coming = coming.replace("punchcard_validity_months:", "punchcard_validity_months: 1")
        file.write_text(terms + coming, encoding="utf-8")


def let_cards_expire(shop: Workshop) -> None:
    shop.edit(
        "customers/terms.yml", "punchcard_validity_months:\n", "punchcard_validity_months: 11\n"
    )


def close_next_month(shop: Workshop) -> None:
    file = shop.ledger / "first" / "requests" / "ONE-1.yml"
    event = "  - {date: 2026-12-10, by: alice, status: closed, note: Over}\n"
    if file.is_file() and event not in file.read_text(encoding="utf-8"):
        file.write_text(file.read_text(encoding="utf-8") + event, encoding="utf-8")


def buy_next_month(shop: Workshop) -> None:
    file = shop.ledger / "second" / "purchases.yml"
    sale = "- {id: P9, date: 2026-12-15, punchcards: 1, amount: 1000.00}\n"
    if file.is_file() and "P9" not in file.read_text(encoding="utf-8"):
        file.write_text(file.read_text(encoding="utf-8") + sale, encoding="utf-8")


def use_all_up(shop: Workshop) -> None:
    """The portal closes a year after."""
    file = shop.ledger / "third" / "time" / "2026-12-ben.yml"
    if file.parent.is_dir() and not file.is_file():
        entry = "{id: 01-1, date: 2026-12-01, request: THREE-1, minutes: 555, note: All"
        file.write_text(f"- {entry}, category: system-access}}\n", encoding="utf-8")


def dismiss_somebody(shop: Workshop) -> None:
    shop.edit(
        "customers/first/accounts.yml",
        "created: 2026-01-12",
        "created: 2026-01-12\n  removed: 2026-12-05",
    )


def delete_page(shop: Workshop) -> None:
    shop.output.joinpath("first", "terms.html").unlink(missing_ok=True)


def damage_page(shop: Workshop) -> None:
    page = shop.output / "first" / "statement.html"
    if page.exists():
        # Not in place: the file may be linked to where it was before.
        content = page.read_bytes()[:-10]
        page.unlink()
        page.write_bytes(content)


def damage_asset(shop: Workshop) -> None:
    for asset in shop.output.glob("first/assets/stylesheets/portal.css"):
        asset.unlink()
        asset.write_text("p {}", encoding="utf-8")


def put_a_page_there(shop: Workshop) -> None:
    if (shop.output / "first").is_dir():
        (shop.output / "first" / "left-over.html").write_text("old", encoding="utf-8")


def damage_cache(shop: Workshop) -> None:
    for number, file in enumerate(sorted((shop.cache / "portals").glob("*"))):
        content = bytearray(file.read_bytes())
        if number % 2:
            content[-len(content) // 3] ^= 0xFF
        file.write_bytes(bytes(content) if number % 2 else bytes(content[:100]))


def delete_cache(shop: Workshop) -> None:
    shutil.rmtree(shop.cache, ignore_errors=True)


def delete_output(shop: Workshop) -> None:
    shutil.rmtree(shop.output, ignore_errors=True)


TURNS = tuple(
    map(
        date.fromisoformat,
        (
            "2026-01-12",  # the first account and purchase
            "2026-02-28",
            "2026-05-04",
            "2026-08-02",  # an account's last day
            "2026-11-20",
            "2026-12-01",  # all is used up, if it is
            "2026-12-05",
            "2026-12-10",
            "2026-12-12",  # the last day of cards, if they have one
            "2026-12-15",
            "2027-01-01",  # other terms, if there are any
            "2027-03-31",  # the last day of licences
            "2027-12-01",  # the last day of a portal, if it has one
        ),
    )
)

EDITS: tuple[Callable[[Workshop], None], ...] = (
    edit_note,
    edit_internal_note,
    edit_theme,
    edit_template,
    edit_picture,
    change_option,
    change_terms,
    add_account,
    add_request,
    remove_request,
    rename_customer,
    rename_the_firm,
    let_a_week_pass,
    let_a_day_pass,
    go_back_in_time,
    choose_a_day,
    announce_terms,
    let_cards_expire,
    close_next_month,
    buy_next_month,
    use_all_up,
    dismiss_somebody,
    delete_page,
    damage_page,
    damage_asset,
    put_a_page_there,
    damage_cache,
    delete_cache,
    delete_output,
)


OF_ITS_OWN_LOOK = {edit_theme, edit_template, edit_picture, change_option, damage_asset}


@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__)
def test_after_one_edit(edit: Callable[[Workshop], None], copy_built: CopyBuilt) -> None:
    """To the byte, files removed included."""
    shop = copy_built("own" if edit in OF_ITS_OWN_LOOK else "plain")
    edit(shop)
    assert shop.build() == shop.build_from_nothing()


@pytest.mark.parametrize("seed", range(int(os.environ.get("PUNCHCARD_EXAMPLES", "3"))))
def test_after_random_edits(seed: int, copy_built: CopyBuilt) -> None:
    """Whatever comes after whatever, a few at a time."""
    shop = copy_built("own" if seed % 3 == 1 else "plain")
    chance = random.Random(seed)
    for _ in range(4):
        edits = chance.choices(EDITS, k=chance.randint(1, 4))
        for edit in edits:
            edit(shop)
        built = shop.build()
        assert built == shop.build_from_nothing(), [edit.__name__ for edit in edits]


PLANS = (announce_terms, let_cards_expire, close_next_month, buy_next_month, use_all_up)
SMALL_EDITS = (edit_note, dismiss_somebody, delete_page, damage_page, damage_cache, delete_output)


@pytest.mark.parametrize("seed", range(int(os.environ.get("PUNCHCARD_EXAMPLES", "3"))))
def test_on_any_day(seed: int, copy_built: CopyBuilt) -> None:
    """Forth and back, over everything that begins and ends, with little or nothing changed."""
    shop = copy_built("plain")
    chance = random.Random(seed)
    for plan in chance.sample(PLANS, chance.randint(0, len(PLANS))):
        plan(shop)
    shop.number = 1000 * seed
    for _ in range(8):
        chance.choice((choose_a_day, choose_a_day, let_a_day_pass, let_a_week_pass))(shop)
        if chance.random() < 0.3:
            chance.choice(SMALL_EDITS)(shop)
        assert attempt(shop.build) == attempt(shop.build_from_nothing), shop.as_of


def attempt(build: Callable[[], dict[str, bytes]]) -> object:
    """Return all files, or what keeps them from being built."""
    try:
        return build()
    except LedgerHasErrorsError as error:
        return error.problems


class Rendered(list[str]):
    """The templates of pages that were rendered, and how often MkDocs ran."""

    runs = 0


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> Rendered:
    """What is rendered from here on."""
    seen = Rendered()
    render, run = PageRenderer.render, mkdocs_build.build

    def note(self: PageRenderer, template: str, values: object) -> object:
        seen.append(template)
        return render(self, template, values)  # type: ignore[arg-type]

    def note_run(*arguments: object) -> None:
        seen.runs += 1
        run(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(PageRenderer, "render", note)
    monkeypatch.setattr(builder, "run_mkdocs_build", note_run)
    return seen


def test_nothing_is_done_twice(built: Workshop, rendered: Rendered) -> None:
    """The same ledger on the same day: not even the folder changes its place."""
    before = read_all_files(built.output)
    place = built.output.stat().st_ino
    rendered.clear()
    rendered.runs = 0
    assert built.build() == before
    assert (list(rendered), rendered.runs) == ([], 0)
    assert built.output.stat().st_ino == place


def test_next_week_only_what_says_the_day_is_rendered(built: Workshop, rendered: Rendered) -> None:
    """The Overview, and the document with its date; no page of a request, and no big table."""
    rendered.clear()
    let_a_week_pass(built)
    built.build()
    assert sorted(rendered) == ["overview.html"] * 3 + ["statement-document.html"] * 3


def test_a_note_changes_its_customers_pages_alone(workshop: Workshop, rendered: Rendered) -> None:
    """And of those, the ones that show it."""
    add_request(workshop)
    workshop.build()
    rendered.clear()
    edit_note(workshop)
    workshop.build()
    assert rendered.count("request.html") == 1
    assert set(rendered).isdisjoint({"terms.html", "dates.html", "support.html"})


def test_what_the_customer_cannot_see_changes_nothing(built: Workshop, rendered: Rendered) -> None:
    """An internal note: the files are read again, no page is rendered."""
    rendered.clear()
    edit_internal_note(built)
    built.build()
    assert list(rendered) == []


def test_another_version_of_a_library_uses_nothing_again(
    workshop: Workshop, rendered: Rendered, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The theme's next version may say everything otherwise."""
    workshop.build()
    first = len(rendered)
    monkeypatch.setattr(input_digests, "digest_program", lambda: "the next one")
    rendered.clear()
    workshop.build()
    assert len(rendered) == first


def test_what_another_version_has_kept_may_have_another_form(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not even looked at, whatever has changed besides."""
    with monkeypatch.context() as older:
        older.setattr(input_digests, "digest_program", lambda: "the one before")
        older.setattr(statement_page, "_BETWEEN", "<!-- -->")
        workshop.build()
    let_a_week_pass(workshop)
    assert workshop.build() == workshop.build_from_nothing()


@pytest.mark.parametrize(
    "line", ["hooks: [hook.py]", "INHERIT: base.yml", "copyright: !ENV [NAME, x]"]
)
def test_with_other_code_in_the_build_nothing_is_used_again(
    line: str, workshop: Workshop, rendered: Rendered
) -> None:
    """Nobody knows what that looks at."""
    write_ledger(workshop.root, {"hook.py": "", "base.yml": "strict: false"})
    workshop.edit("mkdocs.yml", "site_name", f"{line}\nsite_name")
    workshop.build()
    first = len(rendered)
    rendered.clear()
    assert workshop.build() == workshop.build_from_nothing()
    assert len(rendered) == 2 * first


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
    """With and without a cache that is there already."""
    shop = copy_built("plain")
    for number in range(7):
        files = make_customer(f"more-{number}", f"MORE{number}", f"Mark{number}")
        write_ledger(shop.ledger, files)
    expected = shop.build_from_nothing()
    delete_cache(shop)
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


def test_a_cache_that_cannot_be_written_is_done_without(workshop: Workshop) -> None:
    """A full disk, a folder of somebody else's: the portals are built."""
    workshop.cache.write_text("a file", encoding="utf-8")
    assert workshop.build() == workshop.build_from_nothing()


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


def test_the_cache_is_bounded(workshop: Workshop) -> None:
    """What was of no use for longest goes first."""
    workshop.build()
    files = sorted((workshop.cache / "portals").iterdir())
    for age, file in enumerate(files):
        os.utime(file, (1_000_000 - age, 1_000_000 - age))
    PortalCache(workshop.cache, "Example Tools").shrink((), files[0].stat().st_size)
    assert list((workshop.cache / "portals").iterdir()) == [files[0]]


def test_a_ledger_larger_than_the_bound_keeps_its_own(workshop: Workshop) -> None:
    """What others left goes; else each build would begin by forgetting what it needs."""
    workshop.build()
    cache = PortalCache(workshop.cache, "Example Tools")
    others = PortalCache(workshop.cache, "Others")
    others.write("first", StoredPortal("", "", {}), {"page": b"x" * 100})
    cache.shrink(("first", "second"), 1)
    names = {name for name in ("first", "second", "third") if cache.read(name) is not NOTHING_KEPT}
    assert names == {"first", "second"}
    assert others.read("first") is NOTHING_KEPT


def test_the_command_keeps_its_cache_where_it_is_told(
    workshop: Workshop, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And keeps none where it is told not to; the output is the same."""
    monkeypatch.setenv("PUNCHCARD_CACHE_DIR", str(workshop.cache))
    arguments = ("--ledger", workshop.ledger, "portal", "build", "--as-of", "2026-11-20")
    assert punchcard(workshop.root, *arguments, "--output", "one", "--no-cache").status == 0
    assert not workshop.cache.exists()
    assert punchcard(workshop.root, *arguments, "--output", "two", "--jobs", 2).status == 0
    assert len(list((workshop.cache / "portals").iterdir())) == 4
    assert read_all_files(workshop.root / "one") == read_all_files(workshop.root / "two")
