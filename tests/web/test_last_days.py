"""From a visit to the ledger: the log of a real server says who was there."""

import json
import re
import time
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard
from tests.web.conftest import Serve
from tests.web.gateway import run_gateway
from tests.web.portal_world import AS_OF, DOMAIN, World
from tests.web.raw_client import sign_in

VISITORS = {
    "ann": ("ann@alpha.example", "key-of-ann"),
    "both": ("both@shared.example", "key-at-beta"),
    "old": ("old@beta.example", "key-of-old"),
    "liar": ("amy@alpha.example", "not the key"),
}
VISITS = [
    ("alpha", "ann", b"/index.html"),
    ("beta", "ann", b"/index.html"),
    ("beta", "both", b"/statement.csv"),
    ("beta", "old", b"/"),
    ("alpha", "liar", b"/"),
    ("alpha", "both", b"/no-such-page.html"),
    ("beta", "liar", b"/.secret"),
]


@pytest.mark.parametrize("layout", ["host", "path"])
@pytest.mark.parametrize("mode", ["password", "sso"])
@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_who_was_let_in_is_recorded_where_they_were_let_in(
    world: World, serve: Serve, punchcard: RunPunchcard, server: str, mode: str, layout: str
) -> None:
    sessions = {name: email for name, (email, _key) in VISITORS.items() if name != "liar"}
    with (
        run_gateway(sessions) as gateway,
        serve(server, mode=mode, layout=layout, gateway=gateway.port) as (client, settings),
    ):
        for slug, name, path in VISITS:
            host, target = (f"{slug}.{DOMAIN}", path)
            if layout == "path":
                host, target = DOMAIN, f"/{slug}".encode() + path
            # Behind a gateway the other header is a lie that nobody checks.
            known = [sign_in(*VISITORS[name]), f"Cookie: session={name}".encode()]
            client.ask(host, target, known[: 1 if mode == "password" else 2])
        wait_for_lines(settings.log, len(VISITS))
    move_to_the_worlds_day(settings.log)
    seen = ("account", "seen", "--from", settings.log, "--as-of", AS_OF, "--format", "json")
    ran = punchcard(world.root, *seen)
    assert ran.status == 0
    assert [(item["customer"], item["email"]) for item in json.loads(ran.stdout)["sign_ins"]] == [
        ("alpha", "ann@alpha.example"),
        ("beta", "both@shared.example"),
    ]
    assert ran.stderr == ""


def wait_for_lines(log: Path, count: int) -> None:
    for _try in range(250):
        if log.exists() and log.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.02)
    pytest.fail("the server writes no log")


def move_to_the_worlds_day(log: Path) -> None:
    """Let the log be of the day on which the world's accounts are active."""
    moment = r"\[\d\d/[A-Z][a-z]{2}/\d{4}:[\d:]{8} [+-]\d{4}\]"
    text = re.sub(moment, "[20/Nov/2026:12:00:00 +0000]", log.read_text())
    log.write_text(re.sub(r'"ts":[\d.]+', '"ts":1795176000.5', text))
