"""A ledger of any size, the same every time: what the benchmarks measure with.

Every customer lives the same kind of life: purchases that come in time, requests that are opened,
worked on and closed, entries by a few consultants, a correction now and then. The ledger is valid:
``punchcard check`` finds nothing.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

FIRST_DAY = date(2025, 1, 6)
LAST_DAY = date(2026, 11, 20)
# So many that nobody works more than 16 hours on a day, which would be a warning.
CONSULTANTS = ["alice", "ben", "lukasz", "yuki", *(f"consultant-{n:02}" for n in range(5, 65))]
CATEGORIES = (
    *("onboarding", "proof-of-concept", "product-training", "product-configuration"),
    *("methodology-coaching", "detailed-qa", "system-access"),
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


@dataclass(frozen=True)
class Entry:
    """A time entry; ``corrects`` is the id of the entry in the same file that it takes back."""

    id: str
    day: date
    request: str
    minutes: int
    note: str
    corrects: str = ""

    def write(self) -> str:
        """Return its record."""
        corrected = f"  corrects: {self.corrects}\n" if self.corrects else ""
        return (
            f"- id: {self.id}\n"
            f"  date: {self.day}\n"
            f"  request: {self.request}\n"
            f"  minutes: {self.minutes}\n"
            f"{corrected}"
            f"  note: {self.note}\n"
        )


class CustomerLife:
    """What happened at one customer.

    Attributes:
        sheets: time entries by the names of their files.
        requests: texts of files by ids.
        purchases: days and numbers of cards.
    """

    def __init__(self, number: int, entries: int) -> None:
        self.slug, self.key = f"customer-{number:06d}", f"C{number}"
        self.sheets: dict[str, list[Entry]] = {}
        self.requests: dict[str, str] = {}
        self._random = random.Random(number)
        days = sorted(self._pick_day() for _ in range(entries))
        for count, start in enumerate(range(0, len(days), ENTRIES_A_REQUEST), start=1):
            self._work_on_request(count, days[start : start + ENTRIES_A_REQUEST])
        used = sum(max(entry.minutes, 0) for sheet in self.sheets.values() for entry in sheet)
        self.purchases = [
            (FIRST_DAY + timedelta(days=day), count)
            for day, count in enumerate(_split_cards(used // CARD_MINUTES + 2))
        ]

    def list_files(self) -> Iterator[tuple[str, str]]:
        """Yield the path and the text of each file."""
        yield "customer.yml", _CUSTOMER.format(slug=self.slug, key=self.key)
        yield (
            "accounts.yml",
            "".join(
                _ACCOUNT.format(
                    name=name,
                    title=name.title(),
                    slug=self.slug,
                    day=LAST_DAY - timedelta(weeks=weeks),
                )
                for weeks, name in enumerate(("dana", "tomas", "priya"))
            ),
        )
        yield (
            "purchases.yml",
            "".join(
                _PURCHASE.format(number=number, day=day, count=count, key=self.key)
                for number, (day, count) in enumerate(self.purchases, start=1)
            ),
        )
        for request, text in self.requests.items():
            yield f"requests/{request}.yml", text
        for sheet, entries in self.sheets.items():
            yield f"time/{sheet}.yml", "".join(entry.write() for entry in entries)

    def _pick_day(self) -> date:
        return FIRST_DAY + timedelta(days=self._random.randrange((LAST_DAY - FIRST_DAY).days))

    def _work_on_request(self, number: int, days: list[date]) -> None:
        request = f"{self.key}-{number}"
        consultant = self._random.choice(CONSULTANTS)
        category = self._random.choice(CATEGORIES)
        self.requests[request] = _REQUEST.format(
            title=f"{self._random.choice(NOTES).split()[0]} matter number {number}",
            category=category,
            consultant=consultant,
            first=days[0],
            last=days[-1],
        )
        for day in days:
            self._log(request, consultant, day)

    def _log(self, request: str, consultant: str, day: date) -> None:
        sheet = self.sheets.setdefault(f"{day:%Y-%m}-{consultant}", [])
        minutes = self._random.choice(MINUTES)
        note = f"{self._random.choice(NOTES)} Part {len(sheet) + 1}."
        entry = Entry(f"{day:%d}-{len(sheet) + 1}", day, request, minutes, note)
        sheet.append(entry)
        if self._random.random() < 0.02:  # one entry in fifty is corrected
            name = f"{day:%d}-{len(sheet) + 1}"
            note = "Part of the time was ours to bear."
            sheet.append(Entry(name, day, request, -15, note, corrects=entry.id))


def make_lives(entries: int, customers: int) -> Iterator[CustomerLife]:
    """Yield what happened at so many customers, with so many entries at all of them."""
    for number in range(customers):
        yield CustomerLife(number, entries // customers + (number < entries % customers))


def write_synthetic_ledger(root: Path, entries: int, customers: int) -> None:
    """Write a ledger with so many time entries and customers to ``root/customers``."""
    consultants = (_CONSULTANT.format(handle=each, name=each.title()) for each in CONSULTANTS)
    files = {
        "provider.yml": _PROVIDER,
        "terms.yml": _TERMS,
        "consultants.yml": "".join(consultants),
    }
    ledger = root / "customers"
    ledger.mkdir(parents=True)
    for name, text in files.items():
        (ledger / name).write_text(text, encoding="utf-8")
    for life in make_lives(entries, customers):
        for part in ("requests", "time"):
            (ledger / life.slug / part).mkdir(parents=True)
        for name, text in life.list_files():
            (ledger / life.slug / name).write_text(text, encoding="utf-8")


def _split_cards(cards: int) -> list[int]:
    """Split so many cards into purchases: nobody buys all at once, but a tenth at a time."""
    share = max(1, cards // 10)
    counts = [share] * (cards // share)
    return [*counts, cards % share] if cards % share else counts


_CUSTOMER = """\
name: Customer {slug}
key: {key}
currency: USD
licences:
  - {{product: Tracewell Requirements, type: commercial, until: 2028-12-31}}
"""
_ACCOUNT = f"""\
- email: {{name}}@{{slug}}.example
  name: {{title}} Example
  created: {FIRST_DAY}
  last_sign_in: {{day}}
"""
_PURCHASE = """\
- id: P{number}
  date: {day}
  punchcards: {count}
  amount: {count}000.00
  invoice: INV-{key}-{number}
"""
_REQUEST = """\
title: {title}
category: {category}
opened: {first}
opened_by: {consultant}
channel: punchcard
description: |
  We would like to do this **together**:

  - look at what is there
  - decide what to change
history:
  - {{date: {first}, by: {consultant}, status: in-progress, note: Begun.}}
  - {{date: {last}, by: {consultant}, status: closed, note: Done.}}
"""
_CONSULTANT = """\
- handle: {handle}
  name: {name} Example
  emails: [{handle}@provider.example]
"""
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
