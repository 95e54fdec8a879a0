"""The jobs that `init` writes, step by step: from a push to a customer who reads at a web server.

The steps run as a forge would run them, but for those that install. The job has folders of its
own where the server has its portals (a mount namespace), and reaches the server by SSH alone.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from ledger.intake.access_keys import hash_key
from tests.conftest import IDENTITY, commit_all, git, write_files
from tests.ledger.git.test_hostile_repositories import write_tree
from tests.web.raw_client import RawClient, sign_in
from tests.web.web_server import HOST, find_free_port, find_program, run_nginx, running

TODAY = datetime.now(UTC).date()
BEFORE = TODAY - timedelta(days=40)
KEY = "amber-otter-walks-home"
DOMAIN = "portals.tools.example"
HOST_NAME = f"acme.{DOMAIN}"
WORKFLOWS = {
    "github": (".github/workflows/{}.yml", "https://x-access-token:t@github.com/firm/ledger"),
    "forgejo": (".forgejo/workflows/{}.yml", "https://x:t@forge.example/firm/ledger"),
    "gitlab": (".gitlab-ci.yml", "https://punchcard:t@gitlab.example/firm/ledger.git"),
}
GUIDE = (Path(__file__).parents[2] / "docs/publishing.md").read_text()
JOBS = {"check": "check", "weekly-portals": "publish", "daily-access": "access"}


class Forge(NamedTuple):
    """A repository on a server, its CI, and the web server that it delivers to."""

    kind: str
    home: Path
    environment: dict[str, str]

    @property
    def clone(self) -> Path:
        """Where somebody works."""
        return self.home / "work"

    def push(self, message: str) -> None:
        """Commit all that is there and push it."""
        commit_all(self.clone, message)
        git(self.clone, "push", "--quiet", "origin", "HEAD")

    def run(
        self, workflow: str, as_of: date = TODAY, branch: str = "main"
    ) -> subprocess.CompletedProcess[str]:
        """Run a workflow's steps in a fresh clone of a branch and fresh folders, as of a day."""
        job = self.home / "job"
        for folder in (job, self.home / "job-srv"):
            shutil.rmtree(folder, ignore_errors=True)
        (self.home / "job-srv").mkdir()
        script = "\n".join(self._list_steps(workflow))
        if self.kind == "forgejo":
            job.mkdir()
        else:
            clone = ("clone", "--quiet", "--no-checkout", f"--branch={branch}")
            git(self.home, *clone, "ledger.git", "job")
            # What Git does not check out ends a forge's job; here the rest refuses it, too.
            subprocess.run(["git", "reset", "--quiet", "--hard"], cwd=job, check=False)
        branches = {"GITHUB_REF": f"refs/heads/{branch}", "GITHUB_REF_NAME": branch}
        srv = self.home / "srv"
        inside = f'mount --bind "{self.home}/job-srv" "{srv}" && exec bash -eo pipefail -c "$0"'
        alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        return subprocess.run(
            [*alone, "--", "bash", "-c", inside, script],
            cwd=job,
            env={**os.environ, **self.environment, **branches, "AS_OF": as_of.isoformat()},
            capture_output=True,
            text=True,
            check=False,
        )

    def _list_steps(self, workflow: str) -> Iterator[str]:
        """Yield the scripts of a job but those that install, with their variables."""
        name, _ = WORKFLOWS[self.kind]
        read = yaml.safe_load((self.clone / name.format(workflow)).read_text("utf-8"))
        steps: list[dict[str, Any]]
        if self.kind == "gitlab":
            job = read[JOBS[workflow]]
            hidden = read.get(job.get("extends", ""), {})
            steps = [{"env": hidden.get("variables", {}), "run": "\n".join(job["script"])}]
        else:
            steps = read["jobs"][JOBS[workflow]]["steps"]
        for step in steps:
            script = step.get("run", "")
            if "pip install" in script or not script:
                continue
            variables = {
                name: value for name, value in step.get("env", {}).items() if "${{" not in value
            }
            for name, value in variables.items():
                yield f'export {name}="{value}"'
            yield f"(\n{script}\n)"


def write_customer(root: Path) -> None:
    """Write a customer with two people, one of whom is not there for long, in place of init's."""
    shutil.rmtree(root / "customers/example")
    provider = root / "customers/provider.yml"
    text = re.sub(r"(?m)^portal_domain:.*\n", "", provider.read_text("utf-8"))
    provider.write_text(f"{text}portal_domain: {DOMAIN}\n", "utf-8")
    key_hash, since = hash_key(KEY), BEFORE - timedelta(days=150)
    people = "".join(
        f"- {{email: {name}@acme.example, name: {name}, created: {since}, key_hash: {key_hash}}}\n"
        for name in ("dana", "olaf")
    )
    files = {
        "customer.yml": "{name: Acme Robotics, key: ACME, currency: USD}\n",
        "accounts.yml": people,
        "purchases.yml": f"- {{id: P1, date: {BEFORE}, punchcards: 2, amount: 2000.00}}\n",
        "requests/ACME-1.yml": f"title: Help\ncategory: onboarding\nopened: {BEFORE}\n"
        "opened_by: dana@acme.example\nchannel: punchcard\n",
    }
    write_files(root / "customers/acme", files)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[dict[str, str]]:
    """An SSH server and nginx on this machine; what a job has to know of them."""
    srv, keys, conf_d = (tmp_path / name for name in ("srv", "keys", "conf.d"))
    for folder in (srv / "portals", srv / "access", srv / "log", keys, conf_d):
        folder.mkdir(parents=True)
    for name in ("host", "job"):
        subprocess.run(
            ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(keys / name)], check=True
        )
    ssh_port, port = find_free_port(), find_free_port()
    (keys / "sshd_config").write_text(
        f"Port {ssh_port}\nListenAddress {HOST}\nHostKey {keys}/host\nPidFile none\n"
        f"AuthorizedKeysFile {keys}/job.pub\nStrictModes no\nPasswordAuthentication no\n"
    )
    sshd = find_program("sshd")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)
    (conf_d / "nginx.conf").write_text(f'include "{conf_d}/portals*.conf";\n')
    (conf_d / "portals-none.conf").write_text(f"server {{ listen {HOST}:{port}; return 404; }}\n")
    with (
        running([sshd, "-D", "-f", f"{keys}/sshd_config"], tmp_path / "sshd", ssh_port),
        run_nginx(conf_d, tmp_path / "nginx", port) as nginx,
    ):
        (conf_d / "portals-none.conf").unlink()
        (conf_d / "portals.conf").symlink_to(srv / "access/nginx.conf")
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout
        yield {
            "SERVER": f"{user.strip()}@{HOST}",
            "SSH_PORT": str(ssh_port),
            "PORTALS": str(srv / "portals"),
            "ACCESS": str(srv / "access"),
            "LOG": str(srv / "log/portals.log"),
            "LISTEN": f"{HOST}:{port}",
            "RELOAD": nginx.reload_command,
            "DELIVERY_KEY": (keys / "job").read_text(),
            "DELIVERY_HOSTS": f"[{HOST}]:{ssh_port} {(keys / 'host.pub').read_text()}",
        }


@pytest.fixture(params=WORKFLOWS)
def forge(request: pytest.FixtureRequest, server: dict[str, str], tmp_path: Path) -> Forge:
    """A new ledger with one customer, two people and two cards, pushed to a forge."""
    for program in ("rsync", "unshare"):
        find_program(program)
    kind, programs = request.param, tmp_path / "bin"
    programs.mkdir()
    program = f"{sys.executable} -P -c 'from site_builder.punchcard import main; main()'"
    for name, start in (("punchcard", program), ("python", sys.executable)):
        (programs / name).write_text(f'#!/bin/sh\nexec {start} "$@"\n')
        (programs / name).chmod(0o755)
    address = WORKFLOWS[kind][1]
    bare = tmp_path / "ledger.git"
    (tmp_path / ".gitconfig").write_text(
        f'[url "{bare}"]\n\tinsteadOf = {address}\n\tinsteadOf = https://forge.example/firm/ledger\n'
        "[init]\n\tdefaultBranch = main\n"
    )
    environment = {
        **server,
        **IDENTITY,
        "HOME": str(tmp_path),
        "GIT_CONFIG_GLOBAL": str(tmp_path / ".gitconfig"),
        "PATH": f"{programs}:{os.environ['PATH']}:/usr/sbin",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "TOKEN": "t",
        "PUSH_TOKEN": "t",
        "GITHUB_REPOSITORY": "firm/ledger",
        "GITHUB_SERVER_URL": "https://forge.example",
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "CI_SERVER_HOST": "gitlab.example",
        "CI_PROJECT_PATH": "firm/ledger",
        "CI_COMMIT_BRANCH": "main",
        "CI_PIPELINE_SOURCE": "schedule",
        "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    }
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", str(bare))
    made = subprocess.run(
        ["punchcard", "init", "work", "--ci", kind],
        cwd=tmp_path,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    forge = Forge(kind, tmp_path, environment)
    write_customer(forge.clone)
    git(forge.clone, "remote", "add", "origin", str(bare))
    git(forge.clone, "branch", "--move", "main")
    forge.push("A new ledger")
    return forge


def read_portal(forge: Forge, name: str) -> tuple[int, str]:
    """Ask the web server for the Overview as a person; return the status, and the hours left."""
    with RawClient(int(forge.environment["LISTEN"].rpartition(":")[2])) as client:
        answer = client.ask(HOST_NAME, b"/", [sign_in(f"{name}@acme.example", KEY)])
    hours = re.search(rb'hero__figure"><data[^>]*>([^<]*)<', answer.body)
    return answer.status, hours[1].decode() if hours else ""


def test_a_push_is_published_and_an_account_ends_on_its_day(forge: Forge) -> None:
    check_delivery(forge, lambda: None)


@pytest.mark.parametrize("forge", ["github"], indirect=True)
def test_a_bucket_gets_pages_last_and_the_web_server_takes_all_from_it(forge: Forge) -> None:
    for program in ("aws", "moto_server"):
        find_program(program)
    port, home, bucket = find_free_port(), forge.home / "s3", "s3://punchcards"
    forge.environment.update(
        {"DELIVERY": "s3", "DELIVERY_KEY": "name:secret", "S3_ENDPOINT": f"http://{HOST}:{port}"}
    )
    places = {
        "/srv/portals": forge.environment["PORTALS"],
        "/srv/portal-access": forge.environment["ACCESS"],
        "/var/log/nginx": str(Path(forge.environment["LOG"]).parent),
        "systemctl reload nginx": forge.environment["RELOAD"],
    }
    [on_the_server] = re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL)
    for place, ours in places.items():
        on_the_server = re.sub(rf"{place}\b", ours, on_the_server)
    environment = {
        **os.environ,
        **forge.environment,
        "AWS_ACCESS_KEY_ID": "name",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_ENDPOINT_URL": f"http://{HOST}:{port}",
        "AWS_DEFAULT_REGION": "us-east-1",
    }

    def aws(script: str) -> None:
        subprocess.run(["bash", "-euc", script], env=environment, check=True, capture_output=True)

    with running(["moto_server", "-H", HOST, "-p", str(port)], home, port):
        aws(f"aws s3 mb {bucket}; echo old | aws s3 cp - {bucket}/portals/acme/old.html")
        check_delivery(forge, lambda: aws(on_the_server))
        asked = re.findall(
            r'"([A-Z]+) /punchcards(\S*)', (home / "output.log").read_text(errors="replace")
        )
    sent = [path for method, path in asked if method == "PUT" and "/portals/" in path]
    first = sent[: sent.index("/portals/acme/index.html")]
    assert "/portals/acme/statement.json" in first
    assert "/portals/acme/assets/stylesheets/portal.css" in first
    deleted = [method for method, path in asked].index("DELETE")
    assert asked.index(("PUT", "/portals/acme/index.html")) < deleted
    assert not any("generations" in path for path in sent)
    assert not Path(forge.environment["PORTALS"], "acme/old.html").exists()


def check_delivery(forge: Forge, take: Callable[[], None]) -> None:
    """What is pushed is published, and reaches the customer when the web server ``take``s it."""
    done = forge.run("weekly-portals", BEFORE)
    assert done.returncode == 0, done.stdout + done.stderr
    take()
    assert read_portal(forge, "dana") == read_portal(forge, "olaf") == (200, "10h")
    [consultant] = yaml.safe_load((forge.clone / "customers/consultants.yml").read_text("utf-8"))
    sheet = forge.clone / f"customers/acme/time/{BEFORE:%Y-%m}-{consultant['handle']}.yml"
    sheet.parent.mkdir()
    sheet.write_text(
        f"- {{id: 1-1, date: {BEFORE}, request: ACME-1, minutes: 45, note: A first call.}}\n"
    )
    forge.push("Log a call")
    done = forge.run("weekly-portals", BEFORE)
    assert done.returncode == 0, done.stdout + done.stderr
    take()
    assert read_portal(forge, "dana") == (200, "9h 15m")
    take()
    tags = git(forge.home / "ledger.git", "tag", "--list").splitlines()
    assert tags == [f"published/{BEFORE}", f"published/{BEFORE}.2"]
    done = forge.run("daily-access")
    assert done.returncode == 0, done.stdout + done.stderr
    take()
    assert read_portal(forge, "dana") == (200, "9h 15m")
    assert read_portal(forge, "olaf")[0] == 401
    accounts = yaml.safe_load(
        git(forge.home / "ledger.git", "show", "main:customers/acme/accounts.yml")
    )
    assert accounts[0]["last_sign_in"] == TODAY


def test_a_request_is_refused_and_runs_nothing(forge: Forge) -> None:
    git(forge.clone, "checkout", "--quiet", "-b", "request")
    marker = forge.home / "marker"
    script = f"open({str(marker)!r}, 'w')\n"
    modules = ("pip", "json", "sitecustomize", "usercustomize", "punchcard", "ledger/__init__")
    write_files(forge.clone, {f"{name}.py": script for name in modules})
    for name in ("evil.pth", "lib/python3.11/site-packages/evil.pth", "customers/evil.pth"):
        write_files(forge.clone, {name: f"import json; {script}"})
    (forge.clone / "pyvenv.cfg").write_text("include-system-site-packages = true\n")
    write_files(forge.clone, {"mkdocs.yml": "hooks: [pip.py]\n", ".gitattributes": "* ident\n"})
    for name in (".ci/publish", ".ci/requirements.txt", "yaml", "site_builder", "balances.md"):
        (forge.clone / name).unlink(missing_ok=True)
        (forge.clone / name).symlink_to(forge.clone / "pip.py")
    sales = forge.clone / "customers/acme/purchases.yml"
    sales.write_text(sales.read_text("utf-8").replace("punchcards: 2", "punchcards: 9"), "utf-8")
    forge.push("Take seven cards more")
    done = forge.run("check", branch="request")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "changed-history" in done.stdout
    assert not marker.exists()
    assert (forge.clone / "pip.py").read_text() == script
    tables = {"github": forge.home / "summary.md", "gitlab": forge.home / "job/balances.md"}
    table = tables[forge.kind].read_text("utf-8") if forge.kind in tables else done.stdout
    assert "| acme | 10h | 45h | +35h | 0m | 45h |" in table
    assert forge.run("check").returncode == 0


def test_a_request_that_leads_out_of_the_ledger_is_refused(forge: Forge) -> None:
    clone, outside = forge.clone, forge.home / "outside.yml"
    sales = clone / "customers/acme/purchases.yml"
    outside.write_text(sales.read_text("utf-8").replace("punchcards: 2", "punchcards: 9"), "utf-8")
    blob = git(clone, "hash-object", "-w", str(outside))
    inner = write_tree(clone, f"100644 blob {blob}\toutside.yml")
    above = write_tree(
        clone,
        *git(clone, "ls-tree", "HEAD").splitlines(),
        f"040000 tree {write_tree(clone, f'040000 tree {inner}{chr(9)}..')}\t..",
    )
    linked = {}
    for name in ("purchases.yml", "time", "linked.yml"):
        git(clone, "checkout", "--quiet", "-B", "request", "main")
        place = sales.with_name(name)
        place.unlink(missing_ok=True)
        place.symlink_to(outside if place.suffix else forge.home)
        commit_all(clone, "A link")
        linked[git(clone, "rev-parse", "HEAD^{tree}")] = "a symbolic link"
    before = outside.read_bytes()
    for tree, said in (*linked.items(), (above, "a name no file can have|invalid path")):
        commit = git(clone, "commit-tree", tree, "-p", "main", "-m", "Out")
        git(clone, "push", "--quiet", "--force", "origin", f"{commit}:refs/heads/request")
        done = forge.run("check", branch="request")
        shown = done.stdout + done.stderr
        assert done.returncode != 0, shown
        assert re.search(said, shown), shown
        assert outside.read_bytes() == before
        assert not list(forge.home.glob("*/outside.yml"))
    assert forge.run("check").returncode == 0
