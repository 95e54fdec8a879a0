"""A seller's own categories at every door of the ledger: the example is a law firm."""

import json
import shutil
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.conftest import RunPunchcard, commit_all, start_repository
from tests.ledger.rules.gallery import EXAMPLES

DAY = ("--as-of", "2026-11-30")
CUSTOMER = "brightwater-mills"


@pytest.fixture
def law_firm(tmp_path: Path) -> Path:
    root = start_repository(tmp_path / "law-firm")
    shutil.copytree(EXAMPLES / "valid" / "law-firm" / "customers", root / "customers")
    return commit_all(root)


def read_balance(punchcard: RunPunchcard, root: Path) -> int:
    [balance] = json.loads(punchcard(root, "balance", CUSTOMER, *DAY, "--format", "json").stdout)
    return int(balance["balance_minutes"])


@pytest.mark.parametrize(
    ("category", "drawn"), [("contract-review", 30), ("client-intake", 0), (None, 30)]
)
def test_time_draws_as_the_terms_say(
    punchcard: RunPunchcard, law_firm: Path, category: str | None, drawn: int
) -> None:
    before = read_balance(punchcard, law_firm)
    named = ("--category", category) if category else ()
    written = (CUSTOMER, "BRIGHT-3", "30m", "-m", "Second round.", "--as", "orla", *named, *DAY)
    assert punchcard(law_firm, "log", *written).status == 0
    assert punchcard(law_firm, "check", *DAY).status == 0
    after = read_balance(punchcard, law_firm)
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
def test_another_category_is_refused(
    punchcard: RunPunchcard, law_firm: Path, command: tuple[str, ...], said: str
) -> None:
    ran = punchcard(law_firm, *command, *DAY)
    assert ran.status != 0
    assert said in ran.stderr
    assert punchcard(law_firm, "check", *DAY).status == 0


@pytest.mark.parametrize(
    ("written", "category"),
    [("employment-advice", "employment-advice"), ("Employment advice", "employment-advice"),
     ("Vertretung vor  GERICHT", "court-appearance"), ("Client intake", None), ("Tax", None)],
)  # fmt: skip
def test_a_mail_may_name_a_category_as_people_read_it(
    punchcard: RunPunchcard, law_firm: Path, tmp_path: Path, written: str, category: str | None
) -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"], mail["Message-ID"] = "maeve@brightwater.example", "x", "<m@x>"
    mail["Date"] = "Fri, 27 Nov 2026 10:00:00 +0000"
    mail.set_content(f"Title: A works agreement\nCategory: {written}\n\nPlease look at it.\n")
    file = tmp_path / "request.eml"
    file.write_bytes(mail.as_bytes())
    answer = punchcard(law_firm, "request", "receive", file, *DAY, "--format", "json")
    [received] = json.loads(answer.stdout)
    assert received["outcome"] == ("opened" if category else "refused")
    opened = law_firm / "customers" / CUSTOMER / "requests" / "BRIGHT-5.yml"
    assert opened.exists() == (category is not None)
    assert category is None or f"category: {category}\n" in opened.read_text()


def test_exports_and_hours_are_by_category(
    punchcard: RunPunchcard, law_firm: Path, tmp_path: Path
) -> None:
    assert punchcard(law_firm, "export", "hledger", "--output", tmp_path / "out", *DAY).status == 0
    journal = (tmp_path / "out" / "punchcards.journal").read_text()
    assert "Income:Recognised:Court-appearance:Brightwater-mills" in journal
    assert "Client-intake" not in journal
    period = ("--everybody", "--from", "2026-01-01", "--by", "category", "--format", "json")
    lines = json.loads(punchcard(law_firm, "hours", *period, *DAY).stdout)
    assert {each["key"]: each["worked_minutes"] - each["charged_minutes"] for each in lines} == {
        "client-intake": 90, "contract-review": 0, "court-appearance": 0, "employment-advice": 0,
    }  # fmt: skip


def test_help_reads_no_ledger(punchcard: RunPunchcard, tmp_path: Path) -> None:
    ran = punchcard(tmp_path, "log", "--help")
    assert (ran.status, "a category of the terms" in " ".join(ran.stdout.split())) == (0, True)
