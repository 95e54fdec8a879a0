"""Each rule on both sides of its boundaries, as ``boundaries.txt`` has them."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ledger.rules.explain import load_rule_texts
from tests.ledger.files.memory_files import check_files

TERMS = """\
- effective: 2026-01-01
  punchcard_minutes: 300
  increment_minutes: 15
  price: {USD: 1000.00}
  account_limit: 3
  account_inactivity_months: 6
  portal_retention_months: 12
  overdraft_minutes: 0
  low_balance_minutes: 60
"""
REQUEST = """\
title: Single sign-on with SAML
category: product-configuration
opened: 2026-11-02
opened_by: alice
channel: punchcard
"""
ALICE = {"handle": "alice", "name": "Alice Moreau", "emails": "[alice@tools.example]"}
CARD = {"id": "P1", "date": "2026-11-02", "punchcards": "1", "amount": "1000.00"}
LISTS = {
    "consultant": ("consultants.yml", ALICE),
    "account": ("acme/accounts.yml", {"email": "dana@acme.example", "name": "Dana"}),
    "purchase": ("acme/purchases.yml", CARD),
    "adjustment": ("acme/adjustments.yml", {"id": "A1", "date": "2026-11-05", "reason": "So"}),
    "time": ("acme/time/2026-11-alice.yml", {"note": "Work.", "request": "ACME-1"}),
}
"""The files with a list, and what their records have if nothing else is said."""


class SmallLedger:
    """The smallest ledger, with the parts of a case put over it."""

    def __init__(self, *parts: str) -> None:
        self.as_of, self._begun = date(2026, 11, 30), set[str]()
        self.files = {
            "terms.yml": TERMS,
            "acme/customer.yml": "name: Acme Robotics\nkey: ACME\ncurrency: USD\n",
            "acme/requests/ACME-1.yml": REQUEST,
        }
        for kind in ("consultant", "purchase"):
            self.add(kind)
        self._begun.clear()  # The first record that is given takes the place of these.
        for part in parts:
            self.add(part)

    def add(self, part: str) -> None:
        head, _, text = part.partition(" ")
        kind, _, name = head.partition("@")
        first, _, rest = text.partition(" ")
        request = f"acme/requests/{name or 'ACME-1'}.yml"
        match kind:
            case "on":
                self.as_of = date.fromisoformat(text)
            case "without":
                del self.files[text]
            case "file":
                self.files[first] = rest.replace("\\n", "\n")
            case "customer":
                self.files["acme/customer.yml"] += f"{text}\n"
            case "terms" | "later":
                earlier = self.files["terms.yml"] if kind == "later" else ""
                self.files["terms.yml"] = earlier + change(TERMS, f"- effective: {first}; {rest}")
            case "request":
                self.files[request] = change(self.files.get(request, REQUEST), text)
            case "event":
                start = "" if "history:" in self.files[request] else "history:\n"
                by = "" if "by: " in rest else ", by: alice"
                self.files[request] += f"{start}  - {{date: {first}, {rest}{by}}}\n"
            case _:
                self.add_record(kind, name, text)

    def add_record(self, kind: str, name: str, text: str) -> None:
        path, usual = LISTS[kind]
        if kind == "time":
            entry, day, minutes, *more = text.split(maxsplit=3)
            path = f"acme/time/{name}.yml" if name else path
            text = ", ".join([f"id: {entry}, date: {day}, minutes: {minutes}", *more])
        others = (f"{key}: {value}" for key, value in usual.items() if f"{key}: " not in text)
        earlier = self.files[path] if path in self._begun else ""
        self._begun.add(path)
        self.files[path] = f"{earlier}- {{{', '.join(filter(None, (text, *others)))}}}\n"

    def find(self, rule: str) -> Iterator[tuple[str, str, str]]:
        """Yield the file, the line and the hint of each problem of a rule."""
        contents = {path: text.encode() for path, text in self.files.items()}
        for problem in check_files(contents, as_of=self.as_of).problems:
            if problem.rule == rule:
                yield problem.position.file, str(problem.position.line), problem.hint


def change(record: str, changes: str) -> str:
    """Give keys of a record other values: ``key: value; key: value``."""
    for key, value in re.findall(r"([- \w]+): ?([^;]*)(?:; |$)", changes):
        record = re.sub(rf"(?m)^( *){key}:.*", rf"\g<1>{key}: {value}", record)
    return record


def list_cases() -> Iterator[Any]:
    """Yield each case: its rules, its parts, and the lines and hints that are expected."""
    _head, *lines = Path(__file__).with_name("boundaries.txt").read_text("utf-8").split("\n\n# ")
    for block in lines:
        title, *rows = block.splitlines()
        rules, given = title.partition(": ")[0].split(", "), list[str]()
        for row in (row for row in rows if row and not row.startswith("#")):
            case, _, expected = row.partition(" => ")
            wanted = expected.split(" & ") if expected else []
            if case.startswith("given "):
                given += case.removeprefix("given ").split(" | ")
                continue
            parts = [*given, *(part for part in case.split(" | ") if part != "nothing more")]
            for rule in rules:
                yield pytest.param(rule, parts, wanted, id=f"{rule}: {row}")


@pytest.mark.parametrize(("rule", "parts", "expected"), [*list_cases()])
def test_a_rule_is_broken_on_one_side_of_its_boundary_alone(
    rule: str, parts: list[str], expected: list[str]
) -> None:
    assert rule in load_rule_texts()
    found = SmallLedger(*parts).find(rule)
    has_hints = any(" " in each for each in expected)
    assert [f"{line} {hint}" if has_hints else line for _file, line, hint in found] == expected


def test_a_long_day_over_customers_is_told_once_and_only_with_time_that_is_left() -> None:
    ledger = SmallLedger("time a 2026-11-03 600")
    for path, text in [*ledger.files.items()]:
        if path.startswith("acme"):
            ledger.files[path.replace("acme", "bolt").replace("ACME", "BOLT")] = text.replace(
                "ACME", "BOLT"
            )
    path = "acme/time/2026-11-alice.yml"
    ledger.files[path] = SmallLedger("time a 2026-11-03 375", "time b 2026-11-03 15").files[path]
    hint = "correct what was logged twice, or with too many minutes"
    assert [*ledger.find("long-day")] == [("customers/bolt/time/2026-11-alice.yml", "1", hint)]
    ledger.files[path] += (
        "- {id: c, date: 2026-11-03, minutes: -30, note: x, request: ACME-1, corrects: a}\n"
    )
    assert [*ledger.find("long-day")] == []
