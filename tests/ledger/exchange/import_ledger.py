"""A ledger of two customers, and exports of time trackers that are imported into it."""

import json
import re
from pathlib import Path
from typing import Any

from ledger.files.yaml import parse_yaml
from tests.conftest import Ran, RunPunchcard, commit_all, start_repository, write_files
from tests.ledger.writing.small_ledger import CUSTOMER, ORGANIZATION

GUIDE = Path(__file__).parents[3] / "docs/importing.md"
EXPORTS = Path(__file__).parent / "exports"
AS_OF = "2026-11-20"
HEADER = "User,Email,Client,Project,Description,Start date,Start time,End date,End time,Duration\n"
MAP = """\
requests:
  - {client: acme robotics, project: SAML*, request: ACME-1}
  - {client: Hoshi Space, request: HSI-1}
leave_out:
  - {project: Internal}
"""


def make_row(
    start: str, end: str, duration: str = "", note: str = "Worked.", project: str = "SAML"
) -> str:
    who = "Alice Moreau,alice@example.com,Acme Robotics"
    times = f"{start.replace(' ', ',')},{(end or ' ').replace(' ', ',')}"
    return f"{who},{project},{note},{times},{duration}\n"


ONE = make_row("2026-11-02 09:00", "2026-11-02 09:50", "0:50:00", "Set it up.")
TWO = make_row("2026-11-02 10:00", "2026-11-02 10:10", "0:10:00", "Tried it.")
THREE = make_row("2026-11-03 09:00", "2026-11-03 10:00", "1:00:00", "Showed it.")


def write_guide(root: Path) -> list[str]:
    """Write the export and the map of docs/importing.md; return its commands."""
    found = re.findall(
        "^```(csv|yaml|sh)\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    blocks = dict(found)
    write_files(root, {"toggl.csv": blocks["csv"], "imports/toggl.yml": blocks["yaml"]})
    return [line for line in blocks["sh"].splitlines() if line.startswith("punchcard ")]


class ImportLedger:
    """The ledger in a repository; what is imported is read as JSON."""

    def __init__(self, root: Path, punchcard: RunPunchcard) -> None:
        files = {**ORGANIZATION, **CUSTOMER}
        del files["customers/acme/time/2026-06-alice.yml"]
        provider = files["customers/provider.yml"].replace("Etc/UTC", "Europe/Berlin")
        cards = "- {id: P1, date: 2026-01-12, punchcards: 900, amount: 900000.00}\n"
        files |= {"customers/provider.yml": provider, "customers/acme/purchases.yml": cards}
        request = files["customers/acme/requests/ACME-1.yml"]
        files |= {
            "customers/acme/requests/ACME-2.yml": request,
            "customers/hoshi/customer.yml": "{name: Hoshi Space, key: HSI, currency: EUR}\n",
            "customers/hoshi/purchases.yml": cards.replace("900000", "855000"),
            "customers/hoshi/requests/HSI-1.yml": request.replace("dana@acme.example", "alice"),
            "map.yml": MAP,
        }
        self.root = commit_all(write_files(start_repository(root), files))
        self._punchcard = punchcard

    def run(self, *arguments: object) -> Ran:
        return self._punchcard(self.root, *arguments, "--as-of", AS_OF)

    def run_import(self, export: Path | str, *more: object, tracker: str = "toggl") -> Ran:
        """Import a file, or a text of the tracker."""
        if isinstance(export, str):
            (self.root / "export.csv").write_text(export, encoding="utf-8", newline="")
            export = Path("export.csv")
        return self.run("import", export, "--from", tracker, "--map", "map.yml", *more)

    def take(self, export: Path | str, *more: object, tracker: str = "toggl") -> dict[str, Any]:
        """Import what must be right; return the answer."""
        ran = self.run_import(export, "--format", "json", *more, tracker=tracker)
        assert ran.status == 0, ran.stderr
        answer: dict[str, Any] = json.loads(ran.stdout)
        return answer

    def list_entries(self, *keys: str) -> list[tuple[str, ...]]:
        """Return values of all entries, by customer and day."""
        files = sorted(self.root.glob("customers/*/time/*.yml"))
        entries: list[Any] = [each for file in files for each in parse_yaml(file.read_bytes())]
        return [tuple(each.get(key, "") for key in keys) for each in entries]
