"""The operator's settings of the web server, and the check of each value that goes into its files.

Nothing is escaped: a value that would need it has no business in a configuration, and is refused.
Templates are rendered so that every value passes through that check.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

import jinja2

from ledger.errors import LedgerError
from ledger.intake.access_keys import Layout, PortalAddress

_TEMPLATES = Path(__file__).parent / "templates"
_PLAIN = re.compile(r"[\w .:;,/@'=+!%&?^|~\[\]-]*")
_LISTEN = re.compile(r"(?:(?P<host>[0-9.]+|\[[0-9a-f:]+\]):)?(?P<port>[0-9]{1,5})")
_SOCKET = re.compile(r"/[\w./-]+")
_URL = re.compile(r"http://(?:[a-z0-9.-]+|\[[0-9a-f:]+\]):[0-9]{1,5}")


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
    """The operator's settings.

    Attributes:
        folder: the folder of our files, as the server finds it.
        portals: the folder of the portals.
        log: the server's log of the portals.
        listen: ports, or addresses and ports; empty for the server's usual ones.
        certificate: None if the server gets its own, or another server in front encrypts.
        gateway: the URL of the single sign-on gateway.
        intake: the socket of the service that takes forms, or its address and port; None: none.
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
    intake: str | None = None

    @property
    def is_by_host(self) -> bool:
        """Whether each customer has a host name of its own."""
        return self.address.layout is Layout.HOST

    def require_valid(self) -> None:
        """Refuse what is no port to listen on, no gateway or no service, with a LedgerError."""
        for text in self.listen:
            if not _LISTEN.fullmatch(text):
                hint = "write 8080 or 127.0.0.1:8080"
                raise LedgerError(f"{text!r} is nothing to listen on", hint)
        if not _URL.fullmatch(self.gateway):
            hint = "write it like http://127.0.0.1:4180"
            raise LedgerError(f"{self.gateway!r} is no gateway", hint)
        if self.intake and not (_SOCKET.fullmatch(self.intake) or _LISTEN.fullmatch(self.intake)):
            hint = "write /run/punchcard/intake.sock or 127.0.0.1:8084"
            raise LedgerError(f"{self.intake!r} is no place of a service", hint)


class Verified(str):
    """A text whose form was verified before, so that it may stand in a file as it is."""

    __slots__ = ()


def render(template: str, *, is_page: bool = False, **values: object) -> str:
    """Return the text of a template; an HTML page escapes its values, a configuration none.

    Raises:
        LedgerError: a value could mean something to the web server.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        finalize=None if is_page else _require_plain,
        autoescape=is_page,  # noqa: S701  # a configuration is no markup: its values are plain
        trim_blocks=not is_page,
        lstrip_blocks=not is_page,
        keep_trailing_newline=True,
    )
    return environment.get_template(template).render(values)


def _require_plain(value: object) -> object:
    if not isinstance(value, Verified) and not _PLAIN.fullmatch(str(value)):
        hint = "use letters, digits and the usual signs in names of folders and files"
        raise LedgerError(f"{str(value)!r} cannot stand in a web server's configuration", hint)
    return value
