from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from ledger.files.yaml import parse_yaml
from ledger.writing.new_ledger import make_first_consultant
from tests.conftest import RunPunchcard, commit_all, git


@pytest.fixture
def new_ledger(tmp_path: Path, punchcard: RunPunchcard) -> Path:
    ran = punchcard(tmp_path, "init", "new", "--install", "punchcards @ file:///x 'y' \"z\"")
    assert (ran.status, ran.stderr) == (0, "")
    assert "Alice Moreau <alice@example.com> may log time as alice" in ran.stdout
    return tmp_path / "new"


def test_a_new_ledger_checks_clean_and_takes_records_at_once(
    new_ledger: Path, punchcard: RunPunchcard
) -> None:
    ran = punchcard(new_ledger, "check")
    assert (ran.status, ran.stderr) == (0, "")
    assert ran.stdout.count("warning[") == ran.stdout.count("warning[placeholder]: ") == 1
    provider = new_ledger / "customers/provider.yml"
    mended = provider.read_text().replace("Your Company", "Tools").replace("your-company", "tools")
    provider.write_text(mended)
    commit_all(new_ledger)
    log = ("log", "example", "EXA-1", "45m", "-m", "x", "--commit")
    assert punchcard(new_ledger, *log).status == 0
    assert git(new_ledger, "status", "--porcelain") == ""
    assert punchcard(new_ledger, "check", "--strict").status == 0


def test_without_a_name_it_begins_here(tmp_path: Path, punchcard: RunPunchcard) -> None:
    ran = punchcard(tmp_path, "init")
    assert ran.status == 0
    assert ran.stdout.endswith("\nnext: punchcard check, then see README.md\n")
    assert (tmp_path / "customers/provider.yml").is_file()
    assert (
        punchcard(tmp_path, "init", "a b").stdout.splitlines()[-1].startswith("next: cd 'a b' &&")
    )


def test_its_portals_are_built_at_once(new_ledger: Path, punchcard: RunPunchcard) -> None:
    pytest.importorskip("site_builder.build")
    ran = punchcard(new_ledger, "portal", "build")
    assert (ran.status, ran.stderr) == (0, "")
    assert "Example Customer" in (new_ledger / "site/example/index.html").read_text()
    assert (new_ledger / "site/example/assets/images/favicon.svg").is_file()
    assert git(new_ledger, "status", "--porcelain", "--", "site") == ""


def test_everything_that_is_promised_is_there(new_ledger: Path) -> None:
    names = {
        path.relative_to(new_ledger).as_posix()
        for path in new_ledger.rglob("*")
        if path.is_file() and ".git" not in path.parts
    }
    assert names >= {
        "README.md",
        "mkdocs.yml",
        ".gitignore",
        ".pre-commit-config.yaml",
        ".github/workflows/check.yml",
        ".github/workflows/weekly-portals.yml",
        ".vscode/settings.json",
        "customers/provider.yml",
        "customers/terms.yml",
        "customers/consultants.yml",
        "customers/example/customer.yml",
    }
    assert not any("@@" in (new_ledger / name).read_text() for name in names)


def test_the_editor_finds_a_schema_for_every_file(new_ledger: Path) -> None:
    settings = json.loads((new_ledger / ".vscode/settings.json").read_text())
    seen = set()
    for schema_path, globs in settings["yaml.schemas"].items():
        schema = json.loads((new_ledger / schema_path).read_text())
        for path in (path for glob in globs for path in new_ledger.glob(glob)):
            seen.add(path)
            jsonschema.validate(_as_an_editor_reads(path), schema)
    assert seen == set((new_ledger / "customers").rglob("*.yml"))


@pytest.mark.parametrize("name", ["check", "weekly-portals"])
def test_the_workflows_ask_for_little_and_install_what_was_said(
    new_ledger: Path, name: str
) -> None:
    workflow = yaml.safe_load((new_ledger / f".github/workflows/{name}.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read" if name == "check" else "write"}
    assert job["timeout-minutes"] <= 60
    installs = [step for step in job["steps"] if "pip install" in step.get("run", "")]
    assert [step["env"]["INSTALL"] for step in installs] == [
        "punchcards @ file:///x 'y' \"z\"",
    ]
    assert all("${{" not in step.get("run", "") for step in job["steps"])
    commands = " ".join(step.get("run", "") for step in job["steps"])
    assert {"check": "punchcard check ", "weekly-portals": "punchcard portal publish "}[
        name
    ] in commands


def test_the_week_is_published_as_in_our_own_workflow(new_ledger: Path) -> None:
    """The tests of our own workflow hold for the one that is written, too."""
    written, ours = (
        yaml.safe_load((root / ".github/workflows/weekly-portals.yml").read_text())
        for root in (new_ledger, Path(__file__).parents[3])
    )
    for workflow in (written, ours):
        [install] = [
            step for step in workflow["jobs"]["publish"]["steps"] if step["name"] == "Install"
        ]
        install.clear()
    assert written == ours


def test_by_default_this_version_is_installed(tmp_path: Path, punchcard: RunPunchcard) -> None:
    assert punchcard(tmp_path, "init", "new").status == 0
    workflow = (tmp_path / "new/.github/workflows/check.yml").read_text()
    assert 'INSTALL: "service-punchcards' in workflow


def test_what_is_there_already_is_left_alone(
    new_ledger: Path, punchcard: RunPunchcard, tmp_path: Path
) -> None:
    (new_ledger / "README.md").write_text("ours")
    ran = punchcard(tmp_path, "init", "new")
    assert ran.status == 2
    assert "is there already" in ran.stderr
    assert (new_ledger / "README.md").read_text() == "ours"


def test_a_fresh_clone_becomes_a_ledger(tmp_path: Path, punchcard: RunPunchcard) -> None:
    git(tmp_path, "init", "--quiet", "fresh")
    (tmp_path / "fresh/LICENSE").write_text("MIT")
    assert punchcard(tmp_path, "init", "fresh").status == 0
    assert punchcard(tmp_path / "fresh", "check").status == 0


@pytest.mark.parametrize(
    ("name", "email", "handle"),
    [
        ("A B", "a.b+c@x.example", "a.b-c"),
        ("A B", "ÄÖ@x.example", "alex"),
        (None, "a@x.example", "alex"),
        ("A", None, "alex"),
        ("A: B", "_a_@x.example", "a"),
    ],
)
def test_the_first_consultant_is_who_git_knows(
    name: str | None, email: str | None, handle: str
) -> None:
    assert make_first_consultant(name, email).handle == handle


def test_the_look_is_that_of_the_sample(new_ledger: Path) -> None:
    ours = (Path(__file__).parents[3] / "mkdocs.yml").read_text().splitlines()
    theirs = (new_ledger / "mkdocs.yml").read_text().splitlines()
    different = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    assert [b.split()[:2] for _a, b in different] == [["docs_dir:", "brand"]]
    icon = resources.files("site_builder") / "brand/assets/images/favicon.svg"
    assert (new_ledger / "brand/assets/images/favicon.svg").read_text() == icon.read_text()


def _as_an_editor_reads(path: Path) -> object:
    """Return a file's values with numbers as numbers, as YAML 1.2 has them."""
    return _with_numbers(parse_yaml(path.read_bytes()))


def _with_numbers(value: object) -> object:
    if isinstance(value, dict):
        return {key: _with_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_numbers(item) for item in value]
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal():
        return float(value) if "." in value else int(value)
    return value
