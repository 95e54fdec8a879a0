"""Whatever sequence of commands is run, the ledger is the one that somebody would have typed.

Beside the ledger that the commands write stands a second one: the same records, put down as JSON
(which is YAML) by a few lines that know nothing of the writer. The check of that one decides, for
each command, whether it had to be taken or refused.
"""

import contextlib
import copy
import io
import json
import shutil
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ledger.balance.summary import Balance, compute_balance
from ledger.check import check_ledger
from ledger.errors import Severity
from ledger.files.yaml import parse_yaml
from ledger.ledger import open_ledger
from site_builder.punchcard import run
from tests.ledger.engine.example_budget import explore
from tests.ledger.writing.small_ledger import CUSTOMER, ORGANIZATION, write_small_ledger

TODAY = date(2026, 6, 30)
DAYS = st.integers(0, 175).map(lambda number: TODAY - timedelta(days=number))
STEPS = st.sampled_from([15, 15, 30, 45, 60, 90, 240, 300])
NOTES = st.sampled_from(["Done.", "Fixed: it works", "a, b", "#1", "yes", "two\nlines", "w " * 60])
CONSULTANTS = st.sampled_from(["alice", "ben", "zoe"])
PICKS = st.integers(0, 10**6)


class Commands(RuleBasedStateMachine):
    """Runs commands on one ledger and types the same records into another."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="punchcards-"))
        self.typed: dict[str, Any] = {}

    @initialize()
    def start(self) -> None:
        write_small_ledger(self.root / "written")
        for path, text in {**ORGANIZATION, **CUSTOMER}.items():
            # An empty value has no form in JSON that our reader takes for empty: it is left out.
            said = text.replace("  punchcard_validity_months:\n", "")
            self.typed[path] = parse_yaml(said.encode())

    def teardown(self) -> None:
        shutil.rmtree(self.root)

    @rule(day=DAYS, minutes=STEPS, note=NOTES, consultant=CONSULTANTS, pick=PICKS)
    def log(self, day: date, minutes: int, note: str, consultant: str, pick: int) -> None:
        request = self._pick_request(pick)
        record = {
            "date": str(day),
            "request": request,
            "minutes": str(minutes),
            "note": note.strip(),
        }
        command = ("log", "acme", request, f"{minutes}m", "-m", note, "--as", consultant)
        self._run(command, day, {f"time/{day:%Y-%m}-{consultant}.yml": record})

    @precondition(lambda self: any("/time/" in path for path in self.typed))
    @rule(day=DAYS, minutes=STEPS, consultant=CONSULTANTS, pick=PICKS)
    def correct(self, day: date, minutes: int, consultant: str, pick: int) -> None:
        name, entry = self._pick_entry(pick)
        sheet = f"{day:%Y-%m}-{consultant}"
        record = {
            "date": str(day),
            "request": entry["request"],
            "minutes": str(-minutes),
            "corrects": entry["id"] if name.startswith(f"{sheet}/") else name,
            "note": "Less.",
        }
        command = ("correct", "acme", name, f"{minutes}m", "-m", "Less.", "--as", consultant)
        self._run(command, day, {f"time/{sheet}.yml": record})

    @rule(day=DAYS, cards=st.integers(1, 3))
    def buy(self, day: date, cards: int) -> None:
        record = {"date": str(day), "punchcards": str(cards), "amount": f"{cards}000.00"}
        self._run(("buy", "acme", str(cards)), day, {"purchases.yml": record})

    @rule(day=DAYS, minutes=STEPS, note=NOTES)
    def give(self, day: date, minutes: int, note: str) -> None:
        record = {
            "type": "goodwill",
            "date": str(day),
            "minutes": str(minutes),
            "reason": note.strip(),
        }
        command = ("goodwill", "acme", f"{minutes}m", "-m", note)
        self._run(command, day, {"adjustments.yml": record})

    @rule(day=DAYS, minutes=STEPS, pick=PICKS)
    def refund(self, day: date, minutes: int, pick: int) -> None:
        purchases = self.typed["customers/acme/purchases.yml"]
        purchase = purchases[pick % len(purchases)]["id"]
        record = {
            "type": "refund",
            "date": str(day),
            "purchase": purchase,
            "minutes": str(minutes),
            "amount": "10.00",
            "reason": "Less.",
        }
        command = ("refund", "acme", purchase, f"{minutes}m", "--amount", "10", "-m", "Less.")
        self._run(command, day, {"adjustments.yml": record})

    @rule(day=DAYS, channel=st.sampled_from(["punchcard", "support"]), title=NOTES)
    def open_request(self, day: date, channel: str, title: str) -> None:
        title = title.partition("\n")[0].strip()
        number = len(self._requests()) + 1
        record = {
            "title": title,
            "category": "onboarding",
            "opened": str(day),
            "opened_by": "dana@acme.example",
            "channel": channel,
        }
        command = ("request", "open", "acme", title, "--category", "onboarding")
        by = ("--by", "dana@acme.example", "--channel", channel)
        self._run((*command, *by), day, {f"requests/ACME-{number}.yml": record})

    @rule(day=DAYS, pick=PICKS, status=st.sampled_from(["in-progress", "resolved", "closed"]))
    def update_request(self, day: date, pick: int, status: str) -> None:
        request = self._pick_request(pick)
        event = {"date": str(day), "by": "ben", "status": status}
        command = ("request", "update", "acme", request, "--status", status, "--by", "ben")
        self._run(command, day, {f"requests/{request}.yml": {"history": event}})

    @rule(day=DAYS, pick=PICKS)
    def move_request(self, day: date, pick: int) -> None:
        request = self._pick_request(pick)
        typed = self.typed[f"customers/acme/requests/{request}.yml"]
        moves = [event for event in typed.get("history", ()) if "moved_to" in event]
        last = moves[-1] if moves else {"moved_to": typed["channel"], "date": typed["opened"]}
        if str(day) <= last["date"]:
            return  # What it is moved from would not be plain.
        channel = "support" if last["moved_to"] == "punchcard" else "punchcard"
        event = {"date": str(day), "by": "alice", "moved_to": channel}
        command = ("request", "move", "acme", request, channel, "--by", "alice")
        self._run(command, day, {f"requests/{request}.yml": {"history": event}})

    @rule(day=DAYS, name=st.sampled_from(["tomas", "priya", "lee"]))
    def add_account(self, day: date, name: str) -> None:
        email = f"{name}@acme.example"
        record = {"email": email, "name": name.title(), "created": str(day)}
        command = ("account", "add", "acme", email, name.title())
        self._run(command, day, {"accounts.yml": record})

    @precondition(lambda self: any("/time/" in path for path in self.typed))
    @rule(day=DAYS, minutes=STEPS, note=NOTES, pick=PICKS, is_moved=st.booleans())
    def amend(self, day: date, minutes: int, note: str, pick: int, is_moved: bool) -> None:
        before, typed = self._read_all(), copy.deepcopy(self.typed)
        name, entry = self._pick_entry(pick)
        sheet, sign = name.partition("/")[0], -1 if "corrects" in entry else 1
        entry |= {"minutes": str(sign * minutes), "note": note.strip()}
        if is_moved:
            entry["date"] = str(day)
            if not sheet.startswith(month := f"{day:%Y-%m}"):
                self._take_out(name, entry)
                moved = {key: value for key, value in entry.items() if key != "id"}
                if "/" not in entry.get("corrects", "/"):
                    moved["corrects"] = f"{sheet}/{entry['corrects']}"
                self._add(f"customers/acme/time/{month}{sheet[7:]}.yml", moved)
        command = ("amend", name, "--duration", f"{minutes}m", "-m", note)
        self._expect((*command, *(("-d", str(day)) if is_moved else ())), typed, before)

    @precondition(lambda self: any("/time/" in path for path in self.typed))
    @rule(pick=PICKS)
    def undo(self, pick: int) -> None:
        before, typed = self._read_all(), copy.deepcopy(self.typed)
        name, entry = self._pick_entry(pick)
        self._take_out(name, entry)
        self._expect(("undo", name), typed, before)

    @invariant()
    def both_ledgers_are_one(self) -> None:
        if not self.typed:
            return
        assert self._find_errors("written") == []
        self._type()
        for day in (TODAY, TODAY - timedelta(days=60), TODAY - timedelta(days=120)):
            assert self._balance("written", day) == self._balance("typed", day)

    def _run(self, command: tuple[str, ...], day: date, added: dict[str, Any]) -> None:
        before, typed = self._read_all(), copy.deepcopy(self.typed)
        for place, record in added.items():
            self._add(f"customers/acme/{place}", record)
        self._expect((*command, "--date", str(day)), typed, before)

    def _expect(
        self, command: tuple[str, ...], typed: dict[str, Any], before: dict[Path, bytes]
    ) -> None:
        """Run a command, which is refused if what is typed has errors; then all is as before."""
        self._type()
        expected = self._find_errors("typed")
        options = ("--as-of", str(TODAY), "--format", "json")
        folder = self.root / "written/customers"
        output, errors = io.TextIOWrapper(io.BytesIO()), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = run(["--ledger", str(folder), *command, *options])
        if expected:
            self.typed = typed
            assert status != 0, (command, expected)
            assert self._read_all() == before
        else:
            assert status == 0, (command, errors.getvalue())
            answer = json.loads(output.buffer.getvalue())
            is_same = "says so already" in answer.get("nothing_to_write", "")
            assert is_same or answer["balance"]["customer"] == "acme"

    def _add(self, path: str, record: dict[str, Any]) -> None:
        """Put a record into the typed ledger, with the id that somebody would give it."""
        if "history" in record:
            history = self.typed[path].setdefault("history", [])
            history.append(record["history"])
            history.sort(key=lambda event: event["date"])
        elif "/requests/" in path:
            self.typed[path] = record
        else:
            there = self.typed.setdefault(path, [])
            identity = {} if "email" in record else {"id": self._next_id(path, record, there)}
            there.append({**identity, **record})

    def _take_out(self, name: str, entry: dict[str, str]) -> None:
        path = f"customers/acme/time/{name.partition('/')[0]}.yml"
        self.typed[path].remove(entry)
        if not self.typed[path]:
            del self.typed[path]

    def _next_id(self, path: str, record: dict[str, Any], there: list[Any]) -> str:
        if "/time/" in path:
            day = record["date"][-2:]
            ids = [item["id"] for item in there if item["id"].startswith(day)]
            return f"{day}-{max((int(each.split('-')[1]) for each in ids), default=0) + 1}"
        return f"{'P' if 'punchcards' in record else 'A'}{len(there) + 1}"

    def _type(self) -> None:
        shutil.rmtree(self.root / "typed", ignore_errors=True)
        for path, content in self.typed.items():
            file = self.root / "typed" / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(content))

    def _read_all(self) -> dict[Path, bytes]:
        files = (self.root / "written").rglob("*.yml")
        return {file: file.read_bytes() for file in files}

    def _find_errors(self, name: str) -> list[str]:
        with open_ledger(self.root / name / "customers") as ledger:
            problems = check_ledger(ledger, TODAY).problems
        return [str(problem) for problem in problems if problem.severity is Severity.ERROR]

    def _balance(self, name: str, day: date) -> Balance:
        with open_ledger(self.root / name / "customers") as ledger:
            records = ledger.read_customer("acme").records
            return compute_balance(records, ledger.organization.terms, day)

    def _requests(self) -> list[str]:
        paths = [Path(path) for path in self.typed if "/requests/" in path]
        return sorted(path.stem for path in paths)

    def _pick_request(self, pick: int) -> str:
        requests = self._requests()
        return requests[pick % len(requests)]

    def _pick_entry(self, pick: int) -> tuple[str, dict[str, str]]:
        entries = [
            (f"{Path(path).stem}/{entry['id']}", entry)
            for path in sorted(self.typed)
            if "/time/" in path
            for entry in self.typed[path]
        ]
        return entries[pick % len(entries)]


TestCommands = Commands.TestCase
TestCommands.settings = settings(explore(12), stateful_step_count=20)
