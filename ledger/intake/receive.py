"""From a customer's message to a request, or to an answer in the history of one.

A message is recorded once, however often it is given: its id is kept with the request or the event.
It answers the request that has one of the messages it refers to, or whose id stands in its subject,
if the sender is an account of that request's customer. Everything else opens a request.
"""

import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
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

from ledger.balance.portal_life import AccountState, find_account_standings
from ledger.check import check_ledger, find_organization_problems
from ledger.errors import LedgerError, Severity
from ledger.files.layout import attachment_path, request_path
from ledger.files.reader import CustomerFolder
from ledger.intake.mail import CustomerMessage, make_message_id
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
_FIRST_MESSAGE = date(1971, 1, 1)
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


def read_json_message(source: bytes) -> CustomerMessage:
    """Return a message; raise a LedgerError that names what is wrong with it first."""
    if len(source) > MAX_JSON_BYTES:
        raise LedgerError(f"the message is larger than {MAX_JSON_BYTES // 1024:,} KB")
    try:
        message = JsonMessage.model_validate_json(source)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        said = "is not" if first["type"] == "form" else "is not right:"
        what = _WHAT_IS_WRONG.get(first["type"], f"{said} {first['msg']}")
        key = ".".join(map(str, first["loc"]))
        raise LedgerError(
            f"the message's key {key!r} {what}" if key else f"the message {what}"
        ) from error
    return CustomerMessage(
        sender=message.sender,
        title=" ".join(clean_text(message.title or "").split()),
        category=message.category,
        description=clean_text(message.text or "").strip() or None,
        sent=message.sent,
        message_id=message.message_id,
        request=message.request and message.request.upper(),
        urgency=message.urgency and message.urgency.value,
        customer=message.customer,
    )


@dataclass(frozen=True, slots=True)
class Inbox:
    """Records messages of customers in a ledger on a day."""

    ledger: Ledger
    as_of: date
    # writes what a draft makes for a customer; see ``ledger.writing.write.Writer``
    write: Callable[[str, Drafter], Written]
    customer: str | None = None  # whose account the sender must be; None: any customer's

    def receive(self, source: bytes, read: Callable[[bytes], CustomerMessage]) -> Received:
        """Record what a message asks or answers; postpone it if the ledger has errors.

        ``read``: ``read_request_mail`` or ``read_json_message``.
        """
        try:
            mail = read(source)
        except LedgerError as error:
            return Received("refused", make_message_id(source), reason=error.message)
        received = self._record(mail)
        if received.outcome == "refused" and self._has_errors(received.customer):
            reason = f"the ledger has errors ({received.reason})"
            return replace(received, outcome="postponed", reason=reason)
        return received

    def _record(self, mail: CustomerMessage) -> Received:
        slug, name, remarks = mail.customer or self.customer, None, tuple[str, ...]()
        try:
            slug, email = self._find_sender(mail.sender, slug)
            if wish := _NOTICES.fullmatch(mail.title):
                drafter = partial(draft_notices, email=email, notices=wish[1].lower())
            else:
                name = _find_answered(mail, self.ledger.read_customer(slug).records)
                files, left_out = _name_files(mail.files)
                text = _cut_history(mail.description or "", files) if name else mail.description
                mail = replace(mail, sender=email, request=name, description=text)
                day, remarks = self._find_day(mail.sent), (*mail.remarks, *left_out)
                drafter = partial(_draft_message, mail=mail, day=day, files=files)
        except LedgerError as error:
            return Received("refused", mail.message_id, slug, name, error.message)
        try:
            written = self.write(slug, drafter)
        except NothingToWriteError as known:
            return Received("known", mail.message_id, slug, None if wish else str(known))
        except LedgerError as error:
            # What breaks a rule by itself is nothing that a second try would change.
            is_refused = isinstance(error, RefusedError) and error.hint != COMMIT_FIRST
            outcome = "refused" if is_refused else "postponed"
            why = (error.message, *(each.message for each in error.problems))
            return Received(outcome, mail.message_id, slug, name, ": ".join(why))
        outcome = "changed" if wish else "answered" if name else "opened"
        name = None if wish else written.draft.name
        return Received(outcome, mail.message_id, slug, name, None, remarks, written.commit)

    def _find_sender(self, address: str, customer: str | None) -> tuple[str, str]:
        """Return the customer, and the address as the ledger has it, of an active account."""
        found = [
            (folder.slug, standing.account.email, standing.state)
            for folder in self._read_accounts()
            if any(account.is_known_as(address) for account in folder.records.accounts)
            for standing in find_account_standings(
                self.ledger.read_customer(folder.slug).records,
                self.ledger.organization.terms,
                self.as_of,
            )
            if standing.account.is_known_as(address)
        ]
        active = [(slug, email) for slug, email, state in found if state is AccountState.ACTIVE]
        if len(active) > 1:
            raise LedgerError(f"{address} is an active account of several customers")
        if not active and found:
            states = ", ".join(f"{state} at {slug}" for slug, _email, state in found)
            raise LedgerError(f"{address} is no active account: {states}")
        if not active:
            raise LedgerError(f"{address} is nobody's account")
        if customer is not None and active[0][0] != customer:
            raise LedgerError(f"{address} is an account of {active[0][0]}, not of {customer}")
        return active[0]

    def _read_accounts(self) -> Iterator[CustomerFolder]:
        """Read of each customer who it is, and its accounts, and nothing else."""
        ledger = self.ledger
        parts = [f"{slug}/{name}.yml" for slug in ledger.slugs for name in ("accounts", "customer")]
        yield from Ledger(ledger.files.select(parts), ledger.repository).read_customers()

    def _find_day(self, sent: datetime | None) -> date:
        """Return the day on which it was sent; today if nobody says, or if it cannot be."""
        with suppress(OverflowError):
            day = sent.astimezone(self.ledger.organization.zone).date() if sent else self.as_of
            return day if _FIRST_MESSAGE <= day <= self.as_of else self.as_of
        return self.as_of

    def _has_errors(self, slug: str | None) -> bool:
        """Whether files that a message depends on have errors: a customer's, or all accounts."""
        if slug is not None and slug in self.ledger.slugs:
            problems = check_ledger(self.ledger, self.as_of, (slug,)).problems
        else:
            accounts = (folder.problems for folder in self._read_accounts())
            problems = (*find_organization_problems(self.ledger.organization), *chain(*accounts))
        return any(problem.severity is Severity.ERROR for problem in problems)


def _find_answered(mail: CustomerMessage, records: CustomerRecords) -> str | None:
    """Return the request that is answered, None for a new one; a LedgerError if it is another's."""
    for reference in reversed(mail.references):
        if name := _find_message([records], reference):
            return name
    if mail.request is not None and mail.request not in records.requests:
        raise LedgerError(f"it names {mail.request}, which is no request of {records.slug}")
    return mail.request


def _find_message(sides: Iterable[CustomerRecords], message_id: str) -> str | None:
    """Return the request that has a message already."""
    for records in sides:
        for name, request in records.requests.items():
            if message_id in {request.message_id, *(each.message_id for each in request.history)}:
                return name
    return None


def _cut_history(text: str, files: dict[str, bytes]) -> str:
    """Return an answer without what it quotes; then the whole of it is added to its files."""
    reply: str = EmailReplyParser(languages=_LANGUAGES).parse_reply(text=text).strip()
    if reply != text.strip():
        files |= [_name_file("mail.txt", text.encode())]
    if not reply and not files:
        raise LedgerError("the answer says nothing")
    return reply


def _draft_message(
    desk: WritingDesk, mail: CustomerMessage, day: date, files: Mapping[str, bytes]
) -> Draft:
    """Draft a request, or the answer to the one that is named, with the files beside it."""
    if known := _find_message(desk.all_records, mail.message_id):
        raise NothingToWriteError(known)
    desk = replace(desk, day=day)
    if mail.request is not None:
        draft = _draft_answer(desk, mail.request, mail, files)
    else:
        draft = draft_request(
            desk,
            title=mail.title,
            category=mail.category,
            urgency=mail.urgency,
            opened_by=mail.sender,
            description=mail.description,
            message_id=mail.message_id,
            attachments=[*files] or None,
        )

    def make_edit(content: bytes) -> Edit:
        return lambda _before: content

    place = partial(attachment_path, desk.slug, draft.name)
    added = {place(file): make_edit(content) for file, content in files.items()}
    return draft._replace(edits={**draft.edits, **added})


def _draft_answer(
    desk: WritingDesk, name: str, mail: CustomerMessage, files: Iterable[str]
) -> Draft:
    """Draft the customer's answer: what was done or waited for them is in progress again.

    The portal's buttons write what else an answer decides into lines of its text: ``Approved: 180``
    (minutes) and ``Status: closed``.
    """
    text, request = mail.description or "", desk.records.requests[name]
    approved, closed = _APPROVED.search(text), _CLOSED.search(text)
    turns = request.status_on(date.max) in _TURNS
    draft = draft_event(
        desk,
        request=name,
        by=mail.sender,
        status=Status.CLOSED.value if closed else Status.IN_PROGRESS.value if turns else None,
        note=_CLOSED.sub("", _APPROVED.sub("", text)).strip() or "(files)",
        approved_minutes=None if approved is None else int(approved[1]),
        message_id=mail.message_id,
    )
    path = request_path(desk.slug, name)
    edits = [draft.edits[path]]
    if new := [file for file in files if file not in request.attachments]:
        add = partial(set_value, where=None, model=Request, keeps_others=True)
        edits.append(partial(add, key="attachments", value=new))
    return draft._replace(edits={path: chain_edits(edits)})


def _name_files(found: Iterable[tuple[str, bytes]]) -> tuple[dict[str, bytes], list[str]]:
    """Return files by the names under which they are kept, and what is said of those left out."""
    files: dict[str, bytes] = {}
    left_out = []
    for name, content in found:
        if len(content) > MAX_ATTACHMENT_BYTES or len(files) == MOST_ATTACHMENTS:
            left_out.append(f"left out the file {name!r} ({len(content):,} bytes)")
        elif content:
            files |= [_name_file(name, content)]
    return files, left_out


def _name_file(name: str, content: bytes) -> tuple[str, bytes]:
    """Return a file with a name that no computer and no web server takes for anything else."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    stem, dot, suffix = plain.replace("\\", "/").rpartition("/")[2].rpartition(".")
    parts = (_NOT_IN_NAME.sub("-", part).strip("-._") for part in (stem, suffix))
    ending = dot.join(filter(None, parts))[-_LONGEST_NAME:].lstrip("-._") or "file"
    return f"{hashlib.sha256(content).hexdigest()}-{ending}", content
