"""The options that say where portals are to be found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., Any])

LAYOUTS = ("host", "path")


def address_options(command: _Command) -> _Command:
    """Add ``--domain`` and ``--layout``."""
    with_layout = click.option(
        "--layout",
        type=click.Choice(LAYOUTS),
        default=LAYOUTS[0],
        show_default=True,
        envvar="PUNCHCARD_LAYOUT",
        show_envvar=True,
        help="What each customer has for itself: a host name of the domain, or a path on it.",
    )
    with_domain = click.option(
        "--domain",
        metavar="NAME",
        envvar="PUNCHCARD_DOMAIN",
        show_envvar=True,
        help="Where the portals are, like portals.example.com.",
    )
    return with_domain(with_layout(command))
