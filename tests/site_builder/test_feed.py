"""The feed of a portal: valid Atom with ids that last."""

from datetime import date, timedelta
from xml.etree import ElementTree as ET

import pytest

from site_builder.pages.portal_site import render_portal
from tests.conftest import SAMPLE_LEDGER
from tests.site_builder.conftest import make_view

ATOM = "{http://www.w3.org/2005/Atom}"
AS_OF = date(2026, 11, 20)


def read_feed(slug: str, as_of: date = AS_OF) -> tuple[ET.Element, list[ET.Element], set[str]]:
    site = render_portal(make_view(SAMPLE_LEDGER, as_of, slug))
    (file,) = [each for each in site.files if each.path == "feed.xml"]
    feed = ET.fromstring(file.content)
    pages = {f"{page.path}.html" for page in site.pages}
    return feed, feed.findall(f"{ATOM}entry"), pages


def say(element: ET.Element, name: str) -> str:
    (found,) = element.findall(ATOM + name)  # Each has exactly one.
    return "".join(found.itertext())


@pytest.mark.parametrize("slug", ["acme", "mueller-messtechnik", "hoshizora", "nordlys-rail"])
def test_a_feed_has_what_the_standard_asks_for(slug: str) -> None:
    feed, entries, pages = read_feed(slug)
    assert feed.tag == f"{ATOM}feed"
    assert say(feed, "updated") == "2026-11-20T00:00:00Z"
    assert say(feed, "title")
    assert say(feed, "author") == "Tracewell Tools"
    assert {link.get("rel") for link in feed.findall(f"{ATOM}link")} == {"self", "alternate"}
    ids = [say(feed, "id"), *(say(entry, "id") for entry in entries)]
    assert len(entries) > 0
    assert len(ids) == len(set(ids))
    assert all(each.startswith("urn:uuid:") for each in ids)
    days = [say(entry, "updated") for entry in entries]
    assert days == sorted(days, reverse=True)
    for entry in entries:
        assert say(entry, "title")
        assert say(entry, "content")
        (link,) = entry.findall(f"{ATOM}link")
        assert link.get("href") in pages


def test_what_is_the_same_keeps_its_id() -> None:
    before, after = (
        {
            say(entry, "id"): say(entry, "title")
            for entry in read_feed("mueller-messtechnik", day)[1]
        }
        for day in (AS_OF, AS_OF + timedelta(7))
    )
    assert "Auf Ihren Stundenkarten sind noch 45\xa0min" in {
        after[id_] for id_ in before.keys() & after.keys()
    }
