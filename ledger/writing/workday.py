"""A consultant's day: what is not committed, not pushed, logged today, and waiting; the timer.

One timer a user runs for a request. It is in a file, so that it outlives a reboot.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

from ledger.balance.json_values import select_fields
from ledger.duration import format_minutes
from ledger.errors import LedgerError, naming_failure
from ledger.files.durable_files import hold_lock
from ledger.files.layout import request_path, sheet_path
from ledger.files.reader import ReadFiles
from ledger.files.source import LedgerFile
from ledger.git import GitRepository
from ledger.history.commits import index_items, read_items
from ledger.ledger import Ledger
from ledger.models import Channel, Status
from ledger.text import make_printable
from ledger.writing.entry_search import FoundEntry, find_paths, list_uncommitted, read_sheet
from ledger.writing.time_entries import name_sheet

_DAYS = re.compile(rb"\bdate: *['\"]?([0-9-]{10})")
_STATUSES = re.compile(rb"\bstatus: *['\"]?(%s)\b" % "|".join(Status).encode())
_OUR_TURN = (Status.OPEN, Status.IN_PROGRESS)
_FILE = "timer.json"
_LONGEST_MINUTES = 12 * 60
_SAY_DURATION = "say how long it was: punchcard stop 45m; or punchcard stop --discard"


def describe_day(ledger: Ledger, handle: str, as_of: date) -> dict[str, Any]:
    """Return how the consultant's day stands, as other programs read it.

    ``today`` counts entries on local branches, too; ``unpushed`` has the number of commits of each
    local branch that are on no remote, or is None without a remote.
    """
    repository, unpushed = ledger.repository, None
    today = {
        (each.slug, each.entry.id): each.entry.minutes
        for path in find_paths(ledger, sheet_path("*", name_sheet(as_of, handle)))
        for each in read_sheet(ledger, path, as_of.isoformat())
        if each.entry.date == as_of
    }
    if repository is not None and ledger.commit is not None:
        today |= dict(_find_on_branches(ledger, repository, handle, as_of))
        if repository.run("remote").strip():
            refs = repository.run("log", "--format=%S", "--branches", "--not", "--remotes")
            counts = Counter(refs.decode().replace("refs/heads/", "").splitlines())
            unpushed = dict(sorted(counts.items()))
    return {
        "consultant": handle,
        "as_of": as_of.isoformat(),
        "today": {"entries": len(today), "minutes": sum(today.values())},
        "uncommitted": [
            {"customer": each.slug, "name": each.name}
            | select_fields(each.entry, "date", "request", "minutes", "note")
            for each in _find_uncommitted(ledger, handle)
        ],
        "unpushed": unpushed,
        "requests": find_waiting(ledger, handle, as_of),
    }


def _find_on_branches(
    ledger: Ledger, repository: GitRepository, handle: str, as_of: date
) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the entries of the day that local branches have and HEAD has not."""
    prefix = ledger.files.prefix
    place = f":(top,glob){prefix}{sheet_path('*', name_sheet(as_of, handle))}"
    how = ("--format=%(objectname)", "--no-merged=HEAD", "refs/heads")
    for commit in repository.run("for-each-ref", *how).decode().split():
        names = repository.run("diff", "--name-only", "-z", "HEAD", commit, "--", place)
        for name in filter(None, names.decode().split("\0")):
            slug = name.removeprefix(prefix).partition("/")[0]
            for entry_id, item in read_items(repository, commit, name).items():
                if item.get("date") == as_of.isoformat():
                    yield (slug, entry_id), int(item.get("minutes", 0))


def _find_uncommitted(ledger: Ledger, handle: str) -> Iterator[FoundEntry]:
    """Yield the entries that are not, or not so, in the last commit."""
    repository, commit = ledger.repository, ledger.commit
    for path in list_uncommitted(ledger, sheet_path("*", f"*-{handle}")):
        name, now = f"{ledger.files.prefix}{path}", index_items(ledger.files.read(path))
        there = read_items(repository, commit, name) if repository and commit else {}
        for each in read_sheet(ledger, path):
            if there.get(each.entry.id) != now.get(each.entry.id):
                yield each


def find_waiting(ledger: Ledger, handle: str, as_of: date) -> list[dict[str, Any]]:
    """Return the requests that wait for a consultant, those that the customer answered first.

    They are neither done nor waiting for the customer nor in support, and nobody else of the
    provider opened them or added the last event.
    """
    found = []
    for path in _list_requests_with(ledger, handle):
        if _is_done(ledger.files.read(path), as_of):
            continue
        slug, _folder, name = path.removesuffix(".yml").split("/")
        file = LedgerFile(path)
        for request in ReadFiles(ledger.files).read(file, "request").records:
            status, events = request.status_on(as_of), request.events_until(as_of)
            people = [request.opened_by, *(event.by for event in events)]
            ours = [person for person in people if "@" not in person]
            is_here = request.channel_on(as_of) is Channel.PUNCHCARD
            if is_here and status in _OUR_TURN and ours[-1:] == [handle]:
                what = {"customer": slug, "id": name, "title": request.title, "status": status}
                day = events[-1].date if events else request.opened
                what |= {"last_event": day.isoformat(), "is_answered": "@" in people[-1]}
                found.append(what)
    return sorted(found, key=lambda each: (not each["is_answered"], each["last_event"]))


def _is_done(content: bytes, as_of: date) -> bool:
    """Whether the text alone says that a request is done: most are, and need not be read."""
    history = content.rpartition(b"\nhistory:")[2]
    days, statuses = _DAYS.findall(history), _STATUSES.findall(history)
    is_past = bool(days) and max(days).decode() <= as_of.isoformat()
    return is_past and bool(statuses) and Status(statuses[-1].decode()).is_done


def _list_requests_with(ledger: Ledger, handle: str) -> list[str]:
    """Return the paths of the requests that a consultant opened or added an event to, and more."""
    pattern, prefix = request_path("*", "*"), ledger.files.prefix
    if ledger.repository is None:
        return find_paths(ledger, pattern)
    how = ("-l", "-z", "--untracked", "-E", "-e", f"by: *['\"]?{handle}")
    listed = ledger.repository.ask("grep", *how, "--", f":(top,glob){prefix}{pattern}") or b""
    return [name.removeprefix(prefix) for name in listed.decode().split("\0") if name]


class Timer(BaseModel):
    """What runs since when; ``ledger`` is the path of the ledger's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ledger: str
    customer: str
    request: str
    title: str
    started: AwareDatetime
    note: str | None = None

    def count_minutes(self, now: datetime) -> int:
        """Return the minutes since the start, a begun one too."""
        return -(-int((now - self.started).total_seconds()) // 60)

    def measure(self, now: datetime) -> int:
        """Return the minutes to be logged; a LedgerError says why they cannot be right."""
        minutes = self.count_minutes(now)
        if minutes < 0:
            raise LedgerError("the clock was put back since the timer was started", _SAY_DURATION)
        if minutes > _LONGEST_MINUTES:
            hours = minutes // 60
            raise LedgerError(f"the timer has run for {hours} hours: forgotten?", _SAY_DURATION)
        return max(minutes, 1)

    def describe(self, now: datetime) -> str:
        """Return what runs since when, by the clock on the wall, and for how long."""
        started = self.started.astimezone(now.tzinfo)
        since = f"{started:%H:%M}" if started.date() == now.date() else f"{started:%Y-%m-%d %H:%M}"
        minutes = format_minutes(self.count_minutes(now))
        return f"{self.request} since {since}, {minutes}: {make_printable(self.title)}"

    def to_json(self, now: datetime) -> dict[str, Any]:
        """Return it as other programs read it."""
        minutes = self.count_minutes(now)
        return {**self.model_dump(mode="json", exclude={"ledger"}), "minutes": minutes}


def read_timer(folder: Path) -> Timer | None:
    """Return the timer that runs, from the user's folder; a LedgerError says it is damaged."""
    file = folder / _FILE
    try:
        return Timer.model_validate_json(file.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise LedgerError(f"cannot read the timer in {file}", "delete the file") from error


@contextmanager
def hold_timer(folder: Path) -> Iterator[Path]:
    """Yield the timer's file in the user's folder, which is made if need be, held for us alone."""
    with naming_failure(f"cannot make {folder}"):
        folder.mkdir(parents=True, exist_ok=True)
    with hold_lock(folder / "timer.lock"):
        yield folder / _FILE
