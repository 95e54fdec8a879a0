"""A seller's own categories at every door of the ledger: the example is a law firm."""

import json
import shutil
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.conftest import Commands, RunPunchcard, commit_all, start_repository
from tests.ledger.rules.gallery import EXAMPLES

CUSTOMER = "brightwater-mills"


@pytest.fixture
def run(tmp_path: Path, punchcard: RunPunchcard) -> Commands:
    root = start_repository(tmp_path / "law-firm")
    shutil.copytree(EXAMPLES / "valid" / "law-firm" / "customers", root / "customers")
    return Commands(punchcard, commit_all(root), "2026-11-30")


def read_balance(run: Commands) -> int:
    [balance] = run.json("balance", CUSTOMER)
    return int(balance["balance_minutes"])


@pytest.mark.parametrize(
    ("category", "drawn"), [("contract-review", 30), ("client-intake", 0), (None, 30)]
)
def test_time_draws_as_the_terms_say(run: Commands, category: str | None, drawn: int) -> None:
    before = read_balance(run)
    named = ("--category", category) if category else ()
    written = (CUSTOMER, "BRIGHT-3", "30m", "-m", "Second round.", "--as", "orla", *named)
    assert run("log", *written).status == 0
    assert run("check").status == 0
    after = read_balance(run)
    assert before - after == drawn


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("log", CUSTOMER, "3", "30m", "-m", "x", "--as", "orla", "--category", "contract-reveiw"),
         "did you mean contract-review?"),
        (("log", CUSTOMER, "3", "30m", "-m", "x", "--as", "orla", "--category", "product-training"),
         "write one of contract-review, employment-advice, court-appearance, client-intake"),
        (("request", "update", CUSTOMER, "3", "--by", "orla", "--category", "client-intake"),
         "a request is never charged as client-intake"),
        (("request", "open", CUSTOMER, "Board minutes", "--by", "orla", "--category", "minutes"),
         "'minutes' is no category"),
    ],
)  # fmt: skip
def test_another_category_is_refused(run: Commands, command: tuple[str, ...], said: str) -> None:
    ran = run(*command)
    assert ran.status != 0
    assert said in ran.stderr
    assert run("check").status == 0


@pytest.mark.parametrize(
    ("written", "category"),
    [("employment-advice", "employment-advice"), ("Employment advice", "employment-advice"),
     ("Vertretung vor  GERICHT", "court-appearance"), ("Client intake", None), ("Tax", None)],
)  # fmt: skip
def test_a_mail_may_name_a_category_as_people_read_it(
    run: Commands, tmp_path: Path, written: str, category: str | None
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "maeve@brightwater.example", "x", "<m@x>"
    mail["Date"] = "Fri, 27 Nov 2026 10:00:00 +0000"
    mail.set_content(f"Title: A works agreement\nCategory: {written}\n\nPlease look at it.\n")
    file = tmp_path / "request.eml"
    file.write_bytes(mail.as_bytes())
    answer = run("request", "receive", file, "--format", "json")
    [received] = json.loads(answer.stdout)
    assert received["outcome"] == ("opened" if category else "refused")
    opened = run.root / "customers" / CUSTOMER / "requests" / "BRIGHT-5.yml"
    assert opened.exists() == (category is not None)
    assert category is None or f"category: {category}\n" in opened.read_text()


def test_exports_and_hours_are_by_category(run: Commands, tmp_path: Path) -> None:
    assert run("export", "hledger", "--output", tmp_path / "out").status == 0
    journal = (tmp_path / "out" / "punchcards.journal").read_text()
    assert "Income:Recognised:Court-appearance:Brightwater-mills" in journal
    assert "Client-intake" not in journal
    period = ("--everybody", "--from", "2026-01-01", "--by", "category", "--format", "json")
    lines = json.loads(run("hours", *period).stdout)
    assert {each["key"]: each["worked_minutes"] - each["charged_minutes"] for each in lines} == {
        "client-intake": 90, "contract-review": 0, "court-appearance": 0, "employment-advice": 0,
    }  # fmt: skip


def test_help_reads_no_ledger(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ran = punchcard(tmp_path, "log", "--help")
    assert (ran.status, "a category of the terms" in " ".join(ran.stdout.split())) == (0, True)
