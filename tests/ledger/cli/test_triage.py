"""``request triage`` on a real terminal, and the lists of what is new, mine, waiting, urgent."""

from pathlib import Path

import click
import pytest

from tests.conftest import Commands, commit_all, git, start_repository, write_files
from tests.ledger.cli.test_log_questions import Terminal
from tests.ledger.writing.small_ledger import AS_OF, write_small_ledger

REQUESTS = "customers/acme/requests"
NEW = """\
title: {}
opened: 2026-06-29
opened_by: dana@acme.example
channel: punchcard
urgency: {}
description: |
  How do we do it?
"""


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = write_small_ledger(start_repository(tmp_path / "repository"))
    new = {f"{REQUESTS}/ACME-{n}.yml": NEW.format(f"Topic {n}", "high") for n in (2, 3, 4)}
    write_files(root, new)
    git(root, "config", "user.email", "alice@example.com")
    commit_all(root)
    return root


def decide(repository: Path, *options: str, answers: tuple[tuple[str, str], ...]) -> str:
    terminal = Terminal(repository, "request", "triage", *options, "--as-of", AS_OF)
    shown = "".join(terminal.converse(*answers))
    assert terminal.finish() == 0, terminal.shown
    return click.unstyle(shown + terminal.shown)


def test_each_decision_is_one_event(run: Commands) -> None:
    shown = decide(
        run.root,
        *("acme", "--commit"),
        answers=(
            *(("Punchcard or support: ", "x"), ("Punchcard or support: ", "p")),
            *(("Category: ", "detailed-qa"), ("(45m, 3h): ", "soon"), ("(45m, 3h): ", "2h")),
            ("Answer: ", "We call you on Monday."),
            *(("Punchcard or support: ", "support"), ("support system: ", "SUP-7")),
            ("Answer: ", "A how-to question."),
            ("Punchcard or support: ", ""),
        ),
    )
    assert "1 of 3, without a category and an answer\nACME-2  Topic 2\n" in shown
    assert "by dana@acme.example, urgency high\n\n  How do we do it?\n" in shown
    assert "\nAcme Robotics: 9h 15m left, licences: Trace (commercial)\n" in shown
    assert "'soon' is not a duration" in shown
    event = "{date: 2026-06-30, by: alice, "
    first, second, third = (run.read(f"{REQUESTS}/ACME-{number}.yml") for number in (2, 3, 4))
    assert first.endswith(
        f"  - {event}category: detailed-qa, note: We call you on Monday., estimate_minutes: 120}}\n"
    )
    assert second.endswith(
        f"  - {event}moved_to: support, ticket: SUP-7, note: A how-to question.}}\n"
    )
    assert third == NEW.format("Topic 4", "high")
    assert run.git("rev-list", "--count", "HEAD").strip() == "3"
    assert run.git("status", "--porcelain") == ""
    assert run("check").status == 0
    listed = run.json("request", "list", "--new")
    assert [each["id"] for each in listed] == ["ACME-4"]


def test_a_trial_writes_nothing(repository: Path) -> None:
    answers = (("support: ", "p"), ("Category: ", ""), ("3h): ", ""), ("Answer: ", "Yes."))
    shown = decide(
        repository, "--dry-run", answers=(*answers, ("support: ", ""), ("support: ", ""))
    )
    assert "note on ACME-2 (alice)" in shown
    assert git(repository, "status", "--porcelain") == ""


def test_without_a_terminal_it_says_what_to_use(run: Commands) -> None:
    run("request", "triage").refused("ACME-2, ACME-3, ACME-4: see punchcard request list --new")
    for number in (2, 3, 4):
        run("request", "update", "acme", str(number), "--category", "onboarding")
    ran = run("request", "triage")
    assert (ran.status, ran.stdout) == (0, "nothing is new\n")


def test_requests_are_listed_by_what_is_to_be_done(run: Commands) -> None:
    run("request", "update", "acme", "2", "--category", "onboarding", "--by", "ben")
    run("request", "update", "acme", "3", "--category", "onboarding")
    run("request", "update", "acme", "3", "--status", "waiting-for-customer")

    def list_ids(option: str) -> list[str]:
        listed = run.json("request", "list", option)
        return [each["id"] for each in listed]

    assert list_ids("--new") == ["ACME-4"]
    assert list_ids("--waiting") == ["ACME-3"]
    assert list_ids("--urgent") == ["ACME-2", "ACME-3", "ACME-4"]
    assert list_ids("--mine") == ["ACME-1", "ACME-3"]


def test_a_ticket_of_support_is_adopted(run: Commands) -> None:
    adopt = ("request", "open", "acme", "Export fails", "--ticket", "SUP-1")
    ran = run(*adopt, "--category", "detailed-qa", "--by", "dana@acme.example")
    assert ran.status == 0, ran.stderr
    assert "ticket: SUP-1\n" in run.read(f"{REQUESTS}/ACME-5.yml")
    assert run("check").status == 0
