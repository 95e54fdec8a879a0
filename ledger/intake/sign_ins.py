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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
from ledger.models import CustomerRecords
from ledger.text import fold_address, name_some
from ledger.writing.customers import make_account_edit
from ledger.writing.draft import Draft, Drafter, NothingToWriteError, WritingDesk, chain_edits
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


class Visit(NamedTuple):
    """Somebody was let in on a day, at a portal (None if the log does not say at which)."""

    user: str
    day: date
    portal: str | None = None
    # what may be the portal's name: the first parts of the host's name and of the path
    hints: tuple[str, ...] = ()


def read_logs(logs: Iterable[str], zone: tzinfo) -> tuple[set[Visit], list[str]]:
    """Return the visits in logs, and warnings; a log that is not whole adds nothing but a warning.

    A log is a file's name, a pattern that stands for several, or ``-`` for standard input. A
    LedgerError is raised if nothing could be read: a nightly job must not look healthy then.
    """
    visits, warnings, is_any_read = set[Visit](), list[str](), False
    for log in (name for given in logs for name in list_names(given)):
        try:
            with Path(log).open("rb") if log != "-" else nullcontext(sys.stdin.buffer) as stream:
                found, strange = read_access_log(stream, zone)
        except (OSError, LedgerError) as error:
            reason = error.strerror if isinstance(error, OSError) else error.message
            warnings.append(f"{log}: {reason}, so nothing of it counts")
            continue
        is_any_read = True
        visits |= found
        warnings += [f"{log}: {strange}"] if strange else []
    if not is_any_read:
        raise LedgerError("; ".join(warnings), "nobody's sign-in was recorded: name a log")
    return visits, warnings


def list_names(log: str) -> list[str]:
    """Return the files that the name of a log, or a pattern, stands for."""
    is_pattern = glob.has_magic(log) and not Path(log).exists()
    found = sorted(glob.glob(log)) if is_pattern else []  # noqa: PTH207  # also from the root
    return found or [log]


def read_access_log(stream: Any, zone: tzinfo) -> tuple[set[Visit], str]:
    """Read a log, maybe gzipped, by the days of ``zone``; return visits, and what is odd.

    Raises:
        LedgerError: it is not whole, or is none; nothing in it counts.
    """
    visits = set[Visit | None]()
    count = strange = 0
    for line in _read_lines(stream):
        count += 1
        try:
            visits.add(_read_line(line, zone))
        except _STRANGE:
            strange += 1
    if count and count == strange:
        raise LedgerError("no line of it is one of an access log")
    said = f"{strange} of {count} lines are none of a log" if strange else ""
    return {visit for visit in visits if visit is not None}, said


def _read_lines(stream: Any) -> Iterator[bytes]:
    """Yield the lines that say something."""
    try:
        packed = stream.peek(len(_GZIP)).startswith(_GZIP)
        lines = gzip.GzipFile(fileobj=stream) if packed else stream
        while line := lines.readline(_LONGEST_LINE):
            if not line.endswith(b"\n") and len(line) < _LONGEST_LINE:
                raise LedgerError("it is cut off: its last line has no end")
            if line.strip():
                yield line
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise LedgerError("it is cut off or damaged, so it cannot be unpacked") from error


def _read_line(line: bytes, zone: tzinfo) -> Visit | None:
    """Return the visit in a line, if it is one; or raise one of ``_STRANGE``."""
    if line.startswith(b"{"):
        said = json.loads(line)
        shown = said.get("resp_headers", {}).get(_ACCOUNT_HEADER, [""])[0]
        user, portal, status = str(said.get("user_id") or shown), None, int(said["status"])
        moment = datetime.fromtimestamp(float(said["ts"]), UTC)
        host, target = str(said["request"]["host"]), str(said["request"]["uri"])
    else:
        found = _LINE.fullmatch(line)
        if found is None:
            raise ValueError(line)
        plain = _ESCAPE.sub(lambda x: bytes.fromhex(x[1].decode()) if x[1] else x[2], found["user"])
        user, portal = plain.decode("utf-8", "replace").strip(), found["portal"]
        status = int(found["status"])
        moment = datetime.strptime(found["moment"].decode(), "%d/%b/%Y:%H:%M:%S %z")
        host, target = "", "".join(found["request"].decode("latin-1").split(" ")[1:2])
    if status not in _SUCCESS or user in {"", "-"}:
        return None
    segment = urlsplit(target).path.strip("/").partition("/")[0] if target[:1] == "/" else ""
    hints = tuple(filter(None, (host.partition(".")[0], segment)))
    return Visit(user, moment.astimezone(zone).date(), portal.decode() if portal else None, hints)


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
    all are of one; ``write``: writes a draft, as ``ledger.writing.write.Writer`` does.
    """
    found = RecordedSignIns((), ())

    def draft(desk: WritingDesk) -> Draft:
        nonlocal found
        visits, odd = read_logs(logs, desk.organization.zone)
        sign_ins, warnings = _find_sign_ins(visits, desk, customer)
        found = RecordedSignIns(sign_ins, (*odd, *warnings))
        if not sign_ins:
            raise NothingToWriteError
        edits = {
            record_path(slug, "accounts"): chain_edits(
                [make_account_edit(each.email, "last_sign_in", each.last_sign_in) for each in own]
            )
            for slug, own in groupby(sign_ins, key=lambda each: each.customer)
        }
        noun = "account was" if len(sign_ins) == 1 else "accounts were"
        last = max(each.last_sign_in for each in sign_ins)
        lines = (f"{each.customer}: {each.email}, {each.last_sign_in}" for each in sign_ins)
        people = "\n".join(lines)
        return Draft(edits, "", f"{len(sign_ins)} {noun} there, last on {last}\n\n{people}\n")

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
        last, late = account.last_sign_in, None
        for day in sorted(seen):  # Each prolongs the account, if it was active then.
            then = account.model_copy(update={"last_sign_in": last})
            known = replace(records[slug], accounts=(then,))
            standings = find_account_standings(known, desk.organization.terms, day)
            if any(each.state is AccountState.ACTIVE for each in standings):
                last = max(last or day, day)
            else:
                late = day
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
        said = visit.portal or customer
        places = (said,) if said else [*known] if len(known) == 1 else visit.hints
        portal = next((each for each in places if each in known), None)
        if visit.day > as_of:
            future.add(visit.day)
        elif portal is not None:
            days[portal, known[portal]].add(visit.day)
        elif len(known) > 1 and visit.portal is None:
            ambiguous.add(visit.user)
        else:
            unknown.add(visit.user)
    warnings = []
    # A stranger may have chosen the names.
    names, unclear = (
        name_some([ascii(name)[1:-1] for name in sorted(each)]) for each in (unknown, ambiguous)
    )
    if names:
        warnings.append(f"nobody has an account as {names}")
    if unclear:
        warnings.append(
            f"{unclear} has an account at several customers, and the log "
            "does not say whose portal it was: name the customer"
        )
    if future:
        day = max(future)
        warnings.append(f"visits on {day} lie in the future: is the server's clock right?")
    return days, warnings
