"""The Content-Security-Policy beside the portals: what it allows, and that pages keep to it."""

import base64
import hashlib
import json
from pathlib import Path

import pytest

from site_builder.output import MANIFEST_NAME, read_manifest
from site_builder.security_policy import find_needs, find_policy, write_policy
from tests.site_builder.built_pages import list_framed_pages, read_all_files

STRICTEST = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'"
)


def hash_of(text: bytes) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text).digest()).decode()}'"


def policy_of(page: bytes) -> str:
    return write_policy(find_needs("index.html", page))


def test_portals_run_no_inline_script_and_need_no_exception(sample_portals: Path) -> None:
    """What stands in the pages between script tags is data, which a browser never runs."""
    for slug, record in read_manifest(sample_portals).portals.items():
        policy = record.content_security_policy
        assert "unsafe" not in policy
        assert "sha256" not in policy
        for path, page in list_framed_pages(sample_portals / slug):
            inline = [each for each in page.find("script") if "src" not in each.attributes]
            assert {each.attributes["type"] for each in inline} <= {"application/json"}, path


def test_the_manifest_has_the_policy_of_what_was_built(sample_portals: Path) -> None:
    """It lies beside the portals, never in one."""
    portals = json.loads((sample_portals / MANIFEST_NAME).read_text(encoding="utf-8"))["portals"]
    assert len(portals) > 5
    for slug, record in portals.items():
        assert record["content_security_policy"] == find_policy(sample_portals / slug)
        for path, content in read_all_files(sample_portals / slug).items():
            assert b"frame-ancestors" not in content, path


def test_nothing_is_allowed_that_is_not_used() -> None:
    """The strictest policy is that of an empty page."""
    assert policy_of(b"<p>Hello</p>") == STRICTEST


@pytest.mark.parametrize(
    "attributes", [b"", b' type="module"', b' type="text/javascript"', b" async type=''"]
)
def test_an_inline_script_is_allowed_by_its_hash(attributes: bytes) -> None:
    page = b"<script" + attributes + b">let a = 1\n</script>"
    assert f"script-src 'self' {hash_of(b'let a = 1' + bytes([10]))};" in policy_of(page)


@pytest.mark.parametrize(
    "page",
    [
        b'<script src="a.js"></script>',
        b"<script async src=a.js></script>",
        b'<script type="application/json">{"a": 1}</script>',
        b'<script src="https://elsewhere.example/a.js"></script>',
        b'<img src="https://elsewhere.example/a.png"><form name="search">',
    ],
)
def test_files_data_and_other_hosts_need_no_exception(page: bytes) -> None:
    """The last two are not allowed whatever the page says."""
    assert policy_of(page) == STRICTEST


def test_inline_styles_pictures_and_forms() -> None:
    assert f"style-src 'self' {hash_of(b'p{}')};" in policy_of(b"<style>p{}</style>")
    assert "img-src 'self' data:;" in policy_of(b'<img src="data:image/png;base64,AA==">')
    assert "form-action mailto:;" in policy_of(b'<form action="mailto:a@b.example">')
    assert "form-action 'self';" in policy_of(b'<form method=get action="requests.html">')
    style = find_needs("a.css", b'a{mask-image:url("data:image/svg+xml;utf8,<svg/>")}')
    assert "img-src 'self' data:;" in write_policy(style)


def test_the_order_of_files_does_not_matter() -> None:
    pages = [f"<script>{number}</script>".encode() for number in range(4)]
    needs = [need for page in pages for need in find_needs("index.html", page)]
    assert write_policy(needs) == write_policy(reversed(needs))
