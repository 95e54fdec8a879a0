"""What is written is taken by the servers themselves: with certificates, with many customers."""

import ssl
import subprocess
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from ledger.balance.portal_life import PortalState
from ledger.intake.access_keys import make_address
from site_builder.access.server_files import make_configuration
from site_builder.access.sites import Certificate, Mode, Server, ServerSettings, Site
from tests.conftest import RunPunchcard
from tests.web.portal_world import AS_OF, DOMAIN, World, mark
from tests.web.raw_client import sign_in
from tests.web.web_server import (
    HOST,
    RUNNERS,
    find_free_port,
    find_program,
    make_certificate,
    run_nginx,
)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("certificate")
    return Certificate(*make_certificate(folder, f"DNS:*.{DOMAIN}", f"DNS:{DOMAIN}"))


@pytest.mark.parametrize("server", ["nginx", "caddy"])
@pytest.mark.parametrize("layout", ["host", "path"])
def test_portals_are_served_encrypted_and_other_names_are_not(
    world: World,
    punchcard: RunPunchcard,
    certificate: Certificate,
    tmp_path: Path,
    server: str,
    layout: str,
) -> None:
    port, access = find_free_port(), tmp_path / "access"
    ran = punchcard(
        world.root,
        *("portal", "access", "--to", access, "--server", server, "--layout", layout),
        *("--domain", DOMAIN, "--portals", world.portals, "--log", tmp_path / "portals.log"),
        *("--listen", f"{HOST}:{port}", "--certificate", certificate.chain, certificate.key),
        *("--no-reload", "--as-of", AS_OF),
    )
    assert ran.status == 0, ran.stderr
    host, path = (f"alpha.{DOMAIN}", "/") if layout == "host" else (DOMAIN, "/alpha/")
    with RUNNERS[server](access, tmp_path / "server", port):
        status, headers, body = ask_encrypted(port, certificate, host, path)
        assert (status, mark("alpha") in body) == (200, True)
        assert headers["strict-transport-security"] == "max-age=31536000"
        for stranger in (f"delta.{DOMAIN}", "evil.example"):
            with pytest.raises((ssl.SSLError, ConnectionError, OSError)):
                ask_encrypted(port, certificate, stranger, path)


def ask_encrypted(
    port: int, certificate: Certificate, host: str, path: str
) -> tuple[int, dict[str, str], bytes]:
    context = ssl.create_default_context(cafile=str(certificate.chain))
    context.check_hostname = False
    name, _, value = sign_in("ann@alpha.example", "key-of-ann").decode().partition(": ")
    connection = HTTPSConnection(HOST, port, context=context, timeout=10)
    try:
        connection.sock = context.wrap_socket(
            connection._create_connection((HOST, port), 10, None),  # type: ignore[attr-defined] # noqa: SLF001 # with another name than it goes to
            server_hostname=host,
        )
        connection.request("GET", path, headers={"Host": f"{host}:{port}", name: value})
        answer = connection.getresponse()
        return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("count", "length", "domain"),
    [(600, 39, "portals.example"), (65, 5, "p.example"), (5, 39, f"{'a' * 60}.{'b' * 60}.example")],
)
def test_nginx_takes_many_and_long_names(
    tmp_path: Path, count: int, length: int, domain: str
) -> None:
    access, address = tmp_path / "access", make_address(domain, "host")
    access.mkdir()
    settings = ServerSettings(
        *(Server.NGINX, Mode.PASSWORD, address, access, tmp_path, tmp_path / "log"),
        listen=(f"{HOST}:{find_free_port()}",),
    )
    slugs = [f"{number}-{'x' * 40}"[:length].rstrip("-") for number in range(count)]
    sites = [Site(slug, PortalState.OPEN, policy="default-src 'none'") for slug in slugs]
    (access / "nginx.conf").write_text(make_configuration(settings, sites))
    port = int(settings.listen[0].rpartition(":")[2])
    with run_nginx(access, tmp_path / "server", port) as server:
        assert "[emerg]" not in (server.home / "error.log").read_text()


def test_caddy_takes_the_configuration_with_certificates_of_its_own(
    world: World, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    for layout in ("host", "path"):
        for mode in ("password", "sso"):
            access = tmp_path / f"{layout}-{mode}"
            ran = punchcard(
                world.root,
                *("portal", "access", "--to", access, "--server", "caddy", "--mode", mode),
                *("--layout", layout, "--domain", DOMAIN, "--portals", world.portals),
                *("--log", tmp_path / "portals.log", "--no-reload", "--as-of", AS_OF),
            )
            assert ran.status == 0, ran.stderr
            subprocess.run(
                [find_program("caddy"), "adapt", "--config", access / "Caddyfile"],
                check=True,
                capture_output=True,
            )
