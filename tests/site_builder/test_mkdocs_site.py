"""What the site generator adds to our pages, and what it must not add."""

import hashlib
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import pytest

from ledger.errors import LedgerError
from ledger.ledger import open_ledger
from site_builder.look import find_configuration
from site_builder.make_view import view_portal
from site_builder.mkdocs import hooks
from site_builder.mkdocs.plugin import PortalPlugin, SiteBuilder
from site_builder.pages.portal_site import render_portal
from site_builder.pages.site import PortalSite
from tests.site_builder.built_pages import (
    list_framed_pages,
    list_pages,
    read_all_files,
    read_page,
)
from tests.site_builder.conftest import SAMPLE_DAY

CONFIGURATION = find_configuration(None)
LOADED = re.compile(rb"""(?:src|url|href)\s*[=(]\s*["']?(?:https?:)?//""")


@pytest.fixture(scope="module")
def site(two_customers: Path) -> PortalSite:
    with open_ledger(two_customers) as ledger:
        return render_portal(view_portal(ledger, "first", SAMPLE_DAY))


def test_nothing_is_loaded_from_another_host(two_portals: Path) -> None:
    """Links may lead out; pages, styles and pictures load nothing from there."""
    for path, page in list_pages(two_portals / "first"):
        for element in page.elements:
            if element.tag != "a":
                for name in ("src", "href", "data", "poster"):
                    assert "//" not in element.attributes.get(name, ""), (path, element)
    for path, content in read_all_files(two_portals / "first").items():
        if path.endswith(".css"):
            assert b"@import" not in content, path
            assert not re.search(rb"url\(\s*[\"']?(?:https?:)?//", content), path


def test_what_a_page_loads_has_an_address_that_changes_with_it(sample_portals: Path) -> None:
    """So that a browser may keep it: by a version, or the theme's name of it."""
    found = set()
    for path, page in list_framed_pages(sample_portals / "acme"):
        addresses = [each.attributes["src"] for each in page.find("script")]
        addresses += [each.attributes["href"] for each in page.find("link", rel="stylesheet")]
        for address in addresses:
            name, _mark, version = address.partition("?v=")
            content = (sample_portals / "acme" / path).parent.joinpath(name).read_bytes()
            found.add(name.rpartition("/")[2])
            assert version == hashlib.sha256(content).hexdigest()[:8] or re.search(
                r"[.][0-9a-f]{8}[.]min[.]css$", address
            ), (path, address)
    assert {"brand.css", "mail-form.js", "portal.css", "request-list.js", "search.js"} < found


def test_request_pages_are_not_in_the_menu(two_portals: Path) -> None:
    """The menu holds nine pages, however many requests there are."""
    for path, page in list_framed_pages(two_portals / "first"):
        links = page.find("a", **{"class": "portal-menu__link"})
        prefix = "../" if "/" in path else ""
        names = ["index", "requests", "punchcards", "statement", "new-request"]
        names += ["buy-hours", "support", "dates", "terms"]
        assert [link.attributes["href"] for link in links] == [
            f"{prefix}{name}.html" for name in names
        ] * 2
        current = {link.attributes["href"] for link in links if "aria-current" in link.attributes}
        assert current == (set() if prefix or path == "search.html" else {path})


def test_every_page_has_one_title_and_one_main_heading(two_portals: Path) -> None:
    """The skip link leads to it."""
    for path, page in list_framed_pages(two_portals / "first"):
        assert len(page.find("h1", id="top")) == len(page.find("h1")) == 1, path
        assert "Customer Zephyrine" in page.find("title")[0].text, path
        assert page.find("a", **{"class": "md-skip"})[0].attributes["href"] == "#top", path


def test_ids_are_unique_and_references_lead_somewhere(sample_portals: Path) -> None:
    for path, page in list_pages(sample_portals / "acme"):
        ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
        assert len(ids) == len(set(ids)), path
        for element in page.elements:
            for name in ("aria-labelledby", "aria-describedby"):
                assert set(element.attributes.get(name, "").split()) <= set(ids), (path, element)
            link = element.attributes.get("href", "")
            if link.startswith("#"):
                assert link[1:] in ids, (path, element)


def test_no_inline_styles(two_portals: Path) -> None:
    for path, page in list_pages(two_portals / "first"):
        assert not page.find("style"), path
        assert not [each for each in page.elements if "style" in each.attributes], path


def test_escaping_changes_no_byte_of_harmless_pages(
    site: PortalSite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The theme was not made for autoescaping; with it, it still says what it said."""
    SiteBuilder(CONFIGURATION).build(site, tmp_path / "escaped")
    on_env, environments = hooks.on_env, []

    def keep_raw(env: jinja2.Environment, **arguments: Any) -> jinja2.Environment:
        environments.append(on_env(env, **arguments))
        env.autoescape = False
        return env

    monkeypatch.setattr(PortalPlugin, "on_env", staticmethod(keep_raw))
    SiteBuilder(CONFIGURATION).build(site, tmp_path / "raw")
    assert len(environments) == 1
    assert read_all_files(tmp_path / "raw") == read_all_files(tmp_path / "escaped")


def test_a_configuration_with_mistakes_is_explained(site: PortalSite, tmp_path: Path) -> None:
    broken = tmp_path / "mkdocs.yml"
    broken.write_text("site_name: x\ndocs_dir: nowhere\nplugins: [punchcard]\n", encoding="utf-8")
    with pytest.raises(LedgerError, match=r"mkdocs\.yml does not make a portal: .*docs_dir"):
        SiteBuilder(broken).build(site, tmp_path / "site")


def test_plain_mkdocs_build_previews_a_customer(tmp_path: Path) -> None:
    """At the root of this repository, `mkdocs build` makes the portal of a sample customer."""
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path)]
    subprocess.run(command, check=True, cwd=root, env=environment, capture_output=True)
    assert (tmp_path / "index.html").is_file()
    (as_of,) = read_page(tmp_path / "index.html").find("time", data_figure="as_of")
    assert date.fromisoformat(as_of.attributes["datetime"]) > SAMPLE_DAY
