"""The smallest ledger in which each record can be bent, for tables of worked examples."""

from datetime import date

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
FILES = {
    "terms.yml": TERMS,
    "consultants.yml": "- {handle: alice, name: Alice Moreau, emails: [alice@tools.example]}\n",
    "acme/customer.yml": "name: Acme Robotics\nkey: ACME\ncurrency: USD\n",
    "acme/purchases.yml": "- {id: P1, date: 2026-11-02, punchcards: 1, amount: 1000.00}\n",
    "acme/requests/ACME-1.yml": REQUEST,
}
SUPPORT = REQUEST.replace("channel: punchcard", "channel: support")
ACCOUNT = "- {email: dana@acme.example, name: Dana, created: 2026-05-02%s}\n"
REFUND_OF_P7 = (
    "- {id: A1, type: refund, date: 2026-11-05, purchase: P7, minutes: 60, amount: 1.00,"
    " reason: So}\n"
)


def day(number: int, month: int = 11) -> date:
    """Return a day of 2026, in November if nothing else is said."""
    return date(2026, month, number)


LAST_DAY = day(30)


def find(rule: str, files: dict[str, str], as_of: date = LAST_DAY) -> list[str]:
    """Check a ledger; return where ``rule`` is broken, as ``acme/accounts.yml:2``, and the hint.

    ``files`` are put over the smallest ledger; an empty text takes a file away.
    """
    contents = {path: text for path, text in {**FILES, **files}.items() if text}
    report = check_files({path: text.encode() for path, text in contents.items()}, as_of=as_of)
    return [
        f"{problem.position.file.removeprefix('customers/')}:{problem.position.line} {problem.hint}"
        for problem in report.problems
        if problem.rule == rule
    ]


def find_lines(rule: str, files: dict[str, str], as_of: date = LAST_DAY) -> list[int]:
    """Return the lines on which ``rule`` is broken, whatever the file."""
    places = (place.partition(" ")[0] for place in find(rule, files, as_of))
    return [int(place.rpartition(":")[2]) for place in places]


def write_time(*entries: str, file: str = "2026-11-alice") -> dict[str, str]:
    """Return a time file with an entry a line: ``03-1 2026-11-03 45`` and more keys."""
    lines = [_write_entry(*entry.split(maxsplit=3)) for entry in entries]
    return {f"acme/time/{file}.yml": "".join(lines)}


def write_request(*events: str, head: str = REQUEST) -> dict[str, str]:
    """Return a request file with these events, each as the inside of a flow mapping."""
    history = "".join(f"  - {{by: alice, {event}}}\n" for event in events)
    return {"acme/requests/ACME-1.yml": head + ("history:\n" + history if events else "")}


def _write_entry(entry: str, day: str, minutes: str, more: str = "") -> str:
    request = "" if "request:" in more else ", request: ACME-1"
    extra = f", {more}" if more else ""
    return f"- {{id: {entry}, date: {day}, minutes: {minutes}, note: Work.{request}{extra}}}\n"
