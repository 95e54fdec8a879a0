"""Where mails come from: files, a Maildir, an mbox, an IMAP mailbox; and where refused ones go."""

from __future__ import annotations

import hashlib
import json
import mailbox
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ledger.errors import LedgerError
from ledger.intake.receive import Received

Mail = tuple[bytes, Callable[[], None]]
"""A mail, and what is called once it is on record or in quarantine."""


def read_maildir(folder: Path) -> Iterator[Mail]:
    """Yield the mails of a Maildir that nobody has seen; a mail that is done is marked as seen."""
    try:
        box = mailbox.Maildir(folder, create=False)
        keys = sorted(box.keys())
    except (mailbox.Error, OSError) as error:
        raise LedgerError(
            f"{folder} is no Maildir", "it has the folders cur, new and tmp"
        ) from error
    for key in keys:
        message = box.get_message(key)
        if "S" not in message.get_flags():
            yield box.get_bytes(key), partial(_mark_seen, box, key)


def _mark_seen(box: mailbox.Maildir, key: str) -> None:
    message = mailbox.MaildirMessage(box.get_message(key))
    message.set_subdir("cur")
    message.add_flag("S")
    box[key] = message


def read_mbox(file: Path) -> Iterator[Mail]:
    """Yield the mails of an mbox file, which stays as it is."""
    try:
        box = mailbox.mbox(file, create=False)
        keys = box.keys()
    except (mailbox.Error, OSError) as error:
        raise LedgerError(f"cannot read {file}", "name an mbox file") from error
    with closing(box):
        for key in keys:
            yield box.get_bytes(key), lambda: None


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

                def mark_seen(uid: str = message.uid) -> None:
                    box.flag(uid, MailMessageFlags.SEEN, True)

                yield message.obj.as_bytes(), mark_seen
    except (ImapToolsError, OSError) as error:
        raise LedgerError(f"the mailbox {parts.hostname} cannot be read: {error}") from error


class Quarantine:
    """A folder of messages that were refused, each with its reason beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, source: bytes, received: Received) -> None:
        """Keep a message with why it was refused; one that is there already stays.

        Raises:
            LedgerError: it cannot be kept.
        """
        name = hashlib.sha256(source).hexdigest()
        facts = json.dumps(asdict(received), ensure_ascii=False, indent=2).encode(errors="replace")
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for suffix, content in ((".eml", source), (".json", facts + b"\n")):
                aside = self.folder / f".{name}{suffix}"
                aside.write_bytes(content)
                aside.replace(self.folder / f"{name}{suffix}")
        except OSError as error:
            raise LedgerError(f"cannot write to {self.folder}: {error.strerror}") from error

    def list_kept(self) -> Iterator[dict[str, Any]]:
        """Yield the facts of each message that was kept, with its ``file``."""
        for file in sorted(self.folder.glob("[0-9a-f]*.json")):
            yield {"file": str(file.with_suffix(".eml")), **json.loads(file.read_bytes())}
