"""The examples in the help work when they are pasted."""

import json
import mailbox
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import click
import pytest

from ledger.cli.main import punchcard as program
from tests.conftest import SAMPLE_AS_OF, Commands, Ran, RunPunchcard
from tests.ledger.exchange.import_ledger import write_guide

NAMES = {
    *("check", "balance", "statement", "expiries", "explain", "schema"),
    *("import", "log", "correct", "buy", "refund", "goodwill", "init"),
    *("request", "account", "customer", "consultant", "terms", "hours", "show"),
    *("amend", "undo", "start", "stop", "status"),
}
GUIDE = (Path(__file__).parents[3] / "docs/consultants.md").read_text()
BEFORE = {
    "amend": ("log", "ACME-13", "15m", "x"),
    "undo": ("log", "ACME-13", "15m", "x"),
    "stop": ("start", "ACME-14"),
}
MESSAGE = '{"from": "dana@acme.example", "message_id": "<1@help.example>", "title": "Export"}'
MAIL = "From: dana@acme.example\nSubject: Evidence\n\nCould this be one export?\n"


def list_commands(
    command: click.Command, context: click.Context, name: str = ""
) -> Iterator[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        yield name, command
        return
    yield name, command
    for part in command.list_commands(context):
        found = command.resolve_command(context, [part])[1]
        if found is not None and (name or part in NAMES):
            yield from list_commands(found, context, f"{name} {part}".strip())


def list_examples(command: click.Command) -> list[str]:
    _, _, examples = (command.help or "").partition("Examples:\n")
    lines = [line.strip() for line in examples.splitlines()]
    return [line for line in lines if line.startswith("punchcard ")]


COMMANDS = dict(list_commands(program, click.Context(program)))
EXAMPLES = [
    (name, example) for name, command in COMMANDS.items() for example in list_examples(command)
]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_shows_an_example(name: str) -> None:
    assert list_examples(COMMANDS[name])


@pytest.fixture
def told(
    sample_repository: Path, punchcard: RunPunchcard, monkeypatch: pytest.MonkeyPatch
) -> Commands:
    """The commands, run by alice in the sample ledger on the day as of which it was told."""
    now = datetime.fromisoformat(f"{SAMPLE_AS_OF}T09:00:00+01:00")
    monkeypatch.setattr("ledger.cli.options.read_clock", lambda: now)
    monkeypatch.setattr("ledger.cli.options.find_today", lambda _ledger: now.date())
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "alice@tracewell.example")
    return Commands(punchcard, sample_repository)


@pytest.fixture
def pasted(told: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Ran]:
    """Run a line of a shell, with more arguments."""
    for mail in ("request.eml", "mail.eml"):
        (told.root / mail).write_text(MAIL)
    (told.root / "message.json").write_text(MESSAGE)
    write_guide(told.root)
    mailbox.Maildir(tmp_path / "Maildir")
    monkeypatch.setattr("ledger.intake.mailboxes.read_imap", lambda _url, _password: iter(()))
    monkeypatch.setenv("PUNCHCARD_IMAP_PASSWORD", "secret")
    told.git("update-ref", "refs/remotes/origin/main", "HEAD")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(told.root / ".git/summary.md"))
    (tmp_path / "portals.log").touch()

    def run(example: str, *more: str) -> Ran:
        example = example.replace("/var/log/nginx", str(tmp_path)).replace("~", str(tmp_path))
        command = re.split(" [|>] ", example)[0]  # What the shell does with it is its affair.
        if before := BEFORE.get(command.split()[1]):
            commit = ["--commit"] if "--commit" in command and before[0] == "log" else []
            assert told(*before, *commit).status == 0
        return told(*shlex.split(os.path.expandvars(command))[1:], *more)

    return run


@pytest.mark.parametrize(
    "name",
    [name for name in COMMANDS if any(each.name == "format_" for each in COMMANDS[name].params)],
)
def test_every_command_answers_in_json(pasted: Callable[..., Ran], name: str) -> None:
    example = re.sub("--format [a-z]+", "", list_examples(COMMANDS[name])[0])
    assert json.loads(pasted(example, "--format", "json").stdout) is not None


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_example_works_when_pasted(
    told: Commands, pasted: Callable[..., Ran], name: str, example: str
) -> None:
    ran = pasted(example)
    is_asking = "triage asks on a terminal" in ran.stderr  # There is none here.
    assert ran.status == (2 if is_asking else 0), ran.stderr
    is_silent = "request receive --" in example or "--output" in example  # Nothing has come.
    assert ran.stdout or ran.stderr or is_silent
    assert re.search("error:|Traceback", ran.stdout + ran.stderr) is None
    if name != "init":
        assert told("check").status == 0


def test_the_consultants_guide_works_from_top_to_bottom(
    told: Commands, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    remote = str(tmp_path / "remote.git")
    told.git("clone", "--quiet", "--bare", ".", remote)
    told.git("remote", "add", "origin", remote)
    told.git("fetch", "--quiet", "origin")
    blocks = "".join(re.findall("```sh\n(.*?)```", GUIDE, re.DOTALL))
    for line in blocks.splitlines():
        program, *arguments = shlex.split(line, comments=True)
        if program == "git":
            told.git(*arguments)
        elif completion := re.search(r"_PUNCHCARD_COMPLETE=(\w+) punchcard", line):
            monkeypatch.setenv("_PUNCHCARD_COMPLETE", completion[1])
            shell = [sys.executable, "-c", "from site_builder.punchcard import main; main()"]
            ran = subprocess.run(shell, check=False, capture_output=True, text=True)
            assert "_punchcard_completion" in ran.stdout, ran.stderr
            monkeypatch.delenv("_PUNCHCARD_COMPLETE")
        else:
            done = told(*arguments)
            assert (program, done.status) == ("punchcard", 0), (line, done.stderr)
    assert told("check").status == 0
    assert told.git("diff", "--name-only", "origin/main", "time/calls")


@pytest.mark.parametrize("named", dict.fromkeys(re.findall(r"`punchcard\s([^`]+)`", GUIDE)))
def test_the_consultants_guide_names_what_there_is(named: str) -> None:
    words, context = named.split(), click.Context(program)
    command: click.Command | None = program
    while words and isinstance(command, click.Group):
        command = command.resolve_command(context, [words.pop(0)])[1]
    assert command is not None
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options
