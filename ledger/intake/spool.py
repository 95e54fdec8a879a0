"""The folder of what customers sent with the portal's form, until it is on record.

A form is kept as a mail (``waiting/CUSTOMER.FORMID.eml``), which the reader of mails reads. It is
there as a whole or not at all, and on the disk before anybody is told so. What became of it is
said in ``done/CUSTOMER.FORMID.json`` before it is removed; what was refused goes to ``quarantine``.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

from ledger.errors import LedgerError
from ledger.files.durable_files import ASIDE, CREATING, flush
from ledger.intake.mailboxes import Quarantine
from ledger.intake.receive import Received

_DIGEST, _REQUEST = "X-Punchcard-Digest", "X-Punchcard-Request"
_LONGEST_NAME = 120


class AnotherTextError(LedgerError):
    """Something else was sent with the same form's id."""


@dataclass(frozen=True, slots=True)
class Form:
    """What somebody sent with a form; ``request``: what it answers, None if it asks anew.

    ``form_id`` is the same however often it is sent. ``files``: what each is called, its content.
    """

    form_id: str
    customer: str
    account: str
    request: str | None
    title: str
    category: str
    urgency: str
    text: str
    files: Sequence[tuple[str, bytes]] = ()

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by: its customer and its id."""
        return self.customer, self.form_id

    def to_mail(self, now: datetime) -> bytes:
        """Return it as a mail, received ``now``."""
        mail = EmailMessage(policy.default)
        mail["From"] = self.account
        mail["Date"] = now
        mail["Message-ID"] = f"<{self.form_id}@intake.{self.customer}>"
        mail["Subject"] = f"[{self.request}]" if self.request else "Request"
        mail[_DIGEST] = self._find_digest()
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

    def _find_digest(self) -> str:
        words = (self.request, self.title, self.category, self.urgency, self.text)
        files = [(name, hashlib.sha256(content).hexdigest()) for name, content in self.files]
        return hashlib.sha256(repr((words, files)).encode()).hexdigest()


class Spool:
    """A folder of forms; several processes may put forms in and take them out.

    With ``owes_receipts`` each form that gets on record leaves its name in ``owed``, once.
    """

    def __init__(self, folder: Path, *, owes_receipts: bool = False) -> None:
        self.waiting, self.done = folder / "waiting", folder / "done"
        self.owed, self._owes_receipts = folder / "owed", owes_receipts
        self.quarantine = Quarantine(folder / "quarantine")
        try:
            for each in (folder, self.waiting, self.done, self.owed):
                each.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._secret = folder / "secret"
            if not self._secret.exists():
                create_file(self._secret, secrets.token_bytes(32))
        except OSError as error:
            raise LedgerError(f"cannot write to {folder}: {error.strerror}") from error

    def read_secret(self) -> bytes:
        """Return what the tokens of forms are signed with, for all processes of this folder."""
        return self._secret.read_bytes()

    def keep(self, form: Form, source: bytes) -> bool:
        """Keep a form's mail, and be sure of it; False: it was kept before.

        Raises:
            AnotherTextError: what was kept before says something else.
            OSError: it is not kept.
        """
        digest = _describe(source)["digest"]
        known = self.find(*form.key)
        is_new = known is None and create_file(self.waiting / f"{_name(*form.key)}.eml", source)
        if not is_new:
            known = known or self.find(*form.key) or {}
            if known.get("digest", digest) != digest or known.get("account") != form.account:
                raise AnotherTextError("this form was sent before, with another text")
        return is_new

    def list_waiting(self) -> list[Path]:
        """Return the files of forms that are not on record yet, the oldest first."""
        found = []
        for file in self.waiting.glob("[!.]*.eml"):
            with suppress(FileNotFoundError):
                found.append((file.stat().st_mtime_ns, file))
        return [file for _time, file in sorted(found)]

    def find(self, customer: str, form_id: str) -> dict[str, Any] | None:
        """Return what is known of a form; its ``outcome`` is ``waiting`` until it is on record."""
        name = _name(customer, form_id)
        done, waiting = self.done / f"{name}.json", self.waiting / f"{name}.eml"
        if not done.exists():
            with suppress(FileNotFoundError):
                return {"outcome": "waiting", **_describe(waiting.read_bytes())}
        # It may have been put on record just now.
        with suppress(FileNotFoundError):
            facts: dict[str, Any] = json.loads(done.read_bytes())
            return facts
        return None

    def count_before(self, form: tuple[str, str]) -> int:
        """Return how many forms of the same customer that ask anew came before one that waits."""
        files = [file for file in self.list_waiting() if file.name.startswith(f"{form[0]}.")]
        names = [file.stem for file in files]
        place = names.index(_name(*form)) if _name(*form) in names else 0
        found = [self.find(*file.stem.split(".", 1)) for file in files[:place]]
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


def _name(customer: str, form_id: str) -> str:
    """Return what a form's files are called; a customer's name has no dot."""
    return f"{customer}.{form_id}"


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
