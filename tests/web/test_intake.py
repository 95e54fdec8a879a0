"""A form goes the whole way: signed in at a real server, taken, on record, seen by the check."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from ledger.intake.mail import read_request_mail
from tests.conftest import RunPunchcard, git
from tests.web.conftest import Serve
from tests.web.gateway import run_gateway
from tests.web.portal_world import AS_OF, DOMAIN, World
from tests.web.raw_client import Answer, RawClient, sign_in

ANN = sign_in("ann@alpha.example", "key-of-ann")
RUN = "from site_builder.punchcard import main; main()"
SPOOFS = [
    f"{name}: {email}".encode()
    for name, email in (
        ("X-Auth-Request-Email", "ben+portal@beta.example"),
        ("X-Punchcard-Account", "amy@alpha.example"),
        ("X-Punchcard-Customer", "beta"),
        ("X_Punchcard_Account", "amy@alpha.example"),
        ("X-Forwarded-Email", "amy@alpha.example"),
        ("X-Forwarded-Host", "beta.portals.example"),
        ("X-Forwarded-User", "amy@alpha.example"),
        ("Remote-User", "amy@alpha.example"),
    )
]
FORM = b"Content-Type: application/x-www-form-urlencoded"


@contextmanager
def serving(root: Path, spool: Path, socket: Path) -> Iterator[None]:
    """Run the service for a repository, at a socket that every server may open."""
    command = [sys.executable, "-c", RUN, "intake", "serve", "--spool", str(spool)]
    process = subprocess.Popen([*command, "--socket", str(socket)], cwd=root)
    try:
        end = time.monotonic() + 30
        while not socket.exists() and time.monotonic() < end:
            assert process.poll() is None
            time.sleep(0.05)
        socket.chmod(0o666)
        yield
    finally:
        process.terminate()
        process.wait(10)


def post(
    client: RawClient, host: str, target: bytes, headers: Sequence[bytes], body: bytes
) -> Answer:
    length = b"Content-Length: " + str(len(body)).encode()
    head = [b"POST " + target + b" HTTP/1.1", b"Host: " + host.encode(), length, FORM, *headers]
    return client.send(b"\r\n".join(head) + b"\r\n\r\n" + body)


@pytest.mark.parametrize("layout", ["host", "path"])
@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_a_form_becomes_a_request(
    world: World, serve: Serve, punchcard: RunPunchcard, tmp_path: Path, server: str, layout: str
) -> None:
    socket, spool = tmp_path / "in.sock", tmp_path / "spool"
    host, start = (f"alpha.{DOMAIN}", "/") if layout == "host" else (DOMAIN, "/alpha/")
    target = f"{start}intake/".encode()
    with (
        serving(world.root, spool, socket),
        serve(server, layout=layout, intake=str(socket)) as (client, _settings),
    ):
        assert client.ask(host, target).status == 401
        assert post(client, host, target, (), b"title=x&text=y").status == 401
        ben = sign_in("ben+portal@beta.example", "key-of-ben")
        assert client.ask(host, target, [ben]).status == 401

        token = client.ask(host, target, [ANN])
        assert token.status == 200, token
        assert token.headers["cache-control"] == "no-store"
        cookie = b"Cookie: " + token.headers["set-cookie"].partition(";")[0].encode()
        given = json.loads(token.body)
        body = "&".join(f"{name}={value}" for name, value in given.items())
        body += "&title=A+wish&text=We+would+like+it&customer=beta&account=ben@beta.example"
        own = [ANN, cookie, b"Origin: https://" + host.encode()]
        assert post(client, host, target, [ANN, cookie], body.encode()).status == 403
        foreign = [ANN, cookie, b"Origin: https://evil.example"]
        assert post(client, host, target, foreign, body.encode()).status == 403
        # What a client says of itself never counts.
        tricks = [*SPOOFS, b"X_Punchcard_Customer: beta", b"Connection: X-Punchcard-Account"]
        for _time in range(2):
            answer = post(client, host, target, [*own, *tricks], body.encode())
            assert (answer.status, answer.headers["location"]) == (303, given["form_id"])
        place = target + answer.headers["location"].encode()
        assert b"ALPHA-1" in client.ask(host, place, [ANN]).body
        amy = sign_in("Amy@alpha.example", "key-of-amy")
        assert client.ask(host, place, [amy]).status == 404
        # The rest of the portal takes no forms.
        assert post(client, host, start.encode(), own, b"x=y").status in {403, 405}
        if server == "nginx":  # Caddy reads what comes up to the limit.
            length = f"POST {target.decode()} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 99999999"
            answer = client.send(b"\r\n".join([length.encode(), *own]) + b"\r\n\r\n")
            assert answer.status == 413

    [file] = (spool / "waiting").glob("*.eml")
    assert file.name == f"alpha.{given['form_id']}.eml"
    ran = punchcard(
        world.root, "intake", "work", "--spool", spool, "--once", "--commit", "--as-of", AS_OF
    )
    assert ran.status == 0, ran.stderr
    assert git(world.root, "log", "-1", "--format=%s") == "alpha: open ALPHA-1, A wish"
    text = (world.root / "customers/alpha/requests/ALPHA-1.yml").read_text()
    assert re.search("opened_by: ann@alpha.example", text)
    assert punchcard(world.root, "check", "--as-of", AS_OF).status == 0


@pytest.mark.parametrize("server", ["nginx", "caddy"])
def test_a_gateway_says_who_sends_a_form(
    world: World, serve: Serve, tmp_path: Path, server: str
) -> None:
    socket, spool, host = tmp_path / "in.sock", tmp_path / "spool", f"alpha.{DOMAIN}"
    people = {
        "ann": "ann@alpha.example",
        "amy": "amy@alpha.example",
        "ben": "ben+portal@beta.example",
        "nameless": None,
    }
    with (
        serving(world.root, spool, socket),
        run_gateway(people) as gateway,
        serve(server, mode="sso", gateway=gateway.port, intake=str(socket)) as (client, _settings),
    ):
        liar = [*SPOOFS, b"X-Punchcard-Customer: alpha"]
        for session in (b"ben", b"none", b"nameless"):
            asked = client.ask(host, b"/intake/", [*liar, b"Cookie: session=" + session])
            assert asked.status in {401, 403}
            nothing = b"title=x&text=y"
            sent = post(client, host, b"/intake/", [*liar, b"Cookie: session=" + session], nothing)
            assert sent.status in {401, 403}
        for spoofs in ((), SPOOFS):
            given = client.ask(host, b"/intake/", [*spoofs, b"Cookie: session=ann"])
            form = json.loads(given.body)
            cookie = f"Cookie: session=ann; punchcard-intake={form['token']}".encode()
            headers = [*spoofs, cookie, b"Origin: https://" + host.encode()]
            body = f"token={form['token']}&form_id={form['form_id']}&title=A+wish&text=Please"
            sent = post(client, host, b"/intake/", headers, body.encode())
            assert (sent.status, sent.headers["location"]) == (303, form["form_id"])
            place = f"/intake/{form['form_id']}".encode()
            assert client.ask(host, place, [*spoofs, cookie]).status == 200
            amy = [*SPOOFS, b"Cookie: session=amy"]
            assert client.ask(host, place, amy).status == 404
    for file in (spool / "waiting").glob("*.eml"):
        assert file.name.startswith("alpha.")
        assert read_request_mail(file.read_bytes()).sender == "ann@alpha.example"
    assert len(list((spool / "waiting").glob("*.eml"))) == 2
