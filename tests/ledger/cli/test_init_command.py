import json
import os
import re
import subprocess
import sys
from importlib import metadata, resources
from pathlib import Path

import jsonschema
import pytest
import yaml

from ledger.files.reader import find_adapter
from ledger.files.yaml import parse_yaml
from ledger.writing.new_ledger import find_source, make_first_consultant
from tests.conftest import IDENTITY, Commands, RunPunchcard, commit_all, git, write_files
from tests.ledger.cli.test_log_questions import SECONDS, Terminal


@pytest.fixture
def new(tmp_path: Path, punchcard: RunPunchcard) -> Commands:
    """The commands, run in a new ledger."""
    ran = punchcard(tmp_path, "init", "new", "--install-from", SPEC)
    assert (ran.status, ran.stderr) == (0, "")
    assert "Alice Moreau <alice@example.com> may log time as alice" in ran.stdout
    return Commands(punchcard, tmp_path / "new")


def test_a_new_ledger_checks_clean_and_takes_records_at_once(new: Commands) -> None:
    checked = new.done("check")
    assert checked.count("warning[") == checked.count("warning[placeholder]: ") == 1
    provider = new.root / "customers/provider.yml"
    mended = provider.read_text().replace("Your Company", "Tools").replace("your-company", "tools")
    provider.write_text(mended)
    commit_all(new.root)
    assert new("log", "example", "EXA-1", "45m", "-m", "x", "--commit").status == 0
    assert new.git("status", "--porcelain") == ""
    assert new("check", "--strict").status == 0


def test_without_a_name_it_begins_here(tmp_path: Path, punchcard: RunPunchcard) -> None:
    for words, said in (
        ((), "\nnext: punchcard doctor, then see README.md\n"),
        (("a b",), "\nnext: cd 'a b' && punchcard doctor, then see README.md\n"),
    ):
        ran = punchcard(tmp_path, "init", *words)
        assert (ran.status, ran.stdout.endswith(said)) == (0, True)
    assert (tmp_path / "customers/provider.yml").is_file()


def test_its_portals_are_built_at_once(new: Commands) -> None:
    pytest.importorskip("site_builder.build")
    new.done("portal", "build")
    assert "Example Customer" in (new.root / "site/example/index.html").read_text()
    assert (new.root / "site/example/assets/images/favicon.svg").is_file()
    assert new.git("status", "--porcelain", "--", "site") == ""


def test_everything_that_is_promised_is_there(new: Commands) -> None:
    names = set(new.git("ls-files").splitlines())
    assert names >= {
        *("README.md", "mkdocs.yml", ".gitignore", ".pre-commit-config.yaml"),
        *(".github/workflows/check.yml", ".github/workflows/weekly-portals.yml"),
        *(".vscode/settings.json", "customers/provider.yml", "customers/terms.yml"),
        *("customers/consultants.yml", "customers/example/customer.yml"),
    }
    assert not any("@@" in (new.root / name).read_text() for name in names)


def test_the_editor_finds_a_schema_for_every_file(new: Commands) -> None:
    settings = json.loads((new.root / ".vscode/settings.json").read_text())
    seen = set()
    for schema_path, globs in settings["yaml.schemas"].items():
        schema = json.loads((new.root / schema_path).read_text())
        for path in (path for glob in globs for path in new.root.glob(glob)):
            seen.add(path)
            jsonschema.validate(with_numbers(parse_yaml(path.read_bytes())), schema)
    assert seen == set((new.root / "customers").rglob("*.yml"))


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("check", "punchcard check --rev HEAD "),
        ("weekly-portals", ".ci/publish"),
        ("daily-access", ".ci/access"),
    ],
)
def test_the_workflows_ask_for_little_and_install_what_was_said(
    new: Commands, name: str, command: str
) -> None:
    workflow = yaml.safe_load((new.root / f".github/workflows/{name}.yml").read_text())
    (job,) = workflow["jobs"].values()
    assert workflow["permissions"] == {}
    assert job["permissions"] == {"contents": "read" if name == "check" else "write"}
    assert job["timeout-minutes"] <= 60
    steps = [(step.get("run", ""), step.get("env", {})) for step in job["steps"]]
    assert [given["INSTALL"] for run, given in steps if "pip install" in run] == [SPEC]
    said = " ".join(run for run, _given in steps)
    assert ("${{" in said, command in said) == (False, True)


@pytest.mark.parametrize(
    ("prefix", "kind"),
    [("entry", "time"), ("correction", "time"), ("event", "request"),
     ("purchase", "purchases"), ("account", "accounts")],
)  # fmt: skip
def test_a_snippet_of_the_editor_is_what_its_file_may_hold(
    new: Commands, prefix: str, kind: str
) -> None:
    snippets = json.loads((new.root / ".vscode/punchcard.code-snippets").read_text())
    [body] = [each["body"] for each in snippets.values() if each["prefix"] == prefix]
    dates = {"YEAR": "2026", "MONTH": "11", "DATE": "03"}
    text = re.sub(r"\$\{CURRENT_([A-Z]+)\}", lambda found: dates[found[1]], "\n".join(body))
    text = re.sub(r"\$\{\d+[:|](.*?)(,.*?\|)?\}", r"\1", text).replace("$0", "")
    if kind == "request":
        text = f"{REQUEST}{text}"
    find_adapter(kind).validate_python(parse_yaml(text.encode()))


def test_a_task_of_the_editor_finds_every_problem(new: Commands) -> None:
    [task] = json.loads((new.root / ".vscode/tasks.json").read_text())["tasks"]
    (new.root / "customers/example/purchases.yml").write_text("- {id: P1}\n")
    ran = new(*task["command"].split()[1:])
    pattern = task["problemMatcher"]["pattern"]["regexp"]
    found = [re.match(pattern, line) for line in ran.stdout.splitlines()]
    severities = [match[4] for match in found if match]
    assert f" {severities.count('error')} errors" in ran.stdout
    assert severities.count("error") >= 3


REQUEST = """title: Set up
category: product-configuration
opened: 2026-11-02
opened_by: dana@acme.example
channel: punchcard
description: Please.
history:
"""
COMMIT = {"vcs_info": {"vcs": "git", "commit_id": "1f0c9be"}}
SPEC = "punchcards @ file:///x 'y' \"z\""
WHEEL = ".ci/service_punchcards-1.2-py3-none-any.whl"


@pytest.mark.parametrize(
    ("origin", "spec"),
    [
        (None, "service-punchcards==1.2"),
        ({"url": "https://git.example/x", **COMMIT}, "git+https://git.example/x@1f0c9be"),
        ({"url": "https://x.example/y.whl", "archive_info": {}}, "https://x.example/y.whl"),
        ({"url": "file:///src", "dir_info": {"editable": True}}, "service-punchcards==1.2"),
        ({"url": "file:///src", "dir_info": {}}, WHEEL),
        ({"url": "file:///src/y.whl", "archive_info": {}}, WHEEL),
    ],
)
def test_by_default_the_workflows_install_this_program_from_where_it_came(
    tmp_path: Path, origin: object, spec: str
) -> None:
    folder = tmp_path / "service_punchcards-1.2.dist-info"
    written = {
        "ledger/__init__.py": "A = 1\n",
        f"{folder.name}/METADATA": "Name: service-punchcards\nVersion: 1.2\n",
        f"{folder.name}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{folder.name}/INSTALLER": "pip\n",
        **({f"{folder.name}/direct_url.json": json.dumps(origin)} if origin else {}),
    }
    names = (*written, f"{folder.name}/RECORD", "../../bin/punchcard", "ledger/__pycache__/x.pyc")
    written[f"{folder.name}/RECORD"] = "".join(f"{name},,\n" for name in names)
    write_files(tmp_path, written)
    source = find_source(None, metadata.Distribution.at(folder))
    assert source.spec.removeprefix("service-punchcards @ ") == spec
    assert source.files.keys() == ({WHEEL} if spec == WHEEL else set())
    if source.files:
        wheel, target = tmp_path / WHEEL.removeprefix(".ci/"), tmp_path / "target"
        wheel.write_bytes(source.files[WHEEL])
        install = ("install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel)
        pip = [sys.executable, "-m", "pip", *map(str, install)]
        subprocess.run(pip, check=True, env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})
        assert (target / "ledger/__init__.py").read_text() == "A = 1\n"


def test_a_wheel_that_is_named_goes_into_the_ledger(
    tmp_path: Path, punchcard: RunPunchcard
) -> None:
    (tmp_path / "x-1-py3-none-any.whl").write_bytes(b"PK")
    ran = punchcard(tmp_path, "init", "new", "--install-from", "x-1-py3-none-any.whl")
    assert ran.status == 0
    assert (tmp_path / "new/.ci/x-1-py3-none-any.whl").read_bytes() == b"PK"
    for name in ("check", "weekly-portals"):
        text = (tmp_path / f"new/.github/workflows/{name}.yml").read_text()
        assert 'INSTALL: ".ci/x-1-py3-none-any.whl"' in text
    assert "pip install .ci/x-1-py3-none-any.whl\n" in (tmp_path / "new/README.md").read_text()


SAID = {
    "--name": "Tools: AG",
    "--timezone": "Asia/Tokyo",
    "--currency": "JPY",
    "--domain": "portals.tools.example",
    "--consultant": "Alex Kim <alex.kim@tools.example>",
}


def test_what_is_said_is_in_the_first_commit(tmp_path: Path, punchcard: RunPunchcard) -> None:
    said = [word for pair in SAID.items() for word in pair]
    assert "would be" in punchcard(tmp_path, "init", "new", *said, "--dry-run").stdout
    assert not (tmp_path / "new").exists()
    ran = punchcard(tmp_path, "init", "new", *said, "--format", "json")
    new = tmp_path / "new"
    commit = json.loads(ran.stdout)["commit"]
    assert git(new, "log", "--format=%H %an") == f"{commit} Alice Moreau"
    assert git(new, "status", "--porcelain") == ""
    provider, terms, people = (
        parse_yaml((new / f"customers/{name}.yml").read_bytes())
        for name in ("provider", "terms", "consultants")
    )
    assert [provider[key] for key in ("name", "timezone", "portal_domain")] == [
        SAID[key] for key in ("--name", "--timezone", "--domain")
    ]
    assert terms[0]["price"] == {"JPY": "1000"}
    assert people[0]["handle"] == "alex.kim"
    ran = punchcard(new, "check")
    assert (ran.status, "contacts.requests" in ran.stdout) == (0, True)


@pytest.mark.parametrize("is_named", [False, True])
def test_where_git_knows_nobody_it_says_how_to_commit(
    tmp_path: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch, is_named: bool
) -> None:
    for name in IDENTITY:
        monkeypatch.delenv(name)
    for name, value in (("COUNT", "1"), ("KEY_0", "user.useConfigOnly"), ("VALUE_0", "true")):
        monkeypatch.setenv(f"GIT_CONFIG_{name}", value)
    who = ("--consultant", "Alex Kim <alex@tools.example>") if is_named else ()
    ran = punchcard(tmp_path, "init", "new", *who)
    assert ran.status == 0
    if is_named:
        assert git(tmp_path / "new", "log", "--format=%an %ae") == "Alex Kim alex@tools.example"
    else:
        assert "git config user.name NAME, git config user.email ADDRESS" in ran.stdout
        assert git(tmp_path / "new", "rev-list", "--all") == ""


def test_on_a_terminal_it_asks_and_judges_each_answer(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, "init", "new")
    for asked, answer in (
        ("Your company", "Tools"), ("Time zone", "Mars"), ("write an IANA name", ""),
        ("Currency", "EUR"), ("Domain", ""), ("<alice@example.com>]", ""),
    ):  # fmt: skip
        terminal.wait_for(asked)
        terminal.answer(f"{answer}\n")
    terminal.wait_for("a new ledger in new")
    terminal.wait_for("punchcard doctor")
    assert terminal.process.wait(SECONDS) == 0
    assert "name: Tools\n" in (tmp_path / "new/customers/provider.yml").read_text()


@pytest.mark.parametrize(
    ("option", "hint"),
    [
        (("--timezone", "Europe/Berln"), "did you mean Europe/Berlin?"),
        (("--currency", "euro"), "like USD"),
        (("--domain", "portals"), "like portals.example.com"),
        (("--consultant", "alex@tools.example"), "'Alex Kim <alex@tools.example>'"),
    ],
)
def test_what_is_none_is_refused(
    tmp_path: Path, punchcard: RunPunchcard, option: tuple[str, str], hint: str
) -> None:
    ran = punchcard(tmp_path, "init", "new", *option)
    assert (ran.status, hint in ran.stderr, list(tmp_path.iterdir())) == (2, True, [])


def test_what_is_there_already_is_left_alone(new: Commands) -> None:
    (new.root / "README.md").write_text("ours")
    assert "is there already" in new.refuse("init", ".")
    assert (new.root / "README.md").read_text() == "ours"


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


def test_the_look_is_that_of_the_sample(new: Commands) -> None:
    ours = (Path(__file__).parents[3] / "mkdocs.yml").read_text().splitlines()
    theirs = (new.root / "mkdocs.yml").read_text().splitlines()
    different = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    assert [b.split()[:2] for _a, b in different] == [["docs_dir:", "brand"]]
    icon = resources.files("site_builder") / "brand/assets/images/favicon.svg"
    assert (new.root / "brand/assets/images/favicon.svg").read_text() == icon.read_text()


def with_numbers(value: object) -> object:
    """Return values with numbers and true and false as such, as YAML 1.2 has them."""
    if isinstance(value, dict):
        return {key: with_numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [with_numbers(item) for item in value]
    if value in {"true", "false"}:
        return value == "true"
    if isinstance(value, str) and value.replace(".", "", 1).isdecimal():
        return float(value) if "." in value else int(value)
    return value
