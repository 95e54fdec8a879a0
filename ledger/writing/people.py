"""Who writes a record: the consultant whose address Git puts into commits, or who is named."""

from __future__ import annotations

import os

from ledger.errors import LedgerError, UnknownNameError
from ledger.git_repository import GitRepository
from ledger.models import Consultant
from ledger.reading.organization import Organization
from ledger.text import suggest_name
from ledger.writing.draft import WritingDesk


def find_consultant(desk: WritingDesk, named: str | None) -> Consultant:
    """Return the consultant called ``named``, or whose address is the Git author's.

    Raises:
        UnknownNameError: there is no such consultant.
        LedgerError: Git does not know an address, or it is nobody's.
    """
    handles = desk.organization.by_handle
    if named is not None:
        if named not in handles:
            hint = suggest_name(named, handles) or f"consultants: {', '.join(sorted(handles))}"
            raise UnknownNameError(f"there is no consultant {named!r}", hint)
        return handles[named]
    address = None if desk.ledger.repository is None else find_author(desk.ledger.repository)
    if address is None:
        raise LedgerError(
            "who did this? Git knows no address of yours",
            "git config user.email ADDRESS, or say --as CONSULTANT",
        )
    return _find_by_address(desk.organization, address)


def find_author(repository: GitRepository) -> str | None:
    """Return the address that Git would put into a commit as its author's."""
    if address := os.environ.get("GIT_AUTHOR_EMAIL"):
        return address
    for key in ("author.email", "user.email"):
        if found := repository.ask("config", "--get", key):
            return found.decode(errors="replace").strip()
    return None


def find_person(desk: WritingDesk, named: str | None) -> str:
    """Return who does something to a request: an account's address or a consultant's handle.

    Raises:
        UnknownNameError: there is no such person.
        LedgerError: nobody is named, and Git's author is no consultant.
    """
    if named is None or "@" not in named:
        return find_consultant(desk, named).handle
    for account in desk.records.accounts:
        if account.is_known_as(named):
            return account.email
    addresses = [account.email for account in desk.records.accounts]
    hint = suggest_name(named, addresses) or f"accounts: {', '.join(addresses) or 'none yet'}"
    raise UnknownNameError(f"{desk.records.slug} has no account {named!r}", hint)


def _find_by_address(organization: Organization, address: str) -> Consultant:
    for consultant in organization.consultants:
        if address.casefold() in map(str.casefold, consultant.emails):
            return consultant
    owners = {email: item.handle for item in organization.consultants for email in item.emails}
    nearest = suggest_name(address, owners)
    handles = "|".join(sorted(organization.by_handle))
    hint = f"say --as {handles}" if handles else "add yourself to consultants.yml"
    raise LedgerError(
        f"no consultant has the address {address}, which Git gives as yours",
        f"{nearest} {hint}".strip(),
    )
