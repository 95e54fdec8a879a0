"""``balance``, ``statement``, ``expiries`` and ``hours``: formats, dates and exit statuses."""

import csv
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from tests.conftest import SAMPLE_LEDGER, Commands, RunPunchcard, commit_all, start_repository

BALANCE_KEYS = [
    "customer", "name", "as_of", "revision", "currency", "purchased_minutes", "goodwill_minutes",
    "used_minutes", "refunded_minutes", "expired_minutes", "remaining_minutes",
    "overdrawn_minutes", "balance_minutes", "low", "last_activity", "portal", "lots",
    "value_remaining",
]  # fmt: skip
LOT_KEYS = [
    "id", "kind", "purchase", "date", "last_day", "minutes", "used_minutes", "refunded_minutes",
    "expired_minutes", "remaining_minutes", "completed_on",
]  # fmt: skip
STATEMENT_KEYS = [
    "customer", "from", "to", "as_of", "revision", "opening_minutes", "closing_minutes",
    "movements", "currency",
]  # fmt: skip
MOVEMENT_KEYS = [
    "date", "kind", "reference", "request", "consultant", "category", "worked_minutes", "minutes",
    "balance_minutes", "amount", "note", "draws", "invoice", "value", "signed_amount",
    "purchase_order", "agreement",
]  # fmt: skip
ENDING_KEYS = ["customer", "kind", "subject", "last_day", "days_left"]
HOURS_KEYS = ["key", "customer", "consultant", "entries", "worked_minutes", "charged_minutes"]
REVENUE_KEYS = [
    "currency", "period", "customer", "purchase", "opening_deferred", "billed", "recognised",
    "breakage", "value_refunded", "refund_amount", "closing_deferred",
]  # fmt: skip
SHEET = "customers/acme/time/2026-11-alice.yml"


def test_balance_json_has_the_keys_of_the_design_in_their_order(sample: Commands) -> None:
    balances = sample.json("balance")
    assert [balance["customer"] for balance in balances] == [
        "acme", "hoshizora", "kestrel-avionics", "mueller-messtechnik", "nordlys-rail",
        "ondarra-mobility", "politechnika-nadmorska", "savanna-sky",
    ]  # fmt: skip
    for balance in balances:
        assert list(balance) == BALANCE_KEYS
        assert list(balance["portal"]) == ["state", "last_day"]
        assert all(list(lot) == LOT_KEYS for lot in balance["lots"])
        assert balance["revision"] == sample.git("rev-parse", "HEAD")


def test_the_sample_story_stays_as_told(sample: Commands) -> None:
    said = {
        each["customer"]: (each["remaining_minutes"], each["low"], each["portal"]["state"])
        for each in sample.json("balance")
        if each["remaining_minutes"] == each["balance_minutes"]
    }
    assert said == {
        "acme": (330, False, "open"),
        "hoshizora": (0, True, "open"),  # kept open by another service
        "kestrel-avionics": (0, False, "closed"),
        "mueller-messtechnik": (45, True, "open"),
        "nordlys-rail": (0, True, "closing"),
        "ondarra-mobility": (315, False, "open"),
        "politechnika-nadmorska": (255, False, "open"),
        "savanna-sky": (225, False, "open"),
    }


@pytest.mark.parametrize(
    ("command", "columns", "first"),
    [
        (
            "balance",
            [key for key in BALANCE_KEYS if key not in {"portal", "lots"}],
            {"customer": "acme", "remaining_minutes": "330", "low": "false"},
        ),
        (
            "statement acme",
            [key for key in MOVEMENT_KEYS if key != "draws"],
            {"kind": "purchase", "amount": "6000.00", "signed_amount": "6000.00"},
        ),
        ("expiries", ENDING_KEYS, {}),
        ("hours --everybody --month", HOURS_KEYS, {}),
        ("revenue", REVENUE_KEYS, {}),
    ],
)
def test_csv_has_the_scalar_fields_in_the_same_order(
    sample: Commands, command: str, columns: list[str], first: dict[str, str]
) -> None:
    rows = list(csv.DictReader(sample.done(*command.split(), "--format", "csv").splitlines()))
    assert list(rows[0]) == columns
    assert rows[0].items() >= first.items()


def test_revision_is_null_while_the_files_differ_from_the_last_commit(sample: Commands) -> None:
    with (sample.root / "customers/acme/purchases.yml").open("a", encoding="utf-8") as file:
        file.write("# a comment\n")
    assert sample.json("balance", "acme")[0]["revision"] is None
    [balance] = sample.json("balance", "acme", "--rev", "HEAD")
    assert balance["revision"] == sample.git("rev-parse", "HEAD")


def test_what_git_ignores_and_untracked_dot_files_are_not_looked_at(sample: Commands) -> None:
    (sample.root / ".gitignore").write_text("*.bak\n", encoding="utf-8")
    (sample.root / "customers/acme/old.bak").write_text("x", encoding="utf-8")
    (sample.root / "customers/acme/.swap.yml").write_text("x", encoding="utf-8")
    assert sample("check").status == 0


def test_statement_json_has_the_keys_of_the_design_and_adds_up(sample: Commands) -> None:
    for customer in ("acme", "politechnika-nadmorska", "ondarra-mobility"):
        statement = sample.json("statement", customer)
        assert list(statement)[: len(STATEMENT_KEYS)] == STATEMENT_KEYS
        balance = statement["opening_minutes"]
        for movement in statement["movements"]:
            assert list(movement) == MOVEMENT_KEYS
            balance += movement["minutes"]
            assert movement["balance_minutes"] == balance
        assert statement["closing_minutes"] == balance


def test_a_statement_of_a_period_opens_where_the_one_before_closed(sample: Commands) -> None:
    period = ("--from", "2026-10-01", "--to", "2026-10-31")
    october = sample.json("statement", "acme", *period)
    november = sample.json("statement", "acme", "--from", "2026-11-01")
    assert october["closing_minutes"] == november["opening_minutes"]
    assert (october["from"], october["to"]) == ("2026-10-01", "2026-10-31")
    assert {movement["date"][:7] for movement in october["movements"]} == {"2026-10"}


def test_a_purchase_names_its_order_and_the_agreement_of_its_day(
    sample: Commands, tmp_path: Path
) -> None:
    said = [
        (each["reference"], each["purchase_order"], each["agreement"])
        for each in sample.json("statement", "mueller-messtechnik")["movements"]
        if each["kind"] == "purchase"
    ]
    assert said == [("P1", None, "2024-12"), ("P2", "PO-2026-0114", "2026-01")]
    assert sample.json("show", "acme", "P1")["agreement"] == "2026-01"
    shown = sample.done("show", "acme", "P1/2")
    assert "\n  purchase order PO-7731\n  agreement     2026-01\n" in shown
    for what in ("csv", "beancount", "hledger"):
        sample("export", what, "acme", "--output", tmp_path)
    [first, _second] = csv.DictReader((tmp_path / "purchases.csv").read_text().splitlines())
    assert (first["purchase_order"], first["agreement"]) == ("PO-7731", "2026-01")
    journals = [(tmp_path / f"punchcards.{each}").read_text() for each in ("beancount", "journal")]
    assert '  purchase_order: "PO-7731"\n  agreement: "2026-01"\n' in journals[0]
    assert "    ; purchase_order:PO-7731\n    ; agreement:2026-01\n" in journals[1]


def test_amounts_of_a_statement_add_up(sample: Commands) -> None:
    """A refund is negative, wherever the column is summed."""
    movements = sample.json("statement", "politechnika-nadmorska")["movements"]
    amounts = [each["signed_amount"] for each in movements if each["amount"]]
    assert sum(map(Decimal, amounts)) == Decimal("4780.00") - Decimal("432.00")
    assert "  -432.00 EUR " in sample.done("statement", "politechnika-nadmorska")


def test_expiries_are_sorted_and_within_the_days_asked_for(sample: Commands) -> None:
    everything = sample.json("expiries")
    soon = sample.json("expiries", "--within", "60")
    assert list(soon[0]) == ENDING_KEYS
    assert soon == [ending for ending in everything if ending["days_left"] <= 60]
    days = [ending["last_day"] for ending in everything]
    assert days == sorted(days)
    assert {"account", "portal", "card", "licence"} == {ending["kind"] for ending in everything}


@pytest.mark.parametrize("command", ["check", "balance", "expiries"])
def test_a_folder_that_is_no_ledger_is_one_line(
    punchcard: RunPunchcard, tmp_path: Path, command: str
) -> None:
    root = commit_all(start_repository(tmp_path / "empty"))
    for arguments in ([command], ["--ledger", str(root), command]):
        ran = punchcard(root, *arguments)
        assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
        assert "no ledger" in ran.stderr


def test_figures_are_printed_despite_problems_and_the_status_says_so(sample: Commands) -> None:
    sheet = sample.root / SHEET
    text = sheet.read_text(encoding="utf-8").replace("minutes: 45", "minutes: 50", 1)
    sheet.write_text(text, encoding="utf-8")
    ran = sample("balance", "acme", "--format", "json")
    assert (ran.status, json.loads(ran.stdout)[0]["balance_minutes"]) == (1, 325)
    assert f"{SHEET}:" in ran.stderr
    assert "error[time-increment]: 50 minutes is not a multiple of 15" in ran.stderr


def test_the_ledger_is_found_from_a_folder_below_the_root(
    sample: Commands, punchcard: RunPunchcard
) -> None:
    assert punchcard((sample.root / SHEET).parent, "check", "--as-of", "2026-11-20").status == 0


@pytest.mark.parametrize("command", ["check", "balance", "verify"])
def test_a_current_folder_that_is_gone_is_said(command: str, tmp_path: Path) -> None:
    program = (
        "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
        "from site_builder.punchcard import run\n"
        "sys.exit(run(sys.argv[1:]))"
    )
    environment = {**os.environ, "PYTHONPATH": str(SAMPLE_LEDGER.parent)}
    done = subprocess.run(
        [sys.executable, "-c", program, command],
        cwd=tmp_path, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = "punchcard: error: the current folder is not there any more (go to one that is)\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_statement_of_each_customer_for_a_month(sample: Commands, tmp_path: Path) -> None:
    arguments = ("statement", "--month", "2026-10", "--format", "json")
    sample.done(*arguments, "--all", "--output", tmp_path / "made")
    made = {file.name: file.read_text("utf-8") for file in (tmp_path / "made").iterdir()}
    assert made["acme-statement-2026-10.json"] == sample.done(*arguments, "acme")
    assert {name.partition("-statement-")[2] for name in made} == {"2026-10.json"}
    assert len(made) == 8


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (("--month", "2026-02"), "2026-02-01", "2026-02-28"),
        (("--quarter", "2026-Q3"), "2026-07-01", "2026-09-30"),
        (("--year", "2025"), "2025-01-01", "2025-12-31"),
    ],
)
def test_periods_have_names(
    sample: Commands, period: tuple[str, str], first: str, last: str
) -> None:
    statement = sample.json("statement", "acme", *period)
    assert (statement["from"], statement["to"]) == (first, last)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("balance acmee", "error: there is no customer 'acmee' (did you mean acme?)\n"),
        ("balance --as-of 2026-02-30", "write it as YYYY-MM-DD"),
        ("blance", "No such command 'blance'"),
        ("statement acmee", "error: there is no customer 'acmee' (did you mean acme?)\n"),
        ("statement acme --to 2026-12-01", "after the as-of date"),
        ("statement acme --from 2026-11-02 --to 2026-11-01", "after its end"),
        ("statement", "name a CUSTOMER or say --all, one of the two"),
        ("statement acme --all --output x", "name a CUSTOMER or say --all, one of the two"),
        ("statement --all", "--all needs --output DIR"),
        ("statement acme --month 2026-13", "write it like 2026-10"),
        ("statement acme --quarter 2026-Q5", "write it like 2026-Q3"),
        ("statement acme --month 2026-10 --year 2026", "one month, quarter or year"),
        ("statement acme --month 2026-10 --to 2026-10-03", "one month, quarter or year"),
        ("statement acme --output no/where.txt", "cannot write no/where.txt"),
        ("hours --as nobody", "there is no consultant 'nobody'"),
        ("hours --as ben --everybody", "not both"),
        ("hours --week --from 2026-01-01", "--week or --month"),
        ("hours --to 2026-01-01", "--to needs --from"),
        ("hours --everybody --from 2026-11-20 --to 2026-11-10", "is before 2026-11-20"),
        ("revenue --to 2027-01-01", "after the as-of date"),
        ("revenue --from 2026-11-01 --to 2026-10-01", "after its end"),
        ("revenue --changes published/2026-01-01", "there is no publication"),
    ],
)
def test_what_there_are_no_figures_of(sample: Commands, line: str, said: str) -> None:
    ran = sample(*line.split())
    assert (ran.status, ran.stdout, said in ran.stderr) == (2, "", True), ran.stderr


@pytest.mark.parametrize("by", ["customer", "request", "day", "category"])
def test_sums_of_hours_are_those_of_the_statements(sample: Commands, by: str) -> None:
    whole = ("--from", "2024-01-01", "--to", "2026-11-20")
    lines = sample.json("hours", "--everybody", *whole, "--by", by)
    assert [list(line) for line in lines] == [HOURS_KEYS] * len(lines)
    charged = sum(row["used_minutes"] + row["overdrawn_minutes"] for row in sample.json("balance"))
    assert sum(line["charged_minutes"] for line in lines) == charged
    assert all(line["charged_minutes"] <= line["worked_minutes"] for line in lines)
    if by == "customer":
        assert [line["key"] for line in lines] == [line["customer"] for line in lines]
    if by == "category":
        (support,) = (line for line in lines if line["key"] == "technical-support")
        assert support["charged_minutes"] == 0 < support["worked_minutes"]


def test_hours_are_mine_of_this_week_by_default_with_the_days_that_are_missing(
    sample: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "yuki@tracewell.example")
    first, *_rest, last = sample.done("hours").splitlines()
    assert first.endswith(", 2026-11-16 to 2026-11-22")
    assert last.startswith("nothing logged on ")
    assert ("2026-11-18" in last, "2026-11-21" in last) == (False, False)


def test_hours_of_a_period_are_shown_on_the_last_day_of_the_calendar(sample: Commands) -> None:
    period = ("--from", "2026-10-01", "--to", "2026-10-31")
    hours = ("hours", "--everybody", *period)
    assert sample.json(*hours, "--as-of", "9999-12-31") == sample.json(*hours)


def test_one_consultant_is_named_in_each_line(sample: Commands) -> None:
    lines = sample.json("hours", "--as", "ben", "--month", "--by", "day")
    assert {line["consultant"] for line in lines} == {"ben"}
    assert all(line["key"].startswith("2026-11-") for line in lines)
