"""What the operator says about the web server, and what each portal's part of it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from ledger.portal_address import Layout, PortalAddress

PAGES = "pages"
USERS = "users"
LISTED = "listed"


class Server(StrEnum):
    """The web servers whose configuration can be written."""

    NGINX = "nginx"
    CADDY = "caddy"


class Mode(StrEnum):
    """How the server knows who somebody is: by a key, or from a gateway."""

    PASSWORD = "password"  # noqa: S105  # the mode's name
    SSO = "sso"


class Certificate(NamedTuple):
    """A certificate for all host names, and its key."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """What the operator says.

    Attributes:
        folder: where our files are, as the server finds them.
        portals: where the portals are.
        log: the server's log of these portals.
        listen: ports, or addresses and ports; the server's usual ones if there are none.
        certificate: None if the server has its own way, or something before it encrypts.
        gateway: whom to ask who somebody is.
    """

    server: Server
    mode: Mode
    address: PortalAddress
    folder: Path
    portals: Path
    log: Path
    listen: tuple[str, ...] = ()
    certificate: Certificate | None = None
    gateway: str = "http://127.0.0.1:4180"

    @property
    def is_by_host(self) -> bool:
        """Whether each customer has a host name of its own."""
        return self.address.layout is Layout.HOST


@dataclass(frozen=True, slots=True)
class Site:
    """A portal as the server has it.

    Attributes:
        key_hashes: the hash of the key of each address that may open the portal.
        policy: its Content-Security-Policy.
        is_open: whether there is a portal; where it has closed, everybody is refused.
    """

    slug: str
    host: str
    path: str
    key_hashes: Mapping[str, str | None]
    policy: str
    is_open: bool = True
