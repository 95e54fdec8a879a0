"""Whoever is shut out is out at the next request, on a connection that is open all the while."""

import shlex
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard
from tests.web.conftest import Serve, WriteAccess
from tests.web.gateway import run_gateway
from tests.web.portal_world import AS_OF, DOMAIN, World, mark
from tests.web.raw_client import RawClient, sign_in
from tests.web.web_server import HOST, find_free_port, run_caddy, run_nginx

ALPHA = f"alpha.{DOMAIN}"
ANN = [sign_in("ann@alpha.example", "key-of-ann")]
AMY = [sign_in("Amy@alpha.example", "key-of-amy")]
TOMORROW = "2026-11-21"


def remove(world: World, punchcard: RunPunchcard, email: str) -> None:
    ran = punchcard(world.root, "account", "remove", "alpha", email, "--as-of", AS_OF)
    assert ran.status == 0, ran.stderr


def test_nginx_refuses_at_the_next_request_without_a_reload(
    world: World, give_access: WriteAccess, serve: Serve, punchcard: RunPunchcard
) -> None:
    with serve("nginx") as (client, settings):
        assert mark("alpha") in client.ask(ALPHA, b"/", ANN).body
        remove(world, punchcard, "ann@alpha.example")
        give_access(settings)
        assert client.ask(ALPHA, b"/", ANN).status == 200  # the last day is a day
        written = give_access(settings, TOMORROW)
        assert not written.needs_reload
        refused = client.ask(ALPHA, b"/", ANN)
        assert (refused.status, mark("alpha") in refused.body) == (401, False)
        assert client.ask(ALPHA, b"/", AMY).status == 200
        assert client.connections == 1


def test_nginx_behind_a_gateway_refuses_at_the_next_request_without_a_reload(
    world: World, give_access: WriteAccess, serve: Serve, punchcard: RunPunchcard
) -> None:
    cookie = [b"Cookie: session=ann"]
    with (
        run_gateway({"ann": "ann@alpha.example"}) as gateway,
        serve("nginx", mode="sso", gateway=gateway.port) as (client, settings),
    ):
        assert client.ask(ALPHA, b"/", cookie).status == 200
        remove(world, punchcard, "ann@alpha.example")
        assert not give_access(settings, TOMORROW).needs_reload
        assert client.ask(ALPHA, b"/", cookie).status == 403
        assert client.connections == 1


def test_a_new_key_ends_the_old_one_at_once(
    world: World, give_access: WriteAccess, serve: Serve, punchcard: RunPunchcard
) -> None:
    with serve("nginx") as (client, settings):
        assert client.ask(ALPHA, b"/", ANN).status == 200
        email = "ann@alpha.example"
        ran = punchcard(world.root, "account", "key", "alpha", email, "--as-of", AS_OF)
        key = ran.stdout.partition("Key:")[2].split()[0]
        give_access(settings)
        assert client.ask(ALPHA, b"/", ANN).status == 401
        assert client.ask(ALPHA, b"/", [sign_in(email, key)]).status == 200
        assert client.connections == 1


def test_a_closed_portal_is_shut_before_nginx_is_reloaded(
    give_access: WriteAccess, serve: Serve
) -> None:
    with serve("nginx") as (client, settings):
        assert client.ask(ALPHA, b"/", ANN).status == 200
        # Completed on 1 March 2026; ann signs in on the last day but one, and is active.
        assert give_access(settings, "2027-03-02").needs_reload
        assert client.ask(ALPHA, b"/", ANN).status == 401


def command(world: World, access: Path, server: str, port: int, *more: str) -> list[str]:
    return [
        *("portal", "access", "--to", str(access), "--server", server, "--domain", DOMAIN),
        *("--portals", str(world.portals), "--listen", f"{HOST}:{port}"),
        *("--log", str(access.parent / "portals.log"), *more),
    ]


def test_caddy_refuses_after_the_reload_that_the_command_triggers(
    world: World, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    port, access = find_free_port(), tmp_path / "access"
    asked = command(world, access, "caddy", port)
    ran = punchcard(world.root, *asked, "--no-reload", "--as-of", AS_OF)
    assert ran.status == 0, ran.stderr
    with run_caddy(access, tmp_path / "server", port) as server, RawClient(port) as client:
        assert mark("alpha") in client.ask(ALPHA, b"/", ANN).body
        remove(world, punchcard, "ann@alpha.example")
        reload = ("--reload", server.reload_command)
        ran = punchcard(world.root, *asked, *reload, "--as-of", TOMORROW)
        assert (ran.status, ran.stderr) == (0, "")
        assert client.ask(ALPHA, b"/", ANN).status == 401
        assert client.ask(ALPHA, b"/", AMY).status == 200


def test_a_new_customer_is_there_after_the_reload(
    world: World, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    port, access = find_free_port(), tmp_path / "access"
    asked = command(world, access, "nginx", port)
    delta = "delta.portals.example"
    dora = [sign_in("dora@delta.example", "key-of-dora")]
    ran = punchcard(world.root, *asked, "--as-of", AS_OF)
    assert (ran.status, "the configuration is new" in ran.stderr) == (0, True)
    with run_nginx(access, tmp_path / "server", port) as server, RawClient(port) as client:
        assert client.ask(delta, b"/", dora).status == 0
        assert punchcard(world.root, "buy", "delta", "1", "--as-of", AS_OF).status == 0
        ran = punchcard(world.root, *asked, "--reload", server.reload_command, "--as-of", AS_OF)
        assert (ran.status, ran.stderr) == (0, "")
        assert mark("delta") in client.ask(delta, b"/", dora).body


@pytest.mark.parametrize(
    "reload", ["false", "no-such-program --now", "sh -c 'echo no >&2; exit 3'"]
)
def test_a_reload_that_fails_is_loud_and_tried_again(
    world: World, punchcard: RunPunchcard, tmp_path: Path, reload: str
) -> None:
    access = tmp_path / "access"
    asked = command(world, access, "nginx", 8080, "--as-of", AS_OF)
    ran = punchcard(world.root, *asked, "--reload", reload)
    assert ran.status == 2
    assert shlex.split(reload)[0] in ran.stderr
    assert "the server goes by the old ones" in ran.stderr
    done = tmp_path / "reloaded"
    for _run in range(2):
        assert punchcard(world.root, *asked, "--reload", f"mkdir {done}").status == 0
    assert done.is_dir()
