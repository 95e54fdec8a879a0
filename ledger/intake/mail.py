"""From an e-mail to the request that it asks for, and to the person who sent it.

Who asks is the address in ``From`` alone. Nothing proves that address: the mailbox that the file
was saved from must have checked it. Where it says that it has, and that the mail is not from there,
the mail is refused.

The mail that a portal's form composes is plain text. It begins with these lines, in any order and
each once; only the first two must be there. A blank line ends them, the rest is the description:

    Title: Single sign-on with SAML
    Category: product-configuration
    Urgency: this week
    <blank line>
    We would like to …

A category is written as in the files, or as people read it (``Product configuration``). An
urgency other than low, normal or high becomes the first line of the description. In any other
mail the subject is the title, and the whole text the description. Plain text stays as it was
written, markup that a customer writes about among it; only a signature is left out.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.headerregistry import HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from typing import Any

from ledger.errors import LedgerError
from ledger.intake.mail_text import clean_html, clean_text, is_too_deep, unflow
from ledger.models.requests import Urgency
from ledger.text import cut_text

MAX_MAIL_BYTES = 25 * 1024 * 1024
_LONGEST_TITLE = 200
_LONGEST_DESCRIPTION = 50_000
_LONGEST_TEXT = 400_000  # bytes, with the markup
_LONGEST_HEADER = 1_000
_MOST_PARSED = 60_000
# The parsers' work grows with the square of these, and a line takes many times its length.
_MOST_LEVELS = 30
_MOST_PARTS = 2_000
_MOST_LINES = 150_000
_MOST_BYTES_READ = MAX_MAIL_BYTES // 2
_MOST_SIGNATURE_LINES = 20
_LONG_BASE64 = re.compile(
    rb"^((?:[A-Za-z0-9+/]{60,78}\r?\n){1,10000}+)(?:[A-Za-z0-9+/]{60,78}\r?\n)*+", re.MULTILINE
)
_MULTIPART = re.compile(rb"^content-type:\s*multipart/", re.IGNORECASE | re.MULTILINE)
# What the parsers of mail and of HTML raise on odd mail, in one version of Python or another.
_PARSER_FAILURES = (
    *(MessageError, RecursionError, AssertionError, AttributeError),
    *(LookupError, TypeError, ValueError),
)
_SLOW_CHARSETS = ("idna", "punycode")  # They are none of mail's, and slow to decode.
_FORM_LINE = re.compile(r"(title|category|urgency):[ \t]*(.*)", re.IGNORECASE)
_REPLY_MARK = re.compile(r"^\s*((re|aw|fw|fwd|wg|sv|tr)(\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_NAMED_REQUEST = re.compile(
    r"\[([A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,8})\]"
    r"|^\s*(?:(?:re|aw|antw|sv|rv)(?:\[\d+\])?\s*:\s*)+([A-Z][A-Z0-9]{0,9}-[1-9][0-9]{0,8})\b",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,996}>")
_DOMAIN_OF = re.compile(r"(?:header\.(?:d|i|from)|smtp\.mailfrom)\s*=\s*([^\s;]+)")
_CHECKED = re.compile(r"\b(dkim|spf|dmarc)\s*=\s*([a-z]+)")


class _BoundedHeaders(HeaderRegistry):
    """Parses the beginning of each header, and so many signs in all: the work is quadratic."""

    def __init__(self) -> None:
        super().__init__()
        self.left = _MOST_PARSED

    def __call__(self, name: str, value: str) -> Any:
        self.left -= min(len(value), _LONGEST_HEADER)
        if self.left < 0 or (len(value) > _LONGEST_HEADER and name.casefold() == "from"):
            raise LedgerError("the mail's headers are too long")
        return super().__call__(name, value[:_LONGEST_HEADER])


@dataclass(frozen=True, slots=True)
class CustomerMessage:
    """What a message asks for, or answers."""

    sender: str  # the address it comes from
    title: str
    category: str | None  # of the portal's form alone, as the urgency
    description: str | None
    sent: datetime | None  # when, if it says so
    message_id: str
    remarks: tuple[str, ...] = ()  # what was left out
    references: tuple[str, ...] = ()  # ids of the messages that it answers, the nearest last
    request: str | None = None  # the id of a request that it names as the one that it answers
    urgency: str | None = None
    customer: str | None = None  # whose account the sender must be; None: any customer's
    files: Iterable[tuple[str, bytes]] = ()  # what each is called, and its content


def read_request_mail(source: bytes, server: str | None = None) -> CustomerMessage:
    """Return what an e-mail asks for.

    ``server``: the name of the mail server whose checks of the sender count, and have to be passed;
    without it only a check that says that the sender is forged counts.

    Raises:
        LedgerError: it is no mail from one person, or too large, or says nothing.
    """
    if len(source) > MAX_MAIL_BYTES:
        raise LedgerError(f"the mail is larger than {MAX_MAIL_BYTES // 1024 // 1024} MB")
    # What is longer than the longest text is an attachment, whose content is not read here.
    whole, source = source, _LONG_BASE64.sub(rb"\1", source)
    lines = max(source.count(b"\n"), source.count(b"\r"))
    if len(source) > _MOST_BYTES_READ or lines > _MOST_LINES:
        raise LedgerError("the mail is too large without its attachments")
    if len(_MULTIPART.findall(source)) > _MOST_LEVELS or source.count(b"\n--") > _MOST_PARTS:
        raise LedgerError("the mail is made of too many parts")
    with _naming_damage():
        message = _parse(source)
        sender = _read_sender(message, server)
        own_id = _MESSAGE_ID.search(str(message.get("Message-ID", "")))
        answered = (*_list_raw(message, "references"), *_list_raw(message, "in-reply-to"))
        subject = _clean_line(str(message.get("Subject", "")))
        sent = getattr(message.get("Date"), "datetime", None)
        text, signature = _split_signature(_read_text(message))
    fields, description = _split_form(text)
    title = _clean_line(fields.get("title", "")) or _REPLY_MARK.sub("", subject)
    if not title:
        raise LedgerError("the mail has no subject")
    if len(description) > _LONGEST_DESCRIPTION:
        raise LedgerError(f"the mail's text is longer than {_LONGEST_DESCRIPTION:,} characters")
    named = _NAMED_REQUEST.search(subject)  # [ACME-13] …, or Re: ACME-13 …
    remark = f"left out the signature: {cut_text(_clean_line(signature), 80)}"
    return CustomerMessage(
        sender,
        cut_text(title, _LONGEST_TITLE),
        _clean_line(fields.get("category", "")) or None,
        description.strip() or None,
        sent if sent is None or sent.tzinfo else sent.replace(tzinfo=UTC),  # -0000 is UTC.
        own_id[0] if own_id and own_id[0].isprintable() else make_message_id(source),
        (remark,) if signature else (),
        tuple(_MESSAGE_ID.findall(" ".join(answered))),
        (named[1] or named[2]).upper() if named else None,
        fields.get("urgency") or None,
        files=read_attachments(whole),
    )


def read_attachments(source: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the files that came with a mail: what it calls each, and the content."""
    with _naming_damage():
        message = _parse(source)
        is_multipart = message.get_content_maintype() == "multipart"
        for part in message.iter_attachments() if is_multipart else ():
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes):
                yield part.get_filename() or "file", payload


def make_message_id(source: bytes) -> str:
    """Return the id of a message that has none that can be used: it follows from its content."""
    return f"<{hashlib.sha256(source).hexdigest()[:32]}@no-message-id.invalid>"


@contextmanager
def _naming_damage() -> Iterator[None]:
    try:
        yield
    except _PARSER_FAILURES as error:
        raise LedgerError("the mail is damaged and cannot be read") from error


def _parse(source: bytes) -> EmailMessage:
    policy: Any = EmailPolicy(header_factory=_BoundedHeaders())
    return message_from_bytes(source, policy=policy)


def _read_sender(message: EmailMessage, server: str | None) -> str:
    """Return the address of the person who sent a mail, unless a check says that it is forged.

    Of the results of checks (RFC 8601) the newest counts, which is the first: of ``server``, where
    DMARC has to pass, or DKIM or SPF for the sender's own domain, or one that it is part of; else
    of any server. A mailing list may break one of the signs of where a mail is from, but not all.
    """
    is_one_line = [key.casefold() for key in message].count("from") == 1
    addresses = message["From"].addresses if is_one_line else ()
    senders = [each.addr_spec.encode(errors="replace").decode() for each in addresses]
    if len(senders) != 1 or "@" not in senders[0]:
        raise LedgerError("the mail does not say in one From line which one person sent it")
    if not str(message.get("Auto-Submitted", "no")).strip().casefold().startswith("no"):
        raise LedgerError("the mail was sent by a machine (Auto-Submitted), not by a person")
    sender: str = senders[0]
    lines = [line.casefold() for line in _list_raw(message, "authentication-results")]
    if server is None:
        results = next(filter(None, map(_CHECKED.findall, lines)), [])
        failed = sorted({check for check, result in results if result == "fail"})
        if failed and ("dmarc" in failed or "pass" not in {result for _check, result in results}):
            raise LedgerError(f"the mail is not from whom it says ({', '.join(failed)}: fail)")
        return sender
    own = (line for line in lines if line.partition(";")[0].split()[:1] == [server.casefold()])
    said = [
        (*found.groups(), _DOMAIN_OF.findall(result))
        for result in next(own, "").split(";")[1:]
        if (found := _CHECKED.search(result))
    ]
    domain = sender.rpartition("@")[2].casefold()
    if any((check, result) == ("dmarc", "fail") for check, result, _about in said) or not any(
        result == "pass" and (check == "dmarc" or any(_is_aligned(domain, each) for each in about))
        for check, result, about in said
    ):
        raise LedgerError(f"{server} does not say that the mail is from {sender}")
    return sender


def _is_aligned(domain: str, about: str) -> bool:
    """Whether one of two domains is the other, or part of it; a top-level domain is nobody's."""
    other = about.rpartition("@")[2]
    shorter, longer = sorted((domain.strip("."), other.strip(".")), key=len)
    return "." in shorter and (longer == shorter or longer.endswith(f".{shorter}"))


def _list_raw(message: EmailMessage, name: str) -> list[str]:
    """Return the values of a header as they are written, however long, each on one line."""
    values = (str(value) for key, value in message.raw_items() if key.casefold() == name)
    return ["".join(value.splitlines()) for value in values]


def _read_text(message: EmailMessage) -> str:
    """Return the text of a mail, cleaned; of several forms the plain one."""
    part = message.get_body(preferencelist=("plain", "html"))
    payload = None if part is None else part.get_payload(decode=True)
    if part is None or not isinstance(payload, bytes):
        return ""
    if len(payload) > _LONGEST_TEXT:
        raise LedgerError(f"the mail's text is longer than {_LONGEST_TEXT:,} bytes")
    charset = str(part.get_content_charset() or "utf-8")
    try:
        raw = payload.decode("utf-8" if charset in _SLOW_CHARSETS else charset)
    except (LookupError, ValueError):
        raw = payload.decode("utf-8", "replace")
    if part.get_content_type() == "text/html":
        if is_too_deep(raw):
            raise LedgerError("the mail's HTML is nested too deep")
        return clean_html(raw)
    if str(part.get_param("format", "")).casefold() == "flowed":
        raw = unflow(raw, deletes_space=str(part.get_param("delsp", "")).casefold() == "yes")
    return clean_text(raw)


def _split_signature(text: str) -> tuple[str, str]:
    """Return a text without its signature, and the signature."""
    words, _mark, signature = f"\n{text}".rpartition("\n-- \n")
    is_short = signature.count("\n") < _MOST_SIGNATURE_LINES
    return (words[1:], signature) if words and is_short else (text, "")


def _split_form(text: str) -> tuple[dict[str, str], str]:
    """Return the fields of the portal's form and what stands below them; none in another mail."""
    lines = text.split("\n")
    fields: dict[str, str] = {}
    for line in lines:
        found = _FORM_LINE.fullmatch(line)
        if found is None or found[1].casefold() in fields:
            break
        fields[found[1].casefold()] = found[2].strip()
    below = lines[len(fields) :]
    if "title" not in fields or "".join(below[:1]).strip():
        return {}, text
    description = "\n".join(below).strip()
    urgency = fields.pop("urgency", "").casefold()
    if urgency in {"", *Urgency}:
        return {**fields, "urgency": urgency}, description
    return fields, f"Urgency: {urgency}\n\n{description}".strip()


def _clean_line(text: str) -> str:
    return " ".join(clean_text(text).split())
