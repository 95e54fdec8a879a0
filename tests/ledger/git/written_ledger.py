"""A small ledger in a real repository, to be changed commit by commit."""

import json
import textwrap
from pathlib import Path
from typing import Any

from tests.conftest import Commands, Ran, RunPunchcard, commit_all, git, start_repository

TIME_FILE = "customers/acme/time/2026-11-alice.yml"
REQUEST_FILE = "customers/acme/requests/ACME-1.yml"
PURCHASES_FILE = "customers/acme/purchases.yml"
ADJUSTMENTS_FILE = "customers/acme/adjustments.yml"
TERMS_FILE = "customers/terms.yml"
AS_OF = "2026-11-20"

FILES = {
    "customers/provider.yml": """\
        name: Example Tools
        timezone: Europe/Berlin
        published_on: monday
        contacts: {requests: help@tools.example, sales: s@tools.example, support: u@tools.example}
        links: {agreement: https://tools.example/terms, marketplace: https://market.example}
        """,
    TERMS_FILE: """\
        - effective: 2026-01-01
          punchcard_minutes: 300
          increment_minutes: 15
          price: {USD: 1000.00}
          account_limit: 3
          account_inactivity_months: 6
          portal_retention_months: 12
          overdraft_minutes: 0
          low_balance_minutes: 60
        """,
    "customers/consultants.yml": """\
        - {handle: alice, name: Alice Moreau, emails: [alice@example.com]}
        - {handle: ben, name: Ben Okafor, emails: [ben@example.com, Ben.Okafor@example.com]}
        """,
    "customers/acme/customer.yml": """\
        name: Acme Robotics
        key: ACME
        currency: USD
        licences: [{product: Trace, type: commercial}]
        """,
    "customers/acme/accounts.yml": """\
        - {email: dana@acme.example, name: Dana Whitfield, created: 2026-11-01}
        """,
    PURCHASES_FILE: """\
        - {id: P1, date: 2026-11-01, punchcards: 2, amount: 2000.00, invoice: INV-1}
        """,
    ADJUSTMENTS_FILE: """\
        - {id: A1, type: goodwill, date: 2026-11-02, minutes: 60, reason: Our outage}
        """,
    REQUEST_FILE: """\
        title: Single sign-on
        category: product-configuration
        opened: 2026-11-01
        opened_by: dana@acme.example
        channel: punchcard
        history:
          - {date: 2026-11-02, by: alice, status: in-progress, note: Kick-off booked.}
          - {date: 2026-11-10, by: alice, note: Waiting for a certificate.}
        """,
    TIME_FILE: """\
        - {id: 03-1, date: 2026-11-03, request: ACME-1, minutes: 45, note: Metadata exchanged.}
        # the long one
        - id: 05-1
          date: 2026-11-05
          request: ACME-1
          minutes: 60
          note: Walked through the set-up.
        """,
}


class WrittenLedger:
    """A repository with the ledger above; files are changed by replacing text.

    With ``year`` all of it, names of files included, is of another year.
    """

    run: Commands

    def __init__(
        self, root: Path, year: str = "2026", punchcard: RunPunchcard | None = None
    ) -> None:
        self.root = start_repository(root)
        self.year = year
        if punchcard is not None:
            self.run = Commands(punchcard, root, AS_OF)
        for name, text in FILES.items():
            self.write(name, text)
        self.first = self.commit("Begin the ledger")

    def write(self, name: str, text: str) -> None:
        """Write a file."""
        path = self.find(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self._shift(textwrap.dedent(text)), encoding="utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        """Replace a text that stands once in a file."""
        path, old = self.find(name), self._shift(old)
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, (name, old)
        path.write_text(text.replace(old, self._shift(new)), encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        """Add text at the end of a file."""
        path = self.find(name)
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(before + self._shift(text), encoding="utf-8")

    def log(self, entry_id: str, minutes: int = 15, consultant: str = "alice") -> None:
        """Add an entry of November; its id begins with the day."""
        day = entry_id.partition("-")[0]
        self.append(
            f"customers/acme/time/2026-11-{consultant}.yml",
            f"- {{id: {entry_id}, date: 2026-11-{day}, request: ACME-1, minutes: {minutes}, "
            f"note: Work {entry_id}.}}\n",
        )

    def alter(self, author: str = "") -> str:
        """Alter an entry, and commit it."""
        self.replace(TIME_FILE, "minutes: 45", "minutes: 30")
        return self.commit("Alter an entry", author)

    def commit(self, message: str = "Record", author: str = "") -> str:
        """Commit everything and return the commit's id."""
        if author:
            self.git("add", "--all")
            self.git("commit", "--quiet", f"--message={message}", f"--author={author}")
        else:
            commit_all(self.root, message)
        return self.git("rev-parse", "HEAD")

    def find(self, name: str) -> Path:
        """Return the path of one of the files above."""
        return self.root / self._shift(name)

    def _shift(self, text: str) -> str:
        return text.replace("2026", self.year)

    def check(self, *options: object, at: Path | None = None) -> Ran:
        """Check the ledger."""
        return self.run("check", *options, at=at)

    def ask(self, *arguments: object, at: Path | None = None) -> Any:
        """Return what a command says as JSON; it has to find nothing wrong."""
        ran = self.run(*arguments, "--format", "json", at=at)
        assert ran.status == 0, ran.stderr
        return json.loads(ran.stdout)

    def read_balance(self, *options: object, at: Path | None = None) -> dict[str, Any]:
        """Return the balance of the one customer."""
        [balance] = self.ask("balance", *options, at=at)
        return dict(balance)

    def clone(self, folder: Path, *options: str) -> Path:
        """Clone it, over a transport so that a depth is obeyed."""
        git(self.root, "clone", "--quiet", *options, f"file://{self.root}", str(folder))
        return folder

    def git(self, *arguments: str) -> str:
        """Run Git in the repository."""
        return git(self.root, *arguments)
