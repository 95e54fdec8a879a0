"""An order of punchcards becomes a purchase that a person agrees to, once, in one commit."""

import json
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_AS_OF, Commands, RunPunchcard
from tests.ledger.cli.test_log_questions import Terminal

ORDER = """\
From: dana@acme.example
To: help@tracewell.example
Subject: Buy hours
Message-ID: <o1@acme.example>
Date: Fri, 20 Nov 2026 09:00:00 +0100
Content-Type: text/plain; charset=utf-8

Title: Buy hours

{}
"""
DAY = ("--as-of", SAMPLE_AS_OF)
LINES = "Punchcards: 5\nPrice: 5000.00 USD\nPO: PO-8123\n\nBefore Christmas, please."
BUY = ("buy", "acme", "--from-request", "ACME-15", "--as", "alice")


@pytest.fixture
def run(sample_repository: Path, punchcard: RunPunchcard) -> Commands:
    return Commands(punchcard, sample_repository, SAMPLE_AS_OF)


def order(run: Commands, lines: str = LINES) -> Commands:
    """Let the order ``ACME-15`` come, as the portal's form sends it by mail."""
    mail = run.root.parent / "order.eml"
    mail.write_text(ORDER.format(lines), encoding="utf-8")
    assert "ACME-15 opened for acme" in run.done("request", "receive", mail, "--commit")
    return run


def test_who_agrees_on_a_terminal_records_it_and_the_request_is_told(run: Commands) -> None:
    order(run)
    before = run.git("rev-parse", "HEAD").strip()
    terminal = Terminal(run.root, *BUY, *DAY, "--invoice", "INV-2026-300", "--commit")
    shown = terminal.wait_for("Record this purchase?")
    assert "P3: buy 5 punchcards for 5000.00 USD (ACME-15)\n" in shown
    assert "PO: PO-8123 · Before Christmas, please." in shown
    assert run.git("rev-parse", "HEAD").strip() == before
    terminal.answer("y\n")
    assert terminal.finish() == 0
    assert run.git("log", "--format=%s", f"{before}..").splitlines() == [
        "acme: buy 5 punchcards for 5000.00 USD (ACME-15)"
    ]
    assert run.git("show", "--format=", "--name-only").splitlines() == [
        "customers/acme/purchases.yml",
        "customers/acme/requests/ACME-15.yml",
    ]
    bought = run.json("show", "acme", "P3")
    del bought["record"]["price_note"]
    assert bought["record"] == {
        "id": "P3",
        "date": SAMPLE_AS_OF,
        "punchcards": 5,
        "amount": "5000.00",
        "invoice": "INV-2026-300",
        "purchase_order": "PO-8123",
    }
    request = run("request", "show", "acme", "15").stdout
    assert "alice: resolved, P3 recorded, INV-2026-300." in request
    assert run("check", "--no-since", "--strict").status == 0
    for more in ([], ["--dry-run"]):
        again = run(*BUY, *more)
        assert (again.status, "ACME-15 became P3 already" in again.stderr) == (2, True)
    assert run.git("status", "--porcelain") == ""


def test_who_does_not_agree_writes_nothing(run: Commands) -> None:
    order(run)
    terminal = Terminal(run.root, *BUY, *DAY, "--commit")
    terminal.wait_for("Record this purchase?")
    terminal.answer("\n")
    assert terminal.finish() == 0
    assert "nothing was written" in terminal.shown
    assert run.git("log", "--format=%s", "-1").startswith("acme: open ACME-15")
    assert run.git("status", "--porcelain") == ""


def test_where_nobody_can_be_asked_figures_say_what_was_agreed(run: Commands) -> None:
    order(run)
    for more in ([], ["--amount", "5000"]):
        ran = run(*BUY, *more)
        assert (ran.status, "nothing was written: nobody can" in ran.stderr) == (
            2,
            True,
        )
        assert "P3: buy 5 punchcards for 5000.00 USD" in ran.stdout
    ran = run(*BUY, "--format", "json")
    assert (ran.status, json.loads(ran.stdout)["says"][:17]) == (2, "buy 5 punchcards ")
    trial = run(*BUY, "--dry-run")
    assert (trial.status, "would be written" in trial.stdout) == (0, True)
    assert "buy 5 punchcards for 5000.00 USD" in trial.stdout
    assert run.git("status", "--porcelain") == ""
    agreed = ("4", "--amount", "4000", "--purchase-order", "PO-1")
    ran = run(*BUY, *agreed)
    assert (ran.status, "buy 4 punchcards for 4000.00 USD" in ran.stdout) == (0, True), ran.stderr
    assert run.read("customers/acme/purchases.yml").endswith("order: PO-1\n")
    assert "note: P3 recorded.}" in run.read("customers/acme/requests/ACME-15.yml")


@pytest.mark.parametrize(
    ("lines", "options", "status", "said"),
    [
        ("Three cards, please.", [], 2, "ACME-15 does not say how many"),
        ("Three cards, please.", ["3", "--amount", "3000"], 0, "buy 3 punchcards for 3000.00 USD"),
        ("Punchcards: 0", [], 2, "ACME-15 does not say how many"),
        ("punchcards: 2\nPO: ", ["--dry-run"], 0, "buy 2 punchcards for 2000.00 USD"),
        ("Punchcards: 2\n\nP1 recorded already", ["--dry-run"], 0, "buy 2 punchcards"),
    ],
)
def test_what_an_order_may_say(
    lines: str, options: list[str], status: int, said: str, run: Commands
) -> None:
    ran = order(run, lines)(*BUY, *options)
    assert (ran.status, said in ran.stdout + ran.stderr) == (status, True), ran


def test_without_a_request_the_number_of_cards_is_needed(run: Commands) -> None:
    run("buy", "acme").refused("say how many CARDS, or --from-request")
