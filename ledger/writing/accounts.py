"""Drafts of new accounts and of their changes; what cannot be drafted is a ``LedgerError``."""

from __future__ import annotations

from datetime import date

from ledger.balance.accounts import AccountStanding, AccountState, find_account_standings
from ledger.errors import LedgerError
from ledger.files.layout import record_path
from ledger.models import Account
from ledger.writing.draft import Draft, Edit, NothingToWriteError, WritingDesk, make_adder
from ledger.writing.field_text import Field, Scalar
from ledger.writing.people import find_account
from ledger.writing.yaml_edit import UneditableError, add_value, set_value

_KEYS = tuple(Account.list_fields())


def draft_account(desk: WritingDesk, day: date, *, email: str, **fields: Field | None) -> Draft:
    """Draft a new account."""
    for account in desk.records.accounts:
        if account.is_known_as(email):
            raise LedgerError(
                f"{desk.records.slug} has an account {account.email} already",
                f"{_name_reactivation(desk, account)} lets it in again",
            )
    edit = make_adder(Account, {**fields, "email": email, "created": day})
    path = record_path(desk.records.slug, "accounts")
    return Draft({path: edit}, email, f"add account {email}")


def draft_key(desk: WritingDesk, email: str, key_hash: str) -> Draft:
    """Draft a new key for an account; the one before opens nothing any more."""
    account = find_account(desk, email)
    standing = _find_standing(desk, account, desk.as_of)
    command = _name_reactivation(desk, account)
    if standing is not None and standing.state is AccountState.REMOVED:
        raise LedgerError(f"{account.email} was removed on {account.removed}", command)
    draft = _draft(desk, account, "key_hash", key_hash, f"new key for {account.email}")
    if standing is not None and standing.state is AccountState.DISABLED:
        remark = f"the account is disabled, so the key opens nothing before {command}"
        return draft._replace(remarks=(remark,))
    return draft


def draft_sign_in(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the last sign-in of an account."""
    account = find_account(desk, email)
    if account.last_sign_in is not None and account.last_sign_in >= day:
        raise NothingToWriteError(f"{account.email} signed in on {account.last_sign_in}")
    standing = _find_standing(desk, account, day)
    if standing is None:
        raise LedgerError(f"{account.email} was not there before {account.created}")
    if standing.state is not AccountState.ACTIVE:
        raise LedgerError(
            f"{account.email} was {standing.state} after {standing.last_day}, so nobody signed in",
            _name_reactivation(desk, account),
        )
    return _draft(desk, account, "last_sign_in", day, f"{account.email} signed in, {day}")


def draft_reactivation(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the reactivation of an account."""
    account = find_account(desk, email)
    standing = _find_standing(desk, account, day)
    if account.removed is not None and day <= account.removed <= desk.as_of:
        raise LedgerError(
            f"{account.email} is removed as of {account.removed}",
            "it can be reactivated from the day after on",
        )
    if standing is not None and standing.state is AccountState.ACTIVE:
        raise LedgerError(f"{account.email} is active", f"until {standing.last_day}")
    return _draft(desk, account, "reactivated", day, f"reactivate {account.email}, {day}")


def draft_removal(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the removal of an account; ``day`` is its last."""
    account = find_account(desk, email)
    standing = _find_standing(desk, account, day)
    if standing is not None and standing.state is AccountState.REMOVED:
        raise LedgerError(f"{account.email} was removed on {account.removed}")
    return _draft(desk, account, "removed", day, f"remove {account.email}, {day}")


def make_account_edit(email: str, key: str, value: Scalar) -> Edit:
    """Return the edit that sets a value of an account; days of ``reactivated`` are added."""
    edit = add_value if key == "reactivated" else set_value

    def change(before: bytes | None) -> bytes:
        if before is None:
            raise UneditableError("the account is not there")
        return edit(before, ("email", email), key, value, _KEYS)

    return change


def _draft(desk: WritingDesk, account: Account, key: str, value: Scalar, says: str) -> Draft:
    path = record_path(desk.records.slug, "accounts")
    edit = make_account_edit(account.email, key, value)
    return Draft({path: edit}, account.email, says)


def _name_reactivation(desk: WritingDesk, account: Account) -> str:
    return f"punchcard account reactivate {desk.records.slug} {account.email}"


def _find_standing(desk: WritingDesk, account: Account, day: date) -> AccountStanding | None:
    standings = find_account_standings(desk.records, desk.organization.terms, day)
    return next((found for found in standings if found.account is account), None)
