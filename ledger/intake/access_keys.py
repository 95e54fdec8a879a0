"""How a person gets into a portal: its address, a key, and the invitation that holds both.

A key is random and long, so nobody can guess it, and a slow hash would only slow every request of
the web server down. The hash is bcrypt's at its second lowest cost, in the form that nginx (through
the C library), Caddy and Apache all read.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import bcrypt

from ledger.errors import LedgerError
from ledger.writing.draft import Draft, WritingDesk

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Digits and letters without i, l, o and u, which people take for others when they type."""

_GROUPS, _GROUP_LENGTH = 7, 4
_COST = 5
_HASH = re.compile(r"\$2[aby]\$[0-9]{2}\$[./A-Za-z0-9]{53}")
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}([.]{_LABEL})+")
_LONGEST_DOMAIN = 200
_UNKNOWN_LINK = "you will get it with a separate message"


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
    """Return how portals are addressed.

    Raises:
        LedgerError: the domain is none.
    """
    name = domain.casefold().rstrip(".")
    if len(name) > _LONGEST_DOMAIN or not _DOMAIN.fullmatch(name):
        raise LedgerError(f"{domain!r} is no domain", "write it like portals.example.com")
    return PortalAddress(name, Layout(layout))


def is_host_label(slug: str) -> bool:
    """Whether a customer's name can be part of a host name."""
    return re.fullmatch(_LABEL, slug) is not None


class NewKey(NamedTuple):
    """A key to open a portal with, its hash, and the portal's link; None if that is not known."""

    key: str
    hashed: str
    link: str | None = None


def make_key() -> str:
    """Return a new random key, in groups that are easy to read out."""
    signs = [secrets.choice(_ALPHABET) for _ in range(_GROUPS * _GROUP_LENGTH)]
    starts = range(0, len(signs), _GROUP_LENGTH)
    return "-".join("".join(signs[start : start + _GROUP_LENGTH]) for start in starts)


def hash_key(key: str) -> str:
    """Return the hash of a key, which alone is kept of it."""
    hashed = bcrypt.hashpw(key.encode("ascii"), bcrypt.gensalt(_COST)).decode("ascii")
    # For keys of ASCII characters the two prefixes mean the same; Apache reads only this one.
    return "$2y$" + hashed.removeprefix("$2b$")


def is_key_hash(text: str) -> bool:
    """Whether a text is the hash of a key, whole, and nothing else."""
    return _HASH.fullmatch(text) is not None


def add_invitation(desk: WritingDesk, draft: Draft, person: str, new: NewKey) -> Draft:
    """Return the draft of an account with the text that its owner is sent.

    It is the only place where the key is ever written; nobody can read it again afterwards.
    """
    provider = desk.organization.provider
    whom = "" if provider is None else f"Questions: {provider.contacts.requests}\n"
    sender = "" if provider is None else f"\n{provider.name}\n"
    text = (
        f"Hello {person},\n\n"
        "this is your access to your portal. It shows what is left on your punchcards and what\n"
        "was done for you.\n\n"
        f"Portal:  {new.link or _UNKNOWN_LINK}\n"
        f"Address: {draft.name}\n"
        f"Key:     {new.key}\n\n"
        "Sign in with the address and the key. The key is yours alone; nobody can look it up\n"
        "again. If it is lost, ask for a new one.\n"
        f"{whom}{sender}"
    )
    return draft._replace(invitation=text)
