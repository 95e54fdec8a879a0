"""Where messages come from: a Maildir, an mbox, IMAP, the portal's forms; and the refused ones.

A form is kept as a mail (``waiting/CUSTOMER.FORMID.eml``), which the reader of mails reads. It is
there as a whole or not at all, and on the disk before anybody is told so. What became of it is
said in ``done/CUSTOMER.FORMID.json`` before it is removed; what was refused goes to ``quarantine``.
"""

import hashlib
import json
import mailbox
import os
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ledger.errors import LedgerError, naming_failure
from ledger.files.durable_files import ASIDE, CREATING, flush, replace_durably
from ledger.intake.receive import Received

Mail = tuple[bytes, Callable[[], None]]
"""A mail, and what is called once it is on record or in quarantine."""
_DIGEST, _REQUEST = "X-Punchcard-Digest", "X-Punchcard-Request"
_LONGEST_NAME = 120


def read_mailbox(path: Path) -> Iterator[Mail]:
    """Yield the mails of an mbox file, which stays as it is, or of a Maildir that nobody has seen.

    A mail of a Maildir that is done is marked as seen.
    """
    is_maildir = path.is_dir()
    try:
        box = (mailbox.Maildir if is_maildir else mailbox.mbox)(path, create=False)
        keys = sorted(box.keys())
    except (mailbox.Error, OSError) as error:
        if is_maildir:
            raise LedgerError(
                f"{path} is no Maildir", "it has the folders cur, new and tmp"
            ) from error
        raise LedgerError(f"cannot read {path}", "name an mbox file") from error
    with closing(box):
        for key in keys:
            if not isinstance(box, mailbox.Maildir):
                yield box.get_bytes(key), lambda: None
            elif "S" not in box.get_message(key).get_flags():
                yield box.get_bytes(key), partial(_mark_seen, box, key)


def _mark_seen(box: mailbox.Maildir, key: str) -> None:
    message = box.get_message(key)
    message.set_subdir("cur")
    message.add_flag("S")
    box[key] = message


def read_imap(url: str, password: str) -> Iterator[Mail]:
    """Yield the unseen mails of ``imaps://user@host/folder``; one that is done is marked as seen.

    Raises:
        LedgerError: the server does not answer or lets nobody in, or the extra is missing.
    """
    try:
        from imap_tools import MailBox, MailMessageFlags  # noqa: PLC0415  # an extra
        from imap_tools.errors import ImapToolsError  # noqa: PLC0415  # as above
    except ModuleNotFoundError as error:
        raise LedgerError(
            "reading a mailbox by IMAP needs imap-tools", "pip install 'service-punchcards[imap]'"
        ) from error
    parts = urlsplit(url)
    if parts.scheme != "imaps" or not parts.hostname or not parts.username:
        raise LedgerError(f"{url} is no mailbox", "write it like imaps://user@mail.example/INBOX")
    try:
        box: Any = MailBox(parts.hostname, parts.port or 993)
        folder = unquote(parts.path.strip("/")) or "INBOX"
        with box.login(unquote(parts.username), password, folder):
            for message in box.fetch("UNSEEN", mark_seen=False):
                mark_seen = partial(box.flag, message.uid, MailMessageFlags.SEEN, True)
                yield message.obj.as_bytes(), mark_seen
    except (ImapToolsError, OSError) as error:
        raise LedgerError(f"the mailbox {parts.hostname} cannot be read: {error}") from error


class Quarantine:
    """A folder of messages that were refused, each with its reason beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, source: bytes, received: Received) -> None:
        """Keep a refused message with the reason, once; a LedgerError if that cannot be done."""
        name = hashlib.sha256(source).hexdigest()
        facts = json.dumps(asdict(received), ensure_ascii=False, indent=2).encode(errors="replace")
        with naming_failure(f"cannot write to {self.folder}"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for suffix, content in ((".eml", source), (".json", facts + b"\n")):
                replace_durably(self.folder / f"{name}{suffix}", content)

    def list_kept(self) -> Iterator[dict[str, Any]]:
        """Yield the facts of each message that was kept, with its ``file``."""
        for file in sorted(self.folder.glob("[0-9a-f]*.json")):
            yield {"file": str(file.with_suffix(".eml")), **json.loads(file.read_bytes())}


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody sent with a form."""

    form_id: str  # the same however often it is sent
    customer: str
    account: str
    request: str | None  # what it answers, None if it asks anew
    title: str
    category: str
    urgency: str
    text: str
    files: Sequence[tuple[str, bytes]] = ()  # what each is called, its content

    @property
    def name(self) -> str:
        """What it is known by, and its files are called; a customer's name has no dot."""
        return f"{self.customer}.{self.form_id}"

    def to_mail(self, now: datetime) -> bytes:
        """Return it as a mail, received ``now``."""
        mail = EmailMessage(policy.default)
        mail["From"] = self.account
        mail["Date"] = now
        mail["Message-ID"] = f"<{self.form_id}@intake.{self.customer}>"
        mail["Subject"] = f"[{self.request}]" if self.request else "Request"
        words = (self.request, self.title, self.category, self.urgency, self.text)
        files = [(name, hashlib.sha256(content).hexdigest()) for name, content in self.files]
        mail[_DIGEST] = hashlib.sha256(repr((words, files)).encode()).hexdigest()
        mail[_REQUEST] = self.request or ""
        lines = [f"Title: {' '.join(self.title.split()) or self.request}"]
        for name, value in (("Category", self.category), ("Urgency", self.urgency)):
            lines += [f"{name}: {' '.join(value.split())}"] if value.strip() else []
        # A line of two hyphens and a space would begin the signature of a mail.
        text = [
            line.rstrip() if line == "-- " else line for line in re.split("\r\n?|\n", self.text)
        ]
        mail.set_content("\n".join([*lines, "", *text]) + "\n", cte="base64")
        for name, content in self.files:
            plain = "".join(filter(str.isprintable, name))[-_LONGEST_NAME:] or "file"
            mail.add_attachment(content, "application", "octet-stream", filename=plain)
        return mail.as_bytes()


class Spool:
    """A folder of forms; several processes may put forms in and take them out.

    With ``owes_receipts`` each form that gets on record leaves its name in ``owed``, once.
    """

    def __init__(self, folder: Path, *, owes_receipts: bool = False) -> None:
        self.waiting, self.done = folder / "waiting", folder / "done"
        self.owed, self._owes_receipts = folder / "owed", owes_receipts
        self.quarantine = Quarantine(folder / "quarantine")
        with naming_failure(f"cannot write to {folder}"):
            for each in (folder, self.waiting, self.done, self.owed):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
            # What the tokens of forms are signed with, for all processes of this folder.
            if not (file := folder / "secret").exists():
                create_file(file, secrets.token_bytes(32))
            self.secret = file.read_bytes()

    def keep(self, form: Form, source: bytes) -> None:
        """Keep a form's mail, once, and be sure of it.

        Raises:
            LedgerError: it was kept before, and said something else.
            OSError: it is not kept.
        """
        known = self.find(form.name)
        if known is None and create_file(self.waiting / f"{form.name}.eml", source):
            return
        known = known or self.find(form.name) or {}
        digest = _describe(source)["digest"]
        if known.get("digest", digest) != digest or known.get("account") != form.account:
            raise LedgerError("this form was sent before, with another text")

    def list_waiting(self) -> list[Path]:
        """Return the files of forms that are not on record yet, the oldest first."""
        found = []
        for file in self.waiting.glob("[!.]*.eml"):
            with suppress(FileNotFoundError):
                found.append((file.stat().st_mtime_ns, file))
        return [file for _time, file in sorted(found)]

    def find(self, name: str) -> dict[str, Any] | None:
        """Return what is known of a form; its ``outcome`` is ``waiting`` until it is on record."""
        done, waiting = self.done / f"{name}.json", self.waiting / f"{name}.eml"
        if not done.exists():
            with suppress(FileNotFoundError):
                return {"outcome": "waiting", **_describe(waiting.read_bytes())}
        # It may have been put on record just now.
        with suppress(FileNotFoundError):
            facts: dict[str, Any] = json.loads(done.read_bytes())
            return facts
        return None

    def count_before(self, name: str) -> int:
        """Return how many forms of the same customer that ask anew came before one that waits."""
        slug = name.partition(".")[0]
        names = [file.stem for file in self.list_waiting() if file.name.startswith(f"{slug}.")]
        found = map(self.find, names[: names.index(name)] if name in names else ())
        return sum(each is not None and each["request"] is None for each in found)

    def finish(self, file: Path, source: bytes, received: Received) -> None:
        """Say what became of a form, and remove it from what waits."""
        if received.outcome == "refused":
            self.quarantine.keep(source, received)
        done = self.done / f"{file.stem}.json"
        has_request = received.outcome not in {"refused", "changed"}
        if self._owes_receipts and has_request and not done.exists():
            create_file(self.owed / file.stem)
        facts = {**_describe(source), **asdict(received)}
        aside = done.with_name(f"{ASIDE}{done.name}-{secrets.token_hex(4)}")
        create_file(aside, json.dumps(facts, ensure_ascii=False, indent=2).encode() + b"\n")
        aside.replace(done)
        flush(self.done)
        file.unlink(missing_ok=True)


def _describe(source: bytes) -> dict[str, str | None]:
    headers: Any = BytesHeaderParser(policy=policy.default).parsebytes(source)
    names = {"digest": _DIGEST, "account": "From", "request": _REQUEST, "answers": _REQUEST}
    return {key: str(headers[name]).strip() or None for key, name in names.items()}


def create_file(path: Path, content: bytes = b"") -> bool:
    """Make a file with all of its content, on the disk; False if there is one already."""
    aside = path.with_name(f"{ASIDE}{path.name}-{secrets.token_hex(4)}")
    with os.fdopen(os.open(aside, CREATING, 0o600), "wb") as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            os.link(aside, path)  # which no other process can have done, and not for a part
        except FileExistsError:
            return False
        finally:
            aside.unlink()
    flush(path.parent)
    return True
