"""The operators' guide, from top to bottom, with a real nginx."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.raw_client import RawClient, sign_in
from tests.web.web_server import HOST, find_free_port, find_program, run_nginx

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/operators.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
NAMES = BLOCKS[0]
[EVERY_DAY] = [block for block in BLOCKS if "account seen" in block]


def run_script(script: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_guide_leads_to_three_customers_who_read_their_portals(tmp_path: Path) -> None:
    find_program("curl")
    port, conf_d, programs = find_free_port(), tmp_path / "conf.d", tmp_path / "bin"
    for folder in (conf_d, programs):
        folder.mkdir()
    program = programs / "punchcard"
    program.write_text(f"#!{sys.executable}\nfrom site_builder.punchcard import main\nmain()\n")
    program.chmod(0o755)
    (conf_d / "nginx.conf").write_text(f'include "{conf_d}/portals*.conf";\n')
    (conf_d / "portals-before.conf").write_text(f"server {{ listen {HOST}:{port}; return 404; }}\n")
    with run_nginx(conf_d, tmp_path / "server", port) as server:
        (conf_d / "portals-before.conf").unlink()
        environment = {
            "PATH": f"{programs}:{os.environ['PATH']}:/usr/sbin",
            "PYTHONPATH": str(ROOT),
            "LEDGER": str(tmp_path / "ledger"),
            "PORTALS": str(tmp_path / "portals"),
            "ACCESS": str(tmp_path / "access"),
            "GROUP": str(os.getegid()),
            "CONF_D": str(conf_d),
            "LOG": str(tmp_path / "portals.log"),
            "LISTEN": f"{HOST}:{port}",
            "RELOAD": server.reload_command,
        }
        shown = run_script("\n".join(BLOCKS), environment)
        assert "HTTP/1.1 401" in shown
        people = read_invitations(shown)
        assert len(people) == 4
        run_script(NAMES + EVERY_DAY, environment)
        with RawClient(port) as client:
            check_who_comes_in(client, people)


def read_invitations(shown: str) -> list[tuple[str, str, str]]:
    form = r"Portal:  https://(\S+)/\n    Address: (\S+)\n    Key:     (\S+)"
    return re.findall(form, shown)


def check_who_comes_in(client: RawClient, people: list[tuple[str, str, str]]) -> None:
    """Each person sees their portal with the last key that they got, and no other portal."""
    current = {email: (host, key) for host, email, key in people}
    for email, (host, key) in current.items():
        answer = client.ask(host, b"/", [sign_in(email, key)])
        assert (answer.status, b"hours" in answer.body.lower()) == (200, True)
        others = {other for other, _key in current.values()} - {host}
        for other in others:
            assert client.ask(other, b"/", [sign_in(email, key)]).status == 401


def list_named_commands() -> list[str]:
    named = re.findall(r"`punchcard ((?:account|portal|customer)\s+[a-z]+)", GUIDE)
    return sorted({" ".join(name.split()) for name in named})


@pytest.mark.parametrize("name", list_named_commands())
def test_every_command_that_the_guide_names_is_there(name: str) -> None:
    from site_builder.punchcard import run

    assert run([*name.split(), "--help"]) == 0
