"""Drafts of new customers and accounts, and of changes of accounts.

What cannot be drafted is a ``LedgerError``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from ledger.balance.accounts import AccountState, find_account_standings
from ledger.errors import LedgerError
from ledger.files.layout import is_slug, record_path
from ledger.files.yaml import YamlSyntaxError, parse_yaml
from ledger.models import Account, Customer
from ledger.models.customer import Licence
from ledger.text import suggest_name
from ledger.writing.draft import (
    Draft,
    Edit,
    NothingToWriteError,
    WritingDesk,
    find_account,
    make_adder,
    make_changer,
    make_creator,
    order_fields,
)
from ledger.writing.field_text import Field, Scalar
from ledger.writing.yaml_edit import set_value

_ACCOUNT_KEYS = tuple(Account.list_fields())


def draft_customer(
    desk: WritingDesk,
    slug: str,
    *,
    name: str,
    key: str,
    currency: str,
    licences: Sequence[Mapping[str, Field | None]] = (),
    **fields: Field | None,
) -> Draft:
    """Draft a new customer's folder."""
    if not is_slug(slug):
        raise LedgerError(
            f"{slug!r} is no name for a customer's folder",
            "use up to 39 of a-z, 0-9 and -, beginning with a letter or digit",
        )
    if slug in desk.ledger.slugs:
        raise LedgerError(f"there is a customer {slug} already")
    for other in desk.ledger.slugs:
        try:
            customer = parse_yaml(desk.ledger.files.read(record_path(other, "customer")))
        except (OSError, YamlSyntaxError):
            continue
        if isinstance(customer, dict) and customer.get("key") == key:
            raise LedgerError(f"the key {key} is {other}'s already", "choose another one")
    terms = desk.organization.terms.in_force_on(desk.as_of)
    if terms is not None and currency not in terms.price:
        hint = suggest_name(currency, terms.price) or f"prices: {', '.join(terms.price)}"
        raise LedgerError(f"the terms have no price in {currency}", hint)
    held = [order_fields(Licence, licence) for licence in licences] or None
    fields = {**fields, "name": name, "key": key, "currency": currency, "licences": held}
    edit = make_creator(Customer, fields, "customer")
    return Draft({record_path(slug, "customer"): edit}, slug, f"add customer {name}")


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
    state, _last_day = _find_state(desk, account, desk.as_of)
    command = _name_reactivation(desk, account)
    if state is AccountState.REMOVED:
        raise LedgerError(f"{account.email} was removed on {account.removed}", command)
    draft = _draft_change(desk, account, "key_hash", key_hash, f"new key for {account.email}")
    if state is AccountState.DISABLED:
        remark = f"the account is disabled, so the key opens nothing before {command}"
        return draft._replace(remarks=(remark,))
    return draft


def draft_sign_in(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the last sign-in of an account."""
    account = find_account(desk, email)
    if account.last_sign_in is not None and account.last_sign_in >= day:
        raise NothingToWriteError(f"{account.email} signed in on {account.last_sign_in}")
    state, last_day = _find_state(desk, account, day)
    if state is None:
        raise LedgerError(f"{account.email} was not there before {account.created}")
    if state is not AccountState.ACTIVE:
        raise LedgerError(
            f"{account.email} was {state} after {last_day}, so nobody signed in",
            _name_reactivation(desk, account),
        )
    return _draft_change(desk, account, "last_sign_in", day, f"{account.email} signed in, {day}")


def draft_reactivation(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the reactivation of an account."""
    account = find_account(desk, email)
    state, last_day = _find_state(desk, account, day)
    if account.removed is not None and day <= account.removed <= desk.as_of:
        raise LedgerError(
            f"{account.email} is removed as of {account.removed}",
            "it can be reactivated from the day after on",
        )
    if state is AccountState.ACTIVE:
        raise LedgerError(f"{account.email} is active", f"until {last_day}")
    return _draft_change(desk, account, "reactivated", day, f"reactivate {account.email}, {day}")


def draft_removal(desk: WritingDesk, email: str, day: date) -> Draft:
    """Draft the removal of an account; ``day`` is its last."""
    account = find_account(desk, email)
    if _find_state(desk, account, day)[0] is AccountState.REMOVED:
        raise LedgerError(f"{account.email} was removed on {account.removed}")
    return _draft_change(desk, account, "removed", day, f"remove {account.email}, {day}")


def make_account_edit(email: str, key: str, value: Scalar) -> Edit:
    """Return the edit that sets a value of an account; days of ``reactivated`` are added."""

    def change(before: bytes) -> bytes:
        where, keeps_others = ("email", email), key == "reactivated"
        return set_value(before, where, key, value, _ACCOUNT_KEYS, keeps_others=keeps_others)

    return make_changer(change, "account")


def _draft_change(desk: WritingDesk, account: Account, key: str, value: Scalar, says: str) -> Draft:
    path = record_path(desk.records.slug, "accounts")
    edit = make_account_edit(account.email, key, value)
    return Draft({path: edit}, account.email, says)


def _name_reactivation(desk: WritingDesk, account: Account) -> str:
    return f"punchcard account reactivate {desk.records.slug} {account.email}"


def _find_state(
    desk: WritingDesk, account: Account, day: date
) -> tuple[AccountState | None, date | None]:
    """Return an account's state on a day and its last day; twice None before it was created."""
    for standing in find_account_standings(desk.records, desk.organization.terms, day):
        if standing.account is account:
            return standing.state, standing.last_day
    return None, None
