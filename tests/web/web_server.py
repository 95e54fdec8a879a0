"""Real web servers on this machine, started and stopped for a test."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

HOST = "127.0.0.1"

_IS_CI = os.environ.get("CI", "") not in {"", "0", "false"}
# Each process that runs tests has a thousand ports of its own, below those of outgoing connections.
_FIRST_PORT = 20_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 12)
_PORTS = iter(range(_FIRST_PORT, _FIRST_PORT + 1_000))
_STARTS_WITHIN = 20.0
_STOPS_WITHIN = 10
_NGINX = """\
{user}
worker_processes 1;
daemon off;
master_process on;
pid "{home}/nginx.pid";
error_log "{home}/error.log" info;
events {{ worker_connections 256; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path "{home}/body";
    proxy_temp_path "{home}/proxy";
    fastcgi_temp_path "{home}/fastcgi";
    uwsgi_temp_path "{home}/uwsgi";
    scgi_temp_path "{home}/scgi";
    keepalive_requests 100000;
    # What an operator may have set for other sites, and must not matter to ours.
    satisfy any;
    open_file_cache max=100 inactive=60s;
    open_file_cache_valid 60s;
    autoindex on;
    proxy_cache_path "{home}/cache" keys_zone=others:1m;
    proxy_cache others;
    proxy_cache_valid any 1m;
    add_header X-Others "yes";
    include "{access}/nginx.conf";
}}
"""
_RELOAD_NGINX = """\
#!{python}
# The command ends before the new configuration holds; this waits until the old one is gone.
import pathlib, subprocess, time
master = pathlib.Path({pid!r}).read_text().strip()
workers = pathlib.Path(f"/proc/{{master}}/task/{{master}}/children")
before = set(workers.read_text().split())
subprocess.run([*{command!r}, "-s", "reload"], check=True)
end = time.monotonic() + 20
while before & set(workers.read_text().split()) and time.monotonic() < end:
    time.sleep(0.02)
"""
_CADDY = """\
{{
	admin {host}:{admin}
	auto_https off
	storage file_system "{home}/storage"
}}
import "{access}/Caddyfile"
"""


@dataclass(frozen=True, slots=True)
class WebServer:
    """A server that is running.

    Attributes:
        port: where it listens.
        home: its own files: configuration, process, errors.
        reload_command: makes it read its configuration.
    """

    port: int
    home: Path
    reload_command: str


def find_program(name: str) -> str:
    """Return where a server's program is; without it the test is left out, but not in CI."""
    places = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    found = shutil.which(name, path=places)
    return found if found is not None else _miss(name)


def find_free_port() -> int:
    """Return a port that nobody listens on, and that no other test of this run is given.

    Caddy shares a port with another Caddy, and either answers; so being free is not enough.
    """
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            return port
    raise AssertionError("no port is free")


def make_certificate(folder: Path, *names: str) -> tuple[Path, Path]:
    """Make a certificate for some names (``DNS:…``, ``IP:…``); return its file and its key's."""
    key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    about = ("-subj", "/CN=test", "-addext", f"subjectAltName={','.join(names)}")
    command = [find_program("openssl"), "req", "-x509", *key, *about]
    command += ["-keyout", "key.pem", "-out", "chain.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "chain.pem", folder / "key.pem"


@contextmanager
def run_nginx(access: Path, home: Path, port: int) -> Iterator[WebServer]:
    """Run nginx with the configuration in the folder ``access``."""
    program = find_program("nginx")
    home.mkdir(parents=True, exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    configuration = home / "nginx.conf"
    configuration.write_text(_NGINX.format(user=user, home=home, access=access))
    command = [program, "-e", str(home / "error.log"), "-c", str(configuration)]
    reload = home / "reload-nginx"
    pid = str(home / "nginx.pid")
    reload.write_text(_RELOAD_NGINX.format(python=sys.executable, pid=pid, command=command))
    reload.chmod(0o755)
    with running(command, home, port):
        yield WebServer(port, home, str(reload))


@contextmanager
def run_caddy(access: Path, home: Path, port: int) -> Iterator[WebServer]:
    """Run Caddy with the configuration in the folder ``access``."""
    program = find_program("caddy")
    home.mkdir(parents=True, exist_ok=True)
    admin = find_free_port()
    configuration = home / "Caddyfile"
    configuration.write_text(_CADDY.format(host=HOST, admin=admin, home=home, access=access))
    command = [program, "run", "--config", str(configuration)]
    with running(command, home, port):
        yield WebServer(
            port,
            home,
            f"{program} reload --address {HOST}:{admin} --config {configuration}",
        )


RUNNERS = {"nginx": run_nginx, "caddy": run_caddy}


@contextmanager
def running(command: list[str], home: Path, port: int) -> Iterator[None]:
    """Run a server that listens on ``port`` until the block ends."""
    home.mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home),
        "XDG_DATA_HOME": str(home),
    }
    with (home / "output.log").open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)
        try:
            _wait_for(process, port, home)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(_STOPS_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_for(process: subprocess.Popen[bytes], port: int, home: Path) -> None:
    end = time.monotonic() + _STARTS_WITHIN
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.02)
    logs = "".join(path.read_text(errors="replace") for path in home.glob("*.log"))
    raise AssertionError(f"the server does not start:\n{logs[-4000:]}")


def _miss(name: str) -> NoReturn:
    if _IS_CI:
        pytest.fail(f"{name} is not installed, and in CI it has to be")
    pytest.skip(f"{name} is not installed")
