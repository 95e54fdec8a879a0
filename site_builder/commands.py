"""The commands of the program ``punchcard``: the ledger's and the portals'."""

from __future__ import annotations

from ledger.cli.lazy_group import LazyCommand
from ledger.cli.main import LEDGER_COMMANDS, punchcard

__all__ = ["PORTAL_COMMANDS", "punchcard"]

PORTAL_COMMANDS = {
    "portal": LazyCommand("site_builder.cli.portal:portal", "Build customers' portals."),
}

punchcard.lazy_commands = {**LEDGER_COMMANDS, **PORTAL_COMMANDS}
