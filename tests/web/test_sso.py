"""A gateway says who somebody is; the list of the portal says whether that person may come in."""

import time
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path

import pytest

from ledger.intake.sign_ins import read_access_log
from tests.web.conftest import Serve
from tests.web.gateway import Gateway, run_gateway
from tests.web.portal_world import DOMAIN, mark
from tests.web.raw_client import Answer, RawClient, sign_in
from tests.web.test_answers import HEADERS
from tests.web.web_server import find_free_port

ALPHA, BETA = f"alpha.{DOMAIN}", f"beta.{DOMAIN}"
SESSIONS = {
    "ann": "ann@alpha.example",
    "amy": "amy@alpha.example",
    "ben": "ben+portal@beta.example",
    "both": "both@shared.example",
    "old": "old@beta.example",
    "nameless": None,
    "empty": "",
    "climbing": "x@y/../ann@alpha.example",
    "folder": "../alpha",
    "star": "*@alpha.example",
    "list": "ben+portal@beta.example,ann@alpha.example",
    "spaced": "ann@alpha.example ",
    "stranger": "nobody@nowhere.example",
}
SPOOFS = (
    *("X-Auth-Request-Email", "X-Auth-Request-User", "X-Forwarded-Email", "X-Forwarded-User"),
    *("X-Email", "Remote-User", "x-auth-request-email", "X_Auth_Request_Email"),
)


class Door:
    """A server with portals behind a gateway."""

    def __init__(self, client: RawClient, gateway: Gateway, log: Path) -> None:
        self.client = client
        self.gateway = gateway
        self.log = log

    def knock(self, session: str | None, host: str = ALPHA, *headers: str) -> Answer:
        """Ask for a portal's first page."""
        cookie = [] if session is None else [f"Cookie: session={session}".encode()]
        return self.client.ask(host, b"/", [*cookie, *(line.encode() for line in headers)])


@pytest.fixture(params=["nginx", "caddy"])
def door(request: pytest.FixtureRequest, serve: Serve) -> Iterator[Door]:
    with (
        run_gateway(SESSIONS) as gateway,
        serve(request.param, mode="sso", gateway=gateway.port) as (client, settings),
    ):
        yield Door(client, gateway, settings.log)


def test_the_owner_comes_in_and_nobody_else(door: Door) -> None:
    for host, slug, owners in (
        (ALPHA, "alpha", {"ann", "amy", "both"}),
        (BETA, "beta", {"ben", "both"}),
    ):
        for session in (*SESSIONS, "unknown", None):
            answer = door.knock(session, host)
            # Header values lose the spaces around them on every way.
            if session in owners or (slug, session) == ("alpha", "spaced"):
                assert answer.status == 200, (session, host, answer)
                assert mark(slug) in answer.body
            else:
                assert answer.status in {401, 403}, (session, host, answer)
                assert b"MARK-OF" not in answer.body
                assert "location" not in answer.headers


def test_no_header_of_a_client_makes_it_somebody(door: Door) -> None:
    for session in (None, "stranger", "ben", "nameless"):
        for spoof in SPOOFS:
            answer = door.knock(session, ALPHA, f"{spoof}: ann@alpha.example")
            assert answer.status in {401, 403}, (session, spoof, answer)
            assert b"MARK-OF" not in answer.body
    spoofed = {name.lower().replace("_", "-") for name in SPOOFS}
    for headers in door.gateway.asked:
        assert not any("ann@alpha.example" in value for value in headers.values())
        assert not spoofed & headers.keys()


def test_the_gateway_is_told_the_truth_about_the_request(door: Door) -> None:
    lies = ("X-Forwarded-Host: evil.example", "X-Forwarded-Proto: gopher", "X-Original-URL: /x")
    door.knock("ann", ALPHA, *lies, "X-Forwarded-Uri: /oauth2/start", "X-Real-IP: 192.0.2.1")
    told = door.gateway.asked[-1]
    assert told["x-forwarded-host"].startswith(ALPHA)
    assert told["x-forwarded-proto"] == "http"
    assert told["x-forwarded-uri"] == "/"
    assert told["x-real-ip"] == "127.0.0.1"
    assert "x-original-url" not in told


def test_whatever_else_the_gateway_answers_is_no(door: Door) -> None:
    for refusal in (301, 302, 400, 403, 404, 500, 503):
        door.gateway.refusal = refusal
        answer = door.knock("unknown")
        assert answer.status in {401, 403, 503}, refusal
        assert b"MARK-OF" not in answer.body
        assert "location" not in answer.headers


def wait_for_log(log: Path, text: str) -> bool:
    """A server writes its log after the answer."""
    for _try in range(200):
        if log.exists() and text in log.read_text():
            return True
        time.sleep(0.02)
    return False


def test_the_way_to_sign_in_is_open_and_leads_to_the_gateway(door: Door) -> None:
    refused = door.knock(None)
    assert refused.status == 401
    assert b"/oauth2/start?rd=/" in refused.body
    answer = door.client.ask(ALPHA, b"/oauth2/start", [sign_in("ann@alpha.example", "lie")])
    assert (answer.status, answer.headers["location"]) == (302, "https://identity.example/")
    assert wait_for_log(door.log, "/oauth2/start")
    with door.log.open("rb") as log:
        assert read_access_log(log, UTC)[0] == set()


def test_answers_of_the_gateway_bear_the_headers_too(door: Door) -> None:
    for path in (b"/oauth2/start", b"/oauth2/sign_in", b"/oauth2/no-such"):
        answer = door.client.ask(ALPHA, path)
        assert answer.headers.items() >= {**HEADERS, "cache-control": "no-store"}.items(), path
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'none'" in policy
        assert "form-action" not in policy  # It goes to wherever people sign in.


def test_a_path_that_no_file_can_have_does_not_look_like_a_gateway_that_is_down(
    door: Door,
) -> None:
    for path in (b"/%00", b"/" + b"x" * 300, b"/" + b"x/" * 4000):
        answer = door.client.ask(ALPHA, path, [b"Cookie: session=ann"])
        assert answer.status in {400, 404, 414}, (path, answer)


@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_nobody_comes_in_while_the_gateway_is_down(serve: Serve, server: str) -> None:
    with serve(server, mode="sso", gateway=find_free_port()) as (client, _settings):
        for host in (ALPHA, BETA):
            answer = client.ask(host, b"/", [b"Cookie: session=ann"])
            assert answer.status == 503
            assert b"MARK-OF" not in answer.body
            assert answer.headers["x-robots-tag"] == "noindex"
