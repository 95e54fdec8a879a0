"""A message as JSON: the way in for a webhook of some other system, which somebody else writes.

Whoever gives it vouches for who sent it: nothing here proves the address in ``from``.
"""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from ledger.errors import LedgerError
from ledger.intake.mail import NO_MESSAGE_ID, RequestMail
from ledger.intake.mail_text import clean_text
from ledger.intake.receive import Received, Writer, receive_message
from ledger.ledger import Ledger
from ledger.models.fields import EmailAddress, MessageId, NamedCategory
from ledger.models.requests import Urgency

MAX_JSON_BYTES = 1024 * 1024
_WHAT_IS_WRONG = {"missing": "is missing", "extra_forbidden": "is no key of a message"}
_OneLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class JsonMessage(BaseModel):
    """One message of a customer: a new request, or the answer to one."""

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


def make_message_schema() -> dict[str, Any]:
    """Return the JSON Schema of a message."""
    return JsonMessage.model_json_schema()


def receive_json(source: bytes, ledger: Ledger, as_of: date, write: Writer) -> Received:
    """Record what a message asks or answers; see ``receive.receive_message``."""
    try:
        message = read_json_message(source)
    except LedgerError as error:
        message_id = f"<{hashlib.sha256(source).hexdigest()[:32]}{NO_MESSAGE_ID}"
        return Received("refused", message_id, reason=error.message)
    mail = RequestMail(
        sender=message.sender,
        title=" ".join(clean_text(message.title or "").split()),
        category=message.category,
        description=clean_text(message.text or "").strip() or None,
        sent=message.sent,
        remarks=(),
        message_id=message.message_id,
        request=None if message.request is None else message.request.upper(),
        urgency=None if message.urgency is None else message.urgency.value,
    )
    return receive_message(mail, (), ledger, as_of, write, message.customer)


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
