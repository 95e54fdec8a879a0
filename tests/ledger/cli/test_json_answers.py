"""A program that asks for JSON gets JSON: also from commands that fail, or only do something."""

import json
from pathlib import Path

import pytest

from tests.conftest import Commands


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        (["balance", "acmee"], "there is no customer 'acmee'", "did you mean acme?"),
        (["balance", "--rev", "x y"], "'x y' is no commit of this repository", "name a branch"),
        (["balance", "--fromat"], "No such option '--fromat'.", None),
        (["buy", "acme", "two"], "Invalid value for '[CARDS]'", None),
        (["log", "acme", "ACME-1"], "missing: DURATION, -m NOTE", None),
        (["portal", "build", "nobody"], "there is no customer 'nobody'", None),
    ],
    ids=str,
)
@pytest.mark.parametrize("asked", [["--format", "json"], ["--format=json"]], ids=len)
def test_a_failure_is_an_answer(
    sample: Commands, arguments: list[str], error: str, hint: str | None, asked: list[str]
) -> None:
    ran = sample(*arguments, *asked)
    answer = json.loads(ran.stdout)
    assert ran.status == 2
    assert answer["error"].startswith(error)
    assert answer["hint"] is None if hint is None else answer["hint"].startswith(hint)
    assert (answer["problems"], answer["error"] in ran.stderr) == ([], True)


def test_the_problems_behind_a_failure_are_in_it(sample: Commands) -> None:
    log = ("log", "acme", "ACME-14", "50h", "-m", "x", "--as", "alice")
    ran = sample(*log, "--format", "json")
    assert ran.status == 1
    assert {each["rule"] for each in json.loads(ran.stdout)["problems"]} == {"overdrawn"}


def test_what_only_does_something_says_what_it_did(sample: Commands) -> None:
    answer = sample.json("init", "new")
    assert (answer["folder"], answer["consultant"]["handle"]) == ("new", "alice")
    assert Path(sample.json("hook", "install")["file"]).is_file()
    [rule] = sample.json("explain", "overdrawn")
    assert (rule["rule"], rule["severity"]) == ("overdrawn", "error")
    answer = sample.json("portal", "build", "acme", "kestrel-avionics")
    assert (answer["built"], answer["missing"][0]["customer"]) == (["acme"], "kestrel-avionics")
    answer = sample.json("portal", "export", "acme", "project")
    assert (answer["customer"], Path(answer["folder"], "mkdocs.yml").is_file()) == ("acme", True)
