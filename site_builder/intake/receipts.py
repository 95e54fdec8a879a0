"""Mails that say what became of a form: that it is on record, and under which number.

A receipt is owed from the moment on at which its form is on record. Whoever sends it says so first,
in a file that only one can make; where the server does not take the mail just now, the file goes
again. So a receipt is tried until it is sent, and none is sent twice.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from ledger.errors import LedgerError, UnknownNameError
from ledger.intake.mailboxes import Spool, create_file
from ledger.ledger import Ledger
from ledger.notices.delivery import MailServer, send_mails
from ledger.wording import Wording
from site_builder.pages.environment import is_address
from site_builder.pages.mails import make_mailbox


@dataclass(frozen=True, slots=True)
class Receipts:
    """Sends the receipts that a spool owes; ``compose`` makes one of what is known of a form."""

    spool: Spool
    server: MailServer
    compose: Callable[[Mapping[str, Any]], EmailMessage | None]

    def send(self) -> list[str]:
        """Send what is owed, unless others do, return refusals; a LedgerError if none is taken."""
        try:
            with FileLock(self.spool.owed / ".lock", timeout=0):
                return list(self._send()) if self.list_owed() else []
        except Timeout:
            return []

    def list_owed(self) -> list[Path]:
        """Return the files that stand for receipts that are not sent yet."""
        return sorted(self.spool.owed.glob("[!.]*"))

    def _send(self) -> Iterator[str]:
        on_their_way: list[tuple[Path, Path]] = []

        def take() -> Iterator[EmailMessage]:
            for owed in self.list_owed():
                facts = self.spool.find(owed.name) or {}
                if facts.get("outcome") == "waiting":  # It was killed just now.
                    continue
                claim = self.spool.done / f"{owed.name}.mail"
                mail = None
                with suppress(UnknownNameError):  # The customer is not there any more.
                    mail = self.compose(facts)
                if mail is None or not create_file(claim):
                    owed.unlink()
                    continue
                on_their_way.append((owed, claim))
                yield mail

        try:
            for delivery in send_mails(take(), self.server):
                owed, claim = on_their_way.pop()
                (owed if delivery.is_final else claim).unlink()
                if delivery.reason is not None:
                    yield f"no receipt for {delivery.mail['To']}: {delivery.reason}"
        finally:
            for _owed, claim in on_their_way:
                claim.unlink()


def find_reply_address(ledger: Ledger) -> Address:
    """Return who sends receipts: where customers write to; a LedgerError if that is a page."""
    provider = ledger.organization.provider
    if provider is None or not is_address(provider.contacts.requests):
        hint = "contacts.requests of provider.yml has to be an address"
        raise LedgerError("a receipt is a mail that can be answered", hint)
    return make_mailbox(provider.name, provider.contacts.requests)


def compose_receipt(
    facts: Mapping[str, Any], ledger: Ledger, words: Wording, link: str, now: datetime
) -> EmailMessage | None:
    """Return the receipt of a form, with a ``link`` if any; None where nobody would get it."""
    sender, request = find_reply_address(ledger), facts["request"]
    records = ledger.read_customer(facts["customer"]).records
    found = (each for each in records.accounts if each.is_known_as(facts["account"]))
    account, record = next(found, None), records.requests.get(request)
    if account is None or record is None or account.is_known_as(sender.addr_spec):
        return None
    kind = "opened" if record.message_id == facts["message_id"] else "answered"
    mail = EmailMessage()
    mail["From"], mail["Date"] = sender, now
    mail["To"] = make_mailbox(account.name, account.email)
    mail["Subject"] = words.text(f"receipt.{kind}_subject", request=request)
    mail["Message-ID"] = f"<receipt.{facts['message_id'][1:].partition('@')[0]}@{sender.domain}>"
    mail["References"] = mail["In-Reply-To"] = facts["message_id"]
    mail["Auto-Submitted"], mail["X-Auto-Response-Suppress"] = "auto-generated", "All"
    lines = [
        words.text("receipt.greeting", name=account.name),
        words.text(f"receipt.{kind}", request=request),
        f"    {record.title}",
        words.text("receipt.follow", link=link) if link else "",
        words.text("receipt.more"),
        sender.display_name,
    ]
    mail.set_content("\n\n".join(filter(None, lines)))
    return mail
