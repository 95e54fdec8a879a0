"""From web servers' logs to the last day on which each account was there, and into the ledger.

A day counts only if the account was active on it. Somebody who was let in later than that shows
that the web server goes by an old list; that is said, and never makes the account active again.

Read are the common and the combined format, as nginx and Apache write them (our own configuration
of nginx adds the portal's name at the end), and Caddy's JSON. A line counts if its answer was given
to somebody who had signed in: a user, and a status of success or redirection. A log that is cut off
counts for nothing: what it does not say any more may matter, and the whole one is sure to be there
later. A line in between that is none is left out.
"""

import glob
import gzip
import json
import re
import sys
import zlib
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ledger.balance.portal_life import AccountState, find_account_standings
from ledger.errors import LedgerError
from ledger.files.layout import record_path
from ledger.models import Account, CustomerRecords, TermsHistory
from ledger.text import fold_address, name_some
from ledger.writing.customers import make_account_edit
from ledger.writing.draft import Draft, Drafter, Edit, NothingToWriteError, WritingDesk, chain_edits
from ledger.writing.write import Written

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
    """Somebody was let in on a day, at a portal (None if the log does not say at which)."""

    user: str
    day: date
    portal: str | None = None
    # what may be the portal's name: the first parts of the host's name and of the path
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
    """Read a log, maybe gzipped, by the days of ``zone``; or raise an UnreadableLogError."""
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


@dataclass(frozen=True, slots=True)
class SignIn:
    """The last day that an account was there, and the one that was known before."""

    customer: str
    email: str
    before: date | None
    last_sign_in: date


@dataclass(frozen=True, slots=True)
class RecordedSignIns:
    """What visits said: the news by customer and account, what is odd, and the commit, if any."""

    sign_ins: tuple[SignIn, ...]
    warnings: tuple[str, ...]
    commit: str | None = None
    branch: str | None = None


def record_sign_ins(
    logs: Sequence[str], customer: str | None, write: Callable[[Drafter], Written]
) -> RecordedSignIns:
    """Record what logs say about accounts: in many files, by one commit, or not at all.

    ``logs``: see ``ledger.intake.sign_ins.read_logs``; ``customer``: whose portal they are of, if
    all are of one; ``write``: writes a draft, as ``ledger.writing.write.write_record`` does.
    """
    found = RecordedSignIns((), ())

    def draft(desk: WritingDesk) -> Draft:
        nonlocal found
        visits, odd = read_logs(logs, desk.organization.zone)
        sign_ins, warnings = _find_sign_ins(visits, desk, customer)
        found = RecordedSignIns(sign_ins, (*odd, *warnings))
        if not sign_ins:
            raise NothingToWriteError
        by_customer = groupby(sign_ins, key=lambda item: item.customer)
        edits = {record_path(slug, "accounts"): _make_edit(items) for slug, items in by_customer}
        return Draft(edits, "", _describe(sign_ins))

    try:
        written = write(draft)
    except NothingToWriteError:
        return found
    return replace(found, commit=written.commit, branch=written.branch)


def _find_sign_ins(
    visits: Iterable[Visit], desk: WritingDesk, customer: str | None
) -> tuple[tuple[SignIn, ...], list[str]]:
    slugs = desk.ledger.slugs if customer is None else (customer,)
    records = {folder.slug: folder.records for folder in desk.ledger.read_customers(slugs)}
    days, warnings = _sort_visits(visits, records, desk.as_of, customer)
    sign_ins: list[SignIn] = []
    for (slug, email), seen in sorted(days.items()):
        account = next(item for item in records[slug].accounts if item.email == email)
        last, late = _follow(account, records[slug], desk.organization.terms, sorted(seen))
        if late is not None:
            warnings.append(
                f"{email} was let in at {slug} on {late}, but was not active then: "
                "does punchcard portal access run every day?"
            )
        if last is not None and last != account.last_sign_in:
            sign_ins.append(SignIn(slug, email, account.last_sign_in, last))
    return tuple(sign_ins), warnings


def _sort_visits(
    visits: Iterable[Visit],
    customers: Mapping[str, CustomerRecords],
    as_of: date,
    customer: str | None,
) -> tuple[dict[tuple[str, str], set[date]], list[str]]:
    """Return the days of visits by customer and address, and warnings; no days to come."""
    owners: dict[str, dict[str, str]] = defaultdict(dict)
    for slug, records in customers.items():
        for account in records.accounts:
            owners[fold_address(account.email)][slug] = account.email
    days: dict[tuple[str, str], set[date]] = defaultdict(set)
    unknown, ambiguous, future = set[str](), set[str](), set[date]()
    for visit in visits:
        known = owners.get(fold_address(visit.user), {})
        portal = _find_portal(visit, known, customer)
        if visit.day > as_of:
            future.add(visit.day)
        elif portal is not None:
            days[portal, known[portal]].add(visit.day)
        elif len(known) > 1 and visit.portal is None:
            ambiguous.add(visit.user)
        else:
            unknown.add(visit.user)
    warnings = []
    if unknown:
        warnings.append(f"nobody has an account as {_name_some(unknown)}")
    if ambiguous:
        warnings.append(
            f"{_name_some(ambiguous)} has an account at several customers, and the log "
            "does not say whose portal it was: name the customer"
        )
    if future:
        day = max(future)
        warnings.append(f"visits on {day} lie in the future: is the server's clock right?")
    return days, warnings


def _find_portal(visit: Visit, owners: Collection[str], customer: str | None) -> str | None:
    """Return whose portal a visit was to, as far as the log says it."""
    if said := visit.portal or customer:
        return said if said in owners else None
    if len(owners) == 1:
        return next(iter(owners))
    return next((hint for hint in visit.hints if hint in owners), None)


def _follow(
    account: Account, records: CustomerRecords, terms: TermsHistory, days: Sequence[date]
) -> tuple[date | None, date | None]:
    """Return the last day on which an account was active, each prolonging it, and was not."""
    last, late = account.last_sign_in, None
    for day in days:
        seen = account.model_copy(update={"last_sign_in": last})
        standings = find_account_standings(replace(records, accounts=(seen,)), terms, day)
        if standings and standings[0].state is AccountState.ACTIVE:
            last = day if last is None else max(last, day)
        else:
            late = day
    return last, late


def _name_some(names: Collection[str]) -> str:
    """Return some names as a message has them; a stranger may have chosen them."""
    return name_some([ascii(name)[1:-1] for name in sorted(names)])


def _make_edit(sign_ins: Iterable[SignIn]) -> Edit:
    edits = [make_account_edit(item.email, "last_sign_in", item.last_sign_in) for item in sign_ins]
    return chain_edits(edits)


def _describe(sign_ins: Sequence[SignIn]) -> str:
    noun = "account was" if len(sign_ins) == 1 else "accounts were"
    last = max(item.last_sign_in for item in sign_ins)
    people = "\n".join(f"{item.customer}: {item.email}, {item.last_sign_in}" for item in sign_ins)
    return f"{len(sign_ins)} {noun} there, last on {last}\n\n{people}\n"
