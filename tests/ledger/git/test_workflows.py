"""The workflows say what they must, and their steps do what they say."""

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import git
from tests.ledger.git.written_ledger import TIME_FILE, WrittenLedger
from tests.ledger.notices.mail_server import run_mail_server

CHECKOUT = Path(__file__).parents[3]
WORKFLOWS = CHECKOUT / ".github" / "workflows"
GUIDE = CHECKOUT / "docs" / "git.md"
YEAR = "2024"


def read_workflow(name: str) -> dict[Any, Any]:
    workflow: dict[Any, Any] = yaml.safe_load((WORKFLOWS / name).read_text(encoding="utf-8"))
    return workflow


def list_steps(name: str) -> list[dict[str, Any]]:
    return [step for job in read_workflow(name)["jobs"].values() for step in job["steps"]]


def find_script(name: str, step: str) -> str:
    [script] = [item["run"] for item in list_steps(name) if item["name"] == step]
    return str(script)


@pytest.fixture
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> WrittenLedger:
    """A ledger, with this software as it would be installed for a job."""
    programs, packages = tmp_path / "bin", tmp_path / "packages"
    metadata = packages / "service_punchcards-0.1.0.dist-info" / "METADATA"
    for folder in (programs, metadata.parent):
        folder.mkdir(parents=True)
    metadata.write_text("Metadata-Version: 2.1\nName: service-punchcards\nVersion: 0.1.0\n")
    entry_point = "[mkdocs.plugins]\npunchcard = site_builder.mkdocs.plugin:PortalPlugin\n"
    metadata.with_name("entry_points.txt").write_text(entry_point)
    run = "-P -c 'from site_builder.punchcard import main; main()'"
    for name, options in (("punchcard", run), ("python", "")):
        (programs / name).write_text(f'#!/bin/sh\nexec {sys.executable} {options} "$@"\n')
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", f"{packages}{os.pathsep}{CHECKOUT}")
    monkeypatch.setenv("CI", "true")
    return WrittenLedger(tmp_path / "ledger", YEAR)


def run_step(folder: Path, script: str, **variables: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=folder,
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        capture_output=True,
        text=True,
        check=False,
    )


def check_request(
    ledger: WrittenLedger, summary: Path, **variables: object
) -> subprocess.CompletedProcess[str]:
    known = {"GITHUB_BASE_REF": "main", "GITHUB_STEP_SUMMARY": summary}
    return run_step(ledger.root, find_script("check.yml", "Check"), **known, **variables)


@pytest.mark.parametrize("name", ["check.yml", "weekly-portals.yml"])
def test_actions_are_pinned_and_nothing_is_permitted_by_default(name: str) -> None:
    workflow = read_workflow(name)
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    for step in list_steps(name):
        assert re.fullmatch(
            r"actions/[a-z-]+@[0-9a-f]{40}", step.get("uses", "actions/x@" + "0" * 40)
        )
        assert "${{" not in step.get("run", "")
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False


def test_a_pull_request_is_checked_by_what_it_is_made_to_and_with_no_more_than_reading() -> None:
    workflow = read_workflow("check.yml")
    assert workflow[True] == {"pull_request": None}  # YAML 1.1 reads `on` as true
    [job] = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    assert "secrets" not in (WORKFLOWS / "check.yml").read_text(encoding="utf-8")
    base, request = [step["with"] for step in job["steps"] if "checkout" in step.get("uses", "")]
    assert (base["ref"], base["path"]) == ("${{ github.event.pull_request.base.sha }}", "base")
    assert (request["path"], request["fetch-depth"], "ref" in request) == ("request", 0, False)
    [install] = [step["run"] for step in job["steps"] if "pip install" in step.get("run", "")]
    assert [line.split("pip install ")[-1] for line in install.splitlines()] == [
        "pins=base/ledger/init_templates/ci/requirements.txt",
        '--require-hashes --requirement "$pins"',
        "--no-deps ./base",
    ]


def test_publication_is_weekly_at_an_odd_minute_and_by_hand() -> None:
    triggers = read_workflow("weekly-portals.yml")[True]
    [schedule] = triggers["schedule"]
    minute, _hour, *rest = schedule["cron"].split()
    assert int(minute) % 5 != 0
    assert rest == ["*", "*", "1"]
    assert "workflow_dispatch" in triggers


def test_the_check_of_a_pull_request_annotates_and_sums_up(
    ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.git("checkout", "--quiet", "-b", "work")
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    ledger.log("09-1", 60)
    ledger.commit()
    ledger.git("checkout", "--quiet", "--detach", "main")
    ledger.git("merge", "--quiet", "--no-ff", "--no-edit", "work")
    merge = ledger.git("rev-parse", "HEAD")
    summary = tmp_path / "summary.md"
    known = {"GITHUB_REF": "refs/pull/1/merge", "GITHUB_SHA": merge}
    done = check_request(ledger, summary, **known)
    assert done.returncode == 1
    assert f"compared with {ledger.first[:10]}, the pull request's target, main" in done.stderr
    place = f"file=customers/acme/time/{YEAR}-11-alice.yml,line=1,col=58,title=changed-history"
    said = f"entry {YEAR}-11-alice/03-1 was altered: minutes 45 -> 30"
    assert f"::error {place}::{said}" in done.stdout
    lines = summary.read_text(encoding="utf-8").splitlines()
    assert "1 error, 0 warnings" in lines[2]
    assert "| acme | 9h 15m | 8h 30m | -45m | 2h 30m | 10h |  |" in lines


def test_a_request_that_touches_no_customer_says_so(ledger: WrittenLedger, tmp_path: Path) -> None:
    ledger.git("checkout", "--quiet", "-b", "work")
    (ledger.root / "README.md").write_text("x", encoding="utf-8")
    ledger.commit()
    summary = tmp_path / "summary.md"
    ledger.git("update-ref", "refs/remotes/origin/main", "main")
    done = check_request(ledger, summary)
    assert done.returncode == 0, done.stderr
    assert "No customer's files are touched." in summary.read_text(encoding="utf-8")


def publish(ledger: WrittenLedger, as_of: str) -> tuple[int, dict[str, str]]:
    """Run the step that publishes; return its status, and what it hands on to later steps."""
    exported = ledger.root.parent / "environment"
    exported.write_text("", encoding="utf-8")
    script = find_script("weekly-portals.yml", "Check, build and publish")
    done = run_step(ledger.root, script, AS_OF=as_of, GITHUB_ENV=exported)
    pairs = (line.split("=", 1) for line in exported.read_text(encoding="utf-8").splitlines())
    return done.returncode, dict(pairs)


def test_each_week_is_published_compared_with_the_last_and_recorded(ledger: WrittenLedger) -> None:
    tags = [f"published/{YEAR}-11-{day}" for day in (11, 18)]
    assert publish(ledger, f"{YEAR}-11-11") == (0, {"TAG": tags[0], "HELD_BACK": "0"})
    ledger.log("13-1", 30)
    ledger.commit()
    assert publish(ledger, f"{YEAR}-11-18") == (0, {"TAG": tags[1], "HELD_BACK": "0"})
    assert (ledger.root / "published" / "acme" / "index.html").is_file()
    message = git(ledger.root, "for-each-ref", "--format=%(contents)", f"refs/tags/{tags[1]}")
    assert f"previous: {tags[0]}" in message
    assert "version: service-punchcards 0.1.0" in message
    script = find_script("weekly-portals.yml", "Say what came in since the publication before")
    news = run_step(ledger.root, script, TAG=tags[1])
    assert f"{YEAR}-11-alice/13-1" in news.stdout
    assert f"1 change since {tags[0]}" in news.stdout


def list_told(ledger: WrittenLedger, remote: Path, url: str, day: str) -> list[str]:
    """Run the step that tells people in a fresh clone, as a job has; return the mails it left."""
    clone = remote.with_name(f"clone-{day}")
    git(remote.parent, "clone", "--quiet", str(remote), str(clone))
    where = "https://x-access-token:t@github.com/firm/ledger"
    git(clone, "config", f"url.{remote}.insteadOf", where)
    script = find_script("weekly-portals.yml", "Tell people what is new")
    variables = {"TOKEN": "t", "GITHUB_REPOSITORY": "firm/ledger", "AS_OF": day}
    done = run_step(clone, script, PUNCHCARD_SMTP=url, **variables)
    assert done.returncode == 0, done.stderr
    return [file.name for file in clone.glob("notices/*.eml")]


def test_people_are_told_once_each_by_mail_or_the_mails_are_left(
    ledger: WrittenLedger, tmp_path: Path
) -> None:
    """What was told is known to the next job by a ref of the repository."""
    accounts = f"- {{email: dana@acme.example, name: Dana, created: {YEAR}-11-02}}\n"
    ledger.write("customers/acme/accounts.yml", accounts)
    ledger.commit()
    assert publish(ledger, f"{YEAR}-11-11")[0] == 0
    event = f"{{date: {YEAR}-11-13, by: alice, status: waiting-for-customer, note: Which one?}}"
    ledger.write(
        "customers/acme/requests/ACME-9.yml",
        f"{{title: Export, category: onboarding, opened: {YEAR}-11-12, "
        f"opened_by: dana@acme.example, channel: punchcard, history: [{event}]}}\n",
    )
    ledger.commit()
    assert publish(ledger, f"{YEAR}-11-18")[0] == 0
    remote = tmp_path / "remote.git"
    git(tmp_path, "clone", "--quiet", "--bare", str(ledger.root), str(remote))
    assert len(list_told(ledger, remote, "", f"{YEAR}-11-18")) == 1
    with run_mail_server() as (kept, port):
        for day in (f"{YEAR}-11-19", f"{YEAR}-11-20"):
            assert list_told(ledger, remote, f"smtp://127.0.0.1:{port}", day) == []
            assert [mail["Subject"] for mail in kept.mails] == [
                "[ACME-9] is waiting for you: Export"
            ]
    assert git(remote, "cat-file", "blob", "refs/notices/told") == f"up-to published/{YEAR}-11-18"


def test_a_week_in_which_something_published_was_altered_is_not_published(
    ledger: WrittenLedger,
) -> None:
    publish(ledger, f"{YEAR}-11-11")
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    ledger.commit()
    assert publish(ledger, f"{YEAR}-11-18") == (1, {})


def test_a_customer_held_back_fails_the_job_after_the_others_are_handed_over(
    ledger: WrittenLedger,
) -> None:
    ledger.write("customers/bolt/customer.yml", "{name: Bolt, key: BOLT, currency: USD}\n")
    bought = "- {id: P1, date: 2026-11-02, punchcards: 1, amount: 1000.00}\n"
    ledger.write("customers/bolt/purchases.yml", bought)
    ledger.commit()
    publish(ledger, f"{YEAR}-11-11")
    ledger.replace(TIME_FILE, "minutes: 45", "minutes: 30")
    ledger.commit()
    tag = f"published/{YEAR}-11-18"
    assert publish(ledger, f"{YEAR}-11-18") == (0, {"TAG": tag, "HELD_BACK": "1"})
    script = find_script("weekly-portals.yml", "Fail if a customer was held back")
    done = run_step(ledger.root, script, HELD_BACK="1")
    said = "::error title=acme was held back::the data has 1 error\n"
    assert (done.returncode, done.stdout) == (1, said)
    script = find_script("weekly-portals.yml", "Say loudly that something is wrong")
    summary = ledger.root / "summary.md"
    run_step(ledger.root, script, HELD_BACK="1", TAG=tag, GITHUB_STEP_SUMMARY=summary)
    assert summary.read_text("utf-8") == f"## {tag} is published, but not for every customer\n"


def test_the_job_fails_if_there_is_no_ledger(ledger: WrittenLedger) -> None:
    ledger.git("rm", "-r", "--quiet", "customers")
    ledger.commit()
    assert publish(ledger, f"{YEAR}-11-11") == (2, {})


TEMPLATES = CHECKOUT / "ledger" / "init_templates"
RECIPES = [*WORKFLOWS.glob("*.yml"), *TEMPLATES.rglob("*.yml"), TEMPLATES / "README.md", GUIDE]


@pytest.mark.parametrize("file", RECIPES, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_no_job_runs_a_file_of_the_checkout_and_every_check_judges_a_commit(file: Path) -> None:
    for line in file.read_text(encoding="utf-8").splitlines():
        assert not re.search(r"\bpython3? (?!-P )", line)
        if line.lstrip("- ").startswith(("punchcard check", "run: punchcard check")):
            assert "--since" in line or "--rev HEAD " in f"{line} ", line


def test_a_module_beside_the_ledger_is_not_run(ledger: WrittenLedger, tmp_path: Path) -> None:
    for name in ("json", "pip", "ledger"):
        (ledger.root / f"{name}.py").write_text("open('marker', 'w')\n", encoding="utf-8")
    ledger.write(".ci/requirements.txt", "")
    ledger.commit()
    ledger.git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert publish(ledger, f"{YEAR}-11-11")[0] == 0
    text = (TEMPLATES / "forges/github/github/workflows/check.yml").read_text(encoding="utf-8")
    template = yaml.safe_load(text.replace("@@INSTALL@@", "x"))
    steps = template["jobs"]["check"]["steps"]
    [install] = [step["run"] for step in steps if "pip install" in step.get("run", "")]
    (tmp_path / "temp").mkdir()
    variables = {"GITHUB_BASE_REF": "main", "RUNNER_TEMP": tmp_path / "temp"}
    run_step(ledger.root, install, INSTALL="--version", **variables)
    assert (tmp_path / "temp/pip.py").exists()
    assert not [*tmp_path.rglob("marker")]


def test_what_attributes_hide_in_the_work_tree_is_seen_in_the_commit(
    ledger: WrittenLedger, tmp_path: Path
) -> None:
    ledger.git("checkout", "--quiet", "-b", "work")
    credit = "{id:\rA9,type:\rgoodwill,date:\r2024-11-20,minutes:\r6000,reason:\rx}"
    hidden = f"[ # $Id:\r{credit}#$\n]\n"
    path = ledger.root / "customers/acme/adjustments.yml"
    path.write_text(hidden, encoding="utf-8", newline="")
    ledger.commit()
    (ledger.root / ".gitattributes").write_text("*.yml ident\n", encoding="utf-8")
    ledger.git("add", ".gitattributes")
    ledger.git("commit", "--quiet", "--message=Convert")
    path.unlink()
    ledger.git("checkout", "--quiet", "--", str(path))
    ledger.git("update-ref", "refs/remotes/origin/main", "main")
    summary = tmp_path / "summary.md"
    done = check_request(ledger, summary)
    assert (done.returncode, "adjustment A1 was removed" in done.stdout) == (1, True), done.stdout
    assert "| acme | 9h 15m | 108h 15m | +99h |" in summary.read_text(encoding="utf-8")
