"""What every answer bears, what a stranger reads, and which hosts say nothing at all."""

import gzip
from collections.abc import Iterator

import pytest

from site_builder.security_policy import find_needs, write_policy
from tests.web.conftest import Serve
from tests.web.portal_world import CONTACT, DOMAIN, SLUGS, World, mark
from tests.web.raw_client import CLOSED, RawClient, sign_in

HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-cache",
    "x-robots-tag": "noindex",
}
ANN = sign_in("ann@alpha.example", "key-of-ann")
REQUESTS = [
    (200, b"/", [ANN]),
    (200, b"/search/search_index.json", [ANN]),
    (206, b"/index.html", [ANN, b"Range: bytes=0-9"]),
    (304, b"/index.html", [ANN, b"If-None-Match: *"]),
    (416, b"/index.html", [ANN, b"Range: bytes=999999-"]),
    (404, b"/no-such-page.html", [ANN]),
    (404, b"/.secret", [ANN]),
    (401, b"/", []),
    (401, b"/", [sign_in("ann@alpha.example", "wrong")]),
    (401, b"/index.html", [b"Range: bytes=0-9", b"If-None-Match: *"]),
]


@pytest.fixture(params=["nginx host", "nginx path", "caddy host", "caddy path"])
def served(request: pytest.FixtureRequest, serve: Serve) -> Iterator[tuple[RawClient, str]]:
    server, layout = request.param.split()
    with serve(server, layout=layout) as (client, _settings):
        yield client, layout


def locate(layout: str, slug: str, path: bytes = b"/") -> tuple[str, bytes]:
    if layout == "host":
        return f"{slug}.{DOMAIN}", path
    return DOMAIN, f"/{slug}".encode() + path


def test_every_answer_bears_the_headers(served: tuple[RawClient, str]) -> None:
    client, layout = served
    for status, path, headers in REQUESTS:
        for method in ("GET", "HEAD"):
            answer = client.ask(*locate(layout, "alpha", path), headers, method)
            assert answer.status == status, (path, answer)
            assert answer.headers.items() >= HEADERS.items(), (path, answer)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            if status in {200, 206}:
                assert policy == write_policy(())
            assert "strict-transport-security" not in answer.headers


def test_what_customers_sent_is_saved_and_never_shown(served: tuple[RawClient, str]) -> None:
    """So are downloads, with the customer's name; who may not see it learns nothing of it."""
    client, layout = served
    sent = f"/requests/ALPHA-1/{'0' * 64}-page.html.bin".encode()
    for path, disposition in [
        (sent, "attachment"),
        (b"/requests/ALPHA-1.html", None),
        (b"/requests/index.html", None),
        (b"/statement.csv", 'attachment; filename="alpha-statement.csv"'),
        (b"/statement.json", 'attachment; filename="alpha-statement.json"'),
        (b"/last-days.ics", 'attachment; filename="alpha-last-days.ics"'),
        (b"/statements/a-statement-2026-10.csv", "attachment"),
    ]:
        answer = client.ask(*locate(layout, "alpha", path), [ANN])
        assert (answer.status, answer.headers.get("content-disposition")) == (200, disposition)
        assert answer.headers.items() >= HEADERS.items()
        refused = client.ask(*locate(layout, "alpha", path))
        assert (refused.status, refused.headers.get("content-disposition")) == (401, None)
    answer = client.ask(*locate(layout, "alpha", sent), [ANN])
    assert answer.headers["content-type"] == "application/octet-stream"
    missing = client.ask(*locate(layout, "alpha", b"/requests/ALPHA-1/none"), [ANN])
    assert (missing.status, missing.headers["content-type"][:9]) == (404, "text/html")


@pytest.mark.parametrize(
    ("path", "type_"),
    [
        (b"/index.html", "text/html"),
        (b"/assets/style.css", "text/css"),
        (b"/assets/app.js", "text/javascript"),
        (b"/statement.json", "application/json"),
        (b"/statement.csv", "text/csv"),
        (b"/last-days.ics", "text/calendar"),
    ],
)
def test_text_is_packed(path: bytes, type_: str, served: tuple[RawClient, str]) -> None:
    client, layout = served
    plain = client.ask(*locate(layout, "alpha", path), [ANN])
    packed = client.ask(*locate(layout, "alpha", path), [ANN, b"Accept-Encoding: gzip"])
    assert plain.headers["content-type"].partition(";")[0] == type_
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert "accept-encoding" in packed.headers["vary"].lower()
    assert gzip.decompress(packed.body) == plain.body
    assert len(packed.body) < len(plain.body) / 5


def test_what_bears_its_version_is_kept_and_an_error_never(
    served: tuple[RawClient, str],
) -> None:
    client, layout = served
    kept = "private, max-age=31536000, immutable"
    named, versioned = b"/assets/main.0123abcd.min.css", b"/assets/style.css?v=0123abcd"
    for path, headers, status, cache in [
        (named, [ANN], 200, kept),
        (versioned, [ANN], 200, kept),
        (named, [ANN, b"If-None-Match: *"], 304, kept),
        (b"/assets/style.css", [ANN], 200, HEADERS["cache-control"]),
        (b"/index.html?v=0123abcd", [ANN], 200, HEADERS["cache-control"]),
        (b"/assets/gone.css?v=0123abcd", [ANN], 404, HEADERS["cache-control"]),
        (b"/assets/gone.0123abcd.min.css", [ANN], 404, HEADERS["cache-control"]),
        (named, [], 401, HEADERS["cache-control"]),
        (versioned, [], 401, HEADERS["cache-control"]),
    ]:
        answer = client.ask(*locate(layout, "alpha", path), headers)
        assert (answer.status, answer.headers["cache-control"]) == (status, cache), path


def test_who_is_refused_reads_whom_to_write_to_and_no_name(
    served: tuple[RawClient, str],
) -> None:
    client, layout = served
    refused = [
        client.ask(*locate(layout, "alpha")),
        client.ask(*locate(layout, "beta"), [sign_in("old@beta.example", "key-of-old")]),
        client.ask(*locate(layout, "omega"), [sign_in("keyless@omega.example", "")]),
        client.ask(*locate(layout, "gamma"), [sign_in("cleo@gamma.example", "key-of-cleo")]),
        client.ask(*locate(layout, "alpha"), [ANN], "POST"),
    ]
    assert [answer.status for answer in refused] == [401, 401, 401, 403, 403]
    for answer in refused:
        assert answer.headers["content-type"].startswith("text/html")
        assert f'<a href="mailto:{CONTACT}">{CONTACT}</a>'.encode() in answer.body
        assert b"<header><bdi>Example Tools</bdi></header>" in answer.body
        # The style is the page's own, and the browser is told so.
        needs = [source for _directive, source in find_needs("x.html", answer.body)]
        assert needs
        assert f"style-src {' '.join(needs)}" in answer.headers["content-security-policy"]
        text = answer.body.lower()
        assert not [slug for slug in SLUGS if slug.encode() in text]
    assert all("www-authenticate" in answer.headers for answer in refused[:3])
    assert all("www-authenticate" not in answer.headers for answer in refused[3:])


def test_an_address_is_known_however_a_telephone_writes_it(
    served: tuple[RawClient, str],
) -> None:
    client, layout = served
    for email in ("Ann@alpha.example", "ANN@ALPHA.EXAMPLE", "amy@alpha.example"):
        key = f"key-of-{email[:3].lower()}"
        assert client.ask(*locate(layout, "alpha"), [sign_in(email, key)]).status == 200, email
    page = client.ask(*locate(layout, "alpha"), [sign_in("Ann@alpha.example", "KEY-OF-ANN")]).body
    assert b"all of its letters are small" in page
    closed = client.ask(*locate(layout, "gamma")).body
    assert b"letters" not in closed


def test_a_wrong_path_and_a_portal_that_is_not_there_yet_have_a_page(
    served: tuple[RawClient, str], world: World
) -> None:
    client, layout = served
    (world.portals / "alpha").rename(world.portals / ".away")
    places = [locate(layout, "alpha"), locate(layout, "alpha", b"/no-such-page.html")]
    places += [locate(layout, "alpha", b"/.secret")]
    places += [(DOMAIN, b"/"), (DOMAIN, b"/nobody/")] if layout == "path" else []
    for host, path in places:
        answer = client.ask(host, path, [ANN, b"Range: bytes=0-9"])
        assert (answer.status, answer.headers["content-type"][:9]) == (404, "text/html"), path
        assert b"There is no page at this address." in answer.body
        assert f'<a href="mailto:{CONTACT}">'.encode() in answer.body
        assert (b'href="/"' in answer.body) == (layout == "host")
        assert answer.headers.items() >= HEADERS.items()


def test_a_path_that_no_file_can_have_is_nothing_worse_than_missing(
    served: tuple[RawClient, str],
) -> None:
    client, layout = served
    for path in (
        b"/%00",
        b"/a%00b/",
        b"/" + b"x" * 300,
        b"/" + b"x/" * 4000,
        b"/" + b"%C3%A4" * 200,
    ):
        answer = client.ask(*locate(layout, "alpha", path), [ANN])
        assert answer.status in {400, 404, 414}, (path, answer)
        assert answer.headers.items() >= HEADERS.items(), (path, answer)


def test_other_hosts_get_no_answer(served: tuple[RawClient, str]) -> None:
    client, _layout = served
    for host in ("localhost", "127.0.0.1", f"delta.{DOMAIN}", f"no.{DOMAIN}", "evil.test"):
        answer = client.ask(host, b"/", [ANN])
        assert (answer.status, answer.body) == (CLOSED, b""), host


def test_a_new_generation_is_served_at_the_next_request(
    served: tuple[RawClient, str], world: World
) -> None:
    client, layout = served
    ben = [sign_in("both@shared.example", "key-at-beta")]
    assert mark("beta") in client.ask(*locate(layout, "beta"), ben).body
    newer = world.portals / ".generations/beta/2"
    newer.mkdir()
    (newer / "index.html").write_text("the next one")
    link = world.portals / ".beta.new"
    link.symlink_to(".generations/beta/2")
    link.replace(world.portals / "beta")
    answer = client.ask(*locate(layout, "beta"), ben)
    assert (answer.status, answer.body) == (200, b"the next one")
    assert client.connections == 1
