"""Whoever asks, for whatever, in whatever way: nobody sees a portal that is not theirs."""

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.web.conftest import Serve, WriteAccess, make_settings
from tests.web.portal_world import DOMAIN, PEOPLE, SLUGS, World, hash_once, mark
from tests.web.probes import METHODS, PATHS, TRICKS, Probe, list_probes
from tests.web.raw_client import CLOSED, Answer, RawClient, sign_in
from tests.web.web_server import find_free_port, run_nginx

REFUSALS = {CLOSED, 400, 401, 403, 404}
SERVERS = [
    ("nginx", "host", 1),
    ("nginx", "path", 2),
    ("caddy", "host", 4),
    ("caddy", "path", 8),
]


def test_the_matrix_is_as_large_as_it_says() -> None:
    assert len(PATHS) >= 24
    assert len(PEOPLE) * len(SLUGS) * len(PATHS) * len(TRICKS) * len(METHODS) >= 20_000


@pytest.mark.parametrize(("server", "layout", "part"), SERVERS)
def test_no_answer_holds_what_its_asker_may_not_see(
    serve: Serve, probe_count: int, server: str, layout: str, part: int
) -> None:
    with serve(server, layout=layout) as (client, _settings):
        seen = try_everything(client, probe_count // part, layout)
    assert seen["own"] > 0
    assert seen["refused"] > probe_count // part // 2
    assert client.connections < probe_count // part


@pytest.mark.parametrize(
    ("file", "mend"),
    [
        ("nginx.conf", lambda text: text.replace("auth_basic_user_file", "# ")),
        ("nginx.conf", lambda text: text.replace("/served/alpha", "/served")),
        ("nginx.conf", lambda text: text.replace('auth_basic "Portal"', "auth_basic off")),
        ("users/beta", lambda text: text + f"ann@alpha.example:{hash_once('key-of-ann')}\n"),
    ],
)
def test_the_matrix_notices_a_door_that_is_open(
    world: World,
    give_access: WriteAccess,
    tmp_path: Path,
    probe_count: int,
    file: str,
    mend: Callable[[str], str],
) -> None:
    port, access = find_free_port(), tmp_path / "access"
    give_access(make_settings(world, access, "nginx", port))
    text = (access / file).read_text()
    assert mend(text) != text
    (access / file).write_text(mend(text))
    with (
        run_nginx(access, tmp_path / "nginx", port),
        RawClient(port) as client,
        pytest.raises(AssertionError),
    ):
        try_everything(client, probe_count, "host")


def try_everything(client: RawClient, count: int, layout: str) -> Counter[str]:
    """Return how many saw their own, and how many were refused."""
    for person in PEOPLE:
        check_front_doors(client, person.email, person.key, person.sees, layout)
    return Counter(judge(probe, ask(client, probe, layout)) for probe in list_probes(count))


def ask(client: RawClient, probe: Probe, layout: str) -> Answer:
    if layout == "host":
        return client.ask(probe.host, probe.make_target(), probe.make_headers(), probe.method)
    target = probe.make_target(f"/{probe.slug}").replace(f"//{probe.other}.".encode(), b"//")
    return client.ask(DOMAIN, target, probe.make_headers(), probe.method)


def judge(probe: Probe, answer: Answer) -> str:
    """Return whether the asker saw their own, or was refused; anything else is a failure."""
    everything = answer.body + repr(answer.headers).encode()
    marks = {slug for slug in SLUGS if mark(slug) in everything}
    assert marks <= set(probe.person.sees), (probe, answer)
    if marks:
        return "own"
    if probe.may_see or (answer.status in {200, 206, 304} and probe.person.sees):
        assert probe.may_see or probe.other in probe.person.sees, (probe, answer)
        return "entitled"
    assert answer.status in REFUSALS, (probe, answer)
    return "refused"


def check_front_doors(
    client: RawClient, email: str, key: str, sees: tuple[str, ...], layout: str
) -> None:
    """Whoever may see a portal sees it, whole, and nobody else does."""
    for slug in SLUGS:
        host, target = (f"{slug}.{DOMAIN}", "/") if layout == "host" else (DOMAIN, f"/{slug}/")
        answer = client.ask(host, target.encode(), [sign_in(email, key)])
        if slug in sees:
            assert (answer.status, answer.body.count(mark(slug))) == (200, 40), (email, slug)
        else:
            assert answer.status in REFUSALS, (email, slug, answer)
            assert mark(slug) not in answer.body
