"""``punchcard portal``: the group, whose commands are imported when they are run."""

from __future__ import annotations

import click

from ledger.cli.lazy_group import LazyCommand, LazyGroup

COMMANDS = {
    "build": LazyCommand(
        "site_builder.cli.build_command:build_command",
        "Build the portals of some customers, or all.",
    ),
    "serve": LazyCommand(
        "site_builder.cli.serve_command:serve_command", "Preview a portal; it follows the files."
    ),
    "export": LazyCommand(
        "site_builder.cli.export_command:export_command",
        "Write a portal out as an ordinary MkDocs project.",
    ),
    "publish": LazyCommand(
        "site_builder.cli.publish_command:publish_command",
        "Check, build, and switch all portals over.",
    ),
    "rollback": LazyCommand(
        "site_builder.cli.rollback_command:rollback_command",
        "Go back to an earlier publication.",
    ),
    "access": LazyCommand(
        "site_builder.cli.access_command:access_command",
        "Write who may open which portal, for a web server.",
    ),
}


@click.group("portal", cls=LazyGroup, lazy_commands=COMMANDS)
def portal() -> None:
    """Build customers' private portals."""
