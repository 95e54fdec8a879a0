"""What the documentation's site has beside ``docs/``: the README, and the help of every command.

MkDocs calls these functions. A link from ``docs/`` to a file outside of it becomes the file's name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from ledger.cli.main import LazyCommand
from site_builder.punchcard import punchcard

ROOT = Path(__file__).parents[2]
_OUTSIDE = re.compile(r"\[([^\]]+)\]\((?:\.\./|customers/|CONTRIBUTING|LICENSE|\.github/)[^)]*\)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages that are made from the README and from the program."""
    readme = (ROOT / "README.md").read_text("utf-8").replace("](docs/", "](")
    files.append(File.generated(config, "index.md", content=readme))
    reference = "# Commands\n\nWhat `--help` says of each.\n\n" + "\n".join(
        write_help(punchcard, "punchcard")
    )
    files.append(File.generated(config, "command-reference.md", content=reference))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Write the name of a file outside of the site in place of a link to it."""
    del page, config, files
    return _OUTSIDE.sub(r"\1", markdown)


def write_help(
    command: click.Command, name: str, parent: click.Context | None = None
) -> Iterator[str]:
    """Return the lines of a command and of all commands below it."""
    context = click.Context(command, parent, info_name=name.rpartition(" ")[2], terminal_width=88)
    yield f"## {name}\n\n```text\n{context.get_help()}\n```\n"
    if not isinstance(command, click.Group):
        return
    for each in command.list_commands(context):
        found = command.resolve_command(context, [each])[1]
        if found is not None and not found.hidden and not isinstance(found, LazyCommand):
            yield from write_help(found, f"{name} {each}", context)
