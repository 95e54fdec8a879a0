"""How a person gets into a portal: its address, a key, and the invitation that holds both.

A key is random and long, so nobody can guess it, and a slow hash would only slow every request of
the web server down. The hash is bcrypt's at its second lowest cost, in the form that nginx (through
the C library), Caddy and Apache all read.
"""

import re
import secrets
from dataclasses import dataclass, replace
from enum import StrEnum

import bcrypt

from ledger.balance.portal_life import AccountState, PortalState
from ledger.balance.summary import compute_balance
from ledger.errors import LedgerError
from ledger.files.layout import record_path
from ledger.files.reader import Organization
from ledger.history.publications import read_publications
from ledger.models import Account
from ledger.models.fields import DOMAIN, SIGN_IN_ADDRESS
from ledger.wording import DEFAULT_LANGUAGE, choose_language, load_wording
from ledger.writing.customers import draft_change, find_standing, name_reactivation
from ledger.writing.draft import Draft, WritingDesk, make_adder
from ledger.writing.yaml_text import Field

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Digits and letters without i, l, o and u, which people take for others when they type."""

_GROUPS, _GROUP_LENGTH = 7, 4
_COST = 5


class Layout(StrEnum):
    """What each customer has for itself: a host name, or a path on a host that all share."""

    HOST = "host"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class PortalAddress:
    """How portals are addressed."""

    domain: str
    layout: Layout = Layout.HOST

    def find_host(self, slug: str) -> str:
        """Return the host name of a customer's portal."""
        return f"{slug}.{self.domain}" if self.layout is Layout.HOST else self.domain

    def find_path(self, slug: str) -> str:
        """Return the path of a customer's portal on its host."""
        return "/" if self.layout is Layout.HOST else f"/{slug}/"

    def find_link(self, slug: str) -> str:
        """Return the link that a person opens."""
        return f"https://{self.find_host(slug)}{self.find_path(slug)}"


def make_address(domain: str, layout: str) -> PortalAddress:
    """Return how portals are addressed; raise a LedgerError if the domain is none."""
    name = domain.casefold().rstrip(".")
    if len(name) > (DOMAIN.longest or 0) or not re.fullmatch(DOMAIN.pattern, name):
        raise LedgerError(f"{domain!r} is no domain", DOMAIN.hint)
    return PortalAddress(name, Layout(layout))


def find_address(
    organization: Organization, domain: str | None, layout: str
) -> PortalAddress | None:
    """Return how portals are addressed: at ``domain``, or else where provider.yml says."""
    provider = organization.provider
    known = domain or (provider and provider.portal_domain)
    return make_address(known, layout) if known else None


def make_key() -> str:
    """Return a new random key, in groups that are easy to read out."""
    lengths = [_GROUP_LENGTH] * _GROUPS
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(each)) for each in lengths)


def hash_key(key: str) -> str:
    """Return the hash of a key, which alone is kept of it."""
    hashed = bcrypt.hashpw(key.encode("ascii"), bcrypt.gensalt(_COST)).decode("ascii")
    # For keys of ASCII characters the two prefixes mean the same; Apache reads only this one.
    return "$2y$" + hashed.removeprefix("$2b$")


def draft_account(
    desk: WritingDesk,
    *,
    email: str,
    name: str,
    has_key: bool,
    notices: str | None,
    domain: str | None,
    layout: str,
) -> Draft:
    """Draft a new account and, with a key, the invitation of its person."""
    for account in desk.records.accounts:
        if account.is_known_as(email):
            message = f"{desk.slug} has an account {account.email} already"
            raise LedgerError(message, f"{name_reactivation(desk, account)} lets it in again")
    if "@" in email and not re.search(SIGN_IN_ADDRESS.pattern, email):
        hint = "ask for another address: letters, digits and .!%&'+=?^|~-_ will do"
        raise LedgerError(f"nobody can sign in to a web server as {email!r}", hint)
    key = make_key() if has_key else None
    fields: dict[str, Field | None] = {
        "email": email,
        "name": name,
        "created": desk.day,
        "key_hash": key and hash_key(key),
        "notices": notices,
    }
    edits = {record_path(desk.slug, "accounts"): make_adder(Account, fields)}
    draft = Draft(edits, email, f"add account {email}")
    address = find_address(desk.organization, domain, layout)
    return draft if key is None else _invite(desk, draft, name, key, address)


def draft_key(desk: WritingDesk, email: str, domain: str | None, layout: str) -> Draft:
    """Draft a new key for an account; the one before opens nothing any more."""
    account, standing = find_standing(replace(desk, day=desk.as_of), email)
    state, command = standing and standing.state, name_reactivation(desk, account)
    if state is AccountState.REMOVED:
        raise LedgerError(f"{account.email} was removed on {account.removed}", command)
    key, address = make_key(), find_address(desk.organization, domain, layout)
    says = f"new key for {account.email}"
    draft = draft_change(desk, account, "key_hash", hash_key(key), says)
    if state is AccountState.DISABLED:
        remark = f"the account is disabled, so the key opens nothing before {command}"
        draft = draft._replace(remarks=(remark,))
    return _invite(desk, draft, account.name, key, address)


def _remark_on_portal(desk: WritingDesk) -> tuple[str, ...]:
    """Say if there is nothing to be invited to: not yet, or not any more."""
    portal = compute_balance(desk.records, desk.organization.terms, desk.as_of).portal
    if portal.state is PortalState.NONE:
        return ("there is no portal before a purchase or a service: send the invitation then",)
    if portal.state is PortalState.CLOSED:
        return (f"the portal is closed since {portal.last_day}, so the key opens nothing",)
    ledger = desk.ledger
    if (repository := ledger.repository) and (published := read_publications(repository)):
        folder = f"{ledger.files.prefix}{desk.slug}/"
        if not repository.list_entries(published[-1].commit, folder):
            return ("the portal comes with the next publication: send the invitation then",)
    return ()


def _invite(
    desk: WritingDesk, draft: Draft, person: str, key: str, address: PortalAddress | None
) -> Draft:
    """Return a draft with the text that a person is sent; nowhere else is the key written."""
    provider, own = desk.organization.provider, desk.records.customer.language
    words = load_wording(choose_language(own, DEFAULT_LANGUAGE)).text
    link = address.find_link(desk.slug) if address else words("invitation.link_later")
    text = words("invitation.text", person=person, link=link, email=draft.name, key=key)
    if provider is not None:
        asks = words("invitation.questions", contact=provider.contacts.requests)
        text += f"{asks}\n\n{provider.name}\n"
    return draft._replace(remarks=draft.remarks or _remark_on_portal(desk), invitation=text)
