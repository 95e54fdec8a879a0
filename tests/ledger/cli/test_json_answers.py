"""A program that asks for JSON gets JSON: also from commands that fail, or only do something."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_AS_OF, RunPunchcard


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
    punchcard: RunPunchcard,
    sample_repository: Path,
    arguments: list[str],
    error: str,
    hint: str | None,
    asked: list[str],
) -> None:
    ran = punchcard(sample_repository, *arguments, *asked)
    answer = json.loads(ran.stdout)
    assert ran.status == 2
    assert answer["error"].startswith(error)
    assert answer["hint"] is None if hint is None else answer["hint"].startswith(hint)
    assert (answer["problems"], answer["error"] in ran.stderr) == ([], True)


def test_the_problems_behind_a_failure_are_in_it(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    ran = punchcard(
        sample_repository, "log", "acme", "ACME-14", "50h", "-m", "x", "--as", "alice",
        "--as-of", SAMPLE_AS_OF, "--format", "json",
    )  # fmt: skip
    answer = json.loads(ran.stdout)
    assert ran.status == 1
    assert {each["rule"] for each in answer["problems"]} == {"overdrawn"}


def test_what_only_does_something_says_what_it_did(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    asked = ("--format", "json")
    day = ("--as-of", SAMPLE_AS_OF)
    answer = json.loads(punchcard(sample_repository, "init", "new", *asked).stdout)
    assert (answer["folder"], answer["consultant"]["handle"]) == ("new", "alice")
    answer = json.loads(punchcard(sample_repository, "hook", "install", *asked).stdout)
    assert Path(answer["file"]).is_file()
    answer = json.loads(punchcard(sample_repository, "explain", "overdrawn", *asked).stdout)
    assert [(each["rule"], each["severity"]) for each in answer] == [("overdrawn", "error")]
    build = ("portal", "build", "acme", "kestrel-avionics")
    answer = json.loads(punchcard(sample_repository, *build, *day, *asked).stdout)
    assert (answer["built"], answer["missing"][0]["customer"]) == (["acme"], "kestrel-avionics")
    export = ("portal", "export", "acme", "project")
    answer = json.loads(punchcard(sample_repository, *export, *day, *asked).stdout)
    assert (answer["customer"], Path(answer["folder"], "mkdocs.yml").is_file()) == ("acme", True)
