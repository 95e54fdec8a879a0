"""The services, timers and jobs for a server of one's own are well-formed."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from site_builder.punchcard import run
from tests.web.web_server import find_program

SERVER = Path(__file__).parents[2] / "docs/server"
UNITS = sorted((SERVER / "systemd").iterdir())
COMMANDS = sorted(
    {
        line
        for file in (*UNITS, SERVER / "crontab", SERVER / "compose.yml")
        for line in re.findall(r"punchcard ((?:portal|account|intake) [^;&\n]*)", file.read_text())
    }
)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = find_program("systemd-analyze")
    for unit in UNITS:
        text = unit.read_text("utf-8")
        here = text.replace("/opt/punchcard/bin/punchcard", sys.executable)
        (tmp_path / unit.name).write_text(here.replace("/usr/bin/mail", "/bin/cat"), "utf-8")
    names = [str(tmp_path / unit.name) for unit in UNITS if "@" not in unit.name]
    done = subprocess.run(
        [program, "verify", "--man=no", *names], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_these_options(command: str) -> None:
    assert run([*shlex.split(command), "--help"]) == 0


def test_the_containers_share_what_they_need() -> None:
    compose = yaml.safe_load((SERVER / "compose.yml").read_text("utf-8"))
    mounted = {
        volume.partition(":")[0]
        for service in compose["services"].values()
        for volume in service["volumes"]
    }
    assert mounted == set(compose["volumes"])
