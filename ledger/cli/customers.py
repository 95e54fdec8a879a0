"""``punchcard customer``, ``init`` and ``schema``: what sets a ledger up."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from ledger.cli import options
from ledger.cli.main import CommandGroup
from ledger.cli.options import Reading, Writing
from ledger.cli.printing import print_json, print_list, write_output
from ledger.cli.streams import require_output
from ledger.cli.value_types import DAY, LICENCE_TYPES
from ledger.errors import LedgerError
from ledger.text import format_json

_COLUMNS = ("customer", "name", "key", "currency")
_NO_END = "-"


@click.group("customer", cls=CommandGroup)
def customer() -> None:
    """Add and list customers.

    \b
    Examples:
      punchcard customer add brightwater --name "Brightwater Ferries" --key BWF --currency USD
      punchcard customer list
    """


@customer.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="The name that people read.")
@click.option("--key", required=True, help="Prefix of its request ids, like ACME.")
@click.option("--currency", required=True, help="Of its purchases, like USD.")
@click.option(
    "--licence",
    "licences",
    type=(str, click.Choice(LICENCE_TYPES), str),
    metavar="PRODUCT TYPE UNTIL",
    multiple=True,
    help=f"A licence it holds: {', '.join(LICENCE_TYPES)}; {_NO_END} for one without an end. "
    "May be given more than once.",
)
@options.writing_options
def add_command(
    slug: str, licences: tuple[tuple[str, str, str], ...], writing: Writing, **fields: Any
) -> int:
    """Add a customer; SLUG becomes the name of its folder.

    \b
    Examples:
      punchcard customer add brightwater --name "Brightwater Ferries" --key BWF --currency USD
      punchcard customer add fjord --name "Fjord Labs" --key FJL --currency EUR --licence "Tracewell Tests" academic 2027-06-30 --commit
    """  # noqa: E501  # an example is pasted as it stands
    from ledger.writing.customers import draft_customer
    from ledger.writing.field_text import read_line

    context = click.get_current_context()
    held = [
        {
            "product": read_line("product", product),
            "type": type_,
            "until": None if until == _NO_END else DAY.convert(until, None, context),
        }
        for product, type_, until in licences
    ]
    return writing.write(
        slug,
        lambda desk, _day, **cleaned: draft_customer(desk, slug, licences=held, **cleaned),
        is_new=True,
        **fields,
    )


@customer.command("list", short_help="List customers.")
@options.reading_options("table", "json", "csv")
def list_command(reading: Reading) -> None:
    """List customers with the names of their folders, which all commands take.

    \b
    Examples:
      punchcard customer list
      punchcard customer list --format csv
    """
    from ledger.balance.json_values import select_fields

    with reading.open() as opened:
        rows = [
            {"customer": folder.slug}
            | select_fields(folder.records.customer, "name", "key", "currency")
            for folder in opened.ledger.read_customers()
        ]
    print_list(reading.format_, rows, _COLUMNS, dict(zip(_COLUMNS, _COLUMNS, strict=True)))


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
