"""From a customer's message to a request, or to an answer in the history of one.

A message is recorded once, however often it is given: its id is kept with the request or the event.
It answers the request that has one of the messages it refers to, or whose id stands in its subject,
if the sender is an account of that request's customer. Everything else opens a request.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date
from itertools import chain

from mailparser_reply import EmailReplyParser

from ledger.check import check_ledger, find_organization_problems
from ledger.errors import LedgerError, Severity
from ledger.files.layout import attachment_path, request_path
from ledger.intake.mail import (
    NO_MESSAGE_ID,
    RequestMail,
    find_day,
    find_sender,
    read_accounts,
    read_attachments,
    read_request_mail,
)
from ledger.ledger import Ledger
from ledger.models import CustomerRecords, Request, Status
from ledger.writing.commit import COMMIT_FIRST
from ledger.writing.customers import draft_notices
from ledger.writing.draft import Draft, Drafter, Edit, NothingToWriteError, WritingDesk
from ledger.writing.requests import draft_event, draft_request
from ledger.writing.write import RefusedError, Written
from ledger.writing.yaml_edit import add_value

MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024
MOST_ATTACHMENTS = 20
_LONGEST_NAME = 80
_LANGUAGES = ["en", "de", "fr", "es", "ja"]
_NOT_IN_NAME = re.compile("[^A-Za-z0-9._-]+")
_APPROVED = re.compile(r"^approved:[ \t]*([1-9][0-9]{0,4})[ \t]*$", re.MULTILINE | re.IGNORECASE)
_CLOSED = re.compile(r"^status:[ \t]*closed[ \t]*$", re.MULTILINE | re.IGNORECASE)
_NOTICES = re.compile("notices:[ ]*(all|important|none)", re.IGNORECASE)
_REQUEST_KEYS = tuple(Request.list_fields())
_TURNS = {Status.RESOLVED, Status.CLOSED, Status.WAITING_FOR_CUSTOMER}


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message; its JSON has the same fields in the same order.

    Attributes:
        outcome: ``opened``, ``answered``, ``known`` (recorded before), ``changed`` (what the sender
            is told of), ``refused``, or ``postponed``: it is no fault of the message, and it may be
            given again.
        customer: the folder's name; None where the sender is not known.
        request: the request that was opened or answered; of others the one that they name.
        reason: why it was refused or postponed.
        remarks: what was left out.
    """

    outcome: str
    message_id: str
    customer: str | None = None
    request: str | None = None
    reason: str | None = None
    remarks: tuple[str, ...] = ()
    commit: str | None = None


Writer = Callable[[str, Drafter], Written]
"""Writes what a draft makes for a customer; see ``ledger.writing.write.write_record``."""


def receive_mail(
    source: bytes,
    ledger: Ledger,
    as_of: date,
    write: Writer,
    server: str | None = None,
    customer: str | None = None,
) -> Received:
    """Record what a mail asks or answers; ``server``: see ``mail.read_request_mail``.

    ``customer``: see ``receive_message``.
    """
    try:
        mail = read_request_mail(source, server)
    except LedgerError as error:
        message_id = f"<{hashlib.sha256(source).hexdigest()[:32]}{NO_MESSAGE_ID}"
        return Received("refused", message_id, reason=error.message)
    return receive_message(mail, read_attachments(source), ledger, as_of, write, customer)


def receive_message(
    mail: RequestMail,
    found: Iterable[tuple[str, bytes]],
    ledger: Ledger,
    as_of: date,
    write: Writer,
    customer: str | None = None,
) -> Received:
    """Record what a message asks or answers, with the files ``found`` with it.

    Where files of the ledger have errors just now, a message is postponed instead of refused.
    ``customer``: whose account the sender must be; None: any customer's.
    """
    if wish := _NOTICES.fullmatch(mail.title):
        return _change_notices(mail, wish[1].lower(), ledger, as_of, write, customer)
    received = _record_message(mail, found, ledger, as_of, write, customer)
    if received.outcome == "refused" and _has_errors(ledger, received.customer, as_of):
        reason = f"the ledger has errors ({received.reason})"
        return replace(received, outcome="postponed", reason=reason)
    return received


def _change_notices(
    mail: RequestMail,
    choice: str,
    ledger: Ledger,
    as_of: date,
    write: Writer,
    customer: str | None,
) -> Received:
    """Record what the sender wants to be told by mail."""
    slug, outcome = customer, "refused"
    try:
        slug, email = find_sender(ledger, mail.sender, customer, as_of)
        outcome = "postponed"
        written = write(slug, lambda desk: draft_notices(desk, email, choice))
    except NothingToWriteError:
        return Received("known", mail.message_id, slug)
    except LedgerError as error:
        return Received(outcome, mail.message_id, slug, reason=error.message)
    return Received("changed", mail.message_id, slug, commit=written.commit)


def _has_errors(ledger: Ledger, slug: str | None, as_of: date) -> bool:
    """Whether the files that a message depends on have errors: a customer's, or all accounts."""
    if slug is not None and slug in ledger.slugs:
        problems = check_ledger(ledger, as_of, (slug,)).problems
    else:
        accounts = (folder.problems for folder in read_accounts(ledger))
        problems = (*find_organization_problems(ledger.organization), *chain(*accounts))
    return any(problem.severity is Severity.ERROR for problem in problems)


def _record_message(
    mail: RequestMail,
    found: Iterable[tuple[str, bytes]],
    ledger: Ledger,
    as_of: date,
    write: Writer,
    customer: str | None,
) -> Received:
    slug = customer
    try:
        slug, email = find_sender(ledger, mail.sender, customer, as_of)
        wanted = _find_answered(mail, ledger.read_customer(slug).records)
    except LedgerError as error:
        return Received("refused", mail.message_id, slug, reason=error.message)
    provider = ledger.organization.provider
    day = find_day(mail.sent, UTC if provider is None else provider.zone, as_of)
    files, left_out = _name_files(found)
    text = reply = mail.description or ""
    if wanted is not None:
        reply = EmailReplyParser(languages=_LANGUAGES).parse_reply(text=text).strip()
        if reply != text.strip():
            files |= dict([_name_file("mail.txt", text.encode())])
        if not reply and not files:
            return Received("refused", mail.message_id, slug, wanted, "the answer says nothing")

    def draft(desk: WritingDesk) -> Draft:
        if known := find_message(desk.all_records, mail.message_id):
            raise NothingToWriteError(known)
        if wanted is not None:
            return _draft_answer(desk, wanted, day, email, reply, mail.message_id, files)
        drafted = draft_request(
            desk,
            day,
            title=mail.title,
            category=mail.category,
            urgency=mail.urgency,
            opened_by=email,
            description=mail.description,
            message_id=mail.message_id,
            attachments=[*files] or None,
        )
        return _attach(drafted, desk.slug, drafted.name, files)

    try:
        written = write(slug, draft)
    except NothingToWriteError as known:
        return Received("known", mail.message_id, slug, str(known))
    except LedgerError as error:
        # What breaks a rule by itself is nothing that a second try would change.
        is_refused = isinstance(error, RefusedError) and error.hint != COMMIT_FIRST
        outcome = "refused" if is_refused else "postponed"
        said = (error.message, *(each.message for each in getattr(error, "problems", ())))
        return Received(outcome, mail.message_id, slug, wanted, ": ".join(said))
    outcome = "opened" if wanted is None else "answered"
    remarks = (*(each for each in mail.remarks if "attachment" not in each), *left_out)
    name, commit = written.draft.name, written.commit
    return Received(outcome, mail.message_id, slug, name, None, remarks, commit)


def _find_answered(mail: RequestMail, records: CustomerRecords) -> str | None:
    """Return the request that a message answers; None if it opens a new one.

    Raises:
        LedgerError: it names a request that is not the customer's.
    """
    for reference in reversed(mail.references):
        if name := find_message([records], reference):
            return name
    if mail.request is not None and mail.request not in records.requests:
        raise LedgerError(f"it names {mail.request}, which is no request of {records.slug}")
    return mail.request


def find_message(sides: Iterable[CustomerRecords], message_id: str) -> str | None:
    """Return the request that has a message already."""
    for records in sides:
        for name, request in records.requests.items():
            if message_id in {request.message_id, *(each.message_id for each in request.history)}:
                return name
    return None


def _draft_answer(
    desk: WritingDesk,
    name: str,
    day: date,
    email: str,
    reply: str,
    message_id: str,
    files: Mapping[str, bytes],
) -> Draft:
    """Draft the customer's answer: what was done or waited for them is in progress again.

    The portal's buttons write what else an answer decides into lines of its text: ``Approved: 180``
    (minutes) and ``Status: closed``.
    """
    approved, closed = _APPROVED.search(reply), _CLOSED.search(reply)
    turns = desk.records.requests[name].status_on(date.max) in _TURNS
    status = Status.CLOSED if closed else Status.IN_PROGRESS if turns else None
    drafted = draft_event(
        desk,
        day,
        request=name,
        by=email,
        status=None if status is None else status.value,
        note=_CLOSED.sub("", _APPROVED.sub("", reply)).strip() or "(files)",
        approved_minutes=None if approved is None else int(approved[1]),
        message_id=message_id,
    )
    path = request_path(desk.slug, name)
    add_event = drafted.edits[path]

    def edit(before: bytes | None) -> bytes | None:
        after = add_event(before)
        for file in files:
            if after is not None and file not in desk.records.requests[name].attachments:
                after = add_value(after, "attachments", file, _REQUEST_KEYS)
        return after

    return _attach(drafted._replace(edits={path: edit}), desk.slug, name, files)


def _attach(draft: Draft, slug: str, name: str, files: Mapping[str, bytes]) -> Draft:
    """Return a draft that also puts files beside a request."""

    def make_edit(content: bytes) -> Edit:
        return lambda _before: content

    added = {attachment_path(slug, name, file): make_edit(files[file]) for file in files}
    return draft._replace(edits={**draft.edits, **added})


def _name_files(found: Iterable[tuple[str, bytes]]) -> tuple[dict[str, bytes], list[str]]:
    """Return files by the names under which they are kept, and what is said of those left out."""
    files: dict[str, bytes] = {}
    left_out = []
    for name, content in found:
        if len(content) > MAX_ATTACHMENT_BYTES or len(files) == MOST_ATTACHMENTS:
            left_out.append(f"left out the file {name!r} ({len(content):,} bytes)")
        elif content:
            files |= dict([_name_file(name, content)])
    return files, left_out


def _name_file(name: str, content: bytes) -> tuple[str, bytes]:
    """Return a file with a name that no computer and no web server takes for anything else."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, dot, suffix = plain.replace("\\", "/").rpartition("/")[2].rpartition(".")
    parts = (_NOT_IN_NAME.sub("-", part).strip("-._") for part in (stem, suffix))
    ending = dot.join(filter(None, parts))[-_LONGEST_NAME:].lstrip("-._") or "file"
    return f"{hashlib.sha256(content).hexdigest()}-{ending}", content
