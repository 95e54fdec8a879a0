"""An e-mail to the request that it asks for.

Who asks is the address in ``From`` alone; whether it may is for ``ledger.request_sender`` to say.
Nothing proves that address: the mailbox that the file was saved from must have checked it.

The mail that a portal's form composes is plain text. It begins with these lines, in any order and
each once; only the first two must be there. A blank line ends them, the rest is the description:

    Title: Single sign-on with SAML
    Category: product-configuration
    Urgency: this week
    <blank line>
    We would like to …

A category is written as in the files, or as people read it (``Product configuration``). Urgency
has no place of its own in a request, so it becomes the first line of the description. In any other
mail the subject is the title, and the whole text the description.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from typing import NamedTuple

from ledger.errors import LedgerError
from ledger.mail_text import clean_html, clean_text, is_too_deep, unflow
from ledger.models import Category
from ledger.text import suggest_name

MAX_MAIL_BYTES = 25 * 1024 * 1024
_LONGEST_TITLE = 200
_LONGEST_DESCRIPTION = 50_000
_LONGEST_TEXT = 400_000  # with the markup
# The parsers' work grows with the square of these.
_MOST_LEVELS = 30
_MOST_PARTS = 2_000
_MULTIPART = re.compile(rb"^content-type:\s*multipart/", re.IGNORECASE | re.MULTILINE)
_OPEN_BY_HAND = "open it by hand, with what it says in short"
# What the parsers of mail and of HTML trip over, in one version of Python or another.
_PARSER_FAILURES = (
    MessageError,
    RecursionError,
    AssertionError,
    AttributeError,
    IndexError,
    KeyError,
    TypeError,
    ValueError,
)
_FORM_LINE = re.compile(r"(title|category|urgency):[ \t]*(.*)", re.IGNORECASE)
_REPLY_MARK = re.compile(r"^\s*((re|aw|fw|fwd|wg|sv|tr)(\[\d+\])?\s*:\s*)+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RequestMail:
    """What an e-mail asks for.

    Attributes:
        sender: the address it comes from.
        category: what it names as its category, if it comes from the portal's form.
        description: cleaned text; None if there is none.
        remarks: what was left out.
    """

    sender: str
    title: str
    category: str | None
    description: str | None
    remarks: tuple[str, ...]


def read_request_mail(source: bytes) -> RequestMail:
    """Return what an e-mail asks for.

    Raises:
        LedgerError: it is no mail from one person, or too large, or says nothing.
    """
    if len(source) > MAX_MAIL_BYTES:
        raise LedgerError(f"the mail is larger than {MAX_MAIL_BYTES // 1024 // 1024} MB")
    parts = _take_apart(source)
    if len(parts.senders) != 1 or "@" not in parts.senders[0]:
        raise LedgerError(
            "the mail does not say in one From line which one person sent it", _OPEN_BY_HAND
        )
    if not parts.automatic.strip().casefold().startswith("no"):
        raise LedgerError("the mail was sent by a machine (Auto-Submitted), not by a person")
    fields, description = _split_form(parts.text)
    title = _clean_line(fields.get("title", "")) or _REPLY_MARK.sub("", _clean_line(parts.subject))
    if not title:
        raise LedgerError("the mail has no subject", "name the title: … CUSTOMER TITLE")
    if len(description) > _LONGEST_DESCRIPTION:
        raise LedgerError(
            f"the mail's text is longer than {_LONGEST_DESCRIPTION:,} characters", _OPEN_BY_HAND
        )
    return RequestMail(
        sender=parts.senders[0],
        title=_shorten(title),
        category=_read_category(fields.get("category")),
        description=description or None,
        remarks=tuple(_describe_attachments(parts.attachments)),
    )


class _Parts(NamedTuple):
    """What a mail is made of, as far as it matters here."""

    senders: tuple[str, ...]
    automatic: str
    subject: str
    text: str
    attachments: tuple[str, ...]


def _take_apart(source: bytes) -> _Parts:
    if len(_MULTIPART.findall(source)) > _MOST_LEVELS or source.count(b"\n--") > _MOST_PARTS:
        raise LedgerError("the mail is made of too many parts", _OPEN_BY_HAND)
    try:
        message = message_from_bytes(source, policy=policy.default)
        from_lines = message.get_all("From", [])
        addresses = [address.addr_spec for line in from_lines for address in line.addresses]
        return _Parts(
            tuple(addresses) if len(from_lines) == 1 else (),
            str(message.get("Auto-Submitted", "no")),
            str(message.get("Subject", "")),
            _read_text(message),
            tuple(_list_attachments(message)),
        )
    except _PARSER_FAILURES as error:
        raise LedgerError("the mail is damaged and cannot be read", _OPEN_BY_HAND) from error


def _read_text(message: EmailMessage) -> str:
    """Return the text of a mail, cleaned; of several forms the plain one."""
    part = message.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    raw = _decode(part)
    if len(raw) > _LONGEST_TEXT:
        raise LedgerError(
            f"the mail's text is longer than {_LONGEST_TEXT:,} characters", _OPEN_BY_HAND
        )
    if part.get_content_type() == "text/html":
        if is_too_deep(raw):
            raise LedgerError("the mail's HTML is nested too deep", _OPEN_BY_HAND)
        return clean_html(raw)
    if str(part.get_param("format", "")).casefold() == "flowed":
        raw = unflow(raw, deletes_space=str(part.get_param("delsp", "")).casefold() == "yes")
    return clean_text(raw)


def _decode(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    charset = str(part.get_content_charset() or "utf-8")
    try:
        return content.decode(charset)
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _split_form(text: str) -> tuple[dict[str, str], str]:
    """Return the fields of the portal's form and what stands below them; none in another mail."""
    lines = text.split("\n")
    fields: dict[str, str] = {}
    count = 0
    for line in lines:
        found = _FORM_LINE.fullmatch(line)
        if found is None or found[1].casefold() in fields:
            break
        fields[found[1].casefold()] = found[2].strip()
        count += 1
    is_form = "title" in fields and not "".join(lines[count : count + 1]).strip()
    if not is_form:
        return {}, text
    description = "\n".join(lines[count:]).strip()
    urgency = fields.get("urgency")
    return fields, f"Urgency: {urgency}\n\n{description}".strip() if urgency else description


def _read_category(name: str | None) -> str | None:
    if not name:
        return None
    slug = re.sub(r"[\s_/-]+", "-", name.strip().casefold()).strip("-")
    charged = [category.value for category in Category if category.is_charged]
    if slug in charged:
        return slug
    hint = suggest_name(slug, charged) or f"categories: {', '.join(charged)}"
    raise LedgerError(f"the mail asks for the category {name!r}, which there is not", hint)


def _list_attachments(message: EmailMessage) -> Iterator[str]:
    if message.get_content_maintype() == "multipart":
        for part in message.iter_attachments():
            yield part.get_filename() or ""


def _describe_attachments(names: Sequence[str]) -> Iterator[str]:
    if names:
        listed = ", ".join(_clean_line(name) or "without a name" for name in names)
        yield f"left out {len(names)} attachment{'' if len(names) == 1 else 's'}: {listed}"


def _clean_line(text: str) -> str:
    return " ".join(clean_text(text).split())


def _shorten(title: str) -> str:
    return title if len(title) <= _LONGEST_TITLE else title[: _LONGEST_TITLE - 1].rstrip() + "…"
