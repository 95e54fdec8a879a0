"""Values that go into a web server's configuration: what could mean something there is refused.

Nothing is escaped: what would need it has no business in a configuration. Templates are rendered
so that every value passes through here.
"""

from __future__ import annotations

import re
from pathlib import Path

import jinja2

from ledger.errors import LedgerError

_TEMPLATES = Path(__file__).parent / "templates"
_PLAIN = re.compile(r"[\w .:;,/@'=+!%&?^|~\[\]-]*")
_ADDRESS = re.compile(r"[\w!%&'+=?^|~-][\w.!%&'+=?^|~-]*@[\w][\w.-]*")
_LISTEN = re.compile(r"(?:(?P<host>[0-9.]+|\[[0-9a-f:]+\]):)?(?P<port>[0-9]{1,5})")
_URL = re.compile(r"http://(?:[a-z0-9.-]+|\[[0-9a-f:]+\]):[0-9]{1,5}")


class Verified(str):
    """A text whose form was verified before, so that it may stand there as it is."""

    __slots__ = ()


def render(name: str, **values: object) -> str:
    """Return a configuration made from the template ``name``.

    Raises:
        LedgerError: a value could be read as more than a value.
    """
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        finalize=_require_plain,
        autoescape=False,  # noqa: S701  # no markup: every value is required to be plain
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(values)


def render_page(name: str, **values: object) -> str:
    """Return a page made from the template ``name``."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(name).render(values)


def is_usable_address(email: str) -> bool:
    """Whether an e-mail address can be a user's name in the files of web servers."""
    return _ADDRESS.fullmatch(email) is not None


def require_listen(text: str) -> str:
    """Return a port, or an address and a port, to listen on.

    Raises:
        LedgerError: it is neither.
    """
    if not _LISTEN.fullmatch(text):
        raise LedgerError(f"{text!r} is nothing to listen on", "write 8080 or 127.0.0.1:8080")
    return text


def require_url(text: str) -> str:
    """Return the address of a gateway on this machine or its network.

    Raises:
        LedgerError: it is none.
    """
    if not _URL.fullmatch(text):
        raise LedgerError(f"{text!r} is no gateway", "write it like http://127.0.0.1:4180")
    return text


def _require_plain(value: object) -> object:
    if isinstance(value, Verified):
        return value
    if not _PLAIN.fullmatch(str(value)):
        raise LedgerError(
            f"{str(value)!r} cannot stand in a web server's configuration",
            "use letters, digits and the usual signs in names of folders and files",
        )
    return value
