"""From a customer's message to a request, or to an answer in the history of one.

A message is recorded once, however often it is given: its id is kept with the request or the event.
It answers the request that has one of the messages it refers to, or whose id stands in its subject,
if the sender is an account of that request's customer. Everything else opens a request.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from itertools import chain
from typing import Annotated, Self

from mailparser_reply import EmailReplyParser
from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from ledger.check import check_ledger, find_organization_problems
from ledger.errors import LedgerError, Severity
from ledger.files.layout import attachment_path, request_path
from ledger.intake.mail import (
    RequestMail,
    find_day,
    find_sender,
    make_message_id,
    read_accounts,
    read_attachments,
    read_request_mail,
)
from ledger.intake.mail_text import clean_text
from ledger.ledger import Ledger
from ledger.models import CustomerRecords, Request, Status
from ledger.models.fields import EmailAddress, MessageId, NamedCategory
from ledger.models.requests import Urgency
from ledger.writing.commit import COMMIT_FIRST
from ledger.writing.customers import draft_notices
from ledger.writing.draft import Draft, Drafter, Edit, NothingToWriteError, WritingDesk, chain_edits
from ledger.writing.requests import draft_event, draft_request
from ledger.writing.write import RefusedError, Written
from ledger.writing.yaml_edit import set_value

MAX_ATTACHMENT_BYTES = 10 * 1024 * 1024
MOST_ATTACHMENTS = 20
_LONGEST_NAME = 80
_LANGUAGES = ["en", "de", "fr", "es", "ja"]
_NOT_IN_NAME = re.compile("[^A-Za-z0-9._-]+")
_APPROVED = re.compile(r"^approved:[ \t]*([1-9][0-9]{0,4})[ \t]*$", re.MULTILINE | re.IGNORECASE)
_CLOSED = re.compile(r"^status:[ \t]*closed[ \t]*$", re.MULTILINE | re.IGNORECASE)
_NOTICES = re.compile("notices:[ ]*(all|important|none)", re.IGNORECASE)
MAX_JSON_BYTES = 1024 * 1024
_WHAT_IS_WRONG = {"missing": "is missing", "extra_forbidden": "is no key of a message"}
_OneLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
_TURNS = {Status.RESOLVED, Status.CLOSED, Status.WAITING_FOR_CUSTOMER}


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a message; its JSON has the same fields in the same order."""

    # ``opened``, ``answered``, ``known`` (recorded before), ``changed`` (what the sender is told
    # of), ``refused``, or ``postponed``: it is no fault of the message, and it may be given again
    outcome: str
    message_id: str
    customer: str | None = None  # the folder's name; None where the sender is not known
    # the request that was opened or answered; of others the one that they name
    request: str | None = None
    reason: str | None = None  # why it was refused or postponed
    remarks: tuple[str, ...] = ()  # what was left out
    commit: str | None = None


class JsonMessage(BaseModel):
    """One message of a customer as JSON: a new request, or the answer to one.

    It is the way in for a webhook of some other system. Whoever gives it vouches for who sent it:
    nothing here proves the address in ``from``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", title="Message of a customer")

    sender: EmailAddress = Field(
        alias="from", description="The address of an active account.", examples=["d@acme.example"]
    )
    message_id: MessageId = Field(
        description="Its id, the same whenever it is given again.",
        examples=["<ticket-4711@help.example>"],
    )
    customer: str | None = Field(None, description="Whose account the sender must be.")
    request: str | None = Field(
        None,
        description="The request that it answers; left out, it opens one.",
        examples=["ACME-7"],
    )
    title: _OneLine | None = Field(None, description="What is asked for; not of an answer.")
    category: NamedCategory | None = Field(None, description="What it would be charged as.")
    urgency: Urgency | None = Field(None, description="How urgent it is to the customer.")
    text: str | None = Field(None, max_length=50_000, description="What they wrote.")
    sent: AwareDatetime | None = Field(None, description="When; left out, it is today.")

    @model_validator(mode="after")
    def _check_says_something(self) -> Self:
        if self.request is None and self.title is None:
            raise ValueError("a new request has a title, an answer names its request")
        return self


@dataclass(frozen=True, slots=True)
class Inbox:
    """Records messages of customers in a ledger on a day."""

    ledger: Ledger
    as_of: date
    # writes what a draft makes for a customer; see ``ledger.writing.write.write_record``
    write: Callable[[str, Drafter], Written]
    customer: str | None = None  # whose account the sender must be; None: any customer's

    def receive_mail(self, source: bytes, server: str | None = None) -> Received:
        """Record what a mail asks or answers; ``server``: see ``mail.read_request_mail``."""
        try:
            mail = read_request_mail(source, server)
        except LedgerError as error:
            return Received("refused", make_message_id(source), reason=error.message)
        return self.receive_message(mail, read_attachments(source))

    def receive_json(self, source: bytes) -> Received:
        """Record what a message as JSON asks or answers."""
        try:
            message = read_json_message(source)
        except LedgerError as error:
            return Received("refused", make_message_id(source), reason=error.message)
        mail = RequestMail(
            sender=message.sender,
            title=" ".join(clean_text(message.title or "").split()),
            category=message.category,
            description=clean_text(message.text or "").strip() or None,
            sent=message.sent,
            remarks=(),
            message_id=message.message_id,
            request=message.request and message.request.upper(),
            urgency=message.urgency and message.urgency.value,
        )
        return replace(self, customer=message.customer).receive_message(mail, ())

    def receive_message(self, mail: RequestMail, found: Iterable[tuple[str, bytes]]) -> Received:
        """Record what a message asks, with its files; postpone it if the ledger has errors."""
        if wish := _NOTICES.fullmatch(mail.title):
            return self._change_notices(mail, wish[1].lower())
        received = self._record(mail, found)
        if received.outcome == "refused" and self._has_errors(received.customer):
            reason = f"the ledger has errors ({received.reason})"
            return replace(received, outcome="postponed", reason=reason)
        return received

    def _change_notices(self, mail: RequestMail, choice: str) -> Received:
        """Record what the sender wants to be told by mail."""
        slug, outcome = self.customer, "refused"
        try:
            slug, email = find_sender(self.ledger, mail.sender, slug, self.as_of)
            outcome = "postponed"
            written = self.write(slug, lambda desk: draft_notices(desk, email, choice))
        except NothingToWriteError:
            return Received("known", mail.message_id, slug)
        except LedgerError as error:
            return Received(outcome, mail.message_id, slug, reason=error.message)
        return Received("changed", mail.message_id, slug, commit=written.commit)

    def _has_errors(self, slug: str | None) -> bool:
        """Whether files that a message depends on have errors: a customer's, or all accounts."""
        ledger = self.ledger
        if slug is not None and slug in ledger.slugs:
            problems = check_ledger(ledger, self.as_of, (slug,)).problems
        else:
            accounts = (folder.problems for folder in read_accounts(ledger))
            problems = (*find_organization_problems(ledger.organization), *chain(*accounts))
        return any(problem.severity is Severity.ERROR for problem in problems)

    def _record(self, mail: RequestMail, found: Iterable[tuple[str, bytes]]) -> Received:
        slug = self.customer
        try:
            slug, email = find_sender(self.ledger, mail.sender, slug, self.as_of)
            wanted = _find_answered(mail, self.ledger.read_customer(slug).records)
        except LedgerError as error:
            return Received("refused", mail.message_id, slug, reason=error.message)
        day = find_day(mail.sent, self.ledger.organization.zone, self.as_of)
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
            desk = replace(desk, day=day)
            if wanted is not None:
                return _draft_answer(desk, wanted, email, reply, mail.message_id, files)
            drafted = draft_request(
                desk,
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
            written = self.write(slug, draft)
        except NothingToWriteError as known:
            return Received("known", mail.message_id, slug, str(known))
        except LedgerError as error:
            # What breaks a rule by itself is nothing that a second try would change.
            is_refused = isinstance(error, RefusedError) and error.hint != COMMIT_FIRST
            outcome = "refused" if is_refused else "postponed"
            said = (error.message, *(each.message for each in error.problems))
            return Received(outcome, mail.message_id, slug, wanted, ": ".join(said))
        outcome = "opened" if wanted is None else "answered"
        remarks = (*(each for each in mail.remarks if "attachment" not in each), *left_out)
        name, commit = written.draft.name, written.commit
        return Received(outcome, mail.message_id, slug, name, None, remarks, commit)


def _find_answered(mail: RequestMail, records: CustomerRecords) -> str | None:
    """Return the request that is answered, None for a new one; a LedgerError if it is another's."""
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
        request=name,
        by=email,
        status=None if status is None else status.value,
        note=_CLOSED.sub("", _APPROVED.sub("", reply)).strip() or "(files)",
        approved_minutes=None if approved is None else int(approved[1]),
        message_id=message_id,
    )
    path = request_path(desk.slug, name)
    edits, there = [drafted.edits[path]], desk.records.requests[name].attachments
    if new := [file for file in files if file not in there]:
        add = partial(set_value, where=None, model=Request, keeps_others=True)
        edits.append(partial(add, key="attachments", value=new))
    return _attach(drafted._replace(edits={path: chain_edits(edits)}), desk.slug, name, files)


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


def read_json_message(source: bytes) -> JsonMessage:
    """Return a message; raise a LedgerError that names what is wrong with it first."""
    if len(source) > MAX_JSON_BYTES:
        raise LedgerError(f"the message is larger than {MAX_JSON_BYTES // 1024:,} KB")
    try:
        return JsonMessage.model_validate_json(source)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        said = "is not" if first["type"] == "form" else "is not right:"
        what = _WHAT_IS_WRONG.get(first["type"], f"{said} {first['msg']}")
        key = ".".join(map(str, first["loc"]))
        raise LedgerError(
            f"the message's key {key!r} {what}" if key else f"the message {what}",
            "punchcard request receive --json-schema says how it is written",
        ) from error
