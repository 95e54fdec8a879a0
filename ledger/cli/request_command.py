"""``punchcard request``: the group."""

from __future__ import annotations

import click

from ledger.cli.lazy_group import LazyCommand, LazyGroup

_COMMANDS = {
    "open": LazyCommand("ledger.cli.request_open_command:open_command", "Open a request."),
    "list": LazyCommand("ledger.cli.request_list_command:list_command", "List requests."),
    "show": LazyCommand("ledger.cli.request_show_command:show_command", "Show one request."),
    "update": LazyCommand(
        "ledger.cli.request_event_commands:update_command", "Set its status, or add a note."
    ),
    "move": LazyCommand(
        "ledger.cli.request_event_commands:move_command", "Move it to support, or to punchcard."
    ),
}


@click.group("request", cls=LazyGroup, lazy_commands=_COMMANDS)
def request() -> None:
    """Open requests and move them along.

    \b
    Examples:
      punchcard request open acme "Dashboards for the board" --category product-training
      punchcard request list acme
      punchcard request update acme ACME-14 --status resolved -m "Delivered on Friday."
    """
