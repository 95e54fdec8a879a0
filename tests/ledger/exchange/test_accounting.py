"""Beancount and hledger, the real programs, accept what is exported and say the same figures."""

import csv
import io
import json
import os
import subprocess
import sys
from collections import defaultdict
from datetime import date
from decimal import Decimal
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from beancount import loader
from beancount.core import convert, realization

from ledger.balance.draw_down import DrawDown, draw_down
from ledger.balance.revenue import Grouping, RevenueReport
from ledger.exchange.exports import (
    Transaction,
    format_journal,
    list_transactions,
)
from ledger.files.reader import Organization
from ledger.models import CustomerRecords, TermsHistory
from tests.conftest import SAMPLE_AS_OF, RunPunchcard
from tests.ledger.engine.random_ledgers import make_seeded_ledger

IN_CI = os.environ.get("CI") == "true"
RANDOM_LEDGERS = 50
HLEDGER = which("hledger")
BEAN_CHECK = Path(sys.executable).with_name("bean-check")  # comes with the package beancount

Figures = dict[str, Decimal]
Worlds = list[tuple[CustomerRecords, DrawDown, list[Transaction]]]
NAMES = ("closing_deferred", "recognised", "breakage")
to_cost: Any = convert.get_cost  # it has no types


class Terms:
    """Stands for an organization: terms without prices, and no provider."""

    provider = None
    terms = TermsHistory(())


ORGANIZATION: Organization = Terms()  # type: ignore[assignment]  # all that a journal asks of it


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    made = []
    for seed in range(RANDOM_LEDGERS):
        ledger = make_seeded_ledger(seed)
        drawn = draw_down(ledger.records, ledger.terms, ledger.last)
        made.append((ledger.records, drawn, list_transactions(ledger.records, drawn)))
    return made


def expect(records: CustomerRecords, drawn: DrawDown) -> Figures:
    """Return our own figures: minutes left, and deferred and recognised money."""
    report = RevenueReport(None, drawn.as_of, Grouping.CUSTOMER)
    report.add(records, drawn)
    lines = list(report.list_lines())
    minutes = sum(lot.remaining_minutes for lot in drawn.lots)
    sums = {name: sum((getattr(line, name) for line in lines), Decimal(0)) for name in NAMES}
    refunded = sum((line.value_refunded - line.refund_amount for line in lines), Decimal(0))
    return {"minutes": Decimal(minutes), **sums, "refunds": refunded}


def run(source: str, *command: str | Path) -> str:
    environment = {**os.environ, "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    ran = subprocess.run(
        command, input=source, capture_output=True, text=True, check=False, env=environment
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout


def load(source: str) -> Any:
    entries, errors, _options = loader.load_string(source)
    assert errors == []
    return entries


def ask_beancount(source: str) -> Figures:
    assert run(source, BEAN_CHECK, "--no-cache", "/dev/stdin") == ""
    entries = load(source)
    tree: Any = realization  # its functions have no types
    root = tree.realize(entries)
    found = dict.fromkeys(("minutes", *NAMES, "refunds"), Decimal(0))
    for account in tree.iter_children(root):
        for position in account.balance:
            cost = to_cost(position)
            kind = account.account.split(":")[:2]
            if kind == ["Liabilities", "Deferred"]:
                found["closing_deferred"] -= cost.number
                if position.units.currency == "MINUTE":
                    found["minutes"] -= position.units.number
            elif kind[0] == "Income":
                name = {"Recognised": "recognised", "Breakage": "breakage"}.get(kind[1], "refunds")
                found[name] -= cost.number
    return {name: value.quantize(Decimal("0.000001")) for name, value in found.items()}


def run_hledger(source: str, *arguments: str) -> str:
    if HLEDGER is None:
        assert not IN_CI, "hledger is not installed"
        pytest.skip("hledger is not installed")
    return run(source, HLEDGER, "-f", "-", *arguments)


def ask_hledger(source: str) -> Figures:
    run_hledger(source, "check", "--strict")
    found = dict.fromkeys(("minutes", *NAMES, "refunds", "receivable"), Decimal(0))
    for is_cost, rows in (
        (True, run_hledger(source, "balance", "-B", "-O", "csv", "-N", "--empty")),
        (False, run_hledger(source, "balance", "Liabilities", "-O", "csv", "-N", "--empty")),
    ):
        for row in csv.DictReader(io.StringIO(rows)):
            for amount in row["balance"].split(", "):
                number, _space, currency = amount.partition(" ")
                name = find_name(row["account"], currency)
                if is_cost != (name == "minutes"):
                    found[name] -= Decimal(number)
    del found["receivable"]
    return found


def find_name(account: str, currency: str) -> str:
    if currency == "MINUTE":
        return "minutes"
    names = {"Liabilities:Deferred": "closing_deferred", "Income:Recognised": "recognised"}
    names |= {"Income:Breakage": "breakage", "Income:Refunds": "refunds"}
    return next((name for start, name in names.items() if account.startswith(start)), "receivable")


def test_beancount_says_the_same_of_random_ledgers(worlds: Worlds) -> None:
    for records, drawn, transactions in worlds:
        source = "".join(format_journal("beancount", ORGANIZATION, transactions))
        assert ask_beancount(source) == expect(records, drawn)


def test_each_period_adds_up_in_the_journal_as_in_our_report(worlds: Worlds) -> None:
    """Month by month, of each customer in its currency: what came in, what left, what is left."""
    columns = {"Recognised": "recognised", "Breakage": "breakage", "Deferred": "closing_deferred"}
    for records, drawn, transactions in worlds:
        entries = load("".join(format_journal("beancount", ORGANIZATION, transactions)))
        booked: dict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
        for entry in entries:
            for posting in getattr(entry, "postings", ()):
                cost = to_cost(posting)
                column = columns.get(posting.account.split(":")[1], "")
                booked[f"{entry.date:%Y-%m}", column, cost.currency] -= cost.number
        report = RevenueReport(None, drawn.as_of, Grouping.MONTH)
        report.add(records, drawn)
        deferred = Decimal(0)
        for line in report.list_lines():
            key = (str(line.period), "closing_deferred", line.currency)
            assert line.opening_deferred == deferred
            deferred += booked[key]
            assert abs(line.closing_deferred - deferred) < Decimal("0.000001")
            deferred = line.closing_deferred
            for column in ("recognised", "breakage"):
                found = booked[str(line.period), column, line.currency]
                assert abs(getattr(line, column) - found) < Decimal("0.000001")
            went = line.recognised + line.breakage + line.value_refunded
            assert line.opening_deferred + line.billed == went + line.closing_deferred


def test_hledger_says_the_same_of_random_ledgers(worlds: Worlds) -> None:
    for records, drawn, transactions in worlds:
        found = ask_hledger("".join(format_journal("hledger", ORGANIZATION, transactions)))
        assert found == expect(records, drawn)


def test_both_accept_the_export_of_the_sample(
    punchcard: RunPunchcard, sample_repository: Path, tmp_path: Path
) -> None:
    made = tmp_path / "made"
    for what in ("beancount", "hledger"):
        export = ("export", what, "--output", made, "--as-of", SAMPLE_AS_OF)
        ran = punchcard(sample_repository, *export)
        assert (ran.status, ran.stderr) == (0, "")
    ran = punchcard(sample_repository, "balance", "--format", "json", "--as-of", SAMPLE_AS_OF)
    balances = json.loads(ran.stdout)
    for ask, file in ((ask_beancount, "punchcards.beancount"), (ask_hledger, "punchcards.journal")):
        found = ask((made / file).read_text(encoding="utf-8"))
        assert found["minutes"] == sum(each["remaining_minutes"] for each in balances)
        left = sum((Decimal(each["value_remaining"]) for each in balances), Decimal(0))
        assert found["closing_deferred"] == left


def test_texts_cannot_end_a_string_or_begin_a_comment() -> None:
    hostile = 'a "quoted" \\ text; of\ntwo lines | and *!('
    sale = Transaction(date(2026, 1, 1), hostile, hostile, "USD", {"id": "P1", "note": hostile}, ())
    entries = load("".join(format_journal("beancount", ORGANIZATION, [sale])))
    told = [getattr(entry, "narration", None) for entry in entries]
    assert [text for text in told if text] == ['a "quoted" \\ text; of two lines | and *!(']
    printed = run_hledger("".join(format_journal("hledger", ORGANIZATION, [sale])), "print")
    assert "text, of two lines" in printed
