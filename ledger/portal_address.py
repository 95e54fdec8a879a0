"""Where a customer's portal is to be found: a host name or a path of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from ledger.errors import LedgerError

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}([.]{_LABEL})+")
_LONGEST_DOMAIN = 200


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
