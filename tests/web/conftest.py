"""Portals served by real web servers. In CI a server that is not installed is a failure."""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.intake.access_keys import make_address
from ledger.ledger import open_ledger
from site_builder.access.sites import Mode, Server, ServerSettings
from site_builder.access.writer import WrittenAccess, write_access
from tests.web.portal_world import AS_OF, DOMAIN, World, copy_world, write_world
from tests.web.raw_client import RawClient
from tests.web.web_server import HOST, RUNNERS, find_free_port

FULL_COUNT = 20_000
_USUAL_SHARE = 20
_IS_ENDURANCE = os.environ.get("PUNCHCARD_ENDURANCE", "") not in {"", "0"}

WriteAccess = Callable[..., WrittenAccess]
Serve = Callable[..., AbstractContextManager[tuple[RawClient, ServerSettings]]]


@pytest.fixture(scope="session")
def probe_count() -> int:
    """How many requests to try: all of them where there is time for it."""
    return FULL_COUNT if _IS_ENDURANCE else FULL_COUNT // _USUAL_SHARE


@pytest.fixture(scope="session")
def _first_world(tmp_path_factory: pytest.TempPathFactory) -> World:
    # What is made once for all tests is made before the plain surroundings of each.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Alice Moreau")
            patch.setenv(f"GIT_{role}_EMAIL", "alice@example.com")
        return write_world(tmp_path_factory.mktemp("first-world"))


@pytest.fixture
def world(_first_world: World, tmp_path: Path) -> World:
    """A ledger and its portals, to be changed at will."""
    return copy_world(_first_world, tmp_path / "world")


@pytest.fixture
def give_access(world: World) -> WriteAccess:
    """Write who may see what, as the command does."""

    def write(settings: ServerSettings, as_of: str = AS_OF) -> WrittenAccess:
        with open_ledger(world.root / "customers") as ledger:
            return write_access(ledger, settings, date.fromisoformat(as_of), None)

    return write


@pytest.fixture
def serve(world: World, give_access: WriteAccess, tmp_path: Path) -> Serve:
    """Write who may see what, and run a server with that until the end of the block."""

    @contextmanager
    def run(server: str, **options: Any) -> Iterator[tuple[RawClient, ServerSettings]]:
        port, access = find_free_port(), tmp_path / "access"
        settings = make_settings(world, access, server, port, **options)
        give_access(settings)
        with RUNNERS[server](access, tmp_path / "server", port), RawClient(port) as client:
            yield client, settings

    return run


def make_settings(
    world: World,
    folder: Path,
    server: str,
    port: int,
    *,
    mode: str = "password",
    layout: str = "host",
    gateway: int = 9,
    intake: str | None = None,
) -> ServerSettings:
    """Return settings for a server on this machine."""
    return ServerSettings(
        server=Server(server),
        mode=Mode(mode),
        address=make_address(DOMAIN, layout),
        folder=folder,
        portals=world.portals,
        log=folder.parent / "portals.log",
        listen=(f"{HOST}:{port}",),
        gateway=f"http://{HOST}:{gateway}",
        intake=intake,
    )
