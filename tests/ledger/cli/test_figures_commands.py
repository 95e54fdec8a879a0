"""``balance``, ``statement`` and ``expiries``: their formats, their dates, their exit statuses."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import (
    SAMPLE_AS_OF,
    SAMPLE_LEDGER,
    RunPunchcard,
    commit_all,
    git,
    start_repository,
)

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


def read_json(punchcard: RunPunchcard, folder: Path, *arguments: str) -> Any:
    ran = punchcard(folder, *arguments, "--as-of", SAMPLE_AS_OF, "--format", "json")
    assert (ran.status, ran.stderr) == (0, "")
    return json.loads(ran.stdout)


def test_balance_json_has_the_keys_of_the_design_in_their_order(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    balances = read_json(punchcard, sample_repository, "balance")
    assert [balance["customer"] for balance in balances] == [
        "acme", "hoshizora", "kestrel-avionics", "mueller-messtechnik", "nordlys-rail",
        "ondarra-mobility", "politechnika-nadmorska", "savanna-sky",
    ]  # fmt: skip
    for balance in balances:
        assert list(balance) == BALANCE_KEYS
        assert list(balance["portal"]) == ["state", "last_day"]
        assert all(list(lot) == LOT_KEYS for lot in balance["lots"])
        assert balance["revision"] == git(sample_repository, "rev-parse", "HEAD")


@pytest.mark.parametrize(
    ("customer", "remaining", "low", "state"),
    [
        ("acme", 330, False, "open"),
        ("hoshizora", 0, True, "open"),  # kept open by another service
        ("kestrel-avionics", 0, False, "closed"),
        ("mueller-messtechnik", 45, True, "open"),
        ("nordlys-rail", 0, True, "closing"),
        ("ondarra-mobility", 315, False, "open"),
        ("politechnika-nadmorska", 255, False, "open"),
        ("savanna-sky", 225, False, "open"),
    ],
)
def test_the_sample_story_stays_as_told(
    punchcard: RunPunchcard,
    sample_repository: Path,
    customer: str,
    remaining: int,
    low: bool,
    state: str,
) -> None:
    (balance,) = read_json(punchcard, sample_repository, "balance", customer)
    assert balance["remaining_minutes"] == balance["balance_minutes"] == remaining
    assert (balance["low"], balance["portal"]["state"]) == (low, state)


def test_balance_csv_has_the_scalar_fields_in_the_same_order(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    ran = punchcard(sample_repository, "balance", "--format", "csv", "--as-of", SAMPLE_AS_OF)
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    scalars = [key for key in BALANCE_KEYS if key not in {"portal", "lots"}]
    assert list(rows[0]) == scalars
    assert (rows[0]["customer"], rows[0]["remaining_minutes"], rows[0]["low"]) == (
        "acme", "330", "false",
    )  # fmt: skip


def test_revision_is_null_while_the_files_differ_from_the_last_commit(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    path = sample_repository / "customers/acme/purchases.yml"
    path.write_text(path.read_text(encoding="utf-8") + "# a comment\n", encoding="utf-8")
    (balance,) = read_json(punchcard, sample_repository, "balance", "acme")
    assert balance["revision"] is None
    (balance,) = read_json(punchcard, sample_repository, "balance", "acme", "--rev", "HEAD")
    assert balance["revision"] == git(sample_repository, "rev-parse", "HEAD")


def test_what_git_ignores_and_untracked_dot_files_are_not_looked_at(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    (sample_repository / ".gitignore").write_text("*.bak\n", encoding="utf-8")
    (sample_repository / "customers/acme/old.bak").write_text("x", encoding="utf-8")
    (sample_repository / "customers/acme/.swap.yml").write_text("x", encoding="utf-8")
    assert punchcard(sample_repository, "check").status == 0


def test_statement_json_has_the_keys_of_the_design_and_adds_up(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    for customer in ("acme", "politechnika-nadmorska", "ondarra-mobility"):
        statement = read_json(punchcard, sample_repository, "statement", customer)
        assert list(statement)[: len(STATEMENT_KEYS)] == STATEMENT_KEYS
        balance = statement["opening_minutes"]
        for movement in statement["movements"]:
            assert list(movement) == MOVEMENT_KEYS
            balance += movement["minutes"]
            assert movement["balance_minutes"] == balance
        assert statement["closing_minutes"] == balance


def test_a_statement_of_a_period_opens_where_the_one_before_closed(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    october = read_json(
        punchcard, sample_repository, "statement", "acme", "--from", "2026-10-01",
        "--to", "2026-10-31",
    )  # fmt: skip
    november = read_json(punchcard, sample_repository, "statement", "acme", "--from", "2026-11-01")
    assert october["closing_minutes"] == november["opening_minutes"]
    assert (october["from"], october["to"]) == ("2026-10-01", "2026-10-31")
    assert {movement["date"][:7] for movement in october["movements"]} == {"2026-10"}


def test_statement_csv_has_one_row_a_movement(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    ran = punchcard(
        sample_repository, "statement", "acme", "--format", "csv", "--as-of", SAMPLE_AS_OF
    )
    rows = list(csv.DictReader(io.StringIO(ran.stdout)))
    assert list(rows[0]) == [key for key in MOVEMENT_KEYS if key != "draws"]
    assert rows[0]["kind"] == "purchase"
    assert rows[0]["amount"] == rows[0]["signed_amount"] == "6000.00"


def test_a_purchase_names_its_order_and_the_agreement_of_its_day(
    punchcard: RunPunchcard, sample_repository: Path, tmp_path: Path
) -> None:
    statement = read_json(punchcard, sample_repository, "statement", "mueller-messtechnik")
    said = [
        (each["reference"], each["purchase_order"], each["agreement"])
        for each in statement["movements"]
        if each["kind"] == "purchase"
    ]
    assert said == [("P1", None, "2024-12"), ("P2", "PO-2026-0114", "2026-01")]
    assert read_json(punchcard, sample_repository, "show", "acme", "P1")["agreement"] == "2026-01"
    shown = punchcard(sample_repository, "show", "acme", "P1/2", "--as-of", SAMPLE_AS_OF).stdout
    assert "\n  purchase order PO-7731\n  agreement     2026-01\n" in shown
    for what in ("csv", "beancount", "hledger"):
        punchcard(sample_repository, "export", what, "acme", "--output", tmp_path)
    [first, _second] = csv.DictReader((tmp_path / "purchases.csv").read_text().splitlines())
    assert (first["purchase_order"], first["agreement"]) == ("PO-7731", "2026-01")
    journals = [(tmp_path / f"punchcards.{each}").read_text() for each in ("beancount", "journal")]
    assert '  purchase_order: "PO-7731"\n  agreement: "2026-01"\n' in journals[0]
    assert "    ; purchase_order:PO-7731\n    ; agreement:2026-01\n" in journals[1]


def test_amounts_of_a_statement_add_up(punchcard: RunPunchcard, sample_repository: Path) -> None:
    """A refund is negative, wherever the column is summed."""
    statement = read_json(punchcard, sample_repository, "statement", "politechnika-nadmorska")
    amounts = [each["signed_amount"] for each in statement["movements"] if each["amount"]]
    assert sum(map(Decimal, amounts)) == Decimal("4780.00") - Decimal("432.00")
    ran = punchcard(
        sample_repository, "statement", "politechnika-nadmorska", "--as-of", SAMPLE_AS_OF
    )
    assert "  -432.00 EUR " in ran.stdout


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "2026-12-01"], "after the as-of date"),
        (["--from", "2026-11-02", "--to", "2026-11-01"], "after its end"),
    ],
)
def test_a_period_that_cannot_be_is_refused(
    punchcard: RunPunchcard, sample_repository: Path, options: list[str], words: str
) -> None:
    ran = punchcard(sample_repository, "statement", "acme", "--as-of", SAMPLE_AS_OF, *options)
    assert (ran.status, ran.stdout) == (2, "")
    assert words in ran.stderr


def test_expiries_are_sorted_and_within_the_days_asked_for(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    everything = read_json(punchcard, sample_repository, "expiries")
    soon = read_json(punchcard, sample_repository, "expiries", "--within", "60")
    assert list(soon[0]) == ["customer", "kind", "subject", "last_day", "days_left"]
    assert soon == [ending for ending in everything if ending["days_left"] <= 60]
    assert [ending["last_day"] for ending in everything] == sorted(
        ending["last_day"] for ending in everything
    )
    assert {"account", "portal", "card", "licence"} == {ending["kind"] for ending in everything}


def test_an_unknown_customer_is_one_line_with_the_nearest_name(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    for command in (["balance", "acmee"], ["statement", "acmee"]):
        ran = punchcard(sample_repository, *command)
        assert (ran.status, ran.stdout) == (2, "")
        assert ran.stderr == (
            "punchcard: error: there is no customer 'acmee' (did you mean acme?)\n"
        )


@pytest.mark.parametrize("command", ["check", "balance", "expiries"])
def test_a_folder_that_is_no_ledger_is_one_line(
    punchcard: RunPunchcard, tmp_path: Path, command: str
) -> None:
    root = commit_all(start_repository(tmp_path / "empty"))
    for arguments in ([command], ["--ledger", str(root), command]):
        ran = punchcard(root, *arguments)
        assert (ran.status, ran.stdout, ran.stderr.count("\n")) == (2, "", 1)
        assert "no ledger" in ran.stderr


def test_figures_are_printed_despite_problems_and_the_status_says_so(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    sheet = sample_repository / "customers/acme/time/2026-11-alice.yml"
    text = sheet.read_text(encoding="utf-8").replace("minutes: 45", "minutes: 50", 1)
    sheet.write_text(text, encoding="utf-8")
    ran = punchcard(
        sample_repository, "balance", "acme", "--format", "json", "--as-of", SAMPLE_AS_OF
    )
    assert ran.status == 1
    assert json.loads(ran.stdout)[0]["balance_minutes"] == 325
    assert "customers/acme/time/2026-11-alice.yml:" in ran.stderr
    assert "error[time-increment]: 50 minutes is not a multiple of 15" in ran.stderr


def test_an_odd_command_line_is_exit_status_2(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    for arguments in (
        ["balance", "--as-of", "2026-02-30"],
        ["balance", "--fromat", "x"],
        ["blance"],
    ):
        ran = punchcard(sample_repository, *arguments)
        assert (ran.status, ran.stdout) == (2, "")


def test_the_ledger_is_found_from_a_folder_below_the_root(
    punchcard: RunPunchcard, sample_repository: Path
) -> None:
    below = sample_repository / "customers" / "acme" / "time"
    assert punchcard(below, "check", "--as-of", SAMPLE_AS_OF).status == 0


@pytest.mark.parametrize("command", ["check", "balance", "verify"])
def test_a_current_folder_that_is_gone_is_said(command: str, tmp_path: Path) -> None:
    program = (
        "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
        "from site_builder.punchcard import run\n"
        "sys.exit(run(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, command],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(SAMPLE_LEDGER.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    said = "punchcard: error: the current folder is not there any more (go to one that is)\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", said)


def test_a_statement_of_each_customer_for_a_month(
    punchcard: RunPunchcard, sample_repository: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    arguments = ("statement", "--month", "2026-10", "--format", "json", "--as-of", SAMPLE_AS_OF)
    ran = punchcard(sample_repository, *arguments, "--all", "--output", made)
    assert (ran.status, ran.stderr) == (0, "")
    assert (made / "acme-statement-2026-10.json").read_text(encoding="utf-8") == punchcard(
        sample_repository, *arguments, "acme"
    ).stdout
    assert {file.name.partition("-statement-")[2] for file in made.iterdir()} == {"2026-10.json"}
    assert len(list(made.iterdir())) == 8


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (("--month", "2026-02"), "2026-02-01", "2026-02-28"),
        (("--quarter", "2026-Q3"), "2026-07-01", "2026-09-30"),
        (("--year", "2025"), "2025-01-01", "2025-12-31"),
    ],
)
def test_periods_have_names(
    punchcard: RunPunchcard, sample_repository: Path, period: tuple[str, str], first: str, last: str
) -> None:
    statement = read_json(punchcard, sample_repository, "statement", "acme", *period)
    assert (statement["from"], statement["to"]) == (first, last)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "name a CUSTOMER or say --all, one of the two"),
        (("acme", "--all", "--output", "x"), "name a CUSTOMER or say --all, one of the two"),
        (("--all",), "--all needs --output DIR"),
        (("acme", "--month", "2026-13"), "write it like 2026-10"),
        (("acme", "--quarter", "2026-Q5"), "write it like 2026-Q3"),
        (("acme", "--month", "2026-10", "--year", "2026"), "one month, quarter or year"),
        (("acme", "--month", "2026-10", "--to", "2026-10-03"), "one month, quarter or year"),
    ],
)
def test_what_a_statement_cannot_be_of(
    punchcard: RunPunchcard, sample_repository: Path, arguments: tuple[str, ...], said: str
) -> None:
    ran = punchcard(sample_repository, "statement", *arguments)
    assert ran.status == 2
    assert said in ran.stderr
