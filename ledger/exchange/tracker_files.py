"""The rows of a time tracker's export, whichever it is: CSV by columns, and two kinds of JSON.

What is no such file, or is cut short, is refused as a whole; a row that cannot be read is a
``Problem`` in its place.
"""

import csv
import io
import json
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from functools import cache
from importlib import resources
from typing import NamedTuple

from ledger.dates import ONE_DAY
from ledger.errors import LedgerError, Problem, SourcePosition
from ledger.exchange import clock_times
from ledger.models import Columns, ImportMap
from ledger.text import make_printable
from ledger.writing.write import RefusedError

RULE = "import"
_DELIMITERS = ",;\t|"
_NO = {"no", "false", "0", "n", "nein", "non", "nie", "non-billable"}
_TIMES = ("date", "start", "end_date", "end", "duration")
_KEYS = tuple(Columns.model_fields)
_MINUTE = 60
_DAY = 24 * 60 * _MINUTE
_Cells = Mapping[str, str]
"""What a row says, by the names of ``Columns``."""


class Row(NamedTuple):
    """A row of a tracker: what it says, and its seconds a day."""

    position: SourcePosition
    said: _Cells
    people: Sequence[str] = ()  # the address and the name of who did it
    label: str = ""  # which row it is, where its line does not say
    began: str = ""
    parts: Sequence[tuple[date, int]] = ()

    @property
    def tags(self) -> list[str]:
        """The tags."""
        return [*filter(None, map(str.strip, self.said["tags"].split(",")))]

    @property
    def billable(self) -> str | None:
        """Whether it is billable, ``yes`` or ``no``; None if nothing says it."""
        said = self.said["billable"].casefold()
        return ("no" if said in _NO else "yes") if said else None

    @property
    def seconds(self) -> int:
        """How long it took."""
        return sum(seconds for _day, seconds in self.parts)


class AmbiguousDatesError(LedgerError):
    """Every date of a file can be read in two ways."""


class TrackerFile(NamedTuple):
    """An export of a tracker: its name for messages, what it holds, and how its times are meant."""

    name: str
    content: bytes
    zone: tzinfo  # where the tracker's clock is
    own_zone: tzinfo  # where the days of the ledger are
    date_order: str | None = None

    def refuse(self, line: int, message: str, hint: str) -> RefusedError:
        """Return the refusal of the whole file for what is in a line."""
        problem = Problem(RULE, SourcePosition(self.name, line), message, hint)
        return RefusedError(f"{self.name} cannot be read, so nothing was written", [problem])

    def read_text(self) -> str:
        """Return the text; a RefusedError says which line is none."""
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = self.content[: error.start].count(b"\n") + 1
            raise self.refuse(line, "it is not UTF-8", "save it as CSV in UTF-8") from error


def read_rows(file: TrackerFile, tracker: str, import_map: ImportMap) -> list[Row | Problem]:
    """Return the rows of a tracker's export, and what is wrong with those that are none.

    Raises:
        RefusedError: it is no such file, or only a part of one.
        AmbiguousDatesError: nothing says whether the day or the month comes first.
    """
    if tracker in _JSON_READERS:
        rows = _read_json(file, tracker)
    else:
        columns = _load_columns()[tracker]
        if import_map.columns is not None:
            given = import_map.columns.model_dump(exclude_defaults=True)
            columns = columns.model_copy(update=given)
        rows = list(_read_csv(file, columns))
    orders = clock_times.find_date_orders(row.said[key] for row in rows for key in _TIMES)
    order = file.date_order or import_map.dates
    if order is None and len(orders) > 1:
        raise AmbiguousDatesError(
            f"{file.name}: every date can be read with the day or the month first",
            "say --dates day-first or month-first, or `dates:` in the map",
        )
    return [_add_times(file, order or next(iter(orders), None), row) for row in rows]


@cache
def _load_columns() -> Mapping[str, Columns]:
    text = (resources.files("ledger.exchange") / "trackers.toml").read_text("utf-8")
    return {name: Columns.model_validate(each) for name, each in tomllib.loads(text).items()}


def _read_csv(file: TrackerFile, columns: Columns) -> Iterator[Row]:
    """Yield the rows of a CSV file; a RefusedError says where it is no such file."""
    text, hint = file.read_text(), "is it cut? export it again"
    delimiter, header, used = _find_columns(file, text, columns)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            if line > 1 and any(cells):
                if len(cells) < len(header) or any(cells[len(header) :]):
                    message = f"{len(cells)} columns, but the first line has {len(header)}"
                    raise file.refuse(line, message, hint)
                row = dict(zip(header, map(str.strip, cells), strict=False))
                said = {
                    key: [*filter(None, (" ".join(row[x] for x in way).strip() for way in ways))]
                    for key, ways in used.items()
                }
                first = {key: (*texts, "")[0] for key, texts in said.items()}
                yield Row(SourcePosition(file.name, line), first, said["person"])
            line = reader.line_num + 1
    except csv.Error as error:
        raise file.refuse(line, f"this is no CSV: {error}", hint) from error


def _find_columns(
    file: TrackerFile, text: str, columns: Columns
) -> tuple[str, list[str], Mapping[str, Sequence[Sequence[str]]]]:
    """Return the delimiter, the header, and by key the columns that are there and make a text."""
    wanted = {
        key: [name.casefold().split(" + ") for name in names]
        for key, names in columns.model_dump().items()
    }
    known = {name for ways in wanted.values() for way in ways for name in way}
    headers = {}
    for each in _DELIMITERS:
        cells = next(csv.reader(io.StringIO(text, newline=""), delimiter=each), [])
        headers[each] = [cell.strip().casefold() for cell in cells]
    delimiter = max(headers, key=lambda each: len(known.intersection(headers[each])))
    header = headers[delimiter]
    used = {key: [way for way in ways if set(way).issubset(header)] for key, ways in wanted.items()}
    for what, keys in {"day": ("date", "start"), "duration": ("duration", "end")}.items():
        if not any(used[key] for key in keys):
            there = make_printable(", ".join(header)) or "none"
            message = f"no column says the {what}; there are {there}"
            raise file.refuse(1, message, "is it another tracker's? else name `columns` in the map")
    if any(header[-1] in way for key in _TIMES for way in used[key]) and text[-1] not in "\n\r":
        message = "the last line has no end: is it whole?"
        raise file.refuse(text.count("\n") + 1, message, "export it again, or add a line end")
    return delimiter, header, used


def _read_json(file: TrackerFile, tracker: str) -> list[Row]:
    read, how = _JSON_READERS[tracker]
    try:
        cells = [{key: str(each.get(key, "")) for key in _KEYS} for each in read(file.read_text())]
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        line = error.lineno if isinstance(error, json.JSONDecodeError) else 1
        message = make_printable(f"this is not what `{how}` prints: {error}")
        raise file.refuse(line, message, "export it again") from error
    place = SourcePosition(file.name)
    return [Row(place, each, (), f"entry {number}: ") for number, each in enumerate(cells, start=1)]


def _read_timewarrior(text: str) -> Iterator[_Cells]:
    for each in json.loads(text):
        times = {
            key: f"{datetime.strptime(each[key], '%Y%m%dT%H%M%SZ'):%Y-%m-%d %H:%M:%S}Z"  # noqa: DTZ007
            for key in ("start", "end")
            if key in each
        }
        yield {**times, "tags": ",".join(each.get("tags", ())), "note": each.get("annotation", "")}


def _read_klog(text: str) -> Iterator[_Cells]:
    answer = json.loads(text)
    for error in answer["errors"] or ():
        raise ValueError(error["title"])
    for record in answer["records"]:
        day = datetime.fromisoformat(record["date"].replace("/", "-"))
        for each in record["entries"] or ():
            cells = {"date": f"{day:%Y-%m-%d}"}
            if each["type"] == "duration":
                hours, minutes = divmod(each["total_mins"], _MINUTE)
                cells["duration"] = f"{hours}:{minutes:02}"
            else:
                moments = {key: each.get(f"{key}_mins") for key in ("start", "end")}
                cells = {
                    key: str(day + timedelta(minutes=minutes))
                    for key, minutes in moments.items()
                    if minutes is not None
                }
            tags = (*(record.get("tags") or ()), *(each.get("tags") or ()))
            note = each.get("summary") or record.get("summary") or ""
            yield {**cells, "tags": ",".join(tags), "note": note}


_JSON_READERS: Mapping[str, tuple[Callable[[str], Iterable[_Cells]], str]] = {
    "timewarrior": (_read_timewarrior, "timew export"),
    "klog": (_read_klog, "klog json"),
}
"""What reads a tracker's JSON, and what prints it."""


def _add_times(file: TrackerFile, order: str | None, row: Row) -> Row | Problem:
    try:
        began, parts = _read_times(file, order, row.said)
    except (ValueError, OverflowError) as error:
        message = make_printable(f"{row.label}{error}")
        return Problem(RULE, row.position, message, "correct it in the tracker")
    return row._replace(began=began, parts=parts)


def _read_times(
    file: TrackerFile, order: str | None, cells: _Cells
) -> tuple[str, list[tuple[date, int]]]:
    """Return when it began, and its seconds on each day; a ValueError says what is wrong."""
    seconds = clock_times.read_duration(cells["duration"]) if cells["duration"] else None
    day, start = clock_times.read_moment(f"{cells['date']} {cells['start']}", order)
    end_day, end = clock_times.read_moment(f"{cells['end_date']} {cells['end']}", order)
    if day is None:
        raise ValueError("it has no date")
    if seconds is None and (start is None or end is None):
        raise ValueError("it has no end and no duration: does it still run?")
    if start is None:
        if (seconds or 0) > _DAY:
            raise ValueError(f"it lasts {cells['duration']} hours, more than a day")
        return str(day), [(day, seconds or 0)]
    begin = datetime.combine(day, start)
    if end is None:
        began = clock_times.find_span(begin, begin, file.zone, 0)[0]
        ended = began + timedelta(seconds=seconds or 0)
    else:
        finish = datetime.combine(end_day or day, end)
        if end_day is None and finish.replace(tzinfo=None) < begin.replace(tzinfo=None):
            finish += ONE_DAY
        began, ended = clock_times.find_span(begin, finish, file.zone, seconds)
    span = round((ended - began).total_seconds())
    seconds = span if seconds is None else seconds
    parts = clock_times.divide_by_day(began, ended, file.own_zone)
    if len(parts) <= 1 and seconds < span + _MINUTE:  # less, where there was a break
        parts = [(began.astimezone(file.own_zone).date(), seconds)]
    elif abs(seconds - span) >= _MINUTE:
        message = f"it lasts {cells['duration']}, but its times are {span / 3600:.2f} h apart"
        raise ValueError(f"{message}: export it unrounded")
    return began.isoformat(), parts
