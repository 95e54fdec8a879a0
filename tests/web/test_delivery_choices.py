"""`.ci/deliver` to GitLab Pages and Cloudflare Pages, with programs that stand in for both."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.conftest import IDENTITY, git

STEPS = Path(__file__).parents[2] / "ledger/init_templates/ci"
SECRET = "glpat-very-secret"
POLICIES = {
    "acme": "default-src 'none'; img-src 'self' data:; form-action 'none'",
    "fjord": "default-src 'none'; img-src 'self'; form-action mailto:",
}
CURL = """#!/bin/sh
echo "$*" >>"$HOME/arguments"
for address; do :; done
case "$*" in
  *--request*) (printf '%s ' "${address##*/}" && tr -d '\\n' && echo) >>"$HOME/asked" ;;
  *) cat "$HOME/apps" ;;
esac
[ "${address##*/}" != acme-id ] || exit 22
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A ledger's clone, the portals of two customers as they are published, and who is let in."""
    for slug in POLICIES:
        edition = tmp_path / f"portals/.generations/{slug}/1"
        edition.mkdir(parents=True)
        (edition / "index.html").write_text(f"{slug} 1")
        (tmp_path / "portals" / slug).symlink_to(f".generations/{slug}/1")
        people = tmp_path / "access/listed" / slug
        people.mkdir(parents=True)
        (people / f"Dana@{slug}.example").touch()
    (tmp_path / "portals/lost+found").mkdir()
    of = {slug: {"content_security_policy": policy} for slug, policy in POLICIES.items()}
    (tmp_path / "portals/punchcard-portals.json").write_text(json.dumps({"portals": of}))
    git(tmp_path, "init", "--quiet", "--bare", "ledger.git")
    git(tmp_path, "clone", "--quiet", "ledger.git", "clone")
    return tmp_path


def deliver(home: Path, part: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the step as a job does, with the settings that the CI has."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        **IDENTITY,
        "HOME": str(home),
        "PATH": f"{home}/bin:{os.environ['PATH']}",
        "PORTALS": f"{home}/portals",
        "ACCESS": f"{home}/access",
        "DELIVERY_KEY": SECRET,
        **settings,
    }
    script = f'. "{STEPS}/settings" && exec bash "{STEPS}/deliver" "$0"'
    return subprocess.run(
        ["bash", "-c", script, part],
        cwd=home / "clone",
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("part", ["fetch", "portals", "access", "log"])
@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"DELIVERY": "rsnyc"}, "there is no DELIVERY=rsnyc"),
        ({"DELIVERY": "rsnyc", "DELIVERY_KEY": ""}, "there is no DELIVERY=rsnyc"),
        ({"DELIVERY": "gitlab"}, "DELIVERY=gitlab needs PAGES"),
        ({"DELIVERY": "gitlab", "PAGES": "pages"}, "DELIVERY=gitlab needs CI_SERVER_HOST"),
        ({"DELIVERY": "cloudflare", "PAGES": "p"}, "DELIVERY=cloudflare needs PAGES_DOMAIN"),
        (
            {"DELIVERY": "cloudflare", "PAGES": "p", "PAGES_DOMAIN": "d", "ACCOUNT": "1"},
            "DELIVERY=cloudflare needs MODE=sso",
        ),
    ],
)
def test_what_is_misspelt_is_said_before_anything_is_done(
    part: str, settings: dict[str, str], said: str, home: Path
) -> None:
    done = deliver(home, part, **settings)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f".ci/settings: {said}\n"


def test_each_edition_follows_the_last_in_a_protected_branch_of_gitlab(home: Path) -> None:
    group = home / "group"
    group.mkdir()
    (home / ".gitconfig").write_text(
        f'[url "{group}"]\n\tinsteadOf = https://gitlab.example/pages\n'
        f'[url "{home}/none"]\n\tinsteadOf = https://punchcard:{SECRET}@gitlab.example/pages\n'
    )
    settings = {"DELIVERY": "gitlab", "PAGES": "pages", "CI_SERVER_HOST": "gitlab.example"}
    git(group, "init", "--quiet", "--bare", "--initial-branch=main", "fjord.git")
    git(group / "fjord.git", "config", "receive.denyNonFastForwards", "true")
    done = deliver(home, "portals", **settings)
    assert done.returncode == 1
    assert "not delivered: acme" in done.stderr
    assert "lost+found" not in done.stderr
    assert SECRET not in done.stdout + done.stderr
    assert git(group / "fjord.git", "show", "main:public/index.html") == "fjord 1"
    assert git(home / "ledger.git", "branch", "--list", "portals") == ""

    git(group, "init", "--quiet", "--bare", "--initial-branch=main", "acme.git")
    file = home / "portals/fjord/index.html"
    file.write_text("fjord 2")
    (file.parent / "new.html").touch()
    done = deliver(home, "portals", **settings)
    assert done.returncode == 0, done.stderr
    assert git(group / "fjord.git", "show", "main:public/index.html") == "fjord 2"
    assert git(group / "acme.git", "show", "main:public/index.html") == "acme 1"
    assert git(home / "ledger.git", "show", "portals:fjord") == ".generations/fjord/1"


def test_the_secret_for_gitlab_stands_in_no_address(home: Path) -> None:
    """Where a project is not there, Git says which; and it asks for the password as it has to."""
    fake = home / "bin/git"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$*" >>"$HOME/asked"\nexec false\n')
    fake.chmod(0o755)
    settings = {"DELIVERY": "gitlab", "PAGES": "pages", "CI_SERVER_HOST": "gitlab.example"}
    assert deliver(home, "portals", **settings).returncode == 1
    asked = (home / "asked").read_text()
    assert "https://gitlab.example/pages/acme.git" in asked
    assert SECRET not in asked
    helper = asked.split("-c credential.helper=!")[1].split(" clone ")[0]
    command = ["git", "-c", "credential.helper=", "-c", f"credential.helper=!{helper}"]
    answer = subprocess.run(
        [*command, "credential", "fill"],
        input="protocol=https\nhost=gitlab.example\n\n",
        env={**os.environ, "DELIVERY_KEY": SECRET, "HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert f"username=punchcard\npassword={SECRET}\n" in answer.stdout


CLOUDFLARE = {
    "DELIVERY": "cloudflare",
    "MODE": "sso",
    "ACCOUNT": "1",
    "PAGES": "portals",
    "PAGES_DOMAIN": "portals.tools.example",
}


def test_cloudflare_gets_one_policy_that_lets_each_portal_work(home: Path) -> None:
    fake = home / "bin/npx"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\necho "$*" >"$HOME/asked"\ncp -r "$5" "$HOME/sent"\n')
    fake.chmod(0o755)
    done = deliver(home, "portals", **CLOUDFLARE)
    assert done.returncode == 0, done.stderr
    assert SECRET not in (home / "asked").read_text() + done.stdout + done.stderr
    assert (home / "sent/fjord/index.html").read_text() == "fjord 1"
    assert not {".generations", "punchcard-portals.json"} & {
        file.name for file in (home / "sent").iterdir()
    }
    policy = "default-src 'none'; img-src 'self' data:; form-action mailto:"
    assert f"  Content-Security-Policy: {policy}\n" in (home / "sent/_headers").read_text()
    assert git(home / "ledger.git", "show", "portals:fjord") == ".generations/fjord/1"


def test_cloudflare_is_told_of_all_portals_and_of_nothing_else(home: Path) -> None:
    """One that is refused keeps nobody from being locked out; an operator's own stays as it is."""
    fake = home / "bin/curl"
    fake.parent.mkdir()
    fake.write_text(CURL)
    fake.chmod(0o755)
    domain = CLOUDFLARE["PAGES_DOMAIN"]
    apps = [
        *(
            {"name": f"portal {x}", "domain": f"{domain}/{x}", "id": f"{x}-id"}
            for x in ("acme", "zeta")
        ),
        {"name": "portal default", "domain": domain, "id": "all-id"},
        {"name": "portal staging", "domain": "staging.tools.example/x", "id": "other-id"},
    ]
    (home / "apps").write_text(json.dumps({"result": apps}))
    done = deliver(home, "access", **CLOUDFLARE)
    assert done.returncode == 1
    assert done.stderr == f"not told who may open {domain}/acme\n"
    lines = (home / "asked").read_text().splitlines()
    asked = {at: json.loads(sent) for at, _, sent in (line.partition(" ") for line in lines)}
    assert asked.keys() == {"acme-id", "apps", "zeta-id"}  # changed, made, changed
    let_in = {at: json.dumps(app["policies"]) for at, app in asked.items()}
    assert asked["apps"]["domain"] == f"{domain}/fjord"
    assert "dana@fjord.example" in let_in["apps"]
    assert re.findall(r"[^\" ]+@[^\" ]+", let_in["zeta-id"]) == ["nobody@noreply.invalid"]
    assert SECRET not in (home / "arguments").read_text()
