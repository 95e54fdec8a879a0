"""The operators' guide, from top to bottom, with a real nginx."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.conftest import git
from tests.ledger.notices.mail_server import run_mail_server
from tests.web.raw_client import RawClient, sign_in
from tests.web.web_server import HOST, find_free_port, find_program, run_nginx

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/operators.md").read_text()
BLOCKS = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
NAMES = BLOCKS[0]
[EVERY_DAY] = [block for block in BLOCKS if "account seen" in block]

MAIL = """\
Authentication-Results: mx.tools.example; dmarc=pass header.from=fjord.example
From: Liv Berg <liv@fjord.example>
Subject: By mail
Message-ID: <m1@fjord.example>

Does it arrive?
"""


def run_script(script: str, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_guide_leads_to_three_customers_who_read_their_portals(tmp_path: Path) -> None:
    find_program("curl")
    port, conf_d, programs = find_free_port(), tmp_path / "conf.d", tmp_path / "bin"
    maildir = tmp_path / "home/Maildir"
    for folder in (conf_d, programs, *(maildir / name for name in ("cur", "new", "tmp"))):
        folder.mkdir(parents=True)
    (maildir / "new/1").write_text(MAIL)
    program = programs / "punchcard"
    program.write_text(f"#!{sys.executable}\nfrom site_builder.punchcard import main\nmain()\n")
    program.chmod(0o755)
    (conf_d / "nginx.conf").write_text(f'include "{conf_d}/portals*.conf";\n')
    (conf_d / "portals-before.conf").write_text(f"server {{ listen {HOST}:{port}; return 404; }}\n")
    with run_nginx(conf_d, tmp_path / "server", port) as server, run_mail_server() as (_, smtp):
        (conf_d / "portals-before.conf").unlink()
        environment = {
            "HOME": str(maildir.parent),
            "PATH": f"{programs}:{os.environ['PATH']}:/usr/sbin",
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            # Nobody is made up from the names of the user and the host.
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "user.useConfigOnly",
            "GIT_CONFIG_VALUE_0": "true",
            "LEDGER": str(tmp_path / "ledger"),
            "PORTALS": str(tmp_path / "portals"),
            "ACCESS": str(tmp_path / "access"),
            "GROUP": str(os.getegid()),
            "CONF_D": str(conf_d),
            "LOG": str(tmp_path / "portals.log"),
            "LISTEN": f"{HOST}:{port}",
            "RELOAD": server.reload_command,
            "SMTP": f"smtp://{HOST}:{smtp}",
            "SPOOL": str(tmp_path / "spool"),
            "SOCKET": str(tmp_path / "intake.sock"),
        }
        shown = run_script("\n".join(BLOCKS), environment)
        assert "HTTP/1.1 401" in shown
        assert "<m1@fjord.example>: FJL-1 opened for fjord" in shown
        people = read_invitations(shown)
        assert len(people) == 4
        assert "doubtful" not in shown
        assert git(tmp_path / "ledger", "log", "-1", "--format=%an") == "Alex Kim"
        run_script(NAMES + EVERY_DAY, environment)
        with RawClient(port) as client:
            check_who_comes_in(client, people)
            check_who_sends(client, people[1], environment)


def read_invitations(shown: str) -> list[tuple[str, str, str]]:
    form = r"Portal: https://(\S+)/\n    Address: (\S+)\n    Key: (\S+)"
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


def check_who_sends(
    client: RawClient, person: tuple[str, str, str], environment: dict[str, str]
) -> None:
    """What a person sends is put on record, by the service as the guide has it."""
    host, email, key = person
    [access] = [block for block in BLOCKS if "--intake" in block]
    run_script(f'{NAMES}cd "$LEDGER"\n{access}', environment)
    unit = ROOT / "docs/server/systemd/punchcard-intake.service"
    [serve] = re.findall(r"ExecStart=/opt/punchcard/bin/(.* serve .*)", unit.read_text())
    for name, place in (("SPOOL", "/var/lib/punchcard/spool"), ("SOCKET", "/run/punchcard/in")):
        serve = re.sub(rf"{place}\S*", environment[name], serve)
    socket, ledger = Path(environment["SOCKET"]), environment["LEDGER"]
    service = subprocess.Popen(
        serve.split(), cwd=ledger, env={**os.environ, **environment}, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(socket)
        socket.chmod(0o666)
        given = json.loads(client.ask(host, b"/intake/", [sign_in(email, key)]).body)
        headers = {
            "Host": host,
            "Origin": f"https://{host}",
            "Cookie": f"punchcard-intake={given['token']}",
            "Authorization": sign_in(email, key).decode().partition(": ")[2],
        }
        form = urlencode({**given, "title": "By the form", "text": "Does it arrive?"})
        url = f"http://{environment['LISTEN']}/intake/"
        sent = subprocess.run(
            ["curl", "--silent", "--output", os.devnull, "--write-out", "%{http_code}", url]
            + [f"-H{name}: {value}" for name, value in headers.items()]
            + ["--data", form],
            capture_output=True,
            check=True,
        )
        assert sent.stdout == b"303"
    finally:
        service.terminate()
        service.wait(10)
    [work] = [block for block in BLOCKS if "intake work" in block]
    assert "opened for" in run_script(f'{NAMES}cd "$LEDGER"\n{work}', environment)
    assert "By the form" in run_script('cd "$LEDGER"; git log intake', environment)


def wait_for(socket: Path) -> None:
    end = time.monotonic() + 30
    while not socket.exists() and time.monotonic() < end:
        time.sleep(0.05)


def list_named_commands() -> list[str]:
    named = re.findall(r"`punchcard ((?:account|portal|customer|intake)\s+[a-z]+)", GUIDE)
    return sorted({" ".join(name.split()) for name in named})


@pytest.mark.parametrize("name", list_named_commands())
def test_every_command_that_the_guide_names_is_there(name: str) -> None:
    from site_builder.punchcard import run

    assert run([*name.split(), "--help"]) == 0
