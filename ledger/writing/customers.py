"""Drafts of customers, consultants and terms, and of changes of accounts."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from ledger.balance.portal_life import AccountStanding, AccountState, find_account_standings
from ledger.errors import LedgerError, UnknownNameError
from ledger.files.layout import is_slug, record_path
from ledger.files.source import FolderFiles
from ledger.files.yaml import YamlSyntaxError, parse_yaml
from ledger.ledger import Ledger
from ledger.models import Account, Consultant, Customer, NoticeChoice, Terms
from ledger.models.customer import Licence, Service
from ledger.money import fit_amount
from ledger.text import suggest_name
from ledger.wording import choose_language
from ledger.writing import draft
from ledger.writing.draft import Draft, Edit, NothingToWriteError, WritingDesk
from ledger.writing.yaml_edit import add_items, set_value
from ledger.writing.yaml_text import Field, Scalar


def draft_customer(
    desk: WritingDesk,
    *,
    name: str,
    key: str,
    currency: str,
    licences: Sequence[Mapping[str, Field | None]] = (),
    **fields: Field | None,
) -> Draft:
    """Draft a new customer's folder."""
    if not is_slug(slug := desk.slug):
        hint = "use up to 39 of a-z, 0-9 and -, beginning with a letter or digit, but not brand"
        raise LedgerError(f"{slug!r} is no name for a customer's folder", hint)
    for ledger in desk.ledgers:
        _require_free(ledger, slug, key)
        is_work_tree = isinstance(ledger.files, FolderFiles)
        terms = ledger.organization.terms.in_force_on(desk.as_of)
        # What is in the work tree alone does not matter to a commit on a branch.
        if (ledger is not desk.ledger and is_work_tree) or terms is None or currency in terms.price:
            continue
        hint = suggest_name(currency, terms.price) or f"prices: {', '.join(terms.price)}"
        where = "" if is_work_tree else " of the last commit"
        raise LedgerError(f"the terms{where} have no price in {currency}", hint)
    held = [draft.order_fields(Licence, licence) for licence in licences] or None
    fields = {**fields, "name": name, "key": key, "currency": currency, "licences": held}
    edit = draft.make_creator(Customer, fields)
    return Draft({record_path(slug, "customer"): edit}, slug, f"add customer {name}")


def draft_customer_changes(
    desk: WritingDesk,
    *,
    licences: Sequence[Mapping[str, Any]],
    services: Sequence[Mapping[str, Any]],
    **values: Scalar | None,
) -> Draft:
    """Draft other values of a customer; all but its end tells which licence or service it is."""
    edits: list[Edit] = [
        partial(set_value, where=None, key=key, value=value, model=Customer)
        for key, value in values.items()
    ]
    listed = (
        ("licences", Licence, "until", licences),
        ("services", Service, "completed", services),
    )
    for key, model, end, given in listed:
        there = getattr(desk.records.customer, key)
        for each in given:
            same = (
                index
                for index, record in enumerate(there)
                if all(getattr(record, name) == each[name] for name in each if name != end)
            )
            if (index := next(same, None)) is None:
                edits.append(partial(add_items, items=[draft.order_fields(model, each)], key=key))
            else:
                where, value = (key, index), each[end]
                edits.append(partial(set_value, where=where, key=end, value=value, model=model))
    if not edits:
        raise LedgerError("what is to change?", "see `punchcard customer edit --help`")
    changed = (*values, *(key for key, *_rest, given in listed if given))
    says = f"change {', '.join(changed).replace('_', ' ')} of {desk.slug}"
    language, remarks = str(values.get("language") or ""), tuple[str, ...]()
    if language and not choose_language(language, ""):
        remarks = (f"we have no texts of {language!r}: the look needs a {language}.toml",)
    path = record_path(desk.slug, "customer")
    return Draft({path: draft.chain_edits(edits)}, desk.slug, says, remarks)


def _require_free(ledger: Ledger, slug: str, key: str) -> None:
    """Raise a LedgerError if there is a customer of a name or with a key already."""
    if slug in ledger.slugs:
        raise LedgerError(f"there is a customer {slug} already")
    for other in ledger.slugs:
        try:
            customer = parse_yaml(ledger.files.read(record_path(other, "customer")))
        except (OSError, YamlSyntaxError):
            continue
        if isinstance(customer, dict) and customer.get("key") == key:
            raise LedgerError(f"the key {key} is {other}'s already", "choose another one")


def draft_sign_in(desk: WritingDesk, email: str) -> Draft:
    """Draft the last sign-in of an account."""
    (account, standing), day = find_standing(desk, email), desk.day
    if account.last_sign_in is not None and account.last_sign_in >= day:
        raise NothingToWriteError(f"{account.email} signed in on {account.last_sign_in}")
    if standing is None:
        raise LedgerError(f"{account.email} was not there before {account.created}")
    if standing.state is not AccountState.ACTIVE:
        raise LedgerError(
            f"{account.email} was {standing.state} after {standing.last_day}, so nobody signed in",
            name_reactivation(desk, account),
        )
    return draft_change(desk, account, "last_sign_in", day, f"{account.email} signed in, {day}")


def draft_reactivation(desk: WritingDesk, email: str) -> Draft:
    """Draft the reactivation of an account."""
    (account, standing), day = find_standing(desk, email), desk.day
    if account.removed is not None and day == desk.as_of <= account.removed:
        says = f"take back the removal of {account.email}"
        return draft_change(desk, account, "removed", None, says)
    if account.removed is not None and day <= account.removed <= desk.as_of:
        message = f"{account.email} is removed as of {account.removed}"
        raise LedgerError(message, "it can be reactivated from the day after on")
    if standing is not None and standing.state is AccountState.ACTIVE:
        raise LedgerError(f"{account.email} is active", f"until {standing.last_day}")
    return draft_change(desk, account, "reactivated", day, f"reactivate {account.email}, {day}")


def draft_removal(desk: WritingDesk, email: str) -> Draft:
    """Draft the removal of an account; the desk's day is its last."""
    (account, standing), day = find_standing(desk, email), desk.day
    if standing is not None and standing.state is AccountState.REMOVED:
        raise LedgerError(f"{account.email} was removed on {account.removed}")
    if account.removed == day:
        raise NothingToWriteError(f"{account.email} is removed as of {day}")
    return draft_change(desk, account, "removed", day, f"remove {account.email}, {day}")


def draft_notices(desk: WritingDesk, email: str, notices: str) -> Draft:
    """Draft what an account is told by mail."""
    account = draft.find_account(desk, email)
    if (account.notices or NoticeChoice.IMPORTANT) == notices:
        raise NothingToWriteError(f"{account.email} has notices {notices} already")
    return draft_change(desk, account, "notices", notices, f"{account.email} has notices {notices}")


def make_account_edit(email: str, key: str, value: Scalar | None) -> Edit:
    """Return the edit that sets a value of an account, or takes it out; ``reactivated`` grows."""
    where, grows = ("email", email), key == "reactivated"
    return partial(set_value, where=where, key=key, value=value, model=Account, keeps_others=grows)


def draft_change(
    desk: WritingDesk, account: Account, key: str, value: Scalar | None, says: str
) -> Draft:
    """Draft a new value of an account's field; ``says``: see ``Draft``."""
    edit = make_account_edit(account.email, key, value)
    return Draft({record_path(desk.slug, "accounts"): edit}, account.email, says)


def name_reactivation(desk: WritingDesk, account: Account) -> str:
    """Return the command that lets somebody in again."""
    return f"punchcard account reactivate {desk.records.slug} {account.email}"


def find_standing(desk: WritingDesk, email: str) -> tuple[Account, AccountStanding | None]:
    """Return an account and how it stands on the desk's day; None before it was created."""
    account = draft.find_account(desk, email)
    standings = find_account_standings(desk.records, desk.organization.terms, desk.day)
    return account, next((item for item in standings if item.account is account), None)


def draft_consultant(_desk: WritingDesk, **fields: Field) -> Draft:
    """Draft a new consultant."""
    edit, handle = draft.make_adder(Consultant, fields), str(fields["handle"])
    return Draft({"consultants.yml": edit}, handle, f"add consultant {handle}")


def draft_terms(
    desk: WritingDesk,
    *,
    first: date,
    prices: Mapping[str, Decimal],
    settings: Mapping[str, Any],
    agreement: tuple[str, str] | None,
) -> Draft:
    """Draft terms from a day on, like those before it; ``agreement``: another version and link."""
    before = desk.organization.terms.applying_to(first)
    if before is None:
        raise LedgerError("there are no terms yet", "write the first ones into terms.yml")
    if first == desk.as_of:
        for folder in desk.ledger.read_customers():
            if any(each.date == first for each in folder.records.purchases):
                what = f"{folder.slug} bought punchcards today"
                message = f"{what}, under the terms of {before.effective}"
                raise LedgerError(message, "new terms can hold from tomorrow on")
    if unknown := [key for key in settings if key not in Terms.list_fields()]:
        known = f"there are {', '.join(Terms.list_fields())}"
        hint = suggest_name(unknown[0], Terms.list_fields()) or known
        raise UnknownNameError(f"terms have no {unknown[0]!r}", hint)
    prices = {currency: fit_amount(amount, currency) for currency, amount in prices.items()}
    fields = {**before.model_dump(exclude_unset=True), **settings}
    fields |= {"effective": first, "price": {**before.price, **prices}}
    if agreement is not None:
        fields["agreement"] = dict(zip(("version", "link"), agreement, strict=True))
    changed = [
        *(f"{amount} {currency} a card" for currency, amount in prices.items()),
        *(f"{key} {'empty' if value is None else value}" for key, value in settings.items()),
        *([f"agreement {agreement[0]}"] if agreement else []),
    ]
    says = f"new terms from {first}: {', '.join(changed) or 'as before'}"
    return Draft({"terms.yml": draft.make_adder(Terms, fields)}, first.isoformat(), says)
