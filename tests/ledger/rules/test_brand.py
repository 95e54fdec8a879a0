"""The provider's own files, and the contrast of its colour."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.colour import LEAST_CONTRAST, WHITE, find_contrast, make_legible
from ledger.ledger import open_ledger
from ledger.rules.catalogue import check_organization

PROVIDER = """\
name: Example Tools
timezone: Europe/Berlin
published_on: monday
contacts: {requests: help@tools.example, sales: sales@tools.example}
links: {agreement: https://tools.example/terms}
brand: {logo: brand/logo.%s, terms: brand/terms.md}
"""
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
PNG = b"\x89PNG\r\n\x1a\n"
COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)


def find_faults(
    folder: Path, logo: bytes, ending: str = "svg", terms: bytes = b"Ours"
) -> list[str]:
    (folder / "brand").mkdir()
    (folder / "provider.yml").write_text(PROVIDER % ending)
    (folder / "brand" / f"logo.{ending}").write_bytes(logo)
    (folder / "brand/terms.md").write_bytes(terms)
    with open_ledger(folder) as ledger:
        assert ledger.problems == ()
        assert ledger.organization.problems == []
        found = check_organization(ledger.organization, "brand")
        return [f"{each.rule}: {each.message}" for each in found]


@pytest.mark.parametrize(
    ("inside", "says"),
    [
        ("<script>a()</script>", "'<script'"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg"/>', "'<x:script'"),
        ("<foreignObject/>", "'<foreignObject'"),
        ('<path onload="a()"/>', "'onload='"),
        ('<use href="https://other.example/a.svg#b"/>', "'href=\"'"),
        ('<use xlink:href=" //other.example/a.svg#b"/>', "'href=\"'"),
        ('<image href="data:image/svg+xml;base64,AAAA"/>', "'href=\"'"),
        ('<a href="#b"/>', "'<a'"),
        ('<set attributeName="href" to="javascript:a()"/>', "'<set'"),
        ('<rect fill="url(https://other.example/a)"/>', "'url('"),
        ('<rect style="fill: URL( &quot;//other.example&quot;)"/>', "'URL('"),
        ("<style>@import 'a.css';</style>", "'@import'"),
        (r"<style>path { fill: u\72l(//other.example) }</style>", r"'\\'"),
        ("<rect", "cannot be read"),
    ],
)  # fmt: skip
def test_an_svg_that_is_more_than_a_picture_is_refused(
    inside: str, says: str, tmp_path: Path
) -> None:
    (fault,) = find_faults(tmp_path, f"{HEAD}{inside}</svg>".encode())
    assert fault.startswith("brand: brand/logo.svg ")
    assert says in fault


@pytest.mark.parametrize(
    ("logo", "ending", "says"),
    [
        (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "svg", "has '<!DOCTYPE'"),
        (b'<?xml-stylesheet href="a.css"?><svg/>', "svg", "has '<?xml-stylesheet'"),
        (b"<html/>", "svg", "is no svg"),
        (f'<?xml version="1.0"?>{HEAD}<script/></svg>'.encode("utf-16"), "svg", "cannot be read"),
        (f"{HEAD}{' ' * 20_000}</svg>".encode(), "svg", "bytes, of 20000 at most"),
        (b"GIF89a", "png", "is no png"),
        (b"# Logo", "md", "is no svg and no png"),
    ],
)
def test_what_is_no_small_picture_is_refused(
    logo: bytes, ending: str, says: str, tmp_path: Path
) -> None:
    (fault,) = find_faults(tmp_path, logo, ending)
    assert says in fault


def test_pictures_and_texts_are_fine(tmp_path: Path) -> None:
    shapes = (
        '<title>a &amp; b</title><style>path { fill: url(#c) }</style><defs><path id="p"/></defs>'
        '<use xlink:href="#p"/><image href="data:image/png;base64,AAAA"/><path fill="url(#c)"/>'
    )
    assert find_faults(tmp_path, f"<!-- drawn -->{HEAD}{shapes}</svg>".encode()) == []
    (tmp_path / "png").mkdir()
    assert find_faults(tmp_path / "png", PNG, "png") == []


def test_terms_are_text(tmp_path: Path) -> None:
    (fault,) = find_faults(tmp_path, PNG, "png", terms=b"\xff\xfe")
    assert "brand/terms.md cannot be read" in fault


def test_the_contrast_is_that_of_the_guidelines() -> None:
    """By the values that WCAG's own examples have."""
    assert find_contrast("#000000", WHITE) == find_contrast(WHITE, "#000000") == 21
    assert find_contrast("#777777", WHITE) == pytest.approx(4.48, abs=0.005)
    assert find_contrast("#767676", WHITE) == pytest.approx(4.54, abs=0.005)


@given(COLOURS)
def test_the_shade_that_is_named_would_be_enough(colour: str) -> None:
    assert find_contrast(make_legible(colour, [WHITE]), WHITE) >= LEAST_CONTRAST
