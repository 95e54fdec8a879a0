"""What the rows of a time tracker are time on, by the map of an import; and what that lacks."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fnmatch import fnmatchcase
from functools import cache, cached_property
from pathlib import Path
from typing import Any, NamedTuple

from ledger.errors import LedgerError, Problem, UnknownNameError
from ledger.exchange.tracker_files import Row
from ledger.files.reader import ReadFiles
from ledger.files.source import FolderFiles, LedgerFile
from ledger.models import ImportMap, RequestRule, RowPattern
from ledger.text import compute_digest
from ledger.writing.draft import WritingDesk, find_consultant
from ledger.writing.entry_search import find_customer
from ledger.writing.write import RefusedError
from ledger.writing.yaml_edit import UneditableError, add_items, make_file
from ledger.writing.yaml_text import read_text

_TEXTS = ("client", "project", "task", "note")
_DIGEST = slice(len("sha256:"), len("sha256:") + 12)
_LONGEST_ID = 100
KIND = "import"
_NEW = {"rounded_by": "entry", "rounding": "up"}


class Cell(NamedTuple):
    """What rows and entries are compared by: a consultant's time on a request and a day."""

    day: date
    request: str
    consultant: str


class Piece(NamedTuple):
    """The part of a row that is on one day, and what is recorded of it; ``where`` is the row."""

    where: str
    cell: Cell
    slug: str
    seconds: int
    source: str
    began: str
    category: str | None
    note: str
    internal_note: str | None


class RowMapping:
    """Says what the rows of an import are; ``consultant`` (None: the author) has the nameless."""

    def __init__(
        self, desk: WritingDesk, tracker: str, import_map: ImportMap, consultant: str | None
    ) -> None:
        self.map = import_map
        self.desk = desk
        self.tracker = tracker
        self._consultant = consultant
        self._occurrences = Counter[str]()
        self.find_desk = cache(lambda slug: replace(desk, slug=slug))
        self._find_customer = cache(lambda request: find_customer(desk.ledger, request))

    def find_request(self, named: str) -> tuple[str, str]:
        """Return a request and its customer; an UnknownNameError says that there is none."""
        if slug := self._find_customer(named):
            return named.upper(), slug
        raise UnknownNameError(f"{named!r} is no request", "name it like ACME-12")

    def find_person(self, named: str) -> str:
        """Return a consultant's handle; an UnknownNameError says that there is none."""
        return find_consultant(self.desk.ledger, named).handle

    def leaves_out(self, row: Row) -> bool:
        """Whether the map says that a row is no time of a customer."""
        return any(fits(pattern, row) for pattern in self.map.leave_out)

    def find_rule(self, row: Row) -> RequestRule | None:
        """Return the first rule of the map that fits a row."""
        return next((rule for rule in self.map.requests if fits(rule, row)), None)

    def find_handle(self, people: Iterable[str]) -> str | None:
        """Return the consultant whose name or address one of ``people`` is, or None."""
        return next(filter(None, (self._handles.get(each.casefold()) for each in people)), None)

    def place(self, row: Row) -> list[Piece]:
        """Return a row's pieces with a lasting ``source``; a LedgerError says why it has none."""
        rule, texts = self.find_rule(row), {key: row.said[key] for key in _TEXTS}
        handle = self.find_handle(row.people) if row.people else self._default
        if handle is None:
            hint = "say in the map, under `people:`, which consultant it is, or use --learn"
            raise LedgerError(f"no consultant is called {row.people[0]!r}", hint)
        if rule is None:
            said = [f"{key} {text!r}" for key, text in texts.items() if text]
            said += [f"tag {tag!r}" for tag in row.tags]
            message = f"nothing in the map says which request it is: {', '.join(said) or 'no text'}"
            raise LedgerError(message, "add it under `requests:` or `leave_out:`, or use --learn")
        request, slug = self.find_request(rule.request)
        self._require_days(row, handle, slug, request)
        note, internal = (
            next((texts[key] for key in keys if texts[key]), None)
            for keys in (self.map.note or ("note", "task"), self.map.internal_note)
        )
        if not (note := rule.entry_note or note):
            message = "nothing says what was done"
            raise LedgerError(message, "write it in the tracker, or an `entry_note:` in the map")
        facts = [handle, row.began, *(seconds for _day, seconds in row.parts), *texts.values()]
        self._occurrences[repr(facts)] += 1
        digest = compute_digest([*facts, self._occurrences[repr(facts)]])[_DIGEST]
        own_id = re.sub(r"[\s,\[\]{}@]", "_", row.said["id"])[:_LONGEST_ID]
        source = f"{self.tracker}:{own_id}{'@' if own_id else ''}{digest}"
        notes = read_text("note", note), internal and read_text("internal note", internal)
        common = (source, row.began, rule.category, *notes)
        where = row.label or f"line {row.position.line}: "
        return [
            Piece(where, Cell(day, request, handle), slug, seconds, *common)
            for day, seconds in row.parts
        ]

    @cached_property
    def _handles(self) -> Mapping[str, str]:
        """The handles of consultants by all that they are called, here and in the tracker."""
        handles = {
            name.casefold(): each.handle
            for each in self.desk.organization.consultants
            for name in (each.handle, each.name, *each.emails)
        }
        return handles | {each.person.casefold(): each.consultant for each in self.map.people}

    @cached_property
    def _default(self) -> str:
        return find_consultant(self.desk.ledger, self._consultant).handle

    def _require_days(self, row: Row, handle: str, slug: str, name: str) -> None:
        """Refuse days that are no days of the request or the consultant."""
        first, last = row.parts[0][0], row.parts[-1][0]
        request = self.find_desk(slug).records.requests.get(name)
        if last > self.desk.as_of:
            raise LedgerError(f"{last} is still to come", "import it when it is over")
        if request is not None and first < request.opened:
            message = f"{first} is before {name} was opened on {request.opened}"
            raise LedgerError(message, "map it to another request, or correct the date")
        if not find_consultant(self.desk.ledger, handle).works_on(last):
            raise LedgerError(f"{last} is after the last working day of {handle}", "whose is it?")


def fits(pattern: RowPattern, row: Row) -> bool:
    """Whether all that a pattern says is true of a row."""
    wanted: list[tuple[str | None, list[str]]]
    wanted = [(getattr(pattern, key), [row.said[key]]) for key in _TEXTS]
    wanted += [(tag, row.tags) for tag in pattern.tags]
    return pattern.billable in {None, row.billable} and all(
        any(fnmatchcase(text.casefold(), said.casefold().replace("[", "[[]")) for text in texts)
        for said, texts in wanted
        if said is not None
    )


def identify(source: str) -> str:
    """Return what tells a row from others: the tracker's own id, or else the whole source."""
    return source.rpartition("@")[0] or source


class Lack(NamedTuple):
    """What a map does not say: whose rows (under ``people``), or what request (``requests``)."""

    key: str
    fields: Mapping[str, Any]
    rows: int
    minutes: int


def read_map(path: Path) -> ImportMap:
    """Return the map in a file; a RefusedError has what is wrong with it."""
    if not path.exists():
        raise LedgerError(f"there is no map {path}", "write one, or let --learn ask for it")
    folder = ReadFiles(FolderFiles(path.parent, "" if path.parent == Path() else f"{path.parent}/"))
    found = folder.read(LedgerFile(path.name), KIND)
    if folder.problems:
        raise RefusedError(f"{path} is no map, so nothing was written", folder.problems)
    [import_map] = found.records
    return import_map  # type: ignore[no-any-return]  # records of any kind


def list_lacks(mapping: RowMapping, rows: Sequence[Row | Problem]) -> list[Lack]:
    """Return what the map lacks for the rows that it does not leave out, most rows first."""
    lacks: dict[str, Lack] = {}
    for row in rows:
        if isinstance(row, Problem) or mapping.leaves_out(row):
            continue
        wanted: dict[str, Mapping[str, Any]] = {}
        if row.people and mapping.find_handle(row.people) is None:
            wanted["people"] = {"person": row.people[0]}
        if mapping.find_rule(row) is None:
            named = {key: text for key in ("client", "project") if (text := row.said[key])}
            other = {"tags": row.tags} if row.tags else {"note": row.said["note"]}
            wanted["requests"] = named or other
        for key, fields in wanted.items():
            known = lacks.get(f"{key} {fields}", Lack(key, fields, 0, 0))
            lack = Lack(key, fields, known.rows + 1, known.minutes + row.seconds // 60)
            lacks[f"{key} {fields}"] = lack
    return sorted(lacks.values(), key=lambda each: (each.key, -each.rows))


def add_to_map(path: Path, answers: Sequence[tuple[str, Mapping[str, Any]]]) -> bytes:
    """Return a map's text, or that of a new one, with more items in its lists."""
    source = path.read_bytes() if path.exists() else make_file(_NEW)
    try:
        for key, fields in answers:
            source = add_items(source, [fields], key)
    except UneditableError as error:
        raise LedgerError(f"cannot add to {path}: {error}", "edit it by hand") from error
    return source
