"""A portal as an ordinary MkDocs project: plain `mkdocs build` makes the same portal of it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.errors import LedgerError
from ledger.ledger import open_ledger
from site_builder.errors import LedgerHasErrorsError
from site_builder.mkdocs.export import export_portal
from site_builder.output import read_manifest
from tests.conftest import RunPunchcard
from tests.site_builder.built_pages import read_all_files, read_page
from tests.site_builder.conftest import SAMPLE_DAY, SAMPLE_LEDGER, build_all
from tests.site_builder.hostile_ledger import make_hostile_customer
from tests.site_builder.small_ledgers import ORGANIZATION, write_ledger

WITHOUT_OUR_CODE = """
import sys
for name in ("ledger", "site_builder"):
    sys.modules[name] = None
from {program}.__main__ import cli
cli(["build", "--quiet", "--strict", "--config-file", "mkdocs.yml"])
"""
# The last two are line ends that YAML would fold.
NASTY = "</textarea><b>{{ 7 * 7 }} & “ý” [x](javascript:1) 日本 ☂ # a {#b} --- \u2028 \u2029 end"


def build_plainly(project: Path, program: str = "mkdocs") -> Path:
    command = [sys.executable, "-c", WITHOUT_OUR_CODE.format(program=program)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return project / "site"


def export(
    ledger_folder: Path, slug: str, project: Path, configuration: Path | None = None
) -> None:
    with open_ledger(ledger_folder) as ledger:
        export_portal(ledger, slug, project, SAMPLE_DAY, configuration)


def test_plain_mkdocs_makes_the_same_portals(sample_portals: Path, tmp_path: Path) -> None:
    """To the byte, and without any of our code."""
    for each in read_manifest(sample_portals).portals:
        export(SAMPLE_LEDGER, each, tmp_path / each)
        built = read_all_files(build_plainly(tmp_path / each))
        ours = read_all_files(sample_portals / each)
        assert built.keys() == ours.keys(), each
        assert [path for path in ours if ours[path] != built[path]] == [], each


def test_properdocs_makes_the_same_portal(sample_portals: Path, tmp_path: Path) -> None:
    """The continuation of MkDocs, which will still be there when MkDocs and the theme are not."""
    export(SAMPLE_LEDGER, "mueller-messtechnik", tmp_path / "project")
    built = read_all_files(build_plainly(tmp_path / "project", "properdocs"))
    assert built == read_all_files(sample_portals / "mueller-messtechnik")


def test_any_text_comes_through(tmp_path: Path) -> None:
    """What a customer wrote is neither YAML nor Markdown nor a template's source."""
    files = make_hostile_customer("first", "ONE", NASTY, [NASTY])
    customer = json.loads(files["first/customer.yml"])
    files["first/customer.yml"] = json.dumps({**customer, "language": "de"})
    ledger = write_ledger(tmp_path / "customers", ORGANIZATION, files)
    export(ledger, "first", tmp_path / "project")
    build_all(ledger, tmp_path / "site")
    built = read_all_files(build_plainly(tmp_path / "project"))
    assert built == read_all_files(tmp_path / "site" / "first")


def test_the_providers_own_words_come_through(two_customers: Path, tmp_path: Path) -> None:
    """Whatever they are: Markdown never sees them, and they are escaped once."""
    words = "R&D, A&amp;B <b>bold</b> *starred* `code` [link](x) _and_ ^^l^^ ~~m~~ !!! --- #"
    own = {
        "texts/en.toml": f"""
            [hours]
            title = '{words}'
            [statement]
            sums = '1. "All" \\* of it :smile: #'
            """,
        "brand/assets/images/favicon.svg": "<svg xmlns='http://www.w3.org/2000/svg'/>",
        "mkdocs.yml": """
            site_name: Own words
            docs_dir: brand
            use_directory_urls: false
            theme: {name: material, font: false}
            plugins: [search, {punchcard: {texts: texts}}]
            markdown_extensions: [attr_list, extra, smarty, pymdownx.emoji, pymdownx.caret]
            """,
    }
    configuration = write_ledger(tmp_path / "own", own) / "mkdocs.yml"
    export(two_customers, "first", tmp_path / "project", configuration)
    build_all(two_customers, tmp_path / "site", look=configuration)
    built = tmp_path / "site" / "first"
    assert read_all_files(build_plainly(tmp_path / "project")) == read_all_files(built)
    for path, anchor, said in (
        ("punchcards", "hours", words),
        ("statement", "sums", '1. "All" \\* of it :smile: #'),
    ):
        assert read_page(built / f"{path}.html").find("h2", id=anchor)[0].text == said


def test_the_providers_own_look_goes_along(two_customers: Path, tmp_path: Path) -> None:
    """Its templates, styles, pages' pictures, hooks and functions named in mkdocs.yml."""
    own = tmp_path / "own"
    files = {
        "look/partials/footer.html": "<footer>Our own foot, {{ config.extra.slogan }}</footer>",
        "docs/assets/own.css": "p { color: green }",
        "docs/notes.md": "# Not a page of a portal",
        "extra.py": "def on_post_page(output, **_):\n    return output + '<!-- ours -->'\n",
        "mkdocs.yml": """
            site_name: Our look
            docs_dir: docs
            use_directory_urls: false
            theme: {name: material, font: false, custom_dir: look}
            plugins: {search: {lang: de}, punchcard: {}}
            hooks: [extra.py]
            extra: {slogan: at your service}
            extra_css: [assets/own.css]
            markdown_extensions:
              - attr_list
              - pymdownx.emoji:
                  emoji_index: !!python/name:material.extensions.emoji.twemoji
            """,
    }
    write_ledger(own, files)
    export(two_customers, "first", tmp_path / "project", own / "mkdocs.yml")
    build_all(two_customers, tmp_path / "site", look=own / "mkdocs.yml")
    built = read_all_files(build_plainly(tmp_path / "project"))
    assert built == read_all_files(tmp_path / "site" / "first")
    assert b"Our own foot, at your service" in built["index.html"]
    assert built["index.html"].endswith(b"<!-- ours -->")
    assert "assets/own.css" in built
    assert "notes.html" not in built


def test_a_page_added_by_hand_is_ordinary_markdown(two_customers: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    export(two_customers, "first", project)
    (project / "docs" / "more.md").write_text(
        "# More\n\nIn *Markdown*, Wombat.\n", encoding="utf-8"
    )
    site = build_plainly(project)
    assert "In <em>Markdown</em>" in (site / "more.html").read_text(encoding="utf-8")
    assert "Note Zephyrine" in (site / "search.html").read_text(encoding="utf-8")


def test_the_project_holds_no_word_of_others(two_customers: Path, tmp_path: Path) -> None:
    """Neither of the other customer, nor what is internal."""
    export(two_customers, "first", tmp_path / "project")
    for path, content in read_all_files(tmp_path / "project").items():
        for word in (b"Quillfeather", b"Internal-Zephyrine", b"SecretHash", b"TWO-1"):
            assert word not in content, path


def test_the_build_that_the_project_names_is_silent(two_customers: Path, tmp_path: Path) -> None:
    """The theme's notice in colours has no place in the log of a nightly build."""
    export(two_customers, "first", tmp_path / "project")
    first_lines = (tmp_path / "project" / "mkdocs.yml").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in first_lines[:6] if line.endswith("python -m mkdocs build"))
    name, _, value = line.split()[1].partition("=")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--quiet"],
        cwd=tmp_path / "project",
        env={**os.environ, name: value},
        capture_output=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == (b"", b"")


def test_leaves_a_folder_with_something_in_it_alone(two_customers: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(LedgerError, match="is not empty"):
        export(two_customers, "first", tmp_path)
    assert read_all_files(tmp_path) == {"mine.txt": b"mine"}


def test_refusals_write_nothing(tmp_path: Path) -> None:
    nothing = {"first/customer.yml": "{name: First, key: ONE, currency: USD}\n"}
    ledger = write_ledger(tmp_path / "customers", ORGANIZATION, nothing)
    with pytest.raises(LedgerError, match="first has no portal on 2026-11-20: there is no"):
        export(ledger, "first", tmp_path / "project")
    write_ledger(ledger, {"first/purchases.yml": "- {id: P1, date: 2026-01-12, punchcards: none}"})
    with pytest.raises(LedgerHasErrorsError):
        export(ledger, "first", tmp_path / "project")
    assert not (tmp_path / "project").exists()


def test_a_value_that_cannot_be_written_out_is_named(two_customers: Path, tmp_path: Path) -> None:
    """Rather than a project that builds something else."""
    own = tmp_path / "mkdocs.yml"
    own.write_text(
        "site_name: x\ntheme: material\nplugins: [search, punchcard]\n"
        "extra: {slug: !!python/object/apply:pymdownx.slugs.slugify {kwds: {case: lower}}}\n",
        encoding="utf-8",
    )
    (tmp_path / "docs").mkdir()
    with pytest.raises(LedgerError, match=r"mkdocs\.yml has a value that cannot be written out"):
        export(two_customers, "first", tmp_path / "project", own)
    assert not (tmp_path / "project").exists()


def test_the_command(two_customers: Path, tmp_path: Path, punchcard: RunPunchcard) -> None:
    """It says where the project is; what is missing is said with the nearest name."""
    arguments = ("--ledger", two_customers, "portal", "export")
    ran = punchcard(tmp_path, *arguments, "first", "out", "--as-of", "2026-11-20")
    assert ran == (0, "wrote the portal of first to out, as of 2026-11-20\n", "")
    assert (tmp_path / "out" / "mkdocs.yml").is_file()
    ran = punchcard(tmp_path, *arguments, "frist", "other")
    assert (ran.status, ran.stdout) == (2, "")
    assert "first" in ran.stderr
