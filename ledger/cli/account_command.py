"""``punchcard account``: the group."""

from __future__ import annotations

import click

from ledger.cli.lazy_group import LazyCommand, LazyGroup

_CHANGES = "ledger.cli.account_change_commands"
_COMMANDS = {
    "list": LazyCommand("ledger.cli.account_list_command:list_command", "List accounts."),
    "add": LazyCommand(f"{_CHANGES}:add_command", "Add an account."),
    "key": LazyCommand(f"{_CHANGES}:key_command", "Give somebody a new key."),
    "seen": LazyCommand("ledger.cli.account_seen_command:seen_command", "Record sign-ins."),
    "reactivate": LazyCommand(f"{_CHANGES}:reactivate_command", "Let somebody in again."),
    "remove": LazyCommand(f"{_CHANGES}:remove_command", "Remove an account."),
}


@click.group("account", cls=LazyGroup, lazy_commands=_COMMANDS)
def account() -> None:
    """Say who may see a customer's portal.

    \b
    Examples:
      punchcard account list
      punchcard account add nordlys-rail sigrid@nordlys.example "Sigrid Aas" --commit
    """
