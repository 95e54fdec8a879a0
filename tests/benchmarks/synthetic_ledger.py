"""A ledger of any size, the same every time: what the benchmarks measure with.

Every customer lives the same kind of life: purchases that come in time, requests that are opened,
worked on and closed, entries by a few consultants, a correction now and then. The ledger is valid:
``punchcard check`` finds nothing.

    python -m tests.benchmarks.synthetic_ledger DIR --entries 100000 --customers 1000
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY = date(2025, 1, 6)
LAST_DAY = date(2026, 11, 20)
CONSULTANTS = ("alice", "ben", "lukasz", "yuki", "zoe", "amara", "noor", "petr")
CATEGORIES = (
    "onboarding",
    "proof-of-concept",
    "product-training",
    "product-configuration",
    "methodology-coaching",
    "detailed-qa",
    "system-access",
)
NOTES = (
    "Reviewed the import rules with the team and wrote down what is still open.",
    "Configured the traceability view for two projects and tested it with real data.",
    "Call about the roles and rights of external reviewers.",
    "Prepared the workshop and sent the agenda around.",
    "Walked through the change report with the quality team.",
    "Moved the test cases of the old project over and checked the links.",
    "Trained four people in writing requirements that can be tested.",
    "Answered the questions of the audit preparation.",
)
MINUTES = (15, 30, 30, 45, 45, 60, 60, 90, 120)
CARD_MINUTES = 300
ENTRIES_A_REQUEST = 12


@dataclass
class CustomerLife:
    """What happened at one customer, as the texts of its files."""

    slug: str
    key: str
    random: random.Random
    entries: int
    sheets: dict[str, list[str]] = field(default_factory=dict)
    requests: dict[str, str] = field(default_factory=dict)
    used_minutes: int = 0

    def live(self) -> None:
        """Let the entries happen, request by request, day by day."""
        days = sorted(self._pick_day() for _ in range(self.entries))
        for number, start in enumerate(range(0, len(days), ENTRIES_A_REQUEST), start=1):
            self._work_on_request(number, days[start : start + ENTRIES_A_REQUEST])

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield the path and the text of each file."""
        yield "customer.yml", self._describe()
        yield "accounts.yml", self._list_accounts()
        yield "purchases.yml", self._list_purchases()
        for request, text in self.requests.items():
            yield f"requests/{request}.yml", text
        for sheet, lines in self.sheets.items():
            yield f"time/{sheet}.yml", "".join(lines)

    def _pick_day(self) -> date:
        return FIRST_DAY + timedelta(days=self.random.randrange((LAST_DAY - FIRST_DAY).days))

    def _work_on_request(self, number: int, days: list[date]) -> None:
        request = f"{self.key}-{number}"
        consultant = self.random.choice(CONSULTANTS)
        category = self.random.choice(CATEGORIES)
        self.requests[request] = (
            f"title: {self.random.choice(NOTES).split()[0]} matter number {number}\n"
            f"category: {category}\n"
            f"opened: {days[0]}\n"
            f"opened_by: {consultant}\n"
            "channel: punchcard\n"
            "description: |\n"
            "  We would like to do this **together**:\n\n"
            "  - look at what is there\n"
            "  - decide what to change\n"
            "history:\n"
            f"  - {{date: {days[0]}, by: {consultant}, status: in-progress, note: Begun.}}\n"
            f"  - {{date: {days[-1]}, by: {consultant}, status: closed, note: Done.}}\n"
        )
        for day in days:
            self._log(request, consultant, day)

    def _log(self, request: str, consultant: str, day: date) -> None:
        sheet = self.sheets.setdefault(f"{day:%Y-%m}-{consultant}", [])
        minutes = self.random.choice(MINUTES)
        entry = f"{day:%d}-{len(sheet) + 1}"
        sheet.append(_format_entry(entry, day, request, minutes, self.random.choice(NOTES)))
        self.used_minutes += minutes
        if self.random.random() < 0.02:  # one entry in fifty is corrected
            correction = f"{day:%d}-{len(sheet) + 1}"
            note = "Part of the time was ours to bear."
            sheet.append(_format_entry(correction, day, request, -15, note, corrects=entry))

    def _describe(self) -> str:
        return (
            f"name: Customer {self.slug}\n"
            f"key: {self.key}\n"
            "currency: USD\n"
            "licences:\n"
            "  - {product: Tracewell Requirements, type: commercial, until: 2028-12-31}\n"
        )

    def _list_accounts(self) -> str:
        return "".join(
            f"- email: {name}@{self.slug}.example\n"
            f"  name: {name.title()} Example\n"
            f"  created: {FIRST_DAY}\n"
            f"  last_sign_in: {LAST_DAY - timedelta(days=number * 7)}\n"
            for number, name in enumerate(("dana", "tomas", "priya"))
        )

    def _list_purchases(self) -> str:
        cards = self.used_minutes // CARD_MINUTES + 2
        return "".join(
            f"- id: P{number + 1}\n"
            f"  date: {FIRST_DAY + timedelta(days=number)}\n"
            f"  punchcards: {count}\n"
            f"  amount: {count * 1000}.00\n"
            f"  invoice: INV-{self.key}-{number + 1}\n"
            for number, count in enumerate(_split_cards(cards))
        )


def write_synthetic_ledger(root: Path, entries: int, customers: int) -> None:
    """Write a ledger with so many time entries and customers to ``root/customers``."""
    ledger = root / "customers"
    ledger.mkdir(parents=True)
    for name, text in _list_organization_files():
        (ledger / name).write_text(text, encoding="utf-8")
    for number in range(customers):
        share = entries // customers + (number < entries % customers)
        slug = f"customer-{number:06d}"
        life = CustomerLife(slug, f"C{number}", random.Random(number), share)
        life.live()
        folder = ledger / slug
        for part in ("requests", "time"):
            (folder / part).mkdir(parents=True)
        for name, text in life.files():
            (folder / name).write_text(text, encoding="utf-8")


def _format_entry(
    entry: str, day: date, request: str, minutes: int, note: str, corrects: str | None = None
) -> str:
    corrected = f"  corrects: {corrects}\n" if corrects else ""
    return (
        f"- id: {entry}\n"
        f"  date: {day}\n"
        f"  request: {request}\n"
        f"  minutes: {minutes}\n"
        f"{corrected}"
        f"  note: {note}\n"
    )


def _split_cards(cards: int) -> list[int]:
    # Nobody buys all at once; a tenth at a time, all within the first days.
    share = max(1, cards // 10)
    counts = [share] * (cards // share)
    return [*counts, cards % share] if cards % share else counts


_PROVIDER = """\
name: Example Tools
timezone: Europe/Berlin
published_on: monday
contacts:
  requests: help@provider.example
  sales: sales@provider.example
  support: https://support.provider.example
links:
  agreement: https://provider.example/terms
  marketplace: https://market.example
"""
_TERMS = f"""\
- effective: 2024-01-01
  punchcard_minutes: {CARD_MINUTES}
  increment_minutes: 15
  price: {{USD: 1000.00}}
  account_limit: 3
  account_inactivity_months: 6
  portal_retention_months: 12
  punchcard_validity_months:
  overdraft_minutes: 0
  low_balance_minutes: 60
"""


def _list_organization_files() -> Iterator[tuple[str, str]]:
    yield "provider.yml", _PROVIDER
    yield "terms.yml", _TERMS
    yield "consultants.yml", "".join(map(_describe_consultant, CONSULTANTS))


def _describe_consultant(handle: str) -> str:
    return (
        f"- handle: {handle}\n"
        f"  name: {handle.title()} Example\n"
        f"  emails: [{handle}@provider.example]\n"
    )


def main() -> None:
    """Write a ledger where the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("root", type=Path)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--customers", type=int, default=100)
    options = parser.parse_args()
    write_synthetic_ledger(options.root, options.entries, options.customers)


if __name__ == "__main__":
    main()
