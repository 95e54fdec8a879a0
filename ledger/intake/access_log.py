"""Web servers' logs: who was let in, at which portal, on which day.

Read are the common and the combined format, as nginx and Apache write them (our own configuration
of nginx adds the portal's name at the end), and Caddy's JSON. A line counts if its answer was given
to somebody who had signed in: a user, and a status of success or redirection.

A log that is cut off counts for nothing: what it does not say any more may matter, and the whole
one is sure to be there later. A line in between that is none is left out.
"""

from __future__ import annotations

import glob
import gzip
import json
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ledger.errors import LedgerError

_LINE = re.compile(
    rb"(?P<host>\S+) \S+ (?P<user>.*?) ?"
    rb"\[(?P<moment>\d\d/[A-Z][a-z][a-z]/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\] "
    rb'"(?P<request>(?:[^"\\]|\\.)*+)" (?P<status>\d{3}) (?:\d+|-)'
    rb'(?: "(?:[^"\\]|\\.)*+" "(?:[^"\\]|\\.)*+"(?: "(?P<portal>[a-z0-9-]*)")?)?\s*'
)
_ESCAPE = re.compile(rb"\\(?:x([0-9A-Fa-f]{2})|(.))", re.DOTALL)
_GZIP = b"\x1f\x8b"
_LONGEST_LINE = 1 << 16
_SUCCESS = range(200, 400)
# What a line raises that is none of a log; RecursionError: its JSON is nested too deep.
_STRANGE = (
    *(ValueError, KeyError, IndexError, TypeError, AttributeError),
    *(OverflowError, OSError, RecursionError),
)
_ACCOUNT_HEADER = "X-Portal-Account"


class UnreadableLogError(Exception):
    """A log is not whole, or is none; nothing in it counts."""


class Visit(NamedTuple):
    """Somebody was let in on a day, at a portal (None if the log does not say at which).

    ``hints``: what may be the portal's name: the first parts of the host's name and of the path.
    """

    user: str
    day: date
    portal: str | None = None
    hints: tuple[str, ...] = ()


class AccessLog(NamedTuple):
    """What a log says; ``strange_lines`` are those that are none of a log."""

    visits: frozenset[Visit]
    line_count: int
    strange_lines: int


def read_logs(logs: Iterable[str], zone: tzinfo) -> tuple[frozenset[Visit], tuple[str, ...]]:
    """Return the visits in logs, and warnings; a log that is not whole adds nothing but a warning.

    A log is a file's name, a pattern that stands for several, or ``-`` for standard input. A
    LedgerError is raised if nothing could be read: a nightly job must not look healthy then.
    """
    visits, warnings, is_any_read = set[Visit](), [], False
    for log in (name for given in logs for name in list_names(given)):
        try:
            with Path(log).open("rb") if log != "-" else nullcontext(sys.stdin.buffer) as stream:
                found = read_access_log(stream, zone)
        except (OSError, UnreadableLogError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            warnings.append(f"{log}: {reason}, so nothing of it counts")
            continue
        is_any_read = True
        visits |= found.visits
        if found.strange_lines:
            warnings.append(
                f"{log}: {found.strange_lines} of {found.line_count} lines are none of a log"
            )
    if not is_any_read:
        raise LedgerError("; ".join(warnings), "nobody's sign-in was recorded: name a log")
    return frozenset(visits), tuple(warnings)


def list_names(log: str) -> list[str]:
    """Return the files that the name of a log, or a pattern, stands for."""
    is_pattern = glob.has_magic(log) and not Path(log).exists()
    found = sorted(glob.glob(log)) if is_pattern else []  # noqa: PTH207  # also from the root
    return found or [log]


def read_access_log(stream: Any, zone: tzinfo) -> AccessLog:
    """Read a log, packed with gzip or not; the days are of the calendar of ``zone``.

    Raises:
        UnreadableLogError: it is cut off, damaged, or no log.
    """
    visits: set[Visit] = set()
    count = strange = 0
    for line in _read_lines(stream):
        count += 1
        try:
            visit = _read_json(line, zone) if line.startswith(b"{") else _read_line(line, zone)
        except _STRANGE:
            strange += 1
        else:
            if visit is not None:
                visits.add(visit)
    if count and count == strange:
        raise UnreadableLogError("no line of it is one of an access log")
    return AccessLog(frozenset(visits), count, strange)


def _read_lines(stream: Any) -> Iterator[bytes]:
    """Yield the lines that say something."""
    try:
        packed = stream.peek(len(_GZIP)).startswith(_GZIP)
        lines = gzip.GzipFile(fileobj=stream) if packed else stream
        while line := lines.readline(_LONGEST_LINE):
            if not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
                raise UnreadableLogError("it is cut off: its last line has no end")
            if line.strip():
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise UnreadableLogError("it is cut off or damaged, so it cannot be unpacked") from error
    except OSError as error:
        raise UnreadableLogError(f"it cannot be read: {error.strerror}") from error


def _read_line(line: bytes, zone: tzinfo) -> Visit | None:
    """Return the visit in a line of the common or combined format; ValueError for other lines."""
    found = _LINE.fullmatch(line)
    if found is None:
        raise ValueError(line)
    moment = datetime.strptime(found["moment"].decode(), "%d/%b/%Y:%H:%M:%S %z")
    day = moment.astimezone(zone).date()
    plain = _ESCAPE.sub(
        lambda sign: bytes.fromhex(sign[1].decode()) if sign[1] else sign[2], found["user"]
    )
    user = plain.decode("utf-8", "replace").strip()
    if int(found["status"]) not in _SUCCESS or user in {"", "-"}:
        return None
    portal = (found["portal"] or b"").decode() or None
    target = found["request"].split(b" ")[1:2]
    return Visit(user, day, portal, _list_hints("", *(part.decode("latin-1") for part in target)))


def _read_json(line: bytes, zone: tzinfo) -> Visit | None:
    """Return the visit in a line of Caddy's; ValueError, KeyError, TypeError for other lines."""
    said = json.loads(line)
    request, status = said["request"], int(said["status"])
    day = datetime.fromtimestamp(float(said["ts"]), UTC).astimezone(zone).date()
    shown = said.get("resp_headers", {}).get(_ACCOUNT_HEADER, [""])[0]
    user = str(said.get("user_id") or shown)
    if status not in _SUCCESS or not user:
        return None
    return Visit(user, day, None, _list_hints(str(request["host"]), str(request["uri"])))


def _list_hints(host: str, target: str = "") -> tuple[str, ...]:
    """Return the first part of the host's name and of the path."""
    segment = urlsplit(target).path.strip("/").partition("/")[0] if target[:1] == "/" else ""
    return tuple(filter(None, (host.partition(".")[0], segment)))
