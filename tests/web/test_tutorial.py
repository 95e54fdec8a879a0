"""The tutorial, from an empty home folder to a refused pull request, as it stands."""

import os
import re
import subprocess
import time
from pathlib import Path

import yaml

from tests.conftest import git
from tests.web.raw_client import RawClient, sign_in
from tests.web.web_server import find_free_port, find_program

ROOT = Path(__file__).parents[2]
*LEAD, LAST = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/tutorial.md").read_text(), re.DOTALL)
ADDRESS, PORTAL = "dana@acme.example", "acme.portals.localhost"
OF_THE_MACHINE = re.compile("PIP_|SSL_|REQUESTS_|(https?|no)_proxy", re.IGNORECASE)
"""Variables that say how pip reaches an index here; nothing else is taken over."""


def run(
    script: str, home: Path, more: dict[str, str], folder: str = "."
) -> subprocess.CompletedProcess[str]:
    """Run a script with nothing but the system's programs."""
    taken = {name: value for name, value in os.environ.items() if OF_THE_MACHINE.match(name)}
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=home / folder,
        env={**taken, "HOME": str(home), "PATH": "/usr/bin:/bin", **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_an_empty_home_leads_to_a_customer_who_reads(tmp_path: Path) -> None:
    for program in ("nginx", "curl"):
        find_program(program)
    for command in re.findall(r"```sh\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL):
        assert command in LEAD
    git(tmp_path, "clone", "--quiet", str(ROOT), "service-punchcards")
    port = find_free_port()
    # Of all tests, which this is one of, the README's second command runs a few.
    few = {"PYTEST_ADDOPTS": "tests/ledger/test_wording.py", "PORT": str(port)}
    try:
        done = run("\n".join(LEAD), tmp_path, few)
        assert done.returncode == 0, done.stdout
        check_what_was_shown(done.stdout)
        check_who_reads(tmp_path, port)
        check_that_the_request_is_refused(tmp_path)
    finally:
        done = run(LAST, tmp_path, {})
    assert done.returncode == 0, done.stdout
    wait_for_end_of_nginx(tmp_path / "web/nginx.pid")


def wait_for_end_of_nginx(file: Path) -> None:
    """Wait until a server that was told to stop has removed its file."""
    deadline = time.monotonic() + 30
    while file.exists():
        assert time.monotonic() < deadline, "nginx is still there"
        time.sleep(0.05)


def check_what_was_shown(shown: str) -> None:
    assert "open site/acme/index.html" in shown
    assert re.search(r"\d+ passed", shown)
    assert "\n401\n9h 15m\n" in shown
    assert "\n8h 45m\n" in shown
    assert "\nrefused with status 1\n" in shown
    assert "the push is refused" in shown
    assert re.search(r"\nacme .* 8h 45m .*\nas of \S+\n$", shown)


def check_who_reads(home: Path, port: int) -> None:
    """The key of the invitation opens the portal; without it, or with another, nobody reads."""
    [key] = re.findall(r"Key: (\S+)", (home / "invitation.txt").read_text())
    with RawClient(port) as client:
        answer = client.ask(PORTAL, b"/", [sign_in(ADDRESS, key)])
        assert (answer.status, b"8h 45m" in answer.body) == (200, True)
        for headers in ([], [sign_in(ADDRESS, key[::-1])], [sign_in("olaf@acme.example", key)]):
            assert client.ask(PORTAL, b"/", headers).status == 401


def check_that_the_request_is_refused(home: Path) -> None:
    """What the job of the forge runs, in a clone of the request, as `init` wrote it."""
    git(home, "clone", "--quiet", "--branch=time/more", "forge.git", "job")
    workflow = yaml.safe_load((home / "job/.github/workflows/check.yml").read_text())
    script = workflow["jobs"]["check"]["steps"][-1]["run"]
    summary = home / "summary.md"
    forge = {"CI": "true", "GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": str(summary)}
    done = run(f". ~/punchcards/bin/activate\n{script}", home, forge, "job")
    assert done.returncode == 1, done.stdout
    assert "title=changed-history" in done.stdout
    assert "was altered: minutes 45 -> 90" in done.stdout
    assert "| 8h 45m | 8h |" in summary.read_text()
    assert git(home / "forge.git", "rev-parse", "main") != git(home / "job", "rev-parse", "HEAD")
