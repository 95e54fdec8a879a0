"""Who writes a record: the consultant whose address Git puts into commits, or who is named.

Whoever is not known is a ``LedgerError``.
"""

from __future__ import annotations

import os

from ledger.errors import LedgerError, UnknownNameError
from ledger.git import GitRepository
from ledger.models import Account, Consultant
from ledger.text import suggest_name
from ledger.writing.draft import WritingDesk


def find_consultant(desk: WritingDesk, named: str | None) -> Consultant:
    """Return the consultant called ``named``, or whose address is the Git author's."""
    handles = desk.organization.by_handle
    if named is not None:
        if named not in handles:
            hint = suggest_name(named, handles) or f"consultants: {', '.join(sorted(handles))}"
            raise UnknownNameError(f"there is no consultant {named!r}", hint)
        return handles[named]
    address = None if desk.ledger.repository is None else _find_author(desk.ledger.repository)
    if address is None:
        raise LedgerError(
            "who did this? Git knows no address of yours",
            "git config user.email ADDRESS, or say --as CONSULTANT",
        )
    for consultant in desk.organization.consultants:
        if address.casefold() in map(str.casefold, consultant.emails):
            return consultant
    emails = [email for item in desk.organization.consultants for email in item.emails]
    hint = f"say --as {'|'.join(sorted(handles))}" if handles else "add yourself to consultants.yml"
    raise LedgerError(
        f"no consultant has the address {address}, which Git gives as yours",
        f"{suggest_name(address, emails)} {hint}".strip(),
    )


def find_person(desk: WritingDesk, named: str | None) -> str:
    """Return who does something to a request: an account's address or a consultant's handle."""
    if named is None or "@" not in named:
        return find_consultant(desk, named).handle
    return find_account(desk, named).email


def find_account(desk: WritingDesk, email: str) -> Account:
    """Return the account with an address."""
    for account in desk.records.accounts:
        if account.is_known_as(email):
            return account
    addresses = [account.email for account in desk.records.accounts]
    hint = suggest_name(email, addresses) or f"accounts: {', '.join(addresses) or 'none yet'}"
    raise UnknownNameError(f"{desk.records.slug} has no account {email!r}", hint)


def _find_author(repository: GitRepository) -> str | None:
    """Return the address that Git would put into a commit as its author's."""
    if address := os.environ.get("GIT_AUTHOR_EMAIL"):
        return address
    for key in ("author.email", "user.email"):
        if found := repository.ask("config", "--get", key):
            return found.decode(errors="replace").strip()
    return None
