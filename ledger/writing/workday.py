"""How a consultant's day stands: what is not committed, not pushed, logged today, and waiting."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from ledger.balance.json_values import select_fields
from ledger.files.layout import request_path, sheet_path
from ledger.files.reader import ReadFiles
from ledger.files.source import FileKind, LedgerFile
from ledger.git import GitRepository
from ledger.history.protected import read_items
from ledger.ledger import Ledger
from ledger.models import Channel, Request, Status
from ledger.writing.entry_search import FoundEntry, find_paths, list_uncommitted, read_sheet
from ledger.writing.field_text import to_plain
from ledger.writing.time_entries import name_sheet

_DAYS = re.compile(rb"\bdate: *['\"]?([0-9-]{10})")
_STATUSES = re.compile(rb"\bstatus: *['\"]?(%s)\b" % "|".join(Status).encode())
_OUR_TURN = (Status.OPEN, Status.IN_PROGRESS)


class WaitingRequest(NamedTuple):
    """A request that waits for a consultant; ``is_answered``: the customer spoke last."""

    customer: str
    id: str
    request: Request
    is_answered: bool
    last_event: date


@dataclass(frozen=True)
class Workday:
    """A consultant's day.

    Attributes:
        today: the minutes of the entries of the day, by customer and full name, those on local
            branches too.
        uncommitted: entries that are not, or not so, in the last commit.
        unpushed: how many commits of each local branch are on no remote; None without a remote.
        requests: what waits for the consultant; see ``find_waiting``.
    """

    consultant: str
    as_of: date
    today: dict[tuple[str, str], int]
    uncommitted: tuple[FoundEntry, ...]
    unpushed: dict[str, int] | None
    requests: tuple[WaitingRequest, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as other programs read it."""
        entries = [
            {"customer": each.slug, "name": each.name}
            | select_fields(each.entry, "date", "request", "minutes", "note")
            for each in self.uncommitted
        ]
        requests = [
            {"customer": each.customer, "id": each.id}
            | {"title": each.request.title, "status": each.request.status_on(self.as_of).value}
            | {"last_event": each.last_event.isoformat(), "is_answered": each.is_answered}
            for each in self.requests
        ]
        return {
            "consultant": self.consultant,
            "as_of": self.as_of.isoformat(),
            "today": {"entries": len(self.today), "minutes": sum(self.today.values())},
            "uncommitted": entries,
            "unpushed": self.unpushed,
            "requests": requests,
        }


def look_at_day(ledger: Ledger, handle: str, as_of: date) -> Workday:
    """Return how the consultant's day stands in the ledger of a work tree."""
    today = {
        (each.slug, each.name): each.entry.minutes
        for path in find_paths(ledger, sheet_path("*", name_sheet(as_of, handle)))
        for each in read_sheet(ledger, path, as_of.isoformat())
        if each.entry.date == as_of
    }
    repository, unpushed = ledger.repository, None
    if repository is not None:
        today |= dict(_find_on_branches(ledger, repository, handle, as_of))
        unpushed = _count_unpushed(repository)
    uncommitted = tuple(_find_uncommitted(ledger, handle))
    waiting = find_waiting(ledger, handle, as_of)
    return Workday(handle, as_of, today, uncommitted, unpushed, waiting)


def _find_on_branches(
    ledger: Ledger, repository: GitRepository, handle: str, as_of: date
) -> Iterator[tuple[tuple[str, str], int]]:
    """Yield the entries of the day that local branches have and HEAD has not."""
    prefix, sheet = ledger.files.prefix, name_sheet(as_of, handle)
    place = f":(top,glob){prefix}{sheet_path('*', sheet)}"
    if ledger.commit is None:
        return
    how = ("--format=%(objectname)", "--no-merged=HEAD", "refs/heads")
    for commit in repository.run("for-each-ref", *how).decode().split():
        names = repository.run("diff", "--name-only", "-z", "HEAD", commit, "--", place)
        for name in filter(None, names.decode().split("\0")):
            for entry_id, item in read_items(repository, commit, name).items():
                if item.get("date") == as_of.isoformat():
                    slug = name.removeprefix(prefix).partition("/")[0]
                    yield (slug, f"{sheet}/{entry_id}"), int(item.get("minutes", 0))


def _count_unpushed(repository: GitRepository) -> dict[str, int] | None:
    if not repository.run("remote").strip():
        return None
    refs = repository.run("log", "--format=%S", "--branches", "--not", "--remotes").decode()
    counts = Counter(ref.removeprefix("refs/heads/") for ref in refs.splitlines())
    return dict(sorted(counts.items()))


def _find_uncommitted(ledger: Ledger, handle: str) -> Iterator[FoundEntry]:
    repository, commit = ledger.repository, ledger.commit
    for path in list_uncommitted(ledger, sheet_path("*", f"*-{handle}")):
        there = {}
        if repository is not None and commit is not None:
            there = read_items(repository, commit, f"{ledger.files.prefix}{path}")
        for each in read_sheet(ledger, path):
            if there.get(each.entry.id, {}).items() ^ to_plain(each.entry.model_dump()).items():
                yield each


def find_waiting(ledger: Ledger, handle: str, as_of: date) -> tuple[WaitingRequest, ...]:
    """Return the requests that wait for a consultant, those that the customer answered first.

    They are neither done nor waiting for the customer nor in support, and nobody else of the
    provider opened them or added the last event.
    """
    found = []
    for path in _list_requests_with(ledger, handle):
        if _is_done(ledger.files.read(path), as_of):
            continue
        place, read = _name_request(path), ReadFiles(ledger.files)
        for request in read.read(LedgerFile(path, FileKind.FILE), "request").records:
            status, events = request.status_on(as_of), request.events_until(as_of)
            people = [request.opened_by, *(event.by for event in events)]
            ours = [person for person in people if "@" not in person]
            is_here = request.channel_on(as_of) is Channel.PUNCHCARD
            if is_here and status in _OUR_TURN and ours[-1:] == [handle]:
                day = events[-1].date if events else request.opened
                found.append(WaitingRequest(*place, request, "@" in people[-1], day))
    return tuple(sorted(found, key=lambda each: (not each.is_answered, each.last_event)))


def _is_done(content: bytes, as_of: date) -> bool:
    """Whether the text alone says that a request is done: most are, and need not be read."""
    history = content.rpartition(b"\nhistory:")[2]
    days, statuses = _DAYS.findall(history), _STATUSES.findall(history)
    is_past = bool(days) and max(days).decode() <= as_of.isoformat()
    return is_past and bool(statuses) and Status(statuses[-1].decode()).is_done


def _name_request(path: str) -> tuple[str, str]:
    """Return the customer and the id of a request's file."""
    slug, _folder, name = path.split("/")
    return slug, name.removesuffix(".yml")


def _list_requests_with(ledger: Ledger, handle: str) -> list[str]:
    """Return the paths of the requests that a consultant opened or added an event to, and more."""
    pattern, prefix = request_path("*", "*"), ledger.files.prefix
    if ledger.repository is None:
        return find_paths(ledger, pattern)
    how = ("-l", "-z", "--untracked", "-E", "-e", f"by: *['\"]?{handle}")
    listed = ledger.repository.ask("grep", *how, "--", f":(top,glob){prefix}{pattern}") or b""
    names = (name.removeprefix(prefix) for name in listed.decode().split("\0"))
    return [name for name in names if name]
