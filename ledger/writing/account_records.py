"""Accounts to be written: new ones, and what changes about those that are there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import NamedTuple

from ledger.errors import LedgerError, UnknownNameError
from ledger.figures.account_activity import AccountStanding, AccountState, find_account_standings
from ledger.invitation import write_invitation
from ledger.models import Account
from ledger.reading.file_layout import record_path
from ledger.text import suggest_name
from ledger.writing.draft import Draft, NothingToWriteError, WritingDesk
from ledger.writing.field_text import Fields, Scalar
from ledger.writing.yaml_edit import UneditableError, add_item, add_value, set_value

_KEYS = tuple(Account.list_fields())


class NewKey(NamedTuple):
    """A key to open the portal with.

    Attributes:
        key: what the person is sent; it goes into the invitation and nowhere else.
        hashed: what the file keeps of it.
        link: where the portal is; None if that is not known.
    """

    key: str
    hashed: str
    link: str | None = None


def draft_account(
    desk: WritingDesk, email: str, name: str, day: date, key: NewKey | None = None
) -> Draft:
    """Draft a new account.

    Raises:
        LedgerError: the address has an account already.
    """
    for account in desk.records.accounts:
        if account.is_known_as(email):
            slug = desk.records.slug
            raise LedgerError(
                f"{slug} has an account {account.email} already",
                f"punchcard account reactivate {slug} {account.email} lets it in again",
            )
    hashed = None if key is None else key.hashed
    fields: Fields = {"email": email, "name": name, "created": day, "key_hash": hashed}
    path = record_path(desk.records.slug, "accounts")
    invitation = "" if key is None else _invite(desk, name, email, key)
    edit = partial(add_item, fields=fields)
    return Draft(path, edit, email, f"add account {email}", invitation=invitation)


def draft_key(desk: WritingDesk, email: str, key: NewKey) -> Draft:
    """Draft a new key for an account; the one before opens nothing any more.

    Raises:
        LedgerError: there is no such account, or it was removed.
    """
    account = find_account(desk, email)
    standing = _find_standing(desk, account, desk.as_of)
    if standing is not None and standing.state is AccountState.REMOVED:
        raise LedgerError(
            f"{account.email} was removed on {account.removed}",
            f"punchcard account reactivate {desk.records.slug} {account.email}",
        )
    remarks: tuple[str, ...] = ()
    if standing is not None and standing.state is AccountState.DISABLED:
        command = f"punchcard account reactivate {desk.records.slug} {account.email}"
        remarks = (f"the account is disabled, so the key opens nothing before {command}",)
    says = f"new key for {account.email}"
    draft = _draft(desk, account, "key_hash", key.hashed, set_value, says)
    invitation = _invite(desk, account.name, account.email, key)
    return draft._replace(remarks=remarks, invitation=invitation)


def draft_sign_in(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the last sign-in of an account.

    Raises:
        NothingToWriteError: this one is known, or a later one.
        LedgerError: there is no such account, or it was not active on that day.
    """
    account = find_account(desk, email)
    if account.last_sign_in is not None and account.last_sign_in >= day:
        raise NothingToWriteError(f"{account.email} signed in on {account.last_sign_in}")
    _require_active(desk, account, day)
    says = f"{account.email} signed in, {day}"
    return _draft(desk, account, "last_sign_in", day, set_value, says)


def draft_reactivation(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the reactivation of an account.

    Raises:
        LedgerError: there is no such account, or it is active.
    """
    account = find_account(desk, email)
    standing = _find_standing(desk, account, day)
    if account.removed is not None and day <= account.removed <= desk.as_of:
        raise LedgerError(
            f"{account.email} is removed as of {account.removed}",
            "it can be reactivated from the day after on",
        )
    if standing is not None and standing.state is AccountState.ACTIVE:
        raise LedgerError(f"{account.email} is active", f"until {standing.last_day}")
    says = f"reactivate {account.email}, {day}"
    return _draft(desk, account, "reactivated", day, add_value, says)


def draft_removal(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the removal of an account; ``day`` is its last.

    Raises:
        LedgerError: there is no such account, or it was removed before.
    """
    account = find_account(desk, email)
    standing = _find_standing(desk, account, day)
    if standing is not None and standing.state is AccountState.REMOVED:
        raise LedgerError(f"{account.email} was removed on {account.removed}")
    says = f"remove {account.email}, {day}"
    return _draft(desk, account, "removed", day, set_value, says)


def find_account(desk: WritingDesk, email: str) -> Account:
    """Return the account with an address.

    Raises:
        UnknownNameError: there is none.
    """
    for account in desk.records.accounts:
        if account.is_known_as(email):
            return account
    addresses = [account.email for account in desk.records.accounts]
    hint = suggest_name(email, addresses) or f"accounts: {', '.join(addresses) or 'none yet'}"
    raise UnknownNameError(f"{desk.records.slug} has no account {email!r}", hint)


_Edit = Callable[..., bytes]


def _draft(
    desk: WritingDesk, account: Account, key: str, value: Scalar, edit: _Edit, says: str
) -> Draft:
    def change(before: bytes | None) -> bytes:
        if before is None:
            raise UneditableError("the account is not there")
        return edit(before, ("email", account.email), key, value, _KEYS)

    path = record_path(desk.records.slug, "accounts")
    return Draft(path, change, account.email, says)


def _invite(desk: WritingDesk, name: str, email: str, key: NewKey) -> str:
    return write_invitation(desk.organization.provider, name, email, key.key, key.link)


def _find_standing(desk: WritingDesk, account: Account, day: date) -> AccountStanding | None:
    standings = find_account_standings(desk.records, desk.organization.terms, day)
    return next((found for found in standings if found.account is account), None)


def _require_active(desk: WritingDesk, account: Account, day: date) -> None:
    standing = _find_standing(desk, account, day)
    if standing is None:
        raise LedgerError(f"{account.email} was not there before {account.created}")
    if standing.state is not AccountState.ACTIVE:
        raise LedgerError(
            f"{account.email} was {standing.state} after {standing.last_day}, so nobody signed in",
            f"punchcard account reactivate {desk.records.slug} {account.email}",
        )
