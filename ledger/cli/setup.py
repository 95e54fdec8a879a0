"""``punchcard init``, ``doctor`` and ``schema``: what sets a ledger and a machine up."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path

import click

from ledger.cli import options
from ledger.cli.printing import print_json, write_output
from ledger.cli.streams import require_output
from ledger.errors import LedgerError
from ledger.text import format_json


@click.command("init")
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path), default=".")
@click.option(
    "--install",
    metavar="SPEC",
    help="What the workflows give to pip: a version, a path, a git+https address.  "
    "[default: service-punchcards, this version]",
)
@options.format_option("text", "json")
def init_command(folder: Path, install: str | None, format_: str) -> None:
    """Start a new ledger: a Git repository in DIR, or here, with an example customer.

    It holds what is needed from the first day on: your company's files to fill in, the look of the
    portals, editor schemas, a pre-commit hook, workflows that check pull requests and build the
    portals every week, and a guide for the consultants.

    \b
    Examples:
      punchcard init ledger
      punchcard init ledger --install "git+https://git.example/tools/service-punchcards@main"
    """
    from ledger.writing.new_ledger import start_ledger

    count, consultant = start_ledger(folder, datetime.now(UTC).date(), install)
    if format_ == "json":
        print_json({"folder": str(folder), "files": count, "consultant": consultant._asdict()})
        return
    is_here = folder.resolve() == Path.cwd()
    place, go = ("this folder", "") if is_here else (folder, f"cd {shlex.quote(str(folder))} && ")
    click.echo(f"a new ledger in {place}: {count} files, one example customer")
    click.echo(f"{consultant.name} <{consultant.email}> may log time as {consultant.handle}")
    click.echo(f"next: {go}punchcard check, then see README.md")


@click.command("schema")
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write a file for each kind into this folder.  [default: print all of them]",
)
def schema_command(output: Path | None) -> None:
    """Write JSON Schemas of the ledger's files, with which an editor completes and underlines.

    What is printed is one JSON object with a schema for each kind of file. With --output, each
    goes into a file of its own, and what is printed are the lines of an editor's settings that
    say which schema is for which files.

    \b
    Examples:
      punchcard schema --output .vscode/schemas
      punchcard schema | jq .time
    """
    from ledger.files.json_schema import make_editor_settings, make_schemas

    schemas = make_schemas()
    if output is None:
        print_json(schemas)
        require_output()
        return
    try:
        output.mkdir(parents=True, exist_ok=True)
        for kind, schema in schemas.items():
            write_output(format_json(schema), output / f"{kind}.json")
    except OSError as error:
        raise LedgerError(
            f"cannot write to {output}: {error.strerror}", "name another folder"
        ) from error
    click.echo(f"{len(schemas)} schemas in {output}; for .vscode/settings.json:", err=True)
    schema_folder = output.as_posix() if output.is_absolute() else f"./{output.as_posix()}"
    ledger_folder = options.find_named_folder() or Path("customers")
    print_json(make_editor_settings(schema_folder, ledger_folder.as_posix()))
